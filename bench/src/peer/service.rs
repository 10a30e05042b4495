//! The service, as it is deployed: Redis, authorization, limits and metrics; each stream has a session of its own.

use std::{cell::RefCell, io, net::SocketAddr, process::Command, rc::Rc};

use serde_json::Value;
use tokio::task::JoinSet;

use super::{Layout, Running, built};
use crate::{
    http::Http,
    patience::until_ok,
    process::{Process, free_port},
    publish::Entrance,
    redis::Redis,
};

const SECRET: &str = "the secret of the benchmarks is long enough";
const KEY: &str = "the key of the benchmarks";
const HEADERS: &str = "X-API-Key: the key of the benchmarks\r\nContent-Type: application/json\r\n";

/// Connections over which connections, jobs and sessions are registered.
const HOSTS: usize = 16;

pub(super) async fn start(redis: &Redis, layout: Layout) -> io::Result<Running> {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let url = format!("redis://{}", redis.address);
    let listen = address.to_string();
    let arguments = [
        "serve",
        "--listen",
        &listen,
        "--redis-url",
        &url,
        "--api-key",
        KEY,
    ];
    let mut command = Command::new(built("sse-service")?);
    command
        .args(arguments)
        .env("CONNECT_SESSION_SECRETS", SECRET);
    let process = Process::start(&mut command)?;
    until_ok("the service", async || {
        let mut http = Http::connect(&listen).await?;
        http.ask("GET /readyz", "", "").await.map(drop)
    })
    .await?;
    let jobs = register(&listen, layout.jobs).await?;
    let body = r#"{"readable_collection_id":"acme","ttl_seconds":3600}"#;
    let session = move |_| ("POST /connect/sessions".to_owned(), body);
    let sessions = each(&listen, layout.streams, session).await?;
    let tokens = members(&sessions, "session_token")?;
    let request = |(stream, token): (usize, String)| {
        let path = path(stream % layout.jobs);
        format!(
            "GET {path}/subscribe HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
        )
    };
    Ok(Running {
        process,
        address,
        requests: tokens.into_iter().enumerate().map(request).collect(),
        entrance: Entrance::Redis(redis.address.clone()),
        channels: jobs.iter().map(|job| format!("sync_job:{job}")).collect(),
    })
}

/// Registers connections with a running job each; the jobs.
async fn register(address: &str, jobs: usize) -> io::Result<Vec<String>> {
    let body = r#"{"name":"Slack","short_name":"slack","readable_collection_id":"acme"}"#;
    each(address, jobs, move |job| {
        (format!("PUT {}", path(job)), body)
    })
    .await?;
    let body = r#"{"status":"running"}"#;
    let answers = each(address, jobs, |job| {
        (format!("POST {}/jobs", path(job)), body)
    });
    members(&answers.await?, "id")
}

/// The path of a connection.
fn path(number: usize) -> String {
    format!("/connect/source-connections/6f9619ff-8b86-4011-b42d-{number:012x}")
}

/// Sends requests, over several connections at once; the bodies of the answers, in the order of the requests.
async fn each(
    address: &str,
    times: usize,
    request: impl Fn(usize) -> (String, &'static str) + Copy + 'static,
) -> io::Result<Vec<String>> {
    let answers = Rc::new(RefCell::new(vec![String::new(); times]));
    let mut hosts = JoinSet::new();
    for host in 0..HOSTS {
        let mut http = Http::connect(address).await?;
        let answers = answers.clone();
        hosts.spawn_local(async move {
            for number in (host..times).step_by(HOSTS) {
                let (line, body) = request(number);
                let answer = http.ask(&line, HEADERS, body).await?;
                answers.borrow_mut()[number] = answer;
            }
            Ok::<_, io::Error>(())
        });
    }
    hosts
        .join_all()
        .await
        .into_iter()
        .collect::<io::Result<()>>()?;
    Ok(answers.take())
}

fn members(answers: &[String], name: &str) -> io::Result<Vec<String>> {
    let member = |answer: &String| {
        let json: Value = serde_json::from_str(answer)?;
        let text = json[name].as_str().map(ToOwned::to_owned);
        text.ok_or_else(|| io::Error::other(format!("no {name} in {answer}")))
    };
    answers.iter().map(member).collect()
}
