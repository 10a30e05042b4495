//! Publishes the progress of a sync over HTTP: what a worker does that has no Redis at hand.
//!
//! The "source" is a folder; every file is an entity, its type is the file's extension.

use std::{env, error::Error, fs, path::Path, time::Duration};

use protocol::{
    JobStatus, Progress, PublishReceipt, RegisterConnection, RegisterJob, SourceConnectionJob,
};
use reqwest::{Client, Method};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Progress is published after so many entities: often enough to look alive, seldom enough not to be in the way.
const BATCH: usize = 20;

struct Service {
    client: Client,
    url: String,
    api_key: String,
}

impl Service {
    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Box<dyn Error>> {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let response = request
            .header("X-API-Key", &self.api_key)
            .json(body)
            .send()
            .await?;
        Ok(response.error_for_status()?.json().await?)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args()
        .nth(1)
        .ok_or("usage: publisher FOLDER [COLLECTION]")?;
    let collection = env::args().nth(2).unwrap_or_else(|| "acme".into());
    let service = Service {
        client: Client::builder().timeout(Duration::from_secs(10)).build()?,
        url: env::var("CONNECT_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".into()),
        api_key: env::var("CONNECT_API_KEY").map_err(|_| "set CONNECT_API_KEY")?,
    };

    let connection = Uuid::new_v4();
    let registered = RegisterConnection {
        name: Some(format!("Folder {folder}")),
        short_name: Some("folder".into()),
        readable_collection_id: Some(collection),
        ..RegisterConnection::default()
    };
    let path = format!("/connect/source-connections/{connection}");
    service
        .send::<serde_json::Value>(Method::PUT, &path, &registered)
        .await?;
    let job: SourceConnectionJob = service
        .send(
            Method::POST,
            &format!("{path}/jobs"),
            &RegisterJob::default(),
        )
        .await?;
    println!("connection {connection}, job {}", job.id);

    let (progress, result) = sync(&service, &job.id, Path::new(&folder)).await;
    // The last message says how it ended, also when it did not end well: without it the page would wait for ever.
    let last = Progress {
        status: Some(if result.is_ok() {
            JobStatus::Completed
        } else {
            JobStatus::Failed
        }),
        error: result.as_ref().err().map(ToString::to_string),
        seq: progress.seq.map(|seq| seq + 1),
        ..progress
    };
    publish(&service, &job.id, &last).await?;
    println!(
        "{} entities, {}",
        last.synced(),
        last.status.unwrap_or_default().as_str()
    );
    result
}

/// Goes through the folder; gives what was counted, also when it fails half-way.
async fn sync(
    service: &Service,
    job: &str,
    folder: &Path,
) -> (Progress, Result<(), Box<dyn Error>>) {
    let mut progress = Progress {
        seq: Some(0),
        ..Progress::default()
    };
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => return (progress, Err(error.into())),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            count(&mut progress, &path);
            if progress.inserted.is_multiple_of(BATCH as u64)
                && let Err(error) = publish(service, job, &progress).await
            {
                return (progress, Err(error));
            }
        }
    }
    (progress, Ok(()))
}

fn count(progress: &mut Progress, file: &Path) {
    let kind = file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("file");
    let known = progress
        .entities_encountered
        .iter()
        .find(|(name, _)| *name == kind)
        .map_or(0, |(_, count)| count);
    progress.entities_encountered.set(kind, known + 1);
    progress.inserted += 1;
    progress.seq = progress.seq.map(|seq| seq + 1);
}

async fn publish(
    service: &Service,
    job: &str,
    progress: &Progress,
) -> Result<PublishReceipt, Box<dyn Error>> {
    service
        .send(
            Method::POST,
            &format!("/connect/jobs/{job}/progress"),
            progress,
        )
        .await
}
