//! What a connection's row shows: the list's word and the subscription's, made one.

use protocol::{ConnectionStatus, SourceConnection};

use crate::{Label, Labels, Numbers, StreamState, SyncStatus, SyncSubscription};

/// The state of a row, and of a progress indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowState {
    /// Nothing goes on.
    Idle,
    /// A sync is followed.
    Syncing,
    /// A sync's stream was lost; so many attempts have failed.
    Reconnecting(u32),
    /// A sync's stream waits for the network.
    Offline,
    Completed,
    Failed,
    Cancelled,
    /// The list says so: the last sync has failed, or the credentials do not work.
    Error,
}

impl RowState {
    pub(crate) fn of(
        connection: &SourceConnection,
        subscription: Option<&SyncSubscription>,
    ) -> Self {
        match (subscription, connection.status) {
            (Some(subscription), _) => Self::of_sync(subscription),
            (None, ConnectionStatus::Syncing) => Self::Syncing,
            (None, ConnectionStatus::Error) => Self::Error,
            _ => Self::Idle,
        }
    }

    pub(crate) fn of_sync(subscription: &SyncSubscription) -> Self {
        match (subscription.status, subscription.stream) {
            (SyncStatus::Completed, _) => Self::Completed,
            (SyncStatus::Failed, _) => Self::Failed,
            (SyncStatus::Cancelled, _) => Self::Cancelled,
            (SyncStatus::Active, StreamState::Offline) => Self::Offline,
            (SyncStatus::Active, StreamState::Reconnecting { attempt }) => {
                Self::Reconnecting(attempt)
            }
            (SyncStatus::Active, _) => Self::Syncing,
        }
    }

    /// It in a word. `status` is the connection's, which an idle row shows.
    pub(crate) fn text(
        self,
        status: ConnectionStatus,
        labels: &Labels,
        numbers: &Numbers,
    ) -> String {
        let label = match (self, status) {
            (Self::Reconnecting(attempt), _) => {
                return labels.count(Label::Reconnecting, attempt.into(), numbers);
            }
            (Self::Idle, ConnectionStatus::Inactive) => Label::Inactive,
            (Self::Idle, ConnectionStatus::PendingAuth) => Label::PendingAuth,
            (Self::Idle, _) => Label::Active,
            (Self::Syncing, _) => Label::Syncing,
            (Self::Offline, _) => Label::Offline,
            (Self::Completed, _) => Label::Completed,
            (Self::Failed, _) => Label::Failed,
            (Self::Cancelled, _) => Label::Cancelled,
            (Self::Error, _) => Label::Error,
        };
        String::from(&*labels[label])
    }

    /// Whether a sync goes on, as far as is known.
    pub(crate) fn is_running(self) -> bool {
        matches!(self, Self::Syncing | Self::Reconnecting(_) | Self::Offline)
    }

    /// The value of `data-state`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Syncing => "syncing",
            Self::Reconnecting(_) => "reconnecting",
            Self::Offline => "offline",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamEnd;

    fn row(status: ConnectionStatus) -> &'static str {
        let connection = SourceConnection {
            status,
            ..SourceConnection::default()
        };
        RowState::of(&connection, None).as_str()
    }

    fn sync(status: SyncStatus, stream: StreamState) -> &'static str {
        let subscription = SyncSubscription {
            status,
            stream,
            ..SyncSubscription::new("c")
        };
        let connection = SourceConnection::default();
        RowState::of(&connection, Some(&subscription)).as_str()
    }

    #[test]
    fn without_a_subscription_the_lists_status_holds() {
        assert_eq!(row(ConnectionStatus::Active), "idle");
        assert_eq!(row(ConnectionStatus::Inactive), "idle");
        assert_eq!(row(ConnectionStatus::PendingAuth), "idle");
        assert_eq!(row(ConnectionStatus::Syncing), "syncing");
        assert_eq!(row(ConnectionStatus::Error), "error");
    }

    #[test]
    fn a_subscription_knows_better_than_the_list() {
        let reconnecting = StreamState::Reconnecting { attempt: 2 };
        assert_eq!(sync(SyncStatus::Active, StreamState::Connecting), "syncing");
        assert_eq!(sync(SyncStatus::Active, StreamState::Live), "syncing");
        assert_eq!(sync(SyncStatus::Active, reconnecting), "reconnecting");
        assert_eq!(sync(SyncStatus::Active, StreamState::Offline), "offline");
    }

    #[test]
    fn an_end_is_shown_however_the_stream_stands() {
        for stream in [
            StreamState::Live,
            StreamState::Ended(StreamEnd::Finished),
            StreamState::Reconnecting { attempt: 1 },
        ] {
            assert_eq!(sync(SyncStatus::Completed, stream), "completed");
            assert_eq!(sync(SyncStatus::Failed, stream), "failed");
            assert_eq!(sync(SyncStatus::Cancelled, stream), "cancelled");
        }
    }
}
