//! Where a cluster keeps its slots, and whether that has changed.
//!
//! Who is subscribed at a node that leaves the cluster, or to a shard whose slot moves to another node, hears nothing more and
//! is not told in a way that fred passes on. So the cluster is asked.

use fred::{
    clients::Client,
    interfaces::ClientLike,
    types::{ClusterHash, CustomCommand, Value},
};

/// The map as it was when channels were subscribed.
pub(super) struct ClusterMap {
    commands: Client,
    known: Option<Value>,
}

impl ClusterMap {
    pub(super) fn new(commands: Client) -> Self {
        Self {
            commands,
            known: None,
        }
    }

    /// Takes the map as it is now for the one that is known.
    pub(super) async fn remember(&mut self) {
        self.known = self.ask().await;
    }

    /// Whether it is surely another one than the one that is known.
    pub(super) async fn has_changed(&self) -> bool {
        let now = self.ask().await;
        now.is_some() && now != self.known
    }

    /// `None` where there is no cluster, or no answer.
    async fn ask(&self) -> Option<Value> {
        // Without a connection it would be waited for, and whoever is to be subscribed with it.
        if !self.commands.is_clustered() || !self.commands.is_connected() {
            return None;
        }
        // Always the same node, since nodes do not learn of changes at the same moment.
        let ask = CustomCommand::new_static("CLUSTER", ClusterHash::Custom(0), false);
        self.commands.custom(ask, vec!["SLOTS"]).await.ok()
    }
}
