//! Counts what is refused.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use crate::{error::ApiError, metrics::Cause, state::Service};

/// Middleware: counts answers of 401 and 403 by their cause.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let service = request.app_data::<web::Data<Service>>().cloned();
    let response = next.call(request).await?;
    let error = response
        .response()
        .error()
        .and_then(|error| error.as_error::<ApiError>());
    if let (Some(service), Some(ApiError::Auth(error))) = (service, error) {
        let cause = Cause {
            cause: error.cause(),
        };
        service.metrics.auth_failures.get_or_create(&cause).inc();
    }
    Ok(response)
}
