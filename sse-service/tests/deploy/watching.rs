//! Alerts, dashboard and autoscaler name metrics that the service has, and each alert has its page of the runbook.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};

use super::{
    files::{file, quoted, words},
    support::{Redis, Service, Stores},
};

const WATCHERS: [&str; 3] = [
    "deploy/alerts.yaml",
    "deploy/kubernetes/autoscaler.yaml",
    "examples/grafana-dashboard.json",
];

/// The names under which a query finds the service's metrics. Those with labels are there once they have counted.
async fn metrics() -> BTreeSet<String> {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = service.syncing().await;
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    redis.publish(&job, "no JSON").await;
    redis
        .publish(&job, r#"{"inserted": 1, "is_complete": true}"#)
        .await;
    stream.rest().await;
    let refused = service.get("/connect/source-connections", "no token").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let long = format!("/{}", "x".repeat(20_000));
    let refused = service.get(&long, "no token").await;
    assert_eq!(refused.status(), StatusCode::URI_TOO_LONG);
    let answer = service.request(Method::GET, "/metrics").send().await;
    let text = answer.unwrap().text().await.unwrap();
    let families = text.lines().filter_map(|line| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        Some(match kind {
            "counter" => format!("{name}_total"),
            "histogram" => format!("{name}_bucket"),
            _ => name.to_owned(),
        })
    });
    families.collect()
}

#[tokio::test]
async fn whoever_watches_the_service_asks_for_metrics_that_it_has() {
    let metrics = metrics().await;
    for path in WATCHERS {
        let text = file(path);
        let named = words(&text, "connect_");
        assert!(!named.is_empty(), "{path}");
        for name in named {
            assert!(metrics.contains(name), "{name} in {path}");
        }
    }
}

#[tokio::test]
async fn every_metric_is_on_the_dashboard() {
    let dashboard = file("examples/grafana-dashboard.json");
    for name in metrics().await {
        assert!(
            words(&dashboard, "connect_").contains(name.as_str()),
            "{name}"
        );
    }
}

#[test]
fn alerts_ask_for_causes_and_limits_that_there_are() {
    let sources = [
        "decode.rs",
        "broker/mod.rs",
        "auth/mod.rs",
        "limits/mod.rs",
        "stream.rs",
    ];
    let sources = sources
        .map(|path| file(&format!("sse-service/src/{path}")))
        .concat();
    let alerts = file("deploy/alerts.yaml");
    let causes = ["cause=\"", "cause=~\"", "limit=\""].map(|name| quoted(&alerts, name));
    let causes = causes.concat();
    let causes: Vec<&str> = causes.iter().flat_map(|cause| cause.split('|')).collect();
    assert!(causes.len() >= 5, "{causes:?}");
    for cause in causes {
        assert!(sources.contains(&format!("=> \"{cause}\"")), "{cause}");
    }
}

#[test]
fn every_alert_has_its_page_in_the_runbook() {
    let alerts = file("deploy/alerts.yaml");
    let alerts = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let alerts: Vec<&str> = alerts.collect();
    let book = file("docs/operate.md");
    let (_, runbook) = book.split_once("\n## Alerts\n").expect("a runbook");
    let pages = runbook.lines().filter_map(|line| line.strip_prefix("### "));
    let pages: Vec<&str> = pages.collect();
    assert_eq!(pages, alerts);
}
