//! Messages, encoded for the wire once and shared by all who send them.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::{End, EventId, Progress, StreamMessage};

use crate::{
    clock,
    ids::{ConnectionId, JobId},
    plain::Plain,
    version::Version,
};

/// As much as most messages take as JSON, in bytes: one allocation instead of several, each larger than the one before.
const USUAL_JSON: usize = 512;

/// An event of a stream.
#[derive(Clone, Debug)]
pub struct Event(Source);

#[derive(Clone, Debug)]
enum Source {
    Own(Chunk),
    /// Its bytes are the frame's: whoever writes them at once makes nothing that counts who has them.
    Frame(Frame),
}

impl Event {
    fn of(parts: &[&str]) -> Self {
        Self(Source::Own(Chunk::of(parts)))
    }

    fn inner(&self) -> &Chunk {
        match &self.0 {
            Source::Own(chunk) => chunk,
            Source::Frame(frame) => &frame.inner.chunk,
        }
    }

    /// The event alone, for whoever frames it.
    pub fn bytes(&self) -> Bytes {
        self.inner().event()
    }

    /// The event as a chunk.
    pub fn chunk(&self) -> Bytes {
        self.inner().bytes.clone()
    }

    /// The event as a chunk, for whoever writes it now.
    pub fn as_chunk(&self) -> &[u8] {
        &self.inner().bytes
    }
}

/// An event as bytes, framed for a chunked body (RFC 9112, section 7.1) in the same allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    bytes: Bytes,
    /// Where the event begins in it.
    start: usize,
}

impl Chunk {
    /// Of parts, with one allocation. They are said twice: to be counted, and to be written.
    fn new(parts: impl Fn(&mut dyn FnMut(&[u8]))) -> Self {
        let mut length = 0;
        parts(&mut |part| length += part.len());
        let digits = length.checked_ilog(16).unwrap_or(0) as usize + 1;
        let start = digits + LINE_BREAK.len();
        // Exactly as much as it takes: it becomes shared bytes as it is.
        let mut bytes = Vec::with_capacity(start + length + LINE_BREAK.len());
        let digit = |at| b"0123456789abcdef"[length >> (4 * at) & 0xf];
        bytes.extend((0..digits).rev().map(digit));
        bytes.extend_from_slice(LINE_BREAK);
        parts(&mut |part| bytes.extend_from_slice(part));
        bytes.extend_from_slice(LINE_BREAK);
        Self {
            bytes: bytes.into(),
            start,
        }
    }

    fn of(parts: &[&str]) -> Self {
        Self::new(|say| parts.iter().for_each(|part| say(part.as_bytes())))
    }

    fn event(&self) -> Bytes {
        self.bytes
            .slice(self.start..self.bytes.len() - LINE_BREAK.len())
    }
}

const LINE_BREAK: &[u8] = b"\r\n";

/// A progress message, ready to be written to any number of streams.
#[derive(Clone, Debug)]
pub struct Frame {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    chunk: Chunk,
    /// The event with the job's connection in it, made when the first stream of several connections wants it.
    tagged: OnceLock<Box<Chunk>>,
    /// How long the event's id is.
    id: usize,
    version: Version,
    end: Option<End>,
    /// What the message says; of one that was passed on, read out of the event when somebody asks.
    progress: OnceLock<Box<Progress>>,
    received: Instant,
}

/// What stands before an event's id, and what between id and message.
const ID: &str = "id: ";
const DATA: &str = "\ndata: ";

impl Frame {
    /// Encodes a message of a job, its end spelled out for clients of both generations.
    pub fn new(job: JobId, progress: Progress) -> Self {
        Self::received_at(Instant::now(), job, progress)
    }

    fn received_at(received: Instant, job: JobId, progress: Progress) -> Self {
        let progress = progress.with_end_spelled_out();
        let json = to_json(&progress);
        let version = Version::of(&progress);
        let id = EventId {
            job_id: job.text(&mut [0; 36]),
            version: &version.text(&progress, &json),
        }
        .to_string();
        Self {
            inner: Arc::new(Inner {
                chunk: Chunk::of(&[ID, &id, DATA, &json, "\n\n"]),
                tagged: OnceLock::new(),
                id: id.len(),
                version,
                end: progress.end(),
                progress: Box::new(progress).into(),
                received,
            }),
        }
    }

    /// Passes a message of a job on: the same as if it had been decoded and encoded.
    pub fn passed_on(job: JobId, message: &Plain<'_>) -> Self {
        let mut buffer = [0; 36];
        let job = job.text(&mut buffer);
        let mut id = job.len() + 1;
        message.say_version(|part| id += part.len());
        let parts = |say: &mut dyn FnMut(&[u8])| {
            for part in [ID, job, "/"] {
                say(part.as_bytes());
            }
            message.say_version(&mut *say);
            say(DATA.as_bytes());
            message.say_json(&mut *say);
            say(b"\n\n");
        };
        Self {
            inner: Arc::new(Inner {
                chunk: Chunk::new(parts),
                tagged: OnceLock::new(),
                id,
                version: message.version(),
                end: None,
                progress: OnceLock::new(),
                received: Instant::now(),
            }),
        }
    }

    /// A message that was stored before: it is as old as it says, not as new as its reading.
    pub fn stored(job: JobId, progress: Progress) -> Self {
        let written = progress
            .last_update_timestamp
            .as_deref()
            .and_then(clock::parse_micros);
        let age = written.map_or(0, |written| clock::unix_micros().saturating_sub(written));
        let age = Duration::from_micros(u64::try_from(age).unwrap_or(0));
        let now = Instant::now();
        // The system may have been up for less than a worker has been silent.
        Self::received_at(now.checked_sub(age).unwrap_or(now), job, progress)
    }

    /// The whole event, with its id, as it goes on a stream.
    pub fn event(&self) -> Event {
        Event(Source::Frame(self.clone()))
    }

    /// The whole event with a member that names the connection, for streams of several. A job has one connection, so all
    /// of them share it.
    pub fn tagged_event(&self, connection: ConnectionId) -> Event {
        let tag = || {
            let event = self.inner.chunk.event();
            // Progress has members that are always there, so another one can follow.
            let open = event.strip_suffix(b"}\n\n").unwrap_or(&event);
            let open = String::from_utf8_lossy(open);
            let connection = connection.to_string();
            Box::new(Chunk::of(&[
                &open,
                ",\"source_connection_id\":\"",
                &connection,
                "\"}\n\n",
            ]))
        };
        Event(Source::Own(*self.inner.tagged.get_or_init(tag).clone()))
    }

    /// The message alone: what is published and kept as the snapshot.
    pub fn json(&self) -> Bytes {
        let event = self.inner.chunk.event();
        let begin = ID.len() + self.inner.id + DATA.len();
        event.slice(begin..event.len() - "\n\n".len())
    }

    /// The event's id.
    pub fn id(&self) -> &str {
        let chunk = &self.inner.chunk;
        let begin = chunk.start + ID.len();
        let id = &chunk.bytes[begin..begin + self.inner.id];
        std::str::from_utf8(id).expect("ids are text")
    }

    /// Where it stands among its job's messages.
    pub fn version(&self) -> &Version {
        &self.inner.version
    }

    /// Whether this is the same message.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.inner.chunk == other.inner.chunk
    }

    /// How the job has ended, where this is its last message.
    pub fn end(&self) -> Option<End> {
        self.inner.end
    }

    /// What the message says.
    pub fn progress(&self) -> &Progress {
        let read = || serde_json::from_slice(&self.json()).expect("our own message is read");
        self.inner.progress.get_or_init(read)
    }

    /// When the worker said it, as far as this replica can tell.
    pub fn received(&self) -> Instant {
        self.inner.received
    }

    /// How long ago its worker published it, by the worker's clock; where it does not say, how long ago it arrived.
    pub fn lag(&self) -> Duration {
        match self.inner.version.micros() {
            Some(micros) => {
                let lag = clock::unix_micros().saturating_sub(micros);
                // A clock that is ahead of ours.
                Duration::from_micros(u64::try_from(lag).unwrap_or(0))
            }
            None => self.inner.received.elapsed(),
        }
    }

    /// Whether this, just published, takes the place of `current`. Messages arrive in order, so what is not surely
    /// older does. Nothing follows the end, and the end follows everything.
    pub fn supersedes(&self, current: &Self) -> bool {
        self.goes_before_end(current)
            && (self.end().is_some() || !self.inner.version.is_older_than(&current.inner.version))
    }

    /// Whether this, read from a snapshot, takes the place of `current`. A snapshot may be older than what was heard
    /// already, since workers publish first and store then.
    pub fn catches_up(&self, current: &Self) -> bool {
        self.goes_before_end(current)
            && (self.end().is_some() || self.inner.version.is_newer_than(&current.inner.version))
    }

    /// Whether this was said before `current`, as far as can be told: without number and time, less work is less.
    pub fn seems_older(&self, current: &Self) -> bool {
        current.inner.version.is_newer_than(&self.inner.version)
    }

    fn goes_before_end(&self, current: &Self) -> bool {
        current.end().is_none() && !self.is(current)
    }
}

/// The first event of a stream.
pub fn opening(retry_millis: u64, message: &StreamMessage) -> Event {
    let retry = retry_millis.to_string();
    Event::of(&["retry: ", &retry, "\ndata: ", &to_json(message), "\n\n"])
}

/// An event without an id: a client's last id stays that of the last progress.
pub fn event(message: &StreamMessage) -> Event {
    Event::of(&["data: ", &to_json(message), "\n\n"])
}

/// Tells a client how long to wait before it comes back, in milliseconds, and nothing else.
pub fn retry(millis: u64) -> Event {
    Event::of(&["retry: ", &millis.to_string(), "\n\n"])
}

/// The wire types have string keys and finite numbers only, so they always encode.
fn to_json(value: &impl serde::Serialize) -> String {
    let mut json = Vec::with_capacity(USUAL_JSON);
    serde_json::to_writer(&mut json, value).expect("wire types encode");
    String::from_utf8(json).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(json: &str) -> Frame {
        let job = "6f9619ff-8b86-d011-b42d-00cf4fc964ff".parse().unwrap();
        Frame::new(job, serde_json::from_str(json).unwrap())
    }

    #[test]
    fn an_event_is_an_id_and_one_line_of_json() {
        let frame = frame(r#"{"inserted":1,"seq":7,"error":"two\nlines\r"}"#);
        let text = String::from_utf8(frame.event().bytes().to_vec()).unwrap();
        assert!(
            text.starts_with("id: 6f9619ff-8b86-d011-b42d-00cf4fc964ff/7\ndata: {\"inserted\":1,"),
            "{text}"
        );
        assert!(text.ends_with("}\n\n"));
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains('\r'));
        let json: Progress = serde_json::from_slice(&frame.json()).unwrap();
        assert_eq!(json.error.as_deref(), Some("two\nlines\r"));
    }

    #[test]
    fn the_connection_is_one_more_member() {
        let frame = frame(r#"{"inserted":1,"seq":7}"#);
        let connection = "6f9619ff-8b86-d011-b42d-00cf4fc96400".parse().unwrap();
        let text = String::from_utf8(frame.tagged_event(connection).bytes().to_vec()).unwrap();
        let plain = String::from_utf8(frame.event().bytes().to_vec()).unwrap();
        let tag = format!(",\"source_connection_id\":\"{connection}\"}}\n\n");
        assert_eq!(text, plain.replace("}\n\n", &tag));
    }

    #[test]
    fn an_event_is_a_chunk_as_it_stands() {
        let event = retry(2000);
        assert_eq!(event.bytes(), "retry: 2000\n\n");
        assert_eq!(event.chunk(), "d\r\nretry: 2000\n\n\r\n");
    }

    #[test]
    fn the_end_is_the_last_word() {
        let running = frame(r#"{"inserted":9,"seq":9}"#);
        let end = frame(r#"{"inserted":5,"seq":5,"status":"completed"}"#);
        assert!(end.supersedes(&running) && end.catches_up(&running));
        assert!(!running.supersedes(&end) && !running.catches_up(&end));
    }

    #[test]
    fn a_late_or_repeated_message_is_passed_over() {
        let old = frame(r#"{"inserted":1,"seq":1}"#);
        let new = frame(r#"{"inserted":2,"seq":2}"#);
        assert!(new.supersedes(&old) && !old.supersedes(&new));
        assert!(!new.supersedes(&new.clone()));
    }

    #[test]
    fn messages_without_number_and_time_follow_each_other_as_they_come() {
        let more = frame(r#"{"inserted":2}"#);
        let less = frame(r#"{"inserted":1}"#);
        assert!(less.supersedes(&more), "heard later, so newer");
        assert!(
            !less.catches_up(&more),
            "a snapshot with less work is older"
        );
        assert!(more.catches_up(&less));
    }

    #[test]
    fn messages_of_one_moment_follow_each_other_as_they_come() {
        let time = r#""last_update_timestamp":"2026-01-02T03:04:05Z""#;
        let first = frame(&format!(r#"{{"inserted":1,{time}}}"#));
        let second = frame(&format!(r#"{{"inserted":2,{time}}}"#));
        assert!(second.supersedes(&first));
    }
}
