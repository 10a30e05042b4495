//! `/connect/source-connections/{id}/subscribe` and `/connect/subscribe`

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Version, header::CACHE_CONTROL},
    web,
};
use futures_util::future::join_all;

use super::{Shared, visible, wanted::Wanted};
use crate::{
    auth::Session,
    error::ApiError,
    ids::ConnectionId,
    state::Service,
    stream::{EventStream, source::Finder, track::Track},
};

/// `GET /connect/source-connections/{id}/subscribe`: the event stream of the connection's newest job.
pub async fn subscribe(
    session: Session,
    service: Shared,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let wanted = Wanted::from_path(&id, &request)?;
    respond(&service, &session, wanted, &request).await
}

/// `GET /connect/subscribe?connection_id=…&connection_id=…`: one event stream of several connections' newest jobs.
pub async fn subscribe_many(
    session: Session,
    service: Shared,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let wanted = Wanted::from_query(&request)?;
    respond(&service, &session, wanted, &request).await
}

async fn respond(
    service: &Service,
    session: &Session,
    wanted: Wanted,
    request: &HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Some(stream) = open(service, session, wanted).await? else {
        // An EventSource stops on 204: WHATWG HTML, "Server-sent events".
        return Ok(HttpResponse::NoContent().finish());
    };
    let mut response = HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache, no-transform"))
        // Asks nginx, and others that have taken this over, not to buffer.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream.into_body());
    if request.version() < Version::HTTP_11 {
        // HTTP/1.0 knows no chunks, and is what nginx speaks to its upstreams unless told otherwise.
        response.head_mut().no_chunking(true);
    }
    Ok(response)
}

/// Opens the stream that a session asks for. `None` when all jobs have ended, the client has seen their ends and does not
/// wait for others.
pub async fn open(
    service: &Service,
    session: &Session,
    wanted: Wanted,
) -> Result<Option<EventStream>, ApiError> {
    if service.shutdown.has_begun() {
        return Err(ApiError::Draining);
    }
    let connections = visible_connections(service, session, &wanted.connections).await?;
    let finder = Finder::new(service.clone(), session.bearer().clone());
    let tracks = connections
        .into_iter()
        .map(|connection| track(&finder, connection, &wanted.seen));
    let tracks: Vec<Track> = join_all(tracks)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    if wanted.wait.is_none() {
        if !wanted.is_tagged && !tracks.iter().all(Track::has_job) {
            return Err(ApiError::NoJob);
        }
        if tracks.iter().all(Track::has_ended) {
            return Ok(None);
        }
    }
    Ok(Some(EventStream::new(
        tracks,
        finder.for_a_stream(),
        session.expires_at(),
        wanted.is_tagged,
        wanted.wait,
    )))
}

/// All connections, or what the first of them that is not visible would be answered alone.
async fn visible_connections(
    service: &Service,
    session: &Session,
    ids: &[Option<ConnectionId>],
) -> Result<Vec<ConnectionId>, ApiError> {
    let checks = ids.iter().map(async |id| {
        let id = id.ok_or(ApiError::NoConnection)?;
        visible(service, session, id).await.map(|_| id)
    });
    join_all(checks).await.into_iter().collect()
}

/// Watches for new jobs first and asks for the newest then: one that is registered meanwhile is in one of them.
async fn track(
    finder: &Finder,
    connection: ConnectionId,
    seen: &[String],
) -> Result<Track, ApiError> {
    let starts = finder.service.hubs.watch_starts(connection);
    let found = finder.clone().find(connection, None).await?;
    Ok(Track::new(connection, starts, found, seen))
}
