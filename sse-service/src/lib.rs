//! Fans out the progress of sync jobs to browsers, as Server-Sent Events.
//!
//! Workers publish to one channel per job; the service holds one subscription per job that anybody looks at, and one hub
//! that shares what it hears among all streams.
//!
//! - [`config`], [`app`], [`routes`], [`openapi`], [`state`] – settings, wiring, the table of routes and its description, what handlers work with
//! - [`handlers`] – what is answered, one file a resource; [`error`] – how what goes wrong is told
//! - [`auth`] – who may do what; [`reload`] – secrets that change
//! - [`broker`] – where progress flows: [`broker::memory`], [`broker::redis`]; [`redis`] – how Redis is reached
//! - [`directory`] – who owns which connections and jobs: [`directory::memory`], [`directory::redis`],
//!   [`directory::upstream`]
//! - [`plain`], [`decode`], [`version`], [`frame`] – from a worker's message to the bytes on a stream
//! - [`hub`] – fan-out; [`bell`] – what wakes a stream; [`stream`] – what one browser is told, and when; [`direct`] – how most of them reach their sockets;
//!   [`recorder`] – how jobs ended
//! - [`limits`] – what is bounded; [`client_address`] – where clients are, behind proxies; [`admission`] – streams that were let in; [`transport`] – sockets that time out
//! - [`shutdown`], [`metrics`], [`trace`], [`telemetry`], [`clock`], [`ids`]
//! - [`demo`] – all of it in one process, with simulated workers

pub mod admission;
pub mod app;
pub mod auth;
pub mod bell;
pub mod broker;
pub mod client_address;
pub mod clock;
pub mod config;
pub mod decode;
pub mod demo;
pub mod direct;
pub mod directory;
pub mod error;
pub mod frame;
pub mod handlers;
pub mod hub;
pub mod ids;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod plain;
pub mod recorder;
pub mod redis;
pub mod reload;
pub mod routes;
pub mod shutdown;
pub mod state;
pub mod stream;
pub mod telemetry;
pub mod timing;
pub mod trace;
pub mod transport;
pub mod version;
