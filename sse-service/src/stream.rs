//! One browser's event stream: what is written, and when.
//!
//! A stream follows one connection or several. Of each it follows the newest job ([`track`], [`source`]).

pub mod source;
pub mod track;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use protocol::StreamMessage;
use rand::RngExt;
use tokio::{
    task::coop::{has_budget_remaining, poll_proceed},
    time::{Instant, Sleep, sleep_until},
};
use tracing::{Span, debug};

use self::{
    source::Finder,
    track::{Change, Track},
};
use crate::{
    bell::{Bell, Causes},
    clock,
    error::ApiError,
    frame::{self, Event, Frame},
    hub::Hint,
    ids::JobId,
    metrics::Cause,
    shutdown::ShutdownWatch,
    trace,
};

/// How long a client waits before it comes back after a stream was cut, in milliseconds.
pub const RETRY_MILLIS: u64 = 2000;

/// Over how long streams spread their questions, when all of them have one at once.
const ASK_SPREAD: Duration = Duration::from_secs(2);

/// How often a directory that must be asked is asked while no job is running. While one is, with each heartbeat.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// When a question that could not be answered is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The code of the error event by which a stream ends with its token.
pub const SESSION_EXPIRED: &str = "session_expired";

/// The code of the error event by which a stream ends when the host takes back the right to see it.
pub const ACCESS_LOST: &str = "access_lost";

/// The same for all streams of a service.
#[derive(Clone, Copy, Debug)]
pub struct StreamSettings {
    /// Between two heartbeats.
    pub heartbeat: Duration,
    /// Over how long the ends of streams are spread when the service stops, and the returns of their clients after it.
    pub drain: Duration,
}

/// Why a stream has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The last messages of all its jobs were written.
    JobEnded,
    /// No other job came as long as the client wanted to wait for one.
    WaitOver,
    /// The session's token has expired.
    SessionExpired,
    /// The session was revoked.
    SessionRevoked,
    /// The host no longer lets the session see the connection.
    AccessLost,
    /// The service stops.
    Draining,
    /// The client has gone.
    ClientGone,
}

impl Ending {
    fn cause(self) -> &'static str {
        match self {
            Self::JobEnded => "job_ended",
            Self::WaitOver => "wait_over",
            Self::SessionExpired => "session_expired",
            Self::SessionRevoked => "session_revoked",
            Self::AccessLost => "access_lost",
            Self::Draining => "draining",
            Self::ClientGone => "client_gone",
        }
    }
}

/// Writes one stream. Counted as open while it lives.
pub struct EventStream {
    tracks: Vec<Track>,
    finder: Finder,
    /// Whether messages name their connection.
    is_tagged: bool,
    /// How long the stream stays while no job is running.
    wait: Option<Duration>,
    bell: Arc<Bell>,
    /// Who has rung it and was not looked at yet.
    causes: Causes,
    shutdown: ShutdownWatch,
    session_expires_at: String,
    expires: Instant,
    opened: Instant,
    /// Whether anything is written yet.
    is_open: bool,
    /// The track that is looked at first.
    turn: usize,
    next_heartbeat: Instant,
    /// Kept from one message to the next, between which it seldom changes. Made by the thread that writes the stream.
    timer: Option<Pin<Box<Sleep>>>,
    /// When the timer is known to wake the task.
    timed: Option<Instant>,
    /// When this stream ends because no job is running.
    idle_until: Option<Instant>,
    /// When this stream ends because the service stops.
    drained: Option<Instant>,
    span: Span,
    ending: Option<Ending>,
}

impl EventStream {
    /// A stream of some connections for a session that expires at `expires_at` (seconds since 1970). With `is_tagged`,
    /// messages name their connection. It ends when all jobs have, or when none has been running for `wait`. The bell is that
    /// of the tracks.
    pub fn new(
        tracks: Vec<Track>,
        finder: Finder,
        expires_at: i64,
        is_tagged: bool,
        wait: Option<Duration>,
        bell: Arc<Bell>,
    ) -> Self {
        let now = Instant::now();
        let seconds_left = u64::try_from(expires_at.saturating_sub(clock::unix_now())).unwrap_or(0);
        let service = &finder.service;
        service.metrics.streams.inc();
        let span = trace::stream_span(tracks.len());
        if let [only] = &*tracks {
            span.in_scope(|| trace::about_connection(only.connection()));
        }
        span.in_scope(|| debug!("a stream is open"));
        Self {
            is_tagged,
            wait,
            shutdown: service.shutdown.ring(bell.clone()),
            bell,
            causes: Causes::ALL,
            session_expires_at: clock::rfc3339(expires_at),
            // A token that outlives the timer wheel outlives the stream.
            expires: now + Duration::from_secs(seconds_left.min(MAX_SECONDS)),
            opened: now,
            is_open: false,
            turn: 0,
            next_heartbeat: now + service.streams.heartbeat,
            timer: None,
            timed: None,
            idle_until: None,
            drained: None,
            span,
            ending: None,
            tracks,
            finder,
        }
    }

    /// How many streams of this replica hear the same messages, this one with them.
    pub fn company(&self) -> usize {
        self.tracks.iter().map(Track::company).max().unwrap_or(0)
    }

    /// Ends it, for a reason that is not its own.
    pub fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
    }

    /// The stream's bell, to be rung when it is to end.
    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// From now on the bell wakes this task. Returns whether it was rung since for this cause, which then counts as looked
    /// at.
    pub fn listen(&mut self, task: &Context<'_>, cause: Causes) -> bool {
        let heard = self.bell.listen(task);
        self.causes.add(heard.causes);
        if heard.is_moved {
            self.timed = None;
        }
        self.causes.take(cause)
    }

    /// What is to be written next; `None` when the stream is over. To be listened to before each time.
    pub fn poll_next(&mut self, task: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            if self.ending.is_some() {
                return Poll::Ready(None);
            }
            if let Some(event) = self.ready() {
                return Poll::Ready(Some(event));
            }
            self.rest();
            if self.ending.is_some() {
                return Poll::Ready(None);
            }
            // A worker that never pauses does not keep the thread from other streams.
            let budget = ready!(poll_proceed(task));
            let span = self.span.clone();
            let followed = ready!(span.in_scope(|| self.follow(task)));
            budget.made_progress();
            if followed.is_some() {
                return Poll::Ready(followed);
            }
        }
    }

    /// What is to be written before anything is waited for.
    fn ready(&mut self) -> Option<Event> {
        if !self.is_open && self.tracks.iter().all(Track::is_idle) {
            // There is no job to name, but the client and all between shall see that they are connected.
            self.is_open = true;
            let heartbeat = self.heartbeat(self.opened);
            return Some(frame::opening(RETRY_MILLIS, &heartbeat));
        }
        let all = 0..self.tracks.len();
        if let Some((at, job)) = all
            .clone()
            .find_map(|at| Some((at, self.tracks[at].starts()?)))
        {
            return Some(self.connected(at, job));
        }
        let (at, frame) = all
            .into_iter()
            .find_map(|at| Some((at, self.tracks[at].known()?)))?;
        Some(self.progress(at, &frame))
    }

    /// All is written that was to be: decides whether the stream goes on.
    fn rest(&mut self) {
        if !self.tracks.iter().all(Track::is_idle) {
            self.idle_until = None;
        } else if let Some(wait) = self.wait {
            self.idle_until.get_or_insert_with(|| Instant::now() + wait);
        } else if self.tracks.iter().all(Track::has_ended) {
            self.ending = Some(Ending::JobEnded);
        }
    }

    /// What comes next, or nothing yet, after which there may be something to do.
    fn follow(&mut self, task: &mut Context<'_>) -> Poll<Option<Event>> {
        let may_stop = self.causes.take(Causes::SHUTDOWN);
        if may_stop && self.drained.is_none() && self.shutdown.has_begun() {
            self.drain();
        }
        if self.finder.service.directory.must_be_asked() {
            self.plan_questions();
        }
        let wake = self.wake();
        // Looked at first: a worker that never pauses does not keep a stream from its end.
        if wake <= Instant::now() {
            return Poll::Ready(self.woken());
        }
        if let Some((at, change)) = self.change(task) {
            self.turn = at + 1;
            return Poll::Ready(self.take(at, change));
        }
        self.time(wake, task)
    }

    /// Sets the timer, unless it is set. Whether it is due is told by the clock, so it is not looked at for each message.
    fn time(&mut self, wake: Instant, task: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.timed == Some(wake) {
            return Poll::Pending;
        }
        // Without a budget it does not even take notice of the task.
        let takes_notice = has_budget_remaining();
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(wake)));
        if timer.deadline() != wake {
            timer.as_mut().reset(wake);
        }
        let due = timer.as_mut().poll(task);
        self.timed = (due.is_pending() && takes_notice).then_some(wake);
        due.map(|()| None)
    }

    /// The first track that has something to do, from the one whose turn it is on, so that none is held up by one that is
    /// never silent.
    fn change(&mut self, task: &mut Context<'_>) -> Option<(usize, Change)> {
        let many = self.tracks.len();
        for at in (self.turn..self.turn + many).map(|turn| turn % many) {
            if let Some(change) = self.tracks[at].change(self.causes, task) {
                return Some((at, change));
            }
        }
        self.causes.take(Causes::MESSAGE);
        self.causes.take(Causes::START);
        None
    }

    /// The service stops: chooses when this stream ends.
    fn drain(&mut self) {
        let drain = self.finder.service.streams.drain;
        self.drained = Some(Instant::now() + drain.mul_f64(rand::rng().random()));
    }

    /// Spread, since streams often begin together.
    fn plan_questions(&mut self) {
        let heartbeat = self.heartbeat_interval();
        for track in &mut self.tracks {
            let every = if track.is_idle() {
                heartbeat.min(ASK_EVERY)
            } else {
                heartbeat
            };
            track.ask_sometime(every.mul_f64(rand::rng().random_range(0.75..1.25)));
        }
    }

    fn wake(&self) -> Instant {
        let asks = self.tracks.iter().filter_map(Track::next_ask);
        [self.drained, self.idle_until]
            .into_iter()
            .flatten()
            .chain(asks)
            .fold(self.expires.min(self.next_heartbeat), Instant::min)
    }

    /// A track has something to do.
    fn take(&mut self, at: usize, change: Change) -> Option<Event> {
        let track = &mut self.tracks[at];
        let frame = match change {
            Change::News => {
                let news = track.news();
                if let Some(frame) = &news {
                    let lag = frame.lag().as_secs_f64();
                    self.finder.service.metrics.delivery_lag.observe(lag);
                }
                news
            }
            Change::Hint(Hint::Started(job)) => {
                if !track.follows(job) {
                    track.ask(&self.finder);
                }
                None
            }
            Change::Hint(Hint::Lost) => {
                track.ask_at(Instant::now() + ASK_SPREAD.mul_f64(rand::rng().random()));
                None
            }
            Change::Answer(Ok(found)) => track.adopt(found),
            Change::Answer(Err(error)) => return self.not_answered(at, &error),
        };
        frame.map(|frame| self.progress(at, &frame))
    }

    /// The client has its stream; what cannot be known now is known later. Only when the host takes back what it has let
    /// the session see, the stream ends.
    fn not_answered(&mut self, at: usize, error: &ApiError) -> Option<Event> {
        let track = &mut self.tracks[at];
        if let ApiError::Auth(refusal) = error {
            self.ending = Some(Ending::AccessLost);
            let code = if refusal.is_unauthorized() {
                SESSION_EXPIRED
            } else {
                ACCESS_LOST
            };
            return Some(frame::event(&StreamMessage::Error {
                message: refusal.to_string(),
                code: Some(code.into()),
            }));
        }
        debug!(connection = %track.connection(), %error, "the newest job could not be asked for");
        track.ask_at(Instant::now() + ASK_AGAIN);
        None
    }

    /// The timer that was set is due.
    fn woken(&mut self) -> Option<Event> {
        let now = Instant::now();
        if now >= self.expires {
            self.ending = Some(Ending::SessionExpired);
            return Some(frame::event(&StreamMessage::Error {
                message: "The session has expired.".into(),
                code: Some(SESSION_EXPIRED.into()),
            }));
        }
        if self.drained.is_some_and(|drained| now >= drained) {
            self.ending = Some(Ending::Draining);
            return Some(frame::retry(spread_retry(
                self.finder.service.streams.drain,
            )));
        }
        if self.idle_until.is_some_and(|until| now >= until) {
            self.ending = Some(Ending::WaitOver);
            return None;
        }
        for track in &mut self.tracks {
            if track.next_ask().is_some_and(|ask| now >= ask) {
                track.ask(&self.finder);
            }
        }
        (now >= self.next_heartbeat).then(|| {
            let heartbeat = self.heartbeat(now);
            frame::event(&heartbeat)
        })
    }

    fn connected(&mut self, at: usize, job: JobId) -> Event {
        let connection = self.tracks[at].connection();
        self.span.in_scope(|| {
            trace::about_job(job);
            debug!(%connection, %job, "a stream follows a job");
        });
        let message = StreamMessage::Connected {
            job_id: job.to_string(),
            source_connection_id: self.is_tagged.then(|| connection.to_string()),
            session_expires_at: Some(self.session_expires_at.clone()),
            heartbeat_seconds: Some(self.heartbeat_interval().as_secs().max(1)),
        };
        if std::mem::replace(&mut self.is_open, true) {
            frame::event(&message)
        } else {
            frame::opening(RETRY_MILLIS, &message)
        }
    }

    fn progress(&self, at: usize, frame: &Frame) -> Event {
        self.finder.service.metrics.deliveries.inc();
        if self.is_tagged {
            frame.tagged_event(self.tracks[at].connection())
        } else {
            frame.event()
        }
    }

    fn heartbeat(&mut self, now: Instant) -> StreamMessage {
        self.next_heartbeat = now + self.heartbeat_interval();
        self.finder.service.metrics.heartbeats.inc();
        let news = self.tracks.iter().filter_map(Track::last_news).max();
        let idle = now.saturating_duration_since(news.unwrap_or(self.opened));
        StreamMessage::Heartbeat {
            session_expires_at: Some(self.session_expires_at.clone()),
            idle_seconds: Some(idle.as_secs()),
        }
    }

    fn heartbeat_interval(&self) -> Duration {
        self.finder.service.streams.heartbeat
    }
}

/// What the timer can be set to, in seconds: ten years.
const MAX_SECONDS: u64 = 315_360_000;

/// The clients of a stopped replica come back spread over as long as they were sent away.
fn spread_retry(drain: Duration) -> u64 {
    let most = u64::try_from(drain.as_millis())
        .unwrap_or(RETRY_MILLIS)
        .max(RETRY_MILLIS);
    rand::rng().random_range(RETRY_MILLIS / 2..=most)
}

impl Drop for EventStream {
    fn drop(&mut self) {
        let ending = self.ending.unwrap_or(Ending::ClientGone);
        let metrics = &self.finder.service.metrics;
        metrics.streams.dec();
        self.span
            .in_scope(|| debug!(ending = ending.cause(), "a stream has ended"));
        metrics
            .streams_ended
            .get_or_create(&Cause {
                cause: ending.cause(),
            })
            .inc();
    }
}
