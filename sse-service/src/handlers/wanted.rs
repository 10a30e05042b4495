//! What a client asks of a stream, read from its request.

use std::time::Duration;

use actix_web::{HttpRequest, http::header::HeaderName, web::Query};

use crate::{error::ApiError, ids::ConnectionId};

/// The most connections that one stream follows.
pub const MAX_CONNECTIONS: usize = 50;

/// The longest time for which a stream stays without a job, in seconds.
pub const MAX_WAIT_SECONDS: u64 = 3600;

/// The longest event id that is looked at, in bytes; ours have less than half as many.
const MAX_EVENT_ID_BYTES: usize = 256;

/// What a stream is to be.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The connections to be followed; what is no id names no connection.
    pub connections: Vec<Option<ConnectionId>>,
    /// Whether messages name their connection.
    pub is_tagged: bool,
    /// Ids of messages that the client has.
    pub seen: Vec<String>,
    /// How long the stream stays while no job is running; as long as there are jobs when not given.
    pub wait: Option<Duration>,
}

impl Wanted {
    /// The stream of one connection, for a client that has the message of the id `seen`.
    pub fn one(connection: ConnectionId, seen: Option<&str>) -> Self {
        let mut wanted = Self {
            connections: vec![Some(connection)],
            ..Self::default()
        };
        if let Some(id) = seen {
            wanted.has(id);
        }
        wanted
    }

    /// The stream of the connection in a path.
    pub fn from_path(id: &str, request: &HttpRequest) -> Result<Self, ApiError> {
        Self {
            connections: vec![id.parse().ok()],
            ..Self::default()
        }
        .with_rest(request, &query(request)?)
    }

    /// The stream of the connections in a query.
    pub fn from_query(request: &HttpRequest) -> Result<Self, ApiError> {
        let query = query(request)?;
        if !(1..=MAX_CONNECTIONS).contains(&values(&query, "connection_id").count()) {
            return Err(ApiError::Invalid(format!(
                "connection_id must be given from 1 to {MAX_CONNECTIONS} times."
            )));
        }
        let mut connections = Vec::new();
        for id in values(&query, "connection_id").map(|id| id.parse().ok()) {
            // Named twice, it is followed once.
            if !connections.contains(&id) {
                connections.push(id);
            }
        }
        Self {
            connections,
            is_tagged: true,
            ..Self::default()
        }
        .with_rest(request, &query)
    }

    fn with_rest(
        mut self,
        request: &HttpRequest,
        query: &[(String, String)],
    ) -> Result<Self, ApiError> {
        if values(query, "seen").count() > MAX_CONNECTIONS {
            return Err(ApiError::Invalid(format!(
                "seen must be given at most {MAX_CONNECTIONS} times."
            )));
        }
        values(query, "seen").for_each(|id| self.has(id));
        let last = request
            .headers()
            .get(HeaderName::from_static("last-event-id"));
        if let Some(Ok(id)) = last.map(|id| id.to_str()) {
            self.has(id);
        }
        let mut waits = values(query, "wait");
        self.wait = waits.next().map(wait).transpose()?;
        if waits.next().is_some() {
            return Err(ApiError::Invalid("wait must be given once.".into()));
        }
        Ok(self)
    }

    /// An id that is none of ours does no harm: it is that of no message.
    fn has(&mut self, id: &str) {
        if id.len() <= MAX_EVENT_ID_BYTES {
            self.seen.push(id.to_owned());
        }
    }
}

fn query(request: &HttpRequest) -> Result<Vec<(String, String)>, ApiError> {
    Query::from_query(request.query_string())
        .map(Query::into_inner)
        .map_err(|_| ApiError::Invalid("The query cannot be read.".into()))
}

fn values<'a>(query: &'a [(String, String)], name: &str) -> impl Iterator<Item = &'a str> {
    query
        .iter()
        .filter(move |(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn wait(seconds: &str) -> Result<Duration, ApiError> {
    match seconds.parse() {
        Ok(seconds @ 1..=MAX_WAIT_SECONDS) => Ok(Duration::from_secs(seconds)),
        _ => Err(ApiError::Invalid(format!(
            "wait must be from 1 to {MAX_WAIT_SECONDS} seconds."
        ))),
    }
}
