//! The service is killed, and another one takes its place.

use std::time::Instant;

use super::{
    crowd::Crowd,
    report::Report,
    scale::{scaled, scaled_seconds},
    support::{Redis, Service, Stores, mebibytes},
    workers::{Workers, syncs},
};

/// Half of the jobs end while nobody can hear it; the others go on when the clients are back.
#[tokio::test]
async fn a_service_that_is_killed_and_started_again_costs_no_end() {
    let redis = Redis::start().await;
    let killed = Service::start(Stores::Redis(&redis));
    let address = killed.address().to_owned();
    let syncs = syncs(&killed, scaled(20, 200)).await;
    let workers = Workers::of(&redis).await;
    let crowd = Crowd::gather(&killed, &syncs, scaled(300, 2_000)).await;
    workers.progress(&syncs, 1).await;
    crowd.all_begun().await;
    let before = killed.usage();

    drop(killed);
    crowd.none_connected().await;
    let (ended, running) = syncs.split_at(syncs.len() / 2);
    let unheard = workers.end(ended).await;
    assert_eq!(unheard, ended.len(), "nobody could hear them");
    workers.progress(running, 2).await;
    tokio::time::sleep(scaled_seconds(1, 5)).await;
    let service = Service::start_with(Stores::Redis(&redis), &["--listen", &address]);
    let back = Instant::now();
    let followed = crowd.size() / 2;
    crowd.until_open(followed).await;
    workers.end(running).await;
    crowd.all_ended().await;

    assert!(crowd.heard.visits_cut.get() >= crowd.size());
    let usage = service.usage();
    assert!(usage.peak < before.peak + (64 << 20), "{usage:?}");
    assert!(mebibytes(usage.peak) < 256, "{usage:?}");
    Report {
        fault: "Service killed and started again",
        crowd: &crowd,
        jobs: syncs.len(),
        unheard,
        recovery: back.elapsed(),
        service: &service,
    }
    .print();
}
