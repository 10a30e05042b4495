//! `/connect/jobs/{job_id}/progress`

use actix_web::{HttpResponse, http::StatusCode, web};
use actix_web_lab::extract::Bytes;
use protocol::{End, Progress, PublishReceipt};

use super::Shared;
use crate::{
    auth::ApiKey,
    clock,
    decode::{self, MAX_MESSAGE_BYTES},
    directory::Applied,
    error::ApiError,
    frame::Frame,
    ids::JobId,
    openapi::{Any, ForServer, Limited, Missing, WithBody},
    state::Service,
    trace,
};

/// `POST /connect/jobs/{job_id}/progress`: stores the snapshot, updates the job, and publishes.
///
/// The job goes first: whoever hears of its end and asks for the list again finds it ended. A publisher that had no answer
/// can send the same again.
#[utoipa::path(
    post,
    path = "/connect/jobs/{job_id}/progress",
    tag = "servers",
    params(("job_id" = String, Path, format = "uuid", description = "The job's id")),
    request_body = Progress,
    responses((status = 200, description = "Stored and published", body = PublishReceipt), ForServer, Missing, WithBody, Limited, Any),
    security(("api_key" = []))
)]
pub async fn publish(
    key: ApiKey,
    service: Shared,
    id: web::Path<String>,
    payload: Result<Bytes<MAX_MESSAGE_BYTES>, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    service.limits.publishes.take(key.0)?;
    let job: JobId = id.parse().map_err(|_| ApiError::UnknownJob)?;
    trace::about_job(job);
    let payload = payload.map_err(|error| match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge {
            limit: MAX_MESSAGE_BYTES,
        },
        _ => ApiError::Invalid("The body cannot be read.".into()),
    })?;
    let mut progress = decode::progress(&payload.0)?;
    // Whoever reads the snapshot later wants to know how old it is.
    progress
        .last_update_timestamp
        .get_or_insert_with(clock::now);
    let frame = Frame::new(job, progress);
    service.metrics.publishes.inc();
    let (status, is_shown) = match apply(&service, job, &frame).await? {
        Applied::Unknown => return Err(ApiError::UnknownJob),
        Applied::Yes(status) => (status, true),
        // The end again: it may be recorded and not have been published.
        Applied::Ended(status) => (status, frame.end().map(End::status) == Some(status)),
    };
    if is_shown {
        service.broker.publish(job, &frame).await?;
    }
    Ok(HttpResponse::Ok().json(PublishReceipt {
        job_id: job.to_string(),
        status,
        event_id: is_shown.then(|| frame.id().to_owned()),
    }))
}

/// Where the host keeps its jobs itself, only the snapshot tells whether one has ended.
async fn apply(service: &Service, job: JobId, frame: &Frame) -> Result<Applied, ApiError> {
    let progress = frame.progress();
    if let Some(registrar) = &service.registrar {
        return Ok(registrar.apply(job, progress).await?);
    }
    let snapshot = service.broker.snapshots(&[job]).await?.pop().flatten();
    let before = snapshot.and_then(|json| decode::progress(&json).ok());
    let status = progress.status.unwrap_or_default();
    Ok(match before.and_then(|before| before.end()) {
        Some(end) => Applied::Ended(end.status()),
        None => Applied::Yes(status),
    })
}
