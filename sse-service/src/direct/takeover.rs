//! Decides, once for each connection, whether it is taken over.

use std::{io, rc::Rc, sync::Arc, time::Duration};

use actix_web::{
    dev::{Service as ActixService, ServiceFactory},
    rt::net::TcpStream,
};
use bytes::Bytes;
use futures_util::future::{FutureExt, LocalBoxFuture};
use tokio::{runtime::Handle, time::timeout};
use tracing::{Instrument, debug};

use super::{connection, request::StreamRequest};
use crate::{
    admission::AdmittedStream,
    auth::{Session, Verifier},
    handlers::{subscribe, wanted::Wanted},
    limits::WRITE_TIME,
    state::Service,
    trace,
};

/// How much of a request is looked at, in bytes. A head that is larger is left to the HTTP library.
const MAX_HEAD: usize = 4096;

/// How long a connection may say nothing before the HTTP library, which has limits of its own, takes care of it.
const FIRST_BYTES: Duration = Duration::from_secs(5);

/// So many streams of one job are written by the thread that takes its messages from Redis, which then wakes no other one:
/// that costs more than a write. What more there are, is left to the threads that requests are answered by: they share the work.
const FEW: usize = 16;

/// Knows what it takes to accept a request for a stream.
pub struct Takeover {
    service: Service,
    verifier: Verifier,
    origins: Vec<String>,
    runtime: Handle,
}

impl Takeover {
    /// For streams of `service`, for pages of `origins`. Must be called within the runtime that is to write the streams.
    pub fn new(service: Service, verifier: Verifier, origins: Vec<String>) -> Self {
        Self {
            service,
            verifier,
            origins,
            runtime: Handle::current(),
        }
    }

    /// Writes a stream until it is over.
    async fn write(self: Arc<Self>, io: TcpStream, head: Bytes, stream: AdmittedStream) {
        let patience = self.service.limits.requests.write_time;
        if let Err(error) = connection::serve(&io, head, stream, patience).await {
            debug!(%error, "a stream was cut off");
            if error.kind() == io::ErrorKind::TimedOut {
                self.service.metrics.hit(WRITE_TIME);
            }
        }
    }

    /// Writes a stream where its messages arrive.
    fn hand_over(self: Arc<Self>, io: std::net::TcpStream, head: Bytes, stream: AdmittedStream) {
        let runtime = self.runtime.clone();
        runtime.spawn(async move {
            match TcpStream::from_std(io) {
                Ok(io) => self.write(io, head, stream).await,
                Err(error) => debug!(%error, "a stream was cut off"),
            }
        });
    }

    /// The stream that a connection's first request asks for, and the head of the response. Takes nothing from the socket
    /// unless there is one.
    async fn stream(&self, io: &TcpStream) -> Option<(Bytes, AdmittedStream)> {
        let mut bytes = [0; MAX_HEAD];
        let length = timeout(FIRST_BYTES, io.peek(&mut bytes)).await.ok()?.ok()?;
        let request = StreamRequest::parse(&bytes[..length], self.service.proxies.header())?;
        let path = format_args!(
            "/connect/source-connections/{}/subscribe",
            request.connection
        );
        let span = trace::request_span("GET", path);
        let stream = self.subscribe(io, &request).instrument(span).await?;
        let head = self.response_head(request.origin);
        // An event is small and wanted now: it does not wait for the next one.
        io.set_nodelay(true).ok()?;
        // What was looked at is taken now.
        (io.try_read(&mut bytes[..length]).ok()? == length).then_some((head, stream))
    }

    async fn subscribe(
        &self,
        io: &TcpStream,
        request: &StreamRequest<'_>,
    ) -> Option<AdmittedStream> {
        trace::about_connection(request.connection);
        let claims = self.verifier.verify(request.token).await.ok()?;
        let session = Session::from(claims).with_bearer(request.token);
        let peer = io.peer_addr().ok()?.ip();
        let address = self.service.proxies.client(peer, request.forwarded_for);
        let wanted = Wanted::one(request.connection, request.last_event_id);
        let subscribed = subscribe::open(&self.service, &session, address, wanted).await;
        subscribed.ok()?
    }

    fn response_head(&self, origin: Option<&str>) -> Bytes {
        let allowed = origin.filter(|origin| self.origins.iter().any(|allowed| allowed == origin));
        let allow = allowed
            .map(|origin| format!("access-control-allow-origin: {origin}\r\n"))
            .unwrap_or_default();
        Bytes::from(format!(
            "HTTP/1.1 200 OK\r\n\
             content-type: text/event-stream\r\n\
             cache-control: no-cache, no-transform\r\n\
             x-accel-buffering: no\r\n\
             x-content-type-options: nosniff\r\n\
             {allow}vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n\
             transfer-encoding: chunked\r\n\
             connection: close\r\n\r\n"
        ))
    }
}

/// Goes before the HTTP library's services: takes connections over, or passes them on.
pub struct TakeoverFactory<F> {
    takeover: Option<Arc<Takeover>>,
    http: F,
}

impl<F> TakeoverFactory<F> {
    /// Passes on to `http` what is not taken over: everything, where nothing takes over.
    pub fn new(takeover: Option<Arc<Takeover>>, http: F) -> Self {
        Self { takeover, http }
    }
}

impl<F> ServiceFactory<TcpStream> for TakeoverFactory<F>
where
    F: ServiceFactory<TcpStream, Config = (), Response = ()>,
    F::Future: 'static,
    F::Service: 'static,
    F::Error: 'static,
{
    type Response = ();
    type Error = F::Error;
    type Config = ();
    type Service = TakeoverService<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, F::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let takeover = self.takeover.clone();
        let http = self.http.new_service(());
        async move {
            Ok(TakeoverService {
                takeover,
                http: Rc::new(http.await?),
            })
        }
        .boxed_local()
    }
}

/// See [`TakeoverFactory`].
pub struct TakeoverService<S> {
    takeover: Option<Arc<Takeover>>,
    http: Rc<S>,
}

impl<S> ActixService<TcpStream> for TakeoverService<S>
where
    S: ActixService<TcpStream, Response = ()> + 'static,
{
    type Response = ();
    type Error = S::Error;
    type Future = LocalBoxFuture<'static, Result<(), S::Error>>;

    actix_web::dev::forward_ready!(http);

    fn call(&self, io: TcpStream) -> Self::Future {
        let (takeover, http) = (self.takeover.clone(), self.http.clone());
        async move {
            // Each step is boxed, and freed when it is done: a stream carries nothing but itself.
            if let Some(takeover) = takeover
                && let Some((head, stream)) = Box::pin(takeover.stream(&io)).await
            {
                if stream.company() > FEW {
                    Box::pin(takeover.write(io, head, stream)).await;
                } else if let Ok(io) = io.into_std() {
                    takeover.hand_over(io, head, stream);
                }
                return Ok(());
            }
            Box::pin(http.call(io)).await
        }
        .boxed_local()
    }
}
