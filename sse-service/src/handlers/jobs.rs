//! `/connect/source-connections/{id}/jobs`

use actix_web::{HttpResponse, web};
use protocol::{JobStatus, RegisterJob, SourceConnectionJob};
use tracing::warn;

use super::{Body, Shared, body, chosen_id, no_store, visible_connection};
use crate::{
    auth::{ApiKey, Session},
    broker::JobStart,
    decode,
    directory::Registered,
    error::ApiError,
    frame::Frame,
    ids::{ConnectionId, JobId},
    openapi::{Any, Conflicting, ForServer, ForSession, Missing, WithBody},
    state::Service,
    trace,
};

/// `GET /connect/source-connections/{id}/jobs`: newest first.
#[utoipa::path(
    get,
    path = "/connect/source-connections/{id}/jobs",
    tag = "browsers",
    params(("id" = String, Path, format = "uuid", description = "The connection's id")),
    responses((status = 200, description = "Newest first", body = [SourceConnectionJob]), ForSession, Missing, Any),
    security(("session" = []))
)]
pub async fn list(
    session: Session,
    service: Shared,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (id, _) = visible_connection(&service, &session, &id).await?;
    let records = service.directory.jobs(session.bearer(), id).await?;
    let mut jobs: Vec<SourceConnectionJob> = records.into_iter().map(|record| record.job).collect();
    add_snapshots(&service, &mut jobs).await?;
    Ok(HttpResponse::Ok().insert_header(no_store()).json(jobs))
}

/// Workers that publish straight to Redis do not tell the directory how far they are, but they leave snapshots.
async fn add_snapshots(
    service: &Service,
    jobs: &mut [SourceConnectionJob],
) -> Result<(), ApiError> {
    let (ids, active): (Vec<JobId>, Vec<&mut SourceConnectionJob>) = jobs
        .iter_mut()
        .filter(|job| job.status.is_active())
        .filter_map(|job| Some((job.id.parse::<JobId>().ok()?, job)))
        .unzip();
    let snapshots = service.broker.snapshots(&ids).await?;
    for (job, snapshot) in active.into_iter().zip(snapshots) {
        // What cannot be read was warned of where it was heard.
        if let Some(Ok(progress)) = snapshot.map(|json| decode::progress(&json)) {
            job.apply(&progress);
        }
    }
    Ok(())
}

/// `POST /connect/source-connections/{id}/jobs`: registers a job, or tells the status of one that is there.
#[utoipa::path(
    post,
    path = "/connect/source-connections/{id}/jobs",
    tag = "servers",
    params(("id" = String, Path, format = "uuid", description = "The connection's id")),
    request_body = RegisterJob,
    responses((status = 200, description = "Its status is told", body = SourceConnectionJob), (status = 201, description = "Registered", body = SourceConnectionJob), ForServer, Missing, WithBody, Conflicting, Any),
    security(("api_key" = []))
)]
pub async fn create(
    _: ApiKey,
    service: Shared,
    connection: web::Path<String>,
    request: Body<RegisterJob>,
) -> Result<HttpResponse, ApiError> {
    let registrar = service.registrar()?;
    let connection: ConnectionId = connection.parse().map_err(|_| ApiError::NoConnection)?;
    let request = body(request)?;
    let id: JobId = request
        .id
        .as_deref()
        .map_or_else(|| Ok(JobId::random()), chosen_id)?;
    trace::about_connection(connection);
    trace::about_job(id);
    let status = request.status.unwrap_or(JobStatus::Pending);
    match registrar
        .put_job(connection, id, status, request.scheduled)
        .await?
    {
        Registered::Created(record) => {
            announce(&service, connection, id).await;
            Ok(HttpResponse::Created().json(record.job))
        }
        Registered::Changed(record) => {
            announce(&service, connection, id).await;
            // Its listeners learn of it as they do of everything else.
            service
                .broker
                .publish(id, &Frame::new(id, record.progress()))
                .await?;
            Ok(HttpResponse::Ok().json(record.job))
        }
        Registered::Refused(refusal) => Err(refusal.into()),
    }
}

/// Lets those who follow the connection know. The job is registered whether they hear of it or not: refused now, it would be
/// registered twice.
async fn announce(service: &Service, connection: ConnectionId, job: JobId) {
    if let Err(error) = service.broker.announce(JobStart { connection, job }).await {
        warn!(%connection, %job, %error, "a new job could not be announced");
    }
}
