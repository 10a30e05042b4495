//! Sessions that are ended before their tokens expire.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{API_KEY, Redis, Service, Stores, eventually};

/// The session of [`Service::token`].
const SESSION: &str = "5e551017-0000-4000-8000-000000000001";

async fn revoke(service: &Service, session: &str) {
    let path = format!("/connect/sessions/{session}");
    let response = service.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

async fn kind_of_refusal(service: &Service, path: &str) -> Option<Value> {
    let response = service.get(path, &Service::token()).await;
    if response.status() != StatusCode::UNAUTHORIZED {
        return None;
    }
    let problem: Value = response.json().await.unwrap();
    Some(problem["type"].clone())
}

async fn a_revoked_session_loses_its_streams_and_is_refused(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, _) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let body = json!({ "readable_collection_id": "acme" });
    let other = service.ask(Method::POST, "/connect/sessions", &body).await;
    let path = format!("/connect/source-connections/{connection}/subscribe");
    let others = service.get(&path, other["session_token"].as_str().unwrap());
    let others = others.await;

    revoke(&service, SESSION).await;
    let rest = stream.rest().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(rest[0].kind(), Some("error"));
    assert_eq!(rest[0].data["code"], "session_revoked");
    let revoked = json!("urn:connect:problem:session-revoked");
    for path in [&*path, "/connect/source-connections"] {
        let refusal = kind_of_refusal(&service, path).await;
        assert_eq!(refusal, Some(revoked.clone()), "{path}");
    }
    let ended = "connect_streams_ended_total{cause=\"session_revoked\"}";
    assert_eq!(service.metric(ended).await, 1);
    assert_eq!(service.metric("connect_streams_open").await, 1);
    assert_eq!(others.status(), StatusCode::OK, "other sessions go on");
}

with_either_store!(a_revoked_session_loses_its_streams_and_is_refused);

#[tokio::test]
async fn a_session_is_revoked_at_every_replica_and_at_those_that_come_later() {
    let redis = Redis::start().await;
    let (here, there) = (
        Service::start(Stores::Redis(&redis)),
        Service::start(Stores::Redis(&redis)),
    );
    let (connection, _) = here.syncing().await;
    let mut stream = there.subscribe(&connection).await;
    stream.connected().await;
    revoke(&here, SESSION).await;
    let rest = stream.rest().await;
    assert_eq!(rest.last().unwrap().data["code"], "session_revoked");
    let later = Service::start(Stores::Redis(&redis));
    for service in [&there, &later] {
        eventually("refused", async || {
            kind_of_refusal(service, "/connect/source-connections").await
        })
        .await;
    }
}

#[tokio::test]
async fn what_cannot_be_told_to_other_replicas_is_asked_for_again() {
    let mut redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    service.register_connection("acme").await;
    redis.kill();
    let path = format!("/connect/sessions/{SESSION}");
    let response = service.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    redis.run().await;
    eventually("revoked", async || {
        let response = service.send(Method::DELETE, &path, &json!({})).await;
        (response.status() == StatusCode::NO_CONTENT).then_some(())
    })
    .await;
}

#[tokio::test]
async fn only_a_server_with_an_api_key_revokes() {
    let service = Service::start(Stores::Memory);
    let path = format!("/connect/sessions/{SESSION}");
    let by_browser = service.request(Method::DELETE, &path);
    let by_browser = by_browser.bearer_auth(Service::token()).send().await;
    assert_eq!(by_browser.unwrap().status(), StatusCode::UNAUTHORIZED);
    let list = "/connect/source-connections";
    assert_eq!(kind_of_refusal(&service, list).await, None);
    let long = format!("/connect/sessions/{}", "x".repeat(300));
    let long = service.request(Method::DELETE, &long);
    let long = long.header("X-API-Key", API_KEY).send().await.unwrap();
    assert_eq!(long.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
