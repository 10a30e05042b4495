//! The head of a request for a stream.

use crate::ids::ConnectionId;

/// Enough for the headers that browsers send; a head with more is left to the HTTP library.
const MAX_HEADERS: usize = 48;

/// What a request for a stream says.
#[derive(Debug, PartialEq, Eq)]
pub struct StreamRequest<'a> {
    /// The connection to be followed.
    pub connection: ConnectionId,
    /// The bearer token.
    pub token: &'a str,
    /// The page that asks, where it is a page.
    pub origin: Option<&'a str>,
    /// The newest message that the client has.
    pub last_event_id: Option<&'a str>,
    /// What proxies say of where it came from.
    pub forwarded_for: Option<&'a str>,
}

impl<'a> StreamRequest<'a> {
    /// Reads the head of a plain request for one connection's stream: HTTP/1.1, whole, without body or query, with a
    /// bearer token, nothing twice. `None` for everything else, however right it may be.
    ///
    /// `address_header` is the name of the header in which proxies write where a request came from.
    pub fn parse(bytes: &'a [u8], address_header: &str) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else {
            return None;
        };
        let is_plain =
            request.method == Some("GET") && request.version == Some(1) && head == bytes.len();
        let connection = connection(request.path?)?;
        let (mut token, mut origin, mut last_event_id, mut forwarded_for) =
            (None, None, None, None);
        for header in request.headers {
            let member = match header.name {
                name if name.eq_ignore_ascii_case("authorization") => &mut token,
                name if name.eq_ignore_ascii_case("origin") => &mut origin,
                name if name.eq_ignore_ascii_case("last-event-id") => &mut last_event_id,
                name if name.eq_ignore_ascii_case(address_header) => &mut forwarded_for,
                name if is_about_a_body(name) => return None,
                _ => continue,
            };
            if member
                .replace(std::str::from_utf8(header.value).ok()?)
                .is_some()
            {
                return None;
            }
        }
        let token = token?.strip_prefix("Bearer ")?.trim();
        is_plain.then_some(Self {
            connection,
            token,
            origin,
            last_event_id,
            forwarded_for,
        })
    }
}

fn connection(path: &str) -> Option<ConnectionId> {
    path.strip_prefix("/connect/source-connections/")?
        .strip_suffix("/subscribe")?
        .parse()
        .ok()
}

fn is_about_a_body(name: &str) -> bool {
    ["content-length", "transfer-encoding", "upgrade", "expect"]
        .into_iter()
        .any(|other| name.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "x-forwarded-for";
    const PATH: &str = "/connect/source-connections/6f9619ff-8b86-d011-b42d-00cf4fc964ff/subscribe";

    fn request(line: &str, headers: &str) -> String {
        format!("{line}\r\nHost: x\r\n{headers}\r\n")
    }

    #[test]
    fn a_browsers_request_is_read() {
        let head = request(
            &format!("GET {PATH} HTTP/1.1"),
            "authorization: Bearer abc.def\r\nOrigin: https://app.example.com\r\nLast-Event-ID: j/1\r\nX-Forwarded-For: 192.0.2.7\r\nAccept: */*\r\n",
        );
        let request = StreamRequest::parse(head.as_bytes(), HEADER).unwrap();
        assert_eq!(
            request.connection.to_string(),
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
        );
        assert_eq!(
            (request.token, request.origin, request.last_event_id),
            ("abc.def", Some("https://app.example.com"), Some("j/1"))
        );
        assert_eq!(request.forwarded_for, Some("192.0.2.7"));
    }

    #[test]
    fn everything_else_is_left_alone() {
        let get = format!("GET {PATH} HTTP/1.1");
        let token = "Authorization: Bearer abc\r\n";
        let cases = [
            ("nothing", String::new()),
            ("no HTTP", "hello".into()),
            ("half a head", request(&get, token)[..80].into()),
            (
                "another method",
                request(&format!("POST {PATH} HTTP/1.1"), token),
            ),
            ("HTTP/1.0", request(&format!("GET {PATH} HTTP/1.0"), token)),
            (
                "a query",
                request(&format!("GET {PATH}?wait=5 HTTP/1.1"), token),
            ),
            (
                "another path",
                request("GET /connect/source-connections HTTP/1.1", token),
            ),
            (
                "an id that is none",
                request(
                    "GET /connect/source-connections/x/subscribe HTTP/1.1",
                    token,
                ),
            ),
            ("no token", request(&get, "")),
            (
                "two lines of proxies",
                request(
                    &get,
                    &format!("{token}{HEADER}: 1.1.1.1\r\n{HEADER}: 2.2.2.2\r\n"),
                ),
            ),
            ("two tokens", request(&get, &format!("{token}{token}"))),
            (
                "another scheme",
                request(&get, "Authorization: Basic abc\r\n"),
            ),
            (
                "a body",
                request(&get, &format!("{token}Content-Length: 3\r\n")),
            ),
            (
                "chunks",
                request(&get, &format!("{token}Transfer-Encoding: chunked\r\n")),
            ),
            (
                "an upgrade",
                request(&get, &format!("{token}Upgrade: h2c\r\n")),
            ),
            (
                "a second request behind it",
                request(&get, token) + "GET / HTTP/1.1\r\n\r\n",
            ),
            (
                "too many headers",
                request(&get, &format!("{token}{}", "X: y\r\n".repeat(100))),
            ),
            (
                "the preface of HTTP/2",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
            ),
        ];
        for (what, head) in cases {
            assert_eq!(
                StreamRequest::parse(head.as_bytes(), HEADER),
                None,
                "{what}"
            );
        }
    }
}
