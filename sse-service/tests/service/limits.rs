//! Limits: what is refused, how it is told, and that it passes.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::support::{API_KEY, SECRET, Service, Stores, eventually, token};

/// A session of its own.
fn token_of(session: &str) -> String {
    let mut claims = token::claims("acme");
    claims["sid"] = json!(session);
    token::sign(&claims, SECRET)
}

async fn subscribe(service: &Service, connection: &str, session: &str) -> Response {
    let path = format!("/connect/source-connections/{connection}/subscribe");
    service.get(&path, &token_of(session)).await
}

/// Asks again until there is room.
async fn subscribed(service: &Service, connection: &str, session: &str) -> Response {
    eventually("a free slot", async || {
        let response = subscribe(service, connection, session).await;
        (response.status() == StatusCode::OK).then_some(response)
    })
    .await
}

/// The kind of a refusal that says when to try again.
async fn refusal(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/problem+json");
    let seconds: u32 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let problem: Value = response.json().await.unwrap();
    (status, problem["type"].clone())
}

const TOO_MANY_STREAMS: &str = "urn:connect:problem:too-many-streams";

#[tokio::test]
async fn a_session_may_have_only_so_many_streams() {
    let service = Service::start_with(Stores::Memory, &["--max-streams-per-session", "2"]);
    let (connection, _) = service.syncing().await;
    let first = subscribe(&service, &connection, "a").await;
    let second = subscribe(&service, &connection, "a").await;
    assert_eq!(
        (first.status(), second.status()),
        (StatusCode::OK, StatusCode::OK)
    );
    let third = subscribe(&service, &connection, "a").await;
    let expected = (StatusCode::TOO_MANY_REQUESTS, json!(TOO_MANY_STREAMS));
    assert_eq!(refusal(third).await, expected);
    let several = format!("/connect/subscribe?connection_id={connection}");
    let several = service.get(&several, &token_of("a")).await;
    assert_eq!(refusal(several).await, expected, "on whatever path");
    let other = subscribe(&service, &connection, "b").await;
    assert_eq!(other.status(), StatusCode::OK, "others do not pay for it");
    let hits = "connect_limit_hits_total{limit=\"streams_per_session\"}";
    assert_eq!(service.metric(hits).await, 2);
    drop(first);
    subscribed(&service, &connection, "a").await;
}

#[tokio::test]
async fn an_address_may_have_only_so_many_streams() {
    let service = Service::start_with(Stores::Memory, &["--max-streams-per-address", "2"]);
    let (connection, _) = service.syncing().await;
    let first = subscribe(&service, &connection, "a").await;
    let _second = subscribe(&service, &connection, "b").await;
    let third = subscribe(&service, &connection, "c").await;
    let expected = (StatusCode::TOO_MANY_REQUESTS, json!(TOO_MANY_STREAMS));
    assert_eq!(refusal(third).await, expected);
    let hits = "connect_limit_hits_total{limit=\"streams_per_address\"}";
    assert_eq!(service.metric(hits).await, 1);
    drop(first);
    subscribed(&service, &connection, "c").await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_is_that_of_its_client() {
    let flags = ["--max-streams-per-address", "1", "--trusted-proxy"];
    let trusting = Service::start_with(Stores::Memory, &[&flags[..], &["127.0.0.0/8"]].concat());
    let distrustful =
        Service::start_with(Stores::Memory, &[&flags[..], &["192.0.2.0/24"]].concat());
    for (service, second) in [
        (&trusting, StatusCode::OK),
        (&distrustful, StatusCode::TOO_MANY_REQUESTS),
    ] {
        let (connection, _) = service.syncing().await;
        for path in [
            format!("/connect/source-connections/{connection}/subscribe"),
            format!("/connect/subscribe?connection_id={connection}"),
        ] {
            let from = async |addresses: &str| {
                let request = service.request(Method::GET, &path);
                let request = request.bearer_auth(Service::token());
                let request = request.header("X-Forwarded-For", addresses);
                request.send().await.unwrap()
            };
            let _one = eventually("a free slot", async || {
                let response = from("198.51.100.1").await;
                (response.status() == StatusCode::OK).then_some(response)
            })
            .await;
            assert_eq!(from("198.51.100.2").await.status(), second, "{path}");
            let invented = from("203.0.113.9, 198.51.100.1").await;
            assert_eq!(invented.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
    }
}

#[tokio::test]
async fn the_service_may_have_only_so_many_streams() {
    let service = Service::start_with(Stores::Memory, &["--max-streams", "1"]);
    let (connection, _) = service.syncing().await;
    let first = subscribe(&service, &connection, "a").await;
    let second = subscribe(&service, &connection, "b").await;
    let expected = (StatusCode::SERVICE_UNAVAILABLE, json!(TOO_MANY_STREAMS));
    assert_eq!(refusal(second).await, expected);
    let hits = "connect_limit_hits_total{limit=\"streams\"}";
    assert_eq!(service.metric(hits).await, 1);
    drop(first);
    subscribed(&service, &connection, "b").await;
}

#[tokio::test]
async fn a_stream_that_ends_or_is_refused_leaves_its_place() {
    let service = Service::start_with(Stores::Memory, &["--max-streams", "1"]);
    let (connection, job) = service.syncing().await;
    for session in ["a", "b", "c"] {
        let nowhere = subscribe(&service, "6f9619ff-8b86-d011-b42d-00cf4fc964ff", session).await;
        assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    }
    let end = json!({ "inserted": 1, "status": "completed", "seq": 1 });
    service.publish(&job, &end).await;
    for _ in 0..3 {
        let stream = subscribed(&service, &connection, "a").await;
        assert!(stream.text().await.unwrap().contains("completed"));
    }
    let seen = format!("{job}/1");
    for _ in 0..3 {
        let response = service.try_subscribe(&connection, Some(&seen)).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(service.metric("connect_streams_open").await, 0);
}

#[tokio::test]
async fn a_key_may_publish_only_so_often() {
    let flags = ["--publish-rate", "2", "--api-key", "another key"];
    let service = Service::start_with(Stores::Memory, &flags);
    let (_, job) = service.syncing().await;
    let publish = async |key: &str| {
        let path = format!("/connect/jobs/{job}/progress");
        let request = service
            .request(Method::POST, &path)
            .header("X-API-Key", key);
        let request = request.json(&json!({ "inserted": 1 }));
        request.send().await.unwrap()
    };
    let refused = eventually("the rate is reached", async || {
        let response = publish(API_KEY).await;
        (response.status() != StatusCode::OK).then_some(response)
    })
    .await;
    assert_eq!(refusal(refused).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(publish("another key").await.status(), StatusCode::OK);
    let hits = "connect_limit_hits_total{limit=\"publish_rate\"}";
    assert!(service.metric(hits).await > 0);
    eventually("there is room again", async || {
        (publish(API_KEY).await.status() == StatusCode::OK).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_request_may_be_only_so_large() {
    let flags = ["--max-url-bytes", "1000", "--max-header-bytes", "2000"];
    let service = Service::start_with(Stores::Memory, &flags);
    let long = format!("/connect/source-connections?x={}", "x".repeat(1000));
    let long = service.get(&long, &Service::token()).await;
    let large = service
        .request(Method::GET, "/connect/source-connections")
        .bearer_auth(Service::token())
        .header("X-Large", "x".repeat(2000))
        .send()
        .await
        .unwrap();
    let cases = [
        (long, StatusCode::URI_TOO_LONG, "url_bytes"),
        (
            large,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "header_bytes",
        ),
    ];
    for (response, status, limit) in cases {
        assert_eq!(response.status(), status);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let hits = format!("connect_limit_hits_total{{limit=\"{limit}\"}}");
        assert_eq!(service.metric(&hits).await, 1, "{limit}");
    }
    let usual = service
        .get("/connect/source-connections", &Service::token())
        .await;
    assert_eq!(usual.status(), StatusCode::OK);
}
