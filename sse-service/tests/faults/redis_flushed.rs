//! All that Redis holds is deleted while streams are open.

use std::time::Instant;

use reqwest::StatusCode;

use super::{
    crowd::Crowd,
    report::Report,
    scale::scaled,
    support::{Redis, Service, Stores, eventually},
    workers::{Workers, syncs},
};

/// Streams that are open need nothing of what is gone; the end of a job is there again once it is published, also for who
/// could not hear it. New clients are told that the connection is not known, until it is registered again.
#[tokio::test]
async fn a_redis_that_is_flushed_costs_no_end_of_what_is_followed() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let syncs = syncs(&service, scaled(20, 200)).await;
    let workers = Workers::of(&redis).await;
    let crowd = Crowd::gather(&service, &syncs, scaled(200, 2_000)).await;
    workers.progress(&syncs, 1).await;
    crowd.all_begun().await;

    redis.flush().await;
    let connection = &syncs[0].connection;
    let unknown = service.try_subscribe(connection, None).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let (heard, missed) = syncs.split_at(syncs.len() / 2);
    let back = Instant::now();
    let mut unheard = workers.end(heard).await;
    let half = crowd.size() / 2;
    eventually("half of the ends are told", async || {
        (crowd.heard.ends.get() >= half).then_some(())
    })
    .await;
    // As after a failover to a replica that had nothing yet.
    redis.flush().await;
    redis.cut_subscriptions().await;
    unheard += workers.end(missed).await;
    crowd.all_ended().await;

    assert_eq!(crowd.heard.visits_cut.get(), 0, "no stream was cut");
    Report {
        fault: "Redis flushed, twice",
        crowd: &crowd,
        jobs: syncs.len(),
        unheard,
        recovery: back.elapsed(),
        service: &service,
    }
    .print();
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    redis.publish(&job, r#"{"inserted": 1}"#).await;
    assert_eq!(stream.progress().await.data["inserted"], 1);
}
