//! Who owns which connections and jobs.

pub mod memory;
pub mod redis;
pub mod upstream;

use async_trait::async_trait;
use protocol::{
    ConnectionStatus, JobStatus, Progress, RegisterConnection, SourceConnection,
    SourceConnectionJob,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::session::{Bearer, NO_ORGANIZATION},
    clock,
    ids::{ConnectionId, JobId},
};

/// The newest jobs of a connection that are kept; older ones are forgotten.
pub const JOBS_PER_CONNECTION: usize = 100;

/// The directory does not say.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It cannot be asked right now.
    #[error("the directory does not answer: {0}")]
    Unavailable(String),
    /// The host's API does not accept the session's token.
    #[error("the host's API does not accept the session token")]
    Unauthorized,
    /// The host's API does not let the session see it.
    #[error("the host's API does not let the session see it")]
    Forbidden,
}

/// A connection, and what decides who may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionRecord {
    /// As the API shows it.
    pub connection: SourceConnection,
    /// The tenant.
    pub organization_id: String,
    /// The session in which it was created.
    pub session_id: Option<String>,
}

impl ConnectionRecord {
    /// A connection that is registered just now. `None` when what it needs is not given.
    pub fn register(id: ConnectionId, given: RegisterConnection) -> Option<Self> {
        let now = clock::now();
        let connection = SourceConnection {
            id: id.to_string(),
            name: given.name.clone()?,
            short_name: given.short_name.clone()?,
            readable_collection_id: given.readable_collection_id.clone()?,
            is_authenticated: given.status != Some(ConnectionStatus::PendingAuth),
            created_at: Some(now),
            ..SourceConnection::default()
        };
        let mut record = Self {
            connection,
            organization_id: NO_ORGANIZATION.into(),
            session_id: None,
        };
        record.change(given);
        Some(record)
    }

    /// Takes over what is given. The collection is not: whoever may see a connection stays the same.
    pub fn change(&mut self, given: RegisterConnection) {
        fn set<T>(member: &mut T, given: Option<T>) {
            if let Some(given) = given {
                *member = given;
            }
        }
        let connection = &mut self.connection;
        set(&mut connection.name, given.name);
        set(&mut connection.short_name, given.short_name);
        set(&mut connection.status, given.status);
        set(&mut connection.entity_count, given.entity_count);
        set(&mut connection.is_authenticated, given.is_authenticated);
        set(&mut connection.federated_search, given.federated_search);
        connection.auth_method = given.auth_method.or(connection.auth_method.take());
        connection.modified_at = Some(clock::now());
        set(&mut self.organization_id, given.organization_id);
        self.session_id = given.session_id.or(self.session_id.take());
    }

    /// Follows its newest job: syncing while that is active, then active or in error; the entities that it added and
    /// removed are counted in.
    pub fn follow(&mut self, job: &SourceConnectionJob) {
        let connection = &mut self.connection;
        connection.status = match job.status {
            JobStatus::Failed => ConnectionStatus::Error,
            status if status.is_active() => ConnectionStatus::Syncing,
            _ => ConnectionStatus::Active,
        };
        if !job.status.is_active() {
            connection.entity_count = connection
                .entity_count
                .saturating_add(job.entities_inserted)
                .saturating_sub(job.entities_deleted);
        }
        if job.status == JobStatus::Completed {
            connection.last_synced_at.clone_from(&job.completed_at);
        }
        connection.modified_at = Some(clock::now());
    }
}

/// A job, and the message that its state was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    /// As the API shows it.
    pub job: SourceConnectionJob,
    /// The last message that was applied: it decides the event's id, so that a client that has seen the job's end is
    /// known again.
    pub last: Option<Progress>,
}

impl JobRecord {
    /// A job that is registered just now.
    pub fn register(
        owner: &ConnectionRecord,
        id: JobId,
        status: JobStatus,
        scheduled: bool,
    ) -> Self {
        let now = Some(clock::now());
        let job = SourceConnectionJob {
            source_connection_id: owner.connection.id.clone(),
            id: id.to_string(),
            organization_id: owner.organization_id.clone(),
            status,
            scheduled,
            created_at: now.clone(),
            modified_at: now,
            ..SourceConnectionJob::default()
        };
        Self { job, last: None }
    }

    /// The message by which the host says that the job is in this state now: the counts stay as they were.
    pub fn told(&self, status: JobStatus) -> Progress {
        Progress {
            is_complete: None,
            is_failed: None,
            status: Some(status),
            last_update_timestamp: Some(clock::now()),
            seq: None,
            ..self.progress()
        }
    }

    /// The job's state as a message.
    pub fn progress(&self) -> Progress {
        self.last.clone().unwrap_or_else(|| self.job.progress())
    }

    /// Takes over a message, unless the job has ended before.
    pub fn apply(&mut self, progress: &Progress) -> bool {
        if !self.job.status.is_active() {
            return false;
        }
        let now = clock::now();
        self.job.apply(progress);
        self.job.modified_at = Some(now.clone());
        self.job.started_at.get_or_insert_with(|| now.clone());
        match self.job.status {
            JobStatus::Failed => self.job.failed_at = Some(now),
            JobStatus::Completed | JobStatus::Cancelled => self.job.completed_at = Some(now),
            _ => {}
        }
        self.last = Some(progress.clone());
        true
    }
}

/// What became of a message that was given to the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The job is now where the message says.
    Yes(JobStatus),
    /// The job had ended before, in this state.
    Ended(JobStatus),
    /// There is no such job.
    Unknown,
}

/// What registering led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered<T> {
    /// It is new.
    Created(T),
    /// It was there and is changed.
    Changed(T),
    /// It cannot be, for this reason.
    Refused(Refusal),
}

/// Why something cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A new connection needs more than was given.
    #[error("A new source connection needs name, short_name and readable_collection_id.")]
    Incomplete,
    /// A connection stays in its collection.
    #[error("The source connection belongs to another collection.")]
    OtherCollection,
    /// There is no such connection.
    #[error("Source connection not found.")]
    NoConnection,
    /// The job's id is taken.
    #[error("The sync job belongs to another source connection.")]
    OtherConnection,
}

/// Answers who owns what. Those that ask somebody else do so in the name of `caller`, the session's token.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// One connection.
    async fn connection(
        &self,
        caller: &Bearer,
        id: ConnectionId,
    ) -> Result<Option<ConnectionRecord>, DirectoryError>;

    /// The connections of a collection, in the order in which they were registered.
    async fn connections(
        &self,
        caller: &Bearer,
        collection: &str,
    ) -> Result<Vec<ConnectionRecord>, DirectoryError>;

    /// The jobs of a connection, newest first, at most [`JOBS_PER_CONNECTION`].
    async fn jobs(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
    ) -> Result<Vec<JobRecord>, DirectoryError>;

    /// The newest job of a connection, as it is now.
    async fn latest_job(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
    ) -> Result<Option<JobRecord>, DirectoryError>;

    /// One job of a connection, as it is now.
    async fn job(
        &self,
        caller: &Bearer,
        connection: ConnectionId,
        id: JobId,
    ) -> Result<Option<JobRecord>, DirectoryError>;

    /// Whether nobody announces its new jobs and ends, so that streams must ask for them from time to time. Only these look at
    /// who asks.
    fn must_be_asked(&self) -> bool {
        false
    }
}

/// Keeps what the host's servers say of connections and jobs. Not every [`Directory`] does: the host may keep its own.
#[async_trait]
pub trait Registrar: Send + Sync + 'static {
    /// Registers a connection or changes it.
    async fn put_connection(
        &self,
        id: ConnectionId,
        given: RegisterConnection,
    ) -> Result<Registered<ConnectionRecord>, DirectoryError>;

    /// Registers a job of a connection, or sets the status of one that is there.
    async fn put_job(
        &self,
        connection: ConnectionId,
        id: JobId,
        status: JobStatus,
        scheduled: bool,
    ) -> Result<Registered<JobRecord>, DirectoryError>;

    /// Takes over what a worker says. The connection follows its newest job.
    async fn apply(&self, job: JobId, progress: &Progress) -> Result<Applied, DirectoryError>;
}
