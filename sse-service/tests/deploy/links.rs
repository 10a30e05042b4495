//! Links between the documents lead somewhere.

use std::path::Path;

use super::files::{file, folder};

/// How headings become names of places in a page.
fn place(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    kept.collect::<String>()
        .trim()
        .to_lowercase()
        .replace(' ', "-")
}

fn has_place(page: &str, wanted: &str) -> bool {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let mut places = headings.map(|line| place(line.trim_start_matches('#')));
    places.any(|place| place == wanted)
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_there_are() {
    let mut pages = folder("docs");
    pages.extend(
        [
            "README.md",
            "deploy/cdn.md",
            "examples/README.md",
            "CONTRIBUTING.md",
        ]
        .map(str::to_owned),
    );
    let mut links = 0;
    for path in &pages {
        let page = file(path);
        let targets = page
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (to, place) = target.split_once('#').unwrap_or((target, ""));
            let from = Path::new(path).parent().unwrap();
            let to = if to.is_empty() {
                path.into()
            } else {
                from.join(to)
            };
            let to = to.to_str().unwrap();
            let exists = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("..")
                .join(to)
                .exists();
            assert!(exists, "{target} in {path}");
            assert!(
                place.is_empty() || has_place(&file(to), place),
                "{target} in {path}"
            );
            links += 1;
        }
    }
    assert!(links > 50, "{links}");
}
