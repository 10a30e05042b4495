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

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::{
    bell::{Bells, Causes},
    broker::BrokerError,
    frame::Frame,
    ids::JobId,
};

/// How long after a snapshot was read messages may still arrive that were published before. They carry no number or time
/// that would tell, if the worker gives none.
const LATE: Duration = Duration::from_secs(2);

/// What a hub knows, and how far it has got. Subscribing and reading the snapshot happen once, however many wait for it.
#[derive(Debug)]
struct State {
    phase: Phase,
    latest: Option<Frame>,
    /// How many messages have taken the place of the one before.
    messages: u64,
    /// When the last snapshot was read.
    caught_up: Option<Instant>,
}

impl State {
    fn take(&mut self, frame: Frame, is_news: impl Fn(&Frame, &Frame) -> bool) -> bool {
        let current = self.latest.as_ref();
        let news = current.is_none_or(|current| is_news(&frame, current));
        if news {
            self.latest = Some(frame);
            self.messages += 1;
        }
        news
    }
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

/// The state of one job, shared by its listeners.
#[derive(Debug)]
struct Hub {
    job: JobId,
    // Held for a look or a change, never across an await.
    state: RwLock<State>,
    /// The state's count of messages, to be seen without waiting for it.
    messages: AtomicU64,
    /// Tells those who wait for it that the hub is no longer opening.
    opened: Notify,
    // Held while bells are hung up, rung and taken down.
    bells: Mutex<Bells>,
}

impl Hub {
    fn new(job: JobId) -> Self {
        let opening = State {
            phase: Phase::Opening,
            latest: None,
            messages: 0,
            caught_up: None,
        };
        Self {
            job,
            state: RwLock::new(opening),
            messages: AtomicU64::new(0),
            opened: Notify::new(),
            bells: Mutex::default(),
        }
    }

    fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state, and tells the listeners when there is news.
    fn change(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let news = change(&mut state);
        self.messages.store(state.messages, Ordering::Release);
        drop(state);
        if news {
            self.bells().ring(Causes::MESSAGE);
        }
        news
    }

    fn bells(&self) -> MutexGuard<'_, Bells> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message that was just published. Returns whether it is news.
    fn publish(&self, frame: Frame) -> bool {
        self.change(|state| {
            let may_be_late = state.caught_up.is_some_and(|at| at.elapsed() < LATE);
            state.take(frame, |frame, current| {
                let is_late = may_be_late && frame.end().is_none() && frame.seems_older(current);
                frame.supersedes(current) && !is_late
            })
        })
    }

    /// Takes a snapshot. Returns whether it is news.
    fn catch_up(&self, frame: Frame) -> bool {
        self.change(|state| {
            state.caught_up = Some(Instant::now());
            state.take(frame, Frame::catches_up)
        })
    }

    fn enter(&self, phase: Phase) {
        self.change(|state| {
            state.phase = phase;
            false
        });
        self.opened.notify_waiters();
    }

    fn latest(&self) -> Option<Frame> {
        self.look(|state| state.latest.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(json: &str) -> Frame {
        let job = "6f9619ff-8b86-d011-b42d-00cf4fc964ff".parse().unwrap();
        Frame::new(job, serde_json::from_str(json).unwrap())
    }

    fn hub() -> Hub {
        Hub::new(JobId::random())
    }

    #[test]
    fn what_was_published_before_the_snapshot_and_comes_after_it_is_passed_over() {
        let hub = hub();
        hub.catch_up(frame(r#"{"inserted":6}"#));
        assert!(!hub.publish(frame(r#"{"inserted":5}"#)));
        assert!(hub.publish(frame(r#"{"inserted":7}"#)));
        assert!(hub.publish(frame(r#"{"inserted":5,"status":"completed"}"#)));
    }

    #[test]
    fn a_worker_that_begins_again_is_followed() {
        let hub = hub();
        hub.catch_up(frame(r#"{"inserted":6}"#));
        hub.change(|state| {
            state.caught_up = state.caught_up.and_then(|at| at.checked_sub(LATE));
            false
        });
        assert!(hub.publish(frame(r#"{"inserted":1}"#)));
    }
}
