//! The query of a request for a stream, and on a second line its `Last-Event-ID`: what is wanted is bounded.

use std::time::Duration;

use actix_web::{
    http::{Uri, header::HeaderValue},
    test::TestRequest,
};
use sse_service::handlers::wanted::{MAX_CONNECTIONS, MAX_WAIT_SECONDS, Wanted};

pub fn run(bytes: &[u8]) {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let (query, id) = (lines.next().unwrap_or_default(), lines.next());
    let uri = [b"/connect/subscribe?", query].concat();
    // What is no address is refused by the HTTP library.
    let Ok(uri) = Uri::try_from(uri) else { return };
    let mut request = TestRequest::with_uri(&uri.to_string());
    if let Some(Ok(id)) = id.map(HeaderValue::from_bytes) {
        request = request.insert_header(("last-event-id", id));
    }
    let request = request.to_http_request();
    let one = Wanted::from_path("6f9619ff-8b86-d011-b42d-00cf4fc964ff", &request);
    for wanted in [one, Wanted::from_query(&request)].into_iter().flatten() {
        assert!((1..=MAX_CONNECTIONS).contains(&wanted.connections.len()));
        assert!(wanted.seen.len() <= MAX_CONNECTIONS + 1);
        assert!(wanted.seen.iter().all(|id| id.len() <= 256));
        let longest = Duration::from_secs(MAX_WAIT_SECONDS);
        assert!(wanted.wait.is_none_or(|wait| wait <= longest));
    }
}
