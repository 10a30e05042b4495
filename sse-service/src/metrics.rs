//! What an operator sees, in the OpenMetrics text format. No label has a value for each job, connection or session.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Metric, Registry},
};

use crate::decode::DecodeError;

/// The media type of the output of [`Metrics::encode`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The upper end of the first bucket of lags, in seconds. Each of the next is four times as long, the last 16 s.
const LAG_FROM: f64 = 0.001;
const LAG_BUCKETS: u16 = 8;

/// One label, whose values are a closed set.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Cause {
    /// Why it happened.
    pub cause: &'static str,
}

/// Names a limit: see [`crate::limits::Limit::name`].
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Limit {
    /// Which one.
    pub limit: &'static str,
}

/// Counters and gauges of this replica.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Event streams that are open.
    pub streams: Gauge,
    /// Streams that have ended, by cause: see [`crate::stream::Ending`].
    pub streams_ended: Family<Cause, Counter>,
    /// Progress events written to streams.
    pub deliveries: Counter,
    /// From a message's publication, as its worker tells it, to its writing to a stream. In seconds.
    pub delivery_lag: Histogram,
    /// Messages that a listener has skipped because there was a newer one.
    pub conflated: Counter,
    /// Heartbeats written to streams.
    pub heartbeats: Counter,
    /// Hubs: jobs with at least one listener.
    pub hubs: Gauge,
    /// Messages that the broker has delivered.
    pub messages: Counter,
    /// Messages that were passed over, by cause: see [`DecodeError::cause`].
    pub messages_rejected: Family<Cause, Counter>,
    /// Messages that came in over HTTP.
    pub publishes: Counter,
    /// How often all live snapshots were read because messages may have been lost, by cause: see
    /// [`crate::broker::Loss::cause`].
    pub resyncs: Family<Cause, Counter>,
    /// Whether the broker can be reached: 1 or 0.
    pub broker_up: Gauge<u64, AtomicU64>,
    /// Requests that were refused, by cause: see [`crate::auth::AuthError::cause`].
    pub auth_failures: Family<Cause, Counter>,
    /// How often a limit was reached, by limit.
    pub limit_hits: Family<Limit, Counter>,
}

impl Metrics {
    /// All at zero, each under its name.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("connect");
        let it = &mut registry;
        let lag = Histogram::new(exponential_buckets(LAG_FROM, 4.0, LAG_BUCKETS));
        Self {
            streams: named(it, "streams_open", "Event streams that are open"),
            streams_ended: named(it, "streams_ended", "Event streams that have ended"),
            deliveries: named(it, "deliveries", "Progress events written to streams"),
            delivery_lag: named_as(
                it,
                "delivery_lag_seconds",
                "From publication, by the worker's clock, to the writing to a stream",
                lag,
            ),
            conflated: named(
                it,
                "messages_conflated",
                "Messages that listeners skipped for a newer one",
            ),
            heartbeats: named(it, "heartbeats", "Heartbeats written to streams"),
            hubs: named(it, "hubs", "Jobs with at least one listener"),
            messages: named(it, "messages", "Messages that the broker delivered"),
            messages_rejected: named(it, "messages_rejected", "Messages that were passed over"),
            publishes: named(it, "publishes", "Progress messages that came in over HTTP"),
            resyncs: named(it, "resyncs", "Readings of all live snapshots"),
            broker_up: named(it, "broker_up", "Whether the broker can be reached"),
            auth_failures: named(it, "auth_failures", "Requests refused with 401 or 403"),
            limit_hits: named(it, "limit_hits", "How often a limit was reached"),
            registry,
        }
    }

    /// Counts a message that was passed over.
    pub fn rejected(&self, error: &DecodeError) {
        self.messages_rejected
            .get_or_create(&Cause {
                cause: error.cause(),
            })
            .inc();
    }

    /// Counts that a limit was reached.
    pub fn hit(&self, limit: &'static str) {
        self.limit_hits.get_or_create(&Limit { limit }).inc();
    }

    /// The exposition.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn named<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    named_as(registry, name, help, M::default())
}

fn named_as<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}
