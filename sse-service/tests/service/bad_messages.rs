//! What workers publish by mistake: logged, counted, and never the end of anything.

use serde_json::{Value, json};

use super::support::{Redis, Service, Stores, eventually};

/// How many messages were passed over, for whatever cause.
async fn rejected(service: &Service) -> u64 {
    let causes = ["malformed", "not_progress", "too_large"];
    let mut all = 0;
    for cause in causes {
        let name = format!("connect_messages_rejected_total{{cause=\"{cause}\"}}");
        all += service.metric(&name).await;
    }
    all
}

#[tokio::test]
async fn a_bad_message_is_passed_over_and_the_next_good_one_is_heard() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let bad: [(&str, Vec<u8>); 14] = [
        ("nothing", vec![]),
        ("no JSON", b"not json".to_vec()),
        ("no UTF-8", b"{\"inserted\":\xff\xfe}".to_vec()),
        ("half of it", br#"{"inserted": 4"#.to_vec()),
        ("an array", b"[1,2,3]".to_vec()),
        ("null", b"null".to_vec()),
        ("a mebibyte of text", vec![b'x'; 1 << 20]),
        (
            "a mebibyte of JSON",
            format!(r#"{{"inserted":1,"error":"{}"}}"#, "x".repeat(1 << 20)).into_bytes(),
        ),
        (
            "a negative count",
            br#"{"inserted": -5, "updated": 3}"#.to_vec(),
        ),
        (
            "a huge count",
            br#"{"inserted": 99999999999999999999999}"#.to_vec(),
        ),
        ("a count in words", br#"{"inserted": "many"}"#.to_vec()),
        (
            "deep nesting",
            format!(r#"{{"inserted":1,"x":{}"#, "[".repeat(50_000)).into_bytes(),
        ),
        (
            "another kind of message",
            br#"{"type": "heartbeat"}"#.to_vec(),
        ),
        (
            "a forged end of the session",
            br#"{"type": "error", "message": "x", "code": "session_expired"}"#.to_vec(),
        ),
    ];
    for (count, (what, message)) in bad.into_iter().enumerate() {
        redis.publish(&job, message).await;
        eventually("it was passed over", async || {
            (rejected(&service).await > count as u64).then_some(())
        })
        .await;
        redis
            .publish(&job, format!(r#"{{"inserted": {}}}"#, count + 1))
            .await;
        let event = stream.next().await.unwrap();
        assert_eq!(event.data["inserted"], json!(count + 1), "after {what}");
    }
    assert_eq!(
        service
            .metric("connect_messages_rejected_total{cause=\"too_large\"}")
            .await,
        2
    );
    service.logged("a message was passed over");
}

#[tokio::test]
async fn unknown_members_do_not_reach_the_browser() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    redis
        .publish(
            &job,
            r#"{"inserted": 1, "internal_host": "db-7", "nested": {"a": [1]}}"#,
        )
        .await;
    let event = stream.progress().await;
    assert_eq!(event.data["inserted"], 1);
    assert!(!event.data.to_string().contains("db-7"));
}

#[tokio::test]
async fn html_in_an_error_is_passed_on_as_the_text_that_it_is() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let stream = service.subscribe(&connection).await;
    let error = "<img src=x onerror=alert(1)>\ndata: {\"forged\":true}\r\n\r\nid: 1\u{2028}\0";
    redis
        .publish(
            &job,
            json!({ "is_failed": true, "error": error }).to_string(),
        )
        .await;
    let events = stream.rest().await;
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[1].data["error"], json!(error));
}

#[tokio::test]
async fn the_end_is_heard_from_a_message_that_cannot_be_shown_and_the_counts_stay() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let trace = format!(
        r#"{{"inserted":1,"is_failed":true,"error":"{}"}}"#,
        "trace ".repeat(200_000)
    );
    for message in [
        trace.as_str(),
        r#"{"inserted": -1, "status": "failed", "error": "trace"}"#,
    ] {
        let (connection, job) = service.syncing().await;
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        redis.publish(&job, r#"{"inserted": 41}"#).await;
        assert_eq!(stream.progress().await.data["inserted"], 41);
        redis.publish(&job, message).await;
        let end = stream.rest().await.pop().unwrap().data;
        assert_eq!(
            (&end["status"], &end["inserted"]),
            (&json!("failed"), &json!(41))
        );
        let error = end["error"].as_str().unwrap();
        assert!(error.starts_with("trace") && error.len() < 5000);
    }
}

#[tokio::test]
async fn a_bad_snapshot_does_not_keep_a_stream_from_opening() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    for snapshot in ["", "not json", r#"{"inserted": -1}"#] {
        let (connection, job) = service.syncing().await;
        redis.store_snapshot(&job, snapshot).await;
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        redis.publish(&job, r#"{"inserted": 1}"#).await;
        assert_eq!(stream.progress().await.data["inserted"], 1, "{snapshot}");
        let path = format!("/connect/source-connections/{connection}/jobs");
        let jobs: Value = service
            .get(&path, &Service::token())
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(jobs[0]["status"], "running");
    }
}

#[tokio::test]
async fn messages_on_foreign_channels_are_not_heard() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let (_, other) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    redis.publish(&other, r#"{"inserted": 1}"#).await;
    redis.publish("no-uuid", r#"{"inserted": 2}"#).await;
    redis.publish(&job, r#"{"inserted": 3}"#).await;
    assert_eq!(stream.progress().await.data["inserted"], 3);
}
