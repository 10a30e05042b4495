//! The publishers in `examples/` do what their READMEs say.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use super::{
    support::{API_KEY, Redis, Service, Stores},
    worker::{Language, python},
};

/// The example of a language.
fn publisher(language: Language) -> Command {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    match language {
        // Cargo builds the examples beside the binary.
        Language::Rust => {
            let binary = Path::new(env!("CARGO_BIN_EXE_sse-service"));
            Command::new(binary.with_file_name("examples").join("publisher"))
        }
        Language::Python => {
            let mut command = Command::new(python());
            command.arg(examples.join("publisher-python/main.py"));
            command
        }
        Language::Node => {
            let mut command = Command::new("node");
            command.arg(examples.join("publisher-node/main.mjs"));
            command
        }
    }
}

async fn only_job(service: &Service) -> Value {
    let token = Service::token();
    let list = service.get("/connect/source-connections", &token).await;
    let list: Value = list.json().await.unwrap();
    let id = list[0]["id"].as_str().unwrap();
    let path = format!("/connect/source-connections/{id}/jobs");
    let jobs = service.get(&path, &token).await;
    jobs.json::<Value>().await.unwrap()[0].take()
}

async fn reports_a_folder(language: Language) {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    for number in 0..45 {
        fs::write(folder.path().join(format!("inner/{number}.txt")), "").unwrap();
    }
    fs::write(folder.path().join("read.me"), "").unwrap();
    let redis = Redis::start().await;
    for by_redis in [true, false] {
        let stores = if by_redis {
            Stores::Redis(&redis)
        } else {
            Stores::Memory
        };
        let service = Service::start(stores);
        let mut command = publisher(language);
        command
            .arg(folder.path())
            .env("CONNECT_URL", service.url(""))
            .env("CONNECT_API_KEY", API_KEY);
        if by_redis {
            command.env("CONNECT_REDIS_URL", redis.url());
        }
        assert!(command.status().await.unwrap().success());
        let job = only_job(&service).await;
        assert_eq!(job["status"], "completed");
        assert_eq!(job["entities_inserted"], 46);
        assert_eq!(job["entities_encountered"], json!({ "txt": 45, "me": 1 }));
    }
}

async fn reports_its_failure(language: Language) {
    let service = Service::start(Stores::Memory);
    let mut command = publisher(language);
    command
        .arg("/no/such/folder")
        .env("CONNECT_URL", service.url(""))
        .env("CONNECT_API_KEY", API_KEY);
    assert!(!command.status().await.unwrap().success());
    let job = only_job(&service).await;
    assert_eq!(job["status"], "failed");
    let reason = job["error"].as_str().unwrap();
    assert!(reason.to_lowercase().contains("no such file"), "{reason}");
}

#[tokio::test]
async fn the_one_in_rust_reports_a_folder_to_its_end() {
    reports_a_folder(Language::Rust).await;
    reports_its_failure(Language::Rust).await;
}

#[tokio::test]
#[ignore = "needs Python packages: npx -y rust-just test-publishers"]
async fn the_one_in_python_reports_a_folder_to_its_end() {
    reports_a_folder(Language::Python).await;
    reports_its_failure(Language::Python).await;
}

#[tokio::test]
#[ignore = "needs npm packages: npx -y rust-just test-publishers"]
async fn the_one_in_node_reports_a_folder_to_its_end() {
    reports_a_folder(Language::Node).await;
    reports_its_failure(Language::Node).await;
}
