//! One stream's view of a hub.

use std::sync::{Arc, atomic::Ordering};

use super::{Phase, registry::Seat};
use crate::{bell::Bell, broker::BrokerError, frame::Frame};

/// Follows one job. While it lives, so do the job's hub and its subscription.
#[derive(Debug)]
pub struct Listener {
    /// The hub's count of messages when the newest was taken.
    taken: u64,
    /// Where the bell hangs at the hub.
    bell: Option<usize>,
    seat: Seat,
}

impl Listener {
    pub(super) fn new(seat: Seat) -> Self {
        let taken = seat.hub().look(|state| state.messages);
        Self {
            taken,
            bell: None,
            seat,
        }
    }

    /// Waits until the hub is subscribed and its snapshot is read.
    pub(super) async fn opened(self) -> Result<Self, BrokerError> {
        loop {
            let hub = self.seat.hub();
            // Made before the look, so that what comes after it is heard.
            let opened = hub.opened.notified();
            match hub.look(|state| state.phase.clone()) {
                Phase::Opening => opened.await,
                Phase::Failed(error) => return Err(error),
                Phase::Live => break,
            }
        }
        Ok(self)
    }

    /// Has a bell rung when there may be a message. Once; what is there already is to be looked for.
    pub fn ring(&mut self, bell: Arc<Bell>) {
        let key = self.seat.hub().bells().hang(bell);
        debug_assert!(self.bell.is_none());
        self.bell = Some(key);
    }

    /// The newest message, and from now on only newer ones count as [news](Self::has_news).
    pub fn latest(&mut self) -> Option<Frame> {
        let look = |state: &super::State| (state.messages, state.latest.clone());
        let (messages, latest) = self.seat.hub().look(look);
        let new = messages - std::mem::replace(&mut self.taken, messages);
        if let Some(skipped) = new.checked_sub(1) {
            self.seat.metrics().conflated.inc_by(skipped);
        }
        latest
    }

    /// Whether there is a message that is newer than the last [`latest`](Self::latest). Messages in between are skipped.
    pub fn has_news(&self) -> bool {
        self.seat.hub().messages.load(Ordering::Acquire) != self.taken
    }

    /// How many streams listen to the job, this one with them.
    pub fn company(&self) -> usize {
        self.seat.hub().bells().len()
    }

    /// Tells the hub what the directory knows of the job, in case the broker missed it.
    pub fn catch_up(&self, frame: Frame) {
        self.seat.hub().catch_up(frame);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(key) = self.bell {
            self.seat.hub().bells().take_down(key);
        }
    }
}
