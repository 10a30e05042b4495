//! What a reverse proxy must do for streams, by each that `deploy/` has a configuration for.

use reqwest::{Client, Method, StatusCode, Version};
use serde_json::json;

use super::{
    reverse_proxy::{Kind, ReverseProxy},
    support::{Redis, Service, Stores, Stream, eventually},
};

/// Runs each of these functions with each proxy.
macro_rules! with_each_proxy {
    ($($test:ident),* $(,)?) => {
        with_each_proxy!(@ nginx Nginx $($test)*);
        with_each_proxy!(@ haproxy HaProxy $($test)*);
        with_each_proxy!(@ caddy Caddy $($test)*);
    };
    (@ $module:ident $kind:ident $($test:ident)*) => {
        mod $module {
            use super::Kind;
            $(#[tokio::test] async fn $test() { super::$test(Kind::$kind).await })*
        }
    };
}

with_each_proxy!(
    events_arrive_over_http2_while_the_stream_is_open,
    a_stream_outlives_silence,
    a_browser_that_leaves_is_noticed,
    the_address_of_a_browser_is_passed_on_and_cannot_be_made_up,
    a_browser_that_comes_back_is_told_only_what_it_has_not_seen,
    streams_are_spread_over_the_replicas_which_have_the_same_news,
    a_replica_that_drains_or_dies_gets_no_new_streams,
    what_is_for_operators_is_not_shown,
);

async fn events_arrive_over_http2_while_the_stream_is_open(kind: Kind) {
    let service = Service::start(Stores::Memory);
    let proxy = ReverseProxy::start(kind, [&service; 2], &[]).await;
    let (connection, job) = service.syncing().await;
    let browser = proxy.browser();
    let response = proxy.ask(&browser, &connection, &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-encoding"));
    let mut stream = Stream::new(response);
    stream.connected().await;
    for inserted in 1..=3 {
        service
            .publish(&job, &json!({ "inserted": inserted }))
            .await;
        assert_eq!(stream.progress().await.data["inserted"], inserted);
    }
    // As many as a browser has pages open, on its one connection.
    let mut more = Vec::new();
    for _ in 0..50 {
        more.push(proxy.stream(&browser, &connection).await);
    }
    service
        .publish(&job, &json!({ "inserted": 9, "status": "completed" }))
        .await;
    more.push(stream);
    for stream in more {
        let rest = stream.rest().await;
        assert_eq!(rest.last().expect("the end").data["is_complete"], true);
    }
}

/// With time-outs that are as much longer than the heartbeats as in the file, and all of it shorter.
async fn a_stream_outlives_silence(kind: Kind) {
    let flags = ["--heartbeat-seconds", "1"];
    let service = Service::start_with(Stores::Memory, &flags);
    let proxy = ReverseProxy::start(kind, [&service; 2], &[("90s", "3s")]).await;
    let (connection, job) = service.syncing().await;
    let mut stream = proxy.stream(&proxy.browser(), &connection).await;
    for _ in 0..4 {
        let event = stream.next().await.expect("the stream stays open");
        assert_eq!(event.kind(), Some("heartbeat"));
    }
    service.publish(&job, &json!({ "inserted": 1 })).await;
    assert_eq!(stream.progress().await.data["inserted"], 1);
}

#[test]
fn proxies_wait_for_heartbeats_three_times_as_long_as_they_take_by_default() {
    for kind in [Kind::Nginx, Kind::HaProxy] {
        let file = kind.configuration();
        let settings = ["proxy_read_timeout ", "timeout client ", "timeout server "];
        let waits: Vec<_> = settings
            .iter()
            .filter_map(|setting| file.split_once(setting))
            .collect();
        assert!(!waits.is_empty());
        for (_, rest) in waits {
            assert!(rest.starts_with("90s"), "{rest}");
        }
    }
    let book = include_str!("../../../docs/configure.md");
    assert!(
        book.contains("| `--heartbeat-seconds` | `CONNECT_HEARTBEAT_SECONDS` | seconds | `30` |")
    );
}

async fn a_browser_that_leaves_is_noticed(kind: Kind) {
    // Not by a heartbeat that cannot be written.
    let service = Service::start_with(Stores::Memory, &["--heartbeat-seconds", "300"]);
    let proxy = ReverseProxy::start(kind, [&service; 2], &[]).await;
    let (connection, _) = service.syncing().await;
    let browser = proxy.browser();
    let leaves = proxy.stream(&browser, &connection).await;
    let stays = proxy.stream(&browser, &connection).await;
    assert_eq!(service.metric("connect_streams_open").await, 2);
    // Its connection stays, for the other stream.
    drop(leaves);
    eventually("one has left", async || {
        (service.metric("connect_streams_open").await == 1).then_some(())
    })
    .await;
    drop((stays, browser));
    eventually("both have left", async || {
        (service.metric("connect_streams_open").await == 0).then_some(())
    })
    .await;
}

async fn the_address_of_a_browser_is_passed_on_and_cannot_be_made_up(kind: Kind) {
    let mut flags = vec!["--trusted-proxy", "127.0.0.1"];
    flags.extend(["--max-streams-per-address", "1"]);
    let service = Service::start_with(Stores::Memory, &flags);
    let proxy = ReverseProxy::start(kind, [&service; 2], &[]).await;
    let (connection, _) = service.syncing().await;
    let one = proxy.browser_at([127, 0, 0, 2]);
    let _held = proxy.stream(&one, &connection).await;
    let made_up = [("x-forwarded-for", "203.0.113.7")];
    for headers in [&[][..], &made_up] {
        let refused = proxy.ask(&one, &connection, headers).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    }
    let other = proxy.browser_at([127, 0, 0, 3]);
    proxy.stream(&other, &connection).await;
}

async fn a_browser_that_comes_back_is_told_only_what_it_has_not_seen(kind: Kind) {
    let service = Service::start(Stores::Memory);
    let proxy = ReverseProxy::start(kind, [&service; 2], &[]).await;
    let (connection, job) = service.syncing().await;
    let browser = proxy.browser();
    let mut stream = proxy.stream(&browser, &connection).await;
    service
        .publish(&job, &json!({ "inserted": 1, "seq": 1 }))
        .await;
    let seen = stream.progress().await.id;
    drop(stream);
    let back = [("last-event-id", seen.as_str())];
    let mut stream = Stream::new(proxy.ask(&browser, &connection, &back).await);
    stream.connected().await;
    let end = json!({ "inserted": 2, "seq": 2, "status": "completed" });
    service.publish(&job, &end).await;
    let rest = stream.rest().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    let seen_all = [("last-event-id", rest[0].id.as_str())];
    let over = proxy.ask(&browser, &connection, &seen_all).await;
    assert_eq!(over.status(), StatusCode::NO_CONTENT);
}

/// A proxy asks as well, and passes over who is not.
async fn ready(service: &Service) {
    eventually("it is ready", async || {
        let ready = service.request(Method::GET, "/readyz").send().await;
        (ready.unwrap().status() == StatusCode::OK).then_some(())
    })
    .await;
}

async fn open_streams(service: &Service) -> u64 {
    service.metric("connect_streams_open").await
}

async fn streams_are_spread_over_the_replicas_which_have_the_same_news(kind: Kind) {
    let redis = Redis::start().await;
    let replicas = [(); 2].map(|()| Service::start(Stores::Redis(&redis)));
    for replica in &replicas {
        ready(replica).await;
    }
    let proxy = ReverseProxy::start(kind, [&replicas[0], &replicas[1]], &[]).await;
    let (connection, job) = replicas[0].syncing().await;
    let browser = proxy.browser();
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(proxy.stream(&browser, &connection).await);
    }
    for replica in &replicas {
        let open = open_streams(replica).await;
        assert!((8..=12).contains(&open), "{open} of 20");
    }
    replicas[1].publish(&job, &json!({ "inserted": 5 })).await;
    for stream in &mut streams {
        assert_eq!(stream.progress().await.data["inserted"], 5);
    }
}

async fn a_replica_that_drains_or_dies_gets_no_new_streams(kind: Kind) {
    let redis = Redis::start().await;
    let slowly = ["--drain-seconds", "8"];
    let drains = Service::start_with(Stores::Redis(&redis), &slowly);
    let stays = Service::start(Stores::Redis(&redis));
    ready(&drains).await;
    ready(&stays).await;
    let proxy = ReverseProxy::start(kind, [&drains, &stays], &[]).await;
    let (connection, _) = stays.syncing().await;
    let browser = proxy.browser();
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(proxy.stream(&browser, &connection).await);
    }
    drains.terminate();
    drains.logged("draining");
    for _ in 0..10 {
        held.push(stream_at_last(&proxy, &browser, &connection).await);
    }
    drop(drains);
    for _ in 0..10 {
        held.push(stream_at_last(&proxy, &browser, &connection).await);
    }
    assert!(open_streams(&stays).await >= 20);
}

/// As a client that is refused and comes back: a proxy may not know yet that a replica drains.
async fn stream_at_last(proxy: &ReverseProxy, browser: &Client, connection: &str) -> Stream {
    let response = eventually("a stream is let in", async || {
        let answer = proxy.ask(browser, connection, &[]).await;
        (answer.status() == StatusCode::OK).then_some(answer)
    })
    .await;
    let mut stream = Stream::new(response);
    stream.connected().await;
    stream
}

async fn what_is_for_operators_is_not_shown(kind: Kind) {
    let service = Service::start(Stores::Memory);
    let proxy = ReverseProxy::start(kind, [&service; 2], &[]).await;
    for path in ["/metrics", "/healthz", "/readyz"] {
        let answer = proxy.browser().get(proxy.url(path)).send().await;
        // There is no host in the tests to answer.
        let status = answer.unwrap().status();
        assert!(status.is_server_error(), "{path}: {status}");
    }
    let api = proxy.url("/connect/source-connections");
    let answer = proxy.browser().get(api).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::UNAUTHORIZED);
}
