//! The real binary, on a port of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
};

use nix::{sys::signal::Signal, unistd::Pid};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PATIENCE, Redis, Stream, Usage, token};

pub const SECRET: &str = "the secret of the tests is long enough";
pub const API_KEY: &str = "the key of the tests";
pub const COLLECTION: &str = "acme";

/// Where a service keeps things.
#[derive(Clone, Copy)]
pub enum Stores<'a> {
    Memory,
    Redis(&'a Redis),
    /// In the Redis at an address.
    At(&'a str),
}

/// Killed when dropped.
pub struct Service {
    process: Child,
    url: String,
    client: Client,
    log: mpsc::Receiver<String>,
}

impl Service {
    pub fn start(stores: Stores<'_>) -> Self {
        Self::start_with(stores, &[])
    }

    pub fn start_with(stores: Stores<'_>, flags: &[&str]) -> Self {
        let mut command = Self::command();
        command.args(["serve", "--session-secret", SECRET, "--api-key", API_KEY]);
        match stores {
            Stores::Memory if flags.contains(&"--directory") => {
                command.args(["--broker", "memory"])
            }
            Stores::Memory => command.args(["--broker", "memory", "--directory", "memory"]),
            Stores::Redis(redis) => command.args(["--redis-url", &redis.url()]),
            Stores::At(url) => command.args(["--redis-url", url]),
        };
        command
            .env("CONNECT_DRAIN_SECONDS", "0")
            .env("CONNECT_WORKERS", "2")
            // All tests come from one address, most with one session.
            .env("CONNECT_MAX_STREAMS_PER_SESSION", "0")
            .env("CONNECT_MAX_STREAMS_PER_ADDRESS", "0")
            .env("CONNECT_PUBLISH_RATE", "0");
        Self::spawn(command.args(flags))
    }

    /// The binary, on a free port, without settings from outside.
    pub fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sse-service"));
        command
            .env_clear()
            .env("CONNECT_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null());
        command
    }

    pub fn spawn(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                eprintln!("{line}");
                let _ = sender.send(line);
            }
        });
        let url = loop {
            let line = log
                .recv_timeout(PATIENCE)
                .expect("the service says where it listens");
            if let Some((_, url)) = line.split_once("listening on ") {
                break url.split('"').next().unwrap_or(url).trim().to_owned();
            }
        };
        Self {
            process,
            url,
            client: Client::new(),
            log,
        }
    }

    /// Asks it with another client, by the name that is in its certificate.
    pub fn asked_by(mut self, client: Client) -> Self {
        self.client = client;
        self.url = self.url.replace("127.0.0.1", "localhost");
        self
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    /// What it uses up now.
    pub fn usage(&self) -> Usage {
        Usage::of(self.process.id())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// As a browser with a token.
    pub async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path)
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
    }

    /// As the host's server.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        self.request(method, path)
            .header("X-API-Key", API_KEY)
            .json(body)
            .send()
            .await
            .unwrap()
    }

    /// As the host's server, with an answer that is as it should be.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Value {
        let response = self.send(method, path, body).await;
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.text().await.unwrap()
        );
        response.json().await.unwrap()
    }

    pub async fn register_connection(&self, collection: &str) -> String {
        let id = Uuid::new_v4().to_string();
        let body =
            json!({ "name": "Chat", "short_name": "slack", "readable_collection_id": collection });
        self.ask(
            Method::PUT,
            &format!("/connect/source-connections/{id}"),
            &body,
        )
        .await;
        id
    }

    pub async fn register_job(&self, connection: &str) -> String {
        let path = format!("/connect/source-connections/{connection}/jobs");
        let job = self
            .ask(Method::POST, &path, &json!({ "status": "running" }))
            .await;
        job["id"].as_str().unwrap().to_owned()
    }

    /// A connection of [`COLLECTION`] with a running job.
    pub async fn syncing(&self) -> (String, String) {
        let connection = self.register_connection(COLLECTION).await;
        let job = self.register_job(&connection).await;
        (connection, job)
    }

    pub async fn publish(&self, job: &str, progress: &Value) -> Value {
        self.ask(
            Method::POST,
            &format!("/connect/jobs/{job}/progress"),
            progress,
        )
        .await
    }

    /// A token for [`COLLECTION`], made by somebody else.
    pub fn token() -> String {
        token::sign(&token::claims(COLLECTION), SECRET)
    }

    pub async fn subscribe(&self, connection: &str) -> Stream {
        self.subscribe_after(connection, None).await
    }

    pub async fn subscribe_after(&self, connection: &str, last_event_id: Option<&str>) -> Stream {
        let response = self.try_subscribe(connection, last_event_id).await;
        assert_eq!(response.status(), StatusCode::OK);
        Stream::new(response)
    }

    pub async fn try_subscribe(&self, connection: &str, last_event_id: Option<&str>) -> Response {
        let path = format!("/connect/source-connections/{connection}/subscribe");
        let mut request = self.request(Method::GET, &path).bearer_auth(Self::token());
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        request.send().await.unwrap()
    }

    /// The stream at a path with its query.
    pub async fn stream(&self, path: &str) -> Stream {
        let response = self.get(path, &Self::token()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        Stream::new(response)
    }

    /// The value of a metric, 0 when it is not there yet.
    pub async fn metric(&self, name: &str) -> u64 {
        let response = self.request(Method::GET, "/metrics").send().await.unwrap();
        let text = response.text().await.unwrap();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or(0)
    }

    /// Waits for a line of the log.
    pub fn logged(&self, what: &str) -> String {
        loop {
            let line = self
                .log
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("never logged: {what}"));
            if line.contains(what) {
                return line;
            }
        }
    }

    /// All that is logged from here on, to the end of the process.
    pub fn whole_log(&self) -> String {
        self.log.iter().map(|line| line + "\n").collect()
    }

    pub fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Asks the service to read its files again.
    pub fn hang_up(&self) {
        self.signal(Signal::SIGHUP);
    }

    /// Stops the process where it is, until [`resume`](Self::resume).
    pub fn pause(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub fn resume(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    pub fn wait(mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
