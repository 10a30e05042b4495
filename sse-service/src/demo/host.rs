//! What the demo's host does: it registers, opens sessions, and starts jobs.

use std::time::Duration;

use connect_publisher::{
    Destination, DestinationError, PublishError, Publisher, Service, ServiceError,
};
use protocol::{CreateSession, JobStatus, RegisterConnection, RegisterJob, SessionCreated};
use tokio::time::sleep;
use tracing::warn;
use uuid::Uuid;

use super::COLLECTION;

/// Until the demo's own server is asked again.
const RETRY: Duration = Duration::from_millis(400);

/// The service did not do what the demo asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// A client of the service's API like any other.
#[derive(Clone)]
pub(super) struct Host {
    service: Service,
    destination: Destination,
}

impl Host {
    pub(super) fn new(url: &str, api_key: &str) -> Result<Self, DestinationError> {
        Ok(Self {
            service: Service::new(url, api_key)?,
            destination: Destination::http(url, api_key)?,
        })
    }

    /// A token for whoever looks at the demo.
    pub(super) async fn session(&self) -> Result<SessionCreated, ServiceError> {
        let session = CreateSession {
            readable_collection_id: COLLECTION.into(),
            ..CreateSession::default()
        };
        self.service.create_session(&session).await
    }

    /// Registers a connection; the server begins to answer in a moment.
    pub(super) async fn register(&self, id: Uuid, connection: &RegisterConnection) {
        while let Err(error) = self.service.register_connection(id, connection).await {
            warn!(%error, "a demo connection could not be registered");
            sleep(RETRY).await;
        }
    }

    /// Starts a job, whose worker has the publisher.
    pub(super) async fn start_job(&self, connection: Uuid) -> Result<Publisher, ServiceError> {
        let job = RegisterJob {
            status: Some(JobStatus::Running),
            ..RegisterJob::default()
        };
        let job = self.service.register_job(connection, &job).await?;
        Ok(Publisher::start(&self.destination, job))
    }
}
