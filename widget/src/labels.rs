//! What the widget says: English by default, each text replaceable by the host.

use std::ops::Index;

use yew::AttrValue;

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident $key:literal $english:literal;)*) => {
        /// The texts of the widget. Placeholders are `{count}`, `{total}`, `{time}`, `{name}` and `{status}`, where they make
        /// sense; numbers come with the separators of the widget's language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Label {
            $($(#[$doc])* $label,)*
        }

        const ENGLISH: &[(Label, &str, &str)] = &[$((Label::$label, $key, $english),)*];
    };
}

labels! {
    /// The heading above the list.
    Title "title" "Connections";
    /// While the list is loaded.
    Loading "loading" "Loading connections";
    /// Instead of an empty list: heading and text.
    EmptyTitle "emptyTitle" "No connections yet";
    /// See [`EmptyTitle`](Self::EmptyTitle).
    EmptyText "emptyText" "Sources that you connect show up here.";
    /// The name of the button that closes the widget.
    Close "close" "Close";
    /// When the list cannot be loaded: heading, text and button.
    ErrorTitle "errorTitle" "Connections could not be loaded";
    /// See [`ErrorTitle`](Self::ErrorTitle).
    ErrorText "errorText" "Check your network and try again.";
    /// See [`ErrorTitle`](Self::ErrorTitle).
    Retry "retry" "Try again";
    /// When the session has expired: heading, text and button.
    ExpiredTitle "expiredTitle" "Your session has expired";
    /// See [`ExpiredTitle`](Self::ExpiredTitle).
    ExpiredText "expiredText" "Renew it to go on.";
    /// Instead of that text and the button where there is no way to renew.
    ExpiredForGood "expiredForGood" "Reload the page to go on.";
    /// See [`ExpiredTitle`](Self::ExpiredTitle).
    Renew "renew" "Renew session";
    /// When the session may not see the list: heading and text.
    ForbiddenTitle "forbiddenTitle" "No access";
    /// See [`ForbiddenTitle`](Self::ForbiddenTitle).
    ForbiddenText "forbiddenText" "This session may not see these connections.";
    /// A connection's status.
    Active "active" "Connected";
    /// See [`Active`](Self::Active).
    Inactive "inactive" "Inactive";
    /// See [`Active`](Self::Active).
    PendingAuth "pendingAuth" "Not authorized";
    /// See [`Active`](Self::Active).
    Error "error" "Error";
    /// A sync's state.
    Syncing "syncing" "Syncing";
    /// See [`Syncing`](Self::Syncing); `{count}` is the number of attempts so far.
    Reconnecting "reconnecting" "Reconnecting ({count})";
    /// See [`Syncing`](Self::Syncing).
    Offline "offline" "Offline";
    /// See [`Syncing`](Self::Syncing).
    Completed "completed" "Completed";
    /// See [`Syncing`](Self::Syncing).
    Failed "failed" "Failed";
    /// See [`Syncing`](Self::Syncing).
    Cancelled "cancelled" "Cancelled";
    /// A running sync before its first numbers.
    Waiting "waiting" "Waiting for progress";
    /// How many entities are synced.
    Synced "synced" "{count} synced";
    /// How many entities are synced of how many.
    SyncedOf "syncedOf" "{count} of {total} synced";
    /// How many entities an idle connection holds.
    Entities "entities" "{count} entities";
    /// How many of the synced entities are new.
    Inserted "inserted" "{count} new";
    /// How many of the synced entities had changed.
    Updated "updated" "{count} updated";
    /// How many entities were gone from the source.
    Deleted "deleted" "{count} deleted";
    /// How many of the synced entities had not changed.
    Kept "kept" "{count} unchanged";
    /// How many entities the worker passed over.
    Skipped "skipped" "{count} skipped";
    /// How many entities of a type, here `{name}`, there are.
    OfType "ofType" "{name}: {count}";
    /// How fast it goes, where there is no total.
    Rate "rate" "{count}/s";
    /// How long it will take, where there is a total; `{time}` is a number of seconds, minutes or hours with its unit.
    Remaining "remaining" "{time} left";
    /// The worker is silent for so many seconds.
    NoNews "noNews" "No news for {count} s";
    /// A failed sync whose worker gave no message.
    SyncFailed "syncFailed" "The sync failed.";
    /// The name of a progress bar, for screen readers.
    Progress "progress" "Sync progress of {name}";
    /// The name of the button that opens a row's menu, and of the menu.
    Actions "actions" "Actions for {name}";
    /// In a row's menu: what can be asked for.
    SyncAgain "syncAgain" "Sync again";
    /// See [`SyncAgain`](Self::SyncAgain).
    Reconnect "reconnect" "Reconnect";
    /// See [`SyncAgain`](Self::SyncAgain).
    Delete "delete" "Delete";
    /// Asked before a connection is deleted.
    ConfirmDelete "confirmDelete" "Delete {name}?";
    /// The answer that deletes nothing.
    Cancel "cancel" "Cancel";
    /// Read out when a sync has ended.
    Announcement "announcement" "{name}: {status}";
}

impl Label {
    /// All texts with the keys under which a host names them.
    pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
        ENGLISH.iter().map(|(label, key, _)| (*label, *key))
    }
}

/// A choice of texts: English, but for those that a host has replaced.
///
/// ```
/// use widget::{Label, Labels};
///
/// let labels = Labels::default().with(Label::Syncing, "Wird synchronisiert");
/// assert_eq!(&*labels[Label::Syncing], "Wird synchronisiert");
/// assert_eq!(&*labels[Label::Completed], "Completed");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Labels(Vec<AttrValue>);

impl Default for Labels {
    fn default() -> Self {
        let english = ENGLISH.iter().map(|(_, _, text)| AttrValue::Static(text));
        Self(english.collect())
    }
}

impl Labels {
    /// Replaces one text.
    #[must_use]
    pub fn with(mut self, label: Label, text: impl Into<AttrValue>) -> Self {
        self.0[label as usize] = text.into();
        self
    }
}

impl Index<Label> for Labels {
    type Output = AttrValue;

    fn index(&self, label: Label) -> &AttrValue {
        &self.0[label as usize]
    }
}

/// A text with its placeholders filled in. What is filled in is not searched again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = template.split('{');
    let mut text = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let known = values.iter().find_map(|(name, value)| {
            let rest = piece.strip_prefix(name)?.strip_prefix('}')?;
            Some((value, rest))
        });
        if let Some((value, rest)) = known {
            text.push_str(value);
            text.push_str(rest);
        } else {
            text.push('{');
            text.push_str(piece);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_can_be_replaced_and_no_two_share_a_key() {
        let mut keys = Vec::new();
        for (label, key) in Label::all() {
            assert_eq!(&*Labels::default().with(label, "other")[label], "other");
            assert!(!keys.contains(&key), "{key}");
            keys.push(key);
        }
    }

    #[test]
    fn placeholders_are_filled_in_wherever_they_stand() {
        let values = [("count", "1,234"), ("total", "2,000")];
        assert_eq!(fill("{count} of {total}", &values), "1,234 of 2,000");
        assert_eq!(fill("{count}{count}", &values), "1,2341,234");
        assert_eq!(fill("no placeholder", &values), "no placeholder");
    }

    #[test]
    fn other_braces_stay_as_they_are() {
        assert_eq!(fill("{ {x} {count", &[("count", "1")]), "{ {x} {count");
    }

    #[test]
    fn a_value_is_not_searched_for_placeholders() {
        let values = [("name", "{status}"), ("status", "Failed")];
        assert_eq!(fill("{name}: {status}", &values), "{status}: Failed");
    }
}
