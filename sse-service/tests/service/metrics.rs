//! What an operator sees.

use reqwest::Method;
use serde_json::json;

use super::support::{Redis, Service, Stores, eventually};

#[tokio::test]
async fn the_lag_is_counted_from_when_the_worker_says_it_has_published() {
    let service = Service::start(Stores::Memory);
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let ago = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(100);
    let late = json!({ "inserted": 1, "seq": 1, "last_update_timestamp": ago.to_string() });
    service.publish(&job, &late).await;
    stream.progress().await;
    // Without a time of its own it has the one of its arrival.
    service
        .publish(&job, &json!({ "inserted": 2, "seq": 2 }))
        .await;
    stream.progress().await;
    let lags = "connect_delivery_lag_seconds";
    let up_to = async |bound: &str| {
        let name = format!("{lags}_bucket{{le=\"{bound}\"}}");
        service.metric(&name).await
    };
    assert_eq!((up_to("16.384").await, up_to("+Inf").await), (1, 2));
    assert_eq!(service.metric(&format!("{lags}_count")).await, 2);
}

#[tokio::test]
async fn what_was_known_before_a_stream_began_has_no_lag() {
    let service = Service::start(Stores::Memory);
    let (connection, job) = service.syncing().await;
    service.publish(&job, &json!({ "inserted": 1 })).await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    stream.progress().await;
    assert_eq!(service.metric("connect_deliveries_total").await, 1);
    assert_eq!(
        service.metric("connect_delivery_lag_seconds_count").await,
        0
    );
}

#[tokio::test]
async fn every_message_is_delivered_or_counted_as_conflated() {
    const MESSAGES: u64 = 200;
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    // What is published while the service does not run arrives at once.
    service.pause();
    for seq in 1..=MESSAGES {
        let message = format!(r#"{{"inserted": {seq}, "seq": {seq}}}"#);
        redis.publish(&job, message).await;
    }
    service.resume();
    while stream.progress().await.data["inserted"] != MESSAGES {}
    let delivered = service.metric("connect_deliveries_total").await;
    let conflated = service.metric("connect_messages_conflated_total").await;
    assert_eq!(delivered + conflated, MESSAGES);
    assert!(conflated > 0);
}

#[tokio::test]
async fn connections_to_redis_that_are_made_anew_are_counted() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let name = "connect_resyncs_total{cause=\"connection\"}";
    assert_eq!(service.metric(name).await, 1, "the first one");
    redis.cut_subscriptions().await;
    eventually("it is back", async || {
        (service.metric(name).await == 2).then_some(())
    })
    .await;
    redis.publish(&job, r#"{"inserted": 1}"#).await;
    stream.progress().await;
    assert_eq!(service.metric("connect_broker_up").await, 1);
}

#[tokio::test]
async fn each_metric_is_in_the_book() {
    let book = include_str!("../../../docs/operate.md");
    let service = Service::start(Stores::Memory);
    let metrics = service.request(Method::GET, "/metrics").send().await;
    let metrics = metrics.unwrap().text().await.unwrap();
    let families = metrics.lines().filter_map(|line| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        Some(match kind {
            "counter" => format!("`{name}_total"),
            _ => format!("`{name}"),
        })
    });
    let families: Vec<String> = families.collect();
    assert!(families.len() >= 8, "{metrics}");
    for name in families {
        assert!(book.contains(&name), "{name} is not in docs/operate.md");
    }
}
