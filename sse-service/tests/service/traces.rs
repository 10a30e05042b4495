//! What is told of requests and streams, and what is not.

use std::process::Command;

use serde_json::{Value, json};

use super::support::{API_KEY, SECRET, Service};

const WORDS: &str = "the worker's own words";

fn command() -> Command {
    let mut command = Service::command();
    command.args(["--log-format", "json", "serve", "--broker", "memory"]);
    command.args(["--directory", "memory", "--allow-query-token"]);
    command.args(["--session-secret", SECRET, "--api-key", API_KEY]);
    command.env("RUST_LOG", "info,sse_service=debug");
    command.env("CONNECT_DRAIN_SECONDS", "0");
    command
}

/// A stream from its beginning to its end, by all ways in which a token comes.
async fn follow(service: &Service) -> (String, String, String) {
    let (connection, job) = service.syncing().await;
    let token = Service::token();
    let path = format!("/connect/subscribe?connection_id={connection}&access_token={token}");
    let mut shared = service.stream(&path).await;
    let mut single = service.subscribe(&connection).await;
    single.connected().await;
    shared.connected().await;
    let end = json!({ "inserted": 1, "status": "failed", "error": WORDS });
    service.publish(&job, &end).await;
    single.rest().await;
    shared.rest().await;
    (connection, job, token)
}

#[tokio::test]
async fn the_log_tells_which_connection_and_job_and_never_a_secret() {
    let service = Service::spawn(&mut command());
    let (connection, job, token) = follow(&service).await;
    service.terminate();
    let log = service.whole_log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let is_told = |message: &str, span: &str| {
        lines.iter().any(|line| {
            let span = line["span"]["name"] == span
                && line["span"]["connection"] == json!(connection)
                && line["span"]["job"] == json!(job);
            line["message"] == message && span
        })
    };
    assert!(is_told("a stream has ended", "stream"), "{log}");
    // The registration of the job.
    assert!(is_told("answered", "request"), "{log}");
    for secret in [&*token, SECRET, API_KEY, WORDS] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[cfg(feature = "otel")]
#[tokio::test]
async fn spans_are_sent_to_a_collector() {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::{Arc, Mutex},
    };

    use super::support::eventually;

    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let received: Arc<Mutex<Vec<u8>>> = Arc::default();
    let bytes = received.clone();
    std::thread::spawn(move || {
        for io in collector.incoming() {
            let (mut io, bytes) = (io.unwrap(), bytes.clone());
            std::thread::spawn(move || {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(read @ 1..) = io.read(&mut buffer) {
                    bytes.lock().unwrap().extend_from_slice(&buffer[..read]);
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    io.write_all(answer.as_bytes()).unwrap();
                }
            });
        }
    });
    let service = Service::spawn(
        command()
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .env("OTEL_BSP_SCHEDULE_DELAY", "100"),
    );
    let (connection, job, token) = follow(&service).await;
    service.terminate();
    assert!(service.wait().success());
    let text = eventually("spans arrive", async || {
        let text = String::from_utf8_lossy(&received.lock().unwrap()).into_owned();
        text.contains("stream").then_some(text)
    })
    .await;
    for told in ["/v1/traces", "sse-service", "request", &connection, &job] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    for secret in [&*token, SECRET, API_KEY, WORDS] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
