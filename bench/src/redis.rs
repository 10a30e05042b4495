//! A Redis of our own, and what workers do with it: publish.

use std::{io, process::Command};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, tcp::OwnedWriteHalf},
};

use crate::{
    patience::until_ok,
    process::{Process, free_port},
};

/// A server that keeps nothing.
pub struct Redis {
    _process: Process,
    /// Where it listens.
    pub address: String,
}

impl Redis {
    /// Starts it and waits until it answers.
    pub async fn start() -> io::Result<Self> {
        let port = free_port()?.to_string();
        let arguments = ["--port", &port, "--save", "", "--bind", "127.0.0.1"];
        let process = Process::start(Command::new("redis-server").args(arguments))?;
        let address = format!("127.0.0.1:{port}");
        until_ok("Redis", async || {
            TcpStream::connect(&address).await.map(drop)
        })
        .await?;
        Ok(Self {
            _process: process,
            address,
        })
    }
}

/// Publishes without waiting for answers.
pub struct Publisher {
    socket: OwnedWriteHalf,
    commands: Vec<u8>,
}

impl Publisher {
    /// Connects.
    pub async fn connect(address: &str) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (mut answers, socket) = socket.into_split();
        tokio::spawn(async move {
            let mut answer = vec![0; 64 * 1024];
            while answers
                .read(&mut answer)
                .await
                .is_ok_and(|length| length > 0)
            {}
        });
        Ok(Self {
            socket,
            commands: Vec::new(),
        })
    }

    /// Writes a message down, to be sent with the next [`flush`](Self::flush).
    pub fn publish(&mut self, channel: &str, message: &str) {
        let (channel_length, length) = (channel.len(), message.len());
        let command = format!(
            "*3\r\n$7\r\nPUBLISH\r\n${channel_length}\r\n{channel}\r\n${length}\r\n{message}\r\n"
        );
        self.commands.extend(command.as_bytes());
    }

    /// Sends what was written down.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.socket.write_all(&self.commands).await?;
        self.commands.clear();
        Ok(())
    }
}
