//! How often one API key may publish.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use super::Limit;
use crate::auth::api_key::KeyId;

/// A key that was silent may publish as much at once as else in this many seconds.
const BURST_SECONDS: f64 = 2.0;

/// A token bucket for each API key.
#[derive(Debug)]
pub struct PublishRate {
    per_second: f64,
    // Held for a look-up, never across an await; so a plain mutex. Only keys that were accepted get in, and what is full
    // again goes when another comes.
    buckets: Mutex<HashMap<KeyId, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl PublishRate {
    /// So many messages a second; 0 means as many as there is time for.
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.into(),
            buckets: Mutex::default(),
        }
    }

    /// Takes one message into account.
    pub fn take(&self, key: KeyId) -> Result<(), Limit> {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: KeyId, now: Instant) -> Result<(), Limit> {
        if self.per_second == 0.0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| self.fill(bucket, now).tokens < self.most());
        }
        let full = Bucket {
            tokens: self.most(),
            filled: now,
        };
        let bucket = buckets.entry(key).or_insert(full);
        *bucket = self.fill(bucket, now);
        if bucket.tokens < 1.0 {
            return Err(Limit::PublishRate { retry_after: 1 });
        }
        bucket.tokens -= 1.0;
        Ok(())
    }

    fn most(&self) -> f64 {
        self.per_second * BURST_SECONDS
    }

    fn fill(&self, bucket: &Bucket, now: Instant) -> Bucket {
        let seconds = now.saturating_duration_since(bucket.filled).as_secs_f64();
        Bucket {
            tokens: (bucket.tokens + seconds * self.per_second).min(self.most()),
            filled: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KEY: KeyId = KeyId::new(1);

    #[test]
    fn a_key_may_publish_in_a_burst_and_then_at_its_rate() {
        let rate = PublishRate::new(10);
        let start = Instant::now();
        let taken = |at: Instant| {
            (0..100)
                .take_while(|_| rate.take_at(KEY, at).is_ok())
                .count()
        };
        assert_eq!(taken(start), 20);
        assert_eq!(taken(start + Duration::from_secs(1)), 10);
        assert_eq!(
            taken(start + Duration::from_mins(1)),
            20,
            "not more than a burst"
        );
    }

    #[test]
    fn keys_do_not_pay_for_each_other() {
        let rate = PublishRate::new(1);
        let now = Instant::now();
        while rate.take_at(KEY, now).is_ok() {}
        assert_eq!(rate.take_at(KeyId::new(2), now), Ok(()));
    }

    #[test]
    fn a_key_that_is_silent_is_forgotten() {
        let rate = PublishRate::new(1);
        let now = Instant::now();
        rate.take_at(KEY, now).unwrap();
        rate.take_at(KeyId::new(2), now + Duration::from_mins(1))
            .unwrap();
        assert_eq!(rate.buckets.lock().unwrap().len(), 1);
    }

    #[test]
    fn zero_is_no_limit() {
        let rate = PublishRate::new(0);
        assert!((0..10_000).all(|_| rate.take(KEY).is_ok()));
    }
}
