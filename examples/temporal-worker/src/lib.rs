//! A sync as a Temporal workflow: an activity pages through a folder, and its retries go on where it broke off.

mod activities;
mod source;
mod workflow;

pub use activities::{Checkpoint, Sync, SyncActivities};
pub use source::PAGE;
pub use workflow::SyncWorkflow;
