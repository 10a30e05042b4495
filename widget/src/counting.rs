//! How a number goes to where it is: a large step does not jump, but takes some frames. Without a browser.

/// What is left is divided by this with each frame: at 60 frames a second nearly all is done after a quarter of a second.
const PART: u64 = 5;

/// What is shown in the next frame. Back it goes at once: a worker has begun anew.
pub(crate) fn next(shown: u64, target: u64) -> u64 {
    match target.checked_sub(shown) {
        Some(left) => shown + left.div_ceil(PART),
        None => target,
    }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn a_number_comes_to_where_it_is_in_few_frames_and_never_goes_beyond() {
        let (mut shown, mut frames) = (0, 0);
        while shown != 1_000_000 {
            let before = shown;
            shown = next(shown, 1_000_000);
            assert!(before < shown && shown <= 1_000_000);
            frames += 1;
        }
        assert!(frames < 70, "{frames}");
        assert_eq!(next(7, 8), 8);
    }

    #[test]
    fn a_number_that_has_become_less_is_shown_at_once() {
        assert_eq!(next(500, 3), 3);
    }
}
