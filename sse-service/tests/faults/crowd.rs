//! Many clients, and what they have heard.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::task::JoinSet;

use super::{
    client::Client,
    support::{Service, eventually},
    workers::Sync,
};

/// All clients together, over all their visits.
#[derive(Default)]
pub struct Heard {
    /// Clients that are connected now.
    pub open: Count,
    /// Clients that have heard of any progress.
    pub begun: Count,
    pub messages: Count,
    pub heartbeats: Count,
    /// Clients that have seen the end.
    pub ends: Count,
    /// Visits that were cut, refused or not let in.
    pub visits_cut: Count,
    pub refusals: Count,
    /// Messages that were older than one before.
    pub older: Count,
    /// Those among them that have a number or a time.
    pub older_numbered: Count,
}

#[derive(Default)]
pub struct Count(AtomicUsize);

impl Count {
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts as long as it lives.
    pub fn guard(&self) -> impl Drop {
        struct Guard<'a>(&'a Count);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.0.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.add();
        Guard(self)
    }
}

/// Gone when dropped.
pub struct Crowd {
    pub heard: Arc<Heard>,
    clients: JoinSet<()>,
}

/// Each client has one, and tests run side by side: as many as the system lets this process have.
fn allow_sockets() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
}

/// How many connect at the same time: a listening socket has a backlog.
const AT_ONCE: usize = 200;

impl Crowd {
    /// So many clients, spread over the syncs; returns when all are connected.
    pub async fn gather(service: &Service, syncs: &[Sync], clients: usize) -> Self {
        Self::gather_at(&[service.address().to_owned()], syncs, clients).await
    }

    /// At these addresses, behind each of which there may be several services.
    pub async fn gather_at(addresses: &[String], syncs: &[Sync], clients: usize) -> Self {
        allow_sockets();
        let mut crowd = Self {
            heard: Arc::default(),
            clients: JoinSet::new(),
        };
        let token = Service::token();
        for at in 0..clients {
            let client = Client {
                // The clients of each sync are spread.
                address: addresses[at / syncs.len() % addresses.len()].clone(),
                connection: syncs[at % syncs.len()].connection.clone(),
                token: token.clone(),
            };
            let heard = crowd.heard.clone();
            crowd
                .clients
                .spawn(async move { client.follow(&heard).await });
            if (at + 1) % AT_ONCE == 0 {
                crowd.until_open(at + 1).await;
            }
        }
        crowd.until_open(clients).await;
        crowd
    }

    pub fn size(&self) -> usize {
        self.clients.len()
    }

    pub async fn until_open(&self, clients: usize) {
        self.until("connected", |heard| heard.open.get() >= clients)
            .await;
    }

    /// So many clients have seen the end.
    pub async fn until_ended(&self, clients: usize) {
        self.until("told of the end", |heard| heard.ends.get() >= clients)
            .await;
    }

    pub async fn none_connected(&self) {
        self.until("gone", |heard| heard.open.get() == 0).await;
    }

    /// All clients have heard of some progress.
    pub async fn all_begun(&self) {
        self.until("told of progress", |heard| heard.begun.get() >= self.size())
            .await;
    }

    /// Nobody has missed the end, nobody was shown an older state. Returns how long it took from now on.
    pub async fn all_ended(&self) -> Duration {
        let begun = Instant::now();
        self.until_ended(self.size()).await;
        let older = self.heard.older.get();
        assert_eq!(older, 0, "messages that were older than one before");
        begun.elapsed()
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Heard) -> bool) {
        eventually(&format!("all clients are {what}"), async || {
            is_so(&self.heard).then_some(())
        })
        .await;
    }
}
