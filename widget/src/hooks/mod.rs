//! Hooks.

mod use_sync_progress;

pub use use_sync_progress::{UseSyncProgressHandle, UseSyncProgressOptions, use_sync_progress};
