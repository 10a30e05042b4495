//! What workers publish, at a rate.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{http::Http, listeners::now, redis::Publisher};

/// Connections over which is published where each message waits for its answer.
const CONNECTIONS: u32 = 8;

/// Where messages go in.
#[derive(Clone)]
pub enum Entrance {
    /// Published at the Redis of this address.
    Redis(String),
    /// Posted to this address.
    Http(String),
}

/// So many messages to these channels in turn, so many a second.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// In all.
    pub messages: u32,
    /// A second.
    pub per_second: u32,
}

/// A message of a job. It carries when it was written; no two carry the same.
pub fn message(last: &AtomicU64) -> String {
    // One thread publishes.
    let seq = now().max(last.load(Ordering::Relaxed) + 1);
    last.store(seq, Ordering::Relaxed);
    let inserted = seq % 1_000_000;
    format!(
        r#"{{"inserted":{inserted},"updated":3,"deleted":0,"kept":100,"skipped":2,"entities_encountered":{{"Message":45,"Channel":2}},"is_complete":false,"seq":{seq}}}"#
    )
}

/// Publishes, and returns when the last message is on its way.
pub async fn publish(entrance: &Entrance, channels: Arc<[String]>, rate: Rate) -> io::Result<()> {
    let begun = Instant::now();
    let due = move |number: u32| begun + Duration::from_secs(1) * number / rate.per_second;
    let last = Arc::new(AtomicU64::new(0));
    match entrance {
        Entrance::Redis(address) => {
            let mut redis = Publisher::connect(address).await?;
            for number in 0..rate.messages {
                sleep_until(due(number)).await;
                redis.publish(channel(&channels, number), &message(&last));
                redis.flush().await?;
            }
            Ok(())
        }
        Entrance::Http(address) => {
            let mut connections = JoinSet::new();
            for first in 0..CONNECTIONS {
                let mut http = Http::connect(address).await?;
                let (channels, last) = (channels.clone(), last.clone());
                connections.spawn(async move {
                    for number in (first..rate.messages).step_by(CONNECTIONS as usize) {
                        sleep_until(due(number)).await;
                        let line = format!("POST /publish/{}", channel(&channels, number));
                        http.ask(&line, "", &message(&last)).await?;
                    }
                    Ok(())
                });
            }
            connections.join_all().await.into_iter().collect()
        }
    }
}

fn channel(channels: &[String], number: u32) -> &str {
    &channels[number as usize % channels.len()]
}
