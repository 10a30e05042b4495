//! Publishers in each language, against the real service and a real Redis.

// A test binary has no outside for which `pub` could be told from `pub(crate)`.
#![allow(unreachable_pub)]

#[path = "../service/support/mod.rs"]
// The other tests use it too, and other parts of it.
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

mod conformance;
mod docs;
mod examples;
mod migration;
mod outages;
mod refusals;
mod sync_worker;
mod worker;
