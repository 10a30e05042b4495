//! The list of revoked sessions that all replicas share.
//!
//! One sorted set, scored by the second after which an entry is of no use; and a counter, which tells replicas that there is
//! something to read. They look at the counter once a second, which costs nothing, needs no connection of its own, and
//! cannot miss anything.

use std::time::Duration;

use fred::{
    clients::Client,
    interfaces::{KeysInterface, SortedSetsInterface},
    prelude::Error,
};
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

use crate::{broker::BrokerError, clock};

// Both in one slot of a cluster.
const SESSIONS: &str = "connect:{revoked}:sessions";
const CHANGES: &str = "connect:{revoked}:changes";

/// How often the counter is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The list is read after so many looks even if the counter says that nothing has changed.
const LOOKS_BETWEEN_READS: u32 = 60;

/// The shared list. Cheap to clone.
#[derive(Clone)]
pub struct RevokedInRedis {
    client: Client,
}

impl RevokedInRedis {
    /// Kept by this Redis.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Adds a session, to be remembered until a moment in seconds since 1970.
    pub(super) async fn add(&self, session: &str, until: i64) -> Result<(), BrokerError> {
        let pipeline = self.client.pipeline();
        let () = pipeline
            .zremrangebyscore(SESSIONS, f64::NEG_INFINITY, score(clock::unix_now()))
            .await?;
        let entry = (score(until), session);
        let () = pipeline
            .zadd(SESSIONS, None, None, false, false, entry)
            .await?;
        // What is added last is of use the longest.
        let () = pipeline.expire_at(SESSIONS, until, None).await?;
        let () = pipeline.incr(CHANGES).await?;
        Ok(pipeline.all::<()>().await?)
    }

    /// Tells of every session in the list, now and whenever there are more. Never returns.
    pub(super) async fn follow(&self, tell: impl Fn(&str, i64)) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut seen, mut looks) = (None, 0);
        loop {
            ticks.tick().await;
            looks += 1;
            match self.news(seen, looks >= LOOKS_BETWEEN_READS).await {
                Ok(None) => {}
                Ok(Some((changes, sessions))) => {
                    for (session, until) in sessions {
                        // A number of seconds, which was one when it was stored.
                        #[allow(clippy::cast_possible_truncation)]
                        tell(&session, until as i64);
                    }
                    (seen, looks) = (Some(changes), 0);
                }
                // Who runs the service learns of it from everything else that fails.
                Err(error) => debug!(%error, "revoked sessions could not be read"),
            }
        }
    }

    /// The whole list, if it has changed or must be read.
    async fn news(
        &self,
        seen: Option<u64>,
        must: bool,
    ) -> Result<Option<(u64, Vec<(String, f64)>)>, Error> {
        let changes: Option<u64> = self.client.get(CHANGES).await?;
        let changes = changes.unwrap_or_default();
        if seen == Some(changes) && !must {
            return Ok(None);
        }
        let now = score(clock::unix_now());
        let sessions = self
            .client
            .zrangebyscore(SESSIONS, now, f64::INFINITY, true, None)
            .await?;
        Ok(Some((changes, sessions)))
    }
}

/// Exact for the next 285 million years.
#[allow(clippy::cast_precision_loss)]
fn score(seconds: i64) -> f64 {
    seconds as f64
}
