//! The wire contract of live sync progress, as Rust types.
//!
//! Workers publish [`Progress`] messages, the service streams them to browsers as [`StreamMessage`]s, and both
//! sides of its HTTP API speak the other types here. There is no I/O in this crate, and nothing that a browser would
//! have to download beyond the types themselves.
//!
//! - [`progress`] – what a worker says about a running job, and how its end is told
//! - [`entity_counts`] – numbers of entities by type, in the order in which the worker named them
//! - [`event`] – the messages of an event stream and their ids
//! - [`job`], [`connection`], [`session`] – the records that the HTTP API shows
//! - [`problem`] – how errors look
//! - [`redis`] – names of channels and keys

// The schemas of the feature are made with the standard library.
#![cfg_attr(not(feature = "openapi"), no_std)]
extern crate alloc;

pub mod connection;
mod count;
pub mod entity_counts;
pub mod event;
pub mod job;
pub mod problem;
pub mod progress;
pub mod redis;
pub mod session;

pub use connection::{ConnectionStatus, RegisterConnection, SourceConnection};
pub use count::MAX_COUNT;
pub use entity_counts::EntityCounts;
pub use event::{EventId, StreamMessage};
pub use job::{JobStatus, RegisterJob, SourceConnectionJob};
pub use problem::Problem;
pub use progress::{End, Progress, PublishReceipt};
pub use session::{CreateSession, SessionContext, SessionCreated, SessionMode};
