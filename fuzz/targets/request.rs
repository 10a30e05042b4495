//! Heads of requests, and what proxies say in them of where clients are.

#![no_main]

#[path = "../entries/request.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry::run(bytes));
