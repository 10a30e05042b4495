//! Streams come and go all the time, jobs begin and end, tokens expire: in the end all is as it was in the beginning.
//!
//! Some seconds by default; as many minutes as `CONNECT_SOAK_MINUTES` says: `just soak MINUTES`.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use rand::RngExt;
use reqwest::{Client, ClientBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    report::row,
    support::{
        COLLECTION, PATIENCE, Redis, SECRET, Service, Socket, Stores, Stream, Usage, mebibytes,
        token,
    },
    workers::{Sync, Workers},
};

/// Clients that are there at the same time.
const CLIENTS: usize = 60;

/// Connections, each of which has one job after the other.
const CONNECTIONS: usize = 20;

/// Rows of the table, beside the first and the last.
const SAMPLES: u32 = 10;

/// What resident memory may differ by, in bytes: what the allocator keeps for itself.
const SLACK: u64 = 16 << 20;

fn duration() -> Duration {
    let minutes = std::env::var("CONNECT_SOAK_MINUTES").ok();
    minutes.map_or(Duration::from_secs(8), |minutes| {
        Duration::from_mins(minutes.parse().expect("a number of minutes"))
    })
}

#[tokio::test]
async fn what_comes_and_goes_leaves_nothing_behind() {
    let world = World::start().await;
    let start = world.sample("start").await;
    let until = Instant::now() + duration();
    let (warm, ..) = tokio::join!(
        world.watch(duration()),
        join_all((0..CLIENTS).map(|_| world.come_and_go(until))),
        join_all(world.connections.iter().map(|id| world.sync(id, until))),
    );
    let left = world.left(start).await;
    assert!(left.is_empty(), "{left:?}");
    let end = world.sample("end").await;
    assert!(end.resident < warm.resident + SLACK, "{warm:?}, {end:?}");
    assert!(end.threads <= start.threads, "{start:?}, {end:?}");
    assert!(world.visits.load(Ordering::Relaxed) > CLIENTS);
}

struct World {
    service: Service,
    redis: Redis,
    workers: Workers,
    http1: Client,
    http2: Client,
    connections: Vec<String>,
    begun: Instant,
    visits: AtomicUsize,
    jobs: AtomicUsize,
}

impl World {
    async fn start() -> Self {
        let redis = Redis::start().await;
        let flags = ["--heartbeat-seconds", "1"];
        let service = Service::start_with(Stores::Redis(&redis), &flags);
        // Both connections to Redis are there: what is open now is what may be open in the end.
        service.logged("subscribed at the broker");
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(service.register_connection(COLLECTION).await);
        }
        Self {
            workers: Workers::of(&redis).await,
            http1: client().build().unwrap(),
            http2: client().http2_prior_knowledge().build().unwrap(),
            service,
            redis,
            connections,
            begun: Instant::now(),
            visits: AtomicUsize::new(0),
            jobs: AtomicUsize::new(0),
        }
    }

    /// Samples now and then; returns what was used when all had been going on for a while.
    async fn watch(&self, duration: Duration) -> Usage {
        let mut warm = None;
        for _ in 0..SAMPLES {
            sleep(duration / SAMPLES).await;
            let usage = self.sample("under load").await;
            let is_warm = self.begun.elapsed() >= duration / 3;
            if is_warm && warm.is_none() {
                warm = Some(usage);
            }
        }
        warm.expect("there are samples after a third")
    }

    /// `| soak | when | elapsed | visits | jobs | streams | hubs | memory | descriptors | threads |`
    async fn sample(&self, when: &str) -> Usage {
        let streams = self.metric("connect_streams_open").await;
        let hubs = self.metric("connect_hubs").await;
        // Behind the questions, which leave a connection.
        let usage = self.service.usage();
        row(&[
            "soak",
            when,
            &format!("{} s", self.begun.elapsed().as_secs()),
            &self.visits.load(Ordering::Relaxed).to_string(),
            &self.jobs.load(Ordering::Relaxed).to_string(),
            &streams.to_string(),
            &hubs.to_string(),
            &format!("{} MiB", mebibytes(usage.resident)),
            &usage.descriptors.to_string(),
            &usage.threads.to_string(),
        ]);
        usage
    }

    async fn metric(&self, name: &str) -> u64 {
        self.service.metric(name).await
    }

    /// What is more than it was at the start, and stays: a name and a count each.
    async fn left(&self, start: Usage) -> Vec<(&'static str, u64)> {
        let patience = Instant::now() + PATIENCE;
        loop {
            let usage = self.service.usage();
            let descriptors = usage.descriptors.saturating_sub(start.descriptors);
            let channels = self.redis.channels().await;
            let jobs = channels.iter().filter(|name| name.contains("sync_job:"));
            let mut left = vec![
                ("streams", self.metric("connect_streams_open").await),
                ("hubs", self.metric("connect_hubs").await),
                ("subscriptions", jobs.count() as u64),
                ("descriptors", descriptors as u64),
            ];
            left.retain(|(_, count)| *count > 0);
            if left.is_empty() || Instant::now() > patience {
                return left;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// One job after the other.
    async fn sync(&self, connection: &str, until: Instant) {
        while Instant::now() < until {
            let job = self.service.register_job(connection).await;
            let sync = [Sync {
                connection: connection.to_owned(),
                job,
            }];
            for inserted in 1..rand::rng().random_range(2..10) {
                self.workers.progress(&sync, inserted).await;
                pause(50..300).await;
            }
            self.workers.end(&sync).await;
            self.jobs.fetch_add(1, Ordering::Relaxed);
            pause(0..500).await;
        }
    }

    /// One visit after the other, each of some kind.
    async fn come_and_go(&self, until: Instant) {
        while Instant::now() < until {
            match rand::rng().random_range(0..6) {
                0 => self.cut_off().await,
                1 => self.read(&self.http1, &Service::token()).await,
                2 => self.read(&self.http2, &Service::token()).await,
                3 => self.read(&self.http1, &short_lived()).await,
                4 => self.be_refused().await,
                _ => self.ask().await,
            }
            self.visits.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn any_connection(&self) -> &str {
        &self.connections[rand::rng().random_range(0..self.connections.len())]
    }

    /// Goes away without a word, before anything is read or after.
    async fn cut_off(&self) {
        let path = format!(
            "/connect/source-connections/{}/subscribe",
            self.any_connection()
        );
        let mut socket = Socket::connect(&self.service).await;
        socket.get(&path, "").await;
        if rand::rng().random() {
            socket.hear("\r\n\r\n").await;
            pause(0..300).await;
        }
    }

    /// Reads two connections' stream for a while: to its end, if that comes sooner.
    async fn read(&self, client: &Client, token: &str) {
        let (one, another) = (self.any_connection(), self.any_connection());
        let path = format!("/connect/subscribe?connection_id={one}&connection_id={another}&wait=2");
        let request = client.get(self.service.url(&path)).bearer_auth(token);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let mut stream = Stream::new(response);
        let patience = Duration::from_millis(rand::rng().random_range(0..3000));
        let all = async { while stream.next().await.is_some() {} };
        let _ = timeout(patience, all).await;
    }

    async fn be_refused(&self) {
        let path = format!(
            "/connect/source-connections/{}/subscribe",
            self.any_connection()
        );
        let request = self.http1.get(self.service.url(&path)).bearer_auth("x");
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    }

    async fn ask(&self) {
        let url = self.service.url("/connect/source-connections");
        let request = self.http1.get(url).bearer_auth(Service::token());
        let list: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(list.len(), CONNECTIONS);
        pause(0..300).await;
    }
}

/// Keeps no connection for long.
fn client() -> ClientBuilder {
    Client::builder().pool_idle_timeout(Duration::from_secs(1))
}

/// Good for a second or two.
fn short_lived() -> String {
    let mut claims = token::claims(COLLECTION);
    claims["exp"] = json!(token::now() + 2);
    token::sign(&claims, SECRET)
}

async fn pause(millis: std::ops::Range<u64>) {
    let millis = rand::rng().random_range(millis);
    sleep(Duration::from_millis(millis)).await;
}
