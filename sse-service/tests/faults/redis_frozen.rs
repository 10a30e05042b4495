//! Redis answers nothing for a while, and keeps its connections.

use std::time::{Duration, Instant};

use reqwest::StatusCode;

use super::{
    crowd::Crowd,
    report::Report,
    scale::{scaled, scaled_seconds},
    support::{Redis, Service, Stores, mebibytes},
    workers::{Workers, syncs},
};

/// In the longer form the connections are given up meanwhile.
#[tokio::test]
async fn a_redis_that_is_frozen_holds_up_nobody_for_long_and_costs_no_end() {
    let redis = Redis::start().await;
    let service = Service::start_with(Stores::Redis(&redis), &["--heartbeat-seconds", "1"]);
    let syncs = syncs(&service, scaled(20, 200)).await;
    let workers = Workers::of(&redis).await;
    let crowd = Crowd::gather(&service, &syncs, scaled(200, 2_000)).await;
    workers.progress(&syncs, 1).await;
    crowd.all_begun().await;
    let before = service.usage();

    redis.freeze();
    let frozen = Instant::now();
    let heartbeats = crowd.heard.heartbeats.get();
    let connection = &syncs[0].connection;
    let refused = service.try_subscribe(connection, None).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let answered = frozen.elapsed();
    assert!(answered < Duration::from_secs(8), "{answered:?}");
    let frozen_for = scaled_seconds(4, 10);
    let thawed = async {
        tokio::time::sleep_until((frozen + frozen_for).into()).await;
        assert!(
            crowd.heard.heartbeats.get() >= heartbeats + crowd.size(),
            "clients are told that their streams live"
        );
        redis.thaw();
        Instant::now()
    };
    // The ends wait at Redis' door.
    let (back, unheard) = tokio::join!(thawed, workers.end(&syncs));
    crowd.all_ended().await;

    assert_eq!(crowd.heard.visits_cut.get(), 0, "no stream was cut");
    let usage = service.usage();
    assert!(mebibytes(usage.peak - before.resident) < 64, "{usage:?}");
    Report {
        fault: &format!("Redis frozen for {} s", frozen_for.as_secs()),
        crowd: &crowd,
        jobs: syncs.len(),
        unheard,
        recovery: back.elapsed(),
        service: &service,
    }
    .print();
}
