//! Which pages may use the API.

use reqwest::{Method, Response};

use super::support::{Service, Stores};

const PAGE: &str = "https://app.example.com";

async fn preflight(service: &Service, origin: &str) -> Response {
    service
        .request(Method::OPTIONS, "/connect/source-connections")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "GET")
        .header(
            "Access-Control-Request-Headers",
            "authorization,content-type,last-event-id",
        )
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read() {
    let service = Service::start_with(Stores::Memory, &["--allow-origin", PAGE]);
    let answer = preflight(&service, PAGE).await;
    assert!(answer.status().is_success());
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
    let get = service
        .request(Method::GET, "/connect/source-connections")
        .bearer_auth(Service::token());
    let answer = get.header("Origin", PAGE).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
    // The widget asks its browser by which protocol the answer came.
    assert_eq!(answer.headers()["timing-allow-origin"], PAGE);
    assert!(
        answer
            .headers()
            .get("access-control-allow-credentials")
            .is_none()
    );
    assert!(
        answer.headers()["vary"]
            .to_str()
            .unwrap()
            .contains("Origin")
    );
}

#[tokio::test]
async fn a_page_may_read_why_it_was_refused() {
    let service = Service::start_with(Stores::Memory, &["--allow-origin", PAGE]);
    let get = service
        .request(Method::GET, "/connect/source-connections")
        .bearer_auth("x");
    let answer = get.header("Origin", PAGE).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
}

#[tokio::test]
async fn pages_of_other_origins_may_not() {
    let allowed = Service::start_with(Stores::Memory, &["--allow-origin", PAGE]);
    let closed = Service::start(Stores::Memory);
    for service in [&allowed, &closed] {
        for origin in [
            "https://evil.example",
            "https://app.example.com.evil.example",
            "http://app.example.com",
            "null",
        ] {
            let answer = preflight(service, origin).await;
            assert!(
                answer
                    .headers()
                    .get("access-control-allow-origin")
                    .is_none(),
                "{origin}"
            );
            let get = service
                .request(Method::GET, "/connect/source-connections")
                .bearer_auth(Service::token());
            let answer = get.header("Origin", origin).send().await.unwrap();
            assert!(
                answer
                    .headers()
                    .get("access-control-allow-origin")
                    .is_none(),
                "{origin}"
            );
        }
    }
}
