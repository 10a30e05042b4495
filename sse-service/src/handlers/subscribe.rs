//! `/connect/source-connections/{id}/subscribe` and `/connect/subscribe`

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Version, header},
    web,
};
use actix_web_lab::header::{CacheControl, CacheDirective};

use super::{Shared, visible};
use crate::{
    admission::AdmittedStream,
    auth::{AuthError, Session},
    decode,
    directory::JobRecord,
    error::ApiError,
    follow::{FollowedJob, Source},
    frame::Frame,
    ids::{ConnectionId, JobId},
    limits::streams::Slot,
    state::Service,
    stream::EventStream,
    transport::Cut,
};

/// The longest `Last-Event-ID` that is looked at, in bytes; ours have less than half as many.
const MAX_EVENT_ID_BYTES: usize = 256;

/// The most connections on one stream.
const MAX_CONNECTIONS: usize = 50;

/// `GET /connect/source-connections/{id}/subscribe`: the event stream of the connection's latest job.
pub async fn subscribe(
    session: Session,
    service: Shared,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let id = id.parse().map_err(|_| ApiError::NoConnection)?;
    let address = client_address(&service, &request);
    let stream = open(&service, &session, address, id, last_event_id(&request)).await?;
    Ok(response(&service, &request, stream))
}

/// `GET /connect/subscribe?connection_id=…&connection_id=…`: the latest jobs of several connections on one stream. Each
/// message names its connection. What a client has of each job it says with `seen=<event id>`, as often as it likes.
pub async fn subscribe_many(
    session: Session,
    service: Shared,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (connections, seen) = asked_for(&request)?;
    let slot = take_slot(&service, &session, client_address(&service, &request))?;
    let mut jobs = Vec::new();
    for id in connections {
        jobs.extend(follow(&service, &session, id, Some(id), None).await?);
    }
    if jobs.is_empty() {
        return Err(ApiError::NoJob);
    }
    for job in &mut jobs {
        job.has_seen(&seen);
    }
    jobs.retain(|job| !job.is_told());
    let stream = (!jobs.is_empty()).then(|| stream(&service, &session, jobs, slot));
    Ok(response(&service, &request, stream))
}

/// The connections that are asked for, each once, and the messages that the client has.
fn asked_for(request: &HttpRequest) -> Result<(Vec<ConnectionId>, Vec<String>), ApiError> {
    let invalid = |text: String| ApiError::Invalid(text);
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
        .map_err(|_| invalid("The query cannot be read.".into()))?;
    let mut connections: Vec<ConnectionId> = Vec::new();
    let mut seen: Vec<String> = last_event_id(request).into_iter().collect();
    for (name, value) in query.into_inner() {
        match &*name {
            "connection_id" => {
                let id = value.parse().map_err(|_| ApiError::NoConnection)?;
                if !connections.contains(&id) {
                    connections.push(id);
                }
            }
            "seen" => seen.push(value),
            _ => {}
        }
    }
    if connections.is_empty() || connections.len() > MAX_CONNECTIONS {
        let text = format!("connection_id must be given from 1 to {MAX_CONNECTIONS} times.");
        return Err(invalid(text));
    }
    Ok((connections, seen))
}

fn response(
    service: &Service,
    request: &HttpRequest,
    stream: Option<AdmittedStream>,
) -> HttpResponse {
    let Some(stream) = stream else {
        // An EventSource stops on 204: WHATWG HTML, "Server-sent events".
        return HttpResponse::NoContent().finish();
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header(CacheControl(vec![
            CacheDirective::NoCache,
            CacheDirective::NoTransform,
        ]))
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
    response
}

/// Opens the stream that a session asks for. `None` when the job has ended and the client has seen its end.
pub(crate) async fn open(
    service: &Service,
    session: &Session,
    address: IpAddr,
    id: ConnectionId,
    seen: Option<String>,
) -> Result<Option<AdmittedStream>, ApiError> {
    let slot = take_slot(service, session, address)?;
    let followed = follow(service, session, id, None, seen).await?;
    let job = followed.ok_or(ApiError::NoJob)?;
    Ok((!job.is_told()).then(|| stream(service, session, vec![job], slot)))
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

/// The latest job of a connection, to be followed; `None` when there is none.
async fn follow(
    service: &Service,
    session: &Session,
    id: ConnectionId,
    tag: Option<ConnectionId>,
    seen: Option<String>,
) -> Result<Option<FollowedJob>, ApiError> {
    if service.shutdown.has_begun() {
        return Err(ApiError::Draining);
    }
    visible(service, session, id).await?;
    let Some(record) = service.directory.latest_job(id).await? else {
        return Ok(None);
    };
    let job: JobId = record.job.id.parse().map_err(|_| ApiError::NoJob)?;
    let source = source(service, job, record).await?;
    let seen = seen.filter(|id| id.len() <= MAX_EVENT_ID_BYTES);
    Ok(Some(FollowedJob::new(job, source, tag, seen)))
}

fn stream(
    service: &Service,
    session: &Session,
    jobs: Vec<FollowedJob>,
    slot: Slot,
) -> AdmittedStream {
    let stream = EventStream::new(
        jobs,
        session.expires_at(),
        service.streams,
        service.metrics.clone(),
        service.shutdown.watch(),
    );
    AdmittedStream::new(stream, slot)
}

/// The job's last message when it has ended, else its hub. What the directory knows is read after the subscription
/// stands: an end that falls between the two is in one of them.
async fn source(service: &Service, job: JobId, record: JobRecord) -> Result<Source, ApiError> {
    if !record.job.status.is_active() {
        return Ok(Source::Ended(last_frame(service, job, &record).await?));
    }
    let mut listener = service.hubs.listen(job).await?;
    if let Some(record) = service.directory.job(job).await?
        && !record.job.status.is_active()
    {
        listener.catch_up(Frame::new(job, record.progress()));
    }
    Ok(match listener.latest() {
        Some(frame) if frame.end().is_some() => Source::Ended(frame),
        _ => Source::Live(listener),
    })
}

/// How a job ended, in the worker's own words where they are still there.
async fn last_frame(service: &Service, job: JobId, record: &JobRecord) -> Result<Frame, ApiError> {
    if record.last.is_none()
        && let Some(Some(json)) = service.broker.snapshots(&[job]).await?.pop()
        && let Ok(progress) = decode::progress(&json)
        && progress.end().is_some()
    {
        return Ok(Frame::new(job, progress));
    }
    Ok(Frame::new(job, record.progress()))
}

fn last_event_id(request: &HttpRequest) -> Option<String> {
    let id = request
        .headers()
        .get(header::HeaderName::from_static("last-event-id"))?;
    Some(id.to_str().ok()?.to_owned())
}
