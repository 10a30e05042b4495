//! What the tests are made of: a Redis, a service, a stream.

/// Runs each of these functions of the file, which take a [`Stores`], as two tests: with everything in memory, and with
/// everything in a Redis.
macro_rules! with_either_store {
    ($($test:ident),* $(,)?) => {
        mod memory {
            use super::Stores;
            $(#[tokio::test] async fn $test() { super::$test(Stores::Memory).await })*
        }
        mod redis {
            use super::{Redis, Stores};
            $(#[tokio::test] async fn $test() { super::$test(Stores::Redis(&Redis::start().await)).await })*
        }
    };
}

mod authority;
mod host;
mod identity;
pub mod jwt;
mod proxy;
mod redis;
mod redis_cluster;
pub mod rights;
mod sentinel;
mod service;
mod socket;
mod stream;
mod tls_front;
pub mod token;
mod usage;

pub use authority::Authority;
pub use host::Host;
pub use identity::Identity;
pub use proxy::Proxy;
pub use redis::{Redis, free_port};
pub use redis_cluster::RedisCluster;
pub use sentinel::{Sentinel, Watched};
pub use service::{API_KEY, COLLECTION, SECRET, Service, Stores};
pub use socket::Socket;
pub use stream::Stream;
pub use tls_front::TlsFront;
pub use usage::{Usage, mebibytes};

use std::time::Duration;

/// No test waits longer for anything. Long, so that a busy machine does not fail a test; what is there is there at once.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for `check` to give something, asking again and again.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut check: impl FnMut() -> F,
) -> T {
    let found = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"))
}
