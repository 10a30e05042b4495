//! Wiring: from settings to a service that is bound and can be run. The binary, the tests and the demo start it alike.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    num::NonZero,
    sync::Arc,
    time::Duration,
};

use actix_cors::Cors;
use actix_http::HttpService;
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App as ActixApp,
    dev::{AppConfig, Server},
    http::{Method, header},
    middleware::{DefaultHeaders, from_fn},
    web::{self, ServiceConfig},
};
use actix_web_lab::middleware::CatchPanic;
use futures_util::future::try_join_all;
use tokio::{runtime::Handle, time};
use tokio_rustls::TlsAcceptor;
use tracing::info;

use crate::{
    auth::{
        ApiKeys, Keyring, Verifier, refusals,
        revocation::{Revocations, redis::RevokedInRedis},
        session::QueryToken,
    },
    broker::{Broker, memory::MemoryBroker, redis::RedisBroker},
    config::{BrokerKind, ConfigError, DirectoryKind, ServeArgs},
    direct::takeover::{Takeover, TakeoverFactory},
    directory::{
        Directory, Registrar,
        memory::MemoryDirectory,
        redis::RedisDirectory,
        upstream::{self, UpstreamDirectory},
    },
    hub::Hubs,
    limits::requests,
    metrics::Metrics,
    recorder::Recorder,
    redis,
    reload::Reloader,
    routes,
    shutdown::Shutdown,
    state::Service,
    stream::StreamSettings,
    timing, trace,
    transport::{Certificate, Connection, Door, listener},
};

/// How long a request that is no stream may still take when the service stops, in seconds.
const LAST_REQUESTS_SECONDS: u64 = 2;

/// How long a browser may remember that it may use the API, in seconds.
const CORS_MAX_AGE_SECONDS: usize = 3600;

/// The service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// As configured.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The demo's workers cannot publish.
    #[error(transparent)]
    Demo(#[from] connect_publisher::DestinationError),
}

/// More routes, such as the demo's.
pub type ExtraRoutes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// A service that is bound, and not running yet.
pub struct App {
    api: TcpListener,
    admin: Option<TcpListener>,
    service: Service,
    access: Access,
    reloader: Arc<Reloader>,
    tls: Option<TlsAcceptor>,
    extra: Option<ExtraRoutes>,
    workers: Option<usize>,
}

/// Who is let in.
#[derive(Clone)]
struct Access {
    keyring: Keyring,
    verifier: Verifier,
    api_keys: ApiKeys,
    origins: Vec<String>,
    query_token: QueryToken,
}

impl App {
    /// Checks the settings, binds, and begins to connect. Redis need not be there yet.
    ///
    /// Must be called within a Tokio runtime, which then carries what all worker threads share.
    pub fn build(args: &ServeArgs) -> Result<Self, BuildError> {
        let keyring = args.keyring()?;
        let key_file = args.api_keys()?;
        let api_keys = key_file.api_keys().map_err(ConfigError::ApiKeys)?;
        let origins = args.origins()?;
        let stores = stores(args)?;
        let service = service(args, stores);
        let certificate = args.tls.files().map(Certificate::read).transpose();
        let certificate = certificate.map_err(ConfigError::from)?;
        let tls = certificate.as_ref().map(Certificate::acceptor).transpose();
        let reloader = Reloader {
            certificate,
            secrets: (args.session_secrets(), keyring.clone()),
            api_keys: (key_file, api_keys.clone()),
        };
        let access = Access {
            verifier: Verifier::new(
                keyring.clone(),
                args.access.jwt(),
                service.revocations.clone(),
            ),
            keyring,
            api_keys,
            origins,
            query_token: QueryToken(args.allow_query_token),
        };
        Ok(Self {
            api: bind(args, args.listen)?,
            admin: args
                .admin_listen
                .map(|address| bind(args, address))
                .transpose()?,
            service,
            access,
            reloader: Arc::new(reloader),
            tls: tls.map_err(ConfigError::from)?,
            extra: None,
            workers: args.workers.map(usize::from),
        })
    }

    /// Adds routes beside those of the API.
    #[must_use]
    pub fn with_routes(mut self, routes: ExtraRoutes) -> Self {
        self.extra = Some(routes);
        self
    }

    /// What reads again what can change without a restart.
    pub fn reloader(&self) -> Arc<Reloader> {
        self.reloader.clone()
    }

    /// Where the API is to be found.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        self.api.local_addr()
    }

    /// Serves until `stop` is ready, then drains: no new streams, and the existing ones are closed over a set time.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        info!("listening on {scheme}://{}", self.addr()?);
        let service = self.service.clone();
        let servers = self.serve()?;
        let handles: Vec<_> = servers.iter().map(Server::handle).collect();
        let drained = async {
            stop.await;
            drain(&service).await;
            for handle in handles {
                handle.stop(true).await;
            }
        };
        let (served, ()) = tokio::join!(try_join_all(servers), drained);
        info!("stopped");
        served.map(drop)
    }

    fn serve(self) -> io::Result<Vec<Server>> {
        let mut servers = Vec::new();
        let with_admin = self.admin.is_none();
        if let Some(listener) = self.admin {
            info!("health and metrics on http://{}", listener.local_addr()?);
            let (service, access) = (self.service.clone(), self.access.clone());
            let routes = Arc::new(routes::admin);
            servers.push(start(
                listener,
                Some(1),
                service,
                access,
                Front::Library,
                routes,
            )?);
        }
        let extra = self.extra;
        let routes: ExtraRoutes = Arc::new(move |config| {
            routes::api(config);
            if with_admin {
                routes::admin(config);
            }
            if let Some(extra) = &extra {
                extra(config);
            }
        });
        let (verifier, origins) = (self.access.verifier.clone(), self.access.origins.clone());
        let takeover = || Takeover::new(self.service.clone(), verifier, origins);
        let front = self
            .tls
            .map_or_else(|| Front::Takeover(Arc::new(takeover())), Front::Tls);
        servers.push(start(
            self.api,
            self.workers,
            self.service,
            self.access,
            front,
            routes,
        )?);
        Ok(servers)
    }
}

fn bind(args: &ServeArgs, address: SocketAddr) -> Result<TcpListener, BuildError> {
    listener::bind(address, args.limits.requests().write_time)
        .map_err(|source| BuildError::Bind { address, source })
}

/// What is kept, and where.
struct Stores {
    broker: Arc<dyn Broker>,
    directory: Arc<dyn Directory>,
    registrar: Option<Arc<dyn Registrar>>,
    /// The sessions that were revoked at any replica.
    revoked: Option<RevokedInRedis>,
}

impl Stores {
    fn new<D: Directory + Registrar>(
        broker: Arc<dyn Broker>,
        directory: D,
        revoked: Option<RevokedInRedis>,
    ) -> Self {
        let directory = Arc::new(directory);
        Self {
            broker,
            directory: directory.clone(),
            registrar: Some(directory),
            revoked,
        }
    }
}

fn stores(args: &ServeArgs) -> Result<Stores, ConfigError> {
    let address = args.redis()?;
    let client = address.as_ref().map(redis::connect);
    let broker: Arc<dyn Broker> = match (args.broker, &address, &client) {
        (BrokerKind::Redis, Some(address), Some(client)) => {
            Arc::new(RedisBroker::new(client.clone(), address.is_sharded()))
        }
        _ => Arc::new(MemoryBroker::default()),
    };
    let revoked = client.clone().map(RevokedInRedis::new);
    Ok(match (args.directory, client) {
        (DirectoryKind::Upstream, _) => {
            let client = upstream::Client::new(args.upstream_url()?)?;
            Stores {
                broker,
                directory: Arc::new(UpstreamDirectory::new(client)),
                registrar: None,
                revoked,
            }
        }
        (DirectoryKind::Redis, Some(client)) => {
            Stores::new(broker, RedisDirectory::new(client), revoked)
        }
        _ => Stores::new(broker, MemoryDirectory::default(), revoked),
    })
}

fn service(args: &ServeArgs, stores: Stores) -> Service {
    let Stores {
        broker,
        directory,
        registrar,
        revoked,
    } = stores;
    let limits = args.limits.limits();
    let revocations = Revocations::new(
        limits.streams.clone(),
        revoked,
        args.access.revocation_ttl(),
    );
    revocations.follow();
    let metrics = Arc::new(Metrics::new());
    let recorder = Recorder::new(broker.clone(), registrar.clone());
    Service {
        hubs: Hubs::new(broker.clone(), recorder, Handle::current(), metrics.clone()),
        broker,
        directory,
        registrar,
        metrics,
        shutdown: Shutdown::new(),
        limits: Arc::new(limits),
        revocations,
        proxies: Arc::new(args.access.proxies()),
        streams: StreamSettings {
            heartbeat: Duration::from_secs(args.heartbeat_seconds),
            drain: Duration::from_secs(args.drain_seconds),
        },
    }
}

/// What stands between a port and the HTTP library.
enum Front {
    /// Nothing.
    Library,
    /// What takes streams over.
    Takeover(Arc<Takeover>),
    /// TLS, behind which nobody can look at a request without taking it.
    Tls(TlsAcceptor),
}

fn start(
    listener: TcpListener,
    workers: Option<usize>,
    service: Service,
    access: Access,
    front: Front,
    routes: ExtraRoutes,
) -> io::Result<Server> {
    let (takeover, tls) = match front {
        Front::Library => (None, None),
        Front::Takeover(takeover) => (Some(takeover), None),
        Front::Tls(tls) => (None, Some(tls)),
    };
    let limits = service.limits.requests;
    let door = Door::new(limits, service.metrics.clone(), tls);
    let service = web::Data::new(service);
    let keyring = web::Data::new(access.keyring);
    let verifier = web::Data::new(access.verifier);
    let api_keys = web::Data::new(access.api_keys);
    let app = move || {
        let routes = routes.clone();
        ActixApp::new()
            .app_data(service.clone())
            .app_data(keyring.clone())
            .app_data(verifier.clone())
            .app_data(api_keys.clone())
            .app_data(access.query_token)
            .wrap(from_fn(requests::check))
            .wrap(from_fn(refusals::count))
            .wrap(from_fn(trace::request))
            .wrap(cors(&access.origins))
            .wrap(from_fn(timing::allow))
            .wrap(DefaultHeaders::new().add((header::X_CONTENT_TYPE_OPTIONS, "nosniff")))
            .wrap(CatchPanic::default())
            .configure(move |config| routes(config))
            .default_service(web::to(routes::not_found))
    };
    let server = Server::build()
        .shutdown_timeout(LAST_REQUESTS_SECONDS)
        // Signals are the caller's business.
        .disable_signals()
        .workers(workers.unwrap_or_else(processors))
        .listen("http", listener, move || {
            let http = HttpService::build()
                // A client that has closed its side is gone: without this its stream would live on.
                .h1_allow_half_closed(false)
                .client_request_timeout(limits.time)
                .keep_alive(limits.keep_alive)
                .on_connect_ext(|io: &Connection, data| drop(data.insert(io.cut())))
                .finish(map_config(app(), |()| AppConfig::default()));
            let door = door.clone();
            let enter = fn_service(move |io| {
                let door = door.clone();
                async move { Ok(door.enter(io).await?) }
            });
            TakeoverFactory::new(takeover.clone(), enter.and_then(http))
        })?;
    Ok(server.run())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get)
}

/// Pages of the allowed origins may read, and nobody else's. Writing is for servers, which do not ask.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET])
        .allowed_headers([
            header::AUTHORIZATION,
            header::ACCEPT,
            header::CONTENT_TYPE,
            header::CACHE_CONTROL,
        ])
        .allowed_header("last-event-id")
        .expose_headers([header::RETRY_AFTER])
        .block_on_origin_mismatch(false)
        .max_age(CORS_MAX_AGE_SECONDS);
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// No new streams from here on; waits until the existing ones have ended, each at its own moment.
async fn drain(service: &Service) {
    info!(streams = service.metrics.streams.get(), "draining");
    service.shutdown.begin();
    let all_ended = async {
        while service.metrics.streams.get() > 0 {
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    // Clients that do not read keep their streams from ending.
    let limit = service.streams.drain + Duration::from_secs(LAST_REQUESTS_SECONDS);
    let _ = time::timeout(limit, all_ended).await;
}
