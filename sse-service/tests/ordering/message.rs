//! The messages of one job, as different workers write them.

use proptest::{collection::vec, prelude::*};
use protocol::{JobStatus, Progress};

/// One message. `inserted` grows and tells messages apart.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) inserted: u64,
    seq: Option<u64>,
    /// Seconds since the job began. Clocks are coarse: several messages may have the same.
    second: Option<u64>,
    pub(crate) is_end: bool,
}

/// How a worker marks its messages.
#[derive(Clone, Copy, Debug)]
enum Marks {
    None,
    Seq,
    Time,
    Both,
    /// Each message as it comes: workers of two versions at the same job.
    Mixed,
}

/// The messages of a job in the worker's order; the last one is its end.
pub(crate) fn messages() -> impl Strategy<Value = Vec<Message>> {
    let marks = prop_oneof![
        Just(Marks::None),
        Just(Marks::Seq),
        Just(Marks::Time),
        Just(Marks::Both),
        Just(Marks::Mixed),
    ];
    let gaps = vec((any::<bool>(), any::<bool>(), 0..3_u64), 2..10);
    (marks, gaps).prop_map(|(marks, gaps)| {
        let mut second = 0;
        let last = gaps.len() - 1;
        let message = |(at, (has_seq, has_time, gap)): (usize, (bool, bool, u64))| {
            second += gap;
            let (has_seq, has_time) = match marks {
                Marks::None => (false, false),
                Marks::Seq => (true, false),
                Marks::Time => (false, true),
                Marks::Both => (true, true),
                Marks::Mixed => (has_seq, has_time),
            };
            let number = at as u64 + 1;
            Message {
                inserted: number,
                seq: has_seq.then_some(number),
                second: has_time.then_some(second),
                is_end: at == last,
            }
        };
        gaps.into_iter().enumerate().map(message).collect()
    })
}

impl Message {
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            inserted: self.inserted,
            seq: self.seq,
            last_update_timestamp: self
                .second
                .map(|second| format!("2026-01-02T03:04:{second:02}Z")),
            status: self.is_end.then_some(JobStatus::Completed),
            ..Progress::default()
        }
    }

    /// By the worker's own word: its numbers, else its clock. A message that has a number names that alone in its id, so
    /// whoever comes back with it cannot tell whether one that has only a time is older.
    pub(crate) fn is_surely_older_than(&self, other: &Self) -> bool {
        match (self.seq, other.seq, self.second, other.second) {
            (Some(this), Some(that), ..) | (_, None, Some(this), Some(that)) => this < that,
            _ => false,
        }
    }
}
