//! Secrets and keys that change while the service runs.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::NamedTempFile;

use super::support::{Service, Stores, token};

const OLD: &str = "the old secret, which is long enough";
const NEW: &str = "the new secret, which is long enough";

async fn accepts(service: &Service, secret: &str) -> bool {
    let token = token::sign(&token::claims("acme"), secret);
    let list = service.get("/connect/source-connections", &token).await;
    list.status() == StatusCode::OK
}

#[tokio::test]
async fn secrets_are_read_again_on_sighup_and_bad_ones_are_refused() {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), OLD).unwrap();
    let flags = ["--session-secrets-file", file.path().to_str().unwrap()];
    let service = Service::start_with(Stores::Memory, &flags);
    let (connection, _) = service.syncing().await;
    assert!(accepts(&service, OLD).await && !accepts(&service, NEW).await);
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;

    fs::write(file.path(), format!("{NEW}\r\n{OLD}\n\n")).unwrap();
    service.hang_up();
    service.logged("session secrets were read again");
    assert!(accepts(&service, OLD).await && accepts(&service, NEW).await);
    let body = json!({ "readable_collection_id": "acme" });
    let created = service.ask(Method::POST, "/connect/sessions", &body).await;
    let signed = created["session_token"].as_str().unwrap();

    fs::write(file.path(), format!("{NEW}\n")).unwrap();
    service.hang_up();
    service.logged("session secrets were read again");
    assert!(!accepts(&service, OLD).await && accepts(&service, NEW).await);
    let list = service.get("/connect/source-connections", signed).await;
    assert_eq!(
        list.status(),
        StatusCode::OK,
        "the first secret had signed it"
    );

    for bad in [&b""[..], b"\n\n", b"\xff\xfe\xfd"] {
        fs::write(file.path(), bad).unwrap();
        service.hang_up();
        let line = service.logged("session secrets stay as they were");
        assert!(!line.contains(NEW) && !line.contains(OLD), "{line}");
        assert!(accepts(&service, NEW).await);
    }
    fs::remove_file(file.path()).unwrap();
    service.hang_up();
    service.logged("session secrets stay as they were");
    assert!(accepts(&service, NEW).await);
    assert_eq!(
        service.metric("connect_streams_open").await,
        1,
        "streams go on"
    );
}

#[tokio::test]
async fn api_keys_are_read_again_on_sighup() {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), "first key\n").unwrap();
    let flags = ["--api-keys-file", file.path().to_str().unwrap()];
    let service = Service::start_with(Stores::Memory, &flags);
    let accepts = async |key: &str| {
        let request = service.request(Method::POST, "/connect/sessions");
        let request = request.header("X-API-Key", key);
        let body = json!({ "readable_collection_id": "acme" });
        let response = request.json(&body).send().await.unwrap();
        response.status() == StatusCode::OK
    };
    assert!(accepts("first key").await && !accepts("second key").await);
    fs::write(file.path(), "second key\n").unwrap();
    service.hang_up();
    service.logged("API keys were read again");
    assert!(!accepts("first key").await && accepts("second key").await);
}
