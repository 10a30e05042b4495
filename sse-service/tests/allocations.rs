//! A message is encoded once, and its bytes are shared by all who write them: what arrives costs as many allocations for ten
//! thousand listeners as for one, up to and including what each of them writes.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use allocation_counter::{AllocationInfo, measure};
use futures_util::FutureExt;
use protocol::{JobStatus, Progress, RegisterConnection, SessionMode};
use sse_service::{
    admission::AdmittedStream,
    auth::{Claims, Session, revocation::Revocations, token::Seconds},
    broker::{Broker, memory::MemoryBroker},
    clock,
    directory::{Registrar, memory::MemoryDirectory},
    frame::Frame,
    handlers::{subscribe, wanted::Wanted},
    hub::Hubs,
    ids::{ConnectionId, JobId},
    limits::{Limits, PublishRate, RequestLimits, StreamLimits, StreamSlots},
    metrics::Metrics,
    recorder::Recorder,
    shutdown::Shutdown,
    state::Service,
    stream::StreamSettings,
};
use tokio::runtime::{Builder, Handle, Runtime};

const HOUR: Duration = Duration::from_hours(1);

/// A service in memory, without sockets.
fn service(broker: Arc<MemoryBroker>, directory: Arc<MemoryDirectory>) -> Service {
    let metrics = Arc::new(Metrics::new());
    let recorder = Recorder::new(broker.clone(), Some(directory.clone()));
    let streams = StreamSlots::new(StreamLimits::default());
    Service {
        hubs: Hubs::new(broker.clone(), recorder, Handle::current(), metrics.clone()),
        broker,
        directory: directory.clone(),
        registrar: Some(directory),
        metrics,
        shutdown: Shutdown::new(),
        revocations: Revocations::new(streams.clone(), None, HOUR),
        limits: Arc::new(Limits {
            streams,
            publishes: PublishRate::new(0),
            requests: RequestLimits {
                url_bytes: 1024,
                header_bytes: 1024,
                time: HOUR,
                keep_alive: HOUR,
                write_time: HOUR,
            },
        }),
        proxies: Arc::default(),
        streams: StreamSettings {
            heartbeat: HOUR,
            drain: HOUR,
        },
    }
}

fn session() -> Session {
    Session::from(Claims {
        cid: "acme".into(),
        exp: None,
        int: None,
        mode: SessionMode::All,
        nonce: String::new(),
        oid: None,
        sid: "session".into(),
        ts: Seconds(clock::unix_now()),
        uid: None,
    })
}

struct World {
    runtime: Runtime,
    broker: Arc<MemoryBroker>,
    job: JobId,
    streams: Vec<AdmittedStream>,
}

impl World {
    /// A running job with so many streams, to each of which is written what was known before.
    fn with_listeners(listeners: usize) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (broker, job) = (Arc::new(MemoryBroker::default()), JobId::random());
        let streams = runtime.block_on(open(broker.clone(), job, listeners));
        Self {
            runtime,
            broker,
            job,
            streams,
        }
    }

    /// What it costs to publish a message and to take the bytes of it for each stream.
    fn publish(&mut self, frame: &Frame) -> AllocationInfo {
        let _entered = self.runtime.enter();
        measure(|| {
            let published = self.broker.publish(self.job, frame).now_or_never();
            published.expect("memory does not wait").unwrap();
            for stream in &mut self.streams {
                let event = stream.next().now_or_never().expect("a message");
                assert!(event.unwrap().chunk().ends_with(b"}\n\n\r\n"));
            }
        })
    }
}

async fn open(broker: Arc<MemoryBroker>, job: JobId, listeners: usize) -> Vec<AdmittedStream> {
    let (directory, connection) = (Arc::new(MemoryDirectory::default()), ConnectionId::random());
    let given = RegisterConnection {
        name: Some("Slack".into()),
        short_name: Some("slack".into()),
        readable_collection_id: Some("acme".into()),
        ..RegisterConnection::default()
    };
    directory.put_connection(connection, given).await.unwrap();
    let running = JobStatus::Running;
    let put = directory.put_job(connection, job, running, false);
    put.await.unwrap();
    let (service, session) = (service(broker, directory), session());
    let mut streams = Vec::new();
    for _ in 0..listeners {
        let wanted = Wanted::one(connection, None);
        let address = IpAddr::from(Ipv4Addr::LOCALHOST);
        let opened = subscribe::open(&service, &session, address, wanted);
        let mut stream = opened.await.ok().flatten().expect("a stream");
        stream.next().await.expect("connected");
        streams.push(stream);
    }
    streams
}

fn frame(job: JobId, seq: u64) -> Frame {
    let progress = Progress {
        inserted: seq,
        seq: Some(seq),
        ..Progress::default()
    };
    Frame::new(job, progress)
}

#[test]
fn a_message_costs_as_many_allocations_for_ten_thousand_listeners_as_for_one() {
    let cost = |listeners| {
        let mut world = World::with_listeners(listeners);
        // The first is what streams begin with, and for the second they make the timer that they keep.
        for seq in 1..=2 {
            world.publish(&frame(world.job, seq));
        }
        let third = frame(world.job, 3);
        world.publish(&third).count_total
    };
    let one = cost(1);
    assert!(one > 0, "the counter counts");
    assert!(one < 30, "a message costs {one} allocations");
    for listeners in [10, 1_000, 10_000] {
        assert_eq!(cost(listeners), one, "{listeners} listeners");
    }
}
