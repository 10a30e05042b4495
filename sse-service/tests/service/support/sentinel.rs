//! A real Sentinel.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::{Redis, eventually, free_port};

/// Watches a primary, under the name `main`. Killed when dropped.
pub struct Sentinel {
    process: Child,
    _folder: TempDir,
}

impl Sentinel {
    /// Watches the primary at a port. The settings must say where it listens itself.
    pub fn start(primary: u16, settings: &[String]) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("sentinel.conf");
        let mut text = format!(
            "bind 127.0.0.1\ndir {}\nsentinel monitor main 127.0.0.1 {primary} 1\n",
            folder.path().to_str().unwrap()
        );
        for setting in settings {
            text.push_str(setting);
            text.push('\n');
        }
        fs::write(&file, text).unwrap();
        let process = Command::new("redis-server")
            .arg(&file)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            process,
            _folder: folder,
        }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A primary and its replica, with a Sentinel that notices a death soon.
pub struct Watched {
    pub primary: Redis,
    pub replica: Redis,
    port: u16,
    _sentinel: Sentinel,
}

impl Watched {
    pub async fn start() -> Self {
        let primary = Redis::start().await;
        let primary_port = primary.port().to_string();
        let replica = Redis::start_with(&["--replicaof", "127.0.0.1", &primary_port]).await;
        eventually("the replica follows", async || {
            let info = replica.ask(&["INFO", "replication"]);
            info.contains("master_link_status:up").then_some(())
        })
        .await;
        let port = free_port();
        let settings = [
            format!("port {port}"),
            "sentinel down-after-milliseconds main 500".into(),
            "sentinel failover-timeout main 2000".into(),
        ];
        let sentinel = Sentinel::start(primary.port(), &settings);
        let watched = Self {
            primary,
            replica,
            port,
            _sentinel: sentinel,
        };
        let replica = watched.replica.port().to_string();
        eventually("the replica is known", async || {
            watched.replicas().contains(&replica).then_some(())
        })
        .await;
        watched
    }

    /// What Sentinel knows of replicas.
    fn replicas(&self) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(["SENTINEL", "REPLICAS", "main"])
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
