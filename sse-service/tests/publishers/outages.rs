//! A destination that is away for a while.

use std::time::Duration;

use connect_publisher::{Destination, Options, PublishError, Publisher};
use serde_json::Value;

use super::{
    support::{API_KEY, Redis, Service, Stores, eventually},
    worker::{By, Language, start},
};

async fn stored(redis: &Redis, job: &str) -> Option<Value> {
    serde_json::from_str(&redis.snapshot(job).await?).ok()
}

#[tokio::test]
async fn a_redis_that_is_away_costs_the_sync_nothing_and_not_its_end() {
    let mut redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (_, job) = service.syncing().await;
    let destination = Destination::redis(&redis.url()).unwrap();
    let publisher = Publisher::start(&destination, job.parse().unwrap());
    publisher.inserted(1);
    eventually("it is told", async || {
        (stored(&redis, &job).await?["inserted"] == 1).then_some(())
    })
    .await;

    redis.kill();
    for _ in 0..100_000 {
        publisher.inserted(1);
    }
    let end = tokio::spawn(publisher.complete());
    redis.run().await;
    end.await.unwrap().unwrap();
    let last = stored(&redis, &job).await.unwrap();
    assert_eq!(last["inserted"], 100_001);
    assert_eq!(last["status"], "completed");
}

#[tokio::test]
async fn a_redis_that_comes_only_later_is_told_what_is_newest() {
    let mut redis = Redis::stopped();
    let job = uuid::Uuid::new_v4();
    let destination = Destination::redis(&redis.url()).unwrap();
    let publisher = Publisher::start(&destination, job);
    publisher.inserted(7);
    redis.run().await;
    eventually("it is told", async || {
        (stored(&redis, &job.to_string()).await?["inserted"] == 7).then_some(())
    })
    .await;
    drop(publisher);
    let last = stored(&redis, &job.to_string()).await.unwrap();
    assert_eq!(last["status"], "failed", "a drop waits until that is told");
}

#[tokio::test]
async fn a_service_that_is_away_costs_the_sync_nothing_and_not_its_end() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let destination = Destination::http(&service.url(""), API_KEY).unwrap();
    let publisher = Publisher::start(&destination, job.parse().unwrap());
    let address = service.address().to_owned();
    drop(service);
    publisher.inserted(5);
    let end = tokio::spawn(publisher.complete());
    let service = Service::start_with(Stores::Redis(&redis), &["--listen", &address]);
    end.await.unwrap().unwrap();
    let heard = service.subscribe(&connection).await.rest().await;
    assert_eq!(heard[1].data["inserted"], 5);
    assert_eq!(heard[1].data["status"], "completed");
}

#[tokio::test]
async fn one_that_stays_away_is_given_up_with_its_cause() {
    let redis = Redis::stopped();
    let destination = Destination::redis(&redis.url()).unwrap();
    let options = Options {
        patience: Duration::from_millis(300),
        ..Options::default()
    };
    let publisher = Publisher::start_with_options(&destination, uuid::Uuid::new_v4(), options);
    let error = publisher.complete().await.unwrap_err();
    assert!(matches!(error, PublishError::Away { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_drop_does_not_wait_for_ever() {
    let redis = Redis::stopped();
    let destination = Destination::redis(&redis.url()).unwrap();
    let publisher = Publisher::start(&destination, uuid::Uuid::new_v4());
    let dropped = tokio::task::spawn_blocking(move || drop(publisher));
    let patience = super::support::PATIENCE;
    tokio::time::timeout(patience, dropped)
        .await
        .unwrap()
        .unwrap();
}

/// A program that goes on counting while its Redis is away, and tells its end to the one that comes back.
async fn outlives_an_outage(language: Language) {
    let mut redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (_, job) = service.syncing().await;
    let mut worker = start(
        language,
        By::Redis,
        (&redis, &service),
        &job,
        "completes",
        None,
    );
    eventually("it is told", async || stored(&redis, &job).await).await;
    redis.kill();
    // It is all the same when it comes back: before the worker's end or after it.
    tokio::time::sleep(Duration::from_millis(700)).await;
    redis.run().await;
    assert!(worker.wait().await.unwrap().success());
    let last = stored(&redis, &job).await.unwrap();
    assert_eq!(last["status"], "completed");
    assert_eq!(last["inserted"], 200);
}

#[tokio::test]
async fn a_rust_worker_outlives_an_outage() {
    outlives_an_outage(Language::Rust).await;
}

#[tokio::test]
#[ignore = "needs Python packages: npx -y rust-just test-publishers"]
async fn a_python_worker_outlives_an_outage() {
    outlives_an_outage(Language::Python).await;
}

#[tokio::test]
#[ignore = "needs npm packages: npx -y rust-just test-publishers"]
async fn a_node_worker_outlives_an_outage() {
    outlives_an_outage(Language::Node).await;
}
