//! What pages may know of how an answer came.

use actix_http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

/// W3C Resource Timing, section 4.5.
const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");

/// Lets a page that may read an answer also know by which protocol it came: with HTTP/2, the widget may open more streams.
pub async fn allow<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if let Some(origin) = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned() {
        headers.insert(TIMING_ALLOW_ORIGIN, origin);
    }
    Ok(response)
}
