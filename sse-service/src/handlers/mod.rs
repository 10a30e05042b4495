//! What the service answers, one file a resource. A handler takes the request apart, calls, and shapes the answer.

pub mod connections;
pub mod health;
pub mod jobs;
mod object;
pub mod progress;
pub mod sessions;
pub mod subscribe;
pub mod wanted;

use actix_web::web;
use actix_web_lab::extract::{Json, JsonPayloadError};

use self::object::Object;
use crate::{
    auth::Session, directory::ConnectionRecord, error::ApiError, ids::ConnectionId, state::Service,
    trace,
};

/// The largest body that is taken apart from progress, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// A JSON object of bounded size.
type Body<T> = Result<Json<Object<T>, MAX_BODY_BYTES>, JsonPayloadError>;

fn body<T>(body: Body<T>) -> Result<T, ApiError> {
    body.map(|json| json.into_inner().0)
        .map_err(|error| match error {
            JsonPayloadError::ContentType => ApiError::NotJson,
            JsonPayloadError::Overflow { limit, .. } => ApiError::TooLarge { limit },
            JsonPayloadError::Deserialize { source, .. } => {
                ApiError::Invalid(format!("The body cannot be read: {source}."))
            }
            _ => ApiError::Invalid("The body cannot be read.".into()),
        })
}

/// The connection in the path, as far as the session may see it. An id that is no UUID names no connection.
async fn visible_connection(
    service: &Service,
    session: &Session,
    id: &str,
) -> Result<(ConnectionId, ConnectionRecord), ApiError> {
    let id = id.parse().map_err(|_| ApiError::NoConnection)?;
    trace::about_connection(id);
    Ok((id, visible(service, session, id).await?))
}

async fn visible(
    service: &Service,
    session: &Session,
    id: ConnectionId,
) -> Result<ConnectionRecord, ApiError> {
    let record = service
        .directory
        .connection(session.bearer(), id)
        .await?
        .ok_or(ApiError::NoConnection)?;
    session.may_see(&record)?;
    Ok(record)
}

/// An id that the host's server chooses: it must be a UUID.
fn chosen_id<T: std::str::FromStr>(id: &str) -> Result<T, ApiError> {
    id.parse()
        .map_err(|_| ApiError::Invalid("The id must be a UUID.".into()))
}

/// Answers of the API are nobody's to keep.
fn no_store() -> (actix_web::http::header::HeaderName, &'static str) {
    (actix_web::http::header::CACHE_CONTROL, "no-store")
}

/// The parts of the service, as handlers ask for them.
type Shared = web::Data<Service>;
