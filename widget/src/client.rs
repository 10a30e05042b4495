//! The client of the HTTP API that browsers use.

use std::{cell::Cell, fmt, rc::Rc};

use gloo_timers::callback::Timeout;
use js_sys::Function;
use protocol::{Progress, SourceConnection, SourceConnectionJob};
use wasm_bindgen::JsValue;

use crate::{
    ApiError, Session, StreamEvent, SyncStream, claims::SessionClaims, decode, endpoint::Endpoint,
    http, stream::Seen,
};

/// How long an answer may take, in milliseconds.
const TIMEOUT_MS: u32 = 30_000;

/// One API with one session. Cheap to clone; two are equal when one is a clone of the other.
///
/// ```no_run
/// use widget::{ApiClient, Session};
///
/// # async fn run() -> Result<(), widget::ApiError> {
/// let client = ApiClient::new("https://sync.example.com", Session::new(Some("token"), None));
/// for connection in client.get_connections().await? {
///     let jobs = client.get_connection_jobs(&connection.id).await?;
///     assert!(jobs.iter().all(|job| job.source_connection_id == connection.id));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ApiClient(Rc<Inner>);

struct Inner {
    base: Result<String, ApiError>,
    session: Session,
    stream_fetch: Option<Function>,
    is_multiplexed: Cell<bool>,
}

impl ApiClient {
    /// A client of the API at `api_url`, which may be relative to the page. An address that cannot be one is told by
    /// the first request.
    pub fn new(api_url: &str, session: Session) -> Self {
        Self::with_stream_fetch(api_url, session, None)
    }

    /// A client that asks for event streams by another function than the page's `fetch`, which takes and gives the same:
    /// one by which several widgets share a stream, say.
    pub fn with_stream_fetch(
        api_url: &str,
        session: Session,
        stream_fetch: Option<Function>,
    ) -> Self {
        Self(Rc::new(Inner {
            base: http::base_url(api_url),
            session,
            stream_fetch,
            is_multiplexed: Cell::new(false),
        }))
    }

    /// The session whose token the requests carry.
    pub fn session(&self) -> &Session {
        &self.0.session
    }

    /// What the present token says about itself; empty for a token of another form.
    pub fn claims(&self) -> SessionClaims {
        let token = self.session().token();
        token.map_or_else(SessionClaims::default, |token| SessionClaims::read(&token))
    }

    /// The connections of the session's collection.
    pub async fn get_connections(&self) -> Result<Vec<SourceConnection>, ApiError> {
        let value = self.get(Endpoint::Connections).await?;
        decode::list(&value, decode::connection)
    }

    /// The same, with no more of each than is shown.
    pub(crate) async fn shown_connections(&self) -> Result<Vec<SourceConnection>, ApiError> {
        let value = self.get(Endpoint::Connections).await?;
        decode::list(&value, decode::shown_connection)
    }

    /// The id of a connection's newest job, and its progress.
    pub(crate) async fn newest_job(
        &self,
        connection_id: &str,
    ) -> Result<Option<(String, Progress)>, ApiError> {
        let value = self.get(Endpoint::Jobs(connection_id)).await?;
        Ok(decode::list(&value, decode::shown_job)?.into_iter().next())
    }

    /// A connection's jobs, newest first.
    pub async fn get_connection_jobs(
        &self,
        connection_id: &str,
    ) -> Result<Vec<SourceConnectionJob>, ApiError> {
        let value = self.get(Endpoint::Jobs(connection_id)).await?;
        decode::list(&value, decode::job)
    }

    /// Follows a connection's latest job until it ends, through lost networks and expired tokens. Dropping the stream
    /// ends it. `on_event` is never called before this returns.
    pub fn subscribe_to_sync_progress(
        &self,
        connection_id: &str,
        on_event: impl Fn(StreamEvent) + 'static,
    ) -> SyncStream {
        let follow = vec![(connection_id.into(), Seen::default())];
        let on_event = Box::new(move |_: &str, event| on_event(event));
        SyncStream::start(self.clone(), follow, false, on_event)
    }

    async fn get(&self, endpoint: Endpoint<'_>) -> Result<JsValue, ApiError> {
        let token = self.token().await?;
        let abort = Rc::new(http::Abort::new()?);
        let deadline = abort.clone();
        let _deadline = Timeout::new(TIMEOUT_MS, move || deadline.now());
        let url = self.url(endpoint)?;
        let mut response = http::get(&url, &token, &[], &abort, None).await?;
        if response.status() == 401 {
            self.session().renew(Some(&token)).await?;
            let token = self.token().await?;
            response = http::get(&url, &token, &[], &abort, None).await?;
        }
        match response.status() {
            200..=299 => http::json(response).await,
            401 => Err(ApiError::SessionExpired),
            403 => Err(ApiError::Forbidden),
            status => Err(ApiError::Status(status)),
        }
    }

    /// The session's token; where there is none yet, the host is asked first.
    pub(crate) async fn token(&self) -> Result<Rc<str>, ApiError> {
        if self.session().token().is_none() {
            self.session().renew(None).await?;
        }
        self.session().token().ok_or(ApiError::SessionExpired)
    }

    /// What stands in for `fetch` where a stream is asked for.
    pub(crate) fn stream_fetch(&self) -> Option<&Function> {
        self.0.stream_fetch.as_ref()
    }

    /// Whether the list came by HTTP/2 or 3, which carry many streams on one connection, as far as the browser tells.
    pub(crate) fn is_multiplexed(&self) -> bool {
        // Remembered, as the browser keeps its record of requests for some time only.
        if !self.0.is_multiplexed.get()
            && let Ok(url) = self.url(Endpoint::Connections)
        {
            self.0.is_multiplexed.set(http::is_multiplexed(&url));
        }
        self.0.is_multiplexed.get()
    }

    /// An address of the API.
    pub(crate) fn url(&self, endpoint: Endpoint<'_>) -> Result<String, ApiError> {
        let base = self.0.base.as_ref().map_err(|error| *error)?;
        endpoint.url(base)
    }
}

impl PartialEq for ApiClient {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("base", &self.0.base)
            .finish_non_exhaustive()
    }
}
