//! The host's own API as the directory, so that the service runs beside a backend that exists already.
//!
//! It is asked in the caller's name, with the session's token, by the paths of our own API (`GET /connect/source-connections`,
//! `…/{id}`, `…/{id}/jobs`), and its word counts: what it does not let the caller see is not shown. What it says of lists and
//! connections is believed for a few seconds. Nobody announces its new jobs, so streams ask from time to time.

mod cache;
mod client;
mod reading;

use async_trait::async_trait;
use tracing::warn;

pub use self::client::{BadUpstream, Client};
use self::reading::NotReadable;
use super::{ConnectionRecord, Directory, DirectoryError, JOBS_PER_CONNECTION, JobRecord};
use crate::{
    auth::session::Bearer,
    ids::{ConnectionId, JobId},
};

const LIST: &str = "/connect/source-connections";

/// A directory that asks the host.
pub struct UpstreamDirectory {
    client: Client,
}

impl From<NotReadable> for DirectoryError {
    fn from(error: NotReadable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl UpstreamDirectory {
    /// Asks through `client`.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The newest jobs, as they are now.
    async fn current_jobs(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
    ) -> Result<Vec<JobRecord>, DirectoryError> {
        let (path, read) = jobs(connection);
        let jobs = self.client.ask(caller, &path, read).await?;
        Ok(jobs.unwrap_or_default())
    }
}

#[async_trait]
impl Directory for UpstreamDirectory {
    async fn connection(
        &self,
        caller: &Bearer,
        id: ConnectionId,
    ) -> Result<Option<ConnectionRecord>, DirectoryError> {
        let path = format!("{LIST}/{id}");
        let read = |json: &[u8]| {
            // An answer about another connection must not open this one.
            reading::connection(json).and_then(|record| {
                let is_it = record.connection.id.parse() == Ok(id);
                is_it
                    .then_some(record)
                    .ok_or(NotReadable("it speaks of another connection"))
            })
        };
        self.client.ask_or_remember(caller, &path, read).await
    }

    async fn connections(
        &self,
        caller: &Bearer,
        _: &str,
    ) -> Result<Vec<ConnectionRecord>, DirectoryError> {
        let read = reading::connections;
        let answer = self.client.ask_or_remember(caller, LIST, read).await?;
        let mut records = Vec::new();
        for record in answer.unwrap_or_default() {
            match record {
                Ok(record) => records.push(record),
                Err(error) => warn!(%error, "a connection in the host's list is left out"),
            }
        }
        Ok(records)
    }

    async fn jobs(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
    ) -> Result<Vec<JobRecord>, DirectoryError> {
        let (path, read) = jobs(connection);
        let jobs = self.client.ask_or_remember(caller, &path, read).await?;
        Ok(jobs.unwrap_or_default())
    }

    async fn latest_job(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
    ) -> Result<Option<JobRecord>, DirectoryError> {
        let jobs = self.current_jobs(caller, connection).await?;
        Ok(jobs.into_iter().next())
    }

    async fn job(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
        id: JobId,
    ) -> Result<Option<JobRecord>, DirectoryError> {
        let jobs = self.current_jobs(caller, connection).await?;
        Ok(jobs.into_iter().find(|job| job.job.id.parse() == Ok(id)))
    }

    fn must_be_asked(&self) -> bool {
        true
    }
}

/// Where a connection's jobs are to be had, and how they are read.
fn jobs(
    connection: ConnectionId,
) -> (
    String,
    impl FnOnce(&[u8]) -> Result<Vec<JobRecord>, NotReadable>,
) {
    let read = move |json: &[u8]| {
        let mut jobs = reading::jobs(connection, json)?;
        jobs.truncate(JOBS_PER_CONNECTION);
        Ok(jobs)
    };
    (format!("{LIST}/{connection}/jobs"), read)
}
