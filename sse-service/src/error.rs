//! What goes wrong in a request, and how it is told: `application/problem+json` (RFC 9457).

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use protocol::Problem;
use tracing::warn;

use crate::{
    auth::AuthError,
    broker::BrokerError,
    decode::DecodeError,
    directory::{DirectoryError, Refusal},
    limits::Limit,
};

/// How long a client is asked to wait when the service cannot answer right now, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

/// An answer other than success. Every text is meant for the client.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 401 or 403.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// 404: the path leads nowhere.
    #[error("There is nothing here.")]
    NoSuchPath,
    /// 405: not with this method.
    #[error("This method is not allowed here.")]
    WrongMethod {
        /// The methods that are.
        allow: String,
    },
    /// 404: no connection of this id.
    #[error("Source connection not found.")]
    NoConnection,
    /// 404: the connection was never synced.
    #[error("No sync jobs found for this connection.")]
    NoJob,
    /// 404: no job of this id.
    #[error("Sync job not found.")]
    UnknownJob,
    /// 409: the id is taken by another collection's connection or another connection's job.
    #[error(transparent)]
    Conflict(Refusal),
    /// 413: the body is too large.
    #[error("The body is larger than {limit} bytes.")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// 415: the body is no JSON by its own account.
    #[error("The body must be JSON, with \"Content-Type: application/json\".")]
    NotJson,
    /// 408, 414, 429, 431 or 503: over a limit.
    #[error(transparent)]
    Limited(#[from] Limit),
    /// 422: the body or the path is not what the endpoint takes.
    #[error("{0}")]
    Invalid(String),
    /// 501: the host keeps its connections and jobs itself.
    #[error("Connections and jobs are kept by the host's own API; register them there.")]
    NotKeptHere,
    /// 503: the service is about to stop.
    #[error("The service is shutting down. Try again in a moment.")]
    Draining,
    /// 503: the broker does not answer.
    #[error("The service cannot reach its broker. Try again in a moment.")]
    Broker(#[from] BrokerError),
    /// 503: the directory does not answer.
    #[error("The service cannot reach its directory. Try again in a moment.")]
    Directory(DirectoryError),
}

/// What the host says of the session is said on.
impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unauthorized => AuthError::BadToken.into(),
            DirectoryError::Forbidden => AuthError::HostForbids.into(),
            DirectoryError::Unavailable(_) => Self::Directory(error),
        }
    }
}

impl From<DecodeError> for ApiError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::TooLarge(_) => Self::TooLarge {
                limit: crate::decode::MAX_MESSAGE_BYTES,
            },
            error => Self::Invalid(error.to_string()),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Incomplete => Self::Invalid(refusal.to_string()),
            Refusal::NoConnection => Self::NoConnection,
            Refusal::OtherCollection | Refusal::OtherConnection => Self::Conflict(refusal),
        }
    }
}

impl ApiError {
    /// What kind of problem it is, for programs. Only kinds that a client treats differently have one of their own.
    fn kind(&self) -> String {
        match self {
            Self::Auth(error) => format!("urn:connect:problem:{}", error.cause()),
            Self::NoConnection => "urn:connect:problem:no-connection".into(),
            Self::NoJob | Self::UnknownJob => "urn:connect:problem:no-job".into(),
            Self::NotKeptHere => "urn:connect:problem:not-kept-here".into(),
            Self::Draining => "urn:connect:problem:draining".into(),
            Self::Limited(Limit::SessionStreams | Limit::AddressStreams | Limit::AllStreams) => {
                "urn:connect:problem:too-many-streams".into()
            }
            _ => "about:blank".into(),
        }
    }
}

impl ApiError {
    /// When to try again, in seconds; `None` where that would not help.
    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Limited(limit) => limit.retry_after(),
            Self::Draining | Self::Broker(_) | Self::Directory(_) => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Auth(error) if error.is_unauthorized() => StatusCode::UNAUTHORIZED,
            Self::Auth(_) => StatusCode::FORBIDDEN,
            Self::NoSuchPath | Self::NoConnection | Self::NoJob | Self::UnknownJob => {
                StatusCode::NOT_FOUND
            }
            Self::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Limited(limit) => limit.status(),
            Self::NotKeptHere => StatusCode::NOT_IMPLEMENTED,
            Self::Draining | Self::Broker(_) | Self::Directory(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        match self {
            // The client is told that, the operator why.
            Self::Broker(error) => warn!(%error, "a request could not be answered"),
            Self::Directory(error) => warn!(%error, "a request could not be answered"),
            _ => {}
        }
        let mut response = HttpResponse::build(status);
        response
            .content_type(Problem::MEDIA_TYPE)
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Self::WrongMethod { allow } = self {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if let Self::Auth(error) = self
            && error.is_unauthorized()
            && *error != AuthError::BadApiKey
        {
            // RFC 6750, section 3: no error code for those who did not try.
            let challenge = if *error == AuthError::NoToken {
                "Bearer"
            } else {
                "Bearer error=\"invalid_token\""
            };
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        response.json(Problem {
            kind: self.kind(),
            title: status.canonical_reason().unwrap_or_default().into(),
            status: status.as_u16(),
            detail: self.to_string(),
        })
    }
}
