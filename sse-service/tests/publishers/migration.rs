//! `docs/migrate.md`: the service beside a backend that exists already.

use std::{fs, path::Path, process::Stdio};

use tokio::process::Command;

use super::{
    docs::blocks,
    support::{COLLECTION, Host, Redis, SECRET, Service},
};

#[tokio::test]
async fn the_commands_show_a_stream_of_a_backend_that_keeps_its_jobs_itself() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/migrate.md");
    let document = fs::read_to_string(path).unwrap();
    let [("sh", serve), ("sh", look)] = blocks(&document)[..] else {
        panic!("two commands")
    };
    let (redis, host) = (Redis::start().await, Host::start());
    let connection = host.add_connection(COLLECTION);
    let job = host.add_job(&connection, "running");

    let serve = serve
        .replace("redis://127.0.0.1:6379", &redis.url())
        .replace("https://api.example.com", &format!("{}/api", host.url()))
        .replace(
            "sse-service serve",
            concat!(env!("CARGO_BIN_EXE_sse-service"), " serve"),
        );
    let mut command = std::process::Command::new("bash");
    command
        .args(["-euc", &format!("exec env {}", serve.trim())])
        .env("THE_SECRET_OF_YOUR_BACKEND", SECRET)
        .env("CONNECT_LISTEN", "127.0.0.1:0");
    let service = Service::spawn(&mut command);

    let looking = Command::new("bash")
        .args(["-euc", look])
        .env("CONNECT_URL", service.url(""))
        .env("CONNECTION", &connection)
        .env("TOKEN", Service::token())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    super::support::eventually("somebody listens", async || {
        (redis.subscriptions(&job).await > 0).then_some(())
    })
    .await;
    // As a worker that knows nothing of all this.
    redis
        .publish(&job, r#"{"inserted": 7, "is_complete": true}"#)
        .await;
    let seen = looking.wait_with_output().await.unwrap().stdout;
    let seen = String::from_utf8(seen).unwrap();
    assert!(seen.contains(r#""type":"connected""#), "{seen}");
    assert!(seen.contains(r#""inserted":7"#), "{seen}");
}
