//! Tables in a document, each between two markers.

use std::{fs, io, path::Path};

/// Puts a text between the markers of its name, in place of what is there.
pub fn write(document: &Path, name: &str, text: &str) -> io::Result<()> {
    let before = fs::read_to_string(document)?;
    let after = replaced(&before, name, text).ok_or_else(|| {
        let document = document.display();
        io::Error::other(format!("{document} has no markers for {name}"))
    })?;
    fs::write(document, after)
}

fn replaced(document: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- bench:{name} -->\n"),
        format!("<!-- /bench:{name} -->"),
    );
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some([before, &begin, text, &end, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_markers_is_replaced_and_nothing_else() {
        let document = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";
        let after = replaced(document, "x", "new\n").unwrap();
        assert_eq!(after, document.replace("old", "new"));
        assert_eq!(replaced(document, "y", "new\n"), None);
    }
}
