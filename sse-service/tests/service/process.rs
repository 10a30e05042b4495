//! The process: how it refuses to start, and how it stops.

use std::process::Output;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::support::{SECRET, Service, Stores, eventually};

fn run(flags: &[&str]) -> Output {
    Service::command()
        .arg("serve")
        .args(flags)
        .output()
        .unwrap()
}

#[test]
fn settings_that_cannot_be_used_are_refused_with_the_reason() {
    let memory = ["--broker", "memory", "--directory", "memory"];
    let secret = ["--session-secret", SECRET];
    let key = ["--api-key", "k"];
    let sharded = ["--redis-url", "redis://:hunter2@x", "--redis-sharded"];
    let cases: [(&str, Vec<&str>, &str); 11] = [
        (
            "no network",
            [
                &memory[..],
                &secret,
                &key,
                &["--trusted-proxy", "everybody"],
            ]
            .concat(),
            "must be a network",
        ),
        (
            "no secret",
            [&memory[..], &key].concat(),
            "CONNECT_SESSION_SECRETS",
        ),
        (
            "an empty secret",
            [&memory[..], &key, &["--session-secret", ""]].concat(),
            "must not be empty",
        ),
        (
            "no API key",
            [&memory[..], &secret].concat(),
            "CONNECT_API_KEYS",
        ),
        (
            "no Redis",
            [&secret[..], &key].concat(),
            "CONNECT_REDIS_URL",
        ),
        (
            "a bad Redis",
            [&secret[..], &key, &["--redis-url", "http://:hunter2@x"]].concat(),
            "must begin with redis://",
        ),
        (
            "shards without a cluster",
            [&secret[..], &key, &sharded].concat(),
            "redis-cluster://",
        ),
        (
            "every origin",
            [&memory[..], &secret, &key, &["--allow-origin", "*"]].concat(),
            "is no origin",
        ),
        (
            "no number",
            [&memory[..], &secret, &key, &["--heartbeat-seconds", "soon"]].concat(),
            "heartbeat-seconds",
        ),
        (
            "no heartbeat",
            [&memory[..], &secret, &key, &["--heartbeat-seconds", "0"]].concat(),
            "heartbeat-seconds",
        ),
        (
            "an unknown broker",
            [&secret[..], &["--broker", "carrier-pigeon"]].concat(),
            "memory, redis",
        ),
    ];
    for (what, flags, reason) in cases {
        let output = run(&flags);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{what}");
        assert!(said.contains(reason), "{what}: {said}");
        assert!(
            !said.contains(SECRET) && !said.contains("hunter2"),
            "{what}: {said}"
        );
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&[
        "--broker",
        "memory",
        "--directory",
        "memory",
        "--session-secret",
        SECRET,
        "--api-key",
        "k",
        "--listen",
        &address,
    ]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains(&address),
        "{said}"
    );
}

#[tokio::test]
async fn a_stopping_service_lets_its_streams_go_and_exits_well() {
    let service = Service::start_with(Stores::Memory, &["--drain-seconds", "2"]);
    let (connection, job) = service.syncing().await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        streams.push(stream);
    }
    service.terminate();
    eventually("no new streams", async || {
        let answer = service.request(Method::GET, "/readyz").send().await;
        answer
            .is_ok_and(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE)
            .then_some(())
    })
    .await;
    let _ = service
        .send(
            Method::POST,
            &format!("/connect/jobs/{job}/progress"),
            &json!({ "inserted": 1 }),
        )
        .await;
    for stream in streams {
        for event in stream.rest().await {
            assert_ne!(
                event.kind(),
                Some("error"),
                "a client comes back on its own: {event:?}"
            );
        }
    }
    assert!(service.wait().success());
}

#[tokio::test]
async fn health_and_metrics_move_to_a_port_of_their_own() {
    let service = Service::start_with(Stores::Memory, &["--admin-listen", "127.0.0.1:0"]);
    let (connection, _) = service.syncing().await;
    let line = service.logged("health and metrics on ");
    let (_, admin) = line.split_once("health and metrics on ").unwrap();
    let status = async |url: String| {
        let get = reqwest::Client::new()
            .get(url)
            .bearer_auth(Service::token());
        get.send().await.unwrap().status()
    };
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(
            status(service.url(path)).await,
            StatusCode::NOT_FOUND,
            "{path}"
        );
        assert_eq!(
            status(format!("{}{path}", admin.trim())).await,
            StatusCode::OK,
            "{path}"
        );
    }
    for path in ["", "/jobs", "/subscribe"] {
        let path = format!("/connect/source-connections/{connection}{path}");
        assert_eq!(status(service.url(&path)).await, StatusCode::OK, "{path}");
        assert_eq!(
            status(format!("{}{path}", admin.trim())).await,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn logs_for_machines_are_json() {
    let service = Service::start_with(Stores::Memory, &["--log-format", "json"]);
    service.terminate();
    let line = service.logged("draining");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["level"], "INFO");
    assert!(service.wait().success());
}
