//! The one task that changes subscriptions.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use fred::{
    clients::Client,
    interfaces::{ClientLike, ClusterInterface, EventInterface},
    prelude::{Error, ErrorKind},
    types::config::Server,
};
use protocol::redis::{JOBS_CHANNEL, channel};
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        mpsc, oneshot,
    },
    time::{self, MissedTickBehavior},
};
use tracing::{info, warn};

use super::{BrokerError, Sink, channels::Channels, cluster_map::ClusterMap, messages};
use crate::{
    broker::{Loss, inbox::Inbox},
    ids::JobId,
    redis::COMMAND_TIMEOUT,
};

/// What the hubs ask for.
pub(super) enum Order {
    /// Answered when the server has acknowledged it.
    Subscribe(JobId, oneshot::Sender<Result<(), BrokerError>>),
    Unsubscribe(JobId),
}

/// Orders that are carried out at once.
const BATCH: usize = 1024;

/// How long a request is made to wait for a connection that is not there: as long as reconnecting usually takes.
const GRACE: Duration = Duration::from_secs(1);

/// How often connections are asked for a sign of life, and a cluster for its map.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Connects and starts this task, and the one that takes messages. They end when the broker is dropped or the client is
/// closed.
pub(super) fn start(
    channels: Channels,
    commands: Client,
    orders: mpsc::UnboundedReceiver<Order>,
    inbox: Arc<Inbox>,
) {
    let client = &channels.client;
    // Receivers first: the first connection counts as a reconnection, and must not be missed.
    let messages = client.message_rx();
    let reconnects = client.reconnect_rx();
    client.connect();
    tokio::spawn(messages::take(messages, inbox.clone()));
    let subscriptions = Subscriptions {
        channels,
        reconnects,
        map: ClusterMap::new(commands),
        is_away: false,
        is_behind: false,
        wanted: HashSet::new(),
        inbox,
    };
    tokio::spawn(subscriptions.run(orders));
}

struct Subscriptions {
    channels: Channels,
    reconnects: Receiver<Server>,
    map: ClusterMap,
    /// Whether the connection has been away for longer than anybody is made to wait for it.
    is_away: bool,
    /// Whether what is wanted could not be subscribed when it was last tried.
    is_behind: bool,
    /// The jobs whose channels are to be subscribed, on this connection and on the next one.
    wanted: HashSet<JobId>,
    inbox: Arc<Inbox>,
}

impl Subscriptions {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut looks = time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                reconnected = self.reconnects.recv() => match reconnected {
                    Err(RecvError::Closed) => return,
                    // What fails here is logged, and tried again.
                    Ok(_) | Err(RecvError::Lagged(_)) => drop(self.resubscribe().await),
                },
                _ = looks.tick() => self.look_after().await,
                taken = orders.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        let _ = self.channels.client.quit().await;
                        return;
                    }
                    self.carry_out(batch.drain(..)).await;
                }
            }
        }
    }

    /// Notices what the connection does not tell by itself.
    async fn look_after(&mut self) {
        let client = &self.channels.client;
        if !client.is_connected() {
            return;
        }
        // A lost connection shows as a reconnection.
        let _ = self.channels.ping().await;
        if self.map.has_changed().await {
            info!("the cluster has changed");
            // Drops connections to nodes that have left.
            let _ = time::timeout(COMMAND_TIMEOUT, client.sync_cluster()).await;
        } else if !self.is_behind {
            return;
        }
        let _ = self.resubscribe().await;
    }

    /// Brings the server to what a batch of orders amounts to.
    async fn carry_out(&mut self, orders: impl Iterator<Item = Order>) {
        let mut wanted_before = HashMap::new();
        let mut waiting = Vec::new();
        for order in orders {
            match order {
                Order::Subscribe(job, acknowledge) => {
                    let new = self.wanted.insert(job);
                    wanted_before.entry(job).or_insert(!new);
                    waiting.push(acknowledge);
                }
                Order::Unsubscribe(job) => {
                    let old = self.wanted.remove(&job);
                    wanted_before.entry(job).or_insert(old);
                }
            }
        }
        let result = self.change(&wanted_before).await.map_err(BrokerError::from);
        for acknowledge in waiting {
            // Whoever asked may have gone.
            let _ = acknowledge.send(result.clone());
        }
    }

    /// Tells the server what is wanted now and was not before, and the other way round.
    async fn change(&mut self, wanted_before: &HashMap<JobId, bool>) -> Result<(), Error> {
        if !self.channels.client.is_connected() {
            return self.next_connection().await;
        }
        let changed = |to: bool| -> Vec<String> {
            wanted_before
                .iter()
                .filter(|(job, before)| **before != to && self.wanted.contains(job) == to)
                .map(|(job, _)| channel(job))
                .collect()
        };
        let (gone, new) = (changed(false), changed(true));
        if !gone.is_empty() {
            self.channels.unsubscribe(&gone).await?;
        }
        if !new.is_empty() {
            self.channels.subscribe(&new).await?;
        }
        Ok(())
    }

    /// Waits for the connection to come back, which subscribes to everything. Only so long, and only once: when it stays
    /// away, requests are refused at once.
    async fn next_connection(&mut self) -> Result<(), Error> {
        let away = || Error::new(ErrorKind::IO, "not connected");
        if self.is_away {
            return Err(away());
        }
        if time::timeout(GRACE, self.reconnects.recv()).await.is_ok() {
            return self.resubscribe().await;
        }
        self.is_away = true;
        Err(away())
    }

    /// After the connection was made anew: everything again, then the snapshots for what was missed meanwhile.
    async fn resubscribe(&mut self) -> Result<(), Error> {
        // The nodes of a cluster are connected one after the other.
        while self.reconnects.try_recv().is_ok() {}
        self.map.remember().await;
        let result = self.subscribe_to_wanted().await;
        self.is_behind = result.is_err();
        match &result {
            Ok(()) => {
                info!(
                    subscriptions = self.wanted.len(),
                    "subscribed at the broker"
                );
                self.is_away = false;
                self.inbox.clone().resync(Loss::Connection);
            }
            Err(error) => warn!(%error, "subscribing failed; it is tried again"),
        }
        result
    }

    async fn subscribe_to_wanted(&self) -> Result<(), Error> {
        let jobs = self.wanted.iter().map(channel);
        let channels: Vec<String> = jobs.chain([JOBS_CHANNEL.into()]).collect();
        self.channels.subscribe(&channels).await?;
        self.channels.leave_other_nodes().await;
        Ok(())
    }
}
