//! Telling one message, once.

mod http;
mod redis;

use std::time::Duration;

use protocol::Progress;
use tokio::time::timeout;
use uuid::Uuid;

pub(crate) use self::{http::Http, redis::Redis};
use crate::PublishError;

/// How long one attempt may take, connecting included. Whoever does not answer for so long is taken for away.
const ATTEMPT: Duration = Duration::from_secs(5);

/// An attempt that did not succeed.
pub(crate) struct Failure {
    pub(crate) error: PublishError,
    /// When the destination wants to be asked again.
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    fn away(cause: &impl ToString) -> Self {
        Self {
            error: PublishError::Away {
                cause: cause.to_string(),
            },
            retry_after: None,
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

pub(crate) enum Link {
    Redis(Box<Redis>),
    Http(Http),
}

impl Link {
    /// Stores the message as the job's snapshot, and publishes it.
    pub(crate) async fn tell(&self, job: Uuid, message: &Progress) -> Result<(), Failure> {
        match self {
            Self::Redis(redis) => redis.tell(job, message).await,
            Self::Http(http) => {
                let answer = timeout(ATTEMPT, http.tell(job, message)).await;
                answer.unwrap_or_else(|_| Err(Failure::away(&"no answer in time")))
            }
        }
    }
}
