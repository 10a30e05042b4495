//! A primary and a replica behind Sentinel.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::support::{
    Authority, Redis, Sentinel, Service, Stores, Watched, eventually, free_port, rights,
};

async fn becomes_ready(service: &Service) {
    eventually("it is ready", async || {
        let ready = service.request(Method::GET, "/readyz").send().await;
        (ready.unwrap().status() == StatusCode::OK).then_some(())
    })
    .await;
}

async fn tells_progress(service: &Service) {
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    service.publish(&job, &json!({ "inserted": 3 })).await;
    assert_eq!(stream.progress().await.data["inserted"], 3);
}

/// At once, whether anybody hears it or not.
fn tell_the_end(primary: &Redis, job: &str) {
    let end = r#"{"inserted": 9, "status": "completed"}"#;
    let key = format!("sync_progress_snapshot:{job}");
    assert_eq!(primary.ask(&["SET", &key, end, "EX", "1800"]), "OK");
    primary.ask(&["PUBLISH", &format!("sync_job:{job}"), end]);
}

#[tokio::test]
async fn no_end_is_lost_when_sentinel_makes_the_replica_the_primary() {
    let mut watched = Watched::start().await;
    let service = Service::start(Stores::At(&watched.url()));
    becomes_ready(&service).await;
    let mut jobs = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..5 {
        let (connection, job) = service.syncing().await;
        let mut stream = service.subscribe(&connection).await;
        stream.connected().await;
        jobs.push(job);
        streams.push(stream);
    }
    assert_eq!(watched.primary.ask(&["WAIT", "1", "1000"]), "1");
    watched.primary.kill();
    eventually("the replica is the primary", async || {
        let role = watched.replica.ask(&["ROLE"]);
        role.starts_with("master").then_some(())
    })
    .await;
    for job in &jobs {
        tell_the_end(&watched.replica, job);
    }
    for stream in streams {
        let rest = stream.rest().await;
        assert_eq!(rest.last().expect("the end").data["status"], "completed");
    }
    becomes_ready(&service).await;
    tells_progress(&service).await;
    let connections = watched.replica.connections();
    let is_ours = |line: &&String| !line.contains("name=sentinel-");
    let ours = connections.iter().filter(is_ours);
    assert_eq!(ours.count(), 2, "{connections:#?}");
}

#[tokio::test]
async fn sentinels_may_speak_tls_and_have_a_password_of_their_own() {
    let authority = Authority::new();
    let (port, sentinel_port) = (free_port(), free_port());
    let mut flags = authority.redis_flags(port);
    flags.extend(rights::user("of-redis"));
    flags.extend(rights::BEHIND_SENTINEL.map(str::to_owned));
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let redis = Redis::start_with(&flags).await;
    let settings = authority.redis_flags(sentinel_port);
    let settings = settings.chunks(2).map(|setting| match setting {
        [flag, value] => format!("{} {value}", flag.trim_start_matches('-')),
        _ => unreachable!("a flag and its value"),
    });
    let more = ["port 0", "tls-replication yes", "requirepass of-sentinel"];
    let settings: Vec<_> = settings.chain(more.map(str::to_owned)).collect();
    let _sentinel = Sentinel::start(port, &settings);
    let url = format!(
        "rediss-sentinel://connect:of-redis@localhost:{sentinel_port}\
         ?sentinelServiceName=main&sentinelPassword=of-sentinel"
    );
    let flags = authority.service_flags();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let service = Service::start_with(Stores::At(&url), &flags);
    becomes_ready(&service).await;
    tells_progress(&service).await;
    rights::suffice(&redis);
}
