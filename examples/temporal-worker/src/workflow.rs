//! The workflow.

use std::time::Duration;

use temporalio_common::RetryPolicy;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{ActivityExecutionError, ActivityOptions, WorkflowContext, WorkflowResult};

use crate::{Sync, SyncActivities};

/// How often a sync is tried.
const ATTEMPTS: u32 = 5;

/// Syncs, and sees to it that whoever looks on is told the end, also when the worker is lost.
#[workflow]
#[derive(Default)]
pub struct SyncWorkflow;

#[workflow_methods]
impl SyncWorkflow {
    /// Runs one sync.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, sync: Sync) -> WorkflowResult<()> {
        let attempts = RetryPolicy::builder().maximum_attempts(ATTEMPTS).build();
        let options = ActivityOptions::with_start_to_close_timeout(Duration::from_hours(4))
            // A worker that says nothing for so long is lost; another one goes on.
            .heartbeat_timeout(Duration::from_secs(30))
            .retry_policy(attempts)
            .build();
        match ctx
            .execute_activity(SyncActivities::sync, sync.clone(), options)
            .await
        {
            Ok(()) => Ok(()),
            // The activity has told it.
            Err(error @ ActivityExecutionError::Cancelled(_)) => Err(error.into()),
            Err(error) => {
                let options =
                    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(30)).build();
                ctx.execute_activity(SyncActivities::tell_failed, sync, options)
                    .await?;
                Err(error.into())
            }
        }
    }
}
