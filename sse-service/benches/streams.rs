//! What streams cost: memory of an idle one, processor time of a delivery, and whether any message is lost. The real
//! binary beside a real Redis; streams are read by this process. Linux only, since it reads `/proc`.
//!
//! `cargo bench -p sse-service --bench streams -- [STREAMS]`, 2,000 when not given.

use std::{
    error::Error,
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fred::{
    clients::Client,
    interfaces::{ClientLike, PubsubInterface},
    prelude::Config,
};
use protocol::SessionMode;
use serde_json::{Value, json};
use sse_service::{
    auth::{Claims, Keyring, token::Seconds},
    clock,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

const SECRET: &str = "the secret of the benchmarks is long enough";
const KEY: &str = "the key of the benchmarks";
const PATIENCE: Duration = Duration::from_mins(1);

/// A process that ends with the benchmark.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Resident memory in bytes, and processor time so far.
    fn usage(&self) -> Result<(u64, Duration), Box<dyn Error>> {
        let folder = format!("/proc/{}", self.0.id());
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let resident = status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .split_whitespace()
                .next()?
                .parse::<u64>()
                .ok()
        });
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        // Fields 14 and 15, in hundredths of a second; the name in field 2 may have spaces.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok((
            resident.ok_or("no VmRSS")? * 1024,
            Duration::from_millis(ticks * 10),
        ))
    }
}

struct World {
    service: Process,
    address: String,
    redis: Client,
    _server: Process,
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl World {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let (redis_port, port) = (free_port()?, free_port()?);
        let server = Process(
            Command::new("redis-server")
                .args(["--port", &redis_port.to_string(), "--save", ""])
                .stdout(Stdio::null())
                .spawn()?,
        );
        let url = format!("redis://127.0.0.1:{redis_port}");
        let address = format!("127.0.0.1:{port}");
        let service = Process(
            Command::new(env!("CARGO_BIN_EXE_sse-service"))
                .args([
                    "serve",
                    "--listen",
                    &address,
                    "--redis-url",
                    &url,
                    "--api-key",
                    KEY,
                ])
                .env("CONNECT_SESSION_SECRETS", SECRET)
                .stderr(Stdio::null())
                .spawn()?,
        );
        let ready = format!("http://{address}/readyz");
        while !reqwest::get(&ready)
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            sleep(Duration::from_millis(50)).await;
        }
        let redis = Client::new(Config::from_url(&url)?, None, None, None);
        redis.init().await?;
        Ok(Self {
            service,
            address,
            redis,
            _server: server,
        })
    }

    /// A connection of the collection with a running job: both ids.
    async fn syncing(&self, http: &reqwest::Client) -> Result<(String, String), Box<dyn Error>> {
        let id = uuid::Uuid::new_v4().to_string();
        let path = format!("http://{}/connect/source-connections/{id}", self.address);
        let connection =
            json!({ "name": "x", "short_name": "x", "readable_collection_id": "acme" });
        http.put(&path)
            .header("X-API-Key", KEY)
            .json(&connection)
            .send()
            .await?
            .error_for_status()?;
        let job = http
            .post(format!("{path}/jobs"))
            .header("X-API-Key", KEY)
            .json(&json!({ "status": "running" }));
        let job: Value = job.send().await?.error_for_status()?.json().await?;
        Ok((id, job["id"].as_str().ok_or("no id")?.to_owned()))
    }
}

/// What the streams have heard.
#[derive(Default)]
struct Heard {
    open: AtomicUsize,
    messages: AtomicUsize,
    ends: AtomicUsize,
}

async fn read(address: String, request: String, heard: Arc<Heard>) -> std::io::Result<()> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 4096];
    let mut is_open = false;
    loop {
        let length = socket.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&buffer[..length]);
        if !is_open && text.contains("connected") {
            is_open = true;
            heard.open.fetch_add(1, Ordering::Relaxed);
        }
        heard
            .messages
            .fetch_add(text.matches("\"inserted\"").count(), Ordering::Relaxed);
        heard.ends.fetch_add(
            text.matches("\"is_complete\":true").count(),
            Ordering::Relaxed,
        );
    }
}

async fn until(what: &str, count: &AtomicUsize, expected: usize) -> Result<(), Box<dyn Error>> {
    let reached = async {
        while count.load(Ordering::Relaxed) < expected {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = timeout(PATIENCE, reached).await;
    in_time.map_err(|_| format!("{what}: {} of {expected}", count.load(Ordering::Relaxed)).into())
}

fn message(number: usize, is_complete: bool) -> String {
    format!(
        r#"{{"inserted": {number}, "updated": 3, "deleted": 0, "kept": 100, "skipped": 2, "entities_encountered": {{"Message": 45, "Channel": 2}}, "is_complete": {is_complete}, "seq": {number}}}"#
    )
}

/// So many streams of so many jobs; `messages` in all, at `rate` a second.
async fn measure(
    streams: usize,
    jobs: usize,
    messages: usize,
    rate: u32,
) -> Result<(), Box<dyn Error>> {
    let world = World::start().await?;
    let http = reqwest::Client::new();
    let mut syncs = Vec::new();
    for _ in 0..jobs {
        syncs.push(world.syncing(&http).await?);
    }
    let now = clock::unix_now();
    let claims = Claims {
        cid: "acme".into(),
        exp: Some(Seconds(now + 3600)),
        int: None,
        mode: SessionMode::All,
        nonce: String::new(),
        oid: None,
        sid: "bench".into(),
        ts: Seconds(now),
        uid: None,
    };
    let token = Keyring::new(&[SECRET])?.sign(&claims);
    let heard = Arc::new(Heard::default());
    let (before, _) = world.service.usage()?;
    let opening = Instant::now();
    for at in 0..streams {
        let (connection, _) = &syncs[at % jobs];
        let request = format!(
            "GET /connect/source-connections/{connection}/subscribe HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        tokio::spawn(read(world.address.clone(), request, heard.clone()));
        if at % 256 == 255 {
            until("streams", &heard.open, at.saturating_sub(255)).await?;
        }
    }
    until("streams", &heard.open, streams).await?;
    let opened = opening.elapsed();
    sleep(Duration::from_secs(1)).await;
    let (idle, used) = world.service.usage()?;

    let begun = Instant::now();
    for number in 1..=messages {
        let (_, job) = &syncs[number % jobs];
        let () = world
            .redis
            .publish(format!("sync_job:{job}"), message(number, false))
            .await?;
        tokio::time::sleep_until(begun + Duration::from_secs(1) * u32::try_from(number)? / rate)
            .await;
    }
    let expected = messages * streams / jobs;
    until("messages", &heard.messages, expected).await?;
    let (_, used_then) = world.service.usage()?;
    for (_, job) in &syncs {
        let () = world
            .redis
            .publish(format!("sync_job:{job}"), message(messages + 1, true))
            .await?;
    }
    until("ends", &heard.ends, streams).await?;

    let streams_f = u32::try_from(streams)?;
    println!(
        "{streams:>6} streams, {jobs:>5} jobs: opened in {opened:.2?}, {} bytes a stream, {:.1?} a delivery, none of {expected} messages and {streams} ends lost",
        idle.saturating_sub(before) / u64::from(streams_f),
        used_then.saturating_sub(used) / u32::try_from(expected)?,
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes `--bench`.
    let streams = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(2_000);
    measure(streams, 1, 40, 5).await?;
    measure(streams, streams, streams * 4, 2_000).await
}
