//! Publishers in all languages are told the same, and a listener hears the same of all of them.

use std::time::Duration;

use nix::{sys::signal::Signal, unistd::Pid};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    support::{Redis, Service, Stores, eventually},
    worker::{By, Language, start},
};

/// What `workers/` call 5 updates a second; less a millisecond, for times that are cut.
const LEAST_PAUSE: Duration = Duration::from_millis(199);

/// A publisher, and those who listen.
struct Stage<'a> {
    language: Language,
    by: By,
    redis: &'a Redis,
    service: &'a Service,
}

macro_rules! publishers {
    ($($(#[$attribute:meta])* $test:ident: $language:ident by $by:ident),* $(,)?) => {
        $(
            #[tokio::test]
            $(#[$attribute])*
            async fn $test() {
                plays_every_part(Language::$language, By::$by).await;
            }
        )*
    };
}

publishers! {
    a_rust_worker_by_redis: Rust by Redis,
    a_rust_worker_by_http: Rust by Http,
    #[ignore = "needs Python packages: npx -y rust-just test-publishers"]
    a_python_worker_by_redis: Python by Redis,
    #[ignore = "needs Python packages: npx -y rust-just test-publishers"]
    a_python_worker_by_http: Python by Http,
    #[ignore = "needs npm packages: npx -y rust-just test-publishers"]
    a_node_worker_by_redis: Node by Redis,
    #[ignore = "needs npm packages: npx -y rust-just test-publishers"]
    a_node_worker_by_http: Node by Http,
}

async fn plays_every_part(language: Language, by: By) {
    let redis = Redis::start().await;
    let service = Service::start(Stores::Redis(&redis));
    let stage = Stage {
        language,
        by,
        redis: &redis,
        service: &service,
    };
    let reason = "The source answered 403: the token has expired.";
    let stopped = "The sync stopped unexpectedly.";
    tokio::join!(
        stage.ends("completes", "completed", None, true),
        stage.ends("fails", "failed", Some(reason), true),
        stage.ends("is-cancelled", "cancelled", None, true),
        stage.ends("raises", "failed", Some(stopped), false),
        stage.ends("leaves", "failed", Some(stopped), true),
        stage.is_killed(),
        stage.hands_over(),
    );
}

impl Stage<'_> {
    fn start(&self, job: &str, word: &str, resume_from: Option<&str>) -> tokio::process::Child {
        let stores = (self.redis, self.service);
        start(self.language, self.by, stores, job, word, resume_from)
    }

    /// A worker that comes to an end: a listener hears all of it.
    async fn ends(&self, word: &str, status: &str, error: Option<&str>, exits_well: bool) {
        let (connection, job) = self.service.syncing().await;
        let listener = self.service.subscribe(&connection).await;
        let exit = self.start(&job, word, None).wait().await.unwrap();
        assert_eq!(exit.success(), exits_well, "{word}");

        let heard = listener.rest().await;
        let mut updates: Vec<&Value> = heard[1..].iter().map(|event| &event.data).collect();
        let end = updates.pop().unwrap();
        assert_eq!(end["status"], status, "{word}: {end}");
        assert_eq!(end["error"].as_str(), error, "{word}: {end}");
        assert_eq!(end["is_complete"], status == "completed", "{word}: {end}");
        assert_eq!(end["is_failed"], status != "completed", "{word}: {end}");
        assert_counts(end, 50);
        assert!(
            updates.len() >= 2,
            "{word}: a sync of a second: {updates:?}"
        );
        assert_paced(word, &updates);
        assert_numbered(word, &updates, end);

        self.is_found_later(&connection, &job, status).await;
    }

    /// Whoever comes when all is over is shown how it ended.
    async fn is_found_later(&self, connection: &str, job: &str, status: &str) {
        let heard = self.service.subscribe(connection).await.rest().await;
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert_eq!(heard[1].data["status"], status);
        assert_counts(&heard[1].data, 50);
        let seen = self
            .service
            .try_subscribe(connection, Some(&heard[1].id))
            .await;
        assert_eq!(seen.status(), StatusCode::NO_CONTENT);
        let key = format!("sync_progress_snapshot:{job}");
        let ttl: i64 = self.redis.ask(&["TTL", &key]).parse().unwrap();
        assert!((1..=1800).contains(&ttl), "{ttl}");
    }

    /// A worker that is killed says nothing, and its listeners have what it said before; its supervisor says the end.
    async fn is_killed(&self) {
        let (connection, job) = self.service.syncing().await;
        let mut worker = self.start(&job, "is-killed", None);
        eventually("all is counted", async || {
            let snapshot = self.redis.snapshot(&job).await?;
            let snapshot: Value = serde_json::from_str(&snapshot).ok()?;
            (snapshot["inserted"] == 200).then_some(())
        })
        .await;
        let pid = i32::try_from(worker.id().unwrap()).unwrap();
        nix::sys::signal::kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        worker.wait().await.unwrap();

        let mut late = self.service.subscribe(&connection).await;
        let last = late.progress().await.data;
        assert_eq!(last["status"], "running");
        assert_counts(&last, 50);
        let failed = json!({ "inserted": 200, "status": "failed", "error": "The worker is gone." });
        self.service.publish(&job, &failed).await;
        assert_eq!(late.progress().await.data["error"], "The worker is gone.");
    }

    /// A second worker goes on where the first one has stopped; nothing is counted twice, and no end is heard in between.
    async fn hands_over(&self) {
        let (connection, job) = self.service.syncing().await;
        let listener = self.service.subscribe(&connection).await;
        let first = self.start(&job, "hands-over", None);
        let output = first.wait_with_output().await.unwrap();
        assert!(output.status.success());
        let progress = String::from_utf8(output.stdout).unwrap();
        let second = self.start(&job, "completes", Some(progress.trim()));
        assert!(second.wait_with_output().await.unwrap().status.success());

        let heard = listener.rest().await;
        let updates: Vec<&Value> = heard[1..].iter().map(|event| &event.data).collect();
        let (end, updates) = updates.split_last().unwrap();
        assert_eq!(end["status"], "completed");
        assert_counts(end, 100);
        let before_end = updates.iter().all(|update| update["status"] == "running");
        assert!(before_end, "{updates:?}");
        let counted = updates.iter().map(|update| update["inserted"].as_u64());
        assert!(counted.is_sorted(), "{updates:?}");
        assert_numbered("hands over", updates, end);
    }
}

/// What `workers/` count in so many rounds.
fn assert_counts(progress: &Value, rounds: u64) {
    let counted = ["inserted", "updated", "deleted", "kept", "skipped", "total"];
    let counted = counted.map(|member| progress[member].as_u64());
    let expected = [4, 2, 1, 3, 1].map(|count| Some(count * rounds));
    assert_eq!(counted[..5], expected, "{progress}");
    assert_eq!(counted[5], Some(1000), "{progress}");
    let met = json!({ "Message": 9 * rounds, "Channel": rounds });
    assert_eq!(progress["entities_encountered"], met, "{progress}");
}

/// By the worker's own clock, so that a busy machine does not matter.
fn assert_paced(word: &str, updates: &[&Value]) {
    let times: Vec<jiff::Timestamp> = updates
        .iter()
        .map(|update| update["last_update_timestamp"].as_str().unwrap().parse())
        .collect::<Result<_, _>>()
        .unwrap();
    for pair in times.windows(2) {
        let pause = pair[1].duration_since(pair[0]);
        assert!(pause.unsigned_abs() >= LEAST_PAUSE, "{word}: {times:?}");
    }
}

fn assert_numbered(word: &str, updates: &[&Value], end: &Value) {
    let all = updates.iter().copied().chain([end]);
    let numbers: Vec<u64> = all.map(|update| update["seq"].as_u64().unwrap()).collect();
    assert!(
        numbers.is_sorted_by(|one, next| one < next),
        "{word}: {numbers:?}"
    );
}
