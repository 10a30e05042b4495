//! All hubs of this replica.

use std::{
    collections::{
        HashMap,
        hash_map::{Entry, OccupiedEntry},
    },
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use protocol::Progress;
use tokio::runtime::Handle;
use tracing::{debug, warn};

use super::{
    Hub, Listener, Phase,
    starts::{StartWatch, Starts},
};
use crate::{
    broker::{Broker, BrokerError, JobStart, Loss, Sink},
    decode::{self, DecodeError},
    frame::Frame,
    ids::{ConnectionId, JobId},
    metrics::{Cause, Metrics},
    plain::Plain,
    recorder::Recorder,
};

/// Hubs that are caught up with one command to the broker.
const SNAPSHOTS_AT_ONCE: usize = 4096;

/// How long to wait before snapshots are asked for again.
const RESYNC_PAUSE: Duration = Duration::from_secs(1);

/// Hubs by job. Cheap to clone.
#[derive(Clone)]
pub struct Hubs {
    shared: Arc<Shared>,
}

struct Shared {
    broker: Arc<dyn Broker>,
    // Held for look-ups and while an order is given to the broker, so that orders reach it in the order in which hubs come
    // and go; never across an await.
    hubs: Mutex<HashMap<JobId, Seats>>,
    starts: Starts,
    /// How often all snapshots had to be read: who reads them for an earlier time leaves it to the last one.
    resyncs: AtomicU64,
    /// Opens hubs on the service's own runtime: the one of the worker that serves the first listener may stop before others.
    runtime: Handle,
    recorder: Recorder,
    metrics: Arc<Metrics>,
}

struct Seats {
    hub: Arc<Hub>,
    taken: usize,
}

impl Hubs {
    /// Takes over what `broker` hears. Ends of jobs are recorded before their listeners hear of them.
    pub fn new(
        broker: Arc<dyn Broker>,
        recorder: Recorder,
        runtime: Handle,
        metrics: Arc<Metrics>,
    ) -> Self {
        let shared = Arc::new(Shared {
            broker,
            hubs: Mutex::default(),
            starts: Starts::default(),
            resyncs: AtomicU64::new(0),
            runtime,
            recorder,
            metrics,
        });
        shared.broker.deliver_to(shared.clone());
        Self { shared }
    }

    /// Listens to a job: subscribed first, snapshot read then, so nothing falls between the two.
    pub async fn listen(&self, job: JobId) -> Result<Listener, BrokerError> {
        Listener::new(self.shared.take_seat(job)).opened().await
    }

    /// Watches for new jobs of a connection. Who watches first and asks the directory then misses none.
    pub fn watch_starts(&self, connection: ConnectionId) -> StartWatch {
        self.shared.starts.watch(connection)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Seats>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_seat(self: &Arc<Self>, job: JobId) -> Seat {
        let mut hubs = self.lock();
        let hub = match hubs.entry(job) {
            Entry::Occupied(mut seats) => {
                seats.get_mut().taken += 1;
                seats.get().hub.clone()
            }
            Entry::Vacant(vacant) => {
                let hub = Arc::new(Hub::new(job));
                vacant.insert(Seats {
                    hub: hub.clone(),
                    taken: 1,
                });
                let subscribed = self.broker.subscribe(job);
                self.metrics.hubs.inc();
                self.runtime
                    .spawn(open(self.clone(), hub.clone(), subscribed));
                hub
            }
        };
        Seat {
            hub,
            shared: self.clone(),
        }
    }

    fn leave_seat(&self, hub: &Arc<Hub>) {
        let mut hubs = self.lock();
        let Entry::Occupied(mut seats) = hubs.entry(hub.job) else {
            return;
        };
        // A hub that failed was taken out already; the entry may belong to its successor.
        if !Arc::ptr_eq(&seats.get().hub, hub) {
            return;
        }
        seats.get_mut().taken -= 1;
        if seats.get().taken == 0 {
            self.remove(seats);
        }
    }

    /// A hub that could not be opened makes room for the next attempt.
    fn fail(&self, hub: &Arc<Hub>, error: BrokerError) {
        let mut hubs = self.lock();
        if let Entry::Occupied(seats) = hubs.entry(hub.job)
            && Arc::ptr_eq(&seats.get().hub, hub)
        {
            self.remove(seats);
        }
        drop(hubs);
        hub.enter(Phase::Failed(error));
    }

    fn remove(&self, seats: OccupiedEntry<'_, JobId, Seats>) {
        self.broker.unsubscribe(seats.remove().hub.job);
        self.metrics.hubs.dec();
    }

    fn hub(&self, job: JobId) -> Option<Arc<Hub>> {
        self.lock().get(&job).map(|seats| seats.hub.clone())
    }

    fn live(&self) -> Vec<Arc<Hub>> {
        self.lock()
            .values()
            .map(|seats| seats.hub.clone())
            .collect()
    }

    /// Reads the snapshots of these hubs in one round trip.
    async fn catch_up(&self, hubs: &[Arc<Hub>]) -> Result<(), BrokerError> {
        let jobs: Vec<JobId> = hubs.iter().map(|hub| hub.job).collect();
        let snapshots = self.broker.snapshots(&jobs).await?;
        for (hub, snapshot) in hubs.iter().zip(snapshots) {
            if let Some(frame) = snapshot.and_then(|json| self.decode(hub, &json, Frame::stored)) {
                // An end that no replica has heard is in the snapshot alone.
                if frame.end().is_some() {
                    self.recorder.record(hub.job, &frame).await;
                }
                hub.catch_up(frame);
            }
        }
        Ok(())
    }

    fn decode(
        &self,
        hub: &Hub,
        payload: &[u8],
        frame: fn(JobId, Progress) -> Frame,
    ) -> Option<Frame> {
        match decode::progress(payload) {
            Ok(progress) => Some(frame(hub.job, progress)),
            Err(error) => {
                self.metrics.rejected(&error);
                salvage(hub, payload, &error)
            }
        }
    }
}

/// A message that cannot be shown is passed over, but not the end that it may tell; the counts stay as they were.
fn salvage(hub: &Hub, payload: &[u8], error: &DecodeError) -> Option<Frame> {
    let end = decode::end_only(payload);
    warn!(job = %hub.job, %error, end = end.is_some(), "a message was passed over");
    let end = end?;
    let counts = hub
        .latest()
        .map(|frame| frame.progress().clone())
        .unwrap_or_default();
    let progress = Progress {
        is_complete: end.is_complete,
        is_failed: end.is_failed,
        status: end.status,
        error: end.error,
        last_update_timestamp: None,
        seq: None,
        ..counts
    };
    Some(Frame::new(hub.job, progress))
}

impl Sink for Shared {
    fn deliver(self: Arc<Self>, job: JobId, payload: &[u8]) {
        self.metrics.messages.inc();
        // The last listener may have left while the message was on its way.
        let Some(hub) = self.hub(job) else { return };
        let frame = match Plain::read(payload) {
            Some(message) => Some(Frame::passed_on(job, &message)),
            None => self.decode(&hub, payload, Frame::new),
        };
        let Some(frame) = frame else { return };
        if frame.end().is_none() {
            hub.publish(frame);
        } else if hub.latest().is_none_or(|latest| latest.end().is_none()) {
            let runtime = self.runtime.clone();
            runtime.spawn(async move {
                self.recorder.record(job, &frame).await;
                hub.publish(frame);
            });
        }
    }

    fn announced(self: Arc<Self>, start: JobStart) {
        self.starts.tell(start);
    }

    fn resync(self: Arc<Self>, loss: Loss) {
        let cause = loss.cause();
        self.metrics.resyncs.get_or_create(&Cause { cause }).inc();
        self.starts.tell_lost();
        let round = self.resyncs.fetch_add(1, Ordering::SeqCst) + 1;
        self.runtime.clone().spawn(resync(self, round));
    }
}

/// Reads all live snapshots, and tries again until it succeeds: what commands are sent over may come back later than what
/// messages are received over.
async fn resync(shared: Arc<Shared>, round: u64) {
    let hubs = shared.live();
    debug!(hubs = hubs.len(), "reading the snapshots of all live hubs");
    for hubs in hubs.chunks(SNAPSHOTS_AT_ONCE) {
        while let Err(error) = shared.catch_up(hubs).await {
            if shared.resyncs.load(Ordering::SeqCst) != round {
                return;
            }
            warn!(%error, "the snapshots could not be read");
            tokio::time::sleep(RESYNC_PAUSE).await;
        }
    }
}

async fn open(
    shared: Arc<Shared>,
    hub: Arc<Hub>,
    subscribed: impl Future<Output = Result<(), BrokerError>>,
) {
    let opened = match subscribed.await {
        Ok(()) => shared.catch_up(std::slice::from_ref(&hub)).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(()) => hub.enter(Phase::Live),
        Err(error) => shared.fail(&hub, error),
    }
}

/// A listener's place at a hub. When the last one is dropped, the hub goes away and its subscription ends.
pub(super) struct Seat {
    hub: Arc<Hub>,
    shared: Arc<Shared>,
}

impl Seat {
    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.leave_seat(&self.hub);
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Seat").field(&self.hub.job).finish()
    }
}
