//! Which protocol a client speaks.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_http::Protocol;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{Cut, Socket, tls::HTTP2};
use crate::{limits::RequestLimits, metrics::Metrics};

/// How every HTTP/2 connection begins, as far as no request of HTTP/1.1 does: RFC 9113, section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// What the HTTP library is given: the connection, the protocol, the other end.
pub type Arrival = (Connection, Protocol, Option<SocketAddr>);

/// Lets connections in.
#[derive(Clone)]
pub struct Door {
    limits: RequestLimits,
    metrics: Arc<Metrics>,
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// For connections with these limits; with `tls`, for no others than those that use it.
    pub fn new(limits: RequestLimits, metrics: Arc<Metrics>, tls: Option<TlsAcceptor>) -> Self {
        Self {
            limits,
            metrics,
            tls,
        }
    }

    /// Waits until the client has said which protocol it speaks.
    pub async fn enter(&self, io: TcpStream) -> io::Result<Arrival> {
        let peer = io.peer_addr().ok();
        io.set_nodelay(true)?;
        let negotiated = self.negotiate(io);
        let (mut connection, is_http2) = timeout(self.limits.time, negotiated).await??;
        if is_http2 {
            return Ok((connection, Protocol::Http2, peer));
        }
        connection.socket_mut().expect_turns();
        Ok((connection, Protocol::Http1, peer))
    }

    async fn negotiate(&self, io: TcpStream) -> io::Result<(Connection, bool)> {
        let Some(tls) = &self.tls else {
            let is_http2 = begins_http2(&io).await?;
            return Ok((Connection::Plain(self.watched(io)), is_http2));
        };
        let io = tls.accept(self.watched(io)).await?;
        let is_http2 = io.get_ref().1.alpn_protocol() == Some(HTTP2);
        Ok((Connection::Tls(Box::new(io)), is_http2))
    }

    fn watched(&self, io: TcpStream) -> Socket {
        Socket::new(io, self.limits, self.metrics.clone())
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
        sleep(Duration::from_millis(10)).await;
    }
}

/// A connection that was let in.
pub enum Connection {
    /// Without TLS.
    Plain(Socket),
    /// With it. The socket below is watched: what TLS has taken is not yet on its way.
    Tls(Box<TlsStream<Socket>>),
}

impl Connection {
    /// Cuts the connection from elsewhere.
    pub fn cut(&self) -> Cut {
        match self {
            Self::Plain(socket) => socket.cut(),
            Self::Tls(tls) => tls.get_ref().0.cut(),
        }
    }

    fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => tls.get_mut().0,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
