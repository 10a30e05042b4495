//! What an end user can ask the host to do with a connection.

use protocol::SessionMode;

use crate::Label;

/// One of the things that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To sync again.
    Sync,
    /// To connect again, such as with other credentials.
    Reconnect,
    /// To delete the connection. It is only asked for when the end user has said so twice.
    Delete,
}

impl Action {
    /// In the order in which they are shown: the word and the text of each.
    pub(crate) const ALL: [(Self, &'static str, Label); 3] = [
        (Self::Sync, "sync", Label::SyncAgain),
        (Self::Reconnect, "reconnect", Label::Reconnect),
        (Self::Delete, "delete", Label::Delete),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// What a host can do of them, or a session's mode allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions(u8);

impl Actions {
    /// With one more.
    #[must_use]
    pub fn with(self, action: Action) -> Self {
        Self(self.0 | 1 << action as u8)
    }

    /// Whether one of them is among these.
    pub fn has(self, action: Action) -> bool {
        self.0 & 1 << action as u8 != 0
    }

    /// Those that a session's mode leaves: all where connections may be managed, other credentials where that is what the
    /// session is for, and none where it is for new connections.
    #[must_use]
    pub fn allowed_in(self, mode: SessionMode) -> Self {
        match mode {
            SessionMode::All | SessionMode::Manage => self,
            SessionMode::Reauth => Self(self.0 & Self::default().with(Action::Reconnect).0),
            SessionMode::Connect => Self::default(),
        }
    }

    /// Those that make sense while the connection syncs, or does not.
    #[must_use]
    pub(crate) fn while_syncing(self, is_syncing: bool) -> Self {
        let sync = Self::default().with(Action::Sync).0;
        Self(if is_syncing { self.0 & !sync } else { self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Actions {
        let actions = Action::ALL.iter();
        actions.fold(Actions::default(), |all, (action, ..)| all.with(*action))
    }

    fn words(actions: Actions) -> Vec<&'static str> {
        let those = Action::ALL.iter().filter(|(it, ..)| actions.has(*it));
        those.map(|(action, ..)| action.as_str()).collect()
    }

    #[test]
    fn a_session_may_ask_for_what_its_mode_is_for() {
        for (mode, expected) in [
            (SessionMode::All, vec!["sync", "reconnect", "delete"]),
            (SessionMode::Manage, vec!["sync", "reconnect", "delete"]),
            (SessionMode::Reauth, vec!["reconnect"]),
            (SessionMode::Connect, vec![]),
        ] {
            assert_eq!(words(all().allowed_in(mode)), expected, "{mode:?}");
        }
    }

    #[test]
    fn what_the_host_cannot_do_is_not_offered() {
        let only_sync = Actions::default().with(Action::Sync);
        assert_eq!(words(only_sync.allowed_in(SessionMode::All)), ["sync"]);
        assert_eq!(words(only_sync.allowed_in(SessionMode::Reauth)), [""; 0]);
    }

    #[test]
    fn what_syncs_is_not_synced_again() {
        assert_eq!(words(all().while_syncing(true)), ["reconnect", "delete"]);
        assert_eq!(words(all().while_syncing(false)), words(all()));
    }
}
