//! `sse-service demo`: everything in one process.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::support::{PATIENCE, Service, Stream, eventually};

#[tokio::test]
async fn the_demo_shows_its_page_and_live_syncs_at_once() {
    let assets = tempfile::TempDir::new().unwrap();
    std::fs::write(assets.path().join("index.js"), "export {};").unwrap();
    let demo = Service::spawn(Service::command().args([
        "demo",
        "--assets",
        assets.path().to_str().unwrap(),
    ]));

    let page = demo.request(Method::GET, "/").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval'")
            && !policy.contains("unsafe-inline")
    );
    assert!(page.text().await.unwrap().contains("<connect-widget"));
    for (path, media_type) in [
        ("/demo.js", "text/javascript"),
        ("/demo.css", "text/css"),
        ("/connect-widget/index.js", "text/javascript"),
    ] {
        let file = demo.request(Method::GET, path).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{path}");
        assert!(
            file.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with(media_type),
            "{path}"
        );
    }

    let session: Value = demo
        .request(Method::POST, "/demo/session")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token = session["session_token"].as_str().unwrap();
    let syncing = eventually("a connection is syncing", async || {
        let list: Value = demo
            .get("/connect/source-connections", token)
            .await
            .json()
            .await
            .unwrap();
        let syncing = list
            .as_array()?
            .iter()
            .find(|one| one["status"] == "syncing")?;
        Some(syncing["id"].as_str()?.to_owned())
    })
    .await;
    let stream = demo
        .get(
            &format!("/connect/source-connections/{syncing}/subscribe"),
            token,
        )
        .await;
    let mut stream = Stream::new(stream);
    let grows = async {
        let before = stream.progress().await.data["inserted"].as_u64();
        while stream.progress().await.data["inserted"].as_u64() <= before {}
    };
    tokio::time::timeout(PATIENCE, grows)
        .await
        .expect("counts grow");
}
