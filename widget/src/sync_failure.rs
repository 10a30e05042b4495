//! What a host is told when a sync did not work.

use crate::{StreamEnd, SyncSubscription};

/// A sync that failed, or could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFailure {
    /// The connection.
    pub connection_id: String,
    /// The job, where it is known.
    pub job_id: Option<String>,
    /// The worker's own message, as plain text, or `None`.
    pub message: Option<String>,
    /// What happened.
    pub kind: SyncFailureKind,
}

/// What happened to a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncFailureKind {
    /// The worker gave up.
    Failed,
    /// The connection has no job.
    NoJob,
    /// The session has expired, and the host gave no other token.
    SessionExpired,
    /// The service does not let this session follow the sync, or does not understand the request.
    Refused,
}

impl SyncFailureKind {
    /// A word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Failed => "sync_failed",
            Self::NoJob => "no_job",
            Self::SessionExpired => "session_expired",
            Self::Refused => "refused",
        }
    }
}

impl SyncFailure {
    pub(crate) fn failed(subscription: &SyncSubscription) -> Self {
        let update = subscription.last_update.as_ref();
        let message = update.and_then(|update| update.error.clone());
        Self {
            connection_id: subscription.connection_id.clone(),
            job_id: subscription.job_id.clone(),
            message: message.filter(|message| !message.is_empty()),
            kind: SyncFailureKind::Failed,
        }
    }

    pub(crate) fn stopped(connection_id: &str, end: StreamEnd) -> Self {
        Self {
            connection_id: connection_id.into(),
            job_id: None,
            message: None,
            kind: match end {
                StreamEnd::SessionExpired => SyncFailureKind::SessionExpired,
                StreamEnd::NoJob => SyncFailureKind::NoJob,
                _ => SyncFailureKind::Refused,
            },
        }
    }
}
