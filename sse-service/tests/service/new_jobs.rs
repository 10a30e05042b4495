//! A connection that starts a new job while an older one is followed.

use reqwest::Method;
use serde_json::json;

use super::support::{Redis, Service, Stores, eventually};

async fn listeners_of_an_older_job_follow_the_new_one(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, old) = service.syncing().await;
    let (_, other) = service.syncing().await;
    service
        .publish(&old, &json!({ "inserted": 9, "seq": 9 }))
        .await;
    let mut stream = service.subscribe(&connection).await;
    assert_eq!(stream.connected().await.data["job_id"], json!(old));
    assert_eq!(stream.progress().await.data["inserted"], 9);
    let new = service.register_job(&connection).await;
    assert_eq!(stream.connected().await.data["job_id"], json!(new));
    service.publish(&old, &json!({ "inserted": 10 })).await;
    service.publish(&other, &json!({ "inserted": 11 })).await;
    service
        .publish(&new, &json!({ "inserted": 1, "seq": 1 }))
        .await;
    let progress = stream.progress().await;
    assert_eq!(progress.id, format!("{new}/1"), "the old job is left");
    service
        .publish(
            &new,
            &json!({ "inserted": 2, "status": "completed", "seq": 2 }),
        )
        .await;
    assert_eq!(stream.rest().await.len(), 1);
}

async fn the_same_job_told_again_is_no_news(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let path = format!("/connect/source-connections/{connection}/jobs");
    for status in ["running", "cancelling"] {
        let told = json!({ "id": job, "status": status });
        service.ask(Method::POST, &path, &told).await;
    }
    service
        .publish(&job, &json!({ "inserted": 1, "status": "cancelled" }))
        .await;
    for event in stream.rest().await {
        assert_eq!(event.kind(), None, "{event:?}");
    }
}

async fn the_end_of_the_old_job_is_told_however_close_the_new_one_comes(stores: Stores<'_>) {
    let service = Service::start(stores);
    let other = service.register_connection("acme").await;
    for _ in 0..20 {
        let (connection, old) = service.syncing().await;
        let path = format!("/connect/subscribe?connection_id={connection}&connection_id={other}");
        let mut stream = service.stream(&path).await;
        stream.connected().await;
        service
            .publish(&old, &json!({ "inserted": 1, "status": "completed" }))
            .await;
        let new = service.register_job(&connection).await;
        let end = stream.news().await;
        assert_eq!(end.data["status"], "completed", "{end:?}");
        assert_eq!(stream.connected().await.data["job_id"], json!(new));
    }
}

with_either_store!(
    listeners_of_an_older_job_follow_the_new_one,
    the_same_job_told_again_is_no_news,
    the_end_of_the_old_job_is_told_however_close_the_new_one_comes,
);

#[tokio::test]
async fn listeners_at_all_replicas_follow_the_new_job() {
    let redis = Redis::start().await;
    let replicas = [
        Service::start(Stores::Redis(&redis)),
        Service::start(Stores::Redis(&redis)),
    ];
    let (connection, _) = replicas[0].syncing().await;
    let mut streams = Vec::new();
    for replica in &replicas {
        let mut stream = replica.subscribe(&connection).await;
        stream.connected().await;
        streams.push(stream);
    }
    let nonsense = [
        "",
        "not json",
        r#"{"source_connection_id":"1","job_id":"2"}"#,
        r#"{"source_connection_id":null}"#,
    ];
    for message in nonsense {
        redis.say("connect:jobs", message).await;
    }
    let new = replicas[1].register_job(&connection).await;
    for stream in &mut streams {
        assert_eq!(stream.connected().await.data["job_id"], json!(new));
    }
}

#[tokio::test]
async fn a_job_that_nobody_could_hear_of_is_found_when_the_broker_is_back() {
    let redis = Redis::start().await;
    let deaf = Service::start(Stores::Redis(&redis));
    let (connection, _) = deaf.syncing().await;
    let mut stream = deaf.subscribe(&connection).await;
    stream.connected().await;
    deaf.pause();
    redis.cut_subscriptions().await;
    let other = Service::start(Stores::Redis(&redis));
    let new = other.register_job(&connection).await;
    deaf.resume();
    assert_eq!(stream.connected().await.data["job_id"], json!(new));
    eventually("it is subscribed to the new job", async || {
        (redis.subscriptions(&new).await == 1).then_some(())
    })
    .await;
}
