//! Where progress goes.

use std::{future::Future, sync::Arc, thread};

use tokio::{
    runtime::{self, Handle},
    sync::oneshot,
};

use crate::{
    DestinationError,
    link::{Http, Link, Redis},
};

/// Where progress goes: a Redis, or the service's API. For as many jobs as there are; clones are the same destination.
///
/// It has a thread of its own, which lives until the last publisher has told its end. So publishing goes on while the worker
/// computes, and when its own runtime is shut down.
#[derive(Clone)]
pub struct Destination {
    inner: Arc<Inner>,
}

struct Inner {
    link: Link,
    runtime: Handle,
    /// The thread ends when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl Destination {
    /// The Redis that the service listens to: `redis://[user:password@]host[:6379][/database]`, with `redis-sentinel://` and
    /// `redis-cluster://` as the service takes them, and `rediss` in place of `redis` for TLS by the system's trust.
    ///
    /// It need not be there yet.
    pub fn redis(url: &str) -> Result<Self, DestinationError> {
        Self::start(Link::Redis(Redis::new(url, false)?.into()))
    }

    /// A cluster whose service runs with `--redis-sharded`: publishes with `SPUBLISH`.
    pub fn redis_sharded(url: &str) -> Result<Self, DestinationError> {
        Self::start(Link::Redis(Redis::new(url, true)?.into()))
    }

    /// The service's API at an address such as `https://sync.example.com`, with one of its API keys.
    pub fn http(url: &str, api_key: &str) -> Result<Self, DestinationError> {
        Self::start(Link::Http(Http::new(url, api_key)?))
    }

    fn start(link: Link) -> Result<Self, DestinationError> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        thread::Builder::new()
            .name("connect-publisher".into())
            .spawn(move || runtime.block_on(stopped))?;
        Ok(Self {
            inner: Arc::new(Inner {
                link,
                runtime: handle,
                _stop: stop,
            }),
        })
    }

    pub(crate) fn link(&self) -> &Link {
        &self.inner.link
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.inner.runtime.spawn(task);
    }
}
