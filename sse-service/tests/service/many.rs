//! `/connect/subscribe`: several connections on one stream.

use std::collections::HashMap;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::support::{Redis, Service, Stores, Stream, eventually};

async fn try_subscribe(service: &Service, query: &str) -> Response {
    let path = format!("/connect/subscribe?{query}");
    service.get(&path, &Service::token()).await
}

fn ids(connections: &[&str]) -> String {
    let ids = connections.iter().map(|id| format!("connection_id={id}"));
    ids.collect::<Vec<_>>().join("&")
}

async fn subscribe(service: &Service, query: &str) -> Stream {
    let response = try_subscribe(service, query).await;
    assert_eq!(response.status(), StatusCode::OK);
    Stream::new(response)
}

/// The first `connected` of each connection: its job.
async fn connected(stream: &mut Stream, connections: usize) -> HashMap<String, String> {
    let mut jobs = HashMap::new();
    for _ in 0..connections {
        let event = stream.connected().await.data;
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        jobs.insert(text("source_connection_id"), text("job_id"));
    }
    jobs
}

async fn each_message_names_its_connection_and_the_last_end_ends_the_stream(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (chat, chat_job) = service.syncing().await;
    let (wiki, wiki_job) = service.syncing().await;
    service
        .publish(&wiki_job, &json!({ "inserted": 7, "seq": 1 }))
        .await;
    let mut stream = subscribe(&service, &ids(&[&chat, &wiki, &chat])).await;
    let jobs = connected(&mut stream, 2).await;
    assert_eq!((&jobs[&chat], &jobs[&wiki]), (&chat_job, &wiki_job));
    let known = stream.progress().await;
    assert_eq!(known.id, format!("{wiki_job}/1"));
    assert_eq!(known.data["source_connection_id"], json!(wiki));
    assert_eq!(known.data["inserted"], 7);
    service
        .publish(&chat_job, &json!({ "inserted": 1, "status": "completed" }))
        .await;
    let end = stream.progress().await.data;
    assert_eq!(
        (&end["source_connection_id"], &end["is_complete"]),
        (&json!(chat), &json!(true))
    );
    service
        .publish(
            &wiki_job,
            &json!({ "inserted": 8, "seq": 2, "status": "failed" }),
        )
        .await;
    let rest = stream.rest().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(rest[0].data["source_connection_id"], json!(wiki));
    eventually("nobody listens any more", async || {
        (service.metric("connect_hubs").await == 0).then_some(())
    })
    .await;
}

async fn what_the_client_has_is_not_repeated(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (chat, chat_job) = service.syncing().await;
    let (wiki, wiki_job) = service.syncing().await;
    service
        .publish(
            &chat_job,
            &json!({ "inserted": 1, "seq": 1, "status": "completed" }),
        )
        .await;
    service
        .publish(&wiki_job, &json!({ "inserted": 2, "seq": 5 }))
        .await;
    let both = ids(&[&chat, &wiki]);
    let mut stream = subscribe(
        &service,
        &format!("{both}&seen={chat_job}/1&seen={wiki_job}/4"),
    )
    .await;
    let jobs = connected(&mut stream, 1).await;
    assert!(!jobs.contains_key(&chat), "its end was seen: {jobs:?}");
    assert_eq!(stream.progress().await.data["inserted"], 2);
    service
        .publish(
            &wiki_job,
            &json!({ "inserted": 3, "seq": 6, "status": "completed" }),
        )
        .await;
    assert_eq!(stream.rest().await.len(), 1);
    let all = try_subscribe(
        &service,
        &format!("{both}&seen={chat_job}/1&seen={wiki_job}/6"),
    )
    .await;
    assert_eq!(all.status(), StatusCode::NO_CONTENT);
}

async fn a_connection_without_a_job_is_left_out(stores: Stores<'_>) {
    let service = Service::start(stores);
    let idle = service.register_connection("acme").await;
    let (chat, _) = service.syncing().await;
    let mut stream = subscribe(&service, &ids(&[&idle, &chat])).await;
    assert!(connected(&mut stream, 1).await.contains_key(&chat));
    let none = try_subscribe(&service, &ids(&[&idle])).await;
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

with_either_store!(
    each_message_names_its_connection_and_the_last_end_ends_the_stream,
    what_the_client_has_is_not_repeated,
    a_connection_without_a_job_is_left_out,
);

#[tokio::test]
async fn one_connection_out_of_sight_is_one_too_many() {
    let service = Service::start(Stores::Memory);
    let (own, _) = service.syncing().await;
    let foreign = service.register_connection("umbrella").await;
    let unknown = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
    let many: Vec<String> = (0..51).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let cases = [
        (ids(&[&own, &foreign]), StatusCode::FORBIDDEN),
        (ids(&[&own, unknown]), StatusCode::NOT_FOUND),
        (ids(&[&own, "no-uuid"]), StatusCode::NOT_FOUND),
        (String::new(), StatusCode::UNPROCESSABLE_ENTITY),
        (ids(&many), StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (query, status) in cases {
        let response = try_subscribe(&service, &query).await;
        assert_eq!(response.status(), status, "{query}");
        let problem: Value = response.json().await.unwrap();
        assert!(!problem.to_string().contains("umbrella"));
    }
    let path = format!("/connect/subscribe?{}", ids(&[&own]));
    assert_eq!(
        service.get(&path, "x").await.status(),
        StatusCode::UNAUTHORIZED
    );
}
