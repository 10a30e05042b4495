//! Redis or Valkey, through fred.
//!
//! Two connections, however many browsers: one for commands, one for subscriptions. All changes of subscriptions go
//! through one task (`subscriptions`), so they take effect in the order in which the hubs asked for them.

mod subscriptions;
mod watchdog;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface, PubsubInterface},
    prelude::{
        Builder, Config, ConnectionConfig, Error, Expiration, PerformanceConfig, ReconnectPolicy,
        Value,
    },
    types::config::UnresponsiveConfig,
};
use futures_util::{FutureExt, future::BoxFuture};
use protocol::redis::{JOBS_CHANNEL, SNAPSHOT_TTL_SECONDS, channel, snapshot_key};
use tokio::sync::{mpsc, oneshot};

use self::subscriptions::Order;
use super::{Broker, BrokerError, JobStart, Sink, inbox::Inbox};
use crate::{frame::Frame, ids::JobId};

/// How long a command may take. A browser's request waits for it, so it is short; what Redis cannot do in this time is
/// answered with 503 and tried again by the client.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection on which nothing was answered for this long is closed and opened again.
const UNRESPONSIVE_AFTER: Duration = Duration::from_secs(10);

/// Messages that wait to be taken from fred's channel. It is drained at once; what does not fit is made up for by
/// reading the snapshots.
const MESSAGE_BACKLOG: usize = 16 * 1024;

impl From<Error> for BrokerError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// Progress through Redis pub/sub, snapshots in its keys.
pub struct RedisBroker {
    commands: Client,
    subscriber: Client,
    orders: mpsc::UnboundedSender<Order>,
    /// The other end of `orders`, until it is known where messages go.
    pending: Mutex<Option<mpsc::UnboundedReceiver<Order>>>,
}

/// A client for `redis://…` that connects in the background and goes on trying.
///
/// Must be called within a Tokio runtime, which then carries the connection.
pub fn connect(url: &str) -> Result<Client, Error> {
    let mut config = Config::from_url(url)?;
    config.fail_fast = false;
    let client = Builder::from_config(config)
        .set_policy(ReconnectPolicy::new_exponential(0, 100, 5_000, 2))
        .set_performance_config(PerformanceConfig {
            default_command_timeout: COMMAND_TIMEOUT,
            broadcast_channel_capacity: MESSAGE_BACKLOG,
            ..PerformanceConfig::default()
        })
        .set_connection_config(ConnectionConfig {
            connection_timeout: COMMAND_TIMEOUT,
            internal_command_timeout: COMMAND_TIMEOUT,
            unresponsive: UnresponsiveConfig {
                max_timeout: Some(UNRESPONSIVE_AFTER),
                ..UnresponsiveConfig::default()
            },
            ..ConnectionConfig::default()
        })
        .build()?;
    client.connect();
    Ok(client)
}

impl RedisBroker {
    /// Uses `commands` for commands, and opens a connection of its own for subscriptions.
    pub fn new(commands: Client) -> Self {
        let (orders, pending) = mpsc::unbounded_channel();
        Self {
            subscriber: commands.clone_new(),
            commands,
            orders,
            pending: Mutex::new(Some(pending)),
        }
    }

    fn store(frame: &Frame) -> (Value, Option<Expiration>) {
        let json = Value::Bytes(frame.json());
        (json, Some(Expiration::EX(SNAPSHOT_TTL_SECONDS.into())))
    }
}

#[async_trait]
impl Broker for RedisBroker {
    fn deliver_to(&self, sink: Arc<dyn Sink>) {
        watchdog::watch(self.commands.clone());
        watchdog::watch(self.subscriber.clone());
        let sink = Inbox::before(sink);
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = pending.take().expect("called once");
        subscriptions::start(self.subscriber.clone(), orders, sink);
    }

    async fn publish(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError> {
        let (json, expire) = Self::store(frame);
        // One round trip; the snapshot goes first, so whoever subscribes in between finds it.
        let pipeline = self.commands.pipeline();
        let _: () = pipeline
            .set(snapshot_key(job), json.clone(), expire, None, false)
            .await?;
        let _: () = pipeline.publish(channel(job), json).await?;
        Ok(pipeline.all::<()>().await?)
    }

    async fn store_snapshot(&self, job: JobId, frame: &Frame) -> Result<(), BrokerError> {
        let (json, expire) = Self::store(frame);
        Ok(self
            .commands
            .set(snapshot_key(job), json, expire, None, false)
            .await?)
    }

    async fn snapshots(&self, jobs: &[JobId]) -> Result<Vec<Option<Bytes>>, BrokerError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = jobs.iter().map(snapshot_key).collect();
        Ok(self.commands.mget(keys).await?)
    }

    async fn announce(&self, start: JobStart) -> Result<(), BrokerError> {
        Ok(self.commands.publish(JOBS_CHANNEL, start.to_json()).await?)
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
