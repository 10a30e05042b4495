//! Files of the repository, and what is named in them.

use std::{collections::BTreeSet, fs, path::PathBuf};

/// A file, by its path from the top of the repository.
pub fn file(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paths of all files of a folder, without those of folders in it.
pub fn folder(path: &str) -> Vec<String> {
    let full = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    let entries = fs::read_dir(full).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let files = files.map(|entry| format!("{path}/{}", entry.file_name().to_str().unwrap()));
    files.collect()
}

/// All words of a text that begin so, of letters, digits and underscores.
pub fn words<'a>(text: &'a str, beginning: &str) -> BTreeSet<&'a str> {
    let words =
        text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    words
        .filter(|word| word.starts_with(beginning) && *word != beginning)
        .collect()
}

/// What stands between each of these beginnings and the next quotation mark, such as `x` in `name="x"`.
pub fn quoted<'a>(text: &'a str, beginning: &str) -> Vec<&'a str> {
    let rests = text.split(beginning).skip(1);
    rests.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The number after a name in a file, such as 30 in `name: "30"` or `name=30`.
pub fn number(text: &str, name: &str) -> u64 {
    let values = text.lines().filter_map(|line| {
        let (before, value) = line.split_once([':', '='])?;
        let value = if before == "Environment" {
            value.split_once('=')?.1
        } else {
            value
        };
        line.contains(name).then_some(value)
    });
    let digits = |value: &str| {
        let value = value.trim_matches([' ', '"', 's']);
        value.parse().ok()
    };
    let mut numbers = values.filter_map(digits);
    numbers
        .next()
        .unwrap_or_else(|| panic!("{name} is not there"))
}
