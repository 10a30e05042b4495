//! `GET /connect/subscribe`: one stream for several connections.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{Redis, SECRET, Service, Stores, Stream, eventually, token};

fn path(connections: &[&str]) -> String {
    let ids: Vec<String> = connections
        .iter()
        .map(|id| format!("connection_id={id}"))
        .collect();
    format!("/connect/subscribe?{}", ids.join("&"))
}

async fn end(service: &Service, job: &str, inserted: u64) {
    let progress = json!({ "inserted": inserted, "status": "completed", "seq": inserted });
    service.publish(job, &progress).await;
}

async fn one_stream_tells_of_all_and_ends_when_all_have(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (first, first_job) = service.syncing().await;
    let (second, second_job) = service.syncing().await;
    service
        .publish(&second_job, &json!({ "inserted": 1, "seq": 1 }))
        .await;
    let again = first.to_uppercase();
    let mut stream = service.stream(&path(&[&first, &second, &again])).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    let connected = stream.connected().await;
    assert_eq!(connected.data["source_connection_id"], json!(first));
    assert_eq!(connected.data["job_id"], json!(first_job));
    assert!(connected.retry.is_some());
    let connected = stream.connected().await;
    assert_eq!(connected.data["source_connection_id"], json!(second));
    assert_eq!(connected.data["job_id"], json!(second_job));
    let known = stream.progress().await;
    assert_eq!(known.id, format!("{second_job}/1"));
    assert_eq!(known.data["source_connection_id"], json!(second));
    assert_eq!(service.metric("connect_streams_open").await, 1);

    end(&service, &second_job, 2).await;
    let ended = stream.progress().await;
    assert_eq!(
        (&ended.data["source_connection_id"], &ended.data["status"]),
        (&json!(second), &json!("completed"))
    );
    service
        .publish(&first_job, &json!({ "inserted": 5, "seq": 5 }))
        .await;
    let goes_on = stream.progress().await;
    assert_eq!(goes_on.id, format!("{first_job}/5"));
    assert_eq!(goes_on.data["source_connection_id"], json!(first));
    end(&service, &first_job, 6).await;
    let rest = stream.rest().await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(rest[0].id, format!("{first_job}/6"));
    eventually("nobody listens any more", async || {
        (service.metric("connect_hubs").await == 0).then_some(())
    })
    .await;
}

async fn a_connection_without_a_job_is_waited_for(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (running, job) = service.syncing().await;
    let waiting = service.register_connection("acme").await;
    let mut stream = service.stream(&path(&[&waiting, &running])).await;
    assert_eq!(stream.connected().await.data["job_id"], json!(job));
    end(&service, &job, 1).await;
    assert_eq!(stream.progress().await.data["is_complete"], true);
    let next = service.register_job(&waiting).await;
    let connected = stream.connected().await;
    assert_eq!(
        (
            &connected.data["source_connection_id"],
            &connected.data["job_id"]
        ),
        (&json!(waiting), &json!(next))
    );
    end(&service, &next, 1).await;
    assert_eq!(stream.rest().await.len(), 1);
}

async fn a_client_is_told_only_what_it_has_not_seen_of_each(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (first, first_job) = service.syncing().await;
    let (second, second_job) = service.syncing().await;
    let (third, third_job) = service.syncing().await;
    for job in [&first_job, &second_job, &third_job] {
        service
            .publish(job, &json!({ "inserted": 1, "seq": 1 }))
            .await;
    }
    let all = path(&[&first, &second, &third]);
    let request = service
        .request(Method::GET, &format!("{all}&seen={second_job}/1&seen=x"))
        .bearer_auth(Service::token())
        .header("Last-Event-ID", format!("{first_job}/1"));
    let mut stream = Stream::new(request.send().await.unwrap());
    for job in [&first_job, &second_job, &third_job] {
        assert_eq!(stream.connected().await.data["job_id"], json!(job));
    }
    assert_eq!(stream.news().await.id, format!("{third_job}/1"));
    for job in [&first_job, &second_job, &third_job] {
        end(&service, job, 2).await;
        assert_eq!(stream.news().await.id, format!("{job}/2"));
    }
    let seen = format!("{all}&seen={first_job}/2&seen={second_job}/2");
    let events = service.stream(&seen).await.rest().await;
    assert_eq!(
        events.len(),
        2,
        "ends that were seen are left out: {events:?}"
    );
    assert_eq!(events[1].id, format!("{third_job}/2"));
    let seen = format!("{seen}&seen={third_job}/2");
    let response = service.get(&seen, &Service::token()).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
}

async fn a_worker_that_never_pauses_holds_no_other_up(stores: Stores<'_>) {
    let service = Service::start(stores);
    let (loud, loud_job) = service.syncing().await;
    let (quiet, quiet_job) = service.syncing().await;
    let mut stream = service.stream(&path(&[&loud, &quiet])).await;
    let shout = async {
        for seq in 1.. {
            service
                .publish(&loud_job, &json!({ "inserted": seq, "seq": seq }))
                .await;
        }
    };
    let hear = async {
        stream.connected().await;
        end(&service, &quiet_job, 1).await;
        while stream.progress().await.data["source_connection_id"] != json!(quiet) {}
    };
    tokio::select! {
        () = shout => unreachable!("goes on for ever"),
        () = hear => {}
    }
}

with_either_store!(
    one_stream_tells_of_all_and_ends_when_all_have,
    a_connection_without_a_job_is_waited_for,
    a_client_is_told_only_what_it_has_not_seen_of_each,
    a_worker_that_never_pauses_holds_no_other_up,
);

#[tokio::test]
async fn the_tag_is_one_more_member_of_the_same_message() {
    let service = Service::start(Stores::Memory);
    let (connection, job) = service.syncing().await;
    let progress = json!({ "inserted": 3, "seq": 3, "entities_encountered": { "}": 1 } });
    service.publish(&job, &progress).await;
    let mut plain = service.subscribe(&connection).await.progress().await;
    let mut stream = service.stream(&path(&[&connection])).await;
    let tagged = stream.progress().await;
    assert_eq!(plain.id, tagged.id);
    plain.data["source_connection_id"] = json!(connection);
    assert_eq!(plain.data, tagged.data);
    assert_eq!(service.metric("connect_hubs").await, 1);
}

#[tokio::test]
async fn a_stream_of_several_has_one_heartbeat_and_ends_with_its_token() {
    let service = Service::start_with(Stores::Memory, &["--heartbeat-seconds", "1"]);
    let (first, _) = service.syncing().await;
    let second = service.register_connection("acme").await;
    let mut claims = token::claims("acme");
    claims["exp"] = json!(token::now() + 3);
    let response = service
        .get(&path(&[&first, &second]), &token::sign(&claims, SECRET))
        .await;
    let mut stream = Stream::new(response);
    stream.connected().await;
    let mut heartbeats = 0;
    let last = loop {
        let event = stream.next().await.expect("an error before the end");
        match event.kind() {
            Some("heartbeat") => heartbeats += 1,
            _ => break event,
        }
    };
    assert_eq!(last.data["code"], "session_expired");
    assert!((1..=3).contains(&heartbeats), "{heartbeats}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn streams_of_several_are_drained_like_others() {
    let service = Service::start(Stores::Memory);
    let (first, _) = service.syncing().await;
    let second = service.register_connection("acme").await;
    let mut stream = service.stream(&path(&[&first, &second])).await;
    stream.connected().await;
    service.terminate();
    assert_eq!(stream.rest().await.len(), 0);
    assert!(service.wait().success());
}

#[tokio::test]
async fn all_connections_must_be_visible_and_the_refusal_is_that_of_the_one() {
    let service = Service::start(Stores::Memory);
    let (own, _) = service.syncing().await;
    let foreign = service.register_connection("umbrella").await;
    let unknown = Uuid::new_v4().to_string();
    let token = Service::token();
    for (bad, status) in [
        (foreign.as_str(), StatusCode::FORBIDDEN),
        (unknown.as_str(), StatusCode::NOT_FOUND),
        ("no-uuid", StatusCode::NOT_FOUND),
        ("", StatusCode::NOT_FOUND),
    ] {
        let several = service.get(&path(&[&own, bad]), &token).await;
        assert_eq!(several.status(), status, "{bad}");
        let several: Value = several.json().await.unwrap();
        let name = if bad.is_empty() { "x" } else { bad };
        let alone = format!("/connect/source-connections/{name}/subscribe");
        let alone: Value = service.get(&alone, &token).await.json().await.unwrap();
        assert_eq!(several, alone, "{bad}");
    }
    for token in ["x", ""] {
        let response = service.get(&path(&[&own]), token).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(service.metric("connect_streams_open").await, 0);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let service = Service::start(Stores::Memory);
    let (own, _) = service.syncing().await;
    let many = vec![own.as_str(); 51].join("&connection_id=");
    let seen = "&seen=x/1".repeat(51);
    for (what, query) in [
        ("none", String::new()),
        ("too many", format!("connection_id={many}")),
        ("too many seen", format!("connection_id={own}{seen}")),
        ("no wait", format!("connection_id={own}&wait=0")),
        ("too long a wait", format!("connection_id={own}&wait=3601")),
        (
            "a wait that is none",
            format!("connection_id={own}&wait=1s"),
        ),
        ("two waits", format!("connection_id={own}&wait=1&wait=2")),
    ] {
        let path = format!("/connect/subscribe?{query}");
        let response = service.get(&path, &Service::token()).await;
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}"
        );
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json",
            "{what}"
        );
    }
    let response = service
        .send(Method::POST, "/connect/subscribe", &json!({}))
        .await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn fifty_connections_fit_on_one_stream() {
    let service = Service::start(Stores::Memory);
    let mut connections = Vec::new();
    let mut jobs = Vec::new();
    for _ in 0..50 {
        let (connection, job) = service.syncing().await;
        connections.push(connection);
        jobs.push(job);
    }
    let ids: Vec<&str> = connections.iter().map(String::as_str).collect();
    let mut stream = service.stream(&path(&ids)).await;
    for job in &jobs {
        assert_eq!(stream.connected().await.data["job_id"], json!(job));
    }
    for job in &jobs {
        end(&service, job, 1).await;
    }
    assert_eq!(stream.rest().await.len(), 50);
}
