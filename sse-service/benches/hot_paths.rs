//! What the service does for every request and every message: checking a token, encoding, fan-out.

use std::{hint::black_box, sync::Arc};

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use protocol::{Progress, SessionMode};
use sse_service::{
    auth::{Claims, Keyring, token::Seconds},
    broker::{Broker, memory::MemoryBroker},
    clock, decode,
    directory::memory::MemoryDirectory,
    frame::Frame,
    hub::Hubs,
    ids::JobId,
    metrics::Metrics,
    plain::Plain,
    recorder::Recorder,
};
use tokio::runtime::Runtime;

const MESSAGE: &[u8] = br#"{"inserted": 42, "updated": 3, "deleted": 0, "kept": 100, "skipped": 2,
    "entities_encountered": {"Message": 45, "Channel": 2}, "status": null,
    "last_update_timestamp": "2026-01-02T03:04:05.678901+00:00"}"#;

fn check_a_token(criterion: &mut Criterion) {
    let keyring = Keyring::new(&[
        "a secret of thirty-two bytes....",
        "and an older one, that long too.",
    ])
    .unwrap();
    let claims = Claims {
        cid: "acme".into(),
        exp: None,
        int: None,
        mode: SessionMode::All,
        nonce: "0123456789abcdef".into(),
        oid: Some("00000000-0000-0000-0000-000000000000".into()),
        sid: "6f9619ff-8b86-d011-b42d-00cf4fc964ff".into(),
        ts: Seconds(clock::unix_now()),
        uid: None,
    };
    let token = keyring.sign(&claims);
    criterion.bench_function("check a token", |bencher| {
        bencher.iter(|| keyring.verify(black_box(&token)));
    });
}

fn encode_a_message(criterion: &mut Criterion) {
    let job = JobId::random();
    criterion.bench_function("decode and encode a message", |bencher| {
        bencher.iter(|| Frame::new(job, decode::progress(black_box(MESSAGE)).unwrap()));
    });
}

/// The same message, as most go.
fn pass_on_a_message(criterion: &mut Criterion) {
    let job = JobId::random();
    criterion.bench_function("pass on a message", |bencher| {
        bencher.iter(|| Frame::passed_on(job, &Plain::read(black_box(MESSAGE)).unwrap()));
    });
}

/// From the broker to the moment when every listener can see it; without sockets.
fn publish_through_a_hub(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("publish through a hub");
    for listeners in [1, 10, 1_000, 10_000] {
        let runtime = Runtime::new().unwrap();
        let _entered = runtime.enter();
        let broker: Arc<dyn Broker> = Arc::new(MemoryBroker::default());
        let recorder = Recorder::new(broker.clone(), Some(Arc::new(MemoryDirectory::default())));
        let hubs = Hubs::new(
            broker.clone(),
            recorder,
            runtime.handle().clone(),
            Arc::new(Metrics::new()),
        );
        let job = JobId::random();
        let mut seats = Vec::new();
        for _ in 0..listeners {
            seats.push(runtime.block_on(hubs.listen(job)).unwrap());
        }
        let mut inserted = 0;
        group.throughput(Throughput::Elements(listeners));
        group.bench_function(BenchmarkId::from_parameter(listeners), |bencher| {
            bencher.iter_batched(
                || {
                    inserted += 1;
                    Frame::new(
                        job,
                        Progress {
                            inserted,
                            seq: Some(inserted),
                            ..Progress::default()
                        },
                    )
                },
                |frame| {
                    runtime.block_on(broker.publish(job, &frame)).unwrap();
                    for seat in &mut seats {
                        let event: Bytes = seat.latest().unwrap().event().chunk();
                        black_box(event);
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(
    benches,
    check_a_token,
    encode_a_message,
    pass_on_a_message,
    publish_through_a_hub
);
criterion_main!(benches);
