//! Notices a connection on which nothing comes any more, without having been closed.
//!
//! fred's own check counts from the last thing that was written, so a connection that is written to every now and then never
//! looks dead to it.

use std::time::Duration;

use fred::{clients::Client, interfaces::ClientLike, prelude::ErrorKind, types::Value};
use tokio::time::sleep;
use tracing::warn;

/// How often a connection is asked for a sign of life. How long the answer may take is the client's own time-out.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// Watches over a client's connection: without a sign of life it is opened again. Ends with the runtime.
pub(super) fn watch(client: Client) {
    tokio::spawn(async move {
        loop {
            sleep(ASK_EVERY).await;
            if !client.is_connected() {
                continue;
            }
            // In RESP2 a subscribed connection answers with an array, so any value is taken.
            let sign = client.ping::<Value>(None).await;
            if sign.is_err_and(|error| *error.kind() == ErrorKind::Timeout) {
                warn!("a connection to Redis gives no sign of life; opening another one");
                // It may take as long as Redis is away, and is tried again by itself.
                let _ = client.force_reconnection().await;
            }
        }
    });
}
