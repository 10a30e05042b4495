//! Where progress flows: the channels that workers publish to, and the snapshots of what was published last.

pub mod inbox;
mod job_start;
pub mod memory;
pub mod redis;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use self::job_start::JobStart;
use crate::{frame::Frame, ids::JobId};

/// The broker cannot be asked right now.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the broker does not answer: {0}")]
pub struct BrokerError(pub String);

/// Carries progress from workers to the hubs of this replica.
#[async_trait]
pub trait Broker: Send + Sync + 'static {
    /// Says where messages go. Called once, before anything else.
    fn deliver_to(&self, sink: Arc<dyn Sink>);

    /// Stores the frame as the job's snapshot, then publishes it.
    async fn publish(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError>;

    /// Stores the frame as the job's snapshot without publishing it.
    async fn store_snapshot(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError>;

    /// The snapshots of some jobs, in their order, in one round trip.
    async fn snapshots(&self, jobs: &[JobId]) -> Result<Vec<Option<Bytes>>, BrokerError>;

    /// Tells all replicas that a connection has a new job.
    async fn announce(&self, start: JobStart) -> Result<(), BrokerError>;

    /// Subscribes to a job's channel. Takes effect in the order of the calls, whenever the futures are polled; a future is
    /// ready when the server has acknowledged the subscription: what is published from then on is delivered.
    fn subscribe(&self, job: JobId) -> BoxFuture<'static, Result<(), BrokerError>>;

    /// Ends the subscription to a job's channel, in order with [`subscribe`](Self::subscribe).
    fn unsubscribe(&self, job: JobId);

    /// Whether the broker could be reached when it was last tried.
    fn is_up(&self) -> bool;
}

/// Takes what the broker has heard.
pub trait Sink: Send + Sync + 'static {
    /// A worker has published this.
    fn deliver(self: Arc<Self>, job: JobId, payload: &[u8]);

    /// A connection has a new job.
    fn announced(self: Arc<Self>, start: JobStart);

    /// Messages may have been lost; all subscriptions stand again. The snapshots of all live hubs must be read.
    fn resync(self: Arc<Self>, loss: Loss);
}

/// How messages may have been lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The connection was made anew; the first one counts as well.
    Connection,
    /// Messages came faster than they could be taken.
    Overflow,
}

impl Loss {
    /// The loss in a word, for metrics.
    pub fn cause(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Overflow => "overflow",
        }
    }
}
