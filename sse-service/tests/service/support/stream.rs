//! One event stream, read by a parser that is not ours.

use std::time::Duration;

use eventsource_stream::Eventsource;
use futures_util::{StreamExt, stream::BoxStream};
use reqwest::{Response, header::HeaderMap};
use serde_json::Value;

use super::PATIENCE;

/// One message.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: String,
    pub data: Value,
    pub retry: Option<Duration>,
}

impl Event {
    pub fn kind(&self) -> Option<&str> {
        self.data["type"].as_str()
    }
}

pub struct Stream {
    pub headers: HeaderMap,
    events: BoxStream<'static, Event>,
}

impl Stream {
    pub fn new(response: Response) -> Self {
        let headers = response.headers().clone();
        let events = response
            .bytes_stream()
            .eventsource()
            .filter_map(async |event| {
                let event = event.ok()?;
                let data = serde_json::from_str(&event.data).expect("every message is JSON");
                Some(Event {
                    id: event.id,
                    data,
                    retry: event.retry,
                })
            });
        Self {
            headers,
            events: events.boxed(),
        }
    }

    /// The next message, or `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.events.next())
            .await
            .expect("a message or the end in time")
    }

    /// The next progress; `connected` and heartbeats are passed over.
    pub async fn progress(&mut self) -> Event {
        loop {
            let event = self
                .next()
                .await
                .expect("progress before the end of the stream");
            if event.kind().is_none() {
                return event;
            }
        }
    }

    pub async fn connected(&mut self) -> Event {
        let event = self
            .next()
            .await
            .expect("connected before the end of the stream");
        assert_eq!(event.kind(), Some("connected"), "{event:?}");
        event
    }

    /// The next message that is no heartbeat.
    pub async fn news(&mut self) -> Event {
        loop {
            let event = self
                .next()
                .await
                .expect("news before the end of the stream");
            if event.kind() != Some("heartbeat") {
                return event;
            }
        }
    }

    /// What is left until the end of the stream, without heartbeats.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            if event.kind() != Some("heartbeat") {
                events.push(event);
            }
        }
        events
    }
}
