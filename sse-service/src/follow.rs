//! What a stream follows: one job, or the jobs of several connections.

use std::{pin::Pin, time::Duration};

use futures_util::stream::{FuturesUnordered, StreamExt};
use protocol::EventId;
use tokio::time::Instant;

use crate::{
    frame::{Event, Frame},
    hub::Listener,
    ids::{ConnectionId, JobId},
};

/// Where a job's messages come from.
pub enum Source {
    /// It goes on, or may.
    Live(Listener),
    /// It has ended: this is its last message.
    Ended(Frame),
}

/// One job, as one client is told of it.
pub struct FollowedJob {
    job: JobId,
    source: Source,
    /// Named in every message where the client follows several connections.
    tag: Option<ConnectionId>,
    /// The id of the newest message that the client has.
    seen: Option<String>,
    /// When the worker was last heard of.
    last_news: Instant,
    step: Step,
}

/// How much of a job the client has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Not yet what was known when the stream began.
    Known,
    /// All but what comes.
    Following,
    /// Everything.
    Over,
}

impl FollowedJob {
    /// Follows a job; `seen` is the newest message that the client has, if it says so.
    pub fn new(
        job: JobId,
        source: Source,
        tag: Option<ConnectionId>,
        seen: Option<String>,
    ) -> Self {
        Self {
            job,
            source,
            tag,
            seen,
            last_news: Instant::now(),
            step: Step::Known,
        }
    }

    /// The job.
    pub fn job(&self) -> JobId {
        self.job
    }

    /// The connection, where it is named in every message.
    pub fn tag(&self) -> Option<ConnectionId> {
        self.tag
    }

    /// The client has these messages; the one of this job counts.
    pub fn has_seen(&mut self, ids: &[String]) {
        let job = self.job.to_string();
        let is_ours = |id: &&String| EventId::parse(id).is_some_and(|id| id.job_id == job);
        self.seen = ids.iter().find(is_ours).cloned();
    }

    /// Whether the job has ended and the client has its end.
    pub fn is_told(&self) -> bool {
        matches!(&self.source, Source::Ended(frame) if self.seen.as_deref() == Some(frame.id()))
    }

    /// The next message that the client does not have; `None` after the job's end. Can be dropped and called again.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.step {
                Step::Known => self.step = Step::Following,
                Step::Following => match &mut self.source {
                    Source::Live(listener) => listener.changed().await,
                    Source::Ended(_) => return None,
                },
                Step::Over => return None,
            }
            if let Some(event) = self.news() {
                return Some(event);
            }
        }
    }

    /// The newest message, unless the client has it. Nothing follows the job's end.
    fn news(&mut self) -> Option<Event> {
        let frame = match &mut self.source {
            Source::Live(listener) => listener.latest()?,
            Source::Ended(frame) => frame.clone(),
        };
        self.last_news = frame.received().into();
        if frame.end().is_some() {
            self.step = Step::Over;
        }
        if self.seen.as_deref() == Some(frame.id()) {
            return None;
        }
        self.seen = Some(frame.id().to_owned());
        Some(match self.tag {
            None => frame.event(),
            Some(connection) => frame.tagged_event(connection),
        })
    }
}

/// What a stream follows.
pub enum Followed {
    /// One job.
    One(FollowedJob),
    /// Several.
    Many(FollowedJobs),
}

/// Several jobs, of which only those are looked at that have something to say.
pub struct FollowedJobs {
    waiting: FuturesUnordered<Turn>,
    last_news: Instant,
}

/// A job that waits for its next message, and comes back with it.
type Turn = Pin<Box<dyn Future<Output = (FollowedJob, Option<Event>)> + Send>>;

impl FollowedJobs {
    fn new(jobs: impl IntoIterator<Item = FollowedJob>) -> Self {
        Self {
            waiting: jobs.into_iter().map(turn).collect(),
            last_news: Instant::now(),
        }
    }

    async fn next(&mut self) -> Option<Event> {
        while let Some((job, event)) = self.waiting.next().await {
            // Without a message the job is over, and followed no longer.
            if let Some(event) = event {
                self.last_news = self.last_news.max(job.last_news);
                self.waiting.push(turn(job));
                return Some(event);
            }
        }
        None
    }
}

fn turn(mut job: FollowedJob) -> Turn {
    Box::pin(async move {
        let event = job.next().await;
        (job, event)
    })
}

impl Followed {
    /// Follows all of these.
    pub fn new(mut jobs: Vec<FollowedJob>) -> Self {
        match (jobs.pop(), jobs.is_empty()) {
            (Some(job), true) => Self::One(job),
            (job, _) => Self::Many(FollowedJobs::new(jobs.into_iter().chain(job))),
        }
    }

    /// The next message that the client does not have; `None` when all jobs have ended. Can be dropped and called again.
    pub async fn next(&mut self) -> Option<Event> {
        match self {
            Self::One(job) => job.next().await,
            Self::Many(jobs) => jobs.next().await,
        }
    }

    /// For how long nothing was heard of any of the workers.
    pub fn silent_for(&self, now: Instant) -> Duration {
        let last_news = match self {
            Self::One(job) => job.last_news,
            Self::Many(jobs) => jobs.last_news,
        };
        now.saturating_duration_since(last_news)
    }
}
