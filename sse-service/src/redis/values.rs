//! Several values at once.

use bytes::Bytes;
use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface},
    prelude::Error,
};

/// The values of some keys, in their order, in one round trip; in a cluster, with one to each node, all at once.
pub async fn values(client: &Client, keys: Vec<String>) -> Result<Vec<Option<Bytes>>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    // One command must not touch more than one slot, and random keys hardly ever share one.
    if !client.is_clustered() || keys.len() == 1 {
        return client.mget(keys).await;
    }
    let pipeline = client.pipeline();
    for key in keys {
        let () = pipeline.get(key).await?;
    }
    pipeline.all().await
}
