//! Publishers that send messages of a mebibyte as fast as they can.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{
    crowd::Crowd,
    report::Report,
    scale::{scaled, scaled_seconds},
    support::{API_KEY, Redis, Service, Stores},
    workers::{LAST, Sync, Workers, large, syncs},
};

const MEBIBYTE: usize = 1 << 20;

/// What the service may take more, in bytes.
const MORE_MEMORY: u64 = 160 << 20;

/// They are too large to be shown, and are passed over; but not the end in the last of them. Other jobs go on meanwhile.
#[tokio::test]
async fn messages_of_a_mebibyte_at_full_speed_cost_no_end_and_no_memory() {
    flooded("messages of 1 MiB through Redis", MEBIBYTE).await;
}

/// The largest that are shown: each is parsed, encoded and delivered.
#[tokio::test]
async fn the_largest_messages_at_full_speed_cost_no_end_and_no_memory() {
    flooded("messages of 60 KiB through Redis", 60 * 1024).await;
}

async fn flooded(fault: &str, size: usize) {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let syncs = syncs(&service, scaled(10, 50)).await;
    let workers = Workers::of(&redis).await;
    let crowd = Crowd::gather(&service, &syncs, scaled(50, 500)).await;
    workers.progress(&syncs, 1).await;
    crowd.all_begun().await;
    let before = service.usage();

    let (flooded, others) = syncs.split_first().unwrap();
    let until = Instant::now() + scaled_seconds(3, 20);
    let sent = AtomicUsize::new(0);
    let (.., ()) = tokio::join!(
        flood(&redis, &flooded.job, size, until, &sent),
        flood(&redis, &flooded.job, size, until, &sent),
        others_go_on(&workers, others, until),
    );
    let back = Instant::now();
    let unheard = workers.end(others).await;
    workers.publish(&flooded.job, large(LAST, size, true)).await;
    crowd.all_ended().await;
    let recovery = back.elapsed();

    assert_eq!(crowd.heard.visits_cut.get(), 0, "no stream was cut");
    Report {
        fault: &format!("{} {fault}", sent.into_inner()),
        crowd: &crowd,
        jobs: syncs.len(),
        unheard,
        recovery,
        service: &service,
    }
    .print();
    let usage = service.usage();
    assert!(usage.peak - before.resident < MORE_MEMORY, "{usage:?}");
}

/// Publishes one message again and again, as fast as Redis takes it.
async fn flood(redis: &Redis, job: &str, size: usize, until: Instant, sent: &AtomicUsize) {
    let channel = format!("sync_job:{job}");
    let message = large(2, size, false);
    let command = format!(
        "*3\r\n$7\r\nPUBLISH\r\n${}\r\n{channel}\r\n${}\r\n{message}\r\n",
        channel.len(),
        message.len()
    );
    let mut socket = TcpStream::connect(redis.address()).await.unwrap();
    let (mut answers, mut commands) = socket.split();
    let write = async {
        while Instant::now() < until {
            commands.write_all(command.as_bytes()).await.unwrap();
            sent.fetch_add(1, Ordering::Relaxed);
        }
        commands.shutdown().await.unwrap();
    };
    let read = async {
        let mut bytes = [0; 4096];
        while answers.read(&mut bytes).await.unwrap() > 0 {}
    };
    tokio::join!(write, read);
}

async fn others_go_on(workers: &Workers, syncs: &[Sync], until: Instant) {
    let mut inserted = 1;
    while Instant::now() < until {
        inserted += 1;
        workers.progress(syncs, inserted).await;
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn messages_of_a_mebibyte_over_http_are_refused_and_cost_no_end() {
    let service = Service::start(Stores::Memory);
    let syncs = syncs(&service, 2).await;
    let crowd = Crowd::gather(&service, &syncs, scaled(50, 500)).await;
    let before = service.usage();
    let until = Instant::now() + scaled_seconds(2, 20);
    let refused = AtomicUsize::new(0);
    let senders = (0..8).map(|_| send(&service, &syncs[0].job, until, &refused));
    join_all(senders).await;
    let back = Instant::now();
    for sync in &syncs {
        let end = json!({ "inserted": LAST, "status": "completed" });
        service.publish(&sync.job, &end).await;
    }
    crowd.all_ended().await;
    let recovery = back.elapsed();

    assert_eq!(crowd.heard.visits_cut.get(), 0, "no stream was cut");
    Report {
        fault: &format!("{} messages of 1 MiB over HTTP", refused.into_inner()),
        crowd: &crowd,
        jobs: syncs.len(),
        unheard: 0,
        recovery,
        service: &service,
    }
    .print();
    let usage = service.usage();
    assert!(usage.peak - before.resident < MORE_MEMORY, "{usage:?}");
}

async fn send(service: &Service, job: &str, until: Instant, refused: &AtomicUsize) {
    let path = format!("/connect/jobs/{job}/progress");
    let message = large(2, MEBIBYTE, false);
    while Instant::now() < until {
        let request = service.request(Method::POST, &path);
        let request = request.header("X-API-Key", API_KEY).body(message.clone());
        // The service may close the connection before it has taken all of it.
        if let Ok(answer) = request.send().await {
            assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        }
        refused.fetch_add(1, Ordering::Relaxed);
    }
}
