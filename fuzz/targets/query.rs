//! The query of a request for a stream, and on a second line its `Last-Event-ID`: what is wanted is bounded.

#![no_main]

#[path = "../entries/query.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry::run(bytes));
