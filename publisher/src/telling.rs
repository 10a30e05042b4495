//! The task that tells what there is to tell.

use std::time::Duration;

use protocol::Progress;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    Destination, PublishError,
    backoff::Backoff,
    state::{Farewell, State},
};

/// For how long handing over is tried. Whoever goes on with the job tells the same again.
const HAND_OVER_PATIENCE: Duration = Duration::from_secs(2);

pub(crate) struct Telling {
    pub(crate) destination: Destination,
    pub(crate) job: Uuid,
    pub(crate) news: watch::Receiver<State>,
    pub(crate) state: watch::Sender<State>,
    /// The least time between two messages that are no end.
    pub(crate) pace: Duration,
    pub(crate) patience: Duration,
}

impl Telling {
    /// Runs until the end was told, or cannot be.
    pub(crate) async fn run(mut self) -> Result<(), PublishError> {
        let farewell = self.tell_updates().await;
        match farewell {
            Farewell::End(_) => self.tell_last(self.patience).await,
            Farewell::HandOver if self.state.borrow().is_news => {
                self.tell_last(HAND_OVER_PATIENCE).await
            }
            Farewell::HandOver => Ok(()),
        }
    }

    /// Tells what is newest again and again, not too often, until the worker lets go.
    async fn tell_updates(&mut self) -> Farewell {
        let mut backoff = Backoff::new();
        let mut warned = None;
        loop {
            self.until(|state| state.is_news || state.farewell.is_some())
                .await;
            if let Some(farewell) = self.state.borrow().farewell {
                return farewell;
            }
            let message = self.message();
            let pause = match self.destination.link().tell(self.job, &message).await {
                Ok(()) => {
                    if warned.take().is_some() {
                        info!(job = %self.job, "progress is published again");
                    }
                    backoff = Backoff::new();
                    self.pace
                }
                Err(failure) => {
                    if warned.as_ref() != Some(&failure.error) {
                        warn!(job = %self.job, error = %failure.error, "progress is not published");
                    }
                    warned = Some(failure.error);
                    self.is_news_again();
                    failure.retry_after.unwrap_or(backoff.next()).max(self.pace)
                }
            };
            if matches!(warned, Some(PublishError::Refused { .. })) {
                // Nothing but another key or job would help. The end is tried nevertheless.
                self.until(|state| state.farewell.is_some()).await;
            } else {
                // The end does not wait.
                let _ = timeout(pause, self.until(|state| state.farewell.is_some())).await;
            }
        }
    }

    async fn tell_last(&self, patience: Duration) -> Result<(), PublishError> {
        let give_up = Instant::now() + patience;
        let message = self.message();
        let mut backoff = Backoff::new();
        loop {
            let Err(failure) = self.destination.link().tell(self.job, &message).await else {
                return Ok(());
            };
            let pause = failure.retry_after.unwrap_or(backoff.next());
            let is_refused = matches!(failure.error, PublishError::Refused { .. });
            if is_refused || Instant::now() + pause > give_up {
                warn!(job = %self.job, error = %failure.error, "the last progress is not published");
                return Err(failure.error);
            }
            sleep(pause).await;
        }
    }

    async fn until(&mut self, holds: impl FnMut(&State) -> bool) {
        // The task has a sender itself, so there is always one.
        let _ = self.news.wait_for(holds).await;
    }

    fn message(&self) -> Progress {
        let mut message = Progress::default();
        self.state.send_if_modified(|state| {
            message = state.message();
            false
        });
        message
    }

    fn is_news_again(&self) {
        self.state.send_if_modified(|state| {
            state.is_news = true;
            false
        });
    }
}
