//! The one table of routes.

use actix_web::web::{ServiceConfig, get, post, put, resource, route};

use crate::{
    error::ApiError,
    handlers::{connections, health, jobs, progress, sessions, subscribe},
};

/// What browsers and the host's servers ask for.
pub fn api(config: &mut ServiceConfig) {
    config
        .service(at("/connect/sessions").route(post().to(sessions::create)))
        .service(at("/connect/sessions/{session_id}").route(get().to(sessions::get)))
        .service(at("/connect/source-connections").route(get().to(connections::list)))
        .service(
            at("/connect/source-connections/{id}")
                .route(get().to(connections::get))
                .route(put().to(connections::put)),
        )
        .service(
            at("/connect/source-connections/{id}/jobs")
                .route(get().to(jobs::list))
                .route(post().to(jobs::create)),
        )
        .service(
            at("/connect/source-connections/{id}/subscribe").route(get().to(subscribe::subscribe)),
        )
        .service(at("/connect/subscribe").route(get().to(subscribe::subscribe_many)))
        .service(at("/connect/jobs/{job_id}/progress").route(post().to(progress::publish)));
}

/// What those ask for who run the service.
pub fn admin(config: &mut ServiceConfig) {
    config
        .service(at("/healthz").route(get().to(health::healthz)))
        .service(at("/readyz").route(get().to(health::readyz)))
        .service(at("/metrics").route(get().to(health::metrics)));
}

/// Everything else.
pub async fn not_found() -> Result<actix_web::HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath)
}

fn at(path: &str) -> actix_web::Resource {
    resource(path).default_service(
        route().to(async || Err::<actix_web::HttpResponse, _>(ApiError::WrongMethod)),
    )
}
