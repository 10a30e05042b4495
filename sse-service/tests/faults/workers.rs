//! Syncs, and the workers that publish their progress as those of the seed's kind do: first to the channel, then to the
//! snapshot. They try again until Redis has taken it.

use std::time::Duration;

use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface, PubsubInterface},
    prelude::{Builder, Config, Error, Expiration, ReconnectPolicy},
};
use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use super::support::{Redis, RedisCluster, Service};

/// A connection with a running job.
pub struct Sync {
    pub connection: String,
    pub job: String,
}

/// Registers so many.
pub async fn syncs(service: &Service, count: usize) -> Vec<Sync> {
    stream::iter(0..count)
        .map(async |_| {
            let (connection, job) = service.syncing().await;
            Sync { connection, job }
        })
        .buffer_unordered(16)
        .collect()
        .await
}

pub struct Workers {
    client: Client,
    /// Whether they publish with SPUBLISH.
    sharded: bool,
}

/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(20);

impl Workers {
    pub async fn of(redis: &Redis) -> Self {
        Self::at(&redis.url(), false).await
    }

    /// They publish to shard channels.
    pub async fn of_cluster(cluster: &RedisCluster) -> Self {
        Self::at(&cluster.url(), true).await
    }

    async fn at(url: &str, sharded: bool) -> Self {
        let config = Config::from_url(url).unwrap();
        let client = Builder::from_config(config)
            .set_policy(ReconnectPolicy::new_constant(0, 10))
            .build()
            .unwrap();
        client.init().await.unwrap();
        Self { client, sharded }
    }

    /// Every job has come so far. Returns how many of the messages nobody has heard.
    pub async fn progress(&self, syncs: &[Sync], inserted: usize) -> usize {
        self.all(syncs, inserted, false).await
    }

    /// Every job ends. Returns how many of the ends nobody has heard.
    pub async fn end(&self, syncs: &[Sync]) -> usize {
        self.all(syncs, LAST, true).await
    }

    async fn all(&self, syncs: &[Sync], inserted: usize, is_complete: bool) -> usize {
        let messages = syncs.iter().enumerate().map(|(at, sync)| {
            // Some workers count their messages, some do not.
            let seq = if at % 2 == 0 {
                format!(r#""seq": {inserted}, "#)
            } else {
                String::new()
            };
            let message =
                format!(r#"{{{seq}"inserted": {inserted}, "is_complete": {is_complete}}}"#);
            (sync.job.as_str(), message)
        });
        let heard = stream::iter(messages)
            .map(|(job, message)| self.publish(job, message))
            .buffer_unordered(64)
            .collect::<Vec<i64>>()
            .await;
        heard.iter().filter(|heard| **heard == 0).count()
    }

    /// Returns how many subscriptions have heard it.
    pub async fn publish(&self, job: &str, message: String) -> i64 {
        let channel = format!("sync_job:{job}");
        let heard = if self.sharded {
            again(|| self.client.spublish(&*channel, &*message)).await
        } else {
            again(|| self.client.publish(&*channel, &*message)).await
        };
        let key = format!("sync_progress_snapshot:{job}");
        let stored = Some(Expiration::EX(1800));
        let () = again(|| {
            self.client
                .set(&*key, &*message, stored.clone(), None, false)
        })
        .await;
        heard
    }
}

/// A message of about so many bytes.
pub fn large(inserted: usize, bytes: usize, is_complete: bool) -> String {
    let types: String = (0..bytes / 32)
        .map(|at| format!(r#""A type of entities {at:08}": 1"#) + ",")
        .collect();
    format!(
        r#"{{"inserted": {inserted}, "is_complete": {is_complete}, "entities_encountered": {{{types} "Last": 1}}}}"#
    )
}

/// What the last message of a job counts.
pub const LAST: usize = 1_000_000;

async fn again<T, F: Future<Output = Result<T, Error>>>(mut attempt: impl FnMut() -> F) -> T {
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(_) => sleep(AGAIN).await,
        }
    }
}
