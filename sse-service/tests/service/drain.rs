//! Deploys: how a service lets its clients go.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::support::{Service, Socket, Stores, eventually};

const STREAMS: usize = 200;

/// A stream that is connected, without an HTTP library.
async fn open(service: &Service, path: &str) -> TcpStream {
    let url = service.url("");
    let (_, address) = url.split_once("://").unwrap();
    let mut io = TcpStream::connect(address).await.unwrap();
    let token = Service::token();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    io.write_all(request.as_bytes()).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("connected") {
        let mut bytes = [0; 4096];
        let read = io.read(&mut bytes).await.unwrap();
        heard.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    io
}

#[tokio::test]
async fn streams_end_one_after_the_other_and_their_clients_come_back_one_after_the_other() {
    let service = Service::start_with(Stores::Memory, &["--drain-seconds", "4"]);
    let (connection, _) = service.syncing().await;
    let path = format!("/connect/source-connections/{connection}/subscribe");
    let opened = join_all((0..STREAMS).map(|_| open(&service, &path))).await;
    service.terminate();
    let ended = join_all(opened.into_iter().map(async |mut io| {
        let mut rest = String::new();
        io.read_to_string(&mut rest).await.unwrap();
        (Instant::now(), rest)
    }))
    .await;

    let first = ended.iter().map(|(at, _)| *at).min().unwrap();
    let last = ended.iter().map(|(at, _)| *at).max().unwrap();
    let quarter = last.duration_since(first) / 4;
    assert!(quarter > Duration::from_millis(500), "{quarter:?}");
    let mut quarters = [0; 4];
    let mut retries = HashSet::new();
    for (at, rest) in &ended {
        let since = at.duration_since(first).as_nanos();
        let quarter = usize::try_from(since / quarter.as_nanos()).unwrap().min(3);
        quarters[quarter] += 1;
        assert!(rest.ends_with("0\r\n\r\n"), "a whole response: {rest}");
        let (_, retry) = rest.rsplit_once("retry: ").expect("when to come back");
        let retry: u64 = retry.split('\n').next().unwrap().parse().unwrap();
        assert!((1000..=4000).contains(&retry), "{retry}");
        retries.insert(retry);
    }
    // Fifty are expected in each quarter.
    assert!(quarters.iter().all(|ends| *ends >= 20), "{quarters:?}");
    assert!(retries.len() > STREAMS / 2, "{} of them", retries.len());
    assert!(service.wait().success());
}

#[tokio::test]
async fn nobody_new_is_let_in_while_those_who_are_in_are_served() {
    let service = Service::start_with(Stores::Memory, &["--drain-seconds", "5"]);
    let (connection, job) = service.syncing().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        streams.push(stream);
    }
    service.terminate();
    service.logged("draining");
    eventually("not ready", async || {
        let ready = service.request(Method::GET, "/readyz").send();
        (ready.await.unwrap().status() == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let paths = [
        format!("/connect/source-connections/{connection}/subscribe"),
        format!("/connect/subscribe?connection_id={connection}"),
    ];
    for path in paths {
        let refused = service.get(&path, &Service::token()).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(refused.headers().contains_key("retry-after"), "{path}");
    }
    let alive = service.request(Method::GET, "/healthz").send();
    assert_eq!(alive.await.unwrap().status(), StatusCode::OK);
    let progress = json!({ "inserted": 1 });
    service.publish(&job, &progress).await;
    let mut told = 0;
    for stream in streams {
        told += usize::from(
            stream
                .rest()
                .await
                .iter()
                .any(|event| event.kind().is_none()),
        );
    }
    assert!(told > 0, "streams are served until they end");
    assert!(service.wait().success());
}

#[tokio::test]
async fn clients_that_never_read_do_not_keep_the_service() {
    let service = Service::start_with(Stores::Memory, &["--drain-seconds", "1"]);
    let (connection, job) = service.syncing().await;
    let types: Vec<String> = (0..900)
        .map(|at| format!(r#""Type {at} of many": {at},"#))
        .collect();
    let types = types.concat();
    let mut deaf = Vec::new();
    for path in [
        format!("/connect/source-connections/{connection}/subscribe"),
        format!("/connect/subscribe?connection_id={connection}"),
    ] {
        for _ in 0..20 {
            deaf.push(Socket::deaf(&service, &path).await);
        }
    }
    for seq in 1..=20 {
        let progress = format!(
            r#"{{"inserted": {seq}, "seq": {seq}, "entities_encountered": {{{types} "Last": 1}}}}"#
        );
        let progress = serde_json::from_str(&progress).unwrap();
        service.publish(&job, &progress).await;
    }
    assert_eq!(service.metric("connect_streams_open").await, 40);
    let asked = Instant::now();
    service.terminate();
    assert!(service.wait().success());
    // The second for streams, then two for each of the two steps after it.
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "{:?}",
        asked.elapsed()
    );
    drop(deaf);
}
