//! `Last-Event-ID`: an id that can be taken apart is put together as it was.

#![no_main]

#[path = "../entries/event_id.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|id: &str| entry::run(id));
