//! Publishes how far a sync is: what a worker needs in order to be seen by `sse-service` and its widget.
//!
//! A [`Publisher`] counts what the worker has done with each entity, and tells it a few times a second. Counting costs the
//! sync next to nothing, and never fails: all that leaves the process does so on a thread of the [`Destination`].
//!
//! ```no_run
//! use connect_publisher::{Destination, Publisher};
//! # use uuid::Uuid;
//!
//! # async fn sync(job: Uuid, source: Vec<String>) -> Result<(), Box<dyn std::error::Error>> {
//! let destination = Destination::redis("redis://127.0.0.1:6379")?;
//! let publisher = Publisher::start(&destination, job);
//! for message in source {
//!     // … store the message …
//!     publisher.inserted(1);
//!     publisher.met("Message", 1);
//! }
//! publisher.complete().await?;
//! # Ok(())
//! # }
//! ```
//!
//! What can be relied on:
//!
//! - **Each sync has an end.** [`complete`](Publisher::complete), [`fail`](Publisher::fail) and [`cancel`](Publisher::cancel)
//!   tell it; a publisher that is dropped before, by an early return or a panic, tells that the sync has failed. A process that is
//!   killed says nothing: whoever watches over it has to.
//! - **The last state is always told**, however seldom updates are: see [`Options::updates_per_second`].
//! - **A destination that is away holds nothing up.** What is newest is tried again, with backoff, until it is told; there is one
//!   state for each job, and no queue.
//! - **Snapshot and message go together**, so a browser that comes later is shown the same; the snapshot first.
//! - **Messages have numbers** that grow over restarts of the worker, so no listener is shown an older state after a newer one.
//!
//! Parts:
//!
//! - [`Destination`] – Redis, or the service's API
//! - [`Publisher`] – one job's progress
//! - [`Service`] – registers connections and jobs

mod backoff;
mod destination;
mod error;
mod link;
mod publisher;
mod service;
mod state;
mod telling;

pub use destination::Destination;
pub use error::{DestinationError, PublishError, ServiceError};
pub use publisher::{Options, Publisher};
pub use service::Service;
