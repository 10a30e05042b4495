//! Addresses of the API.

use crate::ApiError;

/// Those of percent-encoding. (Rust's formatting would cost every visitor 2 kB.)
const HEX_DIGITS: [u8; 16] = *b"0123456789ABCDEF";

/// Paths below the API's address.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Endpoint<'a> {
    /// The connections of the session's collection.
    Connections,
    /// One connection's jobs, newest first.
    Jobs(&'a str),
    /// The event stream of one connection's latest job.
    Subscribe(&'a str),
    /// One event stream for several connections, for a client that has the messages of these ids.
    SubscribeAll {
        /// Ids of connections: 1 to 50.
        connections: &'a [&'a str],
        /// Ids of messages: at most 50.
        seen: &'a [&'a str],
    },
}

impl Endpoint<'_> {
    /// The address below `base`, which has no slash at its end.
    pub(crate) fn url(self, base: &str) -> Result<String, ApiError> {
        let mut url = [base, "/connect/source-connections"].concat();
        let (id, rest) = match self {
            Self::Connections => return Ok(url),
            Self::Jobs(id) => (id, "/jobs"),
            Self::Subscribe(id) => (id, "/subscribe"),
            Self::SubscribeAll { connections, seen } => {
                url = [base, "/connect/subscribe"].concat();
                let connections = connections.iter().map(|id| ("connection_id", *id));
                let seen = seen.iter().map(|id| ("seen", *id));
                for (at, (name, value)) in connections.chain(seen).enumerate() {
                    url.push(if at == 0 { '?' } else { '&' });
                    url.push_str(name);
                    url.push('=');
                    push_encoded(&mut url, value);
                }
                return Ok(url);
            }
        };
        // No encoding takes their meaning from the two segments that stand for another folder.
        if matches!(id, "" | "." | "..") {
            return Err(ApiError::BadId);
        }
        url.push('/');
        push_encoded(&mut url, id);
        url.push_str(rest);
        Ok(url)
    }
}

/// Appends a text, percent-encoded but for RFC 3986's unreserved characters.
fn push_encoded(url: &mut String, text: &str) {
    // Ids usually are such characters alone, and there can be hundreds of them.
    if text.bytes().all(is_unreserved) {
        url.push_str(text);
        return;
    }
    for byte in text.bytes() {
        if is_unreserved(byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            for digit in [byte >> 4, byte & 15] {
                url.push(char::from(HEX_DIGITS[usize::from(digit)]));
            }
        }
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_contract() {
        let id = "0b6e3a52-8d2f-4f0e-9a35-5f2f8f1c0001";
        assert_eq!(
            Endpoint::Connections.url("https://api.example").unwrap(),
            "https://api.example/connect/source-connections"
        );
        assert_eq!(
            Endpoint::Jobs(id).url("/api").unwrap(),
            format!("/api/connect/source-connections/{id}/jobs")
        );
        assert_eq!(
            Endpoint::Subscribe(id).url("").unwrap(),
            format!("/connect/source-connections/{id}/subscribe")
        );
    }

    #[test]
    fn several_connections_and_what_was_seen_of_them_stand_in_the_query() {
        let all = Endpoint::SubscribeAll {
            connections: &["a", "b&c"],
            seen: &["job/7"],
        };
        assert_eq!(
            all.url("/api").unwrap(),
            "/api/connect/subscribe?connection_id=a&connection_id=b%26c&seen=job%2F7"
        );
    }

    #[test]
    fn an_id_stays_inside_its_segment() {
        assert_eq!(
            Endpoint::Jobs("../a?b#c d/é%").url("").unwrap(),
            "/connect/source-connections/..%2Fa%3Fb%23c%20d%2F%C3%A9%25/jobs"
        );
    }

    #[test]
    fn an_id_that_would_leave_the_path_is_refused() {
        for id in ["", ".", ".."] {
            assert_eq!(Endpoint::Subscribe(id).url(""), Err(ApiError::BadId));
        }
    }
}
