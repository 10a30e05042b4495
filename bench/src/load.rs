//! One load on one peer, and what it cost.

use std::{io, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    listeners::Crowd,
    peer::{Layout, Peer, Running},
    process::Usage,
    publish::{Rate, publish},
    redis::Redis,
};

/// Streams that are opened and closed before anything is measured, so that what all streams share is there.
const FIRST: usize = 200;

/// How long nothing is asked of a server before its memory is looked at.
const REST: Duration = Duration::from_secs(1);

/// Streams, and what they are sent.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The streams.
    pub layout: Layout,
    /// What is published to the jobs in turn.
    pub rate: Rate,
}

/// What a load cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Streams that could not be opened, or have ended.
    pub failed: u64,
    /// How long it took to open the others.
    pub opening: Duration,
    /// A stream's memory in the server while nothing happens, in bytes. Not the system's for its socket.
    pub bytes_per_stream: f64,
    /// The server's time on a processor for each delivery, in microseconds.
    pub micros_per_delivery: f64,
    /// From publication to arrival: the middle, in milliseconds.
    pub p50_millis: f64,
    /// What one of a hundred deliveries exceeds, in milliseconds.
    pub p99_millis: f64,
    /// Messages that did not arrive at a stream, or were skipped for a newer one.
    pub missing: u64,
    /// Messages that should have arrived.
    pub expected: u64,
}

impl Load {
    /// Puts it on a server that is started for it.
    pub async fn on(self, peer: Peer, redis: &Redis) -> io::Result<Cost> {
        let running = peer.start(redis, self.layout).await?;
        let before = warm(&running).await?;
        let begun = Instant::now();
        let crowd = Crowd::open(running.address, &running.requests).await;
        let opening = begun.elapsed();
        sleep(REST).await;
        let idle = running.process.usage()?;
        let expected = self.expected();
        let channels = Arc::from(running.channels);
        publish(&running.entrance, channels, self.rate).await?;
        let deliveries = crowd.hear(expected).await;
        let busy = running.process.usage()?;
        let (p50, p99) = crowd.lags();
        let memory = number(idle.memory) - number(before.memory);
        let micros = busy.cpu.saturating_sub(idle.cpu).as_secs_f64() * 1e6;
        Ok(Cost {
            failed: crowd.failed(),
            opening,
            bytes_per_stream: memory / number(self.layout.streams as u64),
            micros_per_delivery: micros / number(deliveries.max(1)),
            p50_millis: number(p50) / 1e3,
            p99_millis: number(p99) / 1e3,
            missing: expected.saturating_sub(deliveries),
            expected,
        })
    }

    /// Each stream hears the messages of its job.
    fn expected(self) -> u64 {
        let listeners = self.layout.streams / self.layout.jobs;
        u64::from(self.rate.messages) * listeners as u64
    }
}

async fn warm(running: &Running) -> io::Result<Usage> {
    let some = running.requests.len().min(FIRST);
    drop(Crowd::open(running.address, &running.requests[..some]).await);
    sleep(REST).await;
    running.process.usage()
}

/// Counts are far below 2^52.
#[expect(clippy::cast_precision_loss)]
fn number(count: u64) -> f64 {
    count as f64
}
