//! What is measured, each a server that streams of the same jobs are read from.

pub mod bare;
pub mod nchan;
pub mod service;

use std::{io, net::SocketAddr, path::PathBuf};

use crate::{process::Process, publish::Entrance, redis::Redis};

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Ours.
    Service,
    /// A bare loop: what is possible at all.
    Bare,
    /// nginx with nchan, by itself.
    NchanMemory,
    /// nginx with nchan, which passes messages through Redis.
    NchanRedis,
}

/// How many streams of how many jobs.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// At least as many as jobs; jobs have equally many.
    pub streams: usize,
    /// With at least one stream each.
    pub jobs: usize,
}

/// A server that runs.
pub struct Running {
    /// It, with what it has started.
    pub process: Process,
    /// Where streams are opened.
    pub address: SocketAddr,
    /// The request of each stream.
    pub requests: Vec<String>,
    /// Where messages go in.
    pub entrance: Entrance,
    /// The channel of each job.
    pub channels: Vec<String>,
}

impl Peer {
    /// As it stands in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "`sse-service`",
            Self::Bare => "bare tokio loop",
            Self::NchanMemory => "nchan, memory",
            Self::NchanRedis => "nchan, Redis",
        }
    }

    /// Starts it, with all that streams of a layout need.
    pub async fn start(self, redis: &Redis, layout: Layout) -> io::Result<Running> {
        match self {
            Self::Service => service::start(redis, layout).await,
            Self::Bare => bare::start(redis, layout).await,
            Self::NchanMemory => nchan::start(None, layout).await,
            Self::NchanRedis => nchan::start(Some(redis), layout).await,
        }
    }
}

/// A program that was built with this one.
fn built(name: &str) -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

fn job_names(layout: Layout) -> Vec<String> {
    (0..layout.jobs).map(|job| format!("job-{job}")).collect()
}

/// Requests for the streams of channels, where nobody asks who wants them.
fn open_requests(layout: Layout, channels: &[String], folder: &str) -> Vec<String> {
    let request = |stream: usize| {
        let channel = &channels[stream % layout.jobs];
        format!(
            "GET {folder}/{channel} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
        )
    };
    (0..layout.streams).map(request).collect()
}
