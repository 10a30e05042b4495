//! Redis Cluster.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::support::{Redis, RedisCluster, Service, Stores, Stream, eventually};

async fn start(cluster: &RedisCluster, flags: &[&str]) -> Service {
    let service = Service::start_with(Stores::At(&cluster.url()), flags);
    eventually("it is ready", async || {
        let ready = service.request(Method::GET, "/readyz").send().await;
        (ready.unwrap().status() == StatusCode::OK).then_some(())
    })
    .await;
    service
}

/// A connection whose job is running, and its stream.
async fn following(service: &Service) -> (String, String, Stream) {
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    (connection, job, stream)
}

/// What two replicas promise each other, with whatever command a worker publishes.
async fn replicas_share_everything(flags: &[&str], publish: &str) {
    let cluster = RedisCluster::start().await;
    let (here, there) = (start(&cluster, flags).await, start(&cluster, flags).await);
    for node in &cluster.primaries {
        let (connection, job, mut stream) = following(&here).await;
        let mut other = there.subscribe(&connection).await;
        other.connected().await;
        // A worker, connected to whichever node it likes.
        let channel = format!("sync_job:{job}");
        node.ask(&[publish, &channel, r#"{"inserted": 1}"#]);
        assert_eq!(stream.progress().await.data["inserted"], 1);
        assert_eq!(other.progress().await.data["inserted"], 1);
        there.publish(&job, &json!({ "inserted": 2 })).await;
        assert_eq!(stream.progress().await.data["inserted"], 2);
        assert_eq!(other.progress().await.data["inserted"], 2);
        let mut late = here.subscribe(&connection).await;
        assert_eq!(late.progress().await.data["inserted"], 2);
        // The directory's lists, and its changes by compare-and-set.
        there.register_job(&connection).await;
        assert_eq!(stream.news().await.data["type"], "connected");
        let path = format!("/connect/source-connections/{connection}/jobs");
        let jobs = here.get(&path, &Service::token()).await;
        let jobs: Vec<serde_json::Value> = jobs.json().await.unwrap();
        assert_eq!(jobs.len(), 2);
        assert_eq!(jobs[1]["entities_inserted"], 2);
    }
    // Revoked at one replica, refused at the other.
    let (_, _, stream) = following(&there).await;
    let path = "/connect/sessions/5e551017-0000-4000-8000-000000000001";
    let revoked = here.send(Method::DELETE, path, &json!({})).await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    let rest = stream.rest().await;
    assert_eq!(rest.last().unwrap().data["code"], "session_revoked");
}

#[tokio::test]
async fn replicas_share_everything_in_a_cluster() {
    replicas_share_everything(&[], "PUBLISH").await;
}

#[tokio::test]
async fn replicas_share_everything_in_a_sharded_cluster() {
    replicas_share_everything(&["--redis-sharded"], "SPUBLISH").await;
}

/// As a worker does that tries again until it succeeds.
async fn tell_the_end(node: &Redis, publish: &str, job: &str) {
    let end = r#"{"inserted": 9, "status": "completed"}"#;
    let key = format!("sync_progress_snapshot:{job}");
    let channel = format!("sync_job:{job}");
    eventually("the worker has told the end", async || {
        (node.ask(&["SET", &key, end, "EX", "1800"]) == "OK").then_some(())
    })
    .await;
    eventually("the worker has published the end", async || {
        node.ask(&[publish, &channel, end]).parse::<u32>().ok()
    })
    .await;
}

#[tokio::test]
async fn no_end_is_lost_when_a_primary_dies_and_its_replica_takes_over() {
    let mut cluster = RedisCluster::start().await;
    let plain = start(&cluster, &[]).await;
    let sharded = start(&cluster, &["--redis-sharded"]).await;
    let mut jobs = Vec::new();
    let mut streams = Vec::new();
    for (service, publish) in [(&plain, "PUBLISH"), (&sharded, "SPUBLISH")] {
        for _ in 0..6 {
            let (_, job, stream) = following(service).await;
            jobs.push((publish, job));
            streams.push(stream);
        }
    }
    // The node at which the first of them has subscribed.
    let channel = format!("sync_job:{}", jobs[0].1);
    let is_subscribed = |node: &Redis| node.ask(&["PUBSUB", "NUMSUB", &channel]).ends_with('1');
    let at = cluster.primaries.iter().position(is_subscribed).unwrap();
    let _replica = cluster.replica_of(&cluster.primaries[at]).await;
    cluster.primaries[at].kill();
    let survivor = &cluster.primaries[(at + 1) % 3];
    for (publish, job) in &jobs {
        tell_the_end(survivor, publish, job).await;
    }
    for stream in streams {
        let rest = stream.rest().await;
        let last = &rest.last().expect("the end").data;
        assert_eq!(last["inserted"], 9);
        assert_eq!(last["status"], "completed");
    }
    for service in [&plain, &sharded] {
        let (_, job, mut stream) = following(service).await;
        service.publish(&job, &json!({ "inserted": 3 })).await;
        assert_eq!(stream.progress().await.data["inserted"], 3);
    }
}

#[tokio::test]
async fn a_shard_channel_is_followed_to_the_node_that_its_slot_moves_to() {
    let cluster = RedisCluster::start().await;
    let service = start(&cluster, &["--redis-sharded"]).await;
    let (_, job, mut stream) = following(&service).await;
    let channel = format!("sync_job:{job}");
    let from = RedisCluster::first_owner(&channel);
    let to = (from + 1) % 3;
    cluster.move_slot(&channel, from, to);
    eventually("it is subscribed there", async || {
        let answer = cluster.primaries[to].ask(&["SPUBLISH", &channel, r#"{"inserted": 5}"#]);
        (answer == "1").then_some(())
    })
    .await;
    assert_eq!(stream.progress().await.data["inserted"], 5);
}

#[tokio::test]
async fn who_is_subscribed_at_a_node_that_leaves_the_cluster_goes_to_another() {
    let mut cluster = RedisCluster::start().await;
    let in_memory = ["--directory", "memory"];
    let plain = start(&cluster, &in_memory).await;
    let sharded = start(&cluster, &[&in_memory[..], &["--redis-sharded"]].concat()).await;
    let (_, job, mut stream) = following(&plain).await;
    let channel = format!("sync_job:{job}");
    let is_subscribed = |node: &Redis| node.ask(&["PUBSUB", "NUMSUB", &channel]).ends_with('1');
    let at = cluster.primaries.iter().position(is_subscribed).unwrap();
    let mut shards = Vec::new();
    while shards.is_empty() {
        let (_, job, stream) = following(&sharded).await;
        let channel = format!("sync_job:{job}");
        if RedisCluster::first_owner(&channel) == at {
            shards.push((channel, stream));
        }
    }
    let left = cluster.remove(at).await;
    let message = r#"{"inserted": 5}"#;
    eventually("they are subscribed elsewhere", async || {
        let is_there = cluster.primaries.iter().any(is_subscribed);
        let (shard, _) = &shards[0];
        let heard = cluster.primaries[0].ask(&["SPUBLISH", shard, message]);
        (is_there && heard == "1").then_some(())
    })
    .await;
    cluster.primaries[1].ask(&["PUBLISH", &channel, message]);
    assert_eq!(stream.progress().await.data["inserted"], 5);
    assert_eq!(shards[0].1.progress().await.data["inserted"], 5);
    drop(left);
}
