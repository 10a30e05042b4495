//! A connection's picture: letters of its integration on a tint of its own.

use crate::palette::TINTS;

/// The number of an integration's tint: always the same for the same name (FNV-1a).
pub(crate) fn tint_of(short_name: &str) -> usize {
    let hash = short_name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> 13) as usize % TINTS.len()
}

/// One or two letters: of the first two words, else the first two of the only one.
pub(crate) fn letters_of(short_name: &str, name: &str) -> String {
    let text = if short_name.is_empty() {
        name
    } else {
        short_name
    };
    let mut words = text
        .split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or("?");
    let mut letters: String = match words.next() {
        Some(second) => first
            .chars()
            .take(1)
            .chain(second.chars().take(1))
            .collect(),
        None => first.chars().take(2).collect(),
    };
    letters.make_ascii_uppercase();
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_from_the_words_of_the_integrations_name() {
        for (short_name, letters) in [
            ("slack", "SL"),
            ("google_drive", "GD"),
            ("x", "X"),
            ("_", "?"),
            ("東京都", "東京"),
        ] {
            assert_eq!(letters_of(short_name, "Name"), letters);
        }
        assert_eq!(letters_of("", "My source"), "MS");
        assert_eq!(letters_of("", ""), "?");
    }

    #[test]
    fn common_integrations_do_not_all_look_alike() {
        let names = [
            "slack",
            "google_drive",
            "notion",
            "github",
            "jira",
            "asana",
            "hubspot",
        ];
        let mut tints: Vec<usize> = names.iter().map(|name| tint_of(name)).collect();
        tints.sort_unstable();
        tints.dedup();
        assert!(tints.len() >= 5, "{tints:?}");
    }
}
