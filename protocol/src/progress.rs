//! What a worker says about a running job.

use alloc::string::String;
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{EntityCounts, JobStatus, count};

/// The state of a job's sync, as a worker publishes it and as a stream delivers it.
///
/// Counts are entities and cumulative: each message replaces the one before. Workers of either generation are
/// understood: the older one tells the end by `is_complete` and `is_failed`, the newer one by `status`;
/// [`end`](Self::end) reads all three, [`with_end_spelled_out`](Self::with_end_spelled_out) writes all three.
///
/// ```
/// use protocol::{End, Progress};
///
/// let older: Progress = serde_json::from_str(r#"{"inserted":150,"is_complete":true}"#).unwrap();
/// let newer: Progress = serde_json::from_str(r#"{"inserted":150,"status":"completed"}"#).unwrap();
/// assert_eq!(older.end(), Some(End::Completed));
/// assert_eq!(newer.end(), Some(End::Completed));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(
    feature = "openapi",
    schema(description = "The state of a job's sync. Counts are entities and cumulative.")
)]
pub struct Progress {
    /// Entities that are new in the destination.
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub inserted: u64,
    /// Entities that had changed.
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub updated: u64,
    /// Entities that are gone from the source.
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub deleted: u64,
    /// Entities that had not changed.
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub kept: u64,
    /// Entities that the worker passed over.
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub skipped: u64,
    /// How many entities of each type were met so far.
    #[serde(default)]
    pub entities_encountered: EntityCounts,
    /// The older generation's way to say that the job is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_complete: Option<bool>,
    /// The older generation's way to say that the job has failed; wins over `is_complete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_failed: Option<bool>,
    /// The newer generation's way to say where the job stands. A word that is not known is read as not said.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "known_status"
    )]
    pub status: Option<JobStatus>,
    /// How many entities there will be in all, where the worker knows it. Gives percent and remaining time.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "count::optional_count"
    )]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub total: Option<u64>,
    /// The worker's message to the end user, of a failed job above all. Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the worker wrote this: ISO 8601, UTC where it names no offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_timestamp: Option<String>,
    /// The worker's own number of this message, growing by at least one. Orders messages better than clocks do.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "count::optional_count"
    )]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub seq: Option<u64>,
}

impl Progress {
    /// How the job has ended, or `None` while it goes on. Where a message contradicts itself, the worse end holds:
    /// nobody is told that a sync worked when its worker said otherwise.
    pub fn end(&self) -> Option<End> {
        let failed = self.is_failed == Some(true) && self.status != Some(JobStatus::Cancelled);
        match self.status {
            _ if failed => Some(End::Failed),
            Some(JobStatus::Failed) => Some(End::Failed),
            Some(JobStatus::Cancelled) => Some(End::Cancelled),
            Some(JobStatus::Completed) => Some(End::Completed),
            _ if self.is_complete == Some(true) => Some(End::Completed),
            _ => None,
        }
    }

    /// The same message with `is_complete`, `is_failed` and `status` all set, so that clients of either generation
    /// understand it. A cancelled job is told as failed to those that know only the two flags: it did end, and it did
    /// not complete.
    #[must_use]
    pub fn with_end_spelled_out(mut self) -> Self {
        let end = self.end();
        self.is_complete = Some(end == Some(End::Completed));
        self.is_failed = Some(matches!(end, Some(End::Failed | End::Cancelled)));
        self.status = Some(match (end, self.status) {
            (Some(end), _) => end.status(),
            (None, Some(status)) => status,
            (None, None) => JobStatus::Running,
        });
        self
    }

    /// The number that is shown as synced: inserted, updated, kept and skipped. Deleted entities are not counted in.
    pub fn synced(&self) -> u64 {
        [self.inserted, self.updated, self.kept, self.skipped]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

/// The three ways in which a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// All is synced.
    Completed,
    /// The worker gave up; its `error` says why.
    Failed,
    /// Somebody stopped the job.
    Cancelled,
}

impl End {
    /// The job status that says the same.
    pub fn status(self) -> JobStatus {
        match self {
            Self::Completed => JobStatus::Completed,
            Self::Failed => JobStatus::Failed,
            Self::Cancelled => JobStatus::Cancelled,
        }
    }
}

/// The answer to a published progress message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishReceipt {
    /// The job that the message was about.
    pub job_id: String,
    /// The job's status now.
    pub status: JobStatus,
    /// The id under which streams deliver the message, or `null` when it came after the job's end and is not shown.
    pub event_id: Option<String>,
}

fn known_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<JobStatus>, D::Error> {
    deserializer.deserialize_any(KnownStatus)
}

/// Reads any JSON value, and a status where it is one.
struct KnownStatus;

impl<'de> Visitor<'de> for KnownStatus {
    type Value = Option<JobStatus>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a job status")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        Ok(JobStatus::from_word(word))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
