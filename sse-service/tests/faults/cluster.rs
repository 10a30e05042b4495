//! Three replicas behind a proxy, on a Redis Cluster of three primaries with shards: each part dies or is replaced, under
//! streams whose jobs go on and end all the while. `just cluster` does it with ten thousand of them.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use tokio::time::sleep;

use super::{
    crowd::Crowd,
    report::row,
    reverse_proxy::{Kind, ReverseProxy},
    scale::streams,
    support::{RedisCluster, Service, Stores, eventually, mebibytes},
    workers::{Sync, Workers, syncs},
};

/// Between two messages of each job.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// A proxy that asks each second has seen that a replica is ready, before the next one goes.
const PROXY_NOTICES: Duration = Duration::from_secs(2);

const STREAMS_PER_JOB: usize = 10;

/// A proxy has two file descriptors for each, and not everybody may have more than 20,000.
const STREAMS_PER_PROXY: usize = 5_000;

/// Over how long a replica lets its streams go.
fn drain_seconds() -> &'static str {
    if streams() < STREAMS_PER_PROXY {
        "1"
    } else {
        "5"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_parts_of_a_cluster_die_and_all_replicas_are_replaced() {
    let mut cluster = RedisCluster::start().await;
    let url = cluster.url();
    let mut redis_replicas = Vec::new();
    for primary in &cluster.primaries {
        redis_replicas.push(cluster.replica_of(primary).await);
    }
    let mut replicas = Vec::new();
    for _ in 0..3 {
        replicas.push(replica(&url, "127.0.0.1:0").await);
    }
    let mut proxies = Vec::new();
    for _ in 0..streams().div_ceil(STREAMS_PER_PROXY) {
        proxies.push(before(&replicas).await);
    }
    // At least one ends in each act.
    let jobs = streams().div_ceil(STREAMS_PER_JOB).max(10);
    let syncs = syncs(&replicas[0], jobs).await;
    let workers = Workers::of_cluster(&cluster).await;
    let mut play = Play::begin(&proxies, &syncs).await;
    workers.progress(&syncs, 1).await;
    play.crowd.all_begun().await;
    play.over("all connect and hear of progress", 0).await;

    // A tenth of the jobs ends in each of the first three acts, the others at last.
    let tenth = jobs / 10;
    let (first, rest) = syncs.split_at(tenth);
    let (second, rest) = rest.split_at(tenth);
    let (third, rest) = rest.split_at(tenth);
    let acts = async {
        cluster.primaries[0].kill();
        workers.end(first).await;
        play.over("a Redis primary killed", first.len()).await;

        let address = replicas.remove(0).address().to_owned();
        workers.end(second).await;
        play.over("a replica killed", second.len()).await;
        replicas.push(replica(&url, &address).await);
        play.all_back().await;

        let ((), replaced) = tokio::join!(end_slowly(&workers, third), roll(replicas, &url));
        play.over("all replicas replaced, one by one", third.len())
            .await;
        play.all_back().await;
        replaced
    };
    let replicas = tokio::select! {
        replicas = acts => replicas,
        () = go_on(&workers, rest) => unreachable!("workers go on until they are told to stop"),
    };
    workers.end(rest).await;
    play.over("all other jobs end", rest.len()).await;
    assert_eq!(play.crowd.heard.older_numbered.get(), 0);
    for replica in &replicas {
        let usage = replica.usage();
        assert!(mebibytes(usage.peak) < 256, "{usage:?}");
    }
}

/// On its address, ready.
async fn replica(redis: &str, address: &str) -> Service {
    let flags = [
        "--redis-sharded",
        "--listen",
        address,
        "--drain-seconds",
        drain_seconds(),
    ];
    let service = Service::start_with(Stores::At(redis), &flags);
    eventually("the replica is ready", async || {
        let ready = service.request(Method::GET, "/readyz").send().await;
        (ready.ok()?.status() == StatusCode::OK).then_some(())
    })
    .await;
    service
}

/// A proxy with the file of `deploy/`, but for TLS and a third replica.
async fn before(replicas: &[Service]) -> ReverseProxy {
    let third = format!(
        "server service-2 service-2:8080\n    server service-3 {}",
        replicas[2].address()
    );
    let changed = [
        (" ssl crt /etc/connect/tls/both.pem alpn h2,http/1.1", ""),
        ("server service-2 service-2:8080", &third),
        // More than streams, for those that come back while others go.
        ("maxconn 40000", "maxconn 7500"),
    ];
    ReverseProxy::start(Kind::HaProxy, [&replicas[0], &replicas[1]], &changed).await
}

/// Each is asked to stop, and another one takes its place.
async fn roll(replicas: Vec<Service>, redis: &str) -> Vec<Service> {
    let mut replaced = Vec::new();
    for old in replicas {
        let address = old.address().to_owned();
        old.terminate();
        let stopped = tokio::task::spawn_blocking(|| old.wait()).await.unwrap();
        assert!(stopped.success());
        replaced.push(replica(redis, &address).await);
        sleep(PROXY_NOTICES).await;
    }
    replaced
}

/// Messages for each job, again and again.
async fn go_on(workers: &Workers, syncs: &[Sync]) {
    for inserted in 2.. {
        workers.progress(syncs, inserted).await;
        sleep(PROGRESS_EVERY).await;
    }
}

/// Some jobs end, then some more, for as long as it takes to replace the replicas.
async fn end_slowly(workers: &Workers, syncs: &[Sync]) {
    const STEPS: usize = 30;
    for some in syncs.chunks(syncs.len().div_ceil(STEPS)) {
        workers.end(some).await;
        sleep(Duration::from_millis(500)).await;
    }
}

/// What is seen, act by act.
struct Play {
    crowd: Crowd,
    /// Clients that have seen the end, and should have.
    ended: usize,
    came_back: usize,
    messages: usize,
    older: usize,
    since: Instant,
}

impl Play {
    async fn begin(proxies: &[ReverseProxy], syncs: &[Sync]) -> Self {
        let since = Instant::now();
        let addresses: Vec<String> = proxies.iter().map(ReverseProxy::address).collect();
        let crowd = Crowd::gather_at(&addresses, syncs, syncs.len() * STREAMS_PER_JOB).await;
        Self {
            crowd,
            ended: 0,
            came_back: 0,
            messages: 0,
            older: 0,
            since,
        }
    }

    /// Everybody has seen the end of the jobs that ended in this act.
    ///
    /// `| act | streams | jobs that ended | seconds until all knew | came back | messages | older ones | ends lost |`
    ///
    /// An older message than one before may come, if it has neither number nor time, to who returns to another replica
    /// just when a worker has published and not yet stored the snapshot.
    async fn over(&mut self, act: &str, jobs: usize) {
        let streams = self.crowd.size() - self.ended;
        self.ended += jobs * STREAMS_PER_JOB;
        self.crowd.until_ended(self.ended).await;
        let took = self.since.elapsed();
        let heard = &self.crowd.heard;
        let (came_back, messages) = (heard.visits_cut.get(), heard.messages.get());
        let older = heard.older.get();
        row(&[
            act,
            &streams.to_string(),
            &jobs.to_string(),
            &format!("{:.2} s", took.as_secs_f64()),
            &(came_back - self.came_back).to_string(),
            &(messages - self.messages).to_string(),
            &(older - self.older).to_string(),
            &self.ended.saturating_sub(heard.ends.get()).to_string(),
        ]);
        (self.came_back, self.messages, self.older) = (came_back, messages, older);
        self.since = Instant::now();
    }

    /// Who was cut off has come back.
    async fn all_back(&mut self) {
        self.crowd.until_open(self.crowd.size() - self.ended).await;
        self.since = Instant::now();
    }
}
