//! The service's API for the host's servers.

use std::{fmt, time::Duration};

use protocol::{
    CreateSession, Problem, RegisterConnection, RegisterJob, SessionCreated, SourceConnection,
    SourceConnectionJob,
};
use reqwest::{
    Client, Method, RequestBuilder, Response, Url,
    header::{HeaderMap, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::ServiceError;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The service, as the host's servers ask it: registers connections and jobs, and opens sessions for end users.
///
/// ```no_run
/// use connect_publisher::{Destination, Publisher, Service};
/// use protocol::{JobStatus, RegisterConnection, RegisterJob};
/// use uuid::Uuid;
///
/// # async fn sync(connection: Uuid) -> Result<(), Box<dyn std::error::Error>> {
/// let (url, api_key) = ("http://127.0.0.1:8080", "the key");
/// let service = Service::new(url, api_key)?;
/// let registered = RegisterConnection {
///     name: Some("Team chat".into()),
///     short_name: Some("slack".into()),
///     readable_collection_id: Some("acme".into()),
///     ..RegisterConnection::default()
/// };
/// service.register_connection(connection, &registered).await?;
/// let job = service.register_job(connection, &RegisterJob::default()).await?;
/// let publisher = Publisher::start(&Destination::http(url, api_key)?, job);
/// # publisher.complete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Service {
    client: Client,
    /// Without a slash at its end.
    url: String,
}

impl Service {
    /// At an address such as `https://sync.example.com`, with one of its API keys.
    pub fn new(url: &str, api_key: &str) -> Result<Self, ServiceError> {
        let parsed = url.parse::<Url>().map_err(|_| ServiceError::Address)?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(ServiceError::Address);
        }
        let mut key = HeaderValue::from_str(api_key).map_err(|_| ServiceError::Key)?;
        key.set_sensitive(true);
        let client = Client::builder()
            .timeout(TIMEOUT)
            .default_headers(HeaderMap::from_iter([(
                "x-api-key".parse().expect("a name"),
                key,
            )]))
            // The key goes nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            client,
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// Registers a connection, or changes it. A new one needs a name, a short name and a collection.
    pub async fn register_connection(
        &self,
        id: Uuid,
        connection: &RegisterConnection,
    ) -> Result<SourceConnection, ServiceError> {
        let path = format!("/connect/source-connections/{id}");
        self.ask(Method::PUT, &path, connection).await
    }

    /// Registers a job of a connection and gives its id.
    pub async fn register_job(
        &self,
        connection: Uuid,
        job: &RegisterJob,
    ) -> Result<Uuid, ServiceError> {
        let path = format!("/connect/source-connections/{connection}/jobs");
        let job: SourceConnectionJob = self.ask(Method::POST, &path, job).await?;
        let id = job.id.parse();
        id.map_err(|_| ServiceError::Away("it names a job that has no UUID".into()))
    }

    /// A token for an end user.
    pub async fn create_session(
        &self,
        session: &CreateSession,
    ) -> Result<SessionCreated, ServiceError> {
        self.ask(Method::POST, "/connect/sessions", session).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ServiceError> {
        Self::answer(self.request(method, path, body).send().await?).await
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        self.client.request(method, url).json(body)
    }

    pub(crate) async fn answer<T: DeserializeOwned>(response: Response) -> Result<T, ServiceError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response.json().await?);
        }
        let problem = response.json::<Problem>().await;
        Err(ServiceError::Refused {
            status: status.as_u16(),
            detail: problem.map_or_else(|_| "it says no more".into(), |problem| problem.detail),
        })
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}
