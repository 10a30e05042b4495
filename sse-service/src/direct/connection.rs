//! A connection that carries one stream and nothing else.

use std::{io, time::Duration};

use bytes::{Buf, Bytes};
use tokio::{net::TcpStream, time::timeout};

use crate::admission::AdmittedStream;

/// What a client may say while it listens, in bytes. There is nothing for it to say.
const MAX_CHATTER: usize = 1024;

/// The end of a chunked body: RFC 9112, section 7.1.
const LAST_CHUNK: Bytes = Bytes::from_static(b"0\r\n\r\n");

/// Writes the head of the response, then the stream until one side has enough. A client that has not taken a byte for
/// `patience` is cut off: [`io::ErrorKind::TimedOut`].
pub async fn serve(
    io: &TcpStream,
    head: Bytes,
    mut stream: AdmittedStream,
    patience: Duration,
) -> io::Result<()> {
    write(io, head, patience).await?;
    let mut chatter = 0;
    loop {
        tokio::select! {
            biased;
            event = stream.next() => match event {
                Some(event) => write(io, event.chunk(), patience).await?,
                None => return write(io, LAST_CHUNK, patience).await,
            },
            gone = listen(io, &mut chatter) => return gone,
        }
    }
}

/// One call of the system for each listener, as long as it takes what it is given.
async fn write(io: &TcpStream, mut bytes: Bytes, patience: Duration) -> io::Result<()> {
    loop {
        match io.try_write(&bytes) {
            Ok(written) if written == bytes.len() => return Ok(()),
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes.advance(written),
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

/// Returns when the client has closed its side, or talks too much.
async fn listen(io: &TcpStream, chatter: &mut usize) -> io::Result<()> {
    loop {
        io.readable().await?;
        match io.try_read(&mut [0; 128]) {
            Ok(0) => return Ok(()),
            Ok(read) => *chatter += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if *chatter > MAX_CHATTER {
            return Ok(());
        }
    }
}
