//! `/healthz`, `/readyz`, `/metrics`: for those who run the service.

use actix_web::{HttpResponse, http::header};
use serde::Serialize;

use super::Shared;
use crate::{error::ApiError, metrics};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// `GET /healthz`: the process is alive, whatever else is not. Restarting it would not help.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// `GET /readyz`: new streams can be served here.
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
pub async fn metrics(service: Shared) -> HttpResponse {
    service
        .metrics
        .broker_up
        .set(u64::from(service.broker.is_up()));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, metrics::MEDIA_TYPE))
        .body(service.metrics.encode())
}
