//! Attacks, one a test, each named after what the attacker does.

use std::cell::Cell;

use bytes::Bytes;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::net::TcpStream;

use super::support::{API_KEY, Identity, PATIENCE, Service, Socket, Stores, eventually};

/// Impatient, so that the tests need not be patient.
const IMPATIENT: [&str; 4] = [
    "--write-timeout-seconds",
    "2",
    "--request-timeout-seconds",
    "1",
];

/// Publishes large messages until nothing is open any more.
async fn publish_until_streams_are_gone(service: &Service, job: &str) {
    let types: Vec<String> = (0..900)
        .map(|at| format!(r#""Type {at} of many": {at},"#))
        .collect();
    let types = types.concat();
    let next = Cell::new(1);
    eventually("streams without a reader are closed", async || {
        let seq = next.replace(next.get() + 1);
        let progress = format!(
            r#"{{"inserted": {seq}, "seq": {seq}, "entities_encountered": {{{types} "Last": 1}}}}"#
        );
        let publish = service
            .request(Method::POST, &format!("/connect/jobs/{job}/progress"))
            .header("X-API-Key", API_KEY)
            .body(progress);
        assert_eq!(publish.send().await.unwrap().status(), StatusCode::OK);
        let open = service.metric("connect_streams_open").await;
        (open == 0).then_some(())
    })
    .await;
}

async fn write_timeouts(service: &Service) -> u64 {
    let name = "connect_limit_hits_total{limit=\"write_time\"}";
    service.metric(name).await
}

#[tokio::test]
async fn streams_that_are_opened_and_never_read() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    let (connection, job) = service.syncing().await;
    let path = format!("/connect/source-connections/{connection}/subscribe");
    let mut deaf = Vec::new();
    for _ in 0..20 {
        deaf.push(Socket::deaf(&service, &path).await);
    }
    assert_eq!(service.metric("connect_streams_open").await, 20);
    publish_until_streams_are_gone(&service, &job).await;
    assert_eq!(write_timeouts(&service).await, 20);
}

#[tokio::test]
async fn streams_through_the_http_library_that_are_never_read() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    let (connection, job) = service.syncing().await;
    let path = format!("/connect/subscribe?connection_id={connection}");
    let mut deaf = Vec::new();
    for _ in 0..20 {
        deaf.push(Socket::deaf(&service, &path).await);
    }
    assert_eq!(service.metric("connect_streams_open").await, 20);
    publish_until_streams_are_gone(&service, &job).await;
    assert!(write_timeouts(&service).await >= 20);
}

#[tokio::test]
async fn answers_that_are_asked_for_and_never_read() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    for _ in 0..50 {
        service.register_connection("acme").await;
    }
    let mut socket = Socket::connect(&service).await;
    for _ in 0..100 {
        socket.get("/connect/source-connections", "").await;
    }
    eventually("the connection is closed", async || {
        (write_timeouts(&service).await > 0).then_some(())
    })
    .await;
    drop(socket);
}

#[tokio::test]
async fn a_head_that_comes_a_character_at_a_time() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    let mut socket = Socket::connect(&service).await;
    socket.say("GET /healthz HTTP/1.1\r\nX-Slow: ").await;
    let answer = socket.dribble("x").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_second_head_that_comes_a_character_at_a_time() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    let mut socket = Socket::connect(&service).await;
    socket.get("/healthz", "").await;
    socket.hear("\"ok\"").await;
    socket.say("GET /healthz HTTP/1.1\r\nX-Slow: ").await;
    assert_eq!(socket.dribble("x").await, "");
    let name = "connect_limit_hits_total{limit=\"request_time\"}";
    assert_eq!(service.metric(name).await, 1);
}

#[tokio::test]
async fn a_body_that_comes_a_character_at_a_time() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    let (_, job) = service.syncing().await;
    let mut socket = Socket::connect(&service).await;
    let head = format!(
        "POST /connect/jobs/{job}/progress HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\nContent-Length: 1000\r\n\r\n"
    );
    socket.say(&head).await;
    let answer = socket.dribble(" ").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_says_nothing() {
    let service = Service::start_with(Stores::Memory, &IMPATIENT);
    let mut socket = Socket::connect(&service).await;
    // Nothing is answered, and it is not waited for.
    socket.hear("anything").await;
}

#[tokio::test]
async fn a_head_without_end() {
    let service = Service::start(Stores::Memory);
    let mut socket = Socket::connect(&service).await;
    socket.say("GET /healthz HTTP/1.1\r\n").await;
    let answer = socket
        .dribble(&format!("X-Large: {}\r\n", "x".repeat(20_000)))
        .await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
        "{answer}"
    );
    let health = service.request(Method::GET, "/healthz").send().await;
    assert_eq!(health.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn streams_that_are_opened_and_dropped_without_end() {
    let service = Service::start_with(Stores::Memory, &["--max-streams-per-session", "4"]);
    let (connection, job) = service.syncing().await;
    let path = format!("/connect/source-connections/{connection}/subscribe");
    for _ in 0..200 {
        let mut socket = Socket::connect(&service).await;
        socket.get(&path, "").await;
    }
    eventually("all are gone", async || {
        (service.metric("connect_streams_open").await == 0).then_some(())
    })
    .await;
    service.publish(&job, &json!({ "inserted": 1 })).await;
    let mut stream = service.subscribe(&connection).await;
    assert_eq!(stream.progress().await.data["inserted"], 1);
}

#[tokio::test]
async fn streams_over_http2_whose_windows_are_never_opened() {
    let flags = [&IMPATIENT[..], &["--heartbeat-seconds", "1"]].concat();
    let service = Service::start_with(Stores::Memory, &flags);
    let (connection, _) = service.syncing().await;
    let url = service.url("");
    let (_, address) = url.split_once("://").unwrap();
    let io = TcpStream::connect(address).await.unwrap();
    let mut builder = h2::client::Builder::new();
    let handshake = builder.initial_window_size(16).handshake::<_, Bytes>(io);
    let (client, io) = handshake.await.unwrap();
    // It answers to everything that HTTP/2 asks of a connection.
    let io = tokio::spawn(io);
    let mut client = client.ready().await.unwrap();
    let mut deaf = Vec::new();
    for _ in 0..20 {
        let request = http::Request::get(format!(
            "{url}/connect/source-connections/{connection}/subscribe"
        ))
        .header("authorization", format!("Bearer {}", Service::token()))
        .body(())
        .unwrap();
        let (response, _) = client.send_request(request, true).unwrap();
        deaf.push(response.await.unwrap());
    }
    assert_eq!(service.metric("connect_streams_open").await, 20);
    let closed = tokio::time::timeout(PATIENCE, io).await;
    assert!(closed.is_ok(), "the connection is closed");
    eventually("streams without a reader are closed", async || {
        (service.metric("connect_streams_open").await == 0).then_some(())
    })
    .await;
    assert!(write_timeouts(&service).await >= 1);
}

#[tokio::test]
async fn streams_with_tls_that_are_never_read() {
    let identity = Identity::new();
    let client = identity.trusting().http1_only().build().unwrap();
    let service = identity.service(&IMPATIENT).asked_by(client);
    let (connection, job) = service.syncing().await;
    let mut deaf = Vec::new();
    for _ in 0..5 {
        let response = service.try_subscribe(&connection, None).await;
        assert_eq!(response.status(), StatusCode::OK);
        deaf.push(response);
    }
    assert_eq!(service.metric("connect_streams_open").await, 5);
    publish_until_streams_are_gone(&service, &job).await;
    assert!(write_timeouts(&service).await >= 5);
}
