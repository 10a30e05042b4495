//! A Redis that speaks TLS, and is particular about who asks.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::support::{
    Authority, Redis, RedisCluster, Service, Stores, eventually, free_port, rights,
};

fn words(flags: &[String]) -> Vec<&str> {
    flags.iter().map(String::as_str).collect()
}

async fn is_ready(service: &Service) -> bool {
    let ready = service.request(Method::GET, "/readyz").send().await;
    ready.unwrap().status() == StatusCode::OK
}

async fn becomes_ready(service: &Service) {
    eventually("it is ready", async || {
        is_ready(service).await.then_some(())
    })
    .await;
}

async fn tells_progress(service: &Service) {
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    service.publish(&job, &json!({ "inserted": 3 })).await;
    assert_eq!(stream.progress().await.data["inserted"], 3);
    let end = json!({ "inserted": 4, "status": "completed" });
    service.publish(&job, &end).await;
    assert_eq!(stream.rest().await.last().unwrap().data["inserted"], 4);
}

#[tokio::test]
async fn a_user_with_few_rights_a_certificate_and_a_database_of_its_own_is_enough() {
    let authority = Authority::new();
    let port = free_port();
    let flags = [authority.redis_flags(port), rights::user("p@ss/word")].concat();
    let redis = Redis::start_with(&words(&flags)).await;
    let url = format!("rediss://connect:p%40ss%2Fword@127.0.0.1:{port}/3");
    let service = Service::start_with(Stores::At(&url), &words(&authority.service_flags()));
    becomes_ready(&service).await;
    tells_progress(&service).await;
    let path = "/connect/sessions/some-session";
    let revoked = service.send(Method::DELETE, path, &json!({})).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    for connection in redis.connections() {
        let is_theirs = connection.contains("user=connect") && connection.contains(" db=3 ");
        assert!(is_theirs, "{connection}");
    }
    assert_eq!(redis.ask(&["DBSIZE"]), "0");
    assert_ne!(redis.ask(&["-n", "3", "DBSIZE"]), "0");
    rights::suffice(&redis);
}

#[tokio::test]
async fn a_redis_that_nobody_vouches_for_is_told_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let port = free_port();
    let redis = Redis::start_with(&words(&authority.redis_flags(port))).await;
    let url = format!("rediss://default:hunter2@127.0.0.1:{port}");
    let flags = other.service_flags();
    let service = Service::start_with(Stores::At(&url), &words(&flags));
    let line = service.logged("no connection to Redis");
    assert!(line.contains("UnknownIssuer"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
    assert!(!is_ready(&service).await);
    // The next attempt may be under way; what Redis has not understood a word of was not told anything.
    let told = redis.connections().into_iter();
    let told: Vec<String> = told.filter(|it| !it.contains(" cmd=NULL ")).collect();
    assert_eq!(told, [""; 0]);
    // What the system trusts is not asked for this one.
    let service = Service::start_with(Stores::At(&url), &[]);
    let line = service.logged("no connection to Redis");
    assert!(line.contains("UnknownIssuer"), "{line}");
    assert!(!is_ready(&service).await);
}

#[tokio::test]
async fn a_wrong_password_is_named_and_not_repeated() {
    let redis = Redis::start_with(&["--requirepass", "another"]).await;
    let url = format!("redis://:hunter2@127.0.0.1:{}", redis.port());
    let service = Service::start(Stores::At(&url));
    let line = service.logged("no connection to Redis");
    assert!(line.contains("WRONGPASS"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
    assert!(!is_ready(&service).await);
}

#[tokio::test]
async fn every_node_of_a_sharded_cluster_is_reached_over_tls_with_few_rights() {
    let authority = Authority::new();
    let mut ports = Vec::new();
    let cluster = RedisCluster::start_with(|| {
        let port = free_port();
        ports.push(port);
        let mut flags = authority.redis_flags(port);
        flags.extend(["--tls-cluster".into(), "yes".into()]);
        flags.extend(rights::user("hunter2"));
        flags.extend(rights::IN_A_CLUSTER.map(str::to_owned));
        flags
    })
    .await;
    let url = format!("rediss-cluster://connect:hunter2@127.0.0.1:{}", ports[0]);
    let mut flags = authority.service_flags();
    flags.push("--redis-sharded".into());
    let service = Service::start_with(Stores::At(&url), &words(&flags));
    becomes_ready(&service).await;
    for _ in 0..4 {
        tells_progress(&service).await;
    }
    for node in &cluster.primaries {
        assert!(!node.connections().is_empty());
        rights::suffice(node);
    }
}
