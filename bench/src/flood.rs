//! One job, few listeners, and messages as fast as Redis takes them.

use std::{io, sync::atomic::AtomicU64, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::{
    http::Http,
    listeners::Crowd,
    peer::{Layout, Peer},
    publish::message,
    redis::{Publisher, Redis},
};

const LISTENERS: Layout = Layout {
    streams: 10,
    jobs: 1,
};

/// Messages that are published a second, if Redis takes them.
const PER_SECOND: u32 = 120_000;

/// Messages that are sent with one call of the system.
const BATCH: u32 = 120;

/// How long the flood has gone on when memory is looked at for the first time.
const RISE: Duration = Duration::from_secs(3);

/// What became of it.
pub struct Flood {
    /// Messages that were published, a second.
    pub published: f64,
    /// Messages that the hub took, a second. What it did not, a newer message had replaced before.
    pub taken: f64,
    /// The service's memory after the first seconds and at the end, in bytes.
    pub memory: (u64, u64),
}

/// Floods the service for so long.
pub async fn flood(redis: &Redis, time: Duration) -> io::Result<Flood> {
    let running = Peer::Service.start(redis, LISTENERS).await?;
    let _crowd = Crowd::open(running.address, &running.requests).await;
    let mut workers = Publisher::connect(&redis.address).await?;
    let (last, begun) = (AtomicU64::new(0), Instant::now());
    let (mut published, mut early) = (0, None);
    while begun.elapsed() < time {
        sleep_until(begun + Duration::from_secs(1) * published / PER_SECOND).await;
        for _ in 0..BATCH {
            workers.publish(&running.channels[0], &message(&last));
        }
        published += BATCH;
        workers.flush().await?;
        if early.is_none() && begun.elapsed() > RISE {
            early = Some(running.process.usage()?.memory);
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let late = running.process.usage()?.memory;
    Ok(Flood {
        published: f64::from(published) / seconds,
        taken: taken(&running.address.to_string()).await? / seconds,
        memory: (early.unwrap_or(late), late),
    })
}

/// Messages that the service says it has dealt with.
async fn taken(address: &str) -> io::Result<f64> {
    let metrics = Http::connect(address)
        .await?
        .ask("GET /metrics", "", "")
        .await?;
    let mut lines = metrics.lines();
    let number = lines.find_map(|line| line.strip_prefix("connect_messages_total "));
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| io::Error::other("no count of messages"))
}
