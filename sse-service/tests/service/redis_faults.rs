//! A Redis that is down at start, or goes away.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::support::{Redis, Service, Stores, eventually};

async fn ready(service: &Service) -> StatusCode {
    service
        .request(Method::GET, "/readyz")
        .send()
        .await
        .unwrap()
        .status()
}

#[tokio::test]
async fn a_service_that_starts_before_its_redis_says_so_and_serves_when_it_is_there() {
    let mut redis = Redis::stopped();
    let service = Service::start(Stores::Redis(&redis));
    assert_eq!(ready(&service).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        service
            .request(Method::GET, "/healthz")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    let list = service
        .get("/connect/source-connections", &Service::token())
        .await;
    assert_eq!(list.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        list.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );
    assert_eq!(list.headers()["content-type"], "application/problem+json");
    assert_eq!(
        service
            .get("/connect/source-connections", "x")
            .await
            .status(),
        StatusCode::UNAUTHORIZED
    );
    redis.run().await;
    eventually("it is ready", async || {
        (ready(&service).await == StatusCode::OK).then_some(())
    })
    .await;
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    redis.publish(&job, r#"{"inserted": 1}"#).await;
    assert_eq!(stream.progress().await.data["inserted"], 1);
}

#[tokio::test]
async fn streams_outlive_their_redis_and_catch_up_from_the_snapshot() {
    let mut redis = Redis::start().await;
    let service = Service::start_with(
        Stores::Redis(&redis),
        &["--directory", "memory", "--heartbeat-seconds", "1"],
    );
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    redis.publish(&job, r#"{"inserted": 1}"#).await;
    assert_eq!(stream.progress().await.data["inserted"], 1);

    redis.kill();
    eventually("the loss is seen", async || {
        (ready(&service).await != StatusCode::OK).then_some(())
    })
    .await;
    assert_eq!(
        stream.next().await.unwrap().kind(),
        Some("heartbeat"),
        "a stream lives on meanwhile"
    );
    let refused = service.try_subscribe(&connection, None).await;
    let other = service.syncing().await.0;
    let new = service.try_subscribe(&other, None).await;
    assert_eq!(
        new.status(),
        StatusCode::SERVICE_UNAVAILABLE,
        "a hub cannot be opened now"
    );
    drop(refused);

    redis.run().await;
    redis.store_snapshot(&job, r#"{"inserted": 2}"#).await;
    eventually("it is subscribed again", async || {
        (redis.subscriptions(&job).await == 1).then_some(())
    })
    .await;
    redis
        .publish(&job, r#"{"inserted": 3, "status": "completed"}"#)
        .await;
    let counts: Vec<_> = stream
        .rest()
        .await
        .into_iter()
        .map(|event| event.data["inserted"].clone())
        .collect();
    assert!(
        counts == [json!(2), json!(3)] || counts == [json!(3)],
        "{counts:?}"
    );
}

#[tokio::test]
async fn an_end_that_was_published_while_nobody_could_hear_it_is_told_from_the_snapshot() {
    let mut redis = Redis::start().await;
    let service = Service::start_with(Stores::Redis(&redis), &["--directory", "memory"]);
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    service.pause();
    redis.kill();
    redis.run().await;
    redis
        .store_snapshot(&job, r#"{"inserted": 8, "status": "completed"}"#)
        .await;
    service.resume();
    assert_eq!(stream.rest().await.last().unwrap().data["inserted"], 8);
}
