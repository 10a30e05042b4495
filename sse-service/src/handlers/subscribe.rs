//! `/connect/source-connections/{id}/subscribe`

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Version, header},
    web,
};
use actix_web_lab::header::{CacheControl, CacheDirective};

use super::{Shared, visible};
use crate::{
    auth::Session,
    decode,
    directory::JobRecord,
    error::ApiError,
    frame::Frame,
    ids::{ConnectionId, JobId},
    state::Service,
    stream::{EventStream, Source},
};

/// The longest `Last-Event-ID` that is looked at, in bytes; ours have less than half as many.
const MAX_EVENT_ID_BYTES: usize = 256;

/// `GET /connect/source-connections/{id}/subscribe`: the event stream of the connection's latest job.
pub async fn subscribe(
    session: Session,
    service: Shared,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let id = id.parse().map_err(|_| ApiError::NoConnection)?;
    let Some(stream) = open(&service, &session, id, last_event_id(&request)).await? else {
        // An EventSource stops on 204: WHATWG HTML, "Server-sent events".
        return Ok(HttpResponse::NoContent().finish());
    };
    let mut response = HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(CacheControl(vec![
            CacheDirective::NoCache,
            CacheDirective::NoTransform,
        ]))
        // Asks nginx, and others that have taken this over, not to buffer.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream.into_body());
    if request.version() < Version::HTTP_11 {
        // HTTP/1.0 knows no chunks, and is what nginx speaks to its upstreams unless told otherwise.
        response.head_mut().no_chunking(true);
    }
    Ok(response)
}

/// Opens the stream that a session asks for. `None` when the job has ended and the client has seen its end.
pub(crate) async fn open(
    service: &Service,
    session: &Session,
    id: ConnectionId,
    seen: Option<String>,
) -> Result<Option<EventStream>, ApiError> {
    if service.shutdown.has_begun() {
        return Err(ApiError::Draining);
    }
    visible(service, session, id).await?;
    let record = service
        .directory
        .latest_job(session.bearer(), id)
        .await?
        .ok_or(ApiError::NoJob)?;
    let job: JobId = record.job.id.parse().map_err(|_| ApiError::NoJob)?;
    let source = source(service, session, id, job, record).await?;
    if let Source::Ended(frame) = &source
        && seen.as_deref() == Some(frame.id())
    {
        return Ok(None);
    }
    Ok(Some(EventStream::new(
        job,
        source,
        session.expires_at(),
        seen.filter(|id| id.len() <= MAX_EVENT_ID_BYTES),
        service.streams,
        service.metrics.clone(),
        service.shutdown.watch(),
    )))
}

/// The job's last message when it has ended, else its hub. What the directory knows is read after the subscription
/// stands: an end that falls between the two is in one of them.
async fn source(
    service: &Service,
    session: &Session,
    connection: ConnectionId,
    job: JobId,
    record: JobRecord,
) -> Result<Source, ApiError> {
    if !record.job.status.is_active() {
        return Ok(Source::Ended(last_frame(service, job, &record).await?));
    }
    let mut listener = service.hubs.listen(job).await?;
    if let Some(record) = service
        .directory
        .job(session.bearer(), connection, job)
        .await?
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
