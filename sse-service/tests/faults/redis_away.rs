//! Redis is killed, and comes back later.

use std::time::Instant;

use reqwest::{Method, StatusCode};

use super::{
    crowd::Crowd,
    report::Report,
    scale::{scaled, scaled_seconds},
    support::{Redis, Service, Stores, eventually, mebibytes},
    workers::{Workers, syncs},
};

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_with_its_data_costs_no_end() {
    killed_and_restarted("Redis killed, back with its data", true).await;
}

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_empty_costs_no_end() {
    killed_and_restarted("Redis killed, back empty", false).await;
}

/// All streams stay open, and hear of the ends that are published as soon as Redis is back, before the service is.
async fn killed_and_restarted(fault: &str, with_data: bool) {
    let mut redis = Redis::start().await;
    let service = Service::start_with(Stores::Redis(&redis), &["--heartbeat-seconds", "1"]);
    let syncs = syncs(&service, scaled(20, 200)).await;
    let workers = Workers::of(&redis).await;
    let crowd = Crowd::gather(&service, &syncs, scaled(200, 2_000)).await;
    workers.progress(&syncs, 1).await;
    crowd.all_begun().await;
    let before = service.usage();
    if with_data {
        redis.save().await;
    }

    redis.kill();
    eventually("the loss is seen", async || {
        let ready = service.request(Method::GET, "/readyz").send().await;
        (ready.unwrap().status() == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let heartbeats = crowd.heard.heartbeats.get();
    tokio::time::sleep(scaled_seconds(2, 10)).await;
    assert!(
        crowd.heard.heartbeats.get() >= heartbeats + crowd.size(),
        "clients are told that their streams live"
    );
    redis.run().await;
    let back = Instant::now();
    let unheard = workers.end(&syncs).await;
    crowd.all_ended().await;
    let recovery = back.elapsed();

    assert_eq!(crowd.heard.visits_cut.get(), 0, "no stream was cut");
    let usage = service.usage();
    assert!(mebibytes(usage.peak - before.resident) < 64, "{usage:?}");
    Report {
        fault,
        crowd: &crowd,
        jobs: syncs.len(),
        unheard,
        recovery,
        service: &service,
    }
    .print();
}
