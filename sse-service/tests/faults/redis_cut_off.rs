//! The network between the service and Redis fails.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};

use super::{
    crowd::Crowd,
    report::Report,
    scale::scaled,
    support::{Proxy, Redis, Service, Stores, eventually},
    workers::{Sync, Workers, syncs},
};

/// A service whose Redis is behind a network that can fail, with clients that have heard of progress.
struct World {
    proxy: Proxy,
    service: Service,
    workers: Workers,
    syncs: Vec<Sync>,
    crowd: Crowd,
    redis: Redis,
}

impl World {
    async fn start() -> Self {
        let redis = Redis::start().await;
        let proxy = Proxy::start(&redis.address()).await;
        let url = format!("redis://{}", proxy.address());
        let service = Service::start_with(Stores::At(&url), &["--heartbeat-seconds", "1"]);
        let syncs = syncs(&service, scaled(20, 200)).await;
        let workers = Workers::of(&redis).await;
        let crowd = Crowd::gather(&service, &syncs, scaled(200, 2_000)).await;
        workers.progress(&syncs, 1).await;
        crowd.all_begun().await;
        Self {
            proxy,
            service,
            workers,
            syncs,
            crowd,
            redis,
        }
    }

    async fn until_ready(&self, status: StatusCode) {
        eventually("the service is as ready as expected", async || {
            let ready = self.service.request(Method::GET, "/readyz").send().await;
            (ready.unwrap().status() == status).then_some(())
        })
        .await;
    }

    async fn report(&self, fault: &str, back: Instant, unheard: usize) {
        self.crowd.all_ended().await;
        let cut = self.crowd.heard.visits_cut.get();
        assert_eq!(cut, 0, "no stream was cut");
        Report {
            fault,
            crowd: &self.crowd,
            jobs: self.syncs.len(),
            unheard,
            recovery: back.elapsed(),
            service: &self.service,
        }
        .print();
    }
}

#[tokio::test]
async fn connections_to_redis_that_are_cut_again_and_again_cost_no_end() {
    let world = World::start().await;
    let cuts = scaled(5, 30);
    let part = world.syncs.len().div_ceil(cuts);
    let mut unheard = 0;
    for (at, syncs) in world.syncs.chunks(part).enumerate() {
        world.proxy.cut();
        // Some cuts hit a service that has just come back from the one before.
        tokio::time::sleep(Duration::from_millis(150) * u32::try_from(at % 3).unwrap()).await;
        unheard += world.workers.end(syncs).await;
    }
    let back = Instant::now();
    let fault = format!("Connections to Redis cut {cuts} times");
    world.report(&fault, back, unheard).await;
}

#[tokio::test]
async fn ends_that_are_published_while_redis_cannot_be_reached_are_told_when_it_can() {
    let world = World::start().await;
    world.proxy.go_down();
    world.until_ready(StatusCode::SERVICE_UNAVAILABLE).await;
    let unheard = world.workers.end(&world.syncs).await;
    assert_eq!(unheard, world.syncs.len(), "nobody could hear them");
    assert_eq!(world.crowd.heard.ends.get(), 0);
    world.proxy.recover();
    let back = Instant::now();
    world.report("Network to Redis down", back, unheard).await;
    world.until_ready(StatusCode::OK).await;
}

/// The connections are not closed: the service has to find out by itself that nothing comes any more.
#[tokio::test]
async fn a_network_to_redis_that_falls_silent_is_noticed_and_costs_no_end() {
    let world = World::start().await;
    world.proxy.fall_silent();
    world.until_ready(StatusCode::SERVICE_UNAVAILABLE).await;
    // What was subscribed through the old connection is still subscribed at Redis, which has not noticed either.
    let heard_by_the_old = world.redis.subscriptions(&world.syncs[0].job).await;
    world.workers.end(&world.syncs).await;
    let unheard = if heard_by_the_old == 0 {
        world.syncs.len()
    } else {
        0
    };
    assert_eq!(world.crowd.heard.ends.get(), 0);
    world.proxy.recover();
    let back = Instant::now();
    world.report("Network to Redis silent", back, unheard).await;
}
