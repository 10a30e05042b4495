//! The service through its public face: the real binary, real HTTP, a real Redis.

// A test binary has no outside for which `pub` could be told from `pub(crate)`.
#![allow(unreachable_pub)]

#[macro_use]
// The fault tests use it too, and other parts of it.
#[allow(dead_code, unused_imports)]
mod support;

mod access;
mod bad_messages;
mod connections;
mod cors;
mod demo;
mod drain;
mod hardening;
mod http2;
mod jobs;
mod json_web_tokens;
mod limits;
mod many;
mod metrics;
mod new_jobs;
mod process;
mod redis_cluster;
mod redis_connections;
mod redis_faults;
mod redis_sentinel;
mod redis_tls;
mod revocation;
mod rotation;
mod sessions;
mod streams;
mod traces;
mod upstream;
mod waiting;
mod wire;
