//! Spans: what is done for which connection and job. They are made at the level `debug`, so nothing is paid for them where
//! nobody looks. None has a token, a key, a query string or a worker's words in it.

use std::fmt::Display;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use tracing::{Instrument, Span, debug, debug_span, field::Empty};

use crate::ids::{ConnectionId, JobId};

/// Middleware: a span for each request, with what it was about and how it was answered.
pub async fn request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let span = request_span(request.method().as_str(), request.path());
    async {
        let answer = next.call(request).await;
        let status = match &answer {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        Span::current().record("status", status.as_u16());
        debug!("answered");
        answer
    }
    .instrument(span)
    .await
}

/// A request's span. Names are those of OpenTelemetry where it has one: "Semantic conventions for HTTP spans".
pub fn request_span(method: &str, path: impl Display) -> Span {
    debug_span!(
        "request",
        http.request.method = method,
        url.path = %path,
        connection = Empty,
        job = Empty,
        status = Empty,
    )
}

/// The span of a stream, for as long as it is open. It stands alone: the request that opened it was answered long ago.
pub fn stream_span(connections: usize) -> Span {
    debug_span!(parent: None, "stream", connections, connection = Empty, job = Empty)
}

/// Says which connection the current span is about.
pub fn about_connection(connection: ConnectionId) {
    Span::current().record("connection", tracing::field::display(connection));
}

/// Says which job the current span is about.
pub fn about_job(job: JobId) {
    Span::current().record("job", tracing::field::display(job));
}
