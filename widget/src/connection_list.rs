//! The list of connections and what is known beside it. Without a browser.

use std::rc::Rc;

use protocol::{ConnectionStatus, SourceConnection};
use yew::AttrValue;

use crate::{ApiError, Connections};

/// How many failed connections are asked for their message after one loading of the list.
const MAX_UNEXPLAINED: usize = 20;

/// Where the list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ListPhase {
    #[default]
    Loading,
    Ready,
    Expired,
    Forbidden,
    Failed(ApiError),
}

/// The list, with the messages of failed syncs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConnectionList {
    pub(crate) phase: ListPhase,
    pub(crate) connections: Connections,
    /// By connection; an empty one says that the worker gave none.
    failures: Vec<(String, AttrValue)>,
}

impl Default for ConnectionList {
    fn default() -> Self {
        Self {
            phase: ListPhase::default(),
            connections: Rc::new([]),
            failures: Vec::new(),
        }
    }
}

impl ConnectionList {
    /// The list was asked for after it could not be shown.
    pub(crate) fn loading(&mut self) {
        if self.phase != ListPhase::Ready {
            self.phase = ListPhase::Loading;
        }
    }

    /// The service has answered. What has not changed keeps its record, so that its row is not rendered again.
    pub(crate) fn loaded(&mut self, connections: Vec<SourceConnection>) {
        let known = self.connections.clone();
        self.connections = connections
            .into_iter()
            .map(|new| {
                let same = known.iter().find(|known| ***known == new);
                same.cloned().unwrap_or_else(|| Rc::new(new))
            })
            .collect();
        let connections = &self.connections;
        self.failures.retain(|(id, _)| {
            let connection = connections.iter().find(|connection| connection.id == *id);
            connection.is_some_and(|it| it.status == ConnectionStatus::Error)
        });
        self.phase = ListPhase::Ready;
    }

    /// The list could not be loaded. One that is shown stays, unless the session has no right to it any more.
    pub(crate) fn refused(&mut self, error: ApiError) {
        self.phase = match (error, self.phase) {
            (ApiError::SessionExpired, _) => ListPhase::Expired,
            (ApiError::Forbidden, _) => ListPhase::Forbidden,
            (_, ListPhase::Ready) => return,
            (error, _) => ListPhase::Failed(error),
        };
        // Nothing stays subscribed to that is not shown; the next list starts afresh.
        self.connections = Rc::new([]);
    }

    /// A sync has completed or was cancelled: until the list is loaded again, this is what it will say.
    pub(crate) fn completed(&mut self, connection_id: &str) {
        self.set_status(connection_id, ConnectionStatus::Active);
    }

    /// A sync has failed, with the worker's message: see [`completed`](Self::completed).
    pub(crate) fn failed(&mut self, connection_id: &str, message: AttrValue) {
        self.set_status(connection_id, ConnectionStatus::Error);
        self.explain(connection_id, message);
    }

    fn set_status(&mut self, connection_id: &str, status: ConnectionStatus) {
        let with_status = |known: &Rc<SourceConnection>| {
            let mut connection = known.clone();
            if connection.id == connection_id {
                Rc::make_mut(&mut connection).status = status;
            }
            connection
        };
        self.connections = self.connections.iter().map(with_status).collect();
    }

    /// The worker's message of a failed sync has become known.
    pub(crate) fn explain(&mut self, connection_id: &str, message: AttrValue) {
        self.failures.retain(|(id, _)| id != connection_id);
        self.failures.push((connection_id.into(), message));
    }

    /// Why a connection's last sync failed.
    pub(crate) fn failure(&self, connection_id: &str) -> Option<AttrValue> {
        let known = self.failures.iter().find(|(id, _)| id == connection_id)?;
        Some(known.1.clone()).filter(|message| !message.is_empty())
    }

    /// The connections that have failed for a reason that is not known here.
    pub(crate) fn unexplained(&self) -> Vec<String> {
        let failed = self
            .connections
            .iter()
            .filter(|it| it.status == ConnectionStatus::Error)
            .filter(|it| !self.failures.iter().any(|(id, _)| *id == it.id));
        failed
            .take(MAX_UNEXPLAINED)
            .map(|it| it.id.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConnectionStatus::{Active, Error, Syncing};

    fn connection(id: &str, status: ConnectionStatus) -> SourceConnection {
        SourceConnection {
            id: id.into(),
            status,
            ..SourceConnection::default()
        }
    }

    fn loaded(connections: &[(&str, ConnectionStatus)]) -> ConnectionList {
        let mut list = ConnectionList::default();
        list.loaded(
            connections
                .iter()
                .map(|(id, status)| connection(id, *status))
                .collect(),
        );
        list
    }

    #[test]
    fn a_loading_that_fails_keeps_the_list_that_is_shown() {
        let mut list = loaded(&[("a", Active)]);
        list.refused(ApiError::Unreachable);
        assert_eq!(list.phase, ListPhase::Ready);
        list.refused(ApiError::SessionExpired);
        assert_eq!(list.phase, ListPhase::Expired);
    }

    #[test]
    fn a_first_loading_that_fails_is_told() {
        for (error, phase) in [
            (
                ApiError::Unreachable,
                ListPhase::Failed(ApiError::Unreachable),
            ),
            (ApiError::Forbidden, ListPhase::Forbidden),
            (ApiError::SessionExpired, ListPhase::Expired),
        ] {
            let mut list = ConnectionList::default();
            list.refused(error);
            assert_eq!(list.phase, phase);
            list.loading();
            assert_eq!(list.phase, ListPhase::Loading);
        }
    }

    #[test]
    fn what_has_not_changed_keeps_its_record() {
        let mut list = loaded(&[("a", Active), ("b", Active)]);
        let before = list.connections.clone();
        list.loaded(vec![connection("a", Active), connection("b", Syncing)]);
        assert!(Rc::ptr_eq(&before[0], &list.connections[0]));
        assert_eq!(list.connections[1].status, Syncing);
    }

    #[test]
    fn a_failure_stays_until_a_list_shows_otherwise() {
        let mut list = loaded(&[("a", Syncing)]);
        list.failed("a", "quota".into());
        assert_eq!(list.connections[0].status, Error);
        list.loaded(vec![connection("a", Error)]);
        assert_eq!(list.failure("a").as_deref(), Some("quota"));
        list.loaded(vec![connection("a", Syncing)]);
        assert_eq!(list.failure("a"), None);
    }

    #[test]
    fn a_failed_connection_is_asked_for_its_message_once() {
        let mut list = loaded(&[("a", Error), ("b", Active)]);
        assert_eq!(list.unexplained(), ["a"]);
        list.explain("a", "".into());
        assert_eq!(list.unexplained(), [""; 0]);
        assert_eq!(list.failure("a"), None);
    }

    #[test]
    fn the_other_ends_leave_the_connection_active() {
        let mut list = loaded(&[("a", Syncing), ("b", Syncing)]);
        list.completed("a");
        assert_eq!(list.connections[0].status, Active);
        assert_eq!(list.connections[1].status, Syncing);
    }
}
