//! Streams without an HTTP library between the hub and the socket.
//!
//! A stream lives for hours and says little, and there are many of them. An HTTP library keeps buffers and state for requests
//! that never come: measured, 16 kB a connection. So a connection whose first request asks for a stream is taken over:
//! [`takeover`] looks at its bytes without taking them, [`request`] reads them, and [`connection`] writes the stream.
//!
//! Only what goes well goes this way. A request that is to be refused, that comes in pieces, or that is anything else, is left
//! untouched in the socket and answered as every other request is: by [`crate::handlers`], with the same [`EventStream`].
//!
//! [`EventStream`]: crate::stream::EventStream

pub mod connection;
pub mod request;
pub mod takeover;
