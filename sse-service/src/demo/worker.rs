//! Simulated sync workers: they register connections and jobs and publish progress over HTTP, as real ones may.

use std::time::Duration;

use protocol::{
    ConnectionStatus, CreateSession, EntityCounts, JobStatus, Progress, RegisterConnection,
    RegisterJob, SessionCreated, SourceConnectionJob,
};
use rand::RngExt;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::sleep;
use tracing::warn;

use super::{
    COLLECTION,
    catalog::{Course, SCENARIOS, Scenario},
};
use crate::ids::ConnectionId;

/// Between two messages of a worker.
const TICK: Duration = Duration::from_millis(400);

/// How long the silent worker says nothing.
const SILENCE: Duration = Duration::from_secs(50);

/// The service did not answer as a worker expects.
#[derive(Debug, thiserror::Error)]
#[error("the service did not answer as expected: {0}")]
pub(super) struct WorkerError(#[from] reqwest::Error);

/// The service's API, as the host's servers use it.
#[derive(Clone)]
pub(super) struct Api {
    client: reqwest::Client,
    url: String,
    key: String,
}

impl Api {
    pub(super) fn new(url: String, key: String) -> Self {
        Self {
            client: reqwest::Client::new(),
            url,
            key,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A token for whoever looks at the demo.
    pub(super) async fn session(&self) -> Result<SessionCreated, WorkerError> {
        let session = CreateSession {
            readable_collection_id: COLLECTION.into(),
            ..CreateSession::default()
        };
        self.send(reqwest::Method::POST, "/connect/sessions", &session)
            .await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, WorkerError> {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let response = request
            .header("X-API-Key", &self.key)
            .json(body)
            .send()
            .await?;
        Ok(response.error_for_status()?.json().await?)
    }

    async fn register(&self, id: ConnectionId, scenario: &Scenario) -> Result<(), WorkerError> {
        let connection = RegisterConnection {
            name: Some(scenario.name.into()),
            short_name: Some(scenario.short_name.into()),
            readable_collection_id: Some(COLLECTION.into()),
            status: Some(ConnectionStatus::Active),
            entity_count: Some(scenario.size / 3),
            auth_method: Some("oauth_browser".into()),
            ..RegisterConnection::default()
        };
        let path = format!("/connect/source-connections/{id}");
        self.send::<serde::de::IgnoredAny>(reqwest::Method::PUT, &path, &connection)
            .await
            .map(drop)
    }

    async fn start_job(&self, connection: ConnectionId) -> Result<String, WorkerError> {
        let path = format!("/connect/source-connections/{connection}/jobs");
        let job = RegisterJob {
            status: Some(JobStatus::Running),
            ..RegisterJob::default()
        };
        let job: SourceConnectionJob = self.send(reqwest::Method::POST, &path, &job).await?;
        Ok(job.id)
    }

    async fn publish(&self, job: &str, progress: &Progress) -> Result<(), WorkerError> {
        let path = format!("/connect/jobs/{job}/progress");
        self.send::<serde::de::IgnoredAny>(reqwest::Method::POST, &path, progress)
            .await
            .map(drop)
    }
}

/// Registers the demo's connections in order, then lets each be synced again and again.
pub(super) async fn run(api: Api) {
    for scenario in &SCENARIOS {
        let id = ConnectionId::random();
        // The server begins to answer in a moment.
        while let Err(error) = api.register(id, scenario).await {
            warn!(%error, "a demo connection could not be registered");
            sleep(TICK).await;
        }
        if scenario.course != Course::Idle {
            tokio::spawn(sync_again_and_again(api.clone(), id, scenario));
        }
    }
}

async fn sync_again_and_again(api: Api, connection: ConnectionId, scenario: &'static Scenario) {
    sleep(scenario.first_after).await;
    loop {
        if let Err(error) = sync(&api, connection, scenario).await {
            warn!(%error, "a demo sync was given up");
        }
        sleep(scenario.pause).await;
    }
}

async fn sync(api: &Api, connection: ConnectionId, scenario: &Scenario) -> Result<(), WorkerError> {
    let job = api.start_job(connection).await?;
    let mut progress = Progress {
        seq: Some(0),
        ..Progress::default()
    };
    if scenario.course == Course::Counted {
        progress.total = Some(scenario.size);
    }
    let mut was_silent = false;
    while met(&progress) < scenario.size {
        sleep(TICK).await;
        advance(&mut progress, scenario);
        api.publish(&job, &progress).await?;
        let share = met(&progress) * 100 / scenario.size;
        if scenario.course == Course::Fails && share > 66 {
            progress.error = Some(
                "The source answered 403: this account may no longer read the folder “Finance”."
                    .into(),
            );
            return end(api, &job, progress, JobStatus::Failed).await;
        }
        if scenario.course == Course::Silent && share > 40 && !was_silent {
            was_silent = true;
            sleep(SILENCE).await;
        }
    }
    end(api, &job, progress, JobStatus::Completed).await
}

async fn end(
    api: &Api,
    job: &str,
    mut progress: Progress,
    status: JobStatus,
) -> Result<(), WorkerError> {
    progress.status = Some(status);
    progress.seq = progress.seq.map(|seq| seq + 1);
    api.publish(job, &progress).await
}

/// One tick of work: most entities are new, some are known, a few are gone or of no use.
fn advance(progress: &mut Progress, scenario: &Scenario) {
    let mut rng = rand::rng();
    let ticks = u64::try_from(TICK.as_millis()).unwrap_or(1);
    let batch = scenario.pace * ticks * rng.random_range(40..=160) / 100 / 1000;
    let batch = batch.clamp(1, scenario.size - met(progress));
    let part = |percent: u64| batch * percent / 100;
    let (updated, kept, skipped) = (part(9), part(22), part(3));
    progress.updated += updated;
    progress.kept += kept;
    progress.skipped += skipped;
    progress.inserted += batch - updated - kept - skipped;
    progress.deleted += u64::from(rng.random_bool(0.1));
    progress.entities_encountered = by_type(met(progress), scenario);
    progress.seq = progress.seq.map(|seq| seq + 1);
}

fn by_type(met: u64, scenario: &Scenario) -> EntityCounts {
    let share = |&(name, percent): &(&'static str, u32)| (name, met * u64::from(percent) / 100);
    scenario
        .entity_types
        .iter()
        .map(share)
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn met(progress: &Progress) -> u64 {
    progress.synced()
}
