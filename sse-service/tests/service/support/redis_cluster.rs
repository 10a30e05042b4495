//! A real Redis Cluster on ports of its own.

use fred::util::redis_keyslot;

use super::{Redis, eventually, free_port};

/// Slots of a cluster.
const SLOTS: usize = 16384;

/// Killed when dropped.
pub struct RedisCluster {
    pub primaries: Vec<Redis>,
}

impl RedisCluster {
    /// Three primaries, each with a third of the slots.
    pub async fn start() -> Self {
        Self::start_with(Vec::new).await
    }

    /// Each with more settings.
    pub async fn start_with(mut flags: impl FnMut() -> Vec<String>) -> Self {
        let mut primaries = Vec::new();
        for _ in 0..3 {
            primaries.push(Self::node(&flags()).await);
        }
        let cluster = Self { primaries };
        for (at, node) in cluster.primaries.iter().enumerate() {
            let (first, end) = (at * SLOTS / 3, (at + 1) * SLOTS / 3);
            let (first, last) = (first.to_string(), (end - 1).to_string());
            node.ask(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
            node.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()]);
            cluster.meet(node);
        }
        cluster.settled(3).await;
        cluster
    }

    /// A node that knows no other yet.
    async fn node(more: &[String]) -> Redis {
        let bus = free_port().to_string();
        let mut flags = vec!["--cluster-enabled", "yes", "--cluster-port", &bus];
        // So that a fail-over takes two seconds.
        flags.extend(["--cluster-node-timeout", "1000"]);
        flags.extend(more.iter().map(String::as_str));
        Redis::start_with(&flags).await
    }

    fn meet(&self, node: &Redis) {
        // With TLS among them, the nodes know each other by their TLS ports.
        let tls = node.ask(&["CONFIG", "GET", "tls-port"]);
        let tls = tls.lines().last().unwrap();
        let port = node.port().to_string();
        let port = if tls == "0" { &port } else { tls };
        let bus = node.ask(&["CONFIG", "GET", "cluster-port"]);
        let bus = bus.lines().last().unwrap();
        self.primaries[0].ask(&["CLUSTER", "MEET", "127.0.0.1", port, bus]);
    }

    /// Waits until so many primaries can be reached through any of them.
    async fn settled(&self, primaries: usize) {
        let size = format!("cluster_size:{primaries}");
        eventually("all nodes agree", async || {
            let agrees = |node: &Redis| {
                let info = node.ask(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok") && info.contains(&size)
            };
            self.primaries.iter().all(agrees).then_some(())
        })
        .await;
    }

    /// Another node that follows a primary, with all that it has.
    pub async fn replica_of(&self, primary: &Redis) -> Redis {
        let replica = Self::node(&[]).await;
        self.meet(&replica);
        let id = primary.ask(&["CLUSTER", "MYID"]);
        eventually("the replica knows its primary", async || {
            let answer = replica.ask(&["CLUSTER", "REPLICATE", &id]);
            (answer == "OK").then_some(())
        })
        .await;
        eventually("the replica follows", async || {
            let info = replica.ask(&["INFO", "replication"]);
            info.contains("master_link_status:up").then_some(())
        })
        .await;
        // Who may take over is known to those who agree to it.
        eventually("the replica is known", async || {
            let port = format!(":{}@", replica.port());
            let knows = |node: &Redis| {
                let nodes = node.ask(&["CLUSTER", "NODES"]);
                let mut nodes = nodes.lines();
                nodes.any(|node| node.contains(&port) && node.contains(&id))
            };
            self.primaries.iter().all(knows).then_some(())
        })
        .await;
        replica
    }

    pub fn url(&self) -> String {
        let [first, rest @ ..] = &self.primaries[..] else {
            unreachable!("there are three")
        };
        let rest = rest
            .iter()
            .map(|node| format!("node=127.0.0.1:{}", node.port()));
        let rest: Vec<_> = rest.collect();
        format!(
            "redis-cluster://127.0.0.1:{}?{}",
            first.port(),
            rest.join("&")
        )
    }

    /// The primary that had a key or a shard channel at the start.
    pub fn first_owner(key: &str) -> usize {
        let slot = usize::from(redis_keyslot(key.as_bytes()));
        (0..3)
            .find(|at| slot < (at + 1) * SLOTS / 3)
            .expect("every slot has an owner")
    }

    /// Gives the slot of a key without value to another primary, as resharding does.
    pub fn move_slot(&self, key: &str, from: usize, to: usize) {
        let slot = redis_keyslot(key.as_bytes()).to_string();
        let id = self.primaries[to].ask(&["CLUSTER", "MYID"]);
        for at in [to, from] {
            let answer = self.primaries[at].ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &id]);
            assert_eq!(answer, "OK");
        }
        // What is claimed last counts.
        self.primaries[to].ask(&["CLUSTER", "BUMPEPOCH"]);
    }

    /// Takes a primary without values out of the cluster, and gives its slots to another one.
    pub async fn remove(&mut self, at: usize) -> Redis {
        let (first, end) = (at * SLOTS / 3, (at + 1) * SLOTS / 3);
        let (first, last) = (first.to_string(), (end - 1).to_string());
        let leaving = self.primaries.remove(at);
        let heir = &self.primaries[at % 2];
        let id = leaving.ask(&["CLUSTER", "MYID"]);
        // It claims nothing any more, before it is forgotten with all that it had.
        assert_eq!(leaving.ask(&["CLUSTER", "RESET"]), "OK");
        for node in &self.primaries {
            assert_eq!(node.ask(&["CLUSTER", "FORGET", &id]), "OK");
        }
        let answer = heir.ask(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
        assert_eq!(answer, "OK");
        // What is claimed last counts.
        heir.ask(&["CLUSTER", "BUMPEPOCH"]);
        self.settled(2).await;
        leaving
    }
}
