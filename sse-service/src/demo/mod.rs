//! All of it in one process, with simulated workers: the embedded default, to be looked at.
//!
//! No Redis, no settings: secrets are made up at the start and forgotten with the process. The workers are clients of the
//! public API like any others.

mod catalog;
mod host;
mod page;
mod repository;
mod worker;

use std::{net::Ipv4Addr, sync::Arc};

use sync_worker::Repository;
use uuid::Uuid;

use self::host::Host;
use crate::{
    app::{App, BuildError},
    config::{
        AccessArgs, BrokerKind, DemoArgs, DirectoryKind, LimitArgs, RedisArgs, ServeArgs, TlsArgs,
    },
};

/// The collection that the demo shows.
const COLLECTION: &str = "acme-workspace";

/// Heartbeats come often, so that the page can show for how long a worker has been silent.
const HEARTBEAT_SECONDS: u64 = 10;

/// A service that is its own host: bound, with its page, its workers about to start.
pub fn build(args: &DemoArgs) -> Result<App, BuildError> {
    let api_key = Uuid::new_v4().to_string();
    let settings = ServeArgs {
        listen: args.listen,
        admin_listen: None,
        broker: BrokerKind::Memory,
        directory: DirectoryKind::Memory,
        redis: RedisArgs::default(),
        upstream_url: None,
        session_secrets: vec![format!("{}{}", Uuid::new_v4(), Uuid::new_v4())],
        api_keys: vec![api_key.clone()],
        allow_origins: Vec::new(),
        allow_query_token: false,
        heartbeat_seconds: HEARTBEAT_SECONDS,
        drain_seconds: 0,
        workers: None,
        access: AccessArgs::default(),
        tls: TlsArgs::default(),
        limits: LimitArgs::default(),
    };
    let app = App::build(&settings)?;
    let address = app.addr().map_err(|source| BuildError::Bind {
        address: args.listen,
        source,
    })?;
    // Bound to all addresses means reachable at the loopback one.
    let host = if address.ip().is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        address.ip()
    };
    let url = format!("http://{}", std::net::SocketAddr::new(host, address.port()));
    let host = Host::new(&url, &api_key)?;
    tracing::info!("demo on {url}/");
    match &args.source {
        None => tokio::spawn(worker::run(host.clone())),
        Some(path) => tokio::spawn(repository::run(host.clone(), Repository::new(path))),
    };
    let assets = args.assets.clone();
    Ok(app.with_routes(Arc::new(move |config| page::routes(config, &assets, &host))))
}
