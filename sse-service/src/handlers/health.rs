//! `/healthz`, `/readyz`, `/metrics`: for those who run the service.

use actix_web::{HttpResponse, http::header};
use serde::Serialize;
use utoipa::ToSchema;

use super::Shared;
use crate::{
    error::ApiError,
    metrics,
    openapi::{self, Any},
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
    version: &'static str,
}

/// `GET /healthz`: the process is alive, whatever else is not. Restarting it would not help.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operators",
    responses((status = 200, description = "The process is alive", body = Health)),
)]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// `GET /readyz`: new streams can be served here.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operators",
    responses((status = 200, description = "New streams can be served", body = Health), Any),
)]
pub async fn readyz(service: Shared) -> Result<HttpResponse, ApiError> {
    if service.shutdown.has_begun() {
        return Err(ApiError::Draining);
    }
    if !service.broker.is_up() {
        return Err(crate::broker::BrokerError("not connected".into()).into());
    }
    Ok(HttpResponse::Ok().json(Health {
        status: "ready",
        version: env!("CARGO_PKG_VERSION"),
    }))
}

/// `GET /metrics`
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operators",
    responses((status = 200, description = "Metrics", content_type = "application/openmetrics-text", body = String)),
)]
pub async fn metrics(service: Shared) -> HttpResponse {
    service
        .metrics
        .broker_up
        .set(u64::from(service.broker.is_up()));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, metrics::MEDIA_TYPE))
        .body(service.metrics.encode())
}

/// `GET /openapi.json`: the description of the API. There is nothing secret in it.
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::JSON.as_str())
}
