//! Clients that ask for a stream and never read it.

use std::{cell::Cell, time::Instant};

use futures_util::{StreamExt, stream};

use super::{
    crowd::Crowd,
    report::Report,
    scale::scaled,
    support::{Redis, Service, Socket, Stores, eventually, mebibytes},
    workers::{Workers, large, syncs},
};

/// They hold up nobody, cost hardly any memory, and are closed after the write time.
#[tokio::test]
async fn clients_that_never_read_hold_up_nobody_and_cost_no_end() {
    let redis = Redis::start().await;
    let service = Service::start_with(Stores::Redis(&redis), &["--write-timeout-seconds", "3"]);
    let syncs = syncs(&service, 4).await;
    let workers = Workers::of(&redis).await;
    let crowd = Crowd::gather(&service, &syncs, scaled(50, 200)).await;
    let deaf = deaf_sockets(&service, &syncs[0].connection, scaled(200, 1_000)).await;
    let all = u64::try_from(crowd.size() + deaf.len()).unwrap();
    assert_eq!(service.metric("connect_streams_open").await, all);
    let before = service.usage();

    let begun = Instant::now();
    let messages = Cell::new(0);
    eventually("streams without a reader are closed", async || {
        messages.update(|sent| sent + 1);
        for sync in &syncs {
            let message = large(messages.get(), 48 * 1024, false);
            workers.publish(&sync.job, message).await;
        }
        let open = service.metric("connect_streams_open").await;
        (open == u64::try_from(crowd.size()).unwrap()).then_some(())
    })
    .await;
    let closed_after = begun.elapsed();
    workers.end(&syncs).await;
    let recovery = crowd.all_ended().await;

    assert_eq!(crowd.heard.visits_cut.get(), 0, "no reader was cut");
    let usage = service.usage();
    // Linux counts the two apart, a little late: what has not grown may have peaked below what it was.
    let grown = usage.peak.saturating_sub(before.resident);
    assert!(mebibytes(grown) < 64, "{usage:?}");
    Report {
        fault: &format!(
            "{} clients that never read, closed after {:.1} s",
            deaf.len(),
            closed_after.as_secs_f64()
        ),
        crowd: &crowd,
        jobs: syncs.len(),
        unheard: 0,
        recovery,
        service: &service,
    }
    .print();
}

async fn deaf_sockets(service: &Service, connection: &str, count: usize) -> Vec<Socket> {
    let path = format!("/connect/source-connections/{connection}/subscribe");
    stream::iter(0..count)
        .map(|_| Socket::deaf(service, &path))
        .buffer_unordered(64)
        .collect()
        .await
}
