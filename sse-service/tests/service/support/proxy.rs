//! A network between two, which can fail.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    Well,
    /// Connections are cut; the number tells one cut from the next.
    Cut(u64),
    /// No connection can be made, and those there were are cut.
    Down,
    /// Nothing arrives, and nobody is told.
    Silent,
}

/// Passes on what it is sent. Stopped when dropped.
pub struct Proxy {
    address: String,
    network: Arc<watch::Sender<Network>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// In front of the server at `behind`, host and port.
    pub async fn start(behind: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let network = Arc::new(watch::Sender::new(Network::Well));
        let behind = behind.to_owned();
        let watched = network.clone();
        let task = tokio::spawn(async move {
            while let Ok((front, _)) = listener.accept().await {
                let network = watched.subscribe();
                if *network.borrow() != Network::Down {
                    tokio::spawn(connection(front, behind.clone(), network));
                }
            }
        });
        Self {
            address,
            network,
            task,
        }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Cuts all connections; new ones can be made at once.
    pub fn cut(&self) {
        self.network.send_modify(|network| {
            *network = match *network {
                Network::Cut(cuts) => Network::Cut(cuts + 1),
                _ => Network::Cut(1),
            };
        });
    }

    pub fn go_down(&self) {
        self.network.send_replace(Network::Down);
    }

    pub fn fall_silent(&self) {
        self.network.send_replace(Network::Silent);
    }

    pub fn recover(&self) {
        self.network.send_replace(Network::Well);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.go_down();
    }
}

async fn connection(front: TcpStream, behind: String, mut network: watch::Receiver<Network>) {
    let Ok(back) = TcpStream::connect(behind).await else {
        return;
    };
    let (there, here) = (network.clone(), network.clone());
    let (read_front, write_front) = front.into_split();
    let (read_back, write_back) = back.into_split();
    let cut = async {
        while network.changed().await.is_ok() {
            if matches!(
                *network.borrow_and_update(),
                Network::Cut(_) | Network::Down
            ) {
                return;
            }
        }
    };
    tokio::select! {
        () = cut => {}
        () = pass_on(read_front, write_back, there) => {}
        () = pass_on(read_back, write_front, here) => {}
    }
}

/// Until one end is closed. In silence, what is sent waits.
async fn pass_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let passes = |network: &Network| *network != Network::Silent;
        if network.wait_for(passes).await.is_err() || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
