//! `/connect/source-connections/{id}/subscribe` and `/connect/subscribe`

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Version, header::CACHE_CONTROL},
    web,
};
use futures_util::future::join_all;

use super::{Shared, visible, wanted::Wanted};
use crate::{
    admission::AdmittedStream,
    auth::{AuthError, Session},
    bell::Bell,
    error::ApiError,
    ids::ConnectionId,
    limits::streams::Slot,
    openapi::{Any, ForSession, Limited, Missing, StreamEvent, Unreadable},
    state::Service,
    stream::{EventStream, source::Finder, track::Track},
    transport::Cut,
};

/// `GET /connect/source-connections/{id}/subscribe`: the event stream of the connection's newest job.
#[utoipa::path(
    get,
    path = "/connect/source-connections/{id}/subscribe",
    tag = "browsers",
    params(("id" = String, Path, format = "uuid", description = "The connection's id"), ("wait" = Option<u64>, Query, minimum = 1, maximum = 3600, description = "Stay this many seconds while no job is running"), ("seen" = Option<Vec<String>>, Query, max_items = 50, description = "Ids of events that the client has"), ("Last-Event-ID" = Option<String>, Header, description = "The id of the newest event that the client has")),
    responses((status = 200, description = "StreamMessage and Progress events", content_type = "text/event-stream", body = StreamEvent), (status = 204, description = "All jobs have ended, and the client has their ends"), ForSession, Missing, Unreadable, Limited, Any),
    security(("session" = []))
)]
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
#[utoipa::path(
    get,
    path = "/connect/subscribe",
    tag = "browsers",
    params(("connection_id" = Vec<String>, Query, min_items = 1, max_items = 50, description = "Connections to follow"), ("wait" = Option<u64>, Query, minimum = 1, maximum = 3600, description = "Stay this many seconds while no job is running"), ("seen" = Option<Vec<String>>, Query, max_items = 50, description = "Ids of events that the client has"), ("Last-Event-ID" = Option<String>, Header, description = "The id of the newest event that the client has")),
    responses((status = 200, description = "StreamMessage and Progress events", content_type = "text/event-stream", body = StreamEvent), (status = 204, description = "All jobs have ended, and the client has their ends"), ForSession, Missing, Unreadable, Limited, Any),
    security(("session" = []))
)]
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
    let address = client_address(service, request);
    let Some(stream) = open(service, session, address, wanted).await? else {
        // An EventSource stops on 204: WHATWG HTML, "Server-sent events".
        return Ok(HttpResponse::NoContent().finish());
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache, no-transform"))
        // Asks nginx, and others that have taken this over, not to buffer.
        .insert_header(("X-Accel-Buffering", "no"));
    let mut response = match request.conn_data::<Cut>() {
        Some(cut) if request.version() == Version::HTTP_2 => {
            let patience = service.limits.requests.write_time;
            response.streaming(stream.into_shared_body(cut.clone(), patience))
        }
        _ => response.streaming(stream.into_body()),
    };
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
    address: IpAddr,
    wanted: Wanted,
) -> Result<Option<AdmittedStream>, ApiError> {
    if service.shutdown.has_begun() {
        return Err(ApiError::Draining);
    }
    let slot = take_slot(service, session, address)?;
    let connections = visible_connections(service, session, &wanted.connections).await?;
    let finder = Finder::new(service.clone(), session.bearer().clone());
    let bell = Arc::new(Bell::default());
    let tracks = connections
        .into_iter()
        .map(|connection| track(&finder, connection, &wanted.seen, &bell));
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
    let stream = EventStream::new(
        tracks,
        finder.for_a_stream(),
        session.expires_at(),
        wanted.is_tagged,
        wanted.wait,
        bell,
    );
    Ok(Some(AdmittedStream::new(stream, slot)))
}

/// Before anything is asked for: who has too many streams already costs nothing more.
fn take_slot(service: &Service, session: &Session, address: IpAddr) -> Result<Slot, ApiError> {
    let session = &session.context().session_id;
    let slot = service.limits.streams.take(session, address)?;
    // What is revoked from here on, the slot is told of; what was revoked since the token was looked at, is known.
    if service.revocations.contains(session) {
        return Err(AuthError::RevokedToken.into());
    }
    Ok(slot)
}

fn client_address(service: &Service, request: &HttpRequest) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
    let values = request.headers().get_all(service.proxies.header());
    // A line that is no text is no address: leaving it out would let the one before it count.
    let values: Vec<&str> = values
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    service.proxies.client(peer, values)
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
    bell: &Arc<Bell>,
) -> Result<Track, ApiError> {
    let starts = finder.service.hubs.watch_starts(connection);
    let found = finder.clone().find(connection, None).await?;
    Ok(Track::new(connection, starts, found, seen, bell.clone()))
}
