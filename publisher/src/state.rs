//! What a publisher knows of its job.

use std::time::SystemTime;

use jiff::Timestamp;
use protocol::{End, JobStatus, MAX_COUNT, Progress};

/// How the worker has let go of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The job has ended.
    End(End),
    /// Somebody else goes on with it.
    HandOver,
}

/// The newest state; there is no other.
pub(crate) struct State {
    pub(crate) progress: Progress,
    /// Whether there is anything that was not told yet.
    pub(crate) is_news: bool,
    pub(crate) farewell: Option<Farewell>,
}

impl State {
    /// A job that begins, or goes on from what was told before. It is news that a worker is at it.
    pub(crate) fn new(before: Progress) -> Self {
        let progress = Progress {
            status: Some(JobStatus::Running),
            is_complete: None,
            is_failed: None,
            error: None,
            ..before
        };
        Self {
            progress,
            is_news: true,
            farewell: None,
        }
    }

    /// Changes the counts. Whether whoever waits for news must be woken.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Progress)) -> bool {
        change(&mut self.progress);
        !std::mem::replace(&mut self.is_news, true)
    }

    /// Whether the worker had not let go before: the first word holds.
    pub(crate) fn let_go(&mut self, farewell: Farewell, error: Option<String>) -> bool {
        if self.farewell.is_some() {
            return false;
        }
        self.farewell = Some(farewell);
        if let Farewell::End(end) = farewell {
            self.progress.status = Some(end.status());
            self.progress.error = error;
            self.is_news = true;
        }
        true
    }

    /// The message that tells all of it.
    pub(crate) fn message(&mut self) -> Progress {
        self.is_news = false;
        self.progress.seq = Some(next_seq(self.progress.seq));
        self.progress.last_update_timestamp = Some(Timestamp::now().to_string());
        self.progress.clone().with_end_spelled_out()
    }
}

/// One more than before, and not less than the time in milliseconds: so numbers grow when another process goes on with the
/// job, or begins it again, without having to know where the first one was.
fn next_seq(before: Option<u64>) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(0));
    before
        .map_or(0, |before| before + 1)
        .max(now)
        .min(MAX_COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_whatever_the_clock_does() {
        let first = next_seq(None);
        assert!(first > 1_700_000_000_000);
        assert!(next_seq(Some(first)) > first);
        assert_eq!(next_seq(Some(first + 1_000_000)), first + 1_000_001);
        assert_eq!(next_seq(Some(MAX_COUNT)), MAX_COUNT);
    }

    #[test]
    fn the_first_end_holds() {
        let mut state = State::new(Progress::default());
        assert!(state.let_go(Farewell::End(End::Cancelled), None));
        assert!(!state.let_go(Farewell::End(End::Failed), Some("dropped".into())));
        let message = state.message();
        assert_eq!(message.end(), Some(End::Cancelled));
        assert_eq!(message.error, None);
    }

    #[test]
    fn whoever_waits_is_woken_once_for_many_changes() {
        let mut state = State::new(Progress::default());
        state.message();
        assert!(state.change(|progress| progress.inserted += 1));
        assert!(!state.change(|progress| progress.inserted += 1));
        assert_eq!(state.message().inserted, 2);
        assert!(state.change(|progress| progress.inserted += 1));
    }

    #[test]
    fn what_was_told_of_an_earlier_attempt_is_gone_on_with() {
        let told = Progress {
            inserted: 7,
            seq: Some(MAX_COUNT - 1),
            status: Some(JobStatus::Failed),
            error: Some("connection reset".into()),
            ..Progress::default()
        };
        let message = State::new(told).message();
        assert_eq!((message.inserted, message.seq), (7, Some(MAX_COUNT)));
        assert_eq!((message.end(), message.error), (None, None));
    }
}
