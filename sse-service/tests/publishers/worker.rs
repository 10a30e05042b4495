//! The programs in `workers/`, which behave as they are told.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::{Child, Command};

use super::support::{API_KEY, Redis, Service};

/// A language that there is a publisher for.
#[derive(Clone, Copy)]
pub enum Language {
    Rust,
    Python,
    Node,
}

/// How its messages get to the service.
#[derive(Clone, Copy)]
pub enum By {
    Redis,
    Http,
}

/// Starts a worker for a job; it does as the word says: see `workers/worker.rs`.
pub fn start(
    language: Language,
    by: By,
    (redis, service): (&Redis, &Service),
    job: &str,
    word: &str,
    resume_from: Option<&str>,
) -> Child {
    let mut command = command(language);
    command.arg(word).env("JOB", job);
    match by {
        By::Redis => command.env("CONNECT_REDIS_URL", redis.url()),
        By::Http => command
            .env("CONNECT_URL", service.url(""))
            .env("CONNECT_API_KEY", API_KEY),
    };
    if let Some(progress) = resume_from {
        command.env("RESUME_FROM", progress);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

fn command(language: Language) -> Command {
    let workers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/publishers/workers");
    match language {
        // Cargo builds the examples beside the binary.
        Language::Rust => {
            let binary = Path::new(env!("CARGO_BIN_EXE_sse-service"));
            Command::new(binary.with_file_name("examples").join("publisher-worker"))
        }
        Language::Python => {
            let mut command = Command::new(python());
            command.arg(workers.join("worker.py"));
            command
        }
        Language::Node => {
            let mut command = Command::new("node");
            command.arg(workers.join("worker.mjs"));
            command
        }
    }
}

/// A Python that has what the example needs.
pub fn python() -> PathBuf {
    env::var_os("PUBLISHERS_PYTHON")
        .expect("npx -y rust-just test-publishers sets it")
        .into()
}
