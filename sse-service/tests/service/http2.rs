//! HTTP/2, with TLS and without, and TLS itself.

use std::fs;

use futures_util::future::join_all;
use reqwest::{Client, Method, StatusCode, Version};
use serde_json::json;

use super::support::{API_KEY, Identity, Service, Stores, Stream, eventually};

/// More than a browser opens on one connection, and more than HTTP/1.1 would ever give it.
const STREAMS: usize = 150;

fn address(service: &Service, path: &str) -> String {
    service.url(path).replace("127.0.0.1", "localhost")
}

/// Streams that share a connection, all of them connected.
async fn streams(service: &Service, client: &Client, count: usize) -> (String, Vec<Stream>) {
    let connection = uuid::Uuid::new_v4().to_string();
    let path = format!("/connect/source-connections/{connection}");
    let body = json!({ "name": "Chat", "short_name": "slack", "readable_collection_id": "acme" });
    post(service, client, Method::PUT, &path, &body).await;
    let job = json!({ "status": "running", "id": uuid::Uuid::new_v4().to_string() });
    post(service, client, Method::POST, &format!("{path}/jobs"), &job).await;
    let opened = join_all((0..count).map(async |_| {
        let request = client.get(address(service, &format!("{path}/subscribe")));
        let response = request.bearer_auth(Service::token()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.version(), Version::HTTP_2);
        let mut stream = Stream::new(response);
        stream.connected().await;
        stream
    }));
    (job["id"].as_str().unwrap().to_owned(), opened.await)
}

async fn post(
    service: &Service,
    client: &Client,
    method: Method,
    path: &str,
    body: &serde_json::Value,
) {
    let request = client.request(method, address(service, path));
    let request = request.header("X-API-Key", API_KEY).json(body);
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{path}");
}

async fn many_streams_share_a_connection(service: &Service, client: &Client) {
    let (job, mut streams) = streams(service, client, STREAMS).await;
    let path = format!("/connect/jobs/{job}/progress");
    let progress = json!({ "inserted": 7, "seq": 1 });
    post(service, client, Method::POST, &path, &progress).await;
    for stream in &mut streams {
        assert_eq!(stream.progress().await.data["inserted"], 7);
    }
    let end = json!({ "inserted": 9, "status": "completed", "seq": 2 });
    post(service, client, Method::POST, &path, &end).await;
    for stream in streams {
        assert_eq!(
            stream.rest().await.last().unwrap().data["is_complete"],
            true
        );
    }
}

async fn streams_are_let_go_when_the_service_stops(service: Service, client: &Client) {
    let (_, streams) = streams(&service, client, 20).await;
    service.terminate();
    for stream in streams {
        for event in stream.rest().await {
            assert_ne!(event.kind(), Some("error"), "{event:?}");
        }
    }
    assert!(service.wait().success());
}

fn prior_knowledge() -> Client {
    Client::builder().http2_prior_knowledge().build().unwrap()
}

#[tokio::test]
async fn many_streams_share_a_connection_with_tls() {
    let identity = Identity::new();
    let service = identity.service(&[]);
    many_streams_share_a_connection(&service, &identity.client()).await;
}

#[tokio::test]
async fn many_streams_share_a_connection_behind_a_proxy() {
    let service = Service::start(Stores::Memory);
    many_streams_share_a_connection(&service, &prior_knowledge()).await;
}

#[tokio::test]
async fn streams_with_tls_are_let_go_when_the_service_stops() {
    let identity = Identity::new();
    let service = identity.service(&["--drain-seconds", "1"]);
    streams_are_let_go_when_the_service_stops(service, &identity.client()).await;
}

#[tokio::test]
async fn streams_behind_a_proxy_are_let_go_when_the_service_stops() {
    let service = Service::start_with(Stores::Memory, &["--drain-seconds", "1"]);
    streams_are_let_go_when_the_service_stops(service, &prior_knowledge()).await;
}

#[tokio::test]
async fn a_client_without_http2_is_served_with_tls() {
    let identity = Identity::new();
    let service = identity.service(&[]);
    let client = identity.trusting().http1_only().build().unwrap();
    let health = client.get(address(&service, "/healthz")).send().await;
    assert_eq!(health.unwrap().version(), Version::HTTP_11);
}

#[tokio::test]
async fn a_stream_that_is_cancelled_frees_its_slot_with_the_next_heartbeat() {
    let flags = ["--max-streams", "3", "--heartbeat-seconds", "1"];
    let service = Service::start_with(Stores::Memory, &flags);
    let client = prior_knowledge();
    let (_, held) = streams(&service, &client, 3).await;
    assert_eq!(service.metric("connect_streams_open").await, 3);
    drop(held);
    none_is_open(&service).await;
    let (_, again) = streams(&service, &client, 3).await;
    assert_eq!(again.len(), 3);
}

#[tokio::test]
async fn a_connection_that_is_closed_frees_the_slots_of_its_streams_at_once() {
    let flags = ["--heartbeat-seconds", "300"];
    let service = Service::start_with(Stores::Memory, &flags);
    let client = prior_knowledge();
    let (_, held) = streams(&service, &client, 3).await;
    assert_eq!(service.metric("connect_streams_open").await, 3);
    drop((held, client));
    none_is_open(&service).await;
}

async fn none_is_open(service: &Service) {
    eventually("all are gone", async || {
        (service.metric("connect_streams_open").await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_after_sighup_and_a_bad_one_is_not() {
    let identity = Identity::new();
    let service = identity.service(&[]);
    let old = identity.client();
    let (_, mut held) = streams(&service, &old, 1).await;
    identity.renew();
    service.hang_up();
    service.logged("certificate was read again");
    let renewed = identity.client();
    let health = renewed.get(address(&service, "/healthz")).send().await;
    assert_eq!(health.unwrap().status(), StatusCode::OK);
    fs::write(identity.path("key.pem"), "no key").unwrap();
    service.hang_up();
    service.logged("certificate stays as it was");
    let health = renewed.get(address(&service, "/healthz")).send().await;
    assert_eq!(health.unwrap().status(), StatusCode::OK);
    // Nothing of this is felt by a stream.
    assert_eq!(service_streams(&service, &renewed).await, 1);
    held.clear();
}

async fn service_streams(service: &Service, client: &Client) -> u64 {
    let response = client.get(address(service, "/metrics")).send().await;
    let text = response.unwrap().text().await.unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix("connect_streams_open ")?.parse().ok())
        .unwrap()
}
