//! Counts what is refused.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use crate::{error::ApiError, metrics::Cause, state::Service};

/// Middleware: counts answers of 401 and 403 by their cause, and those of a limit by the limit.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let service = request.app_data::<web::Data<Service>>().cloned();
    let answer = next.call(request).await;
    let error = match &answer {
        Ok(response) => response.response().error(),
        Err(error) => Some(error),
    };
    if let (Some(service), Some(error)) = (service, error.and_then(Error::as_error)) {
        match error {
            ApiError::Auth(error) => {
                let cause = Cause {
                    cause: error.cause(),
                };
                service.metrics.auth_failures.get_or_create(&cause).inc();
            }
            ApiError::Limited(limit) => service.metrics.hit(limit.name()),
            _ => {}
        }
    }
    answer
}
