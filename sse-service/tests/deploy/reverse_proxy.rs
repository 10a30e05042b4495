//! A real reverse proxy with the configuration of `deploy/`, before services of the tests.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Client, Response, StatusCode};
use tempfile::TempDir;

use super::support::{Identity, Service, Stream, eventually, free_port};

/// One of those that `deploy/` has a configuration for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    HaProxy,
    Caddy,
}

impl Kind {
    /// The file as it is.
    pub fn configuration(self) -> &'static str {
        match self {
            Self::Nginx => include_str!("../../../deploy/nginx.conf"),
            Self::HaProxy => include_str!("../../../deploy/haproxy.cfg"),
            Self::Caddy => include_str!("../../../deploy/Caddyfile"),
        }
    }

    /// The program, in the foreground.
    fn command(self, configuration: &str, folder: &str) -> Command {
        let (program, flags) = match self {
            Self::Nginx => (
                "nginx",
                vec![
                    "-p",
                    folder,
                    "-e",
                    "stderr",
                    "-c",
                    configuration,
                    "-g",
                    "daemon off;",
                ],
            ),
            Self::HaProxy => ("haproxy", vec!["-db", "-f", configuration]),
            Self::Caddy => (
                "caddy",
                vec!["run", "--adapter", "caddyfile", "--config", configuration],
            ),
        };
        let mut command = Command::new(program);
        // Debian keeps servers where only root looks for programs.
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
        command.args(flags).env("PATH", path).env("HOME", folder);
        command
    }
}

/// Stopped when dropped.
pub struct ReverseProxy {
    kind: Kind,
    process: Child,
    port: u16,
    identity: Identity,
    _folder: TempDir,
}

impl ReverseProxy {
    /// Before two services, with its file as it is but for names, ports, and what is `changed`.
    pub async fn start(kind: Kind, services: [&Service; 2], changed: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_str().unwrap();
        let identity = Identity::new();
        let (chain, key) = (identity.path("chain.pem"), identity.path("key.pem"));
        let both = identity.path("both.pem");
        fs::write(
            &both,
            fs::read_to_string(&chain).unwrap() + &fs::read_to_string(&key).unwrap(),
        )
        .unwrap();
        let port = free_port();
        // Nothing listens there: the tests have no host.
        let host = format!("127.0.0.1:{}", free_port());
        let listen = if kind == Kind::Nginx {
            (" 443 ", format!(" {port} "))
        } else {
            (":443", format!(":{port}"))
        };
        // A test may not be allowed what nginx and HAProxy want for many streams.
        let temporary = format!(
            "\nhttp {{\nclient_body_temp_path {path}/body; proxy_temp_path {path}/proxy; fastcgi_temp_path {path}/fastcgi; uwsgi_temp_path {path}/uwsgi; scgi_temp_path {path}/scgi;"
        );
        let pid = format!("pid {path}/nginx.pid;\nworker_processes auto;");
        let mut text = kind.configuration().to_owned();
        let fixed = [
            (listen.0, listen.1.as_str()),
            ("/etc/connect/tls/chain.pem", &chain),
            ("/etc/connect/tls/key.pem", &key),
            ("/etc/connect/tls/both.pem", &both),
            ("service-1:8080", services[0].address()),
            ("service-2:8080", services[1].address()),
            ("host:3000", &host),
            ("maxconn 40000", "maxconn 1000"),
            ("worker_rlimit_nofile 100000;", ""),
            ("worker_connections 50000", "worker_connections 1000"),
            ("worker_processes auto;", &pid),
            ("\nhttp {", &temporary),
        ];
        for (from, to) in changed.iter().chain(&fixed) {
            text = text.replace(from, to);
        }
        let configuration = folder.path().join("configuration");
        fs::write(&configuration, text).unwrap();
        let process = kind
            .command(configuration.to_str().unwrap(), path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("nginx, haproxy and caddy are installed");
        eventually("the proxy listens", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .ok()
        })
        .await;
        Self {
            kind,
            process,
            port,
            identity,
            _folder: folder,
        }
    }

    /// A browser, which keeps connections of its own.
    pub fn browser(&self) -> Client {
        self.identity.client()
    }

    /// A browser at an address of its own.
    pub fn browser_at(&self, address: [u8; 4]) -> Client {
        let from = std::net::IpAddr::from(address);
        self.identity
            .trusting()
            .local_address(from)
            .build()
            .unwrap()
    }

    /// Host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// Asks for a stream.
    pub async fn ask(
        &self,
        browser: &Client,
        connection: &str,
        headers: &[(&str, &str)],
    ) -> Response {
        let path = format!("/connect/source-connections/{connection}/subscribe");
        let mut request = browser.get(self.url(&path)).bearer_auth(Service::token());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// A stream that is open.
    pub async fn stream(&self, browser: &Client, connection: &str) -> Stream {
        let response = self.ask(browser, connection, &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut stream = Stream::new(response);
        stream.connected().await;
        stream
    }
}

impl Drop for ReverseProxy {
    fn drop(&mut self) {
        // nginx has processes of its own to end, and ends at once; others would wait for streams.
        if self.kind == Kind::Nginx {
            let pid = i32::try_from(self.process.id()).unwrap();
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        } else {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
