//! A service in this process, and clients that read its streams.

use std::{
    cell::Cell,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use protocol::{JobStatus, RegisterConnection, SessionMode};
use serde_json::Value;
use sse_service::{
    admission::AdmittedStream,
    auth::{Claims, Session, revocation::Revocations, token::Seconds},
    broker::Broker,
    client_address::TrustedProxies,
    clock,
    config::LimitArgs,
    directory::{Registrar, memory::MemoryDirectory},
    handlers::{subscribe, wanted::Wanted},
    hub::Hubs,
    ids::{ConnectionId, JobId},
    metrics::Metrics,
    recorder::Recorder,
    shutdown::Shutdown,
    state::Service,
    stream::StreamSettings,
};
use tokio::runtime::Handle;

use crate::{message::Message, wire::Wire};

/// Where the clients are.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A connection with a running job, and all that it takes to follow it.
pub(crate) struct World {
    service: Service,
    session: Session,
    connection: ConnectionId,
    job: JobId,
    directory: Arc<MemoryDirectory>,
    has_ended: Cell<bool>,
    pub(crate) wire: Arc<Wire>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let (connection, job) = (ConnectionId::random(), JobId::random());
        let wire = Arc::new(Wire::new(job));
        let directory = Arc::new(MemoryDirectory::default());
        let registered = RegisterConnection {
            name: Some("Chat".into()),
            short_name: Some("slack".into()),
            readable_collection_id: Some("acme".into()),
            ..RegisterConnection::default()
        };
        directory
            .put_connection(connection, registered)
            .await
            .unwrap();
        directory
            .put_job(connection, job, JobStatus::Running, false)
            .await
            .unwrap();
        let metrics = Arc::new(Metrics::new());
        let recorder = Recorder::new(wire.clone(), Some(directory.clone()));
        let hubs = Hubs::new(wire.clone(), recorder, Handle::current(), metrics.clone());
        let limits = LimitArgs::default().limits();
        let service = Service {
            revocations: Revocations::new(limits.streams.clone(), None, Duration::from_secs(1)),
            limits: Arc::new(limits),
            proxies: Arc::new(TrustedProxies::default()),
            broker: wire.clone(),
            registrar: Some(directory.clone()),
            directory: directory.clone(),
            hubs,
            metrics,
            shutdown: Shutdown::new(),
            streams: StreamSettings {
                heartbeat: Duration::from_secs(30),
                drain: Duration::ZERO,
            },
        };
        Self {
            service,
            session: session(),
            connection,
            job,
            directory,
            has_ended: Cell::new(false),
            wire,
        }
    }

    /// As `POST …/progress` does it. Where the wire is cut, the publisher is told so, and has to come back.
    pub(crate) async fn end(&self, end: &Message) {
        let progress = end.progress();
        self.directory.apply(self.job, &progress).await.unwrap();
        if self.wire.is_up() {
            self.wire.store(progress.clone());
            self.wire.publish(progress);
            self.has_ended.set(true);
        }
    }

    /// Whether all has been said.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.get()
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
        sid: "s".into(),
        ts: Seconds(clock::unix_now()),
        uid: None,
    })
}

/// One that reads when it likes, and comes back with the newest id that it has.
#[derive(Default)]
pub(crate) struct Client {
    stream: Option<AdmittedStream>,
    last_id: Option<String>,
    shown: Vec<u64>,
    is_over: bool,
}

impl Client {
    /// The counts of the messages that it was shown, in order.
    pub(crate) fn shown(&self) -> &[u64] {
        &self.shown
    }

    /// Whether the service has let it go.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(crate) async fn connect(&mut self, world: &World) {
        if self.stream.is_some() || self.is_over {
            return;
        }
        let wanted = Wanted::one(world.connection, self.last_id.as_deref());
        let opened = subscribe::open(&world.service, &world.session, ADDRESS, wanted).await;
        self.stream = opened.expect("all is there");
        // Otherwise 204: the client has the end.
        self.is_over = self.stream.is_none();
    }

    pub(crate) fn disconnect(&mut self) {
        self.stream = None;
    }

    pub(crate) async fn read(&mut self) {
        settle().await;
        while let Some(stream) = &mut self.stream {
            match stream.next().now_or_never() {
                Some(Some(event)) => {
                    let text = String::from_utf8(event.bytes().to_vec()).unwrap();
                    self.take(&text);
                }
                Some(None) => {
                    self.stream = None;
                    self.is_over = true;
                }
                None => return,
            }
        }
    }

    fn take(&mut self, event: &str) {
        let field = |name| event.lines().find_map(|line| line.strip_prefix(name));
        let data: Value = serde_json::from_str(field("data: ").unwrap()).unwrap();
        if let Some(id) = field("id: ") {
            self.last_id = Some(id.to_owned());
            self.shown.push(data["inserted"].as_u64().unwrap());
        }
    }
}

/// Lets everything happen that can.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
