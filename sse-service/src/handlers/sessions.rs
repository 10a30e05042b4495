//! `/connect/sessions`

use actix_web::{HttpResponse, web};
use protocol::{CreateSession, SessionContext, SessionCreated};
use uuid::Uuid;

use super::{Body, Shared, body, no_store};
use crate::{
    auth::{
        ApiKey, AuthError, Claims, Keyring, Session,
        session::NO_ORGANIZATION,
        token::{DEFAULT_TTL_SECONDS, Seconds},
    },
    clock,
    error::ApiError,
    openapi::{Any, ForServer, ForSession, Unreadable, WithBody},
};

/// The longest life of a token, in seconds: a day.
const MAX_TTL_SECONDS: u64 = 24 * 3600;

/// The longest id of a session that is remembered, in characters.
const MAX_SESSION_ID_CHARS: usize = 256;

/// `GET /connect/sessions/{session_id}`: what the caller's token stands for.
#[utoipa::path(
    get,
    path = "/connect/sessions/{session_id}",
    tag = "browsers",
    params(("session_id" = String, Path, description = "The session of the token")),
    responses((status = 200, description = "What the token stands for", body = SessionContext), ForSession, Any),
    security(("session" = []))
)]
pub async fn get(session: Session, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    if session.context().session_id != *id {
        return Err(AuthError::OtherSession.into());
    }
    Ok(HttpResponse::Ok()
        .insert_header(no_store())
        .json(session.context()))
}

/// `DELETE /connect/sessions/{session_id}`: ends a session before its time. Its streams end, its tokens are refused.
#[utoipa::path(
    delete,
    path = "/connect/sessions/{session_id}",
    tag = "servers",
    params(("session_id" = String, Path, description = "The session")),
    responses((status = 204, description = "Its streams end, its tokens are refused"), ForServer, Unreadable, Any),
    security(("api_key" = []))
)]
pub async fn revoke(
    _: ApiKey,
    service: Shared,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    if id.is_empty() || id.chars().count() > MAX_SESSION_ID_CHARS {
        return Err(ApiError::Invalid(format!(
            "session_id must have from 1 to {MAX_SESSION_ID_CHARS} characters."
        )));
    }
    service.revocations.revoke(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /connect/sessions`: a session token for one of the host's end users.
#[utoipa::path(
    post,
    path = "/connect/sessions",
    tag = "servers",
    request_body = CreateSession,
    responses((status = 200, description = "A token for an end user", body = SessionCreated), ForServer, WithBody, Any),
    security(("api_key" = []))
)]
pub async fn create(
    _: ApiKey,
    keyring: web::Data<Keyring>,
    request: Body<CreateSession>,
) -> Result<HttpResponse, ApiError> {
    let request = body(request)?;
    if request.readable_collection_id.is_empty() {
        return Err(ApiError::Invalid(
            "readable_collection_id must not be empty.".into(),
        ));
    }
    let ttl = match request.ttl_seconds {
        None => DEFAULT_TTL_SECONDS,
        Some(ttl @ 1..=MAX_TTL_SECONDS) => ttl.cast_signed(),
        Some(_) => {
            return Err(ApiError::Invalid(format!(
                "ttl_seconds must be from 1 to {MAX_TTL_SECONDS}."
            )));
        }
    };
    let now = clock::unix_now();
    let claims = Claims {
        cid: request.readable_collection_id,
        exp: request.ttl_seconds.map(|_| Seconds(now + ttl)),
        int: request
            .allowed_integrations
            .filter(|names| !names.is_empty()),
        mode: request.mode,
        nonce: Uuid::new_v4().simple().to_string(),
        oid: Some(
            request
                .organization_id
                .unwrap_or_else(|| NO_ORGANIZATION.into()),
        ),
        sid: Uuid::new_v4().to_string(),
        ts: Seconds(now),
        uid: request.end_user_id,
    };
    Ok(HttpResponse::Ok()
        .insert_header(no_store())
        .json(SessionCreated {
            session_token: keyring.sign(&claims),
            expires_at: clock::rfc3339(claims.expires_at()),
            session_id: claims.sid,
        }))
}
