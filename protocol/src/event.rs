//! The messages of an event stream.
//!
//! A stream is `text/event-stream` as in the WHATWG HTML standard, section "Server-sent events". Every message has the
//! default event name and one line of JSON: one of the [`StreamMessage`]s, which a `type` member tells apart, or a
//! [`Progress`](crate::Progress), which has none. Extensions are additional members of these, never new values of
//! `type`: existing clients take whatever they do not know for progress with all counts zero.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// A message about the stream itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamMessage {
    /// Says which job is followed from here on: the first message of a stream, unless it waits for a job.
    Connected {
        /// The job that the stream is about.
        job_id: String,
        /// The job's connection, on a stream of several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_connection_id: Option<String>,
        /// When the token, and the stream with it, ends: RFC 3339, UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_expires_at: Option<String>,
        /// How often heartbeats come, in seconds. Whoever has had no bytes for 1.5 times as long is cut off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heartbeat_seconds: Option<u64>,
    },
    /// A sign of life.
    Heartbeat {
        /// When the token, and the stream with it, ends: RFC 3339, UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_expires_at: Option<String>,
        /// For how many seconds the worker has said nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idle_seconds: Option<u64>,
    },
    /// The stream cannot go on.
    Error {
        /// What happened, for a person.
        message: String,
        /// What happened, for a program, such as `session_expired`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
}

/// The id of a progress message on a stream: `<job>/<version>`.
///
/// The version is made from the message itself, never from a counter of the replica that sends it, so an id means the
/// same at every replica. A client sends the last one back as `Last-Event-ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId<'a> {
    /// The job that the message was about.
    pub job_id: &'a str,
    /// Which of the job's messages it was.
    pub version: &'a str,
}

impl<'a> EventId<'a> {
    /// Takes an id apart; `None` when it is not one.
    ///
    /// ```
    /// use protocol::EventId;
    ///
    /// let id = EventId::parse("7f3c/42").unwrap();
    /// assert_eq!((id.job_id, id.version), ("7f3c", "42"));
    /// assert_eq!(EventId::parse("42"), None);
    /// ```
    pub fn parse(id: &'a str) -> Option<Self> {
        let (job_id, version) = id.split_once('/')?;
        (!job_id.is_empty() && !version.is_empty()).then_some(Self { job_id, version })
    }
}

impl fmt::Display for EventId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.job_id, self.version)
    }
}
