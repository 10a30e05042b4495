//! Sessions that were ended before their tokens expired.
//!
//! The token says itself that it is good, so what says that it is not must be remembered, and be known to every replica. It is
//! kept in memory, where every request can look; with Redis there is a list there too ([`redis`]), which replicas read.

pub mod redis;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use self::redis::RevokedInRedis;
use crate::{broker::BrokerError, clock, limits::StreamSlots};

/// Revoked sessions. Cheap to clone.
#[derive(Clone)]
pub struct Revocations {
    known: Known,
    shared: Option<RevokedInRedis>,
    ttl: Duration,
}

/// What this replica knows.
#[derive(Clone)]
struct Known {
    // Session and the second after which its tokens have expired anyway. Held for a look-up, never across an await; so a
    // plain mutex.
    sessions: Arc<Mutex<HashMap<String, i64>>>,
    streams: StreamSlots,
}

impl Revocations {
    /// None yet. Each is remembered for `ttl`, which must be as long as the longest life of a token.
    pub fn new(streams: StreamSlots, shared: Option<RevokedInRedis>, ttl: Duration) -> Self {
        Self {
            known: Known {
                sessions: Arc::default(),
                streams,
            },
            shared,
            ttl,
        }
    }

    /// Begins to learn of what other replicas revoke.
    ///
    /// Must be called within a Tokio runtime.
    pub fn follow(&self) {
        if let Some(shared) = self.shared.clone() {
            let known = self.known.clone();
            tokio::spawn(async move {
                shared
                    .follow(|session, until| known.add(session, until))
                    .await;
            });
        }
    }

    /// Revokes a session: its streams end, here at once and elsewhere soon; its tokens are refused. An error
    /// means that other replicas may not learn of it: it must be asked for again.
    pub async fn revoke(&self, session: &str) -> Result<(), BrokerError> {
        let ttl = i64::try_from(self.ttl.as_secs()).unwrap_or(i64::MAX);
        let until = clock::unix_now().saturating_add(ttl);
        self.known.add(session, until);
        match &self.shared {
            Some(shared) => shared.add(session, until).await,
            None => Ok(()),
        }
    }

    /// Whether a session was revoked, as far as this replica knows.
    pub fn contains(&self, session: &str) -> bool {
        self.known.contains(session)
    }
}

impl Known {
    fn add(&self, session: &str, until: i64) {
        let now = clock::unix_now();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if !sessions.contains_key(session) {
            sessions.retain(|_, until| *until > now);
        }
        let known = sessions.insert(session.to_owned(), until);
        drop(sessions);
        // In the list first: a stream that comes meanwhile looks there after it can be told.
        if known.is_none() {
            self.streams.revoke(session);
        }
    }

    fn contains(&self, session: &str) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions
            .get(session)
            .is_some_and(|until| *until > clock::unix_now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::StreamLimits;

    fn revocations(ttl: u64) -> Revocations {
        let streams = StreamSlots::new(StreamLimits::default());
        Revocations::new(streams, None, Duration::from_secs(ttl))
    }

    #[tokio::test]
    async fn a_revoked_session_is_known_and_no_other() {
        let revocations = revocations(60);
        revocations.revoke("a").await.unwrap();
        assert!(revocations.contains("a"));
        assert!(!revocations.contains("b") && !revocations.contains("A"));
    }

    #[tokio::test]
    async fn what_has_expired_is_forgotten() {
        let revocations = revocations(0);
        revocations.revoke("a").await.unwrap();
        assert!(!revocations.contains("a"));
        revocations.revoke("b").await.unwrap();
        assert_eq!(revocations.known.sessions.lock().unwrap().len(), 1);
    }
}
