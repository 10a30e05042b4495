//! What the workflow does.

use std::{path::PathBuf, sync::Arc};

use connect_publisher::{Destination, Options, Publisher, Service};
use protocol::{JobStatus, Progress, RegisterJob};
use serde::{Deserialize, Serialize};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use uuid::Uuid;

use crate::source;

/// Which sync it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sync {
    /// The source connection, registered before.
    pub connection: Uuid,
    /// Its job, registered before.
    pub job: Uuid,
    /// The source.
    pub folder: PathBuf,
}

/// What a heartbeat holds: how far the attempt came, and what it had counted until there. Both are of the same moment, so an
/// attempt that begins with it counts nothing twice.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    after: Option<String>,
    progress: Progress,
}

/// The activities, with what they need.
pub struct SyncActivities {
    /// Registers and tells the end of syncs that were lost.
    pub service: Service,
    /// Where progress goes.
    pub destination: Destination,
}

#[activities]
impl SyncActivities {
    /// Pages through the source. An attempt that fails or is lost tells no end, since Temporal makes another one.
    #[activity]
    pub async fn sync(
        self: Arc<Self>,
        ctx: ActivityContext,
        sync: Sync,
    ) -> Result<(), ActivityError> {
        let mut checkpoint: Checkpoint = ctx.heartbeat_details().deserialize()?.unwrap_or_default();
        let options = Options {
            resume_from: checkpoint.progress,
            is_retried: true,
            ..Options::default()
        };
        let publisher = Publisher::start_with_options(&self.destination, sync.job, options);
        loop {
            if ctx.is_cancelled() {
                publisher.cancel().await?;
                return Err(ActivityError::cancelled());
            }
            let page = source::page(&sync.folder, checkpoint.after.as_deref()).await?;
            let Some(last) = page.last() else { break };
            for name in &page {
                tokio::fs::read(sync.folder.join(name)).await?;
                publisher.met("File", 1);
                publisher.inserted(1);
            }
            checkpoint.after = Some(last.clone());
            checkpoint.progress = publisher.progress();
            ctx.record_heartbeat(checkpoint.clone()).await?;
        }
        publisher.complete().await?;
        Ok(())
    }

    /// Tells that a sync has failed, when no attempt is left to do it. The counts stay as they were told.
    #[activity]
    pub async fn tell_failed(
        self: Arc<Self>,
        _ctx: ActivityContext,
        sync: Sync,
    ) -> Result<(), ActivityError> {
        let failed = RegisterJob {
            id: Some(sync.job.to_string()),
            status: Some(JobStatus::Failed),
            ..RegisterJob::default()
        };
        self.service.register_job(sync.connection, &failed).await?;
        Ok(())
    }
}
