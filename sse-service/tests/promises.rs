//! Each promise in `docs/reliability.md` names the test that keeps it, and the test is there.

use std::{fs, path::Path};

/// Links such as ``[`name_of_a_test`](../sse-service/tests/file.rs)``: name and path.
fn named_tests(document: &str) -> Vec<(&str, &str)> {
    let links = document.split("[`").skip(1);
    links
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("`](")?;
            let (path, _) = rest.split_once(')')?;
            Some((name, path))
        })
        .collect()
}

#[test]
fn every_promise_is_kept_by_a_test_that_exists() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let document = fs::read_to_string(docs.join("reliability.md")).unwrap();
    let tests = named_tests(&document);
    assert!(tests.len() > 40, "{}", tests.len());
    for (name, path) in tests {
        let source = fs::read_to_string(docs.join(path));
        let source = source.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(source.contains(&format!("fn {name}(")), "{name} in {path}");
    }
}

#[test]
fn every_row_of_promises_names_a_test() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let document = fs::read_to_string(docs.join("reliability.md")).unwrap();
    let (promises, _) = document.split_once("## What was seen").unwrap();
    let rows = promises.lines().filter(|line| line.starts_with("| "));
    let rows = rows.filter(|line| !line.contains("---") && *line != "| promise | kept by |");
    for row in rows {
        assert!(!named_tests(row).is_empty(), "{row}");
    }
}
