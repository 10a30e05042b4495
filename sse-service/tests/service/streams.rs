//! `/connect/source-connections/{id}/subscribe`

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::support::{Redis, SECRET, Service, Stores, eventually, token};

async fn a_stream_says_what_is_known_then_what_comes_then_ends(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    service
        .publish(&job, &json!({ "inserted": 1, "seq": 1 }))
        .await;
    let mut stream = service.subscribe(&connection).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["cache-control"], "no-cache, no-transform");
    assert_eq!(stream.headers["x-accel-buffering"], "no");
    let connected = stream.connected().await;
    assert_eq!(connected.data["job_id"], json!(job));
    assert_eq!(connected.data["heartbeat_seconds"], 30);
    assert!(connected.data["session_expires_at"].is_string());
    assert_eq!(connected.retry, Some(Duration::from_secs(2)));
    let known = stream.progress().await;
    assert_eq!(
        (known.id, &known.data["inserted"]),
        (format!("{job}/1"), &json!(1))
    );
    let receipt = service
        .publish(&job, &json!({ "inserted": 2, "total": 10, "seq": 2 }))
        .await;
    let next = stream.progress().await;
    assert_eq!(json!(next.id), receipt["event_id"]);
    assert_eq!(
        (&next.data["inserted"], &next.data["total"]),
        (&json!(2), &json!(10))
    );
    assert_eq!(
        (&next.data["is_complete"], &next.data["status"]),
        (&json!(false), &json!("running"))
    );
    service
        .publish(
            &job,
            &json!({ "inserted": 3, "status": "completed", "seq": 3 }),
        )
        .await;
    let rest = stream.rest().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(rest[0].data["is_complete"], true);
}

async fn a_client_that_comes_back_is_told_only_what_it_has_not_seen(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    service
        .publish(&job, &json!({ "inserted": 1, "seq": 1 }))
        .await;
    service
        .publish(&job, &json!({ "inserted": 2, "seq": 2 }))
        .await;

    let mut up_to_date = service
        .subscribe_after(&connection, Some(&format!("{job}/2")))
        .await;
    let mut behind = service
        .subscribe_after(&connection, Some(&format!("{job}/1")))
        .await;
    up_to_date.connected().await;
    behind.connected().await;
    assert_eq!(behind.progress().await.data["inserted"], 2);
    service
        .publish(
            &job,
            &json!({ "inserted": 3, "status": "completed", "seq": 3 }),
        )
        .await;
    assert_eq!(
        up_to_date.progress().await.data["inserted"],
        3,
        "nothing is repeated in between"
    );

    let missed_the_end = service
        .subscribe_after(&connection, Some(&format!("{job}/2")))
        .await
        .rest()
        .await;
    assert_eq!(missed_the_end.last().unwrap().data["status"], "completed");
    let seen_the_end = service
        .try_subscribe(&connection, Some(&format!("{job}/3")))
        .await;
    assert_eq!(seen_the_end.status(), StatusCode::NO_CONTENT);
    for foreign in [
        "",
        "garbage",
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff/3",
        &"x".repeat(5000),
    ] {
        let events = service
            .subscribe_after(&connection, Some(foreign))
            .await
            .rest()
            .await;
        assert_eq!(
            events.last().unwrap().data["status"],
            "completed",
            "{foreign}"
        );
    }
}

async fn a_job_that_ended_before_anyone_looked_is_told_at_once(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    service
        .publish(
            &job,
            &json!({ "inserted": 7, "is_failed": true, "error": "<b>no</b>" }),
        )
        .await;
    let events = service.subscribe(&connection).await.rest().await;
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[1].data["status"], "failed");
    assert_eq!(events[1].data["error"], "<b>no</b>");
}

async fn all_listeners_of_a_job_hear_the_same(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        streams.push(stream);
    }
    assert_eq!(service.metric("connect_streams_open").await, 20);
    assert_eq!(service.metric("connect_hubs").await, 1);
    service
        .publish(&job, &json!({ "inserted": 3, "status": "completed" }))
        .await;
    for stream in streams {
        assert_eq!(stream.rest().await.last().unwrap().data["inserted"], 3);
    }
    eventually("the hub goes with its last listener", async || {
        (service.metric("connect_hubs").await == 0).then_some(())
    })
    .await;
}

async fn heartbeats_come_in_silence_and_say_for_how_long_it_lasts(stores: Stores<'_>) {
    let service = Service::start_with(stores, &["--heartbeat-seconds", "1"]);
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    assert_eq!(stream.connected().await.data["heartbeat_seconds"], 1);
    let heartbeats = [stream.next().await.unwrap(), stream.next().await.unwrap()];
    for heartbeat in &heartbeats {
        assert_eq!(heartbeat.kind(), Some("heartbeat"));
        assert!(heartbeat.id.is_empty() && heartbeat.data["session_expires_at"].is_string());
    }
    assert!(
        heartbeats[1].data["idle_seconds"].as_u64() > heartbeats[0].data["idle_seconds"].as_u64()
    );
    service
        .publish(&job, &json!({ "inserted": 1, "status": "completed" }))
        .await;
    assert_eq!(stream.progress().await.data["inserted"], 1);
}

async fn a_stream_ends_with_its_token(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, _) = service.syncing().await;
    let mut claims = token::claims("acme");
    claims["exp"] = json!(token::now() + 2);
    let path = format!("/connect/source-connections/{connection}/subscribe");
    let response = service.get(&path, &token::sign(&claims, SECRET)).await;
    let events = super::support::Stream::new(response).rest().await;
    let last = &events.last().unwrap().data;
    assert_eq!(
        (&last["type"], &last["code"]),
        (&json!("error"), &json!("session_expired"))
    );
    assert_eq!(
        service
            .metric("connect_streams_ended_total{cause=\"session_expired\"}")
            .await,
        1
    );
}

with_either_store!(
    a_stream_says_what_is_known_then_what_comes_then_ends,
    a_client_that_comes_back_is_told_only_what_it_has_not_seen,
    a_job_that_ended_before_anyone_looked_is_told_at_once,
    all_listeners_of_a_job_hear_the_same,
    heartbeats_come_in_silence_and_say_for_how_long_it_lasts,
    a_stream_ends_with_its_token,
);

#[tokio::test]
async fn all_listeners_of_a_job_share_one_subscription() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        streams.push(stream);
    }
    assert_eq!(redis.subscriptions(&job).await, 1);
    drop(streams);
    eventually("the subscription ends", async || {
        (redis.subscriptions(&job).await == 0).then_some(())
    })
    .await;
    let mut again = service.subscribe(&connection).await;
    again.connected().await;
    assert_eq!(redis.publish(&job, r#"{"inserted": 1}"#).await, 1);
    assert_eq!(again.progress().await.data["inserted"], 1);
}

#[tokio::test]
async fn both_generations_of_workers_are_heard_straight_from_redis() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let cases = [
        (
            r#"{"inserted": 150, "is_complete": true}"#,
            "completed",
            true,
            false,
        ),
        (
            r#"{"inserted": 1, "is_complete": false, "is_failed": true, "error": "gone"}"#,
            "failed",
            false,
            true,
        ),
        (
            r#"{"inserted": 1, "status": "completed", "last_update_timestamp": "2026-01-02T03:04:05.678901+00:00"}"#,
            "completed",
            true,
            false,
        ),
        (
            r#"{"inserted": 1, "status": "failed"}"#,
            "failed",
            false,
            true,
        ),
        (
            r#"{"inserted": 1, "status": "cancelled", "is_complete": false, "is_failed": false}"#,
            "cancelled",
            false,
            true,
        ),
    ];
    for (message, status, is_complete, is_failed) in cases {
        let (connection, job) = service.syncing().await;
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        redis.publish(&job, message).await;
        let end = stream.rest().await.pop().unwrap();
        assert_eq!(
            (
                &end.data["status"],
                &end.data["is_complete"],
                &end.data["is_failed"]
            ),
            (&json!(status), &json!(is_complete), &json!(is_failed)),
            "{message}"
        );
        let jobs: Value = service
            .get(
                &format!("/connect/source-connections/{connection}/jobs"),
                &Service::token(),
            )
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(
            jobs[0]["status"], status,
            "whoever has heard the end finds it recorded"
        );
        assert!(
            redis.snapshot(&job).await.is_some(),
            "and in the snapshot, which this worker did not write"
        );
    }
}

#[tokio::test]
async fn the_end_is_not_missed_however_close_it_comes_to_the_subscription() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    for _ in 0..40 {
        let (connection, job) = service.syncing().await;
        let end = r#"{"inserted": 9, "status": "completed"}"#;
        let publish = async {
            redis.store_snapshot(&job, end).await;
            redis.publish(&job, end).await;
        };
        let (stream, ()) = tokio::join!(service.subscribe(&connection), publish);
        assert_eq!(stream.rest().await.last().unwrap().data["inserted"], 9);
    }
}

#[tokio::test]
async fn a_worker_that_was_silent_before_anyone_looked_is_known_to_be() {
    let redis = Redis::start().await;
    let service = Service::start_with(Stores::Redis(&redis), &["--heartbeat-seconds", "1"]);
    let (connection, job) = service.syncing().await;
    let snapshot = r#"{"inserted": 9, "last_update_timestamp": "2026-01-02T03:04:05"}"#;
    redis.store_snapshot(&job, snapshot).await;
    let mut stream = service.subscribe(&connection).await;
    assert_eq!(stream.progress().await.data["inserted"], 9);
    let heartbeat = stream.next().await.unwrap();
    assert!(
        heartbeat.data["idle_seconds"].as_u64().unwrap() > 3600,
        "{heartbeat:?}"
    );
}

#[tokio::test]
async fn an_end_that_stands_in_the_snapshot_alone_is_told_and_recorded() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    redis
        .store_snapshot(&job, r#"{"inserted": 9, "is_complete": true}"#)
        .await;
    let events = service.subscribe(&connection).await.rest().await;
    assert_eq!(events.last().unwrap().data["inserted"], 9);
    let path = format!("/connect/source-connections/{connection}");
    let shown: Value = service
        .get(&path, &Service::token())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&shown["status"], &shown["entity_count"]),
        (&json!("active"), &json!(9))
    );
}

#[tokio::test]
async fn a_snapshot_that_is_older_than_what_was_heard_is_not_shown() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut first = service.subscribe(&connection).await;
    first.connected().await;
    redis
        .publish(
            &job,
            r#"{"inserted": 5, "last_update_timestamp": "2026-01-02T03:04:09+00:00"}"#,
        )
        .await;
    assert_eq!(first.progress().await.data["inserted"], 5);
    redis
        .store_snapshot(
            &job,
            r#"{"inserted": 4, "last_update_timestamp": "2026-01-02T03:04:08+00:00"}"#,
        )
        .await;
    let mut second = service.subscribe(&connection).await;
    assert_eq!(second.progress().await.data["inserted"], 5);
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed() {
    let service = Service::start(Stores::Memory);
    let (connection, _) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    assert_eq!(service.metric("connect_streams_open").await, 1);
    drop(stream);
    eventually("the stream is closed", async || {
        (service.metric("connect_streams_open").await == 0).then_some(())
    })
    .await;
    assert_eq!(
        service
            .metric("connect_streams_ended_total{cause=\"client_gone\"}")
            .await,
        1
    );
}
