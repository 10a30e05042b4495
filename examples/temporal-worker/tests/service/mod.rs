//! The real service, and one who listens.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use connect_publisher::{Destination, Service as Api};
use eventsource_stream::Eventsource;
use futures_util::{StreamExt, stream::BoxStream};
use protocol::{CreateSession, RegisterConnection, RegisterJob};
use serde_json::Value;
use temporal_worker::{Sync, SyncActivities};
use uuid::Uuid;

const KEY: &str = "the key of the tests";
const COLLECTION: &str = "acme";

/// Killed when dropped.
pub struct Service {
    process: Child,
    url: String,
    api: Api,
}

impl Service {
    pub fn start() -> Self {
        let binary =
            std::env::var("SSE_SERVICE_BIN").expect("npx -y rust-just test-publishers sets it");
        let mut process = Command::new(binary)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--broker",
                "memory",
                "--directory",
                "memory",
            ])
            .args(["--drain-seconds", "0", "--api-key", KEY])
            .args(["--session-secret", "the secret of the tests is long enough"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let line = log.find(|line| line.as_ref().unwrap().contains("listening on "));
        let line = line.expect("the service says where it listens").unwrap();
        let url = line
            .split_once("listening on ")
            .unwrap()
            .1
            .trim()
            .to_owned();
        // Read on, so that it can go on writing.
        std::thread::spawn(move || log.for_each(drop));
        let api = Api::new(&url, KEY).unwrap();
        Self { process, url, api }
    }

    pub fn activities(&self) -> SyncActivities {
        SyncActivities {
            service: self.api.clone(),
            destination: Destination::http(&self.url, KEY).unwrap(),
        }
    }

    /// What a host does before it starts the workflow.
    pub async fn register(&self, folder: &Path) -> Sync {
        let connection = Uuid::new_v4();
        let registered = RegisterConnection {
            name: Some("Folder".into()),
            short_name: Some("folder".into()),
            readable_collection_id: Some(COLLECTION.into()),
            ..RegisterConnection::default()
        };
        self.api
            .register_connection(connection, &registered)
            .await
            .unwrap();
        let job = self
            .api
            .register_job(connection, &RegisterJob::default())
            .await
            .unwrap();
        Sync {
            connection,
            job,
            folder: folder.to_owned(),
        }
    }

    pub async fn listen(&self, sync: &Sync) -> Listener {
        let session = CreateSession {
            readable_collection_id: COLLECTION.into(),
            ..CreateSession::default()
        };
        let token = self
            .api
            .create_session(&session)
            .await
            .unwrap()
            .session_token;
        let url = format!(
            "{}/connect/source-connections/{}/subscribe",
            self.url, sync.connection
        );
        let response = reqwest::Client::new()
            .get(url)
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        let events = response
            .error_for_status()
            .unwrap()
            .bytes_stream()
            .eventsource();
        let messages =
            events.filter_map(async |event| serde_json::from_str(&event.ok()?.data).ok());
        Listener(messages.boxed())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One who listens to a sync, without a browser.
pub struct Listener(BoxStream<'static, Value>);

impl Listener {
    /// The last message before the stream ends.
    pub async fn end(self) -> Value {
        let all = self.0.collect::<Vec<Value>>();
        let all = tokio::time::timeout(Duration::from_mins(1), all).await;
        all.expect("the stream ends with the sync").pop().unwrap()
    }
}
