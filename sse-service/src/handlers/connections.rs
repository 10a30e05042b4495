//! `/connect/source-connections`

use actix_web::{HttpResponse, web};
use protocol::{RegisterConnection, SourceConnection};

use super::{Body, Shared, body, chosen_id, no_store, visible_connection};
use crate::{
    auth::{ApiKey, Session},
    directory::Registered,
    error::ApiError,
    openapi::{Any, Conflicting, ForServer, ForSession, Missing, WithBody},
    trace,
};

/// The longest name, integration or collection, in characters.
const MAX_NAME_CHARS: usize = 256;

/// `GET /connect/source-connections`: those of the session's collection that it may see.
#[utoipa::path(
    get,
    path = "/connect/source-connections",
    tag = "browsers",
    responses((status = 200, description = "Those that the session may see", body = [SourceConnection]), ForSession, Any),
    security(("session" = []))
)]
pub async fn list(session: Session, service: Shared) -> Result<HttpResponse, ApiError> {
    let records = service
        .directory
        .connections(session.bearer(), &session.context().collection_id)
        .await?;
    let visible: Vec<SourceConnection> = records
        .into_iter()
        .filter(|record| session.may_see(record).is_ok())
        .map(|record| record.connection)
        .collect();
    Ok(HttpResponse::Ok().insert_header(no_store()).json(visible))
}

/// `GET /connect/source-connections/{id}`
#[utoipa::path(
    get,
    path = "/connect/source-connections/{id}",
    tag = "browsers",
    params(("id" = String, Path, format = "uuid", description = "The connection's id")),
    responses((status = 200, description = "The connection", body = SourceConnection), ForSession, Missing, Any),
    security(("session" = []))
)]
pub async fn get(
    session: Session,
    service: Shared,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (_, record) = visible_connection(&service, &session, &id).await?;
    Ok(HttpResponse::Ok()
        .insert_header(no_store())
        .json(record.connection))
}

/// `PUT /connect/source-connections/{id}`: registers a connection or changes it.
#[utoipa::path(
    put,
    path = "/connect/source-connections/{id}",
    tag = "servers",
    params(("id" = String, Path, format = "uuid", description = "The connection's id")),
    request_body = RegisterConnection,
    responses((status = 200, description = "Changed", body = SourceConnection), (status = 201, description = "Registered", body = SourceConnection), ForServer, WithBody, Conflicting, Any),
    security(("api_key" = []))
)]
pub async fn put(
    _: ApiKey,
    service: Shared,
    id: web::Path<String>,
    request: Body<RegisterConnection>,
) -> Result<HttpResponse, ApiError> {
    let registrar = service.registrar()?;
    let id = chosen_id(&id)?;
    trace::about_connection(id);
    let request = body(request)?;
    check_names(&request)?;
    match registrar.put_connection(id, request).await? {
        Registered::Created(record) => Ok(HttpResponse::Created().json(record.connection)),
        Registered::Changed(record) => Ok(HttpResponse::Ok().json(record.connection)),
        Registered::Refused(refusal) => Err(refusal.into()),
    }
}

fn check_names(request: &RegisterConnection) -> Result<(), ApiError> {
    let names = [
        ("name", &request.name),
        ("short_name", &request.short_name),
        ("readable_collection_id", &request.readable_collection_id),
        ("organization_id", &request.organization_id),
        ("session_id", &request.session_id),
        ("auth_method", &request.auth_method),
    ];
    for (member, value) in names {
        if value
            .as_ref()
            .is_some_and(|value| value.is_empty() || value.chars().count() > MAX_NAME_CHARS)
        {
            return Err(ApiError::Invalid(format!(
                "{member} must have from 1 to {MAX_NAME_CHARS} characters."
            )));
        }
    }
    Ok(())
}
