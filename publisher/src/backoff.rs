//! How long to wait before something is tried again.

use std::time::Duration;

/// The pause after the first failure, at most.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause: a Redis that is back should not have to wait much longer for the end of a sync.
const LONGEST: Duration = Duration::from_secs(2);

/// Exponential, with jitter: many workers that lost the same server do not come back all at once.
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new() -> Self {
        Self(FIRST)
    }

    /// From half of the pause to all of it; the next one is twice as long.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.0.mul_f64(rand::random_range(0.5..=1.0));
        self.0 = (self.0 * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let mut backoff = Backoff::new();
        assert!(backoff.next() <= FIRST);
        for _ in 0..20 {
            assert!(backoff.next() <= LONGEST);
        }
        assert!(backoff.next() >= LONGEST / 2);
    }
}
