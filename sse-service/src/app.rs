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
use actix_service::map_config;
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
use tracing::info;

use crate::{
    auth::{ApiKeys, Keyring, refusals, session::QueryToken},
    broker::{Broker, memory::MemoryBroker, redis as redis_broker, redis::RedisBroker},
    config::{BrokerKind, ConfigError, DirectoryKind, ServeArgs},
    direct::takeover::{Takeover, TakeoverFactory},
    directory::{
        Directory, Registrar,
        memory::MemoryDirectory,
        redis::RedisDirectory,
        upstream::{self, UpstreamDirectory},
    },
    hub::Hubs,
    metrics::Metrics,
    recorder::Recorder,
    routes,
    shutdown::Shutdown,
    state::Service,
    stream::StreamSettings,
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
}

/// More routes, such as the demo's.
pub type ExtraRoutes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// A service that is bound, and not running yet.
pub struct App {
    api: TcpListener,
    admin: Option<TcpListener>,
    service: Service,
    access: Access,
    extra: Option<ExtraRoutes>,
    workers: Option<usize>,
}

/// Who is let in.
#[derive(Clone)]
struct Access {
    keyring: Keyring,
    api_keys: ApiKeys,
    origins: Vec<String>,
    query_token: QueryToken,
}

impl App {
    /// Checks the settings, binds, and begins to connect. Redis need not be there yet.
    ///
    /// Must be called within a Tokio runtime, which then carries what all worker threads share.
    pub fn build(args: &ServeArgs) -> Result<Self, BuildError> {
        let access = Access {
            keyring: args.keyring()?,
            api_keys: args.api_keys()?,
            origins: args.origins()?.to_vec(),
            query_token: QueryToken(args.allow_query_token),
        };
        let stores = stores(args)?;
        Ok(Self {
            api: bind(args.listen)?,
            admin: args.admin_listen.map(bind).transpose()?,
            service: service(args, stores),
            access,
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

    /// Where the API is to be found.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        self.api.local_addr()
    }

    /// Serves until `stop` is ready, then drains: no new streams, and the existing ones are closed over a set time.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        info!("listening on http://{}", self.addr()?);
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
            servers.push(start(listener, Some(1), service, access, None, routes)?);
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
        let (keyring, origins) = (self.access.keyring.clone(), self.access.origins.clone());
        let takeover = Arc::new(Takeover::new(self.service.clone(), keyring, origins));
        servers.push(start(
            self.api,
            self.workers,
            self.service,
            self.access,
            Some(takeover),
            routes,
        )?);
        Ok(servers)
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, BuildError> {
    TcpListener::bind(address).map_err(|source| BuildError::Bind { address, source })
}

/// What is kept, and where.
struct Stores {
    broker: Arc<dyn Broker>,
    directory: Arc<dyn Directory>,
    registrar: Option<Arc<dyn Registrar>>,
}

impl Stores {
    fn new<D: Directory + Registrar>(broker: Arc<dyn Broker>, directory: D) -> Self {
        let directory = Arc::new(directory);
        Self {
            broker,
            directory: directory.clone(),
            registrar: Some(directory),
        }
    }
}

fn stores(args: &ServeArgs) -> Result<Stores, ConfigError> {
    let client = match args.redis_url()? {
        Some(url) => {
            // fred's message says what is wrong, not what stands there.
            let client = redis_broker::connect(url);
            Some(client.map_err(|error| ConfigError::BadRedisUrl(error.details().to_owned()))?)
        }
        None => None,
    };
    let broker: Arc<dyn Broker> = match (args.broker, &client) {
        (BrokerKind::Redis, Some(client)) => Arc::new(RedisBroker::new(client.clone())),
        _ => Arc::new(MemoryBroker::default()),
    };
    Ok(match (args.directory, client) {
        (DirectoryKind::Upstream, _) => {
            let client = upstream::Client::new(args.upstream_url()?)?;
            Stores {
                broker,
                directory: Arc::new(UpstreamDirectory::new(client)),
                registrar: None,
            }
        }
        (DirectoryKind::Redis, Some(client)) => Stores::new(broker, RedisDirectory::new(client)),
        _ => Stores::new(broker, MemoryDirectory::default()),
    })
}

fn service(args: &ServeArgs, stores: Stores) -> Service {
    let Stores {
        broker,
        directory,
        registrar,
    } = stores;
    let metrics = Arc::new(Metrics::new());
    let recorder = Recorder::new(broker.clone(), registrar.clone());
    Service {
        hubs: Hubs::new(broker.clone(), recorder, Handle::current(), metrics.clone()),
        broker,
        directory,
        registrar,
        metrics,
        shutdown: Shutdown::new(),
        streams: StreamSettings {
            heartbeat: Duration::from_secs(args.heartbeat_seconds),
            drain: Duration::from_secs(args.drain_seconds),
        },
    }
}

fn start(
    listener: TcpListener,
    workers: Option<usize>,
    service: Service,
    access: Access,
    takeover: Option<Arc<Takeover>>,
    routes: ExtraRoutes,
) -> io::Result<Server> {
    let service = web::Data::new(service);
    let keyring = web::Data::new(access.keyring);
    let api_keys = web::Data::new(access.api_keys);
    let app = move || {
        let routes = routes.clone();
        ActixApp::new()
            .app_data(service.clone())
            .app_data(keyring.clone())
            .app_data(api_keys.clone())
            .app_data(access.query_token)
            .wrap(from_fn(refusals::count))
            .wrap(cors(&access.origins))
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
                .finish(map_config(app(), |()| AppConfig::default()))
                .tcp();
            TakeoverFactory::new(takeover.clone(), http)
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
