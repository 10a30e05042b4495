//! One connection's part of a stream.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt};
use protocol::EventId;
use tokio::time::Instant;

use super::source::{Finder, Found, Source};
use crate::{
    bell::{Bell, Causes},
    error::ApiError,
    frame::Frame,
    hub::{Hint, StartWatch},
    ids::{ConnectionId, JobId},
    version::Mark,
};

/// Follows the newest job of one connection.
pub struct Track {
    connection: ConnectionId,
    /// The job that is followed, or was until its end.
    job: Option<JobId>,
    source: Option<Source>,
    step: Step,
    starts: StartWatch,
    /// The stream's.
    bell: Arc<Bell>,
    /// The ids that the client says it has. Forgotten as soon as it is sent something: then `written` is what it has.
    seen: Vec<String>,
    written: Option<Frame>,
    /// Nothing that is surely older than this is written.
    mark: Mark,
    /// When the worker last said something.
    last_news: Option<Instant>,
    asking: Option<BoxFuture<'static, Result<Found, ApiError>>>,
    /// When the directory is to be asked again.
    next_ask: Option<Instant>,
}

/// Where a track stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The connection has no job yet.
    Waiting,
    /// There is a job, and `connected` is to be written.
    Starting,
    /// `connected` is written; the state that is known already comes next.
    Connected,
    /// All that was known is written.
    Following,
    /// The job's last message is written, or the client has it.
    Ended,
}

/// Why a track has woken.
pub enum Change {
    /// There may be a newer message.
    News,
    /// There may be a newer job.
    Hint(Hint),
    /// The directory has answered.
    Answer(Result<Found, ApiError>),
}

impl Track {
    /// Follows what was found for a connection; `starts` must be older than that. `seen` is what the client has, of any
    /// job. What may be news rings the bell.
    pub fn new(
        connection: ConnectionId,
        mut starts: StartWatch,
        found: Found,
        seen: &[String],
        bell: Arc<Bell>,
    ) -> Self {
        starts.ring(bell.clone());
        let mut track = Self {
            connection,
            job: None,
            source: None,
            step: Step::Waiting,
            starts,
            bell,
            seen: Vec::new(),
            written: None,
            mark: Mark::default(),
            last_news: None,
            asking: None,
            next_ask: None,
        };
        if let Found::New { job, source, .. } = found {
            track.start(job, source);
            track.has_seen(job, seen);
            track.skip_end_that_was_seen();
        }
        track
    }

    fn start(&mut self, job: JobId, mut source: Source) {
        if let Source::Live(listener) = &mut source {
            listener.ring(self.bell.clone());
        }
        self.job = Some(job);
        self.source = Some(source);
        self.step = Step::Starting;
        self.seen = Vec::new();
        self.written = None;
        self.mark = Mark::default();
        self.last_news = Some(Instant::now());
    }

    fn has_seen(&mut self, job: JobId, ids: &[String]) {
        let job = job.to_string();
        for id in ids {
            if let Some(parts) = EventId::parse(id)
                && parts.job_id == job
            {
                self.mark.raise_to_id(parts.version);
                self.seen.push(id.clone());
            }
        }
    }

    fn skip_end_that_was_seen(&mut self) {
        if let Some(Source::Ended(frame)) = &self.source
            && self.seen.iter().any(|id| id == frame.id())
        {
            self.step = Step::Ended;
            self.source = None;
        }
    }

    /// The connection that is followed.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// When the worker last said something, where it has.
    pub fn last_news(&self) -> Option<Instant> {
        self.last_news
    }

    /// When the directory is to be asked again, if it is.
    pub fn next_ask(&self) -> Option<Instant> {
        self.next_ask
    }

    /// How many streams of this replica follow the same job, this one with them; 0 when it follows none that goes on.
    pub fn company(&self) -> usize {
        match &self.source {
            Some(Source::Live(listener)) => listener.company(),
            _ => 0,
        }
    }

    /// Whether the connection has a job.
    pub fn has_job(&self) -> bool {
        self.job.is_some()
    }

    /// Whether no job is running, as far as the client has been told.
    pub fn is_idle(&self) -> bool {
        matches!(self.step, Step::Waiting | Step::Ended)
    }

    /// Whether the client has the job's last message.
    pub fn has_ended(&self) -> bool {
        self.step == Step::Ended
    }

    /// The job that is followed from here on, once.
    pub fn starts(&mut self) -> Option<JobId> {
        let job = self.job.filter(|_| self.step == Step::Starting);
        if job.is_some() {
            self.step = Step::Connected;
        }
        job
    }

    /// What was known when the job began to be followed, once.
    pub fn known(&mut self) -> Option<Frame> {
        if self.step != Step::Connected {
            return None;
        }
        self.step = Step::Following;
        self.news()
    }

    /// The newest message, unless the client has it or a newer one. After the job's end there is no more.
    pub fn news(&mut self) -> Option<Frame> {
        let frame = match self.source.as_mut()? {
            Source::Live(listener) => listener.latest()?,
            Source::Ended(frame) => frame.clone(),
        };
        self.last_news = Some(frame.received().into());
        let is_end = frame.end().is_some();
        if is_end {
            self.step = Step::Ended;
            // The hub is not needed any longer, and who waits for the next job wants it asked for sooner.
            self.source = None;
            self.next_ask = None;
        }
        let is_known = self.seen.iter().any(|id| id == frame.id())
            || self.written.as_ref().is_some_and(|last| last.is(&frame))
            || !is_end && self.mark.is_past(frame.version());
        if is_known {
            return None;
        }
        self.seen = Vec::new();
        self.mark.raise(frame.version());
        self.written = Some(frame.clone());
        Some(frame)
    }

    /// Something to do, if there is any. Only what may have rung the bell is looked at.
    pub fn change(&mut self, causes: Causes, task: &mut Context<'_>) -> Option<Change> {
        if causes.contain(Causes::MESSAGE)
            && let Some(Source::Live(listener)) = &self.source
            && listener.has_news()
        {
            return Some(Change::News);
        }
        if let Some(asking) = &mut self.asking
            && let Poll::Ready(answer) = asking.poll_unpin(task)
        {
            self.asking = None;
            return Some(Change::Answer(answer));
        }
        if causes.contain(Causes::START) {
            return self.starts.hint().map(Change::Hint);
        }
        None
    }

    /// Whether this is the job that is followed.
    pub fn follows(&self, job: JobId) -> bool {
        self.job == Some(job)
    }

    /// Asks the directory. A question that is not answered yet may have come too early, and is forgotten.
    pub fn ask(&mut self, finder: &Finder) {
        self.next_ask = None;
        self.asking = Some(finder.clone().find(self.connection, self.job).boxed());
    }

    /// Asks the directory then, or earlier.
    pub fn ask_at(&mut self, when: Instant) {
        self.next_ask = Some(self.next_ask.map_or(when, |before| before.min(when)));
    }

    /// Asks the directory after some time, unless that is planned already.
    pub fn ask_sometime(&mut self, after: Duration) {
        if self.next_ask.is_none() && self.asking.is_none() {
            self.next_ask = Some(Instant::now() + after);
        }
    }

    /// Takes over what the directory says. Returns the last message of the job that is left, if the client lacks it.
    pub fn adopt(&mut self, found: Found) -> Option<Frame> {
        let (ended, new) = match found {
            Found::Nothing => (None, None),
            Found::Same(ended) => (ended, None),
            Found::New {
                job,
                source,
                previous,
            } => (previous, Some((job, source))),
        };
        if let (Some(Source::Live(listener)), Some(frame)) = (&self.source, ended) {
            listener.catch_up(frame);
        }
        // Without a new job, the listener wakes the track.
        let (job, source) = new?;
        let last = if self.step == Step::Following {
            self.news().filter(|frame| frame.end().is_some())
        } else {
            None
        };
        self.start(job, source);
        last
    }
}
