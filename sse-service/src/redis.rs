//! The Redis that all replicas share: where it is, and how it is spoken to.
//!
//! One server, a server behind Sentinel, or a cluster. What differs between them is told apart here and in
//! [`crate::broker::redis`]; everybody else uses single keys, or keys that share a slot.

mod address;
mod client;
mod tls;
mod values;

pub use address::{Address, AddressError};
pub use client::{COMMAND_TIMEOUT, connect};
pub use tls::TlsFiles;
pub use values::values;
