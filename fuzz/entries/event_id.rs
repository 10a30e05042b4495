//! `Last-Event-ID`: an id that can be taken apart is put together as it was.

use protocol::EventId;

pub fn run(id: &str) {
    if let Some(parts) = EventId::parse(id) {
        assert_eq!(parts.to_string(), id);
    }
}
