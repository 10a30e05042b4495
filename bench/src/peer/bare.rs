//! The bare loop: `src/bin/bare.rs`.

use std::{io, net::SocketAddr, process::Command};

use tokio::net::TcpStream;

use super::{Layout, Running, built, job_names, open_requests};
use crate::{
    patience::until_ok,
    process::{Process, free_port},
    publish::Entrance,
    redis::Redis,
};

pub(super) async fn start(redis: &Redis, layout: Layout) -> io::Result<Running> {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let arguments = [&address.to_string(), &redis.address];
    let process = Process::start(Command::new(built("bare")?).args(arguments))?;
    until_ok("the bare loop", async || {
        TcpStream::connect(address).await.map(drop)
    })
    .await?;
    let channels = job_names(layout);
    Ok(Running {
        process,
        address,
        requests: open_requests(layout, &channels, ""),
        entrance: Entrance::Redis(redis.address.clone()),
        channels,
    })
}
