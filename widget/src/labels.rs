//! What the widget says: English by default, each text replaceable by the host.

use std::ops::Index;

use yew::AttrValue;

use crate::{Numbers, text::find};

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident $key:literal $english:literal;)*) => {
        /// The texts of the widget. Placeholders are `{count}`, `{total}`, `{time}`, `{name}` and `{status}`, where they make
        /// sense; numbers come with the separators of the widget's language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Label {
            $($(#[$doc])* $label,)*
        }

        const ALL: &[Label] = &[$(Label::$label,)*];

        /// Key and text of each.
        const ENGLISH: &[(&str, &str)] = &[$(($key, $english),)*];
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
    /// See [`Syncing`](Self::Syncing).
    Cancelling "cancelling" "Cancelling";
    /// A running sync before its first numbers.
    Waiting "waiting" "Waiting for progress";
    /// How many entities are synced.
    Synced "synced" "{count} synced";
    /// How many entities are synced of how many.
    SyncedOf "syncedOf" "{count} of {total} synced";
    /// How many entities an idle connection holds.
    Entities "entities" "{count} entities";
    /// When it was last synced; `{time}` is how long ago that is.
    LastSynced "lastSynced" "Synced {time}";
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
        ALL.iter()
            .zip(ENGLISH)
            .map(|(label, (key, _))| (*label, *key))
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

/// How many texts there are of each label: that of all numbers, and those of plural categories, empty where there are none.
const FORMS: usize = 1 + Labels::PLURALS.len();

impl Default for Labels {
    fn default() -> Self {
        let mut labels = Self(vec![AttrValue::Static(""); ENGLISH.len() * FORMS]);
        for (label, (_, text)) in ALL.iter().zip(ENGLISH) {
            labels.set(*label, 0, AttrValue::Static(text));
        }
        labels.with_plural(Label::Entities, "one", AttrValue::Static("{count} entity"))
    }
}

impl Labels {
    /// The plural categories of all languages (Unicode CLDR), but for that of all other numbers.
    pub const PLURALS: [&'static str; 5] = ["zero", "one", "two", "few", "many"];

    /// Replaces one text.
    #[must_use]
    pub fn with(mut self, label: Label, text: impl Into<AttrValue>) -> Self {
        for form in 1..FORMS {
            self.set(label, form, AttrValue::Static(""));
        }
        self.set(label, 0, text.into());
        self
    }

    /// Gives a text of its own to the numbers of a plural category, one of [`PLURALS`](Self::PLURALS), in the place of
    /// [`with`](Self::with)'s. Which numbers are in which category depends on the language; another word changes nothing.
    ///
    /// ```
    /// use widget::{Label, Labels};
    ///
    /// let labels = Labels::default()
    ///     .with(Label::Inserted, "{count} nouveaux")
    ///     .with_plural(Label::Inserted, "one", "{count} nouveau");
    /// ```
    #[must_use]
    pub fn with_plural(mut self, label: Label, category: &str, text: impl Into<AttrValue>) -> Self {
        self.set(label, form_of(category), text.into());
        self
    }

    #[inline(never)]
    fn set(&mut self, label: Label, form: usize, text: AttrValue) {
        if form < FORMS {
            self.0[label as usize * FORMS + form] = text;
        }
    }

    /// A text about a number of things, as the language counts them.
    #[inline(never)]
    pub(crate) fn count(&self, label: Label, number: u64, numbers: &Numbers) -> String {
        let at = label as usize * FORMS;
        let forms = &self.0[at..at + FORMS];
        let mut text = &forms[0];
        if forms[1..].iter().any(|form| !form.is_empty()) {
            let own = forms.get(form_of(&numbers.plural(number)));
            text = own.filter(|own| !own.is_empty()).unwrap_or(text);
        }
        fill(text, &[("count", &numbers.write(number))])
    }
}

/// Where the text of a plural category is; nowhere where it has none.
fn form_of(category: &str) -> usize {
    let known = Labels::PLURALS.iter().position(|known| *known == category);
    known.map_or(FORMS, |at| at + 1)
}

impl Index<Label> for Labels {
    type Output = AttrValue;

    fn index(&self, label: Label) -> &AttrValue {
        &self.0[label as usize * FORMS]
    }
}

/// A text with its placeholders filled in. What is filled in is not searched again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = find(rest, b'{') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let known = values.iter().find_map(|(name, value)| {
            let behind = rest.strip_prefix(name)?.strip_prefix('}')?;
            Some((value, behind))
        });
        if let Some((value, behind)) = known {
            text.push_str(value);
            rest = behind;
        } else {
            text.push('{');
        }
    }
    text + rest
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
    fn a_number_has_the_text_of_its_plural_category() {
        // A server's, which knows of one and others alone.
        let numbers = Numbers::new("en");
        let entities = |labels: &Labels, number| labels.count(Label::Entities, number, &numbers);
        let english = Labels::default();
        assert_eq!(entities(&english, 1), "1 entity");
        assert_eq!(entities(&english, 2), "2 entities");
        assert_eq!(english.count(Label::Inserted, 1, &numbers), "1 new");
        let german = english.with(Label::Entities, "{count} Einträge");
        assert_eq!(entities(&german, 1), "1 Einträge");
        let german = german.with_plural(Label::Entities, "one", "{count} Eintrag");
        assert_eq!(entities(&german, 1), "1 Eintrag");
        assert_eq!(
            german,
            german.clone().with_plural(Label::Entities, "some", "x")
        );
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
