//! Where workers publish and where the latest progress is kept.

use alloc::{format, string::String};
use core::fmt::Display;

use serde::{Deserialize, Serialize};

/// The start of the name of a job's channel.
pub const CHANNEL_PREFIX: &str = "sync_job:";

/// How long a snapshot is kept after it was written, in seconds.
pub const SNAPSHOT_TTL_SECONDS: u32 = 1800;

/// The channel on which a job's progress is published.
///
/// ```
/// assert_eq!(protocol::redis::channel("7f3c"), "sync_job:7f3c");
/// ```
pub fn channel(job_id: impl Display) -> String {
    format!("{CHANNEL_PREFIX}{job_id}")
}

/// The key under which a job's latest progress is kept.
pub fn snapshot_key(job_id: impl Display) -> String {
    format!("sync_progress_snapshot:{job_id}")
}

/// The channel on which new jobs are announced: see [`JobStarted`].
pub const JOBS_CHANNEL: &str = "connect:jobs";

/// Says on [`JOBS_CHANNEL`] that a connection has a new job, so that whoever follows an older one learns of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobStarted {
    /// The connection, a UUID.
    pub source_connection_id: String,
    /// The job, a UUID.
    pub job_id: String,
}
