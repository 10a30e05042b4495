//! The ceiling: from Redis to sockets and nothing else. No HTTP library, no checks, no limits, no end of anything.
//!
//! `bare ADDRESS REDIS_ADDRESS`. The channel is what stands in the path of the request, after its first slash.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    error::Error,
    io,
    rc::Rc,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::LocalSet,
};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// Clients that may wait to be let in.
const BACKLOG: u32 = 4096;

type Sockets = Rc<RefCell<HashMap<Vec<u8>, Vec<TcpStream>>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().ok_or("bare ADDRESS REDIS_ADDRESS");
    let socket = TcpSocket::new_v4()?;
    socket.bind(argument()?.parse()?)?;
    let listener = socket.listen(BACKLOG)?;
    let redis = TcpStream::connect(argument()?).await?;
    redis.set_nodelay(true)?;
    let (from_redis, to_redis) = redis.into_split();
    let sockets = Sockets::default();
    let (channels, wanted) = mpsc::unbounded_channel();
    let local = LocalSet::new();
    local.spawn_local(subscribe(to_redis, wanted));
    local.spawn_local(fan_out(from_redis, sockets.clone()));
    let accept = async {
        loop {
            let (socket, _) = listener.accept().await?;
            let (sockets, channels) = (sockets.clone(), channels.clone());
            tokio::task::spawn_local(async move {
                // Who says nothing that can be understood is forgotten.
                let _ = enter(socket, &sockets, &channels).await;
            });
        }
    };
    local.run_until(accept).await
}

/// Reads which channel a client wants, and keeps its socket there.
async fn enter(
    mut socket: TcpStream,
    sockets: &Sockets,
    channels: &mpsc::UnboundedSender<Vec<u8>>,
) -> io::Result<()> {
    let mut request = [0; 1024];
    let length = socket.read(&mut request).await?;
    let path = request[..length].split(|&byte| byte == b' ').nth(1);
    let channel = path.and_then(|path| path.get(1..)).unwrap_or_default();
    socket.set_nodelay(true)?;
    socket.write_all(HEAD).await?;
    match sockets.borrow_mut().entry(channel.to_vec()) {
        Entry::Occupied(mut known) => known.get_mut().push(socket),
        Entry::Vacant(new) => {
            // The other end stays as long as the program.
            let _ = channels.send(channel.to_vec());
            new.insert(vec![socket]);
        }
    }
    Ok(())
}

async fn subscribe(
    mut redis: OwnedWriteHalf,
    mut wanted: mpsc::UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    while let Some(channel) = wanted.recv().await {
        let mut command = format!("*2\r\n$9\r\nSUBSCRIBE\r\n${}\r\n", channel.len()).into_bytes();
        command.extend(channel);
        command.extend(b"\r\n");
        redis.write_all(&command).await?;
    }
    Ok(())
}

/// Writes each message to all sockets of its channel: encoded once, one call of the system a socket.
async fn fan_out(mut redis: OwnedReadHalf, sockets: Sockets) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut event = Vec::new();
    while redis.read_buf(&mut buffer).await? > 0 {
        let mut taken = 0;
        while let Some((push, length)) = push(&buffer[taken..]) {
            taken += length;
            if let [b"message", channel, message] = push
                && let Some(sockets) = sockets.borrow_mut().get_mut(channel)
            {
                event.clear();
                for part in [b"data: ", message, b"\n\n"] {
                    event.extend_from_slice(part);
                }
                sockets.retain(|socket| socket.try_write(&event).is_ok());
            }
        }
        buffer.drain(..taken);
    }
    Ok(())
}

/// The first of Redis' pushes, each an array of three, and its length. `None` as long as it is not whole.
fn push(bytes: &[u8]) -> Option<([&[u8]; 3], usize)> {
    let (_, mut at) = line(bytes, 0)?;
    let mut parts: [&[u8]; 3] = [b""; 3];
    for part in &mut parts {
        let (head, after) = line(bytes, at)?;
        at = after;
        // A number stands for itself: how many subscriptions there are.
        if let Some(length) = head.strip_prefix(b"$") {
            let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
            *part = bytes.get(at..at + length)?;
            at += length + 2;
        }
    }
    (at <= bytes.len()).then_some((parts, at))
}

/// The line that begins at `at`, and where the next one does.
fn line(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let length = bytes.get(at..)?.windows(2).position(|two| two == b"\r\n")?;
    Some((&bytes[at..at + length], at + length + 2))
}
