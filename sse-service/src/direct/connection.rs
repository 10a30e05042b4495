//! A connection that carries one stream and nothing else.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::{net::TcpStream, time::timeout};

use crate::admission::AdmittedStream;

/// What a client may say while it listens, in bytes. There is nothing for it to say.
const MAX_CHATTER: usize = 1024;

/// The end of a chunked body: RFC 9112, section 7.1.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes the head of the response, then the stream until one side has enough. A client that has not taken a byte for
/// `patience` is cut off: [`io::ErrorKind::TimedOut`].
pub async fn serve(
    io: &TcpStream,
    head: Bytes,
    mut stream: AdmittedStream,
    patience: Duration,
) -> io::Result<()> {
    write(io, &head, patience).await?;
    drop(head);
    let mut chatter = 0;
    loop {
        let next = poll_fn(|task| match stream.poll_next(task) {
            Poll::Ready(event) => Poll::Ready(Ok(event)),
            Poll::Pending => listen(io, &mut chatter, task).map(Err),
        });
        match next.await {
            Ok(Some(event)) => write(io, event.as_chunk(), patience).await?,
            Ok(None) => return write(io, LAST_CHUNK, patience).await,
            Err(gone) => return gone,
        }
    }
}

/// One call of the system for each listener, as long as it takes what it is given.
async fn write(io: &TcpStream, mut bytes: &[u8], patience: Duration) -> io::Result<()> {
    loop {
        match io.try_write(bytes) {
            Ok(written) if written == bytes.len() => return Ok(()),
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            // Boxed: hardly any stream ever waits here, and every stream would carry what waiting needs.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Box::pin(writable(io, patience)).await?;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn writable(io: &TcpStream, patience: Duration) -> io::Result<()> {
    timeout(patience, io.writable())
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Ready when the client has closed its side, or talks too much.
fn listen(io: &TcpStream, chatter: &mut usize, task: &mut Context<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(io.poll_read_ready(task))?;
        match io.try_read(&mut [0; 128]) {
            Ok(0) => return Poll::Ready(Ok(())),
            Ok(read) => *chatter += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
        if *chatter > MAX_CHATTER {
            return Poll::Ready(Ok(()));
        }
    }
}
