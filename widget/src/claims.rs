//! What a session token says about itself.

use protocol::SessionMode;

use crate::{json, text::find};

/// The part of a token's content that the host is told with `connect-ready`. It is only ever read after the service
/// has accepted the token; the widget decides nothing by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionClaims {
    /// The session's id.
    pub session_id: String,
    /// The collection whose connections it may see.
    pub collection_id: String,
    /// What it may be used for.
    pub mode: SessionMode,
}

impl SessionClaims {
    /// Reads `base64url(JSON) "." signature`; empty for a token of another form, such as one of the host's own API.
    pub(crate) fn read(token: &str) -> Self {
        let payload = find(token, b'.').map_or(token, |end| &token[..end]);
        let Some(bytes) = base64url(payload) else {
            return Self::default();
        };
        let Ok(claims) = json::parse(&String::from_utf8_lossy(&bytes)) else {
            return Self::default();
        };
        Self {
            session_id: json::text(&claims, "sid").unwrap_or_default(),
            collection_id: json::text(&claims, "cid").unwrap_or_default(),
            mode: match json::text(&claims, "mode").as_deref() {
                Some("connect") => SessionMode::Connect,
                Some("manage") => SessionMode::Manage,
                Some("reauth") => SessionMode::Reauth,
                _ => SessionMode::All,
            },
        }
    }
}

/// Decodes base64url without padding (RFC 4648, section 5).
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for symbol in text.bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64url;

    #[test]
    fn base64url_is_read_without_padding() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg", b"f"),
            ("Zm8", b"fo"),
            ("Zm9v", b"foo"),
            ("-_-_", b"\xfb\xff\xbf"),
        ] {
            assert_eq!(base64url(text).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_is_not_base64url_is_refused() {
        for text in ["Zg==", "a b", "Zm9v+", "é"] {
            assert_eq!(base64url(text), None, "{text:?}");
        }
    }
}
