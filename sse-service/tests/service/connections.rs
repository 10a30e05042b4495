//! `/connect/source-connections`, with either directory.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{API_KEY, Redis, Service, Stores};

async fn a_connection_is_registered_changed_and_shown(stores: Stores<'_>) {
    let service = Service::start(stores);
    let id = Uuid::new_v4();
    let path = format!("/connect/source-connections/{id}");
    let body = json!({
        "name": "Chat", "short_name": "slack", "readable_collection_id": "acme", "status": "pending_auth",
        "auth_method": "oauth_browser", "entity_count": 7,
    });
    assert_eq!(
        service.send(Method::PUT, &path, &body).await.status(),
        StatusCode::CREATED
    );
    let changed = service
        .send(
            Method::PUT,
            &path,
            &json!({ "status": "active", "is_authenticated": true }),
        )
        .await;
    assert_eq!(changed.status(), StatusCode::OK);
    let mut shown: Value = service
        .get(&path, &Service::token())
        .await
        .json()
        .await
        .unwrap();
    for time in ["created_at", "modified_at"] {
        assert!(shown[time].take().is_string(), "{time}");
    }
    assert_eq!(
        shown,
        json!({
            "id": id.to_string(), "name": "Chat", "short_name": "slack", "readable_collection_id": "acme",
            "status": "active", "entity_count": 7, "is_authenticated": true, "auth_method": "oauth_browser",
            "federated_search": false, "created_at": null, "modified_at": null,
        })
    );
}

async fn connections_are_listed_in_the_order_of_their_registration(stores: Stores<'_>) {
    let service = Service::start(stores);
    let mut registered = Vec::new();
    for _ in 0..5 {
        registered.push(service.register_connection("acme").await);
    }
    let list: Value = service
        .get("/connect/source-connections", &Service::token())
        .await
        .json()
        .await
        .unwrap();
    let listed: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, registered);
}

async fn a_connection_stays_in_its_collection(stores: Stores<'_>) {
    let service = Service::start(stores);
    let id = service.register_connection("acme").await;
    let path = format!("/connect/source-connections/{id}");
    let response = service
        .send(
            Method::PUT,
            &path,
            &json!({ "readable_collection_id": "umbrella" }),
        )
        .await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(
        service.get(&path, &Service::token()).await.status(),
        StatusCode::OK
    );
}

async fn a_connection_follows_its_newest_job(stores: Stores<'_>) {
    let service = Service::start(stores);
    let connection = service.register_connection("acme").await;
    let path = format!("/connect/source-connections/{connection}");
    let status = async || -> (Value, Value) {
        let shown: Value = service
            .get(&path, &Service::token())
            .await
            .json()
            .await
            .unwrap();
        (shown["status"].clone(), shown["entity_count"].clone())
    };
    let first = service.register_job(&connection).await;
    assert_eq!(status().await, (json!("syncing"), json!(0)));
    service
        .publish(
            &first,
            &json!({ "inserted": 10, "deleted": 2, "status": "completed" }),
        )
        .await;
    assert_eq!(status().await, (json!("active"), json!(8)));
    let shown: Value = service
        .get(&path, &Service::token())
        .await
        .json()
        .await
        .unwrap();
    let jobs: Value = service
        .get(&format!("{path}/jobs"), &Service::token())
        .await
        .json()
        .await
        .unwrap();
    assert!(shown["last_synced_at"].is_string());
    assert_eq!(shown["last_synced_at"], jobs[0]["completed_at"]);
    let second = service.register_job(&connection).await;
    assert_eq!(status().await, (json!("syncing"), json!(8)));
    service
        .publish(&second, &json!({ "is_failed": true, "error": "no" }))
        .await;
    assert_eq!(status().await, (json!("error"), json!(8)));
}

with_either_store!(
    a_connection_is_registered_changed_and_shown,
    connections_are_listed_in_the_order_of_their_registration,
    a_connection_stays_in_its_collection,
    a_connection_follows_its_newest_job,
);

#[tokio::test]
async fn what_cannot_be_registered_is_refused() {
    let service = Service::start(Stores::Memory);
    let whole = json!({ "name": "Chat", "short_name": "slack", "readable_collection_id": "acme" });
    let id = Uuid::new_v4().to_string();
    let with = |member: &str, value: Value| {
        let mut body = whole.clone();
        body[member] = value;
        body
    };
    let cases = [
        ("an id that is no UUID", "latest", whole.clone()),
        ("nothing", &id, json!({})),
        (
            "no collection",
            &id,
            json!({ "name": "Chat", "short_name": "slack" }),
        ),
        ("an empty name", &id, with("name", json!(""))),
        (
            "a name of a thousand letters",
            &id,
            with("name", json!("x".repeat(1000))),
        ),
        ("an unknown status", &id, with("status", json!("fine"))),
        ("a negative count", &id, with("entity_count", json!(-1))),
    ];
    for (what, id, body) in cases {
        let response = service
            .send(
                Method::PUT,
                &format!("/connect/source-connections/{id}"),
                &body,
            )
            .await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let service = Service::start(Stores::Memory);
    let path = format!("/connect/source-connections/{}", Uuid::new_v4());
    let put = |content_type: &'static str, body: String| {
        let request = service
            .request(Method::PUT, &path)
            .header("X-API-Key", API_KEY);
        request
            .header("Content-Type", content_type)
            .body(body)
            .send()
    };
    let response = put("text/plain", "{}".into()).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let response = put("application/json", "{".into()).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let response = put("application/json", " ".repeat(1 << 20)).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
