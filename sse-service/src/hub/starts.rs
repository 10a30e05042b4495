//! Which streams want to know when a connection starts a new job.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    bell::{Bell, Bells, Causes},
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

type Connections = HashMap<ConnectionId, Watched>;

/// A connection that somebody follows.
#[derive(Default)]
struct Watched {
    /// The newest hint. Only that one counts, since the directory is asked anyway.
    hint: Option<Hint>,
    /// How many there were.
    hints: u64,
    watches: usize,
    bells: Bells,
}

impl Watched {
    fn tell(&mut self, hint: Hint) {
        self.hint = Some(hint);
        self.hints += 1;
        self.bells.ring(Causes::START);
    }
}

/// The connections that are followed on this replica. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Starts {
    // Held for look-ups, never across an await.
    connections: Arc<Mutex<Connections>>,
}

impl Starts {
    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watch(&self, connection: ConnectionId) -> StartWatch {
        let mut connections = self.lock();
        let watched = connections.entry(connection).or_default();
        watched.watches += 1;
        StartWatch {
            connection,
            seen: watched.hints,
            bell: None,
            starts: self.clone(),
        }
    }

    /// Tells those who follow the job's connection.
    pub(super) fn tell(&self, start: JobStart) {
        if let Some(watched) = self.lock().get_mut(&start.connection) {
            watched.tell(Hint::Started(start.job));
        }
    }

    /// Tells everybody that there may have been news.
    pub(super) fn tell_lost(&self) {
        for watched in self.lock().values_mut() {
            watched.tell(Hint::Lost);
        }
    }
}

/// Hears of new jobs of one connection, from the moment when it was made.
pub struct StartWatch {
    connection: ConnectionId,
    /// How many hints there were when it was last asked.
    seen: u64,
    /// Where the bell hangs at the connection.
    bell: Option<usize>,
    starts: Starts,
}

impl StartWatch {
    /// Has a bell rung when there may be a hint. Once; what is there already is to be looked for.
    pub fn ring(&mut self, bell: Arc<Bell>) {
        debug_assert!(self.bell.is_none());
        if let Some(watched) = self.starts.lock().get_mut(&self.connection) {
            self.bell = Some(watched.bells.hang(bell));
        }
    }

    /// The newest hint since it was last asked.
    pub fn hint(&mut self) -> Option<Hint> {
        let connections = self.starts.lock();
        let watched = connections.get(&self.connection)?;
        let seen = std::mem::replace(&mut self.seen, watched.hints);
        watched.hint.filter(|_| seen != watched.hints)
    }
}

impl Drop for StartWatch {
    fn drop(&mut self) {
        let mut connections = self.starts.lock();
        let Entry::Occupied(mut watched) = connections.entry(self.connection) else {
            return;
        };
        if let Some(key) = self.bell {
            watched.get_mut().bells.take_down(key);
        }
        watched.get_mut().watches -= 1;
        if watched.get().watches == 0 {
            watched.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_follows_the_connection_hears_of_its_job() {
        let starts = Starts::default();
        let (connection, other) = (ConnectionId::random(), ConnectionId::random());
        let (mut watch, mut another) = (starts.watch(connection), starts.watch(other));
        let job = JobId::random();
        starts.tell(JobStart { connection, job });
        assert_eq!(watch.hint(), Some(Hint::Started(job)));
        assert_eq!(another.hint(), None);
        starts.tell_lost();
        assert_eq!(another.hint(), Some(Hint::Lost));
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
