//! Session tokens of either kind: whatever is sent, nothing is accepted but what the secret has signed.

#![no_main]

#[path = "../entries/token.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|token: &str| entry::run(token));
