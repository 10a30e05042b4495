//! A directory that all replicas share, in Redis beside the progress.
//!
//! | key | what |
//! | --- | --- |
//! | `connect:connection:<id>` | a [`ConnectionRecord`] as JSON |
//! | `connect:collection:<name>` | sorted set of connection ids, by time of registration |
//! | `connect:job:<id>` | a [`JobRecord`] as JSON, kept for 30 days after its last change |
//! | `connect:jobs:<connection>` | sorted set of job ids, by time of registration |
//!
//! No command touches two keys, so in a cluster they may be anywhere. A record is changed by compare-and-set, so replicas and workers that report the same end do not undo each other.
//! Membership of the sets is written again whenever a record is put, so a crash between the two heals itself.

use async_trait::async_trait;
use bytes::Bytes;
use fred::{
    clients::Client,
    interfaces::{KeysInterface, LuaInterface, SortedSetsInterface},
    prelude::Error,
    types::Value,
};
use protocol::{JobStatus, Progress, RegisterConnection};
use serde::{Serialize, de::DeserializeOwned};
use tracing::warn;

use super::{
    Applied, ConnectionRecord, Directory, DirectoryError, JOBS_PER_CONNECTION, JobRecord, Refusal,
    Registered, Registrar,
};
use crate::{
    auth::session::Bearer,
    clock,
    ids::{ConnectionId, JobId},
    redis::values,
};

/// How long a job is kept after its last change, in seconds.
const JOB_TTL_SECONDS: i64 = 30 * 24 * 3600;

/// Sets a key to ARGV[2] if it still holds ARGV[1] (empty: if it is not there), for ARGV[3] seconds (0: for ever).
const COMPARE_AND_SET: &str = "
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return 1";

/// How often a change is tried again that another replica got in the way of.
const ATTEMPTS: usize = 32;

impl From<Error> for DirectoryError {
    fn from(error: Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// A directory in Redis. Uses a client that is connected already.
pub struct RedisDirectory {
    client: Client,
}

/// What a change makes of a record.
enum Change<T, R> {
    /// This is to be stored.
    Store(T, R),
    /// Nothing is to be stored.
    Leave(R),
}

impl RedisDirectory {
    /// Uses `client` for everything.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn get<T: DeserializeOwned>(&self, key: String) -> Result<Option<T>, DirectoryError> {
        let json: Option<Bytes> = self.client.get(&key).await?;
        Ok(json.and_then(|json| parse(&key, &json)))
    }

    /// Some records, in order; what is gone or broken is left out.
    async fn get_all<T: DeserializeOwned>(
        &self,
        keys: Vec<String>,
    ) -> Result<Vec<T>, DirectoryError> {
        let found = values(&self.client, keys.clone()).await?;
        Ok(keys
            .iter()
            .zip(found)
            .filter_map(|(key, json)| parse(key, &json?))
            .collect())
    }

    /// Reads a record, changes it, and stores it if nobody else has changed it meanwhile; else does so again.
    async fn change<T: Serialize + DeserializeOwned, R>(
        &self,
        key: String,
        ttl_seconds: i64,
        mut change: impl FnMut(Option<T>) -> Change<T, R>,
    ) -> Result<R, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let before: Option<Bytes> = self.client.get(&key).await?;
            let known = before.as_ref().and_then(|json| parse(&key, json));
            let (after, result) = match change(known) {
                Change::Store(after, result) => (after, result),
                Change::Leave(result) => return Ok(result),
            };
            let after = serde_json::to_string(&after).expect("records encode");
            let before = before.map_or(Value::from(""), Value::Bytes);
            let arguments = vec![before, after.into(), ttl_seconds.to_string().into()];
            let stored: i64 = self
                .client
                .eval(COMPARE_AND_SET, key.as_str(), arguments)
                .await?;
            if stored == 1 {
                return Ok(result);
            }
        }
        Err(DirectoryError::Unavailable(format!(
            "{key} changes too often"
        )))
    }

    async fn add_member(
        &self,
        set: String,
        member: String,
        created_at: Option<&str>,
    ) -> Result<(), DirectoryError> {
        #[allow(clippy::cast_precision_loss)]
        let score = created_at.and_then(clock::parse_micros).unwrap_or_default() as f64;
        Ok(self
            .client
            .zadd(set, None, None, false, false, (score, member))
            .await?)
    }

    async fn job_ids(
        &self,
        connection: ConnectionId,
        last: i64,
    ) -> Result<Vec<String>, DirectoryError> {
        Ok(self
            .client
            .zrange(jobs_key(connection), 0, last, None, true, None, false)
            .await?)
    }

    /// Lets the connection follow a job, if it is its newest.
    async fn follow(
        &self,
        connection: ConnectionId,
        record: &JobRecord,
    ) -> Result<(), DirectoryError> {
        if self.job_ids(connection, 0).await?.first() != Some(&record.job.id) {
            return Ok(());
        }
        self.change(
            connection_key(connection),
            0,
            |known: Option<ConnectionRecord>| match known {
                Some(mut owner) => {
                    owner.follow(&record.job);
                    Change::Store(owner, ())
                }
                None => Change::Leave(()),
            },
        )
        .await
    }
}

#[async_trait]
impl Directory for RedisDirectory {
    async fn connection(
        &self,
        _: &Bearer,
        id: ConnectionId,
    ) -> Result<Option<ConnectionRecord>, DirectoryError> {
        self.get(connection_key(id)).await
    }

    async fn connections(
        &self,
        _: &Bearer,
        collection: &str,
    ) -> Result<Vec<ConnectionRecord>, DirectoryError> {
        let ids: Vec<String> = self
            .client
            .zrange(collection_key(collection), 0, -1, None, false, None, false)
            .await?;
        self.get_all(ids.iter().map(connection_key).collect()).await
    }

    async fn jobs(
        &self,
        _: &Bearer,
        connection: ConnectionId,
    ) -> Result<Vec<JobRecord>, DirectoryError> {
        #[allow(clippy::cast_possible_wrap)]
        let ids = self
            .job_ids(connection, JOBS_PER_CONNECTION as i64 - 1)
            .await?;
        self.get_all(ids.iter().map(job_key).collect()).await
    }

    async fn latest_job(
        &self,
        _: &Bearer,
        connection: ConnectionId,
    ) -> Result<Option<JobRecord>, DirectoryError> {
        match self.job_ids(connection, 0).await?.first() {
            Some(id) => self.get(job_key(id)).await,
            None => Ok(None),
        }
    }

    async fn job(
        &self,
        _: &Bearer,
        _: ConnectionId,
        id: JobId,
    ) -> Result<Option<JobRecord>, DirectoryError> {
        self.get(job_key(id)).await
    }
}

#[async_trait]
impl Registrar for RedisDirectory {
    async fn put_connection(
        &self,
        id: ConnectionId,
        given: RegisterConnection,
    ) -> Result<Registered<ConnectionRecord>, DirectoryError> {
        let registered = self
            .change(connection_key(id), 0, |known| {
                put_connection(id, known, given.clone())
            })
            .await?;
        if let Registered::Created(record) | Registered::Changed(record) = &registered {
            let connection = &record.connection;
            let set = collection_key(&connection.readable_collection_id);
            self.add_member(set, connection.id.clone(), connection.created_at.as_deref())
                .await?;
        }
        Ok(registered)
    }

    async fn put_job(
        &self,
        connection: ConnectionId,
        id: JobId,
        status: JobStatus,
        scheduled: bool,
    ) -> Result<Registered<JobRecord>, DirectoryError> {
        let Some(owner) = self.get(connection_key(connection)).await? else {
            return Ok(Registered::Refused(Refusal::NoConnection));
        };
        let registered = self
            .change(job_key(id), JOB_TTL_SECONDS, |known| {
                put_job(&owner, id, known, status, scheduled)
            })
            .await?;
        if let Registered::Created(record) | Registered::Changed(record) = &registered {
            let set = jobs_key(connection);
            self.add_member(
                set.clone(),
                record.job.id.clone(),
                record.job.created_at.as_deref(),
            )
            .await?;
            #[allow(clippy::cast_possible_wrap)]
            let oldest_kept = -(JOBS_PER_CONNECTION as i64) - 1;
            let _: () = self.client.zremrangebyrank(set, 0, oldest_kept).await?;
            self.follow(connection, record).await?;
        }
        Ok(registered)
    }

    async fn apply(&self, job: JobId, progress: &Progress) -> Result<Applied, DirectoryError> {
        let (applied, record) = self
            .change(
                job_key(job),
                JOB_TTL_SECONDS,
                |known: Option<JobRecord>| match known {
                    None => Change::Leave((Applied::Unknown, None)),
                    Some(mut record) => {
                        let applied = record.apply(progress);
                        let status = record.job.status;
                        if applied {
                            Change::Store(record.clone(), (Applied::Yes(status), Some(record)))
                        } else {
                            Change::Leave((Applied::Ended(status), None))
                        }
                    }
                },
            )
            .await?;
        // What a running job says does not change its connection.
        if let Some(record) = record
            && !record.job.status.is_active()
            && let Ok(connection) = record.job.source_connection_id.parse()
        {
            self.follow(connection, &record).await?;
        }
        Ok(applied)
    }
}

fn put_connection(
    id: ConnectionId,
    known: Option<ConnectionRecord>,
    given: RegisterConnection,
) -> Change<ConnectionRecord, Registered<ConnectionRecord>> {
    let Some(mut record) = known else {
        return match ConnectionRecord::register(id, given) {
            Some(record) => Change::Store(record.clone(), Registered::Created(record)),
            None => Change::Leave(Registered::Refused(Refusal::Incomplete)),
        };
    };
    let collection = &record.connection.readable_collection_id;
    if given
        .readable_collection_id
        .as_ref()
        .is_some_and(|given| given != collection)
    {
        return Change::Leave(Registered::Refused(Refusal::OtherCollection));
    }
    record.change(given);
    Change::Store(record.clone(), Registered::Changed(record))
}

fn put_job(
    owner: &ConnectionRecord,
    id: JobId,
    known: Option<JobRecord>,
    status: JobStatus,
    scheduled: bool,
) -> Change<JobRecord, Registered<JobRecord>> {
    let Some(mut record) = known else {
        let record = JobRecord::register(owner, id, status, scheduled);
        return Change::Store(record.clone(), Registered::Created(record));
    };
    if record.job.source_connection_id != owner.connection.id {
        return Change::Leave(Registered::Refused(Refusal::OtherConnection));
    }
    let told = record.told(status);
    record.apply(&told);
    Change::Store(record.clone(), Registered::Changed(record))
}

/// A record that cannot be read is as good as none; that it is there is the operator's business.
fn parse<T: DeserializeOwned>(key: &str, json: &[u8]) -> Option<T> {
    serde_json::from_slice(json)
        .inspect_err(|error| {
            warn!(
                key,
                line = error.line(),
                column = error.column(),
                "a record cannot be read"
            );
        })
        .ok()
}

fn connection_key(id: impl std::fmt::Display) -> String {
    format!("connect:connection:{id}")
}

fn collection_key(collection: &str) -> String {
    format!("connect:collection:{collection}")
}

fn jobs_key(connection: ConnectionId) -> String {
    format!("connect:jobs:{connection}")
}

fn job_key(id: impl std::fmt::Display) -> String {
    format!("connect:job:{id}")
}
