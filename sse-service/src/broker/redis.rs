//! Redis or Valkey, through fred.
//!
//! Two connections, however many browsers: one for commands, one for subscriptions. In a cluster each of the two is one to
//! every primary, and one more that is asked where the slots are. All changes of subscriptions go through one task
//! (`subscriptions`), so they take effect in the order in which the hubs asked for them.

mod channels;
mod cluster_map;
mod messages;
mod subscriptions;
mod watchdog;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface, PubsubInterface},
    prelude::{Error, Expiration, Value},
    types::{ClusterHash, CustomCommand},
    util::redis_keyslot,
};
use futures_util::{FutureExt, future::BoxFuture};
use protocol::redis::{JOBS_CHANNEL, SNAPSHOT_TTL_SECONDS, channel, snapshot_key};
use tokio::sync::{mpsc, oneshot};

use self::{channels::Channels, subscriptions::Order};
use super::{Broker, BrokerError, JobStart, Sink, inbox::Inbox};
use crate::{frame::Frame, ids::JobId, redis::values};

impl From<Error> for BrokerError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// Progress through Redis pub/sub, snapshots in its keys.
pub struct RedisBroker {
    commands: Client,
    subscriber: Client,
    /// Whether progress goes to shards of a cluster.
    is_sharded: bool,
    orders: mpsc::UnboundedSender<Order>,
    /// The other end of `orders`, until it is known where messages go.
    pending: Mutex<Option<mpsc::UnboundedReceiver<Order>>>,
}

impl RedisBroker {
    /// Uses `commands` for commands, and opens connections of its own for subscriptions.
    pub fn new(commands: Client, is_sharded: bool) -> Self {
        let (orders, pending) = mpsc::unbounded_channel();
        Self {
            subscriber: commands.clone_new(),
            commands,
            is_sharded,
            orders,
            pending: Mutex::new(Some(pending)),
        }
    }

    async fn store(&self, job: JobId, json: Value) -> Result<(), Error> {
        self.commands
            .set(snapshot_key(job), json, Some(SNAPSHOT_TTL), None, false)
            .await
    }

    /// In one round trip; the snapshot goes first, so whoever subscribes in between finds it. In a cluster any node may
    /// publish: the one that has the snapshot does, after it has stored it.
    async fn store_and_publish(&self, job: JobId, json: Value) -> Result<(), Error> {
        let key = snapshot_key(job);
        let there = ClusterHash::Custom(redis_keyslot(key.as_bytes()));
        let publish = CustomCommand::new_static("PUBLISH", there, false);
        let pipeline = self.commands.pipeline();
        let () = pipeline
            .set(key, json.clone(), Some(SNAPSHOT_TTL), None, false)
            .await?;
        let () = pipeline
            .custom(publish, vec![channel(job).into(), json])
            .await?;
        pipeline.all().await
    }
}

const SNAPSHOT_TTL: Expiration = Expiration::EX(SNAPSHOT_TTL_SECONDS as i64);

#[async_trait]
impl Broker for RedisBroker {
    fn deliver_to(&self, sink: Arc<dyn Sink>) {
        watchdog::watch(self.commands.clone());
        watchdog::watch(self.subscriber.clone());
        let inbox = Inbox::before(sink);
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = pending.take().expect("called once");
        let channels = Channels::new(self.subscriber.clone(), self.is_sharded);
        subscriptions::start(channels, self.commands.clone(), orders, inbox);
    }

    async fn publish(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError> {
        let json = Value::Bytes(frame.json());
        if self.is_sharded {
            // Snapshot and channel are at two nodes, which do not wait for each other.
            self.store(job, json.clone()).await?;
            return Ok(self.commands.spublish(channel(job), json).await?);
        }
        Ok(self.store_and_publish(job, json).await?)
    }

    async fn store_snapshot(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError> {
        Ok(self.store(job, Value::Bytes(frame.json())).await?)
    }

    async fn snapshots(&self, jobs: &[JobId]) -> Result<Vec<Option<Bytes>>, BrokerError> {
        let keys = jobs.iter().map(snapshot_key).collect();
        Ok(values(&self.commands, keys).await?)
    }

    async fn announce(&self, start: JobStart) -> Result<(), BrokerError> {
        let json = start.to_json();
        if self.is_sharded {
            return Ok(self.commands.spublish(JOBS_CHANNEL, json).await?);
        }
        Ok(self.commands.publish(JOBS_CHANNEL, json).await?)
    }

    fn subscribe(&self, job: JobId) -> BoxFuture<'static, Result<(), BrokerError>> {
        let (acknowledge, acknowledged) = oneshot::channel();
        let sent = self.orders.send(Order::Subscribe(job, acknowledge));
        async move {
            let gone = || BrokerError("the subscription task has ended".into());
            sent.map_err(|_| gone())?;
            acknowledged.await.map_err(|_| gone())?
        }
        .boxed()
    }

    fn unsubscribe(&self, job: JobId) {
        // Without the task there is no subscription to end.
        let _ = self.orders.send(Order::Unsubscribe(job));
    }

    fn is_up(&self) -> bool {
        self.commands.is_connected() && self.subscriber.is_connected()
    }
}
