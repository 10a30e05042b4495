//! Fan-out: one hub per job with at least one listener on this replica.
//!
//! Progress is cumulative, so a hub holds only the latest [`Frame`](crate::frame::Frame), encoded once and shared by all
//! its listeners. A slow listener skips to the newest state and never holds anyone up; memory per job and per listener is
//! bounded by construction. The end of a job is the last value, so it cannot be skipped.
//!
//! Which job that is can change: a [`StartWatch`] hears when a connection starts a new one.

mod listener;
mod registry;
mod starts;

pub use listener::Listener;
pub use registry::Hubs;
pub use starts::{Hint, StartWatch};

use tokio::sync::watch;

use crate::{broker::BrokerError, frame::Frame, ids::JobId};

/// What a hub knows, and how far it has got. Subscribing and reading the snapshot happen once, however many wait for it.
#[derive(Clone, Debug)]
struct State {
    phase: Phase,
    latest: Option<Frame>,
    /// How many messages have taken the place of the one before.
    messages: u64,
}

#[derive(Clone, Debug)]
enum Phase {
    /// The subscription is not acknowledged or the snapshot not read yet.
    Opening,
    /// Subscribed, and the snapshot is in.
    Live,
    /// It could not be opened. Its listeners are told, the next one gets a new hub.
    Failed(BrokerError),
}

/// The state of one job, watched by its listeners.
#[derive(Debug)]
struct Hub {
    job: JobId,
    state: watch::Sender<State>,
}

impl Hub {
    fn new(job: JobId) -> Self {
        let opening = State {
            phase: Phase::Opening,
            latest: None,
            messages: 0,
        };
        Self {
            job,
            state: watch::Sender::new(opening),
        }
    }

    /// Takes a message that was just published. Returns whether it is news.
    fn publish(&self, frame: Frame) -> bool {
        self.take(frame, Frame::supersedes)
    }

    /// Takes a snapshot. Returns whether it is news.
    fn catch_up(&self, frame: Frame) -> bool {
        self.take(frame, Frame::catches_up)
    }

    fn take(&self, frame: Frame, is_news: impl Fn(&Frame, &Frame) -> bool) -> bool {
        self.state.send_if_modified(|state| {
            let news = state
                .latest
                .as_ref()
                .is_none_or(|current| is_news(&frame, current));
            if news {
                state.latest = Some(frame);
                state.messages += 1;
            }
            news
        })
    }

    fn enter(&self, phase: Phase) {
        self.state.send_modify(|state| state.phase = phase);
    }

    fn latest(&self) -> Option<Frame> {
        self.state.borrow().latest.clone()
    }
}
