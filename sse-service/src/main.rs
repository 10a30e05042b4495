//! The `sse-service` binary.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use sse_service::{
    app::App,
    config::{Cli, Command, LogFormat},
    demo,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing::error;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logs(cli.log_format);
    let result = match cli.command {
        Command::Serve(args) => serve(App::build(&args)).await,
        Command::Demo(args) => serve(demo::build(&args)).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve<E: std::error::Error + 'static>(
    app: Result<App, E>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let app = app?;
    let mut hangup = signal(SignalKind::hangup())?;
    let reloader = app.reloader();
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reloader.reload();
        }
    });
    Ok(app.run(stop).await?)
}

/// Logs go to standard error; `RUST_LOG` chooses what is told.
fn start_logs(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,fred=warn,actix_server=warn"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}
