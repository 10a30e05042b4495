//! From what a worker has published to a progress message that may be shown.

use protocol::Progress;
use serde::Deserialize;

/// The largest message that is shown, in bytes. A breakdown by a thousand entity types fits.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The longest message from a worker to its end user, in bytes; what is longer is cut.
pub const MAX_ERROR_BYTES: usize = 4 * 1024;

/// Why a message is not shown.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// More than [`MAX_MESSAGE_BYTES`].
    #[error("the message has {0} bytes, more than {MAX_MESSAGE_BYTES}")]
    TooLarge(usize),
    /// Broken JSON, or a member of the wrong kind. Says where, never what stood there.
    #[error("the message is no progress: {category} error at byte {column} of line {line}")]
    Malformed {
        /// `syntax`, `data` or `end of input`.
        category: &'static str,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// No JSON object, or nothing in it that progress consists of.
    #[error("the message is no JSON object with a member of a progress message")]
    NotProgress,
}

impl DecodeError {
    /// The cause in a word, for metrics.
    pub fn cause(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too_large",
            Self::Malformed { .. } => "malformed",
            Self::NotProgress => "not_progress",
        }
    }
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        use serde_json::error::Category;
        let category = match error.classify() {
            Category::Io | Category::Syntax => "syntax",
            Category::Data => "data",
            Category::Eof => "end of input",
        };
        Self::Malformed {
            category,
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Whether any of the members that make a message progress is there. What carries a `type` is another kind of message
/// and never progress, whatever else it holds.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members {
    inserted: Option<serde::de::IgnoredAny>,
    updated: Option<serde::de::IgnoredAny>,
    deleted: Option<serde::de::IgnoredAny>,
    kept: Option<serde::de::IgnoredAny>,
    skipped: Option<serde::de::IgnoredAny>,
    entities_encountered: Option<serde::de::IgnoredAny>,
    is_complete: Option<serde::de::IgnoredAny>,
    is_failed: Option<serde::de::IgnoredAny>,
    status: Option<serde::de::IgnoredAny>,
    #[serde(rename = "type")]
    kind: Option<serde::de::IgnoredAny>,
}

impl Members {
    fn are_progress(&self) -> bool {
        let any = [
            &self.inserted,
            &self.updated,
            &self.deleted,
            &self.kept,
            &self.skipped,
            &self.entities_encountered,
            &self.is_complete,
            &self.is_failed,
            &self.status,
        ]
        .into_iter()
        .any(Option::is_some);
        any && self.kind.is_none()
    }
}

/// Reads a worker's message.
pub fn progress(payload: &[u8]) -> Result<Progress, DecodeError> {
    if payload.len() > MAX_MESSAGE_BYTES {
        return Err(DecodeError::TooLarge(payload.len()));
    }
    if !is_object(payload) {
        return Err(DecodeError::NotProgress);
    }
    // What workers say is read once: where counts or an end were found, their members were there.
    if !may_have_kind(payload)
        && let Ok(progress) = serde_json::from_slice(payload)
        && says_something(&progress)
    {
        return Ok(bounded(progress));
    }
    if !serde_json::from_slice::<Members>(payload)?.are_progress() {
        return Err(DecodeError::NotProgress);
    }
    Ok(bounded(serde_json::from_slice(payload)?))
}

/// Whether there may be a member `type`. Only escapes by number can hide its name.
fn may_have_kind(json: &[u8]) -> bool {
    let has = |text: &[u8]| json.windows(text.len()).any(|part| part == text);
    has(b"\"type\"") || has(b"\\u")
}

fn says_something(progress: &Progress) -> bool {
    progress.inserted > 0 || progress.end().is_some() || progress.is_complete.is_some()
}

/// The job's end, out of a message that cannot be shown as it is: too large because of the worker's stack trace, or
/// with a broken count. Losing such a message would leave the end user in front of a sync that never ends. Counts are
/// not taken from it.
pub fn end_only(payload: &[u8]) -> Option<Progress> {
    #[derive(Deserialize)]
    struct End {
        #[serde(rename = "type")]
        kind: Option<serde::de::IgnoredAny>,
        is_complete: Option<bool>,
        is_failed: Option<bool>,
        status: Option<String>,
        error: Option<String>,
    }
    if !is_object(payload) {
        return None;
    }
    let end: End = serde_json::from_slice(payload).ok()?;
    let progress = Progress {
        is_complete: end.is_complete,
        is_failed: end.is_failed,
        status: end
            .status
            .as_deref()
            .and_then(protocol::JobStatus::from_word),
        error: end.error,
        ..Progress::default()
    };
    (end.kind.is_none() && progress.end().is_some()).then(|| bounded(progress))
}

/// serde would take an array for the members in their order.
fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

fn bounded(mut progress: Progress) -> Progress {
    if let Some(error) = &mut progress.error
        && error.len() > MAX_ERROR_BYTES
    {
        error.truncate(error.floor_char_boundary(MAX_ERROR_BYTES - '…'.len_utf8()));
        error.push('…');
    }
    progress
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_either_generation_is_read() {
        assert_eq!(
            progress(br#"{"inserted":1,"is_complete":false}"#)
                .unwrap()
                .inserted,
            1
        );
        assert!(
            progress(br#"{"status":"completed"}"#)
                .unwrap()
                .end()
                .is_some()
        );
    }

    #[test]
    fn what_is_no_progress_is_refused() {
        let cases: [(&[u8], &str); 14] = [
            (b"", "not_progress"),
            (b"\xff\xfe", "not_progress"),
            (b"not json", "not_progress"),
            (b"[1,2]", "not_progress"),
            (b"\"inserted\"", "not_progress"),
            (b"null", "not_progress"),
            (b"{\"inserted\":1", "malformed"),
            (b"{\"inserted\":\xff}", "malformed"),
            (b"{}", "not_progress"),
            (br#"{"hello":"world"}"#, "not_progress"),
            (br#"{"type":"heartbeat"}"#, "not_progress"),
            (br#"{"type":"connected","inserted":1}"#, "not_progress"),
            (br#"{"inserted":-1}"#, "malformed"),
            (br#"{"inserted":1e40}"#, "malformed"),
        ];
        for (payload, cause) in cases {
            let error = progress(payload).unwrap_err();
            assert_eq!(error.cause(), cause, "{}", String::from_utf8_lossy(payload));
        }
    }

    #[test]
    fn a_message_of_a_mebibyte_is_refused_before_it_is_parsed() {
        let payload = vec![b'['; 1 << 20];
        assert_eq!(progress(&payload).unwrap_err().cause(), "too_large");
    }

    #[test]
    fn the_end_is_taken_out_of_a_message_that_is_too_large() {
        let payload = format!(r#"{{"is_failed":true,"error":"{}"}}"#, "ä".repeat(1 << 20));
        assert_eq!(
            progress(payload.as_bytes()).unwrap_err().cause(),
            "too_large"
        );
        let end = end_only(payload.as_bytes()).unwrap();
        assert_eq!(end.end(), Some(protocol::End::Failed));
        let error = end.error.unwrap();
        assert!(error.len() <= MAX_ERROR_BYTES && error.ends_with('…'));
    }

    #[test]
    fn the_end_is_taken_out_of_a_message_with_a_broken_count() {
        assert!(end_only(br#"{"inserted":-5,"status":"cancelled"}"#).is_some());
        assert!(end_only(br#"{"inserted":-5}"#).is_none());
        assert!(end_only(b"not json").is_none());
        assert!(end_only(b"[null,true]").is_none());
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        let payload = format!(r#"{{"inserted":1,"x":{}"#, "[".repeat(30_000));
        assert_eq!(
            progress(payload.as_bytes()).unwrap_err().cause(),
            "malformed"
        );
    }

    #[test]
    fn errors_do_not_repeat_what_stood_in_the_message() {
        let error = progress(br#"{"inserted":"s3cret"}"#)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }
}
