//! Which streams want to know when a connection starts a new job.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{
    broker::JobStart,
    ids::{ConnectionId, JobId},
};

/// Why it is time to ask the directory for a connection's newest job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// This one was registered.
    Started(JobId),
    /// News may have been lost.
    Lost,
}

type Watched = HashMap<ConnectionId, watch::Sender<Option<Hint>>>;

/// The connections that are followed on this replica. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Starts {
    // Held for look-ups, never across an await.
    watched: Arc<Mutex<Watched>>,
}

impl Starts {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watch(&self, connection: ConnectionId) -> StartWatch {
        let mut watched = self.lock();
        let sender = watched
            .entry(connection)
            .or_insert_with(|| watch::Sender::new(None));
        StartWatch {
            connection,
            hints: sender.subscribe(),
            starts: self.clone(),
        }
    }

    /// Tells those who follow the job's connection.
    pub(super) fn tell(&self, start: JobStart) {
        if let Some(sender) = self.lock().get(&start.connection) {
            sender.send_replace(Some(Hint::Started(start.job)));
        }
    }

    /// Tells everybody that there may have been news.
    pub(super) fn tell_lost(&self) {
        for sender in self.lock().values() {
            sender.send_replace(Some(Hint::Lost));
        }
    }
}

/// Hears of new jobs of one connection, from the moment when it was made.
pub struct StartWatch {
    connection: ConnectionId,
    hints: watch::Receiver<Option<Hint>>,
    starts: Starts,
}

impl StartWatch {
    /// Waits for a hint. Only the newest one counts, since the directory is asked anyway. Can be dropped and called again.
    pub async fn hint(&mut self) -> Hint {
        loop {
            if self.hints.changed().await.is_err() {
                // Cannot happen: the sender stays as long as anybody watches.
                std::future::pending::<()>().await;
            }
            if let Some(hint) = *self.hints.borrow_and_update() {
                return hint;
            }
        }
    }
}

impl Drop for StartWatch {
    fn drop(&mut self) {
        let mut watched = self.starts.lock();
        // Nobody can come in between: who watches has held the lock.
        if watched
            .get(&self.connection)
            .is_some_and(|sender| sender.receiver_count() <= 1)
        {
            watched.remove(&self.connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn only_who_follows_the_connection_hears_of_its_job() {
        let starts = Starts::default();
        let (connection, other) = (ConnectionId::random(), ConnectionId::random());
        let (mut watch, mut another) = (starts.watch(connection), starts.watch(other));
        let job = JobId::random();
        starts.tell(JobStart { connection, job });
        assert_eq!(watch.hint().now_or_never(), Some(Hint::Started(job)));
        assert_eq!(another.hint().now_or_never(), None);
        starts.tell_lost();
        assert_eq!(another.hint().now_or_never(), Some(Hint::Lost));
    }

    #[test]
    fn a_connection_is_forgotten_with_the_last_who_followed_it() {
        let starts = Starts::default();
        let connection = ConnectionId::random();
        let (first, second) = (starts.watch(connection), starts.watch(connection));
        drop(first);
        assert_eq!(starts.lock().len(), 1);
        drop(second);
        assert!(starts.lock().is_empty());
    }
}
