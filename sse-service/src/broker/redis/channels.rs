//! How channels are subscribed: at one server, at one node of a cluster, or each at the shard that it belongs to.
//!
//! In a cluster a message that is published reaches every node, so all channels are subscribed at one of them: the owner of a
//! slot that stands for this client. A message that is published to a shard reaches the nodes of that shard alone.

use fred::{
    clients::Client,
    interfaces::{ClientLike, ClusterInterface, PubsubInterface},
    prelude::{Error, Server},
    types::{ClusterHash, CustomCommand, Value},
    util::redis_keyslot,
};
use futures_util::future::{join_all, try_join_all};

/// Channels that are named by one command, or by as many commands at once.
const BATCH: usize = 1024;

/// The connections on which channels are subscribed.
pub(super) struct Channels {
    pub(super) client: Client,
    is_sharded: bool,
    /// Of fred's choice: it sends SUBSCRIBE to its owner.
    slot: u16,
}

impl Channels {
    pub(super) fn new(client: Client, is_sharded: bool) -> Self {
        Self {
            slot: redis_keyslot(client.id().as_bytes()),
            client,
            is_sharded,
        }
    }

    /// Returns when the server has acknowledged it. What is subscribed already stays so.
    pub(super) async fn subscribe(&self, channels: &[String]) -> Result<(), Error> {
        for channels in channels.chunks(BATCH) {
            if self.is_sharded {
                // One by one: fred takes the acknowledgement of a first channel for the answer to all. It waits for it.
                let each = channels
                    .iter()
                    .map(|channel| self.client.ssubscribe(channel));
                try_join_all(each).await?;
            } else {
                self.client.subscribe(channels.to_vec()).await?;
            }
        }
        if self.is_sharded {
            return Ok(());
        }
        self.barrier().await
    }

    pub(super) async fn unsubscribe(&self, channels: &[String]) -> Result<(), Error> {
        if !self.is_sharded {
            return self.client.unsubscribe(channels.to_vec()).await;
        }
        let each = channels
            .iter()
            .map(|channel| self.client.sunsubscribe(channel));
        try_join_all(each).await?;
        // fred does not wait for answers. One that says that the slot has moved would be taken for that to the next command.
        self.ping().await
    }

    /// Ends subscriptions at nodes that once owned the slot which stands for this client.
    pub(super) async fn leave_other_nodes(&self) {
        let map = self.client.cached_cluster_state();
        let Some(map) = map.filter(|_| !self.is_sharded) else {
            return;
        };
        let owner = map.get_server(self.slot);
        let others = map.unique_primary_nodes();
        let others = others.iter().filter(|node| Some(*node) != owner);
        let each = others.map(|node| async move {
            let node = self.client.with_cluster_node(node);
            node.unsubscribe(Vec::<String>::new()).await
        });
        // A node that does not answer sends nothing either.
        join_all(each).await;
    }

    /// Asks every server for a sign of life, so that a dead connection is noticed.
    pub(super) async fn ping(&self) -> Result<(), Error> {
        let nodes: Vec<Server> = match self.client.cached_cluster_state() {
            Some(map) => map.unique_primary_nodes(),
            None => return self.barrier().await,
        };
        let each = nodes.iter().map(|node| {
            let node = self.client.with_cluster_node(node);
            async move { node.ping::<Value>(None).await }
        });
        try_join_all(each).await.map(drop)
    }

    /// Waits until the server has carried out what was sent before. fred answers a SUBSCRIBE before the server does, but
    /// commands on one connection are answered in order.
    async fn barrier(&self) -> Result<(), Error> {
        let ping = CustomCommand::new_static("PING", ClusterHash::Custom(self.slot), false);
        // In RESP2 a subscribed connection answers PING with an array, so any value is taken.
        let answer: Result<Value, _> = self.client.custom(ping, Vec::<Value>::new()).await;
        answer.map(drop)
    }
}
