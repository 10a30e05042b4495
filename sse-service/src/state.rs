//! What the handlers work with.

use std::sync::Arc;

use crate::{
    auth::revocation::Revocations, broker::Broker, client_address::TrustedProxies,
    directory::Directory, hub::Hubs, limits::Limits, metrics::Metrics, shutdown::Shutdown,
    stream::StreamSettings,
};

/// The parts of a running service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    /// Where progress flows.
    pub broker: Arc<dyn Broker>,
    /// Who owns what.
    pub directory: Arc<dyn Directory>,
    /// Fan-out.
    pub hubs: Hubs,
    /// What an operator sees.
    pub metrics: Arc<Metrics>,
    /// Whether it is about to stop.
    pub shutdown: Shutdown,
    /// What is bounded.
    pub limits: Arc<Limits>,
    /// Sessions that were ended before their time.
    pub revocations: Revocations,
    /// The proxies that are trusted to say where clients are.
    pub proxies: Arc<TrustedProxies>,
    /// How streams behave.
    pub streams: StreamSettings,
}
