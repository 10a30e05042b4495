//! Connections to Redis that come back by themselves.

use std::time::Duration;

use fred::{
    clients::Client,
    interfaces::{ClientLike, EventInterface},
    prelude::{
        Builder, ConnectionConfig, Error, PerformanceConfig, ReconnectPolicy, Server, TcpConfig,
    },
    types::config::UnresponsiveConfig,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tracing::{info, warn};

use super::Address;

/// How long a command may take. A browser's request waits for it, so it is short; what Redis cannot do in this time is
/// answered with 503 and tried again by the client.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection on which nothing was answered, or no packet acknowledged, for this long is closed and opened again.
const UNRESPONSIVE_AFTER: Duration = Duration::from_secs(10);

/// Messages that wait to be taken from fred's channel. It is drained at once; what does not fit is made up for by
/// reading the snapshots.
const MESSAGE_BACKLOG: usize = 16 * 1024;

/// The longest pause between two attempts to connect, in milliseconds. A fail-over takes seconds; nobody should wait much
/// longer for it than it takes.
const LONGEST_PAUSE_MILLIS: u32 = 2_000;

/// A client that connects in the background, goes on trying, and logs why it does not succeed.
///
/// Must be called within a Tokio runtime, which then carries the connections.
pub fn connect(address: &Address) -> Client {
    let client = Builder::from_config(address.config())
        .set_policy(ReconnectPolicy::new_exponential(
            0,
            100,
            LONGEST_PAUSE_MILLIS,
            2,
        ))
        .set_performance_config(PerformanceConfig {
            default_command_timeout: COMMAND_TIMEOUT,
            broadcast_channel_capacity: MESSAGE_BACKLOG,
            ..PerformanceConfig::default()
        })
        .set_connection_config(ConnectionConfig {
            connection_timeout: COMMAND_TIMEOUT,
            tcp: TcpConfig {
                user_timeout: Some(UNRESPONSIVE_AFTER),
                ..TcpConfig::default()
            },
            internal_command_timeout: COMMAND_TIMEOUT,
            unresponsive: UnresponsiveConfig {
                max_timeout: Some(UNRESPONSIVE_AFTER),
                ..UnresponsiveConfig::default()
            },
            ..ConnectionConfig::default()
        })
        .build()
        .expect("the address is complete");
    tokio::spawn(log(client.error_rx(), client.reconnect_rx()));
    client.connect();
    client
}

/// Tells why Redis cannot be reached, each cause once until it is reached again. Redis' answers to a user who is refused
/// hold neither name nor password.
async fn log(mut errors: Receiver<(Error, Option<Server>)>, mut connections: Receiver<Server>) {
    let mut told = None;
    loop {
        tokio::select! {
            failed = errors.recv() => match failed {
                Ok((error, _)) if told.as_ref() == Some(&error) => {}
                Ok((error, server)) => {
                    let server = server.map(|server| server.to_string());
                    warn!(%error, server, "no connection to Redis");
                    told = Some(error);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            connected = connections.recv() => match connected {
                Ok(server) => {
                    info!(%server, "connected to Redis");
                    told = None;
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}
