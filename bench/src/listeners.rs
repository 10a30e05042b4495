//! Many clients with one stream each, and what they hear.

use std::{
    cell::{Cell, RefCell},
    io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};

use crate::{patience::until_so_or_quiet, scan::Scan};

/// Clients that wait for their stream at the same time.
const AT_ONCE: usize = 256;

/// Clients that share an address of the loopback network, which has no more ports than that for all of them.
const PER_ADDRESS: usize = 10_000;

/// How long nothing may happen before what has not happened yet is given up.
const QUIET: Duration = Duration::from_secs(3);

/// Clients whose streams are open as long as this lives.
pub struct Crowd {
    heard: Rc<Heard>,
    _clients: JoinSet<()>,
}

/// What all clients have heard.
#[derive(Default)]
pub struct Heard {
    open: Cell<u64>,
    failed: Cell<u64>,
    deliveries: Cell<u64>,
    /// From publication to arrival, in microseconds.
    lags: RefCell<Vec<u64>>,
}

impl Crowd {
    /// Opens a stream for each request; returns when all are open, or failed.
    pub async fn open(address: SocketAddr, requests: &[String]) -> Self {
        let heard = Rc::new(Heard::default());
        let turns = Rc::new(Semaphore::new(AT_ONCE));
        let mut clients = JoinSet::new();
        for (at, request) in requests.iter().enumerate() {
            let (heard, turns, request) = (heard.clone(), turns.clone(), request.clone());
            clients.spawn_local(async move {
                let opened = {
                    let _turn = turns.acquire().await;
                    open(address, at, &request).await
                };
                // Counted as failed whenever it ends: no stream ends while it is measured.
                if let Ok(socket) = opened {
                    count(&heard.open);
                    let _ = listen(&socket, &heard).await;
                }
                count(&heard.failed);
            });
        }
        let all = requests.len() as u64;
        until_so_or_quiet(QUIET, || {
            let (open, failed) = (heard.open.get(), heard.failed.get());
            (open + failed >= all, open + failed)
        })
        .await;
        Self {
            heard,
            _clients: clients,
        }
    }

    /// Waits until so many messages were delivered, or no more come. How many were.
    pub async fn hear(&self, expected: u64) -> u64 {
        let deliveries = &self.heard.deliveries;
        until_so_or_quiet(QUIET, || (deliveries.get() >= expected, deliveries.get())).await;
        deliveries.get()
    }

    /// Streams that could not be opened, or have ended.
    pub fn failed(&self) -> u64 {
        self.heard.failed.get()
    }

    /// From publication to arrival, in microseconds: the middle, and what one in a hundred exceeds.
    pub fn lags(&self) -> (u64, u64) {
        let mut lags = self.heard.lags.borrow_mut();
        lags.sort_unstable();
        let at = |part: usize| {
            lags.get(lags.len() * part / 100)
                .copied()
                .unwrap_or_default()
        };
        (at(50), at(99))
    }
}

fn count(number: &Cell<u64>) {
    number.set(number.get() + 1);
}

/// Microseconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}

/// Returns when the head of the response is there. What comes with it, before anything is published, is not looked at.
async fn open(address: SocketAddr, at: usize, request: &str) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(1 + at / PER_ADDRESS).map_err(io::Error::other)?;
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into())?;
    let mut socket = socket.connect(address).await?;
    socket.write_all(request.as_bytes()).await?;
    let mut head = [0; 1024];
    let length = loop {
        socket.readable().await?;
        match socket.try_read(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => break read?,
        }
    };
    if head[..length].starts_with(b"HTTP/1.1 200") {
        Ok(socket)
    } else {
        Err(io::Error::other("refused"))
    }
}

async fn listen(socket: &TcpStream, heard: &Heard) -> io::Result<()> {
    let mut scan = Scan::default();
    loop {
        socket.readable().await?;
        let mut bytes = [0; 4096];
        match socket.try_read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => scan.read(&bytes[..length], |published| {
                count(&heard.deliveries);
                heard
                    .lags
                    .borrow_mut()
                    .push(now().saturating_sub(published));
            }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
