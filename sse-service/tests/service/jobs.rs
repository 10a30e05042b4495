//! `/connect/source-connections/{id}/jobs` and `/connect/jobs/{id}/progress`

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{API_KEY, Redis, Service, Stores};

async fn jobs(service: &Service, connection: &str) -> Vec<Value> {
    let path = format!("/connect/source-connections/{connection}/jobs");
    let response = service.get(&path, &Service::token()).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn jobs_are_listed_newest_first_with_all_their_members(stores: Stores<'_>) {
    let service = Service::start(stores);
    let connection = service.register_connection("acme").await;
    assert_eq!(jobs(&service, &connection).await, Vec::<Value>::new());
    let first = service.register_job(&connection).await;
    service.publish(&first, &json!({ "inserted": 3, "entities_encountered": { "Message": 3 }, "status": "failed", "error": "no" })).await;
    let second = service.register_job(&connection).await;
    let jobs = jobs(&service, &connection).await;
    assert_eq!(
        jobs.iter()
            .map(|job| job["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [&second, &first]
    );
    assert_eq!(jobs[0]["status"], "running");
    let failed = &jobs[1];
    assert_eq!(failed["source_connection_id"], json!(connection));
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["error"], "no");
    assert_eq!(failed["entities_inserted"], 3);
    assert_eq!(failed["entities_encountered"], json!({ "Message": 3 }));
    assert!(failed["failed_at"].is_string() && failed["started_at"].is_string());
    let members = "source_connection_id id organization_id status scheduled entities_inserted entities_updated \
                   entities_deleted entities_kept entities_skipped entities_encountered created_at modified_at \
                   started_at completed_at failed_at error";
    for member in members.split_whitespace() {
        assert!(failed.get(member).is_some(), "{member}");
    }
}

async fn nothing_follows_the_end_of_a_job(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    let end = json!({ "inserted": 5, "status": "completed", "seq": 9 });
    assert_eq!(service.publish(&job, &end).await["status"], "completed");
    let late = service
        .publish(
            &job,
            &json!({ "inserted": 4, "status": "running", "seq": 8 }),
        )
        .await;
    assert_eq!(
        (&late["status"], &late["event_id"]),
        (&json!("completed"), &Value::Null)
    );
    let again = service.publish(&job, &end).await;
    assert_eq!(
        again["event_id"],
        json!(format!("{job}/9")),
        "a publisher may send the end again"
    );
    let jobs = jobs(&service, &connection).await;
    assert_eq!(
        (&jobs[0]["status"], &jobs[0]["entities_inserted"]),
        (&json!("completed"), &json!(5))
    );
}

async fn a_job_belongs_to_one_connection(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (_, job) = service.syncing().await;
    let other = service.register_connection("umbrella").await;
    let path = format!("/connect/source-connections/{other}/jobs");
    let response = service
        .send(Method::POST, &path, &json!({ "id": job }))
        .await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
}

async fn a_host_that_cancels_a_job_ends_its_streams(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (connection, job) = service.syncing().await;
    service
        .publish(&job, &json!({ "inserted": 5, "seq": 3 }))
        .await;
    let stream = service.subscribe(&connection).await;
    let path = format!("/connect/source-connections/{connection}/jobs");
    service
        .ask(
            Method::POST,
            &path,
            &json!({ "id": job, "status": "cancelled" }),
        )
        .await;
    let last = stream.rest().await.pop().unwrap();
    assert_eq!(
        (&last.data["status"], &last.data["inserted"]),
        (&json!("cancelled"), &json!(5))
    );
    assert_eq!(
        last.data["is_failed"], true,
        "older clients know only two ends"
    );
}

with_either_store!(
    jobs_are_listed_newest_first_with_all_their_members,
    nothing_follows_the_end_of_a_job,
    a_job_belongs_to_one_connection,
    a_host_that_cancels_a_job_ends_its_streams,
);

#[tokio::test]
async fn jobs_show_how_far_workers_are_that_only_know_redis() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    redis
        .store_snapshot(&job, r#"{"inserted": 42, "kept": 1}"#)
        .await;
    let jobs = jobs(&service, &connection).await;
    assert_eq!(
        (&jobs[0]["entities_inserted"], &jobs[0]["status"]),
        (&json!(42), &json!("running"))
    );
}

#[tokio::test]
async fn progress_that_is_none_is_refused() {
    let service = Service::start(Stores::Memory);
    let (connection, job) = service.syncing().await;
    let path = format!("/connect/jobs/{job}/progress");
    let publish = |body: Vec<u8>| {
        service
            .request(Method::POST, &path)
            .header("X-API-Key", API_KEY)
            .body(body)
            .send()
    };
    for body in [
        "",
        "not json",
        "[1,2,3]",
        "{}",
        r#"{"inserted":-1}"#,
        r#"{"inserted":1e99}"#,
        r#"{"type":"heartbeat"}"#,
    ] {
        let response = publish(body.into()).await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}"
        );
    }
    let huge = format!(r#"{{"inserted":1,"error":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(
        publish(huge.into()).await.unwrap().status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(jobs(&service, &connection).await[0]["entities_inserted"], 0);
    assert_eq!(
        publish(br#"{"inserted":1}"#.to_vec())
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn progress_needs_an_api_key_and_a_job() {
    let service = Service::start(Stores::Memory);
    let (_, job) = service.syncing().await;
    let path = format!("/connect/jobs/{job}/progress");
    let without = service
        .request(Method::POST, &path)
        .bearer_auth(Service::token())
        .json(&json!({ "inserted": 1 }));
    assert_eq!(
        without.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    for id in [Uuid::new_v4().to_string(), "no-uuid".to_owned()] {
        let response = service
            .send(
                Method::POST,
                &format!("/connect/jobs/{id}/progress"),
                &json!({ "inserted": 1 }),
            )
            .await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{id}");
    }
    let nowhere = format!("/connect/source-connections/{}/jobs", Uuid::new_v4());
    assert_eq!(
        service
            .send(Method::POST, &nowhere, &json!({}))
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
}
