//! Spans by OTLP over HTTP. All settings are those of the OpenTelemetry specification ("OpenTelemetry Environment Variable
//! Specification"), as its library reads them.

use std::env;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Subscriber, warn};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::TelemetryError;

/// Where spans go, unless a variable of their own says otherwise.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// The name of the service, and of its instrumentation.
const NAME: &str = env!("CARGO_PKG_NAME");

/// Sends spans in batches, on a thread of its own.
pub(super) struct Spans {
    provider: SdkTracerProvider,
}

impl Spans {
    /// `None` where the environment does not say where spans go.
    pub(super) fn from_environment() -> Result<Option<Self>, TelemetryError> {
        if ENDPOINTS.iter().all(|name| env::var_os(name).is_none()) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .build()
            .map_err(|error| TelemetryError(error.to_string()))?;
        let resource = Resource::builder();
        let resource = match env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource,
            None => resource.with_service_name(NAME),
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self { provider }))
    }

    /// The spans of this service, and of no library: whatever the logs show.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.provider.tracer(NAME);
        let own = Targets::new().with_target("sse_service", tracing::Level::DEBUG);
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(own)
    }

    pub(super) fn stop(self) {
        if let Err(error) = self.provider.shutdown() {
            warn!(%error, "the last spans could not be sent");
        }
    }
}
