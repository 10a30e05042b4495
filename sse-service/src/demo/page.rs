//! The demo's page, and what its host's server would do: hand out session tokens.

use std::path::Path;

use actix_files::Files;
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};

use super::host::Host;

/// What the page may do: its own scripts, styles and requests, and nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const INDEX: (&str, &str) = (
    "text/html; charset=utf-8",
    include_str!("../../assets/demo/index.html"),
);
const STYLE: (&str, &str) = (
    "text/css; charset=utf-8",
    include_str!("../../assets/demo/demo.css"),
);
const SCRIPT: (&str, &str) = (
    "text/javascript; charset=utf-8",
    include_str!("../../assets/demo/demo.js"),
);

pub(super) fn routes(config: &mut ServiceConfig, assets: &Path, host: &Host) {
    config
        .app_data(web::Data::new(host.clone()))
        .route("/", web::get().to(async || file(INDEX)))
        .route("/demo.css", web::get().to(async || file(STYLE)))
        .route("/demo.js", web::get().to(async || file(SCRIPT)))
        .route("/demo/session", web::post().to(session))
        .service(Files::new("/connect-widget", assets).prefer_utf8(true));
}

fn file((media_type, text): (&'static str, &'static str)) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(text)
}

/// `POST /demo/session`: a host's server would know its end user here, and ask for the token with its API key.
async fn session(host: web::Data<Host>) -> HttpResponse {
    match host.session().await {
        Ok(session) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(session),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}
