//! `?wait=<seconds>`: a stream that stays while no job is running.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::support::{Redis, Service, Stores};

fn path(connection: &str, wait: &str) -> String {
    format!("/connect/source-connections/{connection}/subscribe?wait={wait}")
}

async fn who_comes_before_the_first_job_hears_of_it(stores: Stores<'_>) {
    let service = Service::start_with(stores, &["--heartbeat-seconds", "1"]);
    let connection = service.register_connection("acme").await;
    let mut stream = service.stream(&path(&connection, "60")).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first.kind(), Some("heartbeat"), "{first:?}");
    assert_eq!(first.retry, Some(Duration::from_secs(2)));
    assert_eq!(stream.next().await.unwrap().kind(), Some("heartbeat"));
    let job = service.register_job(&connection).await;
    let connected = stream.news().await;
    assert_eq!(connected.kind(), Some("connected"));
    assert_eq!(connected.data["job_id"], json!(job));
    service
        .publish(&job, &json!({ "inserted": 1, "seq": 1 }))
        .await;
    assert_eq!(stream.progress().await.id, format!("{job}/1"));
}

async fn a_stream_that_waits_goes_on_with_the_next_job(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    let end = json!({ "inserted": 1, "status": "completed", "seq": 1 });
    let mut stream = service.stream(&path(&connection, "60")).await;
    stream.connected().await;
    service.publish(&job, &end).await;
    assert_eq!(stream.progress().await.data["is_complete"], true);
    for _ in 0..3 {
        let next = service.register_job(&connection).await;
        assert_eq!(stream.news().await.data["job_id"], json!(next));
        service.publish(&next, &end).await;
        assert_eq!(stream.progress().await.id, format!("{next}/1"));
    }
    assert_eq!(service.metric("connect_hubs").await, 0);
    assert_eq!(service.metric("connect_streams_open").await, 1);
}

async fn who_has_seen_the_end_waits_for_the_next_job_without_a_repeat(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    let end = json!({ "inserted": 1, "status": "completed", "seq": 1 });
    service.publish(&job, &end).await;
    let seen = format!("{}&seen={job}/1", path(&connection, "60"));
    let mut stream = service.stream(&seen).await;
    assert_eq!(stream.next().await.unwrap().kind(), Some("heartbeat"));
    let next = service.register_job(&connection).await;
    assert_eq!(stream.news().await.data["job_id"], json!(next));
}

with_either_store!(
    who_comes_before_the_first_job_hears_of_it,
    a_stream_that_waits_goes_on_with_the_next_job,
    who_has_seen_the_end_waits_for_the_next_job_without_a_repeat,
);

#[tokio::test]
async fn the_wait_is_over_in_time() {
    let service = Service::start(Stores::Memory);
    let idle = service.register_connection("acme").await;
    assert_eq!(
        service.stream(&path(&idle, "1")).await.rest().await.len(),
        0
    );
    let (connection, job) = service.syncing().await;
    let mut stream = service.stream(&path(&connection, "1")).await;
    stream.connected().await;
    service
        .publish(&job, &json!({ "inserted": 1, "status": "failed" }))
        .await;
    assert_eq!(stream.rest().await.len(), 1);
    let several =
        format!("/connect/subscribe?connection_id={idle}&connection_id={connection}&wait=1");
    assert_eq!(service.stream(&several).await.rest().await.len(), 2);
    let over = "connect_streams_ended_total{cause=\"wait_over\"}";
    assert_eq!(service.metric(over).await, 3);
}

#[tokio::test]
async fn a_job_that_runs_for_longer_than_the_wait_is_followed_to_its_end() {
    let service = Service::start_with(Stores::Memory, &["--heartbeat-seconds", "1"]);
    let (connection, job) = service.syncing().await;
    let mut stream = service.stream(&path(&connection, "1")).await;
    stream.connected().await;
    for _ in 0..2 {
        assert_eq!(stream.next().await.unwrap().kind(), Some("heartbeat"));
    }
    service
        .publish(&job, &json!({ "inserted": 1, "status": "completed" }))
        .await;
    assert_eq!(stream.progress().await.data["is_complete"], true);
}

#[tokio::test]
async fn a_stream_that_waits_ends_with_the_service() {
    let service = Service::start(Stores::Memory);
    let connection = service.register_connection("acme").await;
    let mut stream = service.stream(&path(&connection, "60")).await;
    stream.next().await.unwrap();
    service.terminate();
    assert_eq!(stream.rest().await.len(), 0);
    assert!(service.wait().success());
}

#[tokio::test]
async fn a_wait_that_makes_no_sense_is_refused_and_without_one_there_is_none() {
    let service = Service::start(Stores::Memory);
    let connection = service.register_connection("acme").await;
    for wait in ["", "0", "3601", "-1", "1.5", "x", "1&wait=1"] {
        let response = service
            .get(&path(&connection, wait), &Service::token())
            .await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wait}"
        );
    }
    let response = service.try_subscribe(&connection, None).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
