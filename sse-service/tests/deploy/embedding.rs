//! The code that `docs/embed.md` shows is the code of the example that the end-to-end tests drive.

use super::files::file;

/// The lines of all fenced blocks, without indentation.
fn code(page: &str) -> Vec<&str> {
    let blocks = page.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| block.lines().skip(1));
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_code_that_is_shown_is_the_code_that_is_tested() {
    let tested = ["server.mjs", "public/main.js", "public/index.html"];
    let tested = tested
        .map(|name| file(&format!("examples/html/{name}")))
        .concat();
    let tested: Vec<&str> = tested.lines().map(str::trim).collect();
    let page = file("docs/embed.md");
    let shown = code(&page);
    assert!(shown.len() > 20, "{shown:?}");
    for line in shown {
        assert!(tested.contains(&line), "{line}");
    }
}
