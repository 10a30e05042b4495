//! One client as the widget is: it reads its stream, and comes back with the id that it has until it has seen the end.

use std::time::Duration;

use rand::RngExt;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::sleep,
};

use super::crowd::Heard;

/// How long a client waits before it comes back, in milliseconds. Shorter than a browser does, so that the service has
/// more to bear.
const RETRY_MILLIS: std::ops::Range<u64> = 50..500;

pub struct Client {
    /// Of the service: host and port.
    pub address: String,
    pub connection: String,
    pub token: String,
}

/// How a visit has ended.
enum Visit {
    /// Cut off, refused or not let in: the client comes back.
    Over,
    /// It has seen the end of its job.
    Done,
}

/// What a client knows.
#[derive(Default)]
struct Known {
    id: Option<String>,
    inserted: u64,
}

impl Client {
    /// Returns when the end has been seen.
    pub async fn follow(self, heard: &Heard) {
        let mut known = Known::default();
        loop {
            if let Ok(Visit::Done) = self.visit(&mut known, heard).await {
                heard.ends.add();
                return;
            }
            heard.visits_cut.add();
            let pause = rand::rng().random_range(RETRY_MILLIS);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn visit(&self, known: &mut Known, heard: &Heard) -> std::io::Result<Visit> {
        let mut socket = TcpStream::connect(&self.address).await?;
        socket.write_all(self.request(known).as_bytes()).await?;
        let mut lines = BufReader::new(socket).lines();
        let status = lines.next_line().await?.unwrap_or_default();
        match status.split(' ').nth(1) {
            Some("200") => {}
            // The end has been seen already.
            Some("204") => return Ok(Visit::Done),
            _ => {
                heard.refusals.add();
                return Ok(Visit::Over);
            }
        }
        let mut open = None;
        let mut id = None;
        while let Some(line) = lines.next_line().await? {
            if let Some(new) = line.strip_prefix("id: ") {
                id = Some(new.to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                let data: Value = serde_json::from_str(data).expect("every message is JSON");
                match data["type"].as_str() {
                    Some("connected") => open = Some(heard.open.guard()),
                    Some("heartbeat") => heard.heartbeats.add(),
                    Some(_) => return Ok(Visit::Over),
                    None => {
                        known.take(&data, id.take(), heard);
                        if data["is_complete"] == true {
                            return Ok(Visit::Done);
                        }
                    }
                }
            } else if line == "0" {
                // The last chunk.
                break;
            }
        }
        drop(open);
        Ok(Visit::Over)
    }

    fn request(&self, known: &Known) -> String {
        let Self {
            address,
            connection,
            token,
        } = self;
        let last = known.id.as_ref();
        let last = last.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        format!(
            "GET /connect/source-connections/{connection}/subscribe HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{last}\r\n"
        )
    }
}

impl Known {
    fn take(&mut self, progress: &Value, id: Option<String>, heard: &Heard) {
        heard.messages.add();
        let inserted = progress["inserted"].as_u64().expect("a count");
        if inserted < self.inserted {
            heard.older.add();
            // The version of a message without number and time begins so.
            if !id.as_deref().is_some_and(|id| id.contains("/h")) {
                heard.older_numbered.add();
            }
        }
        if inserted > 0 && self.inserted == 0 {
            heard.begun.add();
        }
        self.inserted = inserted;
        self.id = id;
    }
}
