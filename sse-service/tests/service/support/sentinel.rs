//! A primary and a replica, with a real Sentinel that watches them.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::{Redis, eventually, free_port};

/// Killed when dropped.
pub struct Sentinel {
    pub primary: Redis,
    pub replica: Redis,
    port: u16,
    process: Child,
    _folder: TempDir,
}

impl Sentinel {
    pub async fn start() -> Self {
        let primary = Redis::start().await;
        let port = primary.port().to_string();
        let replica = Redis::start_with(&["--replicaof", "127.0.0.1", &port]).await;
        eventually("the replica follows", async || {
            let info = replica.ask(&["INFO", "replication"]);
            info.contains("master_link_status:up").then_some(())
        })
        .await;
        let folder = TempDir::new().unwrap();
        let settings = folder.path().join("sentinel.conf");
        let own_port = free_port();
        let text = format!(
            "port {own_port}\nbind 127.0.0.1\ndir {}\n\
             sentinel monitor main 127.0.0.1 {port} 1\n\
             sentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 2000\n",
            folder.path().to_str().unwrap()
        );
        fs::write(&settings, text).unwrap();
        let process = Command::new("redis-server")
            .arg(&settings)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let sentinel = Self {
            primary,
            replica,
            port: own_port,
            process,
            _folder: folder,
        };
        eventually("the replica is known", async || {
            let master = sentinel.ask(&["SENTINEL", "REPLICAS", "main"]);
            let port = sentinel.replica.port().to_string();
            master.contains(&port).then_some(())
        })
        .await;
        sentinel
    }

    fn ask(&self, words: &[&str]) -> String {
        let port = self.port.to_string();
        let output = Command::new("redis-cli")
            .args(["-p", &port])
            .args(words)
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    pub fn url(&self) -> String {
        format!(
            "redis-sentinel://127.0.0.1:{}?sentinelServiceName=main",
            self.port
        )
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
