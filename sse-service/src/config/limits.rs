//! Settings of what is bounded.

use std::time::Duration;

use clap::Args;

use crate::limits::{Limits, PublishRate, RequestLimits, StreamLimits, StreamSlots};

/// Flags of `serve` that bound what clients may use up.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Streams that may be open in all; 0 for no limit
    #[arg(long, env = "CONNECT_MAX_STREAMS", default_value_t = DEFAULT.max_streams)]
    pub max_streams: usize,
    /// Streams that one session may have open; 0 for no limit
    #[arg(long, env = "CONNECT_MAX_STREAMS_PER_SESSION", default_value_t = DEFAULT.max_streams_per_session)]
    pub max_streams_per_session: usize,
    /// Streams that may be open from one client address; 0 for no limit
    #[arg(long, env = "CONNECT_MAX_STREAMS_PER_ADDRESS", default_value_t = DEFAULT.max_streams_per_address)]
    pub max_streams_per_address: usize,
    /// Messages that one API key may publish a second, and twice as many at once; 0 for no limit
    #[arg(long, env = "CONNECT_PUBLISH_RATE", default_value_t = DEFAULT.publish_rate)]
    pub publish_rate: u32,
    /// Bytes that path and query of a request may have
    #[arg(long, env = "CONNECT_MAX_URL_BYTES", default_value_t = DEFAULT.max_url_bytes)]
    pub max_url_bytes: usize,
    /// Bytes that the headers of a request may have
    #[arg(long, env = "CONNECT_MAX_HEADER_BYTES", default_value_t = DEFAULT.max_header_bytes)]
    pub max_header_bytes: usize,
    /// Seconds that a request may take to arrive, and then to be answered
    #[arg(long, env = "CONNECT_REQUEST_TIMEOUT_SECONDS", default_value_t = DEFAULT.request_timeout_seconds, value_parser = seconds())]
    pub request_timeout_seconds: u64,
    /// Seconds that a connection may wait for its next request; more than a proxy keeps it for
    #[arg(long, env = "CONNECT_KEEP_ALIVE_SECONDS", default_value_t = DEFAULT.keep_alive_seconds, value_parser = seconds())]
    pub keep_alive_seconds: u64,
    /// Seconds after which a client is cut off that takes nothing of what it is sent
    #[arg(long, env = "CONNECT_WRITE_TIMEOUT_SECONDS", default_value_t = DEFAULT.write_timeout_seconds, value_parser = seconds())]
    pub write_timeout_seconds: u64,
}

/// Nobody alone can use up the service. What is a fit for one user or one address differs from host to host: a session may
/// be a browser or a whole backend, an address a phone or a company's only way out.
const DEFAULT: LimitArgs = LimitArgs {
    max_streams: 100_000,
    max_streams_per_session: 50_000,
    max_streams_per_address: 50_000,
    publish_rate: 50_000,
    max_url_bytes: 16 * 1024,
    max_header_bytes: 32 * 1024,
    request_timeout_seconds: 10,
    keep_alive_seconds: 75,
    write_timeout_seconds: 30,
};

fn seconds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=3600)
}

impl LimitArgs {
    /// How large and how slow a request may be.
    pub fn requests(&self) -> RequestLimits {
        RequestLimits {
            url_bytes: self.max_url_bytes,
            header_bytes: self.max_header_bytes,
            time: Duration::from_secs(self.request_timeout_seconds),
            keep_alive: Duration::from_secs(self.keep_alive_seconds),
            write_time: Duration::from_secs(self.write_timeout_seconds),
        }
    }

    /// All limits, nothing used up.
    pub fn limits(&self) -> Limits {
        Limits {
            streams: StreamSlots::new(StreamLimits {
                per_session: self.max_streams_per_session,
                per_address: self.max_streams_per_address,
                all: self.max_streams,
            }),
            publishes: PublishRate::new(self.publish_rate),
            requests: self.requests(),
        }
    }
}

impl Default for LimitArgs {
    fn default() -> Self {
        DEFAULT
    }
}
