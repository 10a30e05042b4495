//! Writes down how jobs have ended.
//!
//! Workers that publish straight to Redis tell nobody else that a job is over, and do not always leave a snapshot of it.
//! Whoever asks later would see a sync that never ends, so every replica that hears an end records it, before its listeners
//! hear of it: a client that asks for the list again when a sync is over finds it over. Recording twice changes nothing.

use std::sync::Arc;

use tracing::warn;

use crate::{
    broker::Broker,
    directory::{Applied, Directory},
    frame::Frame,
    ids::JobId,
};

/// Knows where ends of jobs are to be recorded.
pub struct Recorder {
    broker: Arc<dyn Broker>,
    directory: Arc<dyn Directory>,
}

impl Recorder {
    /// Records in these.
    pub fn new(broker: Arc<dyn Broker>, directory: Arc<dyn Directory>) -> Self {
        Self { broker, directory }
    }

    /// Records the last message of a job. What does not succeed is logged; the listeners are told all the same.
    pub async fn record(&self, job: JobId, end: &Frame) {
        match self.directory.apply(job, end.progress()).await {
            // Whoever recorded it has stored the snapshot too.
            Ok(Applied::Ended(_)) => return,
            Ok(_) => {}
            Err(error) => warn!(%job, %error, "the end of a job could not be recorded"),
        }
        if let Err(error) = self.broker.store_snapshot(job, end).await {
            warn!(%job, %error, "the last snapshot of a job could not be stored");
        }
    }
}
