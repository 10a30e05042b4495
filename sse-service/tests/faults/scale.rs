//! How much is done.

use std::time::Duration;

/// Whether all is as large as promised, which takes minutes.
fn is_full() -> bool {
    std::env::var("CONNECT_TEST_SCALE").is_ok_and(|scale| scale == "full")
}

/// A number of something.
pub fn scaled(short: usize, full: usize) -> usize {
    if is_full() { full } else { short }
}

pub fn scaled_seconds(short: u64, full: u64) -> Duration {
    Duration::from_secs(if is_full() { full } else { short })
}

/// How many streams a test has that may be asked for any number.
pub fn streams() -> usize {
    let asked = std::env::var("CONNECT_TEST_STREAMS");
    asked.map_or(300, |streams| {
        streams.parse().expect("CONNECT_TEST_STREAMS is a number")
    })
}
