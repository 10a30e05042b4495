//! `--directory upstream`: the service beside a backend that keeps connections and jobs itself.

use std::{net::TcpListener, time::Duration};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Host, Identity, Redis, SECRET, Service, Stores, TlsFront, eventually, token};

/// The service beside the host, with short heartbeats.
fn beside(url: &str, stores: Stores<'_>) -> Service {
    let url = format!("{url}/api/");
    let flags = ["--directory", "upstream", "--upstream-url", &url];
    Service::start_with(
        stores,
        &[&flags[..], &["--heartbeat-seconds", "1"]].concat(),
    )
}

fn path(connection: &str) -> String {
    format!("/connect/source-connections/{connection}")
}

async fn json(service: &Service, path: &str) -> Value {
    let response = service.get(path, &Service::token()).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_host_with_its_own_backend_and_workers_changes_nothing() {
    let (redis, host) = (Redis::start().await, Host::start());
    let service = beside(host.url(), Stores::Redis(&redis));
    let connection = host.add_connection("acme");
    let job = host.add_job(&connection, "in_progress");
    let list = json(&service, "/connect/source-connections").await;
    assert_eq!(list[0]["id"], json!(connection));
    let shown = json(&service, &path(&connection)).await;
    assert_eq!(shown, list[0]);
    assert_eq!(
        (
            &shown["status"],
            &shown["entity_count"],
            &shown["auth_method"]
        ),
        (&json!("syncing"), &json!(12), &json!("oauth_browser"))
    );
    assert!(shown.get("config").is_none(), "only what is known is shown");
    let jobs = json(&service, &format!("{}/jobs", path(&connection))).await;
    assert_eq!(
        (
            &jobs[0]["id"],
            &jobs[0]["status"],
            &jobs[0]["entities_inserted"]
        ),
        (&json!(job), &json!("running"), &json!(3))
    );
    let mut stream = service.subscribe(&connection).await;
    assert_eq!(stream.connected().await.data["job_id"], json!(job));
    redis.publish(&job, r#"{"inserted": 4}"#).await;
    assert_eq!(stream.progress().await.data["inserted"], 4);
    redis
        .publish(&job, r#"{"inserted": 5, "is_complete": true}"#)
        .await;
    let rest = stream.rest().await;
    assert_eq!(rest.last().unwrap().data["status"], "completed");
    // The backend has not noticed yet; the snapshot has.
    let late = service.subscribe(&connection).await.rest().await;
    assert_eq!(late.last().unwrap().data["inserted"], 5);
}

#[tokio::test]
async fn the_host_is_asked_in_the_callers_name_and_only_for_good_tokens() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    for bad in [
        "x",
        "",
        &token::sign(&token::claims("acme"), "another secret"),
    ] {
        let response = service.get(&path(&connection), bad).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    assert!(host.state().asked.is_empty(), "the host never sees them");
    let good = Service::token();
    service.get(&path(&connection), &good).await;
    let asked = vec![(format!("/api{}", path(&connection)), good)];
    assert_eq!(host.state().asked, asked);
}

#[tokio::test]
async fn what_the_host_refuses_is_refused() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    for (status, kind) in [
        (401, "bad-token"),
        (403, "host-forbids"),
        (404, "no-connection"),
    ] {
        host.answer_instead(status, "<html>a secret of the host</html>");
        for end in ["", "/jobs", "/subscribe"] {
            let path = path(&connection) + end;
            let response = service.get(&path, &Service::token()).await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            let problem: Value = response.json().await.unwrap();
            assert_eq!(problem["type"], format!("urn:connect:problem:{kind}"));
            assert!(!problem.to_string().contains("secret"), "{problem}");
        }
    }
    host.answer_instead(401, "");
    let several = format!("/connect/subscribe?connection_id={connection}");
    let response = service.get(&several, &Service::token()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    host.answer_again();
    let response = service.try_subscribe(&connection, None).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND, "no job yet");
}

#[tokio::test]
async fn a_host_that_is_not_well_is_told_as_503() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    let other = format!(
        r#"{{"id":"{}","short_name":"slack","readable_collection_id":"acme"}}"#,
        uuid::Uuid::new_v4()
    );
    let cases = [
        ("an error", 500, ""),
        ("overload", 429, ""),
        ("a proxy's error", 502, "<html>bad gateway</html>"),
        ("a redirection", 302, ""),
        ("no content", 204, ""),
        ("no JSON", 200, "<html>log in</html>"),
        ("half of it", 200, r#"{"id":"#),
        ("an empty object", 200, "{}"),
        ("null", 200, "null"),
        ("another connection", 200, &other),
        ("far too much", 200, &format!("\"{}\"", "x".repeat(2 << 20))),
        ("too deep", 200, &"[".repeat(100_000)),
    ];
    for (what, status, body) in cases {
        host.answer_instead(status, body);
        let response = service.get(&path(&connection), &Service::token()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{what}");
        assert!(response.headers().contains_key("retry-after"), "{what}");
    }
    assert_eq!(host.asked("/elsewhere"), 0, "tokens go nowhere else");
    host.answer_again();
    json(&service, &path(&connection)).await;
    assert_eq!(
        service
            .request(Method::GET, "/readyz")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_host_that_is_silent_or_gone_is_told_as_503_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [silent.local_addr().unwrap(), gone.local_addr().unwrap()];
    drop(gone);
    for address in addresses {
        let service = beside(&format!("http://{address}"), Stores::Memory);
        let token = Service::token();
        let list = service.get("/connect/source-connections", &token);
        let response = tokio::time::timeout(Duration::from_secs(10), list)
            .await
            .expect("no longer than its time-out");
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
    }
    drop(silent);
}

#[tokio::test]
async fn what_the_host_shows_must_be_the_sessions_own() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    let foreign = host.add_connection("umbrella");
    host.add_job(&foreign, "running");
    host.add_job(&connection, "running");
    let mut limited = token::claims("acme");
    limited["int"] = json!(["github"]);
    let mut connect = token::claims("acme");
    connect["mode"] = json!("connect");
    let cases = [
        (&foreign, token::claims("acme")),
        (&connection, limited),
        (&connection, connect),
    ];
    for (connection, claims) in cases {
        let token = token::sign(&claims, SECRET);
        for end in ["", "/jobs", "/subscribe"] {
            let response = service.get(&(path(connection) + end), &token).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{claims} {end}");
        }
    }
    let list = json(&service, "/connect/source-connections").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_host_has_said_is_believed_for_a_moment_and_for_that_caller_alone() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    let asked = format!("/api{}", path(&connection));
    for _ in 0..20 {
        json(&service, &path(&connection)).await;
    }
    assert!(host.asked(&asked) <= 3, "{}", host.asked(&asked));
    let before = host.asked(&asked);
    let mut claims = token::claims("acme");
    claims["nonce"] = json!("another");
    let other = token::sign(&claims, SECRET);
    assert_eq!(
        service.get(&path(&connection), &other).await.status(),
        StatusCode::OK
    );
    assert_eq!(host.asked(&asked), before + 1);
    host.answer_instead(403, "");
    eventually("it is not believed for long", async || {
        let response = service.get(&path(&connection), &other).await;
        (response.status() == StatusCode::FORBIDDEN).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_host_is_not_overrun() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    host.state().delay = Duration::from_millis(50);
    let sessions = (0..200).map(async |at| {
        let mut claims = token::claims("acme");
        claims["nonce"] = json!(at.to_string());
        let token = token::sign(&claims, SECRET);
        service
            .get("/connect/source-connections", &token)
            .await
            .status()
    });
    let answers = join_all(sessions).await;
    assert!(answers.iter().all(|status| *status == StatusCode::OK));
    let most = host.state().most_at_once;
    assert!((2..=32).contains(&most), "{most}");
}

#[tokio::test]
async fn registering_is_the_hosts_own_business_and_progress_is_not() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    let job = host.add_job(&connection, "running");
    let body = json!({ "name": "x", "short_name": "slack", "readable_collection_id": "acme" });
    for (method, path) in [
        (Method::PUT, path(&connection)),
        (Method::POST, path(&connection) + "/jobs"),
    ] {
        let response = service.send(method, &path, &body).await;
        assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED, "{path}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["type"], "urn:connect:problem:not-kept-here");
    }
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    service
        .publish(&job, &json!({ "inserted": 4, "seq": 1 }))
        .await;
    assert_eq!(stream.progress().await.id, format!("{job}/1"));
    let end = json!({ "inserted": 5, "seq": 2, "status": "completed" });
    assert_eq!(service.publish(&job, &end).await["status"], "completed");
    let rest = stream.rest().await;
    assert_eq!(rest.last().unwrap().id, format!("{job}/2"));
    let late = json!({ "inserted": 4, "seq": 3 });
    assert_eq!(service.publish(&job, &late).await["event_id"], Value::Null);
}

#[tokio::test]
async fn new_jobs_and_ends_that_only_the_host_knows_are_asked_for() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    let mut stream = service
        .stream(&(path(&connection) + "/subscribe?wait=60"))
        .await;
    let first = host.add_job(&connection, "pending");
    assert_eq!(stream.news().await.data["job_id"], json!(first));
    host.set_status(&connection, "failed");
    assert_eq!(stream.news().await.data["status"], "failed");
    let second = host.add_job(&connection, "running");
    assert_eq!(stream.news().await.data["job_id"], json!(second));
    host.set_status(&connection, "cancelled");
    let third = host.add_job(&connection, "running");
    let end = stream.news().await;
    assert_eq!(end.data["status"], "cancelled", "{end:?}");
    assert_eq!(stream.news().await.data["job_id"], json!(third));
}

#[tokio::test]
async fn a_host_may_announce_its_jobs_so_that_nobody_has_to_ask() {
    let (redis, host) = (Redis::start().await, Host::start());
    let url = format!("{}/api", host.url());
    let flags = ["--directory", "upstream", "--upstream-url", &url];
    let service = Service::start_with(Stores::Redis(&redis), &flags);
    let connection = host.add_connection("acme");
    host.add_job(&connection, "running");
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let job = host.add_job(&connection, "running");
    let message = json!({ "source_connection_id": connection, "job_id": job });
    redis.say("connect:jobs", &message.to_string()).await;
    // Long before the next heartbeat, with which the host would be asked.
    let next = tokio::time::timeout(Duration::from_secs(15), stream.connected()).await;
    assert_eq!(next.unwrap().data["job_id"], json!(job));
}

#[tokio::test]
async fn a_stream_outlives_a_host_that_is_down_and_ends_when_it_takes_the_right_back() {
    let host = Host::start();
    let service = beside(host.url(), Stores::Memory);
    let connection = host.add_connection("acme");
    let job = host.add_job(&connection, "running");
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    host.answer_instead(500, "");
    let jobs = format!("/api{}/jobs", path(&connection));
    let asked = host.asked(&jobs);
    eventually("it was asked while it was down", async || {
        (host.asked(&jobs) > asked).then_some(())
    })
    .await;
    service
        .publish(&job, &json!({ "inserted": 4, "seq": 1 }))
        .await;
    assert_eq!(stream.progress().await.id, format!("{job}/1"));
    host.answer_instead(403, "");
    let last = stream.rest().await.pop().unwrap();
    assert_eq!(
        (&last.data["type"], &last.data["code"]),
        (&json!("error"), &json!("access_lost"))
    );
    assert_eq!(
        service
            .metric("connect_streams_ended_total{cause=\"access_lost\"}")
            .await,
        1
    );
}

#[tokio::test]
async fn a_host_that_speaks_tls_is_asked_if_its_certificate_is_known() {
    let (host, identity) = (Host::start(), Identity::new());
    let connection = host.add_connection("acme");
    let front = TlsFront::start(host.url(), &identity).await;
    let url = format!("{}/api", front.url());
    let ask = async |trusted: &str| {
        let mut command = Service::command();
        command.args(["serve", "--session-secret", SECRET, "--broker", "memory"]);
        command.args(["--directory", "upstream", "--upstream-url", &url]);
        let service = Service::spawn(command.env("SSL_CERT_FILE", trusted));
        let response = service.get(&path(&connection), &Service::token()).await;
        response.status()
    };
    assert_eq!(ask(&identity.path("chain.pem")).await, StatusCode::OK);
    let stranger = Identity::new();
    assert_eq!(
        ask(&stranger.path("chain.pem")).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn an_address_that_is_of_no_use_is_refused_at_the_start() {
    for url in [
        "api.example.com",
        "http://user:hunter2@127.0.0.1",
        "ftp://x",
    ] {
        let mut command = Service::command();
        command.args(["serve", "--session-secret", SECRET, "--broker", "memory"]);
        command.args(["--directory", "upstream", "--upstream-url", url]);
        let output = command.output().unwrap();
        assert!(!output.status.success(), "{url}");
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(log.contains("--upstream-url"), "{log}");
        assert!(!log.contains("hunter2"), "{log}");
    }
}
