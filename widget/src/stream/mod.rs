//! The event stream of one connection, or one of several, kept alive.
//!
//! - `machine` – the rules of reconnection, without a browser
//! - `backoff` – how long to wait
//! - `track` – one connection on a stream
//! - `driver` – requests, timers and the browser's events

mod backoff;
mod driver;
mod machine;
mod track;

pub use driver::SyncStream;

use protocol::Progress;

/// What a stream has brought of a connection: where another one goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The job; empty before the service has named it.
    pub(crate) job_id: String,
    /// The id of the last message; empty where there was none.
    pub(crate) last_event_id: String,
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamState {
    /// Not yet open, and nothing has gone wrong; or the job is not there yet.
    #[default]
    Connecting,
    /// Open.
    Live,
    /// Lost, and on its way back.
    Reconnecting {
        /// How many attempts have failed since a message came.
        attempt: u32,
    },
    /// The browser has no network; it is opened again as soon as there is one.
    Offline,
    /// Over.
    Ended(StreamEnd),
}

/// Why a stream is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The job has ended, and its last message was delivered.
    Finished,
    /// The service says that there is nothing more to come (204).
    NothingMore,
    /// The connection has no job, and none has appeared for a while (404).
    NoJob,
    /// The token is not accepted any more, and there is no other one.
    SessionExpired,
    /// The service does not give it (another 4xx).
    Refused {
        /// The HTTP status.
        status: u16,
    },
}

/// What a stream tells.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// It is about this job.
    Job {
        /// The job's id.
        job_id: String,
    },
    /// The job's state, which replaces the one before. A terminal one is the last event but the end.
    Progress(Progress),
    /// The worker has said nothing.
    Idle {
        /// For so many seconds.
        seconds: u64,
    },
    /// It stands elsewhere now.
    State(StreamState),
}
