//! Ports, and what all their connections have in common.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};

/// What the system keeps of what was written and not yet taken, for each connection, in bytes. Left to itself it keeps
/// megabytes for a client that does not read, all of it older than what could be said now.
const SEND_BUFFER: usize = 64 * 1024;

/// Connections that may wait to be accepted. The system has a limit of its own, which is as high on Linux.
const BACKLOG: i32 = 4096;

/// A connection on which nothing was said for this long is asked whether it is still there.
const KEEP_ALIVE_AFTER: Duration = Duration::from_mins(1);

/// Between two such questions.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// Binds. Connections whose other end is gone, or takes nothing for `write_time`, are closed by the system.
pub fn bind(address: SocketAddr, write_time: Duration) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // Accepted sockets have the options of the one that accepts.
    let socket = SockRef::from(&listener);
    // The standard library lets 128 wait; the others would try again after a second.
    socket.listen(BACKLOG)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let keep_alive = TcpKeepalive::new()
        .with_time(KEEP_ALIVE_AFTER)
        .with_interval(KEEP_ALIVE_EVERY);
    socket.set_tcp_keepalive(&keep_alive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(write_time))?;
    #[cfg(not(target_os = "linux"))]
    let _ = write_time;
    Ok(listener)
}
