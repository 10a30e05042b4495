//! The one task that changes subscriptions, and the one that takes messages.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use fred::{
    clients::Client,
    interfaces::{ClientLike, EventInterface, PubsubInterface},
    prelude::{Error, ErrorKind},
    types::{Message, Value, config::Server},
};
use protocol::redis::{CHANNEL_PREFIX, JOBS_CHANNEL, channel};
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        mpsc, oneshot,
    },
    time,
};
use tracing::{info, warn};

use super::{BrokerError, JobStart, Sink};
use crate::{broker::Loss, ids::JobId};

/// What the hubs ask for.
pub(super) enum Order {
    /// Answered when the server has acknowledged it.
    Subscribe(JobId, oneshot::Sender<Result<(), BrokerError>>),
    Unsubscribe(JobId),
}

/// Orders that are carried out with one command and one round trip.
const BATCH: usize = 1024;

/// How long a request is made to wait for a connection that is not there: as long as reconnecting usually takes.
const GRACE: Duration = Duration::from_secs(1);

/// How often an idle connection is asked for a sign of life, so that a dead one is noticed.
const PING_EVERY: Duration = Duration::from_secs(5);

/// Connects and starts both tasks. They end when the broker is dropped or the client is closed.
pub(super) fn start(client: Client, orders: mpsc::UnboundedReceiver<Order>, sink: Arc<dyn Sink>) {
    // Receivers first: the first connection counts as a reconnection, and must not be missed.
    let messages = client.message_rx();
    let reconnects = client.reconnect_rx();
    client.connect();
    tokio::spawn(take_messages(messages, sink.clone()));
    let subscriptions = Subscriptions {
        client,
        reconnects,
        is_away: false,
        wanted: HashSet::new(),
        sink,
    };
    tokio::spawn(subscriptions.run(orders));
}

async fn take_messages(mut messages: Receiver<Message>, sink: Arc<dyn Sink>) {
    loop {
        match messages.recv().await {
            Ok(message) => take_message(&message, &sink),
            Err(RecvError::Lagged(messages)) => {
                warn!(
                    messages,
                    "messages came faster than they were taken; reading snapshots"
                );
                sink.clone().resync(Loss::Overflow);
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn take_message(message: &Message, sink: &Arc<dyn Sink>) {
    let Some(payload) = message.value.as_bytes() else {
        return;
    };
    if &*message.channel == JOBS_CHANNEL {
        if let Some(start) = JobStart::parse(payload) {
            sink.clone().announced(start);
        }
    } else if let Some(Ok(job)) = message.channel.strip_prefix(CHANNEL_PREFIX).map(str::parse) {
        sink.clone().deliver(job, payload);
    }
}

struct Subscriptions {
    client: Client,
    reconnects: Receiver<Server>,
    /// Whether the connection has been away for longer than anybody is made to wait for it.
    is_away: bool,
    /// The jobs whose channels are to be subscribed, on this connection and on the next one.
    wanted: HashSet<JobId>,
    sink: Arc<dyn Sink>,
}

impl Subscriptions {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                reconnected = self.reconnects.recv() => match reconnected {
                    Err(RecvError::Closed) => return,
                    // What fails here is logged, and tried again on the next connection.
                    Ok(_) | Err(RecvError::Lagged(_)) => drop(self.resubscribe().await),
                },
                taken = orders.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        let _ = self.client.quit().await;
                        return;
                    }
                    self.carry_out(batch.drain(..)).await;
                }
                () = time::sleep(PING_EVERY), if self.client.is_connected() => {
                    // A lost connection shows as a reconnection.
                    let _ = self.barrier().await;
                }
            }
        }
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
        if !self.client.is_connected() {
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
            self.client.unsubscribe(gone).await?;
        }
        if !new.is_empty() {
            self.client.subscribe(new).await?;
            self.barrier().await?;
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
        let result = self.subscribe_to_wanted().await;
        match &result {
            Ok(()) => {
                info!(
                    subscriptions = self.wanted.len(),
                    "subscribed at the broker"
                );
                self.is_away = false;
                self.sink.clone().resync(Loss::Connection);
            }
            Err(error) => warn!(%error, "subscribing failed; the next connection tries again"),
        }
        result
    }

    async fn subscribe_to_wanted(&self) -> Result<(), Error> {
        self.client.subscribe(JOBS_CHANNEL).await?;
        let channels: Vec<String> = self.wanted.iter().map(channel).collect();
        for channels in channels.chunks(BATCH) {
            self.client.subscribe(channels.to_vec()).await?;
        }
        self.barrier().await
    }

    /// Waits until the server has carried out what was sent before. fred answers a SUBSCRIBE before the server does, but
    /// commands on one connection are answered in order.
    async fn barrier(&self) -> Result<(), Error> {
        // In RESP2 a subscribed connection answers PING with an array, so any value is taken.
        self.client.ping::<Value>(None).await.map(drop)
    }
}
