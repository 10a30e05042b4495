//! The one table of routes.

use actix_web::{
    HttpResponse, Resource, Route,
    http::Method,
    web::{ServiceConfig, resource, to},
};

use crate::{
    error::ApiError,
    handlers::{connections, health, jobs, progress, sessions, subscribe},
};

/// What browsers and the host's servers ask for.
pub fn api(config: &mut ServiceConfig) {
    config
        .service(at(
            "/connect/sessions",
            [(Method::POST, to(sessions::create))],
        ))
        .service(at(
            "/connect/sessions/{session_id}",
            [
                (Method::GET, to(sessions::get)),
                (Method::DELETE, to(sessions::revoke)),
            ],
        ))
        .service(at(
            "/connect/source-connections",
            [(Method::GET, to(connections::list))],
        ))
        .service(at(
            "/connect/source-connections/{id}",
            [
                (Method::GET, to(connections::get)),
                (Method::PUT, to(connections::put)),
            ],
        ))
        .service(at(
            "/connect/source-connections/{id}/jobs",
            [
                (Method::GET, to(jobs::list)),
                (Method::POST, to(jobs::create)),
            ],
        ))
        .service(at(
            "/connect/source-connections/{id}/subscribe",
            [(Method::GET, to(subscribe::subscribe))],
        ))
        .service(at(
            "/connect/subscribe",
            [(Method::GET, to(subscribe::subscribe_many))],
        ))
        .service(at(
            "/connect/jobs/{job_id}/progress",
            [(Method::POST, to(progress::publish))],
        ))
        .service(at("/openapi.json", [(Method::GET, to(health::openapi))]));
}

/// What those ask for who run the service.
pub fn admin(config: &mut ServiceConfig) {
    config
        .service(at("/healthz", [(Method::GET, to(health::healthz))]))
        .service(at("/readyz", [(Method::GET, to(health::readyz))]))
        .service(at("/metrics", [(Method::GET, to(health::metrics))]));
}

/// Everything else.
pub async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath)
}

/// A resource, which says which methods it has to whoever tries another one: RFC 9110, section 15.5.6.
fn at<const N: usize>(path: &str, methods: [(Method, Route); N]) -> Resource {
    let allow = methods.each_ref().map(|(method, _)| method.as_str());
    let allow = allow.join(", ");
    let other = to(move || {
        let allow = allow.clone();
        async { Err::<HttpResponse, _>(ApiError::WrongMethod { allow }) }
    });
    methods
        .into_iter()
        .fold(resource(path), |resource, (method, route)| {
            resource.route(route.method(method))
        })
        .default_service(other)
}
