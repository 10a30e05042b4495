//! One stream's view of a hub.

use tokio::sync::watch;

use super::{Phase, State, registry::Seat};
use crate::{broker::BrokerError, frame::Frame};

/// Follows one job. While it lives, so do the job's hub and its subscription.
#[derive(Debug)]
pub struct Listener {
    state: watch::Receiver<State>,
    /// The hub's count of messages when the newest was taken.
    taken: u64,
    seat: Seat,
}

impl Listener {
    pub(super) fn new(seat: Seat) -> Self {
        let state = seat.hub().state.subscribe();
        let taken = state.borrow().messages;
        Self { state, taken, seat }
    }

    /// Waits until the hub is subscribed and its snapshot is read.
    pub(super) async fn opened(mut self) -> Result<Self, BrokerError> {
        let phase = self
            .state
            .wait_for(|state| !matches!(state.phase, Phase::Opening))
            .await
            .map(|state| state.phase.clone());
        match phase {
            Ok(Phase::Failed(error)) => Err(error),
            // The seat keeps the hub, so its state cannot be closed.
            _ => Ok(self),
        }
    }

    /// The newest message, and from now on only newer ones count as [`changed`](Self::changed).
    pub fn latest(&mut self) -> Option<Frame> {
        let state = self.state.borrow_and_update();
        let new = state.messages - std::mem::replace(&mut self.taken, state.messages);
        if let Some(skipped) = new.checked_sub(1) {
            self.seat.metrics().conflated.inc_by(skipped);
        }
        state.latest.clone()
    }

    /// Waits for a message that is newer than the last [`latest`](Self::latest). Messages in between are skipped. Can be
    /// dropped and called again without missing anything.
    pub async fn changed(&mut self) {
        if self.state.changed().await.is_err() {
            // Cannot happen while the seat keeps the hub; if it could, there would be nothing more to come.
            std::future::pending::<()>().await;
        }
    }

    /// How many listen to the job, this one with them.
    pub fn company(&self) -> usize {
        self.seat.hub().state.receiver_count()
    }

    /// Tells the hub what the directory knows of the job, in case the broker missed it.
    pub fn catch_up(&self, frame: Frame) {
        self.seat.hub().catch_up(frame);
    }
}
