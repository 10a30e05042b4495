//! The examples that come with the service do what their README says.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use super::support::{API_KEY, Service, Stores};

/// Cargo builds the examples beside the binary.
fn publisher(service: &Service, folder: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_sse-service"));
    let mut command = Command::new(binary.with_file_name("examples").join("publisher"));
    command
        .arg(folder)
        .env("CONNECT_URL", service.url(""))
        .env("CONNECT_API_KEY", API_KEY);
    command
}

async fn only_job(service: &Service) -> Value {
    let list: Value = service
        .get("/connect/source-connections", &Service::token())
        .await
        .json()
        .await
        .unwrap();
    let id = list[0]["id"].as_str().unwrap();
    let path = format!("/connect/source-connections/{id}/jobs");
    service
        .get(&path, &Service::token())
        .await
        .json::<Value>()
        .await
        .unwrap()[0]
        .take()
}

#[tokio::test]
async fn the_http_publisher_reports_a_folder_to_its_end() {
    let folder = tempfile::TempDir::new().unwrap();
    for number in 0..45 {
        fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
    }
    fs::write(folder.path().join("read.me"), "").unwrap();
    let service = Service::start(Stores::Memory);
    assert!(
        publisher(&service, folder.path())
            .status()
            .unwrap()
            .success()
    );
    let job = only_job(&service).await;
    assert_eq!(
        (&job["status"], &job["entities_inserted"]),
        (&json!("completed"), &json!(46))
    );
    assert_eq!(job["entities_encountered"]["txt"], 45);
}

#[tokio::test]
async fn the_http_publisher_reports_its_failure_too() {
    let service = Service::start(Stores::Memory);
    assert!(
        !publisher(&service, Path::new("/no/such/folder"))
            .status()
            .unwrap()
            .success()
    );
    let job = only_job(&service).await;
    assert_eq!(job["status"], "failed");
    assert!(job["error"].as_str().unwrap().contains("No such file"));
}
