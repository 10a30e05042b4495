//! Syncs the files and commits of a local git repository, and publishes what it does with each of them.
//!
//! - [`Repository`] – the source
//! - [`Store`] – what is synced already, kept in a file
//! - [`sync`] – brings the second up to the first, and counts

mod repository;
mod store;
mod sync;

pub use repository::{Entity, Repository, SourceError};
pub use store::{Store, StoreError};
pub use sync::sync;
