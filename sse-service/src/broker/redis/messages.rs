//! The task that takes messages.

use std::sync::Arc;

use fred::types::Message;
use protocol::redis::{CHANNEL_PREFIX, JOBS_CHANNEL};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tracing::warn;

use crate::broker::{JobStart, Loss, Sink};

/// Takes messages as fast as they come, until the client is closed.
pub(super) async fn take(mut messages: Receiver<Message>, sink: Arc<dyn Sink>) {
    loop {
        match messages.recv().await {
            Ok(message) => take_one(&message, &sink),
            Err(RecvError::Lagged(messages)) => {
                warn!(
                    messages,
                    "messages came faster than they were taken; reading snapshots"
                );
                sink.clone().resync(Loss::Overflow);
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn take_one(message: &Message, sink: &Arc<dyn Sink>) {
    let Some(payload) = message.value.as_bytes() else {
        return;
    };
    if &*message.channel == JOBS_CHANNEL {
        if let Some(start) = JobStart::parse(payload) {
            sink.clone().announced(start);
        }
    } else if let Some(Ok(job)) = message.channel.strip_prefix(CHANNEL_PREFIX).map(str::parse) {
        sink.clone().deliver(job, payload);
    }
}
