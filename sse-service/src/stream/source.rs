//! What a stream follows of a connection: its newest job.

use crate::{
    auth::session::Bearer,
    decode,
    directory::JobRecord,
    error::ApiError,
    frame::Frame,
    hub::Listener,
    ids::{ConnectionId, JobId},
    state::Service,
};

/// What a job's messages come from.
pub enum Source {
    /// A job that goes on, or may.
    Live(Listener),
    /// A job that has ended: its last message.
    Ended(Frame),
}

/// What the directory says of a connection, beside the job that is followed already.
pub enum Found {
    /// The connection has no job.
    Nothing,
    /// The job that is followed is the newest one. Its last message, when it has ended.
    Same(Option<Frame>),
    /// Another job is the newest one.
    New {
        /// That one.
        job: JobId,
        /// Where its messages come from.
        source: Source,
        /// The last message of the job that was followed, when it has ended.
        previous: Option<Frame>,
    },
}

/// Asks for newest jobs on behalf of one session. Cheap to clone.
#[derive(Clone)]
pub struct Finder {
    /// The parts of the service.
    pub service: Service,
    caller: Bearer,
}

impl Finder {
    /// Asks in the name of `caller`.
    pub fn new(service: Service, caller: Bearer) -> Self {
        Self { service, caller }
    }

    /// For as long as a stream lasts. It carries a token only where somebody wants to see it: there are many streams.
    #[must_use]
    pub fn for_a_stream(mut self) -> Self {
        if !self.service.directory.must_be_asked() {
            self.caller = Bearer::default();
        }
        self
    }

    /// Asks for a connection's newest job; `followed` is the one that is known already.
    pub async fn find(
        self,
        connection: ConnectionId,
        followed: Option<JobId>,
    ) -> Result<Found, ApiError> {
        let directory = &self.service.directory;
        let Some(record) = directory.latest_job(&self.caller, connection).await? else {
            return Ok(Found::Nothing);
        };
        let Ok(job) = record.job.id.parse() else {
            return Ok(Found::Nothing);
        };
        if followed == Some(job) {
            return Ok(Found::Same(self.end(job, Some(&record)).await?));
        }
        let previous = match followed {
            Some(followed) => {
                let record = directory.job(&self.caller, connection, followed).await?;
                self.end(followed, record.as_ref()).await?
            }
            None => None,
        };
        Ok(Found::New {
            job,
            source: self.source(connection, job, &record).await?,
            previous,
        })
    }

    /// The job's last message when it has ended, else its hub. What the directory knows is read after the subscription
    /// stands: an end that falls between the two is in one of them.
    async fn source(
        &self,
        connection: ConnectionId,
        job: JobId,
        record: &JobRecord,
    ) -> Result<Source, ApiError> {
        if let Some(frame) = self.end(job, Some(record)).await? {
            return Ok(Source::Ended(frame));
        }
        let mut listener = self.service.hubs.listen(job).await?;
        let record = self
            .service
            .directory
            .job(&self.caller, connection, job)
            .await?;
        if let Some(frame) = self.end(job, record.as_ref()).await? {
            listener.catch_up(frame);
        }
        Ok(match listener.latest() {
            Some(frame) if frame.end().is_some() => Source::Ended(frame),
            _ => Source::Live(listener),
        })
    }

    /// How a job has ended by its record, in the worker's own words where they are still there.
    async fn end(&self, job: JobId, record: Option<&JobRecord>) -> Result<Option<Frame>, ApiError> {
        let Some(record) = record.filter(|record| !record.job.status.is_active()) else {
            return Ok(None);
        };
        if record.last.is_none()
            && let Some(Some(json)) = self.service.broker.snapshots(&[job]).await?.pop()
            && let Ok(progress) = decode::progress(&json)
            && progress.end().is_some()
        {
            return Ok(Some(Frame::stored(job, progress)));
        }
        Ok(Some(Frame::stored(job, record.progress())))
    }
}
