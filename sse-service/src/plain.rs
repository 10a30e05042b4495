//! Messages as workers write them all day: read in one pass, without taking them apart.
//!
//! [`decode`](crate::decode) reads whatever is progress, and says what is wrong with the rest. Nearly all messages need none
//! of that: they tell counts of a job that goes on, in members that everybody knows and words without escapes. What clients
//! are sent of them is what stands there, so it is copied from there. Whatever is not as simple is left to `decode`; what
//! both read comes out the same.

use protocol::{JobStatus, MAX_COUNT};

use crate::{
    clock,
    decode::{MAX_ERROR_BYTES, MAX_MESSAGE_BYTES},
    version::Version,
};

/// As many as the largest count has.
const MAX_DIGITS: usize = MAX_COUNT.ilog10() as usize + 1;

/// Messages with more entity types are rare.
const MAX_ENTITY_TYPES: usize = 16;

/// A message of a job that goes on. Its parts are as they stand there.
#[derive(Debug)]
pub struct Plain<'a> {
    /// Inserted, updated, deleted, kept, skipped.
    counts: [&'a [u8]; 5],
    entities: Entities<'a>,
    status: JobStatus,
    total: Option<&'a [u8]>,
    error: Option<&'a [u8]>,
    timestamp: Option<&'a str>,
    seq: Option<&'a [u8]>,
    version: Version,
}

/// An object of types and their counts.
#[derive(Clone, Copy, Debug)]
struct Entities<'a> {
    object: &'a [u8],
    /// Whether it stands there as it goes to clients: without white space, and no count is `null`.
    is_compact: bool,
}

impl<'a> Plain<'a> {
    /// Reads a worker's message; `None` when it is not as simple as that.
    pub fn read(payload: &'a [u8]) -> Option<Self> {
        // What is copied is text.
        if payload.len() > MAX_MESSAGE_BYTES || std::str::from_utf8(payload).is_err() {
            return None;
        }
        let mut scanner = Scanner::new(payload);
        let mut members = Members::default();
        scanner.members(|scanner, name| members.take(name, scanner))?;
        scanner.end()?;
        members.message()
    }

    /// Where it stands among its job's messages.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Says the text of the version, as it stands in event ids, in parts.
    pub fn say_version(&self, mut say: impl FnMut(&[u8])) {
        if let Some(seq) = self.seq {
            return say(seq);
        }
        let time = self.timestamp.unwrap_or_default();
        match time.split_once(' ') {
            Some((date, time)) => {
                say(date.as_bytes());
                say(b"T");
                say(time.as_bytes());
            }
            None => say(time.as_bytes()),
        }
    }

    /// Says the message as it goes to clients, in parts: the same as that of the [`Progress`](protocol::Progress) in it, its end
    /// spelled out.
    pub fn say_json(&self, mut say: impl FnMut(&[u8])) {
        const NAMES: [&[u8]; 5] = [
            b"{\"inserted\":",
            b",\"updated\":",
            b",\"deleted\":",
            b",\"kept\":",
            b",\"skipped\":",
        ];
        for (name, count) in NAMES.into_iter().zip(self.counts) {
            say(name);
            say(count);
        }
        say(b",\"entities_encountered\":");
        self.entities.say(&mut say);
        say(b",\"is_complete\":false,\"is_failed\":false,\"status\":\"");
        say(self.status.as_str().as_bytes());
        say(b"\"");
        let timestamp = self.timestamp.map(str::as_bytes);
        let optional: [(&[u8], _, &[u8]); 4] = [
            (b",\"total\":", self.total, b""),
            (b",\"error\":\"", self.error, b"\""),
            (b",\"last_update_timestamp\":\"", timestamp, b"\""),
            (b",\"seq\":", self.seq, b""),
        ];
        for (name, value, close) in optional {
            if let Some(value) = value {
                say(name);
                say(value);
                say(close);
            }
        }
        say(b"}");
    }
}

impl Entities<'_> {
    fn say(&self, mut say: impl FnMut(&[u8])) {
        if self.is_compact {
            return say(self.object);
        }
        let mut open: &[u8] = b"{\"";
        // It was read before.
        let _ = Scanner::new(self.object).members(|scanner, name| {
            let count = scanner.or_null(Scanner::count)?.said();
            say(open);
            say(name);
            say(b"\":");
            say(count.map_or(b"0", |(count, _)| count));
            open = b",\"";
            Some(())
        });
        say(if open == b"{\"" { b"{}" } else { b"}" });
    }
}

impl Default for Entities<'_> {
    fn default() -> Self {
        Self {
            object: b"{}",
            is_compact: true,
        }
    }
}

/// A count, and how it is written.
type Count<'a> = (&'a [u8], u64);

/// What a message says of a member.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Member<T> {
    #[default]
    Missing,
    Null,
    Said(T),
}

impl<T> Member<T> {
    fn said(self) -> Option<T> {
        match self {
            Self::Said(value) => Some(value),
            Self::Missing | Self::Null => None,
        }
    }

    fn is_said(&self) -> bool {
        matches!(self, Self::Said(_))
    }

    /// Takes what is read, if nothing was there yet.
    fn take(&mut self, value: Option<Self>) -> Option<()> {
        if !matches!(self, Self::Missing) {
            return None;
        }
        *self = value?;
        Some(())
    }
}

/// What was found so far.
#[derive(Default)]
struct Members<'a> {
    counts: [Member<Count<'a>>; 5],
    entities: Member<Entities<'a>>,
    is_complete: Member<()>,
    is_failed: Member<()>,
    status: Member<&'a [u8]>,
    total: Member<Count<'a>>,
    error: Member<&'a [u8]>,
    timestamp: Member<&'a [u8]>,
    seq: Member<Count<'a>>,
}

impl<'a> Members<'a> {
    fn take(&mut self, name: &[u8], scanner: &mut Scanner<'a>) -> Option<()> {
        match name {
            b"inserted" => self.counts[0].take(scanner.or_null(Scanner::count)),
            b"updated" => self.counts[1].take(scanner.or_null(Scanner::count)),
            b"deleted" => self.counts[2].take(scanner.or_null(Scanner::count)),
            b"kept" => self.counts[3].take(scanner.or_null(Scanner::count)),
            b"skipped" => self.counts[4].take(scanner.or_null(Scanner::count)),
            b"entities_encountered" => self.entities.take(scanner.or_null(Scanner::entities)),
            // An end is left to `decode`.
            b"is_complete" => self.is_complete.take(scanner.or_null(Scanner::no)),
            b"is_failed" => self.is_failed.take(scanner.or_null(Scanner::no)),
            b"status" => self.status.take(scanner.or_null(Scanner::word)),
            b"total" => self.total.take(scanner.or_null(Scanner::count)),
            b"error" => self.error.take(scanner.or_null(Scanner::word)),
            b"last_update_timestamp" => self.timestamp.take(scanner.or_null(Scanner::word)),
            b"seq" => self.seq.take(scanner.or_null(Scanner::count)),
            _ => None,
        }
    }

    fn are_progress(&self) -> bool {
        self.counts.iter().any(Member::is_said)
            || self.entities.is_said()
            || self.is_complete.is_said()
            || self.is_failed.is_said()
            || self.status.is_said()
    }

    fn message(self) -> Option<Plain<'a>> {
        if !self.are_progress() {
            return None;
        }
        let word = self.status.said().and_then(text);
        let status = word.and_then(JobStatus::from_word);
        let status = status.unwrap_or(JobStatus::Running);
        let error = self.error.said();
        if !status.is_active() || error.is_some_and(|error| error.len() > MAX_ERROR_BYTES) {
            return None;
        }
        let counts = self.counts.map(|count| count.said().unwrap_or((b"0", 0)));
        let seq = self.seq.said();
        let timestamp = self.timestamp.said().and_then(text);
        let micros = timestamp.and_then(clock::parse_micros);
        let is_one_word = |time: &str| time.matches(' ').nth(1).is_none();
        // Otherwise the version is made of the whole message.
        let has_version = seq.is_some() || micros.is_some() && timestamp.is_some_and(is_one_word);
        has_version.then(|| Plain {
            version: Version::new(
                seq.map(|(_, seq)| seq),
                micros,
                counts.map(|(_, count)| count),
            ),
            counts: counts.map(|(count, _)| count),
            entities: self.entities.said().unwrap_or_default(),
            status,
            total: self.total.said().map(|(total, _)| total),
            error,
            timestamp,
            seq: seq.map(|(seq, _)| seq),
        })
    }
}

/// Of a part that was read.
fn text(part: &[u8]) -> Option<&str> {
    std::str::from_utf8(part).ok()
}

/// Reads JSON from its beginning on; what it does not like is `None`.
struct Scanner<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(json: &'a [u8]) -> Self {
        Self { json, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    /// What comes next and is no white space: RFC 8259, section 2.
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                other => return Some(other),
            }
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        let is_there = self.json[self.at..].starts_with(literal);
        is_there.then(|| self.at += literal.len())
    }

    /// There is nothing more.
    fn end(&mut self) -> Option<()> {
        self.next().is_none().then_some(())
    }

    /// An object; `member` reads the value that belongs to a name.
    fn members(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.next()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let name = self.word()?;
            self.take(b':')?;
            member(self, name)?;
            match self.next()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn or_null<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Member<T>> {
        if self.next()? == b'n' {
            return self.literal(b"null").map(|()| Member::Null);
        }
        read(self).map(Member::Said)
    }

    /// A string that stands for itself: RFC 8259, section 7.
    fn word(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let rest = &self.json[self.at..];
        let length = plain_length(rest)?;
        self.at += length + 1;
        (rest[length] == b'"').then(|| &rest[..length])
    }

    fn count(&mut self) -> Option<Count<'a>> {
        self.next()?;
        let begin = self.at;
        let mut count: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            // What is more than fits is too long as well.
            count = count.wrapping_mul(10).wrapping_add((digit - b'0').into());
            self.at += 1;
        }
        let digits = &self.json[begin..self.at];
        let is_canonical = match digits.len() {
            1 => true,
            2..=MAX_DIGITS => digits[0] != b'0',
            _ => false,
        };
        (is_canonical && count <= MAX_COUNT).then_some((digits, count))
    }

    fn no(&mut self) -> Option<()> {
        self.next()?;
        self.literal(b"false")
    }

    fn entities(&mut self) -> Option<Entities<'a>> {
        self.next()?;
        let begin = self.at;
        let mut names: [&[u8]; MAX_ENTITY_TYPES] = [b""; MAX_ENTITY_TYPES];
        let (mut many, mut length) = (0, 0);
        self.members(|scanner, name| {
            let (count, _) = scanner.or_null(Self::count)?.said().unwrap_or_default();
            if names[..many].contains(&name) {
                return None;
            }
            *names.get_mut(many)? = name;
            many += 1;
            // Quotes, colon, and the comma or brace before it.
            length += name.len() + count.len() + 4;
            Some(())
        })?;
        let object = &self.json[begin..self.at];
        Some(Entities {
            object,
            is_compact: many == 0 && object.len() == 2 || many > 0 && object.len() == length + 1,
        })
    }
}

/// How many bytes come before the first that ends a word or does not stand for itself: a quote, a backslash, a control
/// character. Eight are looked at together.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = 0x80 * ONES;
    // The high bit of a byte is set where it is smaller than `limit`: the lowest one that is set is right.
    let smaller = |word: u64, limit: u64| word.wrapping_sub(limit * ONES) & !word & HIGH;
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let quote = smaller(word ^ (u64::from(b'"') * ONES), 1);
        let backslash = smaller(word ^ (u64::from(b'\\') * ONES), 1);
        let found = quote | backslash | smaller(word, 0x20);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    let rest = bytes[at..].iter().position(ends)?;
    Some(at + rest)
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::{decode, frame::Frame, ids::JobId};

    fn is_plain(payload: &str) -> bool {
        Plain::read(payload.as_bytes()).is_some()
    }

    /// What is read both ways comes out the same.
    fn comes_out_the_same(payload: &str) {
        let Some(message) = Plain::read(payload.as_bytes()) else {
            return;
        };
        let job = JobId::random();
        let passed_on = Frame::passed_on(job, &message);
        let progress = decode::progress(payload.as_bytes()).expect(payload);
        let decoded = Frame::new(job, progress);
        assert_eq!(
            passed_on.event().chunk(),
            decoded.event().chunk(),
            "{payload}"
        );
        assert_eq!(
            (passed_on.id(), passed_on.version(), passed_on.end()),
            (decoded.id(), decoded.version(), decoded.end()),
            "{payload}"
        );
        assert_eq!(passed_on.json(), decoded.json());
        assert_eq!(passed_on.progress(), decoded.progress());
    }

    #[test]
    fn what_workers_write_all_day_is_plain() {
        let messages = [
            r#"{"inserted":42,"seq":7}"#,
            r#"{"inserted": 42, "updated": 3, "deleted": 0, "kept": 100, "skipped": 2,
                "entities_encountered": {"Message": 45, "Channel": 2}, "is_complete": false, "is_failed": false,
                "status": null, "error": null, "last_update_timestamp": "2026-01-02T03:04:05.678901+00:00"}"#,
            r#"{"status":"RUNNING","total":9007199254740991,"seq":0,"entities_encountered":{}}"#,
            r#"{"inserted":null,"kept":1,"error":"Größe 😀 /","seq":1,"status":"nobody knows"}"#,
            r#" {"is_complete":false,"last_update_timestamp":"2026-01-02 03:04:05"} "#,
        ];
        for message in messages {
            assert!(is_plain(message), "{message}");
            comes_out_the_same(message);
        }
    }

    #[test]
    fn a_word_is_as_long_as_its_bytes_stand_for_themselves() {
        for end in ['"', '\\', '\u{0}', '\u{1f}'] {
            for length in 0..40 {
                let word: String = "aé!\u{7f} 😀~#[]".chars().cycle().take(length).collect();
                for rest in ["", "\"", "\u{1}\\\"           "] {
                    let text = format!("{word}{end}{rest}");
                    assert_eq!(plain_length(text.as_bytes()), Some(word.len()), "{text:?}");
                }
                assert_eq!(plain_length(word.as_bytes()), None);
            }
        }
    }

    #[test]
    fn everything_else_is_left_to_be_decoded() {
        let long = "x".repeat(MAX_ERROR_BYTES + 1);
        let types: Vec<String> = (0..17).map(|at| format!("\"{at}\":1")).collect();
        let cases = [
            ("nothing", String::new()),
            ("no object", "[1]".into()),
            ("half an object", r#"{"inserted":1,"seq":1"#.into()),
            ("two", r#"{"inserted":1,"seq":1}{}"#.into()),
            ("no version", r#"{"inserted":1}"#.into()),
            (
                "no time",
                r#"{"inserted":1,"last_update_timestamp":"x"}"#.into(),
            ),
            ("no progress", r#"{"seq":1}"#.into()),
            (
                "progress that is null",
                r#"{"inserted":null,"seq":1}"#.into(),
            ),
            ("an end", r#"{"is_complete":true,"seq":1}"#.into()),
            ("a failure", r#"{"is_failed":true,"seq":1}"#.into()),
            (
                "an end by its status",
                r#"{"status":"Cancelled","seq":1}"#.into(),
            ),
            (
                "another kind",
                r#"{"type":"heartbeat","inserted":1,"seq":1}"#.into(),
            ),
            (
                "something unknown",
                r#"{"inserted":1,"seq":1,"x":1}"#.into(),
            ),
            (
                "a member twice",
                r#"{"inserted":null,"inserted":1,"seq":1}"#.into(),
            ),
            (
                "a type twice",
                r#"{"entities_encountered":{"a":1,"a":2},"seq":1}"#.into(),
            ),
            (
                "many types",
                format!(
                    r#"{{"seq":1,"entities_encountered":{{{}}}}}"#,
                    types.join(",")
                ),
            ),
            ("an escape", r#"{"inserted":1,"seq":1,"error":"\n"}"#.into()),
            (
                "a name with an escape",
                r#"{"inserte\u0064":1,"seq":1}"#.into(),
            ),
            (
                "a line break in a word",
                "{\"inserted\":1,\"seq\":1,\"error\":\"\n\"}".into(),
            ),
            (
                "a long error",
                format!(r#"{{"inserted":1,"seq":1,"error":"{long}"}}"#),
            ),
            ("a fraction", r#"{"inserted":1.0,"seq":1}"#.into()),
            ("an exponent", r#"{"inserted":1e3,"seq":1}"#.into()),
            ("less than nothing", r#"{"inserted":-1,"seq":1}"#.into()),
            ("a leading zero", r#"{"inserted":01,"seq":1}"#.into()),
            (
                "too much",
                r#"{"inserted":9007199254740992,"seq":1}"#.into(),
            ),
            (
                "far too much",
                r#"{"inserted":99999999999999999999,"seq":1}"#.into(),
            ),
            ("a comma too many", r#"{"inserted":1,"seq":1,}"#.into()),
            (
                "another kind of status",
                r#"{"inserted":1,"status":1,"seq":1}"#.into(),
            ),
            (
                "too large",
                format!(
                    r#"{{"inserted":1,"seq":1{}}}"#,
                    " ".repeat(MAX_MESSAGE_BYTES)
                ),
            ),
        ];
        for (what, message) in cases {
            assert!(!is_plain(&message), "{what}");
        }
        assert!(Plain::read(b"{\"inserted\":1,\"seq\":1,\"error\":\"\xff\"}").is_none());
    }

    proptest! {
        #[test]
        fn what_is_read_both_ways_comes_out_the_same(members in proptest::collection::vec(member(), 0..9), gap in select(vec!["", " ", "\n\t"])) {
            let separator = format!("{gap},{gap}");
            comes_out_the_same(&format!("{gap}{{{gap}{}{gap}}}{gap}", members.join(&separator)));
        }
    }

    fn member() -> impl Strategy<Value = String> {
        let names = vec![
            "inserted",
            "updated",
            "deleted",
            "kept",
            "skipped",
            "entities_encountered",
            "is_complete",
            "is_failed",
            "status",
            "total",
            "error",
            "last_update_timestamp",
            "seq",
            "type",
            "other",
        ];
        let values = vec![
            "0",
            "1",
            "9007199254740991",
            "9007199254740992",
            "1.0",
            "00",
            "-1",
            "null",
            "true",
            "false",
            "\"\"",
            "\"running\"",
            "\"pending\"",
            "\"failed\"",
            "\"ä\u{7f}\"",
            "\"\\u0041\"",
            "\"a\n\"",
            "\"2026-01-02 03:04:05\"",
            "\"2026-01-02T03:04:05Z\"",
            "\"2026-01-02 03:04:05 +00:00\"",
            "{}",
            "{ }",
            "{\"a\":null}",
            "{\"a\":1,\"b\":22}",
            "{\"\":0}",
            "{\"a\": 1, \"b\":null}",
            "{\"a\":1,\"a\":2}",
            "[]",
        ];
        let likely = select(vec![
            "\"inserted\":5",
            "\"seq\":3",
            "\"kept\" : 1",
            "\"entities_encountered\":{\"é\":2,\"b\" :3}",
        ]);
        prop_oneof![
            likely.prop_map(str::to_owned),
            (select(names), select(values)).prop_map(|(name, value)| format!("\"{name}\":{value}")),
        ]
    }
}
