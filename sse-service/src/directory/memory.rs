//! The embedded default: what the host registers is kept in memory and gone with the process.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use protocol::{JobStatus, Progress, RegisterConnection};

use super::{
    Applied, ConnectionRecord, Directory, DirectoryError, JOBS_PER_CONNECTION, JobRecord, Refusal,
    Registered, Registrar,
};
use crate::{
    auth::session::Bearer,
    ids::{ConnectionId, JobId},
};

/// A directory in memory.
#[derive(Default)]
pub struct MemoryDirectory {
    // Held for look-ups and changes, never across an await.
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    connections: HashMap<ConnectionId, Connection>,
    /// Connections by collection, in the order in which they were registered.
    collections: HashMap<String, Vec<ConnectionId>>,
    jobs: HashMap<JobId, Job>,
}

struct Connection {
    record: ConnectionRecord,
    /// Newest first.
    jobs: VecDeque<JobId>,
}

struct Job {
    record: JobRecord,
    connection: ConnectionId,
}

impl MemoryDirectory {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn add_job(&mut self, connection: ConnectionId, id: JobId, record: JobRecord) {
        let Some(owner) = self.connections.get_mut(&connection) else {
            return;
        };
        owner.jobs.push_front(id);
        owner.record.follow(&record.job);
        for forgotten in owner
            .jobs
            .drain(JOBS_PER_CONNECTION.min(owner.jobs.len())..)
        {
            self.jobs.remove(&forgotten);
        }
        self.jobs.insert(id, Job { record, connection });
    }

    fn follow_newest(&mut self, connection: ConnectionId, id: JobId) {
        if let (Some(owner), Some(job)) =
            (self.connections.get_mut(&connection), self.jobs.get(&id))
            && owner.jobs.front() == Some(&id)
        {
            owner.record.follow(&job.record.job);
        }
    }

    fn apply(&mut self, id: JobId, progress: &Progress) -> Applied {
        let Some(job) = self.jobs.get_mut(&id) else {
            return Applied::Unknown;
        };
        let applied = job.record.apply(progress);
        let (connection, status) = (job.connection, job.record.job.status);
        if !applied {
            return Applied::Ended(status);
        }
        self.follow_newest(connection, id);
        Applied::Yes(status)
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn connection(
        &self,
        _: &Bearer,
        id: ConnectionId,
    ) -> Result<Option<ConnectionRecord>, DirectoryError> {
        Ok(self
            .lock()
            .connections
            .get(&id)
            .map(|connection| connection.record.clone()))
    }

    async fn connections(
        &self,
        _: &Bearer,
        collection: &str,
    ) -> Result<Vec<ConnectionRecord>, DirectoryError> {
        let tables = self.lock();
        let ids = tables
            .collections
            .get(collection)
            .map(Vec::as_slice)
            .unwrap_or_default();
        Ok(ids
            .iter()
            .filter_map(|id| Some(tables.connections.get(id)?.record.clone()))
            .collect())
    }

    async fn jobs(
        &self,
        _: &Bearer,
        connection: ConnectionId,
    ) -> Result<Vec<JobRecord>, DirectoryError> {
        let tables = self.lock();
        let Some(connection) = tables.connections.get(&connection) else {
            return Ok(Vec::new());
        };
        Ok(connection
            .jobs
            .iter()
            .filter_map(|id| Some(tables.jobs.get(id)?.record.clone()))
            .collect())
    }

    async fn latest_job(
        &self,
        _: &Bearer,
        connection: ConnectionId,
    ) -> Result<Option<JobRecord>, DirectoryError> {
        let tables = self.lock();
        let latest = tables
            .connections
            .get(&connection)
            .and_then(|connection| connection.jobs.front());
        Ok(latest.and_then(|id| Some(tables.jobs.get(id)?.record.clone())))
    }

    async fn job(
        &self,
        _: &Bearer,
        _: ConnectionId,
        id: JobId,
    ) -> Result<Option<JobRecord>, DirectoryError> {
        Ok(self.lock().jobs.get(&id).map(|job| job.record.clone()))
    }
}

#[async_trait]
impl Registrar for MemoryDirectory {
    async fn put_connection(
        &self,
        id: ConnectionId,
        given: RegisterConnection,
    ) -> Result<Registered<ConnectionRecord>, DirectoryError> {
        let mut tables = self.lock();
        if let Some(known) = tables.connections.get_mut(&id) {
            let collection = &known.record.connection.readable_collection_id;
            if given
                .readable_collection_id
                .as_ref()
                .is_some_and(|given| given != collection)
            {
                return Ok(Registered::Refused(Refusal::OtherCollection));
            }
            known.record.change(given);
            return Ok(Registered::Changed(known.record.clone()));
        }
        let Some(record) = ConnectionRecord::register(id, given) else {
            return Ok(Registered::Refused(Refusal::Incomplete));
        };
        let collection = record.connection.readable_collection_id.clone();
        tables.collections.entry(collection).or_default().push(id);
        tables.connections.insert(
            id,
            Connection {
                record: record.clone(),
                jobs: VecDeque::new(),
            },
        );
        Ok(Registered::Created(record))
    }

    async fn put_job(
        &self,
        connection: ConnectionId,
        id: JobId,
        status: JobStatus,
        scheduled: bool,
    ) -> Result<Registered<JobRecord>, DirectoryError> {
        let mut tables = self.lock();
        let Some(owner) = tables.connections.get(&connection) else {
            return Ok(Registered::Refused(Refusal::NoConnection));
        };
        if let Some(job) = tables.jobs.get(&id) {
            if job.connection != connection {
                return Ok(Registered::Refused(Refusal::OtherConnection));
            }
            let told = job.record.told(status);
            tables.apply(id, &told);
            return Ok(Registered::Changed(tables.jobs[&id].record.clone()));
        }
        let record = JobRecord::register(&owner.record, id, status, scheduled);
        tables.add_job(connection, id, record.clone());
        Ok(Registered::Created(record))
    }

    async fn apply(&self, job: JobId, progress: &Progress) -> Result<Applied, DirectoryError> {
        Ok(self.lock().apply(job, progress))
    }
}
