//! Straight to Redis.

use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface, PubsubInterface},
    prelude::{Builder, Config, Error, Expiration, ServerConfig},
    types::{ClusterHash, CustomCommand},
    util::redis_keyslot,
};
use protocol::{
    Progress,
    redis::{SNAPSHOT_TTL_SECONDS, channel, snapshot_key},
};
use tokio::{sync::Mutex, time::timeout};
use uuid::Uuid;

use super::{ATTEMPT, Failure};
use crate::DestinationError;

const SNAPSHOT_TTL: Expiration = Expiration::EX(SNAPSHOT_TTL_SECONDS as i64);

/// One connection for all jobs. After anything went wrong it is given up and made anew by the next attempt: what is waiting
/// in it would be told too late, and fill memory while Redis is away.
pub(crate) struct Redis {
    config: Config,
    is_sharded: bool,
    client: Mutex<Option<Client>>,
}

impl Redis {
    pub(crate) fn new(url: &str, is_sharded: bool) -> Result<Self, DestinationError> {
        let config = Config::from_url(url);
        // fred's details say what is wrong, not what stands there.
        let config = config.map_err(|error| DestinationError::Redis(error.details().into()))?;
        if is_sharded && !matches!(config.server, ServerConfig::Clustered { .. }) {
            return Err(DestinationError::NotSharded);
        }
        Ok(Self {
            config,
            is_sharded,
            client: Mutex::new(None),
        })
    }

    pub(super) async fn tell(&self, job: Uuid, message: &Progress) -> Result<(), Failure> {
        let json = serde_json::to_string(message).expect("wire types encode");
        let client = self.connected().await?;
        let told = timeout(ATTEMPT, self.store_and_publish(&client, job, json)).await;
        let failure = match told {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => Failure::away(&error),
            Err(_) => Failure::away(&"Redis does not answer in time"),
        };
        self.give_up(client).await;
        Err(failure)
    }

    async fn connected(&self) -> Result<Client, Failure> {
        let mut known = self.client.lock().await;
        if let Some(client) = &*known {
            return Ok(client.clone());
        }
        let client = Builder::from_config(self.config.clone()).build();
        let client = client.map_err(|error| Failure::away(&error))?;
        match timeout(ATTEMPT, client.init()).await {
            Ok(Ok(_)) => Ok(known.insert(client).clone()),
            Ok(Err(error)) => Err(Failure::away(&error)),
            Err(_) => Err(Failure::away(&"Redis cannot be reached in time")),
        }
    }

    async fn give_up(&self, client: Client) {
        let mut known = self.client.lock().await;
        if known
            .as_ref()
            .is_some_and(|known| known.id() == client.id())
        {
            *known = None;
        }
        // Its server may not answer to that either.
        tokio::spawn(async move { timeout(ATTEMPT, client.quit()).await });
    }

    /// In one round trip, the snapshot first, so whoever subscribes in between finds it. In a cluster any node may publish: the
    /// one that has the snapshot does. Shards have their channels where their slots are, perhaps at another node.
    async fn store_and_publish(
        &self,
        client: &Client,
        job: Uuid,
        json: String,
    ) -> Result<(), Error> {
        let key = snapshot_key(job);
        if self.is_sharded {
            let () = client
                .set(key, json.clone(), Some(SNAPSHOT_TTL), None, false)
                .await?;
            return client.spublish(channel(job), json).await;
        }
        let there = ClusterHash::Custom(redis_keyslot(key.as_bytes()));
        let publish = CustomCommand::new_static("PUBLISH", there, false);
        let pipeline = client.pipeline();
        let () = pipeline
            .set(key, json.clone(), Some(SNAPSHOT_TTL), None, false)
            .await?;
        let () = pipeline.custom(publish, vec![channel(job), json]).await?;
        pipeline.all().await
    }
}
