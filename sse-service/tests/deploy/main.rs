//! What stands around the service: its documents, reverse proxies, manifests, alerts.

// A test binary has no outside for which `pub` could be told from `pub(crate)`.
#![allow(unreachable_pub)]

#[path = "../service/support/mod.rs"]
// The other tests use it too, and other parts of it.
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

mod embedding;
mod files;
mod links;
mod manifests;
mod proxies;
// The fault tests use it too, and other parts of it.
#[allow(dead_code)]
mod reverse_proxy;
mod settings;
mod watching;
