//! The worker that syncs a git repository tells what is true.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{API_KEY, Service, Stores, Stream, eventually};

/// A repository with 60 files and a commit.
fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    git(folder.path(), "init --quiet --initial-branch main");
    for number in 0..60 {
        fs::write(
            folder.path().join(format!("{number}.txt")),
            number.to_string(),
        )
        .unwrap();
    }
    git(folder.path(), "add --all");
    git(folder.path(), "commit --quiet --message first");
    folder
}

fn git(folder: &Path, words: &str) {
    let author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(author)
        .args(words.split(' '))
        .stdout(Stdio::null())
        .status()
        .expect("git is installed");
    assert!(status.success(), "git {words}");
}

/// Runs the worker to its end, and gives what a listener of its connection hears then.
async fn synced(service: &Service, repository: &Path, state: &Path) -> Value {
    // Cargo builds the examples beside the binary.
    let binary = Path::new(env!("CARGO_BIN_EXE_sse-service"));
    let status = Command::new(binary.with_file_name("examples").join("sync-worker"))
        .args([repository, state])
        .env("CONNECT_URL", service.url(""))
        .env("CONNECT_API_KEY", API_KEY)
        .status()
        .unwrap();
    assert_eq!(status.success(), repository.exists());
    let state: Value = serde_json::from_slice(&fs::read(state).unwrap()).unwrap();
    let connection = state["connection"].as_str().unwrap();
    let heard = service.subscribe(connection).await.rest().await;
    heard[1].data.clone()
}

fn counts(progress: &Value) -> [u64; 6] {
    ["inserted", "updated", "deleted", "kept", "skipped", "total"]
        .map(|member| progress[member].as_u64().unwrap())
}

#[tokio::test]
async fn each_run_tells_what_it_did() {
    let service = Service::start(Stores::Memory);
    let repository = repository();
    let folder = repository.path();
    let state = TempDir::new().unwrap().path().with_extension("json");

    let first = synced(&service, folder, &state).await;
    assert_eq!(counts(&first), [61, 0, 0, 0, 0, 61]);
    assert_eq!(first["status"], "completed");
    assert_eq!(
        first["entities_encountered"],
        json!({ "File": 60, "Commit": 1 })
    );

    fs::write(folder.join("0.txt"), "changed").unwrap();
    fs::write(folder.join("new.txt"), "new").unwrap();
    fs::remove_file(folder.join("1.txt")).unwrap();
    fs::remove_file(folder.join("2.txt")).unwrap();
    let elsewhere = "8ab686eafeb1f44702738c8b0f24f2567c36da6d";
    git(folder, "add --all");
    git(
        folder,
        &format!("update-index --add --cacheinfo 160000,{elsewhere},lib"),
    );
    git(folder, "commit --quiet --message change");
    let second = synced(&service, folder, &state).await;
    assert_eq!(counts(&second), [2, 1, 2, 58, 1, 62]);

    let third = synced(&service, folder, &state).await;
    assert_eq!(counts(&third), [0, 0, 0, 61, 1, 62]);

    let gone = folder.join("no/repository");
    let fourth = synced(&service, &gone, &state).await;
    assert_eq!(fourth["status"], "failed");
    assert_eq!(fourth["error"], "The repository cannot be read.");
    fs::remove_file(state).unwrap();
}

#[tokio::test]
async fn the_demo_syncs_a_repository_in_place_of_the_simulated_sources() {
    let repository = repository();
    let source = format!("git:{}", repository.path().display());
    let demo = Service::spawn(Service::command().args(["demo", "--source", &source]));
    let session = demo.request(reqwest::Method::POST, "/demo/session");
    let session: Value = session.send().await.unwrap().json().await.unwrap();
    let token = session["session_token"].as_str().unwrap();
    let connection = eventually("the repository has a job", async || {
        let list = demo.get("/connect/source-connections", token).await;
        let list: Value = list.json().await.unwrap();
        let connection = list.as_array()?.first()?["id"].as_str()?.to_owned();
        let jobs = format!("/connect/source-connections/{connection}/jobs");
        let jobs: Value = demo.get(&jobs, token).await.json().await.unwrap();
        jobs.as_array()?.first()?;
        Some(connection)
    })
    .await;
    let path = format!("/connect/source-connections/{connection}/subscribe");
    let heard = Stream::new(demo.get(&path, token).await).rest().await;
    let end = &heard.last().unwrap().data;
    assert_eq!(counts(end), [61, 0, 0, 0, 0, 61]);
    assert_eq!(end["status"], "completed");
}
