//! Which protocol a client speaks.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_http::Protocol;
use tokio::{net::TcpStream, time::timeout};

use super::Socket;
use crate::{limits::RequestLimits, metrics::Metrics};

/// How every HTTP/2 connection begins, as far as no request of HTTP/1.1 does: RFC 9113, section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// What the HTTP library is given: the connection, the protocol, the other end.
pub type Arrival = (Socket, Protocol, Option<SocketAddr>);

/// Lets connections in.
#[derive(Clone)]
pub struct Door {
    limits: RequestLimits,
    metrics: Arc<Metrics>,
}

impl Door {
    /// For connections with these limits.
    pub fn new(limits: RequestLimits, metrics: Arc<Metrics>) -> Self {
        Self { limits, metrics }
    }

    /// Waits until the client has said which protocol it speaks.
    pub async fn enter(&self, io: TcpStream) -> io::Result<Arrival> {
        let peer = io.peer_addr().ok();
        io.set_nodelay(true)?;
        let is_http2 = timeout(self.limits.time, begins_http2(&io)).await??;
        let mut socket = Socket::new(io, self.limits, self.metrics.clone());
        if is_http2 {
            return Ok((socket, Protocol::Http2, peer));
        }
        socket.expect_turns();
        Ok((socket, Protocol::Http1, peer))
    }
}

/// Looks at the first bytes without taking them.
async fn begins_http2(io: &TcpStream) -> io::Result<bool> {
    let mut bytes = [0; PREFACE.len()];
    loop {
        let seen = io.peek(&mut bytes).await?;
        if seen == 0 || !PREFACE.starts_with(&bytes[..seen]) {
            return Ok(false);
        }
        if seen == PREFACE.len() {
            return Ok(true);
        }
        // A part of the preface: the rest is on its way, and peeking does not wait for it.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
