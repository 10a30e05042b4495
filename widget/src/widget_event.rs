//! What the widget tells its host.

use std::rc::Rc;

use crate::{Action, SessionClaims, SyncFailure, SyncSubscription};

/// Where the widget as a whole stands, for its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WidgetStatus {
    /// The list is being loaded, or there is no token yet.
    Loading,
    /// The list is there.
    Ready,
    /// The session has expired.
    Expired,
    /// The list cannot be shown.
    Error,
}

impl WidgetStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Expired => "expired",
            Self::Error => "error",
        }
    }
}

/// Why the end user has closed the widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// They have seen enough.
    Cancel,
    /// There was nothing to be seen: the list could not be shown.
    Error,
}

impl CloseReason {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Error => "error",
        }
    }
}

/// What has happened in a [`ConnectWidget`](crate::ConnectWidget).
#[derive(Clone, Debug, PartialEq)]
pub enum WidgetEvent {
    /// The list is there for the first time.
    Ready(SessionClaims),
    /// The widget stands elsewhere now; the message is for developers.
    Status(WidgetStatus, Option<String>),
    /// A sync goes on.
    Progress(Rc<SyncSubscription>),
    /// A sync has completed or was cancelled.
    Complete(Rc<SyncSubscription>),
    /// A sync has failed or cannot be followed.
    Error(SyncFailure),
    /// The end user asks for something to be done with a connection, by its id. Doing it is the host's business.
    Action(Action, String),
    /// The end user has pressed the close button. What closing means is the host's business.
    Close(CloseReason),
}
