//! The news that a connection has a new job.

use protocol::redis::JobStarted;

use crate::ids::{ConnectionId, JobId};

/// A job was registered. Only a hint for those who follow the connection: the directory says what is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobStart {
    /// Whose job it is.
    pub connection: ConnectionId,
    /// The job.
    pub job: JobId,
}

impl JobStart {
    /// The message as it is published.
    pub fn to_json(self) -> String {
        let message = JobStarted {
            source_connection_id: self.connection.to_string(),
            job_id: self.job.to_string(),
        };
        serde_json::to_string(&message).expect("wire types encode")
    }

    /// Reads a message; `None` when it is not one.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let message: JobStarted = serde_json::from_slice(payload).ok()?;
        Some(Self {
            connection: message.source_connection_id.parse().ok()?,
            job: message.job_id.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_is_read_again() {
        let start = JobStart {
            connection: ConnectionId::random(),
            job: JobId::random(),
        };
        assert_eq!(JobStart::parse(start.to_json().as_bytes()), Some(start));
    }

    #[test]
    fn what_is_no_news_of_a_job_is_passed_over() {
        for payload in [
            "",
            "{}",
            "[]",
            r#"{"source_connection_id":"1","job_id":"2"}"#,
            r#"{"source_connection_id":"6f9619ff-8b86-d011-b42d-00cf4fc964ff"}"#,
        ] {
            assert_eq!(JobStart::parse(payload.as_bytes()), None, "{payload}");
        }
    }
}
