//! What is synced already.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The destination of the sync: the version of each entity that is in it. Kept in a file of JSON between runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Store {
    /// The source connection that the entities belong to; made up with the store.
    pub connection: Uuid,
    /// By type and name.
    pub(crate) entities: BTreeMap<String, String>,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// It is not one of ours.
    #[error("{0} holds no state of a sync")]
    Broken(PathBuf),
}

impl Default for Store {
    fn default() -> Self {
        Self {
            connection: Uuid::new_v4(),
            entities: BTreeMap::new(),
        }
    }
}

impl Store {
    /// Reads a file; an empty store where there is none.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        match fs::read(path) {
            Ok(json) => {
                serde_json::from_slice(&json).map_err(|_| StoreError::Broken(path.to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(StoreError::File(path.to_owned(), error)),
        }
    }

    /// Writes the file: all of it or nothing, so that a crash does not cost what was there.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        let json = serde_json::to_vec(self).expect("strings encode");
        let new = path.with_extension("new");
        let written = fs::write(&new, json).and_then(|()| fs::rename(&new, path));
        written.map_err(|error| StoreError::File(path.to_owned(), error))
    }
}
