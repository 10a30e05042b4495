//! Which of two messages about a job is the newer one.

use std::fmt::Write as _;

use protocol::Progress;

use crate::clock;

/// Ends an id that is made from a time and belongs to a job's last message: clocks are coarse, so a message before it may
/// have the same time, and who has seen that one has not seen the end.
const END: &str = ".end";

/// Where a message stands among its job's messages, read from the message itself: the worker's `seq`, else its
/// `last_update_timestamp`, else what it says. So every replica gives the same message the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    seq: Option<u64>,
    micros: Option<i64>,
    /// Everything that the worker has done so far. Cumulative, so of two messages that carry neither number nor time
    /// the one that tells of more work is the newer one.
    work: u64,
}

impl Version {
    /// The version of a message that carries these: a number, a time in microseconds since 1970, and what was inserted,
    /// updated, deleted, kept and skipped.
    pub fn new(seq: Option<u64>, micros: Option<i64>, counts: [u64; 5]) -> Self {
        let work = counts.into_iter().fold(0, u64::saturating_add);
        Self { seq, micros, work }
    }

    /// The version of a message.
    pub fn of(progress: &Progress) -> Self {
        let timestamp = progress.last_update_timestamp.as_deref();
        let counts = [
            progress.inserted,
            progress.updated,
            progress.deleted,
            progress.kept,
            progress.skipped,
        ];
        Self::new(
            progress.seq,
            timestamp.and_then(clock::parse_micros),
            counts,
        )
    }

    /// As it stands in event ids; `progress` is the message that this is the version of, `json` its text as it goes to
    /// clients.
    pub fn text(&self, progress: &Progress, json: &str) -> String {
        match (self.seq, progress.last_update_timestamp.as_deref()) {
            (Some(seq), _) => seq.to_string(),
            (None, Some(timestamp)) if self.micros.is_some() => {
                let end = progress.end().map_or("", |_| END);
                timestamp.replace(' ', "T") + end
            }
            _ => digest(json),
        }
    }

    /// When the worker wrote it, in microseconds since 1970, where it says so.
    pub fn micros(&self) -> Option<i64> {
        self.micros
    }

    /// Whether this is surely older than `other`: a message that comes late, or twice.
    pub fn is_older_than(&self, other: &Self) -> bool {
        match self.order(other) {
            Some((this, that)) => this < that,
            None => false,
        }
    }

    /// Whether this is surely newer than `other`. Without number and time, more work is newer.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        match self.order(other) {
            Some((this, that)) => this > that,
            None => self.work > other.work,
        }
    }

    /// What both carry, to be compared.
    fn order(&self, other: &Self) -> Option<(i128, i128)> {
        match (self.seq, other.seq, self.micros, other.micros) {
            (Some(this), Some(that), ..) => Some((this.into(), that.into())),
            (_, _, Some(this), Some(that)) => Some((this.into(), that.into())),
            _ => None,
        }
    }
}

/// The newest that a stream has of a job. Two messages of which one has only a number and the other only a time cannot be
/// compared, so the highest of each is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    seq: Option<u64>,
    micros: Option<i64>,
}

impl Mark {
    /// Takes a message into account.
    pub fn raise(&mut self, version: &Version) {
        self.seq = self.seq.max(version.seq);
        self.micros = self.micros.max(version.micros);
    }

    /// Takes a message into account of which only the version in its id is known.
    pub fn raise_to_id(&mut self, version: &str) {
        let time = version.strip_suffix(END).unwrap_or(version);
        match version.parse() {
            Ok(seq) => self.seq = self.seq.max(Some(seq)),
            Err(_) => self.micros = self.micros.max(clock::parse_micros(time)),
        }
    }

    /// Whether a message is surely older than one that was taken into account.
    pub fn is_past(&self, version: &Version) -> bool {
        match (version.seq, self.seq, version.micros, self.micros) {
            (Some(seq), Some(mark), ..) => seq < mark,
            (_, _, Some(micros), Some(mark)) => micros < mark,
            _ => false,
        }
    }
}

/// 64 bits of FNV-1a in hex. Ids must only be equal where messages are; nothing depends on nobody finding a collision.
fn digest(json: &str) -> String {
    let hash = json.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut text = String::with_capacity(17);
    let _ = write!(text, "h{hash:016x}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(json: &str) -> Version {
        Version::of(&serde_json::from_str(json).unwrap())
    }

    fn text(json: &str) -> String {
        version(json).text(&serde_json::from_str(json).unwrap(), json)
    }

    #[test]
    fn the_workers_number_goes_before_its_clock() {
        let first = version(r#"{"seq":1,"last_update_timestamp":"2026-01-02T03:04:06Z"}"#);
        let second = version(r#"{"seq":2,"last_update_timestamp":"2026-01-02T03:04:05Z"}"#);
        assert!(second.is_newer_than(&first) && first.is_older_than(&second));
        assert_eq!(
            text(r#"{"seq":2,"last_update_timestamp":"2026-01-02T03:04:05Z"}"#),
            "2"
        );
    }

    #[test]
    fn times_order_messages_without_numbers_across_offsets() {
        let first = version(r#"{"last_update_timestamp":"2026-01-02T03:04:05+00:00"}"#);
        let second = version(r#"{"last_update_timestamp":"2026-01-02T04:04:06+01:00"}"#);
        assert!(second.is_newer_than(&first));
        let first = text(r#"{"last_update_timestamp":"2026-01-02 03:04:05+00:00"}"#);
        assert_eq!(first, "2026-01-02T03:04:05+00:00");
    }

    #[test]
    fn a_mark_knows_what_is_surely_older() {
        let mut mark = Mark::default();
        let old = version(r#"{"seq":1,"last_update_timestamp":"2026-01-02T03:04:05Z"}"#);
        assert!(!mark.is_past(&old));
        mark.raise(&version(r#"{"seq":2}"#));
        mark.raise(&version(
            r#"{"last_update_timestamp":"2026-01-02T03:04:06Z"}"#,
        ));
        assert!(mark.is_past(&old));
        assert!(mark.is_past(&version(
            r#"{"last_update_timestamp":"2026-01-02T03:04:05Z"}"#
        )));
        assert!(!mark.is_past(&version(r#"{"seq":2}"#)) && !mark.is_past(&version("{}")));
        let mut read = Mark::default();
        for id in ["2", "2026-01-02T03:04:06Z", "h0123456789abcdef", "", "-1"] {
            read.raise_to_id(id);
        }
        assert_eq!(read, mark);
    }

    #[test]
    fn without_number_and_time_more_work_is_newer_and_nothing_is_surely_older() {
        let less = version(r#"{"inserted":1}"#);
        let more = version(r#"{"kept":2}"#);
        assert!(more.is_newer_than(&less));
        assert!(!less.is_newer_than(&more));
        assert!(!less.is_older_than(&more));
    }

    #[test]
    fn the_same_message_has_the_same_id_everywhere_and_another_one_has_not() {
        let id = text(r#"{"inserted":1}"#);
        assert_eq!(id, text(r#"{"inserted":1}"#));
        assert_ne!(id, text(r#"{"inserted":2}"#));
    }

    #[test]
    fn an_end_is_told_from_a_message_of_the_same_moment() {
        let running = text(r#"{"last_update_timestamp":"2026-01-02T03:04:05Z"}"#);
        let end = text(r#"{"last_update_timestamp":"2026-01-02T03:04:05Z","status":"completed"}"#);
        assert_ne!(running, end);
        let mut mark = Mark::default();
        mark.raise_to_id(&end);
        assert!(mark.is_past(&version(
            r#"{"last_update_timestamp":"2026-01-02T03:04:04Z"}"#
        )));
    }

    #[test]
    fn a_time_that_is_none_does_not_get_into_the_id() {
        let id = text(r#"{"last_update_timestamp":"x\ndata: forged"}"#);
        assert!(!id.contains('\n') && id.starts_with('h'), "{id}");
    }
}
