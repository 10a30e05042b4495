//! What can go wrong. Never holds an address, a password or a key.

/// A destination cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// No address of Redis. Says what is wrong with it, never what stands there: that may be a password.
    #[error("the address of Redis cannot be used: {0}")]
    Redis(String),
    /// Only clusters have shards.
    #[error("only an address that begins with redis-cluster:// has shards")]
    NotSharded,
    /// No address of a service, or a key that no header can hold.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The system gives no thread.
    #[error("there is no thread to publish on: {0}")]
    NoThread(#[from] std::io::Error),
}

/// The end of a job could not be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The service says that trying again is of no use: another key, an unknown job.
    #[error("the service refuses the progress with {status}: {detail}")]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// The service's reason.
        detail: String,
    },
    /// The destination did not take it for as long as [`Options::patience`](crate::Options::patience) says.
    #[error("the progress could not be published: {cause}")]
    Away {
        /// Why the last attempt did not succeed.
        cause: String,
    },
}

/// The service did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Not an address with `http://` or `https://`.
    #[error("the service's address must be one of http:// or https://")]
    Address,
    /// The key has characters that a header cannot hold.
    #[error("the API key cannot be sent in a header")]
    Key,
    /// It cannot be reached, or its answer makes no sense.
    #[error("the service cannot be asked: {0}")]
    Away(String),
    /// It says no.
    #[error("the service answers {status}: {detail}")]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// The service's reason.
        detail: String,
    },
}

impl From<reqwest::Error> for ServiceError {
    fn from(error: reqwest::Error) -> Self {
        Self::Away(cause(error))
    }
}

/// An error of HTTP with what lies below it. Not its address, which may hold a password.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut below = std::error::Error::source(&error);
    while let Some(source) = below {
        text += ": ";
        text += &source.to_string();
        below = source.source();
    }
    text
}
