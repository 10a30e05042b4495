//! A client without an HTTP library, which says what it likes and reads when it likes.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{PATIENCE, Service};

pub struct Socket {
    io: TcpStream,
}

impl Socket {
    pub async fn connect(service: &Service) -> Self {
        // Small, so that what is not read is soon noticed.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let url = service.url("");
        let (_, address) = url.split_once("://").unwrap();
        let io = socket.connect(address.parse().unwrap()).await.unwrap();
        io.set_nodelay(true).unwrap();
        Self { io }
    }

    /// A client that has begun a stream, and reads no further.
    pub async fn deaf(service: &Service, path: &str) -> Self {
        let mut socket = Self::connect(service).await;
        socket.get(path, "").await;
        socket.hear("connected").await;
        socket
    }

    pub async fn say(&mut self, text: &str) {
        self.io.write_all(text.as_bytes()).await.unwrap();
    }

    /// A request without a body, with a bearer token and more headers.
    pub async fn get(&mut self, path: &str, headers: &str) {
        let token = Service::token();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
        );
        self.say(&head).await;
    }

    /// Reads until this has been seen, or to the end.
    pub async fn hear(&mut self, what: &str) -> String {
        let mut heard = Vec::new();
        let all = async {
            let mut bytes = [0; 4096];
            while !String::from_utf8_lossy(&heard).contains(what) {
                match self.io.read(&mut bytes).await {
                    Ok(read) if read > 0 => heard.extend_from_slice(&bytes[..read]),
                    _ => break,
                }
            }
        };
        timeout(PATIENCE, all).await.expect("heard in time");
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Says a character again and again; returns what was answered until the service had enough.
    pub async fn dribble(mut self, character: &str) -> String {
        let mut heard = Vec::new();
        let all = async {
            let mut bytes = [0; 4096];
            loop {
                tokio::select! {
                    read = self.io.read(&mut bytes) => match read {
                        Ok(read) if read > 0 => heard.extend_from_slice(&bytes[..read]),
                        _ => break,
                    },
                    () = tokio::time::sleep(Duration::from_millis(100)) => {
                        if self.io.write_all(character.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                }
            }
        };
        timeout(PATIENCE, all).await.expect("cut off in time");
        String::from_utf8_lossy(&heard).into_owned()
    }
}
