//! A broker that can be cut.

use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use protocol::Progress;
use sse_service::{
    broker::{Broker, BrokerError, JobStart, Loss, Sink},
    frame::Frame,
    ids::JobId,
};

/// Carries the messages of one job.
pub(crate) struct Wire {
    job: JobId,
    sink: OnceLock<Arc<dyn Sink>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_cut: bool,
    snapshot: Option<Bytes>,
}

impl Wire {
    pub(crate) fn new(job: JobId) -> Self {
        Self {
            job,
            sink: OnceLock::new(),
            state: Mutex::default(),
        }
    }

    /// What a worker publishes is heard, unless the wire is cut.
    pub(crate) fn publish(&self, progress: Progress) {
        if !self.state.lock().unwrap().is_cut
            && let Some(sink) = self.sink.get()
        {
            let frame = Frame::new(self.job, progress);
            sink.clone().deliver(self.job, &frame.json());
        }
    }

    pub(crate) fn store(&self, progress: Progress) {
        let frame = Frame::new(self.job, progress);
        self.state.lock().unwrap().snapshot = Some(frame.json());
    }

    pub(crate) fn cut(&self) {
        self.state.lock().unwrap().is_cut = true;
    }

    /// Subscribed again, which calls for the snapshots.
    pub(crate) fn mend(&self) {
        let was_cut = std::mem::take(&mut self.state.lock().unwrap().is_cut);
        if was_cut && let Some(sink) = self.sink.get() {
            sink.clone().resync(Loss::Connection);
        }
    }
}

#[async_trait]
impl Broker for Wire {
    fn deliver_to(&self, sink: Arc<dyn Sink>) {
        assert!(self.sink.set(sink).is_ok(), "called once");
    }

    async fn publish(&self, _: JobId, frame: &Frame) -> Result<(), BrokerError> {
        Wire::publish(self, frame.progress().clone());
        Ok(())
    }

    async fn store_snapshot(&self, _: JobId, frame: &Frame) -> Result<(), BrokerError> {
        self.store(frame.progress().clone());
        Ok(())
    }

    async fn snapshots(&self, jobs: &[JobId]) -> Result<Vec<Option<Bytes>>, BrokerError> {
        tokio::task::yield_now().await;
        let snapshot = self.state.lock().unwrap().snapshot.clone();
        Ok(jobs.iter().map(|_| snapshot.clone()).collect())
    }

    async fn announce(&self, _: JobStart) -> Result<(), BrokerError> {
        Ok(())
    }

    fn subscribe(&self, _: JobId) -> BoxFuture<'static, Result<(), BrokerError>> {
        tokio::task::yield_now().map(Ok).boxed()
    }

    fn unsubscribe(&self, _: JobId) {}

    fn is_up(&self) -> bool {
        !self.state.lock().unwrap().is_cut
    }
}
