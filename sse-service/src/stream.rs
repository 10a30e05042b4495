//! One browser's event stream: what is written, and when.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::Stream;
use protocol::StreamMessage;
use rand::RngExt;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use crate::{
    clock,
    frame::{self, Event, Frame},
    hub::Listener,
    ids::JobId,
    metrics::{Cause, Metrics},
    shutdown::ShutdownWatch,
};

/// How long a client waits before it comes back after a stream was cut, in milliseconds.
pub const RETRY_MILLIS: u64 = 2000;

/// The code of the error event by which a stream ends with its token.
pub const SESSION_EXPIRED: &str = "session_expired";

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
    /// The job's last message was written.
    JobEnded,
    /// The session's token has expired.
    SessionExpired,
    /// The service stops.
    Draining,
    /// The client has gone.
    ClientGone,
}

impl Ending {
    fn cause(self) -> &'static str {
        match self {
            Self::JobEnded => "job_ended",
            Self::SessionExpired => "session_expired",
            Self::Draining => "draining",
            Self::ClientGone => "client_gone",
        }
    }
}

/// What a stream follows.
pub enum Source {
    /// A job that goes on, or may.
    Live(Listener),
    /// A job that has ended: its last message.
    Ended(Frame),
}

/// Writes one stream. Counted as open while it lives.
pub struct EventStream {
    job: JobId,
    source: Source,
    settings: StreamSettings,
    metrics: Arc<Metrics>,
    shutdown: ShutdownWatch,
    session_expires_at: String,
    expires: Instant,
    next_heartbeat: Instant,
    /// When this stream ends because the service stops.
    drained: Option<Instant>,
    /// The id of the newest message that the client has.
    seen: Option<String>,
    /// When the worker was last heard of.
    last_news: Instant,
    step: Step,
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing is written yet.
    Opening,
    /// `connected` is written; the state that is known already comes next.
    Connected,
    /// All that was known is written.
    Following,
    /// Nothing more will be written.
    Over(Ending),
}

impl EventStream {
    /// A stream of a job for a session that expires at `expires_at` (seconds since 1970). `seen` is the client's
    /// `Last-Event-ID`.
    pub fn new(
        job: JobId,
        source: Source,
        expires_at: i64,
        seen: Option<String>,
        settings: StreamSettings,
        metrics: Arc<Metrics>,
        shutdown: ShutdownWatch,
    ) -> Self {
        let now = Instant::now();
        let seconds_left = u64::try_from(expires_at.saturating_sub(clock::unix_now())).unwrap_or(0);
        metrics.streams.inc();
        debug!(%job, "a stream is open");
        Self {
            job,
            source,
            settings,
            metrics,
            shutdown,
            session_expires_at: clock::rfc3339(expires_at),
            // A token that outlives the timer wheel outlives the stream.
            expires: now + Duration::from_secs(seconds_left.min(MAX_SECONDS)),
            next_heartbeat: now + settings.heartbeat,
            drained: None,
            seen,
            last_news: now,
            step: Step::Opening,
        }
    }

    /// The stream as a response body.
    pub fn into_body(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        futures_util::stream::unfold(self, async |mut stream| {
            let event = stream.next().await?;
            Some((Ok(event.bytes()), stream))
        })
    }

    /// What is to be written next; `None` when the stream is over. Can be dropped and called again.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.step {
                Step::Opening => {
                    self.step = Step::Connected;
                    return Some(self.connected());
                }
                Step::Connected => {
                    self.step = Step::Following;
                    if let Some(event) = self.news() {
                        return Some(event);
                    }
                }
                Step::Following => {
                    if let Some(event) = self.follow().await {
                        return Some(event);
                    }
                }
                Step::Over(_) => return None,
            }
        }
    }

    async fn follow(&mut self) -> Option<Event> {
        let Source::Live(listener) = &mut self.source else {
            self.step = Step::Over(Ending::JobEnded);
            return None;
        };
        let wake = self
            .expires
            .min(self.next_heartbeat)
            .min(self.drained.unwrap_or(self.expires));
        tokio::select! {
            biased;
            () = listener.changed() => self.news(),
            () = self.shutdown.begun(), if self.drained.is_none() => {
                self.drained = Some(Instant::now() + self.settings.drain.mul_f64(rand::rng().random()));
                None
            }
            () = sleep_until(wake) => self.woken(),
        }
    }

    /// The newest message, unless the client has it. The end of the job is the end of the stream.
    fn news(&mut self) -> Option<Event> {
        let frame = match &mut self.source {
            Source::Live(listener) => listener.latest()?,
            Source::Ended(frame) => frame.clone(),
        };
        self.last_news = frame.received().into();
        if frame.end().is_some() {
            self.step = Step::Over(Ending::JobEnded);
        }
        if self.seen.as_deref() == Some(frame.id()) {
            return None;
        }
        self.seen = Some(frame.id().to_owned());
        self.metrics.deliveries.inc();
        Some(frame.event())
    }

    /// The timer that was set is due.
    fn woken(&mut self) -> Option<Event> {
        let now = Instant::now();
        if now >= self.expires {
            self.step = Step::Over(Ending::SessionExpired);
            return Some(frame::event(&StreamMessage::Error {
                message: "The session has expired.".into(),
                code: Some(SESSION_EXPIRED.into()),
            }));
        }
        if self.drained.is_some_and(|drained| now >= drained) {
            self.step = Step::Over(Ending::Draining);
            return Some(frame::retry(spread_retry(self.settings.drain)));
        }
        (now >= self.next_heartbeat).then(|| self.heartbeat(now))
    }

    fn connected(&self) -> Event {
        let message = StreamMessage::Connected {
            job_id: self.job.to_string(),
            session_expires_at: Some(self.session_expires_at.clone()),
            heartbeat_seconds: Some(self.settings.heartbeat.as_secs().max(1)),
        };
        frame::opening(RETRY_MILLIS, &message)
    }

    fn heartbeat(&mut self, now: Instant) -> Event {
        self.next_heartbeat = now + self.settings.heartbeat;
        self.metrics.heartbeats.inc();
        frame::event(&StreamMessage::Heartbeat {
            session_expires_at: Some(self.session_expires_at.clone()),
            idle_seconds: Some(now.saturating_duration_since(self.last_news).as_secs()),
        })
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
        let ending = match self.step {
            Step::Over(ending) => ending,
            _ => Ending::ClientGone,
        };
        self.metrics.streams.dec();
        debug!(job = %self.job, ending = ending.cause(), "a stream has ended");
        self.metrics
            .streams_ended
            .get_or_create(&Cause {
                cause: ending.cause(),
            })
            .inc();
    }
}
