//! One job's progress.

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use protocol::{End, MAX_COUNT, Progress};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use crate::{
    Destination, PublishError,
    state::{Farewell, State},
    telling,
};

/// How long a publisher that is dropped waits for the end to be told. Long enough for a destination that is there; one that is
/// away must not keep a worker from stopping.
const GRACE: Duration = Duration::from_secs(5);

/// What end users read when a worker has not said how the sync ended.
const STOPPED: &str = "The sync stopped unexpectedly.";

/// How a publisher goes about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often progress is told, at most; 4. The end is told at once.
    pub updates_per_second: u32,
    /// For how long telling the end is tried; a minute.
    pub patience: Duration,
    /// What an earlier attempt at the job has told: counts go on from there.
    pub resume_from: Progress,
    /// Whether another attempt follows by itself when this one breaks off, as Temporal's do: a publisher that is dropped hands over
    /// then, and tells no end.
    pub is_retried: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            updates_per_second: 4,
            patience: Duration::from_mins(1),
            resume_from: Progress::default(),
            is_retried: false,
        }
    }
}

/// Counts what a worker does, and tells it. Can be shared by the tasks and threads of one sync.
///
/// Dropped before its end was told, it tells that the sync has failed, and waits for that for up to five seconds, less where the
/// destination is there. Nothing is told of a sync after its end.
pub struct Publisher {
    state: watch::Sender<State>,
    is_retried: bool,
    outcome: Option<oneshot::Receiver<Result<(), PublishError>>>,
    /// Disconnected when nothing more will be told.
    is_done: Mutex<mpsc::Receiver<()>>,
}

impl Publisher {
    /// Begins to tell of a job, whose worker this process is from now on.
    pub fn start(destination: &Destination, job: Uuid) -> Self {
        Self::start_with_options(destination, job, Options::default())
    }

    /// [`start`](Self::start) with other [`Options`].
    pub fn start_with_options(destination: &Destination, job: Uuid, options: Options) -> Self {
        let (state, news) = watch::channel(State::new(options.resume_from));
        let (tell, outcome) = oneshot::channel();
        let (working, is_done) = mpsc::channel();
        let pace = Duration::from_secs(1) / options.updates_per_second.max(1);
        let telling = telling::Telling {
            destination: destination.clone(),
            job,
            news,
            state: state.clone(),
            pace,
            patience: options.patience,
        };
        destination.spawn(async move {
            let told = telling.run().await;
            // Whoever dropped the publisher does not want to know.
            let _ = tell.send(told);
            drop(working);
        });
        Self {
            state,
            is_retried: options.is_retried,
            outcome: Some(outcome),
            is_done: Mutex::new(is_done),
        }
    }

    /// So many entities are new in the destination of the sync.
    pub fn inserted(&self, entities: u64) {
        self.update(|progress| add(&mut progress.inserted, entities));
    }

    /// So many entities had changed.
    pub fn updated(&self, entities: u64) {
        self.update(|progress| add(&mut progress.updated, entities));
    }

    /// So many entities are gone from the source.
    pub fn deleted(&self, entities: u64) {
        self.update(|progress| add(&mut progress.deleted, entities));
    }

    /// So many entities had not changed.
    pub fn kept(&self, entities: u64) {
        self.update(|progress| add(&mut progress.kept, entities));
    }

    /// So many entities were passed over.
    pub fn skipped(&self, entities: u64) {
        self.update(|progress| add(&mut progress.skipped, entities));
    }

    /// So many entities of a type, such as `Message`, were met.
    pub fn met(&self, entity_type: &str, entities: u64) {
        self.update(|progress| {
            let counts = &mut progress.entities_encountered;
            let known = counts.iter().find(|(name, _)| *name == entity_type);
            let mut count = known.map_or(0, |(_, count)| count);
            add(&mut count, entities);
            counts.set(entity_type, count);
        });
    }

    /// There will be so many entities in all. Whoever knows it lets the end user see percent and remaining time.
    pub fn expects(&self, entities: u64) {
        self.update(|progress| progress.total = Some(entities.min(MAX_COUNT)));
    }

    /// Changes all counts at once, for workers that count themselves. Status, number and time of the message are the publisher's.
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        self.state.send_if_modified(|state| state.change(change));
    }

    /// What was counted so far, to be put aside for [`Options::resume_from`].
    pub fn progress(&self) -> Progress {
        self.state.borrow().progress.clone()
    }

    /// All is synced. Ready when that is told.
    pub async fn complete(self) -> Result<(), PublishError> {
        self.end(End::Completed, None).await
    }

    /// The sync has failed; end users read the reason, which is plain text for people. Ready when that is told.
    pub async fn fail(self, reason: impl Into<String>) -> Result<(), PublishError> {
        self.end(End::Failed, Some(reason.into())).await
    }

    /// Somebody has stopped the sync. Ready when that is told.
    pub async fn cancel(self) -> Result<(), PublishError> {
        self.end(End::Cancelled, None).await
    }

    /// Stops without an end: another attempt goes on with the job. Gives what it has to begin with, and is ready when that was
    /// told, or soon if it cannot be.
    pub async fn hand_over(mut self) -> Progress {
        self.let_go(Farewell::HandOver, None);
        if let Some(outcome) = self.outcome.take() {
            // The next attempt tells the same again.
            let _ = outcome.await;
        }
        self.progress()
    }

    async fn end(mut self, end: End, error: Option<String>) -> Result<(), PublishError> {
        self.let_go(Farewell::End(end), error);
        let outcome = self.outcome.take().expect("taken by nothing but an end");
        outcome.await.unwrap_or_else(|_| {
            Err(PublishError::Away {
                cause: "the thread that publishes has ended".into(),
            })
        })
    }

    fn let_go(&self, farewell: Farewell, error: Option<String>) {
        self.state
            .send_if_modified(|state| state.let_go(farewell, error));
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if self.is_retried {
            self.let_go(Farewell::HandOver, None);
        } else {
            self.let_go(Farewell::End(End::Failed), Some(STOPPED.into()));
        }
        let is_done = self.is_done.get_mut();
        let is_done = is_done.unwrap_or_else(std::sync::PoisonError::into_inner);
        // Disconnected is what is waited for; after that time the thread goes on trying, as long as the process lives.
        let _ = is_done.recv_timeout(GRACE);
    }
}

/// Counts stay what every client reads exactly.
fn add(count: &mut u64, entities: u64) {
    *count = count.saturating_add(entities).min(MAX_COUNT);
}
