//! What the handlers work with.

use std::sync::Arc;

use crate::{
    auth::revocation::Revocations,
    broker::Broker,
    client_address::TrustedProxies,
    directory::{Directory, Registrar},
    error::ApiError,
    hub::Hubs,
    limits::Limits,
    metrics::Metrics,
    shutdown::Shutdown,
    stream::StreamSettings,
};

/// The parts of a running service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    /// Where progress flows.
    pub broker: Arc<dyn Broker>,
    /// Who owns what.
    pub directory: Arc<dyn Directory>,
    /// Keeps what the host says of it, where the host does not do so itself.
    pub registrar: Option<Arc<dyn Registrar>>,
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

impl Service {
    /// Where the host's servers register connections and jobs.
    pub fn registrar(&self) -> Result<&dyn Registrar, ApiError> {
        self.registrar.as_deref().ok_or(ApiError::NotKeptHere)
    }
}
