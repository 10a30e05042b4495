//! Reads `text/event-stream`, by the rules of the WHATWG HTML standard, section "Server-sent events".
//!
//! Bytes go in as they come off the network, cut anywhere; whole messages come out. Memory is bounded: a message that
//! grows beyond [`MAX_MESSAGE_BYTES`] is thrown away, and so is everything up to the blank line that ends it.

use std::mem;

/// The largest message that is delivered, in bytes of its `data`, `event` and `id` together; the largest line too.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// What a stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SseItem {
    /// A whole message.
    Message(SseMessage),
    /// How long to wait before a reconnection, in milliseconds.
    Retry(u64),
    /// A message was longer than [`MAX_MESSAGE_BYTES`] and is lost.
    Oversized,
}

/// A message with data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseMessage {
    /// The event's name; empty is the default, `message`.
    pub event: String,
    /// The lines of data, joined by line feeds.
    pub data: String,
    /// The id that holds from this message on: its own, or an earlier one's. Empty when none was given.
    pub last_event_id: String,
}

/// The parser of one stream. A reconnection needs a new one.
#[derive(Debug, Default)]
pub struct SseParser {
    /// The line so far; what is beyond one byte too many is not kept.
    line: Vec<u8>,
    /// The last byte was a carriage return that ended a line: a line feed now belongs to it.
    after_carriage_return: bool,
    past_first_line: bool,
    data: Vec<u8>,
    event: Vec<u8>,
    last_event_id: Vec<u8>,
    message_is_oversized: bool,
}

impl SseParser {
    /// Takes the next bytes and hands out what they complete, in order.
    pub fn feed(&mut self, bytes: &[u8], deliver: &mut dyn FnMut(SseItem)) {
        for &byte in bytes {
            let after_carriage_return = mem::take(&mut self.after_carriage_return);
            match byte {
                b'\n' if after_carriage_return => {}
                b'\r' | b'\n' => {
                    self.after_carriage_return = byte == b'\r';
                    self.end_line(deliver);
                }
                _ if self.line.len() <= MAX_MESSAGE_BYTES => self.line.push(byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self, deliver: &mut dyn FnMut(SseItem)) {
        let mut line = mem::take(&mut self.line);
        if !mem::replace(&mut self.past_first_line, true) && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if line.is_empty() {
            self.end_message(deliver);
        } else if line[0] != b':' {
            if line.len() > MAX_MESSAGE_BYTES {
                self.drop_message();
            } else {
                self.field(&line, deliver);
            }
        }
        // The buffer is kept for the next line, unless an unusual one has made it large.
        line.clear();
        if line.capacity() <= 4096 {
            self.line = line;
        }
    }

    fn field(&mut self, line: &[u8], deliver: &mut dyn FnMut(SseItem)) {
        let colon = line.iter().position(|&byte| byte == b':');
        let (name, value) = match colon {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data"
                if !self.message_is_oversized
                    && self.data.len() + value.len() < MAX_MESSAGE_BYTES =>
            {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            b"data" => self.drop_message(),
            b"event" => self.event = value.to_vec(),
            b"id" if value.iter().all(|byte| *byte != 0) => self.last_event_id = value.to_vec(),
            b"retry" => {
                if let Some(milliseconds) = digits(value) {
                    deliver(SseItem::Retry(milliseconds));
                }
            }
            _ => {}
        }
    }

    fn drop_message(&mut self) {
        self.message_is_oversized = true;
        self.data = Vec::new();
    }

    fn end_message(&mut self, deliver: &mut dyn FnMut(SseItem)) {
        let mut data = mem::take(&mut self.data);
        let event = mem::take(&mut self.event);
        if mem::take(&mut self.message_is_oversized) {
            deliver(SseItem::Oversized);
        } else if data.pop().is_some() {
            deliver(SseItem::Message(SseMessage {
                event: text(&event),
                data: text(&data),
                last_event_id: text(&self.last_event_id),
            }));
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A number of digits only; one that is too large for the type is as large as it goes.
fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0_u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parser: &mut SseParser, bytes: &[u8]) -> Vec<SseItem> {
        let mut items = Vec::new();
        parser.feed(bytes, &mut |item| items.push(item));
        items
    }

    fn parse(stream: impl AsRef<[u8]>) -> Vec<SseItem> {
        read(&mut SseParser::default(), stream.as_ref())
    }

    fn data(text: &str) -> SseItem {
        message(text, "")
    }

    fn message(data: &str, last_event_id: &str) -> SseItem {
        SseItem::Message(SseMessage {
            event: String::new(),
            data: data.into(),
            last_event_id: last_event_id.into(),
        })
    }

    #[test]
    fn a_message_ends_with_a_blank_line() {
        assert_eq!(parse("data: {}\n"), []);
        assert_eq!(parse("data: {}\n\n"), [data("{}")]);
    }

    #[test]
    fn lines_end_with_any_of_the_three_line_ends() {
        for end in ["\n", "\r", "\r\n"] {
            let stream = "data: a\ndata: b\n\ndata: c\n\n".replace('\n', end);
            assert_eq!(parse(stream), [data("a\nb"), data("c")], "{end:?}");
        }
    }

    #[test]
    fn one_space_after_the_colon_is_left_out_and_no_more() {
        assert_eq!(
            parse("data:a\n\ndata:  b\n\ndata\n\n"),
            [data("a"), data(" b"), data("")]
        );
    }

    #[test]
    fn a_byte_order_mark_is_skipped_at_the_start_only() {
        assert_eq!(parse("\u{feff}data: a\n\n"), [data("a")]);
        assert_eq!(parse("data: a\n\n\u{feff}data: b\n\n"), [data("a")]);
    }

    #[test]
    fn comments_and_unknown_fields_are_ignored() {
        assert_eq!(parse(": hello\nfoo: bar\ndata: a\n:\n\n"), [data("a")]);
    }

    #[test]
    fn an_id_holds_until_the_next_one() {
        assert_eq!(
            parse("id: j/1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"),
            [message("a", "j/1"), message("b", "j/1"), message("c", "")]
        );
    }

    #[test]
    fn an_id_with_a_nul_is_ignored() {
        assert_eq!(
            parse("id: j/1\nid: x\0y\ndata: a\n\n"),
            [message("a", "j/1")]
        );
    }

    #[test]
    fn the_event_name_is_one_messages_own() {
        let items = parse("event: note\ndata: a\n\ndata: b\n\n");
        let SseItem::Message(first) = &items[0] else {
            panic!("{items:?}")
        };
        assert_eq!(first.event, "note");
        assert_eq!(items[1], data("b"));
    }

    #[test]
    fn a_message_without_data_is_none() {
        assert_eq!(parse("event: note\nid: 1\n\n\n\n"), []);
    }

    #[test]
    fn retry_takes_digits_only() {
        assert_eq!(parse("retry: 2000\n"), [SseItem::Retry(2000)]);
        for bad in [
            "retry: 2s\n",
            "retry: -1\n",
            "retry:\n",
            "retry: 1.5\n",
            "retry:  9\n",
        ] {
            assert_eq!(parse(bad), [], "{bad:?}");
        }
        assert_eq!(
            parse("retry: 99999999999999999999999999\n"),
            [SseItem::Retry(u64::MAX)]
        );
    }

    #[test]
    fn bytes_that_are_no_utf8_become_replacement_characters() {
        assert_eq!(parse(b"data: \xff\xc3\n\n"), [data("\u{fffd}\u{fffd}")]);
    }

    #[test]
    fn a_message_comes_out_the_same_wherever_the_network_cuts_it() {
        let stream = "\u{feff}retry: 2000\r\nid: j/7\r\ndata: {\"name\":\"Zürich 東京 🚀\"}\r\ndata: x\r\n\r\n: c\r\rdata: b\n\n";
        let whole = parse(stream);
        assert_eq!(whole.len(), 3);
        let bytes = stream.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let mut parser = SseParser::default();
                let mut items = read(&mut parser, &bytes[..first]);
                items.extend(read(&mut parser, &bytes[first..second]));
                items.extend(read(&mut parser, &bytes[second..]));
                assert_eq!(items, whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_dropped_once_and_the_next_one_is_read() {
        let long_line = "x".repeat(MAX_MESSAGE_BYTES + 1);
        let many_lines = "data: 0123456789\n".repeat(MAX_MESSAGE_BYTES / 10);
        for long in [
            format!("data: {long_line}\n\n"),
            format!("data: a\n{long_line}\ndata: b\n\n"),
            format!("{many_lines}\n"),
        ] {
            assert_eq!(
                parse(format!("{long}data: next\n\n")),
                [SseItem::Oversized, data("next")]
            );
        }
    }

    #[test]
    fn a_comment_of_any_length_takes_nothing_with_it() {
        let comment = format!(":{}\n", "x".repeat(2 * MAX_MESSAGE_BYTES));
        assert_eq!(parse(format!("data: a\n{comment}\n")), [data("a")]);
    }

    #[test]
    fn memory_is_bounded_while_a_line_never_ends() {
        let mut parser = SseParser::default();
        for _ in 0..64 {
            read(&mut parser, &vec![b'x'; MAX_MESSAGE_BYTES / 8]);
        }
        assert!(parser.line.capacity() <= 2 * MAX_MESSAGE_BYTES);
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_hide_no_later_message() {
        // A linear congruential generator (Knuth's MMIX constants): the same bytes in every run.
        let mut state = 42_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let pieces: [&[u8]; 12] = [
            b"data",
            b":",
            b" ",
            b"\r",
            b"\n",
            b"\r\n",
            b"id",
            b"retry",
            b"\0",
            b"\xff",
            b"7",
            b"\xef\xbb\xbf",
        ];
        for _ in 0..2_000 {
            let mut parser = SseParser::default();
            for _ in 0..random() % 60 {
                read(&mut parser, pieces[random() % pieces.len()]);
            }
            let items = read(&mut parser, b"\n\ndata: last\n\n");
            assert!(
                matches!(items.last(), Some(SseItem::Message(last)) if last.data == "last"),
                "{items:?}"
            );
        }
    }
}
