//! What is known about one connection's sync, and how it changes. Without a browser.

use protocol::{End, Progress};

use crate::{StreamEnd, StreamEvent, StreamState};

/// For so many seconds a worker may be silent before that is worth a word.
const NO_NEWS_AFTER_SECONDS: u64 = 40;

/// A rate over fewer seconds says nothing yet.
const RATE_AFTER_SECONDS: f64 = 5.0;

/// How a subscribed job stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncStatus {
    /// It goes on, as far as is known.
    #[default]
    Active,
    /// All is synced.
    Completed,
    /// The worker gave up.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl From<End> for SyncStatus {
    fn from(end: End) -> Self {
        match end {
            End::Completed => Self::Completed,
            End::Failed => Self::Failed,
            End::Cancelled => Self::Cancelled,
        }
    }
}

/// One connection's sync.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncSubscription {
    /// The connection.
    pub connection_id: String,
    /// The job, once the service has named it.
    pub job_id: Option<String>,
    /// The latest progress. Each replaces the one before.
    pub last_update: Option<Progress>,
    /// When it came: milliseconds since 1970, by the browser's clock.
    pub last_message_time: Option<f64>,
    /// When the first progress of the job came here, by the same clock, and how much was synced then.
    pub first_update: Option<(f64, u64)>,
    /// How the job stands.
    pub status: SyncStatus,
    /// How the stream stands.
    pub stream: StreamState,
    /// For how many seconds the worker has been silent, where that is 40 s or more.
    pub silent_seconds: Option<u64>,
}

impl SyncSubscription {
    /// Of a connection about whose sync nothing is known yet.
    pub fn new(connection_id: &str) -> Self {
        Self {
            connection_id: connection_id.into(),
            ..Self::default()
        }
    }

    /// Whether the job goes on and its stream is there, or on its way.
    pub fn is_active(&self) -> bool {
        self.status == SyncStatus::Active && !matches!(self.stream, StreamState::Ended(_))
    }

    /// Whether the stream was lost and is not back yet.
    pub fn is_reconnecting(&self) -> bool {
        self.status == SyncStatus::Active
            && matches!(
                self.stream,
                StreamState::Reconnecting { .. } | StreamState::Offline
            )
    }

    /// How many entities are synced a second, on an average since the first progress came here. `None` before that says
    /// something, and while nothing moves.
    pub fn per_second(&self) -> Option<f64> {
        let (since, synced) = self.first_update?;
        let seconds = (self.last_message_time? - since) / 1_000.0;
        let more = self.last_update.as_ref()?.synced().checked_sub(synced)?;
        // Counts are at most 2^53 - 1.
        #[allow(clippy::cast_precision_loss)]
        let rate = more as f64 / seconds;
        (seconds >= RATE_AFTER_SECONDS && more > 0).then_some(rate)
    }

    /// Takes in what the stream tells at a time (milliseconds since 1970).
    pub(crate) fn apply(&mut self, event: StreamEvent, now: f64) -> Outcome {
        match event {
            StreamEvent::Job { job_id } => {
                if self.job_id.as_ref() != Some(&job_id) {
                    *self = Self {
                        job_id: Some(job_id),
                        stream: self.stream,
                        ..Self::new(&self.connection_id)
                    };
                }
            }
            StreamEvent::Progress(progress) => {
                let end = progress.end();
                self.status = end.map_or(SyncStatus::Active, SyncStatus::from);
                self.first_update.get_or_insert((now, progress.synced()));
                self.last_update = Some(progress);
                self.last_message_time = Some(now);
                self.silent_seconds = None;
                return end.map_or(Outcome::Progress, Outcome::Ended);
            }
            StreamEvent::Idle { seconds } => {
                self.silent_seconds = Some(seconds).filter(|it| *it >= NO_NEWS_AFTER_SECONDS);
            }
            StreamEvent::State(state) => {
                self.stream = state;
                if let StreamState::Ended(end) = state
                    && self.status == SyncStatus::Active
                {
                    return Outcome::Stopped(end);
                }
            }
        }
        Outcome::Changed
    }
}

/// What an event means for whoever watches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Something else to show.
    Changed,
    /// Progress, of a job that goes on.
    Progress,
    /// The job has ended.
    Ended(End),
    /// The stream is over, and how the job stands is not known.
    Stopped(StreamEnd),
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::JobStatus;

    fn job(id: &str) -> StreamEvent {
        StreamEvent::Job { job_id: id.into() }
    }

    fn inserted(inserted: u64) -> StreamEvent {
        StreamEvent::Progress(Progress {
            inserted,
            ..Progress::default()
        })
    }

    fn ended(status: JobStatus) -> StreamEvent {
        StreamEvent::Progress(Progress {
            status: Some(status),
            ..Progress::default()
        })
    }

    fn after(events: Vec<StreamEvent>) -> (SyncSubscription, Outcome) {
        let mut subscription = SyncSubscription::new("c");
        let mut outcome = Outcome::Changed;
        for event in events {
            outcome = subscription.apply(event, 7.0);
        }
        (subscription, outcome)
    }

    #[test]
    fn counts_replace_the_ones_before() {
        let (subscription, outcome) = after(vec![job("j"), inserted(40), inserted(42)]);
        assert_eq!(outcome, Outcome::Progress);
        assert_eq!(subscription.last_update.unwrap().inserted, 42);
        assert_eq!(subscription.last_message_time, Some(7.0));
    }

    #[test]
    fn another_job_starts_from_nothing() {
        let (subscription, _) = after(vec![job("a"), inserted(40), job("b")]);
        assert_eq!(subscription.job_id.as_deref(), Some("b"));
        assert_eq!(subscription.last_update, None);
    }

    #[test]
    fn the_same_job_again_keeps_its_counts() {
        let (subscription, _) = after(vec![job("a"), inserted(40), job("a")]);
        assert_eq!(subscription.last_update.unwrap().inserted, 40);
    }

    #[test]
    fn each_end_is_told() {
        for (status, end, shown) in [
            (JobStatus::Completed, End::Completed, SyncStatus::Completed),
            (JobStatus::Failed, End::Failed, SyncStatus::Failed),
            (JobStatus::Cancelled, End::Cancelled, SyncStatus::Cancelled),
        ] {
            let (subscription, outcome) = after(vec![job("a"), ended(status)]);
            assert_eq!(outcome, Outcome::Ended(end));
            assert_eq!(subscription.status, shown);
            assert!(!subscription.is_active());
        }
    }

    #[test]
    fn the_streams_end_after_the_jobs_end_is_no_news() {
        let end = StreamEvent::State(StreamState::Ended(StreamEnd::Finished));
        let (_, outcome) = after(vec![ended(JobStatus::Completed), end]);
        assert_eq!(outcome, Outcome::Changed);
    }

    #[test]
    fn a_stream_that_is_over_before_its_job_is_told() {
        let end = StreamEnd::Refused { status: 403 };
        let (subscription, outcome) = after(vec![StreamEvent::State(StreamState::Ended(end))]);
        assert_eq!(outcome, Outcome::Stopped(end));
        assert!(!subscription.is_active());
    }

    #[test]
    fn a_lost_stream_is_reconnecting_and_still_active() {
        for state in [
            StreamState::Reconnecting { attempt: 1 },
            StreamState::Offline,
        ] {
            let (subscription, _) = after(vec![StreamEvent::State(state)]);
            assert!(subscription.is_reconnecting() && subscription.is_active());
        }
    }

    #[test]
    fn the_rate_is_an_average_from_the_first_progress_on() {
        let mut subscription = SyncSubscription::new("c");
        let mut rate = |event, seconds: f64| {
            subscription.apply(event, seconds * 1_000.0);
            subscription.per_second()
        };
        assert_eq!(rate(job("j"), 0.0), None);
        assert_eq!(rate(inserted(100), 10.0), None);
        assert_eq!(rate(inserted(150), 14.0), None, "too soon");
        assert_eq!(rate(inserted(300), 20.0), Some(20.0));
        assert_eq!(rate(inserted(90), 30.0), None, "a worker that starts over");
        assert_eq!(rate(job("k"), 40.0), None, "another job");
    }

    #[test]
    fn silence_is_worth_a_word_after_forty_seconds_and_ends_with_progress() {
        let idle = |seconds| StreamEvent::Idle { seconds };
        assert_eq!(after(vec![idle(30)]).0.silent_seconds, None);
        assert_eq!(after(vec![idle(60)]).0.silent_seconds, Some(60));
        assert_eq!(after(vec![idle(60), inserted(1)]).0.silent_seconds, None);
    }
}
