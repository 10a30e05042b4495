//! A primary and a replica behind Sentinel.

use serde_json::json;

use super::support::{Redis, Sentinel, Service, Stores, eventually};

#[tokio::test]
async fn no_end_is_lost_when_sentinel_makes_the_replica_the_primary() {
    let mut sentinel = Sentinel::start().await;
    let service = Service::start(Stores::At(&sentinel.url()));
    let mut jobs = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..5 {
        let (connection, job) = eventually("it is ready", async || {
            let ready = service.request(reqwest::Method::GET, "/readyz").send();
            let is_ready = ready.await.unwrap().status().is_success();
            is_ready.then_some(service.syncing().await)
        })
        .await;
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        jobs.push(job);
        streams.push(stream);
    }
    assert_eq!(sentinel.primary.ask(&["WAIT", "1", "1000"]), "1");
    sentinel.primary.kill();
    eventually("the replica is the primary", async || {
        let role = sentinel.replica.ask(&["ROLE"]);
        role.starts_with("master").then_some(())
    })
    .await;
    for job in &jobs {
        tell_the_end(&sentinel.replica, job);
    }
    for stream in streams {
        let rest = stream.rest().await;
        assert_eq!(rest.last().expect("the end").data["status"], "completed");
    }
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    service.publish(&job, &json!({ "inserted": 3 })).await;
    assert_eq!(stream.progress().await.data["inserted"], 3);
    let connections = sentinel.replica.connections();
    let ours = connections.iter().filter(|line| !line.contains("flags=S"));
    let sentinels = ours.clone().filter(|line| line.contains("name=sentinel-"));
    assert_eq!(ours.count() - sentinels.count(), 2, "{connections:#?}");
}

/// At once, whether anybody hears it or not.
fn tell_the_end(primary: &Redis, job: &str) {
    let end = r#"{"inserted": 9, "status": "completed"}"#;
    let key = format!("sync_progress_snapshot:{job}");
    assert_eq!(primary.ask(&["SET", &key, end, "EX", "1800"]), "OK");
    primary.ask(&["PUBLISH", &format!("sync_job:{job}"), end]);
}
