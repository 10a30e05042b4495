//! Workers' messages: what is read is shown as it was read, on one line, in bounds.

#![no_main]

#[path = "../entries/progress.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|message: &[u8]| entry::run(message));
