//! `/connect/sessions`

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Service, Stores};

#[tokio::test]
async fn a_host_gets_a_token_that_opens_its_session() {
    let service = Service::start(Stores::Memory);
    let body = json!({
        "readable_collection_id": "acme", "mode": "manage", "allowed_integrations": ["slack"],
        "end_user_id": "user-7", "organization_id": "org-1", "ttl_seconds": 3600,
    });
    let created = service.ask(Method::POST, "/connect/sessions", &body).await;
    let (id, token) = (
        created["session_id"].as_str().unwrap(),
        created["session_token"].as_str().unwrap(),
    );
    let response = service.get(&format!("/connect/sessions/{id}"), token).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let context: Value = response.json().await.unwrap();
    assert_eq!(
        context,
        json!({
            "session_id": id, "organization_id": "org-1", "collection_id": "acme", "allowed_integrations": ["slack"],
            "mode": "manage", "end_user_id": "user-7", "expires_at": created["expires_at"],
        })
    );
}

#[tokio::test]
async fn the_session_of_another_token_is_forbidden() {
    let service = Service::start(Stores::Memory);
    for id in ["5e551017-0000-4000-8000-00000000ffff", "no-uuid"] {
        let response = service
            .get(&format!("/connect/sessions/{id}"), &Service::token())
            .await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{id}");
    }
}

#[tokio::test]
async fn only_a_server_with_an_api_key_gets_tokens() {
    let service = Service::start(Stores::Memory);
    let body = json!({ "readable_collection_id": "acme" });
    for key in [
        None,
        Some(""),
        Some("the key of the test"),
        Some("the key of the tests "),
    ] {
        let mut request = service
            .request(Method::POST, "/connect/sessions")
            .json(&body);
        if let Some(key) = key {
            request = request.header("X-API-Key", format!("x{key}"));
        }
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED,
            "{key:?}"
        );
    }
    let with_session = service
        .request(Method::POST, "/connect/sessions")
        .bearer_auth(Service::token())
        .json(&body);
    assert_eq!(
        with_session.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_session_that_cannot_be_is_refused() {
    let service = Service::start(Stores::Memory);
    let cases = [
        ("no collection", json!({})),
        (
            "an empty collection",
            json!({ "readable_collection_id": "" }),
        ),
        (
            "an unknown mode",
            json!({ "readable_collection_id": "acme", "mode": "owner" }),
        ),
        (
            "no time to live",
            json!({ "readable_collection_id": "acme", "ttl_seconds": 0 }),
        ),
        (
            "for years",
            json!({ "readable_collection_id": "acme", "ttl_seconds": 1_000_000_000 }),
        ),
        (
            "a negative time",
            json!({ "readable_collection_id": "acme", "ttl_seconds": -1 }),
        ),
    ];
    for (what, body) in cases {
        let response = service.send(Method::POST, "/connect/sessions", &body).await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}"
        );
    }
}
