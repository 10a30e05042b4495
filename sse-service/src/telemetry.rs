//! Where logs and spans go.

#[cfg(feature = "otel")]
mod otlp;

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use crate::config::LogFormat;

/// Spans cannot be sent where they are to be.
#[derive(Debug, thiserror::Error)]
#[error("spans cannot be sent: {0}; see OTEL_EXPORTER_OTLP_ENDPOINT")]
pub struct TelemetryError(String);

/// What runs beside the service to tell of it.
#[must_use]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    spans: Option<otlp::Spans>,
}

/// Logs go to standard error; `RUST_LOG` chooses what is told. With the feature `otel`, spans go where
/// `OTEL_EXPORTER_OTLP_ENDPOINT` says. Called once.
pub fn start(format: LogFormat) -> Result<Telemetry, TelemetryError> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,fred=warn,actix_server=warn"));
    let logs = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let logs = match format {
        LogFormat::Text => logs.boxed(),
        LogFormat::Json => logs.json().flatten_event(true).boxed(),
    };
    let all = registry().with(logs.with_filter(filter));
    #[cfg(feature = "otel")]
    let telemetry = {
        let spans = otlp::Spans::from_environment()?;
        all.with(spans.as_ref().map(otlp::Spans::layer)).init();
        Telemetry { spans }
    };
    #[cfg(not(feature = "otel"))]
    let telemetry = {
        all.init();
        Telemetry {}
    };
    Ok(telemetry)
}

impl Telemetry {
    /// Sends what is not sent yet.
    pub fn stop(self) {
        #[cfg(feature = "otel")]
        if let Some(spans) = self.spans {
            spans.stop();
        }
    }
}
