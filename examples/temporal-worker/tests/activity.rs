//! The activity as Temporal runs it, before a real listener of the real service.

mod service;

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tempfile::TempDir;
use temporal_worker::{Checkpoint, PAGE, Sync, SyncActivities};
use temporalio_sdk::testing::ActivityEnvironment;

use self::service::Service;

/// Two and a half pages.
const FILES: usize = PAGE * 5 / 2;

fn source() -> TempDir {
    let folder = TempDir::new().unwrap();
    for number in 0..FILES {
        fs::write(folder.path().join(format!("{number:03}")), "").unwrap();
    }
    folder
}

/// An attempt at a sync, and its last heartbeat.
struct Attempt {
    environment: ActivityEnvironment,
    heartbeat: Arc<Mutex<Option<Checkpoint>>>,
}

impl Attempt {
    fn new(service: &Service, before: Option<Checkpoint>) -> Self {
        let heartbeat = Arc::new(Mutex::new(None));
        let recorded = heartbeat.clone();
        let mut builder = ActivityEnvironment::builder_with_default()
            .register_activities(service.activities())
            .on_heartbeat(move |details| {
                *recorded.lock().unwrap() = details.downcast::<Checkpoint>().ok().map(|it| *it);
            });
        if let Some(checkpoint) = before {
            builder = builder.heartbeat_details(checkpoint).unwrap();
        }
        Self {
            environment: builder.build(),
            heartbeat,
        }
    }

    async fn sync(&self, sync: &Sync) -> Result<(), String> {
        let result = self
            .environment
            .run(SyncActivities::sync, sync.clone())
            .await;
        result.map_err(|error| error.to_string())
    }
}

fn breaks_on(folder: &Path, name: usize) {
    let path = folder.join(format!("{name:03}"));
    fs::remove_file(&path).unwrap();
    // Cannot be read as a file.
    fs::create_dir(path).unwrap();
}

#[tokio::test]
async fn a_sync_is_seen_from_its_first_page_to_its_end() {
    let (service, folder) = (Service::start(), source());
    let sync = service.register(folder.path()).await;
    let listener = service.listen(&sync).await;
    Attempt::new(&service, None).sync(&sync).await.unwrap();
    let end = listener.end().await;
    assert_eq!(end["status"], "completed");
    assert_eq!(end["inserted"], FILES);
    assert_eq!(end["entities_encountered"], json!({ "File": FILES }));
}

#[tokio::test]
async fn a_retry_counts_nothing_twice_and_no_end_is_told_before_it() {
    let (service, folder) = (Service::start(), source());
    let sync = service.register(folder.path()).await;
    let listener = service.listen(&sync).await;
    // In the midst of the second page.
    breaks_on(folder.path(), PAGE + 5);
    let first = Attempt::new(&service, None);
    first.sync(&sync).await.unwrap_err();
    let checkpoint = first.heartbeat.lock().unwrap().take();
    assert!(checkpoint.is_some(), "a page was done");

    let path = folder.path().join(format!("{:03}", PAGE + 5));
    fs::remove_dir(&path).unwrap();
    fs::write(path, "").unwrap();
    Attempt::new(&service, checkpoint)
        .sync(&sync)
        .await
        .unwrap();
    let end = listener.end().await;
    assert_eq!(end["status"], "completed", "the first end that is heard");
    assert_eq!(end["inserted"], FILES);
}

#[tokio::test]
async fn a_cancelled_sync_is_told_as_cancelled() {
    let (service, folder) = (Service::start(), source());
    let sync = service.register(folder.path()).await;
    let listener = service.listen(&sync).await;
    let attempt = Attempt::new(&service, None);
    attempt.environment.cancel();
    attempt.sync(&sync).await.unwrap_err();
    assert_eq!(listener.end().await["status"], "cancelled");
}

#[tokio::test]
async fn a_sync_whose_attempts_are_used_up_is_told_as_failed_with_its_counts() {
    let (service, folder) = (Service::start(), source());
    let sync = service.register(folder.path()).await;
    let listener = service.listen(&sync).await;
    breaks_on(folder.path(), PAGE + 5);
    let attempt = Attempt::new(&service, None);
    attempt.sync(&sync).await.unwrap_err();
    let told = attempt
        .environment
        .run(SyncActivities::tell_failed, sync.clone());
    told.await.unwrap();
    let end = listener.end().await;
    assert_eq!(end["status"], "failed");
    assert_eq!(end["inserted"], PAGE + 5);
}
