//! The embedded default: one process, no Redis.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use protocol::redis::SNAPSHOT_TTL_SECONDS;

use super::{Broker, BrokerError, JobStart, Sink};
use crate::{frame::Frame, ids::JobId};

const SNAPSHOT_TTL: Duration = Duration::from_secs(SNAPSHOT_TTL_SECONDS as u64);

/// Snapshots in memory; what is published goes straight to the hubs of this process.
#[derive(Default)]
pub struct MemoryBroker {
    sink: OnceLock<Arc<dyn Sink>>,
    // Held for a look-up or an insertion, never across an await; so a plain mutex.
    snapshots: Mutex<HashMap<JobId, Snapshot>>,
}

struct Snapshot {
    json: Bytes,
    expires: Instant,
}

#[async_trait]
impl Broker for MemoryBroker {
    fn deliver_to(&self, sink: Arc<dyn Sink>) {
        assert!(self.sink.set(sink).is_ok(), "called once");
    }

    async fn publish(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError> {
        self.store_snapshot(job, frame).await?;
        if let Some(sink) = self.sink.get() {
            sink.clone().deliver(job, &frame.json());
        }
        Ok(())
    }

    async fn store_snapshot(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError> {
        let now = Instant::now();
        let mut snapshots = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A new job is rare beside its messages, so it may pay for clearing away what has expired.
        if !snapshots.contains_key(&job) {
            snapshots.retain(|_, snapshot| snapshot.expires > now);
        }
        snapshots.insert(
            job,
            Snapshot {
                json: frame.json(),
                expires: now + SNAPSHOT_TTL,
            },
        );
        Ok(())
    }

    async fn snapshots(&self, jobs: &[JobId]) -> Result<Vec<Option<Bytes>>, BrokerError> {
        let now = Instant::now();
        let snapshots = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let find = |job| {
            let snapshot: &Snapshot = snapshots.get(job)?;
            (snapshot.expires > now).then(|| snapshot.json.clone())
        };
        Ok(jobs.iter().map(find).collect())
    }

    async fn announce(&self, start: JobStart) -> Result<(), BrokerError> {
        if let Some(sink) = self.sink.get() {
            sink.clone().announced(start);
        }
        Ok(())
    }

    fn subscribe(&self, _: JobId) -> BoxFuture<'static, Result<(), BrokerError>> {
        std::future::ready(Ok(())).boxed()
    }

    fn unsubscribe(&self, _: JobId) {}

    fn is_up(&self) -> bool {
        true
    }
}
