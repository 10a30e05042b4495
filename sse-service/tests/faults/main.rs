//! What happens when things go wrong: the real binary and a real Redis are killed, frozen, cut off and flooded, under many
//! streams whose clients come back. No end of a job may be lost, and memory stays in bounds.
//!
//! Short by default; with `CONNECT_TEST_SCALE=full` as large as promised: `just faults`. Each test prints a row of a table.

// A test binary has no outside for which `pub` could be told from `pub(crate)`.
#![allow(unreachable_pub)]

#[path = "../service/support/mod.rs"]
// The other tests use it too, and other parts of it.
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

#[path = "../deploy/reverse_proxy.rs"]
// The tests of proxies use it too, and other parts of it.
#[allow(dead_code)]
mod reverse_proxy;

mod client;
mod cluster;
mod crowd;
mod deaf_clients;
mod flood;
mod redis_away;
mod redis_cut_off;
mod redis_flushed;
mod redis_frozen;
mod report;
mod scale;
mod service_killed;
mod soak;
mod workers;
