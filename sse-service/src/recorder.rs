//! Writes down how jobs have ended.
//!
//! Workers that publish straight to Redis tell nobody else that a job is over, and do not always leave a snapshot of it.
//! Whoever asks later would see a sync that never ends, so every replica that hears an end records it, before its listeners
//! hear of it: a client that asks for the list again when a sync is over finds it over. Recording twice changes nothing.

use std::sync::Arc;

use tracing::warn;

use crate::{
    broker::Broker,
    directory::{Applied, Registrar},
    frame::Frame,
    ids::JobId,
};

/// Knows where ends of jobs are to be recorded.
pub struct Recorder {
    broker: Arc<dyn Broker>,
    /// Where there is none, the host keeps its jobs itself.
    registrar: Option<Arc<dyn Registrar>>,
}

impl Recorder {
    /// Records in these.
    pub fn new(broker: Arc<dyn Broker>, registrar: Option<Arc<dyn Registrar>>) -> Self {
        Self { broker, registrar }
    }

    /// Records the last message of a job. What does not succeed is logged; the listeners are told all the same.
    pub async fn record(&self, job: JobId, end: &Frame) {
        if let Some(registrar) = &self.registrar {
            match registrar.apply(job, end.progress()).await {
                // Whoever recorded it has stored the snapshot too.
                Ok(Applied::Ended(_)) => return,
                Ok(_) => {}
                Err(error) => warn!(%job, %error, "the end of a job could not be recorded"),
            }
        }
        if let Err(error) = self.broker.store_snapshot(job, end).await {
            warn!(%job, %error, "the last snapshot of a job could not be stored");
        }
    }
}
