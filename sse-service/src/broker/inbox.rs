//! What has arrived and is not decoded yet.
//!
//! Messages arrive as fast as anybody publishes, which may be faster than they can be decoded. What waits is bounded for
//! each job: progress is cumulative, so of what is too much the oldest goes, and the last message, which may tell the end,
//! stays. Jobs take turns: one that is noisy does not hold up the others. A message that comes alone, as most do, is passed on
//! without a stop.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use tokio::{sync::mpsc, task::coop::consume_budget};
use tracing::debug;

use super::{JobStart, Loss, Sink};
use crate::{decode::MAX_MESSAGE_BYTES, ids::JobId};

/// What may wait for each job, in bytes. Beside it the newest message may that is too large to be shown: it may tell the end.
const WAITING_BYTES: usize = 4 * MAX_MESSAGE_BYTES;

/// Takes messages at once, and passes them on as fast as they are dealt with.
pub struct Inbox {
    sink: Arc<dyn Sink>,
    waiting: Arc<Waiting>,
    turns: mpsc::UnboundedSender<Turn>,
}

/// What is passed on next. A job has one turn at most, whatever waits for it.
enum Turn {
    Job(JobId),
    Resync(Loss),
}

#[derive(Default)]
struct Waiting {
    // Held for a look, never across an await.
    piles: Mutex<HashMap<JobId, Pile>>,
    /// Turns that are not over.
    turns: AtomicUsize,
}

impl Waiting {
    fn piles(&self) -> MutexGuard<'_, HashMap<JobId, Pile>> {
        self.piles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job's messages, the oldest first.
#[derive(Default)]
struct Pile {
    messages: VecDeque<Bytes>,
    /// Of those that can be shown.
    bytes: usize,
}

impl Inbox {
    /// In front of `sink`. Must be called within a Tokio runtime.
    pub fn before(sink: Arc<dyn Sink>) -> Arc<Self> {
        let (inbox, turns) = Self::new(sink.clone());
        tokio::spawn(pass_on(sink, inbox.waiting.clone(), turns));
        Arc::new(inbox)
    }

    fn new(sink: Arc<dyn Sink>) -> (Self, mpsc::UnboundedReceiver<Turn>) {
        let (sender, turns) = mpsc::unbounded_channel();
        let inbox = Self {
            sink,
            waiting: Arc::default(),
            turns: sender,
        };
        (inbox, turns)
    }

    /// Takes a message behind which no other one has arrived. It is passed on now, unless it must wait for its turn.
    pub fn deliver_alone(self: Arc<Self>, job: JobId, payload: &[u8]) {
        let waits = self.waiting.turns.load(Ordering::Acquire) > 0;
        if waits || payload.len() > MAX_MESSAGE_BYTES {
            self.deliver(job, payload);
        } else {
            self.sink.clone().deliver(job, payload);
        }
    }

    fn take_turn(&self, turn: Turn) {
        self.waiting.turns.fetch_add(1, Ordering::AcqRel);
        // The other end goes only with the runtime.
        let _ = self.turns.send(turn);
    }
}

impl Sink for Inbox {
    fn deliver(self: Arc<Self>, job: JobId, payload: &[u8]) {
        let mut piles = self.waiting.piles();
        let pile = piles.entry(job).or_default();
        if pile.messages.is_empty() {
            self.take_turn(Turn::Job(job));
        }
        // Copied, since what is given may be a small part of something large.
        let passed_over = pile.add(Bytes::copy_from_slice(payload));
        drop(piles);
        if passed_over > 0 {
            debug!(%job, messages = passed_over, "messages came faster than they could be decoded");
        }
    }

    fn announced(self: Arc<Self>, start: JobStart) {
        self.sink.clone().announced(start);
    }

    /// Behind what has arrived before: a snapshot may be newer than that.
    fn resync(self: Arc<Self>, loss: Loss) {
        self.take_turn(Turn::Resync(loss));
    }
}

impl Pile {
    /// Returns how many older messages had to go.
    fn add(&mut self, message: Bytes) -> usize {
        let all = self.messages.len() + 1;
        if is_too_large(&message) {
            self.messages.retain(|older| !is_too_large(older));
        } else {
            self.bytes += message.len();
        }
        self.messages.push_back(message);
        while self.bytes > WAITING_BYTES {
            let oldest = self.messages.pop_front();
            let shown = oldest.filter(|oldest| !is_too_large(oldest));
            self.bytes -= shown.map_or(0, |oldest| oldest.len());
        }
        all - self.messages.len()
    }
}

/// Such a message takes the place of no other: it has no counts to show.
fn is_too_large(message: &Bytes) -> bool {
    message.len() > MAX_MESSAGE_BYTES
}

/// Ends when the inbox is dropped.
async fn pass_on(
    sink: Arc<dyn Sink>,
    waiting: Arc<Waiting>,
    mut turns: mpsc::UnboundedReceiver<Turn>,
) {
    while let Some(turn) = turns.recv().await {
        match turn {
            Turn::Job(job) => {
                let pile = waiting.piles().remove(&job).unwrap_or_default();
                for message in pile.messages {
                    sink.clone().deliver(job, &message);
                    // Decoding takes time: whoever takes messages from the connection must not wait for it. Not after each
                    // message: a runtime that is yielded to asks the system for news, which costs more than the message.
                    consume_budget().await;
                }
            }
            Turn::Resync(loss) => sink.clone().resync(loss),
        }
        waiting.turns.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was passed on, in its order: a job and its message, or nothing for a resync.
    #[derive(Default)]
    struct Seen(Mutex<Vec<Option<(JobId, usize)>>>);

    impl Sink for Seen {
        fn deliver(self: Arc<Self>, job: JobId, payload: &[u8]) {
            self.0.lock().unwrap().push(Some((job, payload.len())));
        }
        fn announced(self: Arc<Self>, _: JobStart) {}
        fn resync(self: Arc<Self>, _: Loss) {
            self.0.lock().unwrap().push(None);
        }
    }

    /// What is passed on of what arrives before anything can be.
    async fn passed_on(arrive: impl FnOnce(&Arc<Inbox>)) -> Vec<Option<(JobId, usize)>> {
        let seen = Arc::new(Seen::default());
        let (inbox, turns) = Inbox::new(seen.clone());
        let waiting = inbox.waiting.clone();
        arrive(&Arc::new(inbox));
        pass_on(seen.clone(), waiting, turns).await;
        std::mem::take(&mut *seen.0.lock().unwrap())
    }

    #[tokio::test]
    async fn of_too_much_the_newest_is_passed_on() {
        let job = JobId::random();
        let seen = passed_on(|inbox| {
            for kilobytes in 1..=60 {
                inbox.clone().deliver(job, &vec![0; 1000 * kilobytes]);
            }
        })
        .await;
        let newest = [57_000, 58_000, 59_000, 60_000];
        assert_eq!(seen, newest.map(|bytes| Some((job, bytes))));
    }

    #[tokio::test]
    async fn of_what_is_too_large_the_newest_is_passed_on_and_nothing_goes_for_it() {
        let job = JobId::random();
        let large = 2 * WAITING_BYTES;
        let seen = passed_on(|inbox| {
            for bytes in [1, large, 2, large + 1] {
                inbox.clone().deliver(job, &vec![0; bytes]);
            }
        })
        .await;
        assert_eq!(seen, [1, 2, large + 1].map(|bytes| Some((job, bytes))));
    }

    #[tokio::test]
    async fn a_noisy_job_does_not_hold_up_others() {
        let (noisy, other) = (JobId::random(), JobId::random());
        let message = vec![0; MAX_MESSAGE_BYTES];
        let seen = passed_on(|inbox| {
            for _ in 0..1000 {
                inbox.clone().deliver(noisy, &message);
            }
            inbox.clone().deliver(other, &[0]);
        })
        .await;
        assert_eq!(seen.len(), 5);
        assert_eq!(seen.last(), Some(&Some((other, 1))));
    }

    #[tokio::test]
    async fn a_message_that_comes_alone_is_passed_on_at_once_unless_others_wait() {
        let (job, other) = (JobId::random(), JobId::random());
        let seen = Arc::new(Seen::default());
        let (inbox, turns) = Inbox::new(seen.clone());
        let (waiting, inbox) = (inbox.waiting.clone(), Arc::new(inbox));
        inbox.clone().deliver_alone(job, &[0; 1]);
        assert_eq!(*seen.0.lock().unwrap(), [Some((job, 1))]);
        inbox.clone().deliver(job, &[0; 2]);
        inbox.clone().deliver_alone(other, &[0; 3]);
        inbox.clone().deliver_alone(job, &[0; 4]);
        inbox.clone().resync(Loss::Overflow);
        inbox.clone().deliver_alone(job, &[0; 5]);
        drop(inbox);
        pass_on(seen.clone(), waiting.clone(), turns).await;
        assert_eq!(waiting.turns.load(Ordering::Acquire), 0);
        let later = [
            Some((job, 2)),
            Some((job, 4)),
            Some((job, 5)),
            Some((other, 3)),
            None,
        ];
        assert_eq!(seen.0.lock().unwrap()[1..], later);
    }

    #[tokio::test]
    async fn snapshots_are_read_after_what_had_arrived_before() {
        let job = JobId::random();
        let seen = passed_on(|inbox| {
            inbox.clone().deliver(job, &[0]);
            inbox.clone().resync(Loss::Connection);
        })
        .await;
        assert_eq!(seen, [Some((job, 1)), None]);
    }
}
