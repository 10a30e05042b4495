//! Sync jobs: one run of a connection's sync.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{EntityCounts, Progress, count};

/// Where a job stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Known, not yet queued.
    Created,
    /// Queued.
    #[default]
    Pending,
    /// A worker is at it. An older word for it is `in_progress`.
    #[serde(alias = "in_progress")]
    Running,
    /// All is synced.
    Completed,
    /// The worker gave up.
    Failed,
    /// Somebody asked for it to stop, and the worker has not stopped yet.
    Cancelling,
    /// Stopped before its end.
    #[serde(alias = "canceled")]
    Cancelled,
}

impl JobStatus {
    /// Every word for a status: the contract's own, then what older workers write.
    const WORDS: [(&'static str, Self); 9] = [
        ("created", Self::Created),
        ("pending", Self::Pending),
        ("running", Self::Running),
        ("completed", Self::Completed),
        ("failed", Self::Failed),
        ("cancelling", Self::Cancelling),
        ("cancelled", Self::Cancelled),
        ("in_progress", Self::Running),
        ("canceled", Self::Cancelled),
    ];

    /// Reads a status as workers write it, in letters of either case; `None` for a word that the contract does not know.
    pub fn from_word(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.into_iter();
        words
            .find(|(known, _)| known.eq_ignore_ascii_case(word))
            .map(|(_, status)| status)
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether more progress can come.
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// One job of a connection, as `GET /connect/source-connections/{id}/jobs` lists them, newest first.
///
/// Times are RFC 3339 in UTC, counts are entities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceConnectionJob {
    /// The connection that is synced.
    pub source_connection_id: String,
    /// The job's own id, which names its channel.
    pub id: String,
    /// The tenant.
    pub organization_id: String,
    /// Where the job stands.
    pub status: JobStatus,
    /// Whether a schedule started it, not a person.
    #[serde(default)]
    pub scheduled: bool,
    /// See [`Progress::inserted`].
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entities_inserted: u64,
    /// See [`Progress::updated`].
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entities_updated: u64,
    /// See [`Progress::deleted`].
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entities_deleted: u64,
    /// See [`Progress::kept`].
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entities_kept: u64,
    /// See [`Progress::skipped`].
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entities_skipped: u64,
    /// See [`Progress::entities_encountered`].
    #[serde(default)]
    pub entities_encountered: EntityCounts,
    /// When the job was registered.
    pub created_at: Option<String>,
    /// When anything here last changed.
    pub modified_at: Option<String>,
    /// When its first progress came.
    pub started_at: Option<String>,
    /// When it completed or was cancelled.
    pub completed_at: Option<String>,
    /// When it failed.
    pub failed_at: Option<String>,
    /// The worker's message, of a failed job above all.
    pub error: Option<String>,
}

impl SourceConnectionJob {
    /// Takes over what a progress message says: the counts, the status and the worker's message.
    pub fn apply(&mut self, progress: &Progress) {
        self.entities_inserted = progress.inserted;
        self.entities_updated = progress.updated;
        self.entities_deleted = progress.deleted;
        self.entities_kept = progress.kept;
        self.entities_skipped = progress.skipped;
        self.entities_encountered = progress.entities_encountered.clone();
        self.error.clone_from(&progress.error);
        self.status = match (progress.end(), progress.status) {
            (Some(end), _) => end.status(),
            (None, Some(status)) => status,
            (None, None) => JobStatus::Running,
        };
    }

    /// The progress message that says what this record says.
    pub fn progress(&self) -> Progress {
        Progress {
            inserted: self.entities_inserted,
            updated: self.entities_updated,
            deleted: self.entities_deleted,
            kept: self.entities_kept,
            skipped: self.entities_skipped,
            entities_encountered: self.entities_encountered.clone(),
            status: Some(self.status),
            error: self.error.clone(),
            last_update_timestamp: self.modified_at.clone(),
            ..Progress::default()
        }
    }
}

/// The body of `POST /connect/source-connections/{id}/jobs`: registers a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterJob {
    /// The job's id, a UUID; the service makes one up when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            format = "uuid",
            pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
        )
    )]
    pub id: Option<String>,
    /// Where the job stands; `pending` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<JobStatus>,
    /// Whether a schedule started it, not a person.
    #[serde(default)]
    pub scheduled: bool,
}
