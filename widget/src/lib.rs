//! Live sync progress as Yew components.
//!
//! [`ConnectWidget`] is all of it: the connections of a session's collection, each with its sync while there is one.
//! Its parts can be used alone.
//!
//! What a host uses:
//! - [`ConnectWidget`], [`ConnectionItem`], [`SyncProgressIndicator`] – components; [`Styles`] is their style sheet
//! - [`use_sync_progress`] – the hook that follows syncs
//! - [`ApiClient`], [`Session`] – the HTTP API; [`SyncStream`] – one connection's event stream, kept alive
//! - [`Theme`], [`Labels`] – how it looks and what it says
//!
//! What it is made of, without a browser and tested without one:
//! - [`sse`] – bytes to messages
//! - [`stream`]'s machine and backoff – what to do when a stream is lost, refused, silent or over
//! - `sharing` – which connections go on which streams
//! - `subscription`, `connection_list`, `row_state` – what is known, how it changes, and what of it is shown
//! - `text` – digits, and where a character is
//! - `counting` – how a number that grows is shown
//! - `row_window` – which rows of a long list are drawn
//!
//! And with a browser:
//! - `stream`'s driver – requests, timers and the browser's events for the machine
//! - `subscriptions` – all streams of one hook; `controller` – the list beside them
//! - `json`, `wire`, `decode` – the browser's `JSON.parse`, its objects' members, and its values as wire types
//! - `element` (feature `element`) – what the custom element of the npm package calls

mod actions;
mod api_error;
mod avatar;
mod claims;
mod client;
mod commands;
mod components;
mod connection_list;
mod controller;
mod counting;
mod decode;
#[cfg(feature = "element")]
pub mod element;
mod endpoint;
mod format;
mod hooks;
mod http;
mod json;
mod labels;
mod page;
pub mod palette;
mod row_state;
mod row_window;
mod session;
mod sharing;
pub mod sse;
pub mod stream;
mod styles;
mod subscription;
mod subscriptions;
mod sync_failure;
mod text;
mod theme;
mod widget_event;
mod wire;

pub use actions::{Action, Actions};
pub use api_error::ApiError;
pub use claims::SessionClaims;
pub use client::ApiClient;
pub use commands::{Command, Commands};
pub use components::{
    ConnectWidget, ConnectWidgetMessage, ConnectWidgetProps, ConnectionItem, ConnectionItemProps,
    SyncProgressIndicator, SyncProgressIndicatorProps,
};
pub use format::Numbers;
pub use hooks::{UseSyncProgressHandle, UseSyncProgressOptions, use_sync_progress};
pub use labels::{Label, Labels};
pub use session::{Session, TokenSource};
pub use sharing::StreamMode;
pub use stream::{StreamEnd, StreamEvent, StreamState, SyncStream};
pub use styles::{Styles, stylesheet};
pub use subscription::{SyncStatus, SyncSubscription};
pub use subscriptions::Connections;
pub use sync_failure::{SyncFailure, SyncFailureKind};
pub use theme::{Palette, Theme, ThemeMode};
pub use widget_event::{CloseReason, WidgetEvent, WidgetStatus};
