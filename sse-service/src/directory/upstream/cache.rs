//! What the host has said a moment ago.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::auth::session::Bearer;

/// How long an answer is believed: long enough for a page that asks for the list, its connections and their streams, short
/// enough that nobody sees for long what was taken from him.
const TTL: Duration = Duration::from_secs(3);

/// Answers that are kept.
const MAX_ANSWERS: usize = 1024;

/// The largest answer that is kept, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A hash of who has asked and what.
type Key = [u8; 32];

/// Answers by who has asked. Tokens are not kept, only hashes.
#[derive(Default)]
pub(super) struct Cache {
    // Held for a look-up or an insertion, never across an await.
    answers: Mutex<HashMap<Key, Answer>>,
}

struct Answer {
    json: Bytes,
    expires: Instant,
}

impl Cache {
    pub(super) fn get(&self, caller: &Bearer, path: &str) -> Option<Bytes> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(&key(caller, path))?;
        (answer.expires > Instant::now()).then(|| answer.json.clone())
    }

    pub(super) fn put(&self, caller: &Bearer, path: &str, json: &Bytes) {
        if json.len() > MAX_BYTES {
            return;
        }
        let now = Instant::now();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MAX_ANSWERS {
            answers.retain(|_, answer| answer.expires > now);
        }
        // Still full: more is asked in this time than is worth keeping.
        if answers.len() < MAX_ANSWERS {
            let (json, expires) = (json.clone(), now + TTL);
            answers.insert(key(caller, path), Answer { json, expires });
        }
    }
}

fn key(caller: &Bearer, path: &str) -> Key {
    let token = Sha256::digest(caller.secret());
    Sha256::new()
        .chain_update(token)
        .chain_update(path)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(token: &str) -> Bearer {
        Bearer::from_token(token)
    }

    #[test]
    fn an_answer_is_only_for_who_has_asked() {
        let cache = Cache::default();
        cache.put(&caller("a"), "/x", &Bytes::from_static(b"1"));
        assert_eq!(cache.get(&caller("a"), "/x").unwrap(), "1");
        for (token, path) in [("b", "/x"), ("a", "/y"), ("a/", "x"), ("", "a/x")] {
            assert_eq!(cache.get(&caller(token), path), None, "{token} {path}");
        }
    }

    #[test]
    fn it_does_not_grow_beyond_its_bound() {
        let cache = Cache::default();
        for at in 0..2 * MAX_ANSWERS {
            cache.put(&caller("a"), &at.to_string(), &Bytes::from_static(b"1"));
        }
        cache.put(&caller("b"), "/x", &Bytes::from(vec![b'x'; MAX_BYTES + 1]));
        assert_eq!(cache.answers.lock().unwrap().len(), MAX_ANSWERS);
    }
}
