//! What an operator sees, in the OpenMetrics text format. No label has a value for each job, connection or session.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::decode::DecodeError;

/// The media type of the output of [`Metrics::encode`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

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
#[derive(Debug, Default)]
pub struct Metrics {
    registry: Registry,
    /// Event streams that are open.
    pub streams: Gauge,
    /// Streams that have ended, by cause: see [`crate::stream::Ending`].
    pub streams_ended: Family<Cause, Counter>,
    /// Progress events written to streams.
    pub deliveries: Counter,
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
    /// How often all live snapshots were read because messages may have been lost.
    pub resyncs: Counter,
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
        let mut metrics = Self::default();
        let mut registry = Registry::with_prefix("connect");
        registry.register(
            "streams_open",
            "Event streams that are open",
            metrics.streams.clone(),
        );
        registry.register(
            "streams_ended",
            "Event streams that have ended",
            metrics.streams_ended.clone(),
        );
        registry.register(
            "deliveries",
            "Progress events written to streams",
            metrics.deliveries.clone(),
        );
        registry.register(
            "heartbeats",
            "Heartbeats written to streams",
            metrics.heartbeats.clone(),
        );
        registry.register(
            "hubs",
            "Jobs with at least one listener",
            metrics.hubs.clone(),
        );
        registry.register(
            "messages",
            "Messages that the broker delivered",
            metrics.messages.clone(),
        );
        registry.register(
            "messages_rejected",
            "Messages that were passed over",
            metrics.messages_rejected.clone(),
        );
        registry.register(
            "publishes",
            "Progress messages that came in over HTTP",
            metrics.publishes.clone(),
        );
        registry.register(
            "resyncs",
            "Readings of all live snapshots",
            metrics.resyncs.clone(),
        );
        registry.register(
            "broker_up",
            "Whether the broker can be reached",
            metrics.broker_up.clone(),
        );
        registry.register(
            "auth_failures",
            "Requests refused with 401 or 403",
            metrics.auth_failures.clone(),
        );
        registry.register(
            "limit_hits",
            "How often a limit was reached",
            metrics.limit_hits.clone(),
        );
        metrics.registry = registry;
        metrics
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
