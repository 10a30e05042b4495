//! What is bounded, and how it is told: how many streams, how much of a request, how often.

pub mod publishes;
pub mod requests;
pub mod streams;

use actix_web::http::StatusCode;

pub use publishes::PublishRate;
pub use requests::RequestLimits;
pub use streams::{StreamLimits, StreamSlots};

/// All limits of a service, and how far they are used up.
#[derive(Debug)]
pub struct Limits {
    /// How many streams.
    pub streams: StreamSlots,
    /// How many messages.
    pub publishes: PublishRate,
    /// How large and how slow a request may be.
    pub requests: RequestLimits,
}

/// A limit that was reached. The texts go to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// 429: of one session.
    #[error("This session has as many streams open as it may. Close one, or try again later.")]
    SessionStreams,
    /// 429: of one address.
    #[error("Too many streams are open from this address. Try again later.")]
    AddressStreams,
    /// 503: of everybody.
    #[error("The service has as many streams open as it may. Try again later.")]
    AllStreams,
    /// 429: of one API key.
    #[error("Too many messages with this API key. Try again later.")]
    PublishRate {
        /// When there is room for the next one, in seconds.
        retry_after: u32,
    },
    /// 414: RFC 9110, section 15.5.15.
    #[error("The address of the request is too long.")]
    UrlBytes,
    /// 431: RFC 6585, section 5.
    #[error("The headers of the request are too large.")]
    HeaderBytes,
    /// 408: the request did not arrive, or was not answered, in time.
    #[error("The request took too long.")]
    RequestTime,
}

/// The label of connections that are closed because a client takes nothing.
pub const WRITE_TIME: &str = "write_time";

/// How long a client is asked to wait for a place, in seconds. Places come free when streams end, which takes a while.
const STREAM_RETRY_SECONDS: u32 = 10;

impl Limit {
    /// How it is answered.
    pub fn status(self) -> StatusCode {
        match self {
            Self::SessionStreams | Self::AddressStreams | Self::PublishRate { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::AllStreams => StatusCode::SERVICE_UNAVAILABLE,
            Self::UrlBytes => StatusCode::URI_TOO_LONG,
            Self::HeaderBytes => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::RequestTime => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// When trying again makes sense, in seconds; `None` when it does not.
    pub fn retry_after(self) -> Option<u32> {
        match self {
            Self::SessionStreams | Self::AddressStreams | Self::AllStreams => {
                Some(STREAM_RETRY_SECONDS)
            }
            Self::PublishRate { retry_after } => Some(retry_after),
            Self::UrlBytes | Self::HeaderBytes | Self::RequestTime => None,
        }
    }

    /// The limit in a word, for metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionStreams => "streams_per_session",
            Self::AddressStreams => "streams_per_address",
            Self::AllStreams => "streams",
            Self::PublishRate { .. } => "publish_rate",
            Self::UrlBytes => "url_bytes",
            Self::HeaderBytes => "header_bytes",
            Self::RequestTime => "request_time",
        }
    }
}
