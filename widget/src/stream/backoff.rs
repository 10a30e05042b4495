//! How long to wait before the next attempt.

/// The longest wait between two attempts, in milliseconds, however often they fail.
const MAX_DELAY_MS: u32 = 30_000;

/// The first ceiling where the service has not named one with `retry:`, in milliseconds.
const DEFAULT_BASE_MS: u32 = 2_000;

/// The lowest ceiling that a service can ask for: nobody is made to hammer at it.
const MIN_BASE_MS: u32 = 100;

/// The longest wait that a `Retry-After` can ask for, in milliseconds.
const MAX_RETRY_AFTER_MS: u32 = 300_000;

/// Exponential backoff with full jitter: each wait is a random part of a ceiling that doubles from attempt to attempt,
/// so that the many clients of a service that comes back do not all come back at once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Backoff {
    base_ms: u32,
    attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base_ms: DEFAULT_BASE_MS,
            attempts: 0,
        }
    }
}

impl Backoff {
    /// Takes over a stream's `retry:`.
    pub(crate) fn set_base(&mut self, milliseconds: u64) {
        self.base_ms = u32::try_from(milliseconds)
            .unwrap_or(MAX_DELAY_MS)
            .clamp(MIN_BASE_MS, MAX_DELAY_MS);
    }

    /// How many attempts have failed since the last one that worked.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// An attempt has worked.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }

    /// An attempt has failed: the wait until the next one in milliseconds. `random` is in `0.0..1.0`; `retry_after` is
    /// what the service asked for, and the least that it gets.
    pub(crate) fn next_delay(&mut self, retry_after: Option<u32>, random: f64) -> u32 {
        let ceiling = self
            .base_ms
            .saturating_mul(1 << self.attempts.min(16))
            .min(MAX_DELAY_MS);
        self.attempts = self.attempts.saturating_add(1);
        // The product is below the ceiling and not negative.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let jitter = (f64::from(ceiling) * random.clamp(0.0, 1.0)) as u32;
        match retry_after {
            Some(least) => least.min(MAX_RETRY_AFTER_MS) + jitter.min(self.base_ms),
            None => jitter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_thirty_seconds() {
        let mut backoff = Backoff::default();
        let delays: Vec<u32> = (0..7).map(|_| backoff.next_delay(None, 1.0)).collect();
        assert_eq!(
            delays,
            [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
        );
    }

    #[test]
    fn the_jitter_is_full() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_delay(None, 0.0), 0);
        assert_eq!(backoff.next_delay(None, 0.5), 2_000);
    }

    #[test]
    fn a_success_starts_over() {
        let mut backoff = Backoff::default();
        backoff.next_delay(None, 1.0);
        backoff.next_delay(None, 1.0);
        assert_eq!(backoff.attempts(), 2);
        backoff.reset();
        assert_eq!(backoff.next_delay(None, 1.0), 2_000);
    }

    #[test]
    fn the_services_own_retry_is_the_base_within_bounds() {
        for (asked, base) in [(500, 500), (0, 100), (u64::MAX, 30_000)] {
            let mut backoff = Backoff::default();
            backoff.set_base(asked);
            assert_eq!(backoff.next_delay(None, 1.0), base);
        }
    }

    #[test]
    fn retry_after_is_the_least_and_has_an_end() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_delay(Some(5_000), 0.0), 5_000);
        assert_eq!(backoff.next_delay(Some(5_000), 1.0), 7_000);
        assert_eq!(backoff.next_delay(Some(u32::MAX), 0.0), 300_000);
    }

    #[test]
    fn attempts_without_end_do_not_overflow() {
        let mut backoff = Backoff {
            attempts: u32::MAX - 1,
            ..Backoff::default()
        };
        backoff.set_base(u64::MAX);
        for _ in 0..3 {
            assert_eq!(backoff.next_delay(None, 1.0), MAX_DELAY_MS);
        }
    }
}
