//! The task that takes messages.

use std::sync::Arc;

use fred::types::Message;
use protocol::redis::{CHANNEL_PREFIX, JOBS_CHANNEL};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tracing::warn;

use crate::broker::{JobStart, Loss, Sink, inbox::Inbox};

/// Takes messages as fast as they come, until the client is closed.
pub(super) async fn take(mut messages: Receiver<Message>, inbox: Arc<Inbox>) {
    loop {
        match messages.recv().await {
            Ok(message) => take_one(&message, messages.is_empty(), &inbox),
            Err(RecvError::Lagged(messages)) => {
                warn!(
                    messages,
                    "messages came faster than they were taken; reading snapshots"
                );
                inbox.clone().resync(Loss::Overflow);
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn take_one(message: &Message, is_alone: bool, inbox: &Arc<Inbox>) {
    let Some(payload) = message.value.as_bytes() else {
        return;
    };
    if &*message.channel == JOBS_CHANNEL {
        if let Some(start) = JobStart::parse(payload) {
            inbox.clone().announced(start);
        }
    } else if let Some(Ok(job)) = message.channel.strip_prefix(CHANNEL_PREFIX).map(str::parse) {
        if is_alone {
            inbox.clone().deliver_alone(job, payload);
        } else {
            inbox.clone().deliver(job, payload);
        }
    }
}
