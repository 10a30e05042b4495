//! A local git repository as a source.

use std::{io, path::PathBuf, process::Stdio};

use tokio::process::Command;

/// A local git repository. What its `HEAD` holds are the entities: its files, and its commits.
#[derive(Clone, Debug)]
pub struct Repository {
    path: PathBuf,
}

/// One thing that is synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// `File`, `Commit` or `Submodule`.
    pub entity_type: &'static str,
    /// Its name among those of its type: a path, or the commit's id.
    pub name: String,
    /// Another one when it has changed; `None` where it cannot be synced.
    pub version: Option<String>,
}

/// The repository cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no git, or it cannot be run.
    #[error("git cannot be run: {0}")]
    NoGit(#[from] io::Error),
    /// What git says: no repository, no commit.
    #[error("git says: {0}")]
    Refused(String),
}

impl Repository {
    /// The one at a path. It is looked at when it is synced.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The last part of its path, for people.
    pub fn name(&self) -> String {
        let path = self.path.canonicalize().unwrap_or(self.path.clone());
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// All that there is now, files first.
    pub async fn entities(&self) -> Result<Vec<Entity>, SourceError> {
        let tree = self.git(&["ls-tree", "-r", "-z", "HEAD"]).await?;
        let commits = self.git(&["rev-list", "HEAD"]).await?;
        let files = tree.split('\0').filter_map(file);
        Ok(files.chain(commits.lines().map(commit)).collect())
    }

    async fn git(&self, words: &[&str]) -> Result<String, SourceError> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.path)
            .args(words)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(SourceError::Refused(said));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// An entry of `git ls-tree -z`: mode, kind and id, a tab, the path. Submodules are other repositories: their files are not here.
fn file(entry: &str) -> Option<Entity> {
    let (about, path) = entry.split_once('\t')?;
    let mut about = about.split(' ').skip(1);
    let (kind, id) = (about.next()?, about.next()?);
    let is_file = kind == "blob";
    Some(Entity {
        entity_type: if is_file { "File" } else { "Submodule" },
        name: path.to_owned(),
        version: is_file.then(|| id.to_owned()),
    })
}

fn commit(id: &str) -> Entity {
    Entity {
        entity_type: "Commit",
        name: id.to_owned(),
        // What a commit is called by says all that is in it.
        version: Some(id.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_submodules_are_told_apart() {
        let entity =
            file("100644 blob 8ab686eafeb1f44702738c8b0f24f2567c36da6d\ta b\tc.txt").unwrap();
        assert_eq!((entity.entity_type, &*entity.name), ("File", "a b\tc.txt"));
        assert!(entity.version.is_some());
        let entity = file("160000 commit 8ab686eafeb1f44702738c8b0f24f2567c36da6d\tlib").unwrap();
        assert_eq!((entity.entity_type, entity.version), ("Submodule", None));
        assert_eq!(file(""), None);
    }
}
