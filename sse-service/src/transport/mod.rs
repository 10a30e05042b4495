//! From the port to the HTTP library: sockets that do not wait for ever.
//!
//! The HTTP library has no limit on how long a client may take nothing, and for HTTP/1.1 none on how slowly a second request may
//! come. So it is given sockets of ours: [`listener`] sets what the system can watch by itself, [`socket`] watches the rest,
//! and [`door`] finds out which protocol a client speaks, with [`tls`] or without.

pub mod door;
pub mod listener;
pub mod socket;
pub mod tls;

pub use door::{Connection, Door};
pub use socket::{Cut, Socket};
pub use tls::Certificate;
