//! Figures as tables.

/// A row: what it is about, and its figures.
pub type Row = (String, Vec<String>);

/// A table in Markdown.
pub fn table(head: &[&str], rows: &[Row]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head.to_vec()) + &line(vec!["---"; head.len()]);
    for (name, figures) in rows {
        let cells = std::iter::once(name.as_str()).chain(figures.iter().map(String::as_str));
        text += &line(cells.collect());
    }
    text
}

/// The median of several measurements, with the least and the most where there are any.
pub fn spread(values: impl Iterator<Item = f64>, digits: usize) -> String {
    let values = sorted(values);
    let (Some(least), Some(most)) = (values.first(), values.last()) else {
        return "–".into();
    };
    let median = median(values.iter().copied());
    if values.len() == 1 {
        return format!("{median:.digits$}");
    }
    format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
}

/// The middle of values, of which there are some.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let sorted = sorted(values);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[half]
    } else {
        f64::midpoint(sorted[half - 1], sorted[half])
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_both_ends_are_shown() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter(), 1), "2.0 (1.0–3.0)");
        assert_eq!(spread([1.0, 2.0].into_iter(), 1), "1.5 (1.0–2.0)");
        assert_eq!(spread([7.0].into_iter(), 0), "7");
        assert_eq!(spread([].into_iter(), 0), "–");
    }

    #[test]
    fn a_table_has_a_line_for_each_row() {
        let rows = [("a".to_owned(), vec!["1".to_owned()])];
        assert_eq!(
            table(&["what", "x"], &rows),
            "| what | x |\n| --- | --- |\n| a | 1 |\n"
        );
    }
}
