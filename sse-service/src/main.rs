//! The `sse-service` binary.

use std::process::ExitCode;

use clap::Parser;
use sse_service::{
    app::App,
    config::{Cli, Command},
    demo, telemetry,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing::error;

// One thread takes messages from Redis and writes them to streams: it wakes nobody. Requests have threads of their own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let telemetry = match telemetry::start(cli.log_format) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let result = match cli.command {
        Command::Serve(args) => serve(App::build(&args)).await,
        Command::Demo(args) => serve(demo::build(&args)).await,
    };
    let code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    };
    telemetry.stop();
    code
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
