//! A folder, page by page.

use std::{io, path::Path};

/// How many files are a page.
pub const PAGE: usize = 10;

/// The next files by name, after the last one of the page before. None are left when there are none.
pub(crate) async fn page(folder: &Path, after: Option<&str>) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if after.is_none_or(|after| *name > *after) {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.truncate(PAGE);
    Ok(names)
}
