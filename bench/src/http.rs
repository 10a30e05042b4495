//! As much HTTP/1.1 as it takes to ask servers that are known, on one connection.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection to a server.
pub struct Http {
    socket: TcpStream,
    answer: Vec<u8>,
}

impl Http {
    /// Connects.
    pub async fn connect(address: &str) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            answer: Vec::new(),
        })
    }

    /// Sends a request and returns the body of its answer, which must be of success. `headers` end with a line break each.
    pub async fn ask(&mut self, line: &str, headers: &str, body: &str) -> io::Result<String> {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        self.socket.write_all(request.as_bytes()).await?;
        self.answer.clear();
        loop {
            if self.socket.read_buf(&mut self.answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = String::from_utf8_lossy(&self.answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            if body.len() < content_length(head) {
                continue;
            }
            if !head.starts_with("HTTP/1.1 2") {
                return Err(io::Error::other(format!("{line}: {text}")));
            }
            return Ok(body.to_owned());
        }
    }
}

fn content_length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse().ok());
    length.unwrap_or_default()
}
