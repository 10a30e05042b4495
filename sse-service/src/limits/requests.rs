//! How large and how slow a request may be. Bodies have limits of their own, where they are read.

use std::time::Duration;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use tokio::time::timeout;

use super::Limit;
use crate::{error::ApiError, state::Service};

/// The same for all requests of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// The longest target of a request, in bytes.
    pub url_bytes: usize,
    /// The most that all headers may have, names and values, in bytes.
    pub header_bytes: usize,
    /// How long a request may take to arrive, and then to be answered.
    pub time: Duration,
    /// How long a connection may wait for its next request.
    pub keep_alive: Duration,
    /// How long a client may take nothing of what it is sent.
    pub write_time: Duration,
}

/// Middleware: refuses what is too large, and what takes too long.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let limits = request
        .app_data::<web::Data<Service>>()
        .map(|service| service.limits.requests);
    let Some(limits) = limits else {
        return next.call(request).await;
    };
    check_size(&request, &limits).map_err(ApiError::from)?;
    timeout(limits.time, next.call(request))
        .await
        .map_err(|_| ApiError::from(Limit::RequestTime))?
}

fn check_size(request: &ServiceRequest, limits: &RequestLimits) -> Result<(), Limit> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |url| url.as_str().len());
    if target > limits.url_bytes {
        return Err(Limit::UrlBytes);
    }
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > limits.header_bytes {
        return Err(Limit::HeaderBytes);
    }
    Ok(())
}
