//! A real Redis on a port of its own.

mod faults;

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface, PubsubInterface},
    prelude::Config,
    types::{CustomCommand, Expiration},
};
use tempfile::TempDir;

use super::eventually;

/// Killed when dropped.
pub struct Redis {
    port: u16,
    flags: Vec<String>,
    folder: TempDir,
    process: Option<Child>,
}

impl Redis {
    /// A port that nothing listens on yet.
    pub fn stopped() -> Self {
        Self::stopped_with(&[])
    }

    /// To be started with these settings.
    pub fn stopped_with(flags: &[&str]) -> Self {
        Self {
            port: free_port(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            folder: TempDir::new().unwrap(),
            process: None,
        }
    }

    /// Started, and answering.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(flags: &[&str]) -> Self {
        let mut redis = Self::stopped_with(flags);
        redis.run().await;
        redis
    }

    /// Starts it on its port, with what was [saved](Self::save).
    pub async fn run(&mut self) {
        let process = Command::new("redis-server")
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .args(["--dir", self.folder.path().to_str().unwrap()])
            // A replica gets what there is at once.
            .args(["--repl-diskless-sync-delay", "0"])
            .args(&self.flags)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        let address = ("127.0.0.1", self.port);
        eventually("Redis listens", || async {
            tokio::net::TcpStream::connect(address).await.ok()
        })
        .await;
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it answers to a command, as `redis-cli` shows it, which follows redirections.
    pub fn ask(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-c", "-p", &self.port.to_string()])
            .args(words)
            .output()
            .expect("redis-cli is installed");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The connections that are open, apart from the one that asks: one a line.
    pub fn connections(&self) -> Vec<String> {
        let list = self.ask(&["CLIENT", "LIST"]);
        let others = list
            .lines()
            .filter(|line| !line.contains("cmd=client|list"));
        others.map(str::to_owned).collect()
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    async fn client(&self) -> Client {
        let client = Client::new(Config::from_url(&self.url()).unwrap(), None, None, None);
        client.init().await.unwrap();
        client
    }

    /// What a worker of the seed's kind does. Returns how many subscriptions heard it.
    pub async fn publish(&self, job: &str, message: impl Into<Vec<u8>>) -> i64 {
        let message: Vec<u8> = message.into();
        self.client()
            .await
            .publish(format!("sync_job:{job}"), message.as_slice())
            .await
            .unwrap()
    }

    /// What such a worker does after it has published.
    pub async fn store_snapshot(&self, job: &str, message: &str) {
        let key = format!("sync_progress_snapshot:{job}");
        let () = self
            .client()
            .await
            .set(key, message, Some(Expiration::EX(1800)), None, false)
            .await
            .unwrap();
    }

    pub async fn snapshot(&self, job: &str) -> Option<String> {
        self.client()
            .await
            .get(format!("sync_progress_snapshot:{job}"))
            .await
            .unwrap()
    }

    /// A message on any channel.
    pub async fn say(&self, channel: &str, message: &str) {
        let () = self.client().await.publish(channel, message).await.unwrap();
    }

    /// Cuts all connections that are subscribed to anything, as a broken network would.
    pub async fn cut_subscriptions(&self) {
        let command = CustomCommand::new_static("CLIENT", None, false);
        let arguments = vec!["KILL", "TYPE", "pubsub"];
        let killed: i64 = self
            .client()
            .await
            .custom(command, arguments)
            .await
            .unwrap();
        assert!(killed > 0);
    }

    /// How many connections are subscribed to a job's channel.
    pub async fn subscriptions(&self, job: &str) -> i64 {
        let command = CustomCommand::new_static("PUBSUB", None, false);
        let arguments = vec!["NUMSUB".to_owned(), format!("sync_job:{job}")];
        let (_, count): (String, i64) = self
            .client()
            .await
            .custom(command, arguments)
            .await
            .unwrap();
        count
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nothing listens on at the moment, and that the system gives to nobody who asks for any: there is a while
/// between this and its use.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(10_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
