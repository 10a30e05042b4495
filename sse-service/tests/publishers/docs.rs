//! What `docs/publish.md` and the READMEs of the publishers show is what the tests run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use uuid::Uuid;

use super::support::{API_KEY, COLLECTION, Redis, Service, Stores};

const SOURCES: [&str; 7] = [
    "publisher-rust/main.rs",
    "publisher-python/main.py",
    "publisher-python/connect_publisher.py",
    "publisher-node/main.mjs",
    "publisher-node/connect-publisher.mjs",
    "sync-worker/src/sync.rs",
    "temporal-worker/src/activities.rs",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn publish_md() -> String {
    fs::read_to_string(repository().join("docs/publish.md")).unwrap()
}

/// The blocks of code in a document, with their languages.
pub fn blocks(document: &str) -> Vec<(&str, &str)> {
    let inside = document.split("```").skip(1).step_by(2);
    inside.filter_map(|block| block.split_once('\n')).collect()
}

fn unindented(code: &str) -> String {
    code.lines()
        .map(|line| line.trim().to_owned() + "\n")
        .collect()
}

#[test]
fn code_is_that_of_the_examples() {
    let examples = repository().join("examples");
    let read = |path| fs::read_to_string(examples.join(path)).unwrap();
    let sources = SOURCES.map(|path| unindented(&read(path)));
    let document = publish_md();
    let code = blocks(&document)
        .into_iter()
        .filter(|(language, _)| *language != "sh");
    let mut seen = 0;
    for (_, code) in code {
        seen += 1;
        let code = unindented(code);
        assert!(
            sources.iter().any(|source| source.contains(&code)),
            "{code}"
        );
    }
    assert!(seen > 6, "{seen}");
}

#[tokio::test]
async fn commands_do_what_it_says() {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let (connection, job) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let run = |code: &str| {
        let status = Command::new("bash")
            .args(["-euc", code])
            .env("CONNECT_URL", service.url(""))
            .env("CONNECT_API_KEY", API_KEY)
            .env("CONNECT_REDIS_URL", redis.url())
            .env("CONNECTION", &connection)
            .env("JOB", &job)
            .status()
            .unwrap();
        assert!(status.success(), "{code}");
    };
    let document = publish_md();
    let commands = blocks(&document)
        .into_iter()
        .filter(|(language, _)| *language == "sh");
    let [register, by_redis, by_http, killed] =
        commands.map(|(_, code)| code).collect::<Vec<_>>()[..]
    else {
        panic!("four commands")
    };

    run(register);
    let mut listener = service.subscribe(&connection).await;
    run(by_redis);
    let heard = listener.progress().await.data;
    assert_eq!(
        (&heard["inserted"], &heard["status"]),
        (&json!(42), &json!("running"))
    );
    run(by_http);
    let end = listener.rest().await.pop().unwrap().data;
    assert_eq!(
        (&end["inserted"], &end["status"]),
        (&json!(150), &json!("completed"))
    );

    let job = service.register_job(&connection).await;
    let listener = service.subscribe(&connection).await;
    run(&killed.replace("$JOB", &job));
    assert_eq!(
        listener.rest().await.pop().unwrap().data["status"],
        "failed"
    );
    assert_eq!(COLLECTION, "acme", "as in the commands");
}
