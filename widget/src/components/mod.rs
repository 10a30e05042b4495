//! Components, each usable alone.

mod connect_widget;
mod connection_item;
mod held;
mod listening;
mod markup;
mod row_menu;
mod rows;
mod style;
mod sync_progress_indicator;

pub use connect_widget::{ConnectWidget, ConnectWidgetMessage, ConnectWidgetProps};
pub use connection_item::{ConnectionItem, ConnectionItemProps};
pub use sync_progress_indicator::{SyncProgressIndicator, SyncProgressIndicatorProps};
