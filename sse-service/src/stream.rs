//! One browser's event stream: what is written, and when.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use protocol::StreamMessage;
use rand::RngExt;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use crate::{
    clock,
    follow::{Followed, FollowedJob},
    frame::{self, Event},
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
    /// The session was revoked.
    SessionRevoked,
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
            Self::SessionRevoked => "session_revoked",
            Self::Draining => "draining",
            Self::ClientGone => "client_gone",
        }
    }
}

/// Writes one stream. Counted as open while it lives.
pub struct EventStream {
    /// What comes before everything else.
    opening: VecDeque<Event>,
    followed: Followed,
    settings: StreamSettings,
    metrics: Arc<Metrics>,
    shutdown: ShutdownWatch,
    session_expires_at: String,
    expires: Instant,
    next_heartbeat: Instant,
    /// When this stream ends because the service stops.
    drained: Option<Instant>,
    /// Nothing more will be written, for this reason.
    ending: Option<Ending>,
}

impl EventStream {
    /// A stream for a session that expires at `expires_at` (seconds since 1970). It follows one job, or as many as are
    /// tagged.
    pub fn new(
        jobs: Vec<FollowedJob>,
        expires_at: i64,
        settings: StreamSettings,
        metrics: Arc<Metrics>,
        shutdown: ShutdownWatch,
    ) -> Self {
        let now = Instant::now();
        let seconds_left = u64::try_from(expires_at.saturating_sub(clock::unix_now())).unwrap_or(0);
        let session_expires_at = clock::rfc3339(expires_at);
        metrics.streams.inc();
        Self {
            opening: jobs
                .iter()
                .map(|job| connected(job, &session_expires_at, settings.heartbeat))
                .collect(),
            followed: Followed::new(jobs),
            settings,
            metrics,
            shutdown,
            session_expires_at,
            // A token that outlives the timer wheel outlives the stream.
            expires: now + Duration::from_secs(seconds_left.min(MAX_SECONDS)),
            next_heartbeat: now + settings.heartbeat,
            drained: None,
            ending: None,
        }
    }

    /// Ends it, for a reason that is not its own.
    pub fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
    }

    /// What is to be written next; `None` when the stream is over. Can be dropped and called again.
    pub async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.opening.pop_front() {
            return Some(event);
        }
        loop {
            if self.ending.is_some() {
                return None;
            }
            if let Some(event) = self.follow().await {
                return Some(event);
            }
        }
    }

    async fn follow(&mut self) -> Option<Event> {
        let wake = self
            .expires
            .min(self.next_heartbeat)
            .min(self.drained.unwrap_or(self.expires));
        // However much there is to tell, a token does not outlive itself.
        if Instant::now() >= wake {
            return self.woken();
        }
        tokio::select! {
            biased;
            () = self.shutdown.begun(), if self.drained.is_none() => {
                self.drained = Some(Instant::now() + self.settings.drain.mul_f64(rand::rng().random()));
                None
            }
            event = self.followed.next() => {
                match event {
                    Some(_) => {
                        self.metrics.deliveries.inc();
                    }
                    None => self.ending = Some(Ending::JobEnded),
                }
                event
            }
            () = sleep_until(wake) => self.woken(),
        }
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
            return Some(frame::retry(spread_retry(self.settings.drain)));
        }
        (now >= self.next_heartbeat).then(|| self.heartbeat(now))
    }

    fn heartbeat(&mut self, now: Instant) -> Event {
        self.next_heartbeat = now + self.settings.heartbeat;
        self.metrics.heartbeats.inc();
        frame::event(&StreamMessage::Heartbeat {
            session_expires_at: Some(self.session_expires_at.clone()),
            idle_seconds: Some(self.followed.silent_for(now).as_secs()),
        })
    }
}

fn connected(job: &FollowedJob, session_expires_at: &str, heartbeat: Duration) -> Event {
    let message = StreamMessage::Connected {
        job_id: job.job().to_string(),
        source_connection_id: job.tag().map(|connection| connection.to_string()),
        session_expires_at: Some(session_expires_at.to_owned()),
        heartbeat_seconds: Some(heartbeat.as_secs().max(1)),
    };
    frame::opening(RETRY_MILLIS, &message)
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
        self.metrics.streams.dec();
        debug!(ending = ending.cause(), "a stream has ended");
        self.metrics
            .streams_ended
            .get_or_create(&Cause {
                cause: ending.cause(),
            })
            .inc();
    }
}
