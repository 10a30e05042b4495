//! Which rows of a long list are drawn. Without a browser.

use std::ops::Range;

/// Shorter lists are drawn as a whole.
const WINDOWED_FROM: usize = 60;

/// How far beyond what is seen rows are drawn, in pixels, so that scrolling finds them there.
const MARGIN: f64 = 600.0;

/// What a row is taken to be high, in pixels, while none has been measured.
const USUAL_HEIGHT: u32 = 65;

/// The heights of a list's rows, as far as they were seen. A row that was not is taken to be as high as those on average.
#[derive(Debug, Default)]
pub(crate) struct RowWindow {
    /// In pixels; 0 where it is not known.
    heights: Vec<u32>,
}

impl RowWindow {
    /// The list has so many rows now. Gives whether it had another number of them.
    pub(crate) fn resize(&mut self, count: usize) -> bool {
        let is_other = self.heights.len() != count;
        self.heights.resize(count, 0);
        is_other
    }

    /// Whether only a part of the list is drawn.
    pub(crate) fn is_part(&self) -> bool {
        self.heights.len() >= WINDOWED_FROM
    }

    /// A row was seen to be so high.
    pub(crate) fn measured(&mut self, at: usize, height: u32) {
        if let Some(known) = self.heights.get_mut(at) {
            *known = height;
        }
    }

    /// The rows to be drawn where the list begins so many pixels below the top of what is seen (above it: negative), which
    /// is so high.
    pub(crate) fn drawn(&self, list_top: f64, seen_height: f64) -> Range<usize> {
        if !self.is_part() {
            return 0..self.heights.len();
        }
        let usual = self.usual();
        let (mut bottom, mut start, mut end) = (list_top, None, self.heights.len());
        for (at, height) in self.heights.iter().enumerate() {
            if bottom > seen_height + MARGIN {
                end = at;
                break;
            }
            bottom += f64::from(or_usual(*height, usual));
            if start.is_none() && bottom >= -MARGIN {
                start = Some(at);
            }
        }
        // A list that is not seen at all has its nearest row.
        let start = start.unwrap_or(self.heights.len() - 1);
        start.min(end.saturating_sub(1))..end.max(1)
    }

    /// How high these rows are together, in pixels.
    pub(crate) fn height(&self, rows: Range<usize>) -> u32 {
        let usual = self.usual();
        let rows = self.heights.get(rows).unwrap_or_default();
        rows.iter().map(|height| or_usual(*height, usual)).sum()
    }

    fn usual(&self) -> u32 {
        let known = self.heights.iter().filter(|height| **height > 0);
        let (sum, count) = known.fold((0, 0), |(sum, count), height| (sum + height, count + 1));
        sum.checked_div(count).unwrap_or(USUAL_HEIGHT)
    }
}

fn or_usual(height: u32, usual: u32) -> u32 {
    if height == 0 { usual } else { height }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(count: usize) -> RowWindow {
        let mut window = RowWindow::default();
        window.resize(count);
        window
    }

    #[test]
    fn a_short_list_is_drawn_as_a_whole() {
        let window = window(WINDOWED_FROM - 1);
        assert!(!window.is_part());
        assert_eq!(window.drawn(-5_000.0, 100.0), 0..WINDOWED_FROM - 1);
    }

    #[test]
    fn of_a_long_list_what_is_seen_is_drawn_and_some_more() {
        let window = window(500);
        assert_eq!(window.drawn(0.0, 650.0), 0..20);
        assert_eq!(window.drawn(-6_500.0, 650.0), 90..120);
        assert_eq!(window.drawn(-65.0 * 495.0, 650.0), 485..500);
    }

    #[test]
    fn a_list_far_away_has_its_nearest_row() {
        let window = window(500);
        assert_eq!(window.drawn(9_000.0, 650.0), 0..1);
        assert_eq!(window.drawn(-99_000.0, 650.0), 499..500);
    }

    #[test]
    fn a_row_that_was_not_seen_is_as_high_as_others_are() {
        let mut window = window(100);
        assert_eq!(window.height(0..100), 6_500);
        window.measured(0, 60);
        window.measured(1, 100);
        assert_eq!(window.height(0..2), 160);
        assert_eq!(window.height(2..4), 160);
        window.resize(1);
        assert_eq!(window.height(0..1), 60);
    }
}
