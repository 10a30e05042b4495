//! `Last-Event-ID`: an id that can be taken apart is put together as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::EventId;

fuzz_target!(|id: &str| {
    if let Some(parts) = EventId::parse(id) {
        assert_eq!(parts.to_string(), id);
    }
});
