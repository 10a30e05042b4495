//! How many connections a replica has to Redis: few, however many browsers.

use futures_util::future::join_all;
use serde_json::json;

use super::support::{Redis, RedisCluster, Service, Stores, eventually};

const STREAMS: usize = 500;

/// A stream for each of as many jobs, all of which are told something.
async fn many_streams(service: &Service) {
    eventually("it is ready", async || {
        let ready = service.request(reqwest::Method::GET, "/readyz");
        ready
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
            .then_some(())
    })
    .await;
    let mut streams = Vec::new();
    let mut jobs = Vec::new();
    for _ in 0..STREAMS / 50 {
        let opened = (0..50).map(|_| async {
            let (connection, job) = service.syncing().await;
            let mut stream = service.subscribe(&connection).await;
            stream.connected().await;
            (stream, job)
        });
        for (stream, job) in join_all(opened).await {
            streams.push(stream);
            jobs.push(job);
        }
    }
    assert_eq!(service.metric("connect_hubs").await, STREAMS as u64);
    for job in &jobs {
        service.publish(job, &json!({ "inserted": 7 })).await;
    }
    for stream in &mut streams {
        assert_eq!(stream.progress().await.data["inserted"], 7);
    }
}

#[tokio::test]
async fn a_replica_has_two_connections_to_a_server() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    many_streams(&service).await;
    let connections = redis.connections();
    assert_eq!(connections.len(), 2, "{connections:#?}");
}

/// Two to each node; and each of both clients asks some node for the map of the cluster over one more.
async fn a_replica_has_at_most_four_connections_to_a_node(flags: &[&str]) {
    let cluster = RedisCluster::start().await;
    let service = Service::start_with(Stores::At(&cluster.url()), flags);
    many_streams(&service).await;
    let mut all = 0;
    for node in &cluster.primaries {
        let connections = node.connections();
        assert!((2..=4).contains(&connections.len()), "{connections:#?}");
        all += connections.len();
    }
    assert_eq!(all, 2 * (3 + 1));
}

#[tokio::test]
async fn a_replica_has_at_most_four_connections_to_a_node_of_a_cluster() {
    a_replica_has_at_most_four_connections_to_a_node(&[]).await;
}

#[tokio::test]
async fn a_replica_has_at_most_four_connections_to_a_node_of_a_sharded_cluster() {
    a_replica_has_at_most_four_connections_to_a_node(&["--redis-sharded"]).await;
}
