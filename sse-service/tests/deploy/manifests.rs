//! The manifests of `deploy/` fit the service: what they name is there, and what must be longer is.

use std::collections::BTreeSet;

use clap::CommandFactory;
use reqwest::Method;
use sse_service::config::Cli;

use super::{
    files::{file, folder, number, words},
    support::{Service, Stores},
};

/// How long a stopping service may take beyond its drain: see `clients_that_never_read_do_not_keep_the_service`.
const AFTER_DRAIN_SECONDS: u64 = 10;

fn manifests() -> Vec<String> {
    let mut paths = folder("deploy");
    paths.extend(folder("deploy/kubernetes"));
    assert!(paths.len() > 10, "{paths:?}");
    paths
}

#[test]
fn every_variable_that_a_manifest_sets_is_a_setting() {
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").unwrap();
    let mut settings: BTreeSet<String> = cli
        .get_arguments()
        .chain(serve.get_arguments())
        .filter_map(|arg| Some(arg.get_env()?.to_str()?.to_owned()))
        .collect();
    let host = file("examples/html/server.mjs");
    settings.extend(words(&host, "CONNECT_").into_iter().map(str::to_owned));
    let mut named = 0;
    for path in manifests() {
        for variable in words(&file(&path), "CONNECT_") {
            assert!(settings.contains(variable), "{variable} in {path}");
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
}

#[tokio::test]
async fn what_is_probed_and_scraped_is_answered_on_the_port_for_it() {
    let admin = super::support::free_port();
    let address = format!("127.0.0.1:{admin}");
    let service = Service::start_with(Stores::Memory, &["--admin-listen", &address]);
    let deployment = file("deploy/kubernetes/deployment.yaml");
    let paths: Vec<&str> = deployment
        .lines()
        .filter_map(|line| line.trim().rsplit_once("path: "))
        .map(|(_, path)| path)
        .collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    for path in paths {
        let answer = reqwest::get(format!("http://{address}{path}"))
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}");
        let public = service.request(Method::GET, path).send().await.unwrap();
        assert!(public.status().is_client_error(), "{path}");
    }
}

#[test]
fn kubernetes_waits_for_a_stopping_replica() {
    let deployment = file("deploy/kubernetes/deployment.yaml");
    let drain = number(
        &file("deploy/kubernetes/settings.yaml"),
        "CONNECT_DRAIN_SECONDS",
    );
    let sleep = number(&deployment, " seconds:");
    let grace = number(&deployment, "terminationGracePeriodSeconds");
    assert!(grace >= sleep + drain + AFTER_DRAIN_SECONDS);
}

#[test]
fn compose_waits_for_a_stopping_replica() {
    let compose = file("deploy/compose.yaml");
    let drain = number(&compose, "CONNECT_DRAIN_SECONDS");
    assert!(number(&compose, "stop_grace_period") >= drain + AFTER_DRAIN_SECONDS);
}

#[test]
fn systemd_waits_for_a_stopping_replica() {
    let unit = file("deploy/sse-service@.service");
    let drain = number(&unit, "CONNECT_DRAIN_SECONDS=");
    assert!(number(&unit, "TimeoutStopSec") >= drain + AFTER_DRAIN_SECONDS);
}

#[test]
fn the_autoscaler_adds_a_replica_before_one_is_full() {
    let most = number(
        &file("deploy/kubernetes/settings.yaml"),
        "CONNECT_MAX_STREAMS",
    );
    let aim = number(&file("deploy/kubernetes/autoscaler.yaml"), "averageValue");
    // When one of the two least is lost, the other has room for its streams.
    assert!(2 * aim <= most);
}

#[test]
fn every_manifest_is_applied() {
    let list = file("deploy/kubernetes/kustomization.yaml");
    for path in folder("deploy/kubernetes") {
        let name = path.rsplit('/').next().unwrap();
        let is_made_by_hand = ["kustomization.yaml", "secret.example.yaml"].contains(&name);
        assert!(
            is_made_by_hand || list.contains(&format!("- {name}\n")),
            "{path}"
        );
    }
}
