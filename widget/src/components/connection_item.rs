//! One connection's row.

use std::rc::Rc;

use protocol::{ConnectionStatus, Progress, SourceConnection};
use yew::{AttrValue, Component, Context, Html, NodeRef, Properties};

use super::{
    markup::{
        Attribute::{
            AriaHidden, AriaPosInSet, AriaSetSize, Class, DataAction, DataApart, DataConnectionId,
            DataState, DataStatus, DataTint, Dir, Part, Title, Type,
        },
        Element, Fixed,
    },
    row_menu::menu_button,
    sync_progress_indicator::{
        SyncProgressIndicatorProps, fill_bars, span, status_view, sync_view,
    },
};
use crate::{
    Action, Actions, Label, Labels, Numbers, SyncSubscription,
    avatar::{letters_of, tint_of},
    format::minutes_since,
    labels::fill,
    row_state::RowState,
};

/// The properties of [`ConnectionItem`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ConnectionItemProps {
    /// The connection, as the list has it.
    pub connection: Rc<SourceConnection>,
    /// Its sync, where one is followed.
    #[prop_or_default]
    pub subscription: Option<Rc<SyncSubscription>>,
    /// The worker's message of the last sync, where that has failed. Plain text.
    #[prop_or_default]
    pub failure: Option<AttrValue>,
    /// The texts.
    #[prop_or_default]
    pub labels: Rc<Labels>,
    /// How numbers are written.
    pub numbers: Numbers,
}

/// Shows one connection, as an element of a list (`li`): its integration, name and status, and its sync while there is
/// one.
///
/// ```
/// use std::rc::Rc;
/// use protocol::SourceConnection;
/// use widget::{ConnectionItem, Numbers};
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct Props {
///     connection: Rc<SourceConnection>,
///     numbers: Numbers,
/// }
///
/// #[component]
/// fn Single(props: &Props) -> Html {
///     html! {
///         <ul>
///             <ConnectionItem connection={props.connection.clone()} numbers={props.numbers.clone()} />
///         </ul>
///     }
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Default)]
pub struct ConnectionItem {
    root: NodeRef,
}

impl Component for ConnectionItem {
    type Message = ();
    type Properties = ConnectionItemProps;

    fn create(_: &Context<Self>) -> Self {
        Self::default()
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let extras = RowExtras {
            minutes: ctx.props().minutes(),
            ..RowExtras::default()
        };
        item_view(ctx.props(), extras, &self.root)
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        fill_bars(&self.root);
    }
}

impl ConnectionItemProps {
    /// For how many minutes nothing was synced.
    pub(super) fn minutes(&self) -> Option<u64> {
        let last = self.connection.last_synced_at.as_deref();
        last.filter(|_| self.subscription.is_none())
            .and_then(minutes_since)
    }

    /// How much is synced, while a sync is shown.
    pub(super) fn synced(&self) -> Option<u64> {
        let update = self.subscription.as_ref()?.last_update.as_ref();
        update.map(Progress::synced)
    }

    /// Whether they are the same as others: by address, which is quick and right for what is shared.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_same_sync = match (&self.subscription, &other.subscription) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        is_same_sync
            && Rc::ptr_eq(&self.connection, &other.connection)
            && Rc::ptr_eq(&self.labels, &other.labels)
            && self.numbers == other.numbers
            && self.failure == other.failure
    }
}

/// What a row of the widget has besides its item.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RowExtras {
    /// What can be asked for.
    pub(super) actions: Actions,
    /// For how many minutes nothing was synced.
    pub(super) minutes: Option<u64>,
    /// Which one it is of how many, where not all are in the page.
    pub(super) place: Option<(usize, usize)>,
    /// Before or after the other rows, with some between that are not in the page.
    pub(super) apart: Option<&'static str>,
}

/// What the item shows, for any component: see [`sync_view`].
pub(super) fn item_view(props: &ConnectionItemProps, extras: RowExtras, root: &NodeRef) -> Html {
    let ConnectionItemProps {
        connection,
        subscription,
        failure,
        labels,
        numbers,
    } = props;
    let state = RowState::of(connection, subscription.as_deref());
    let name = AttrValue::from(match &*connection.name {
        "" => connection.short_name.clone(),
        name => name.to_owned(),
    });
    let sync = match (subscription, state) {
        (Some(subscription), _) => Some(subscription.clone()),
        // The list says that it is syncing; its subscription is about to begin.
        (None, RowState::Syncing) => Some(Rc::new(SyncSubscription::new(&connection.id))),
        _ => None,
    };

    let place = extras.place;
    let number = |it: Option<usize>| it.map(|it| it as u64);
    let avatar = Element::new("span", AVATAR)
        .with_number(DataTint, number(Some(tint_of(&connection.short_name))))
        .text(&letters_of(&connection.short_name, &connection.name));
    let title = Element::new("h3", NAME).with(Title, &name).text(&name);
    let mut status = Html::default();
    let mut counts = Html::default();
    let sync = if let Some(subscription) = sync {
        let indicator = SyncProgressIndicatorProps {
            subscription,
            name: name.clone(),
            labels: labels.clone(),
            numbers: numbers.clone(),
        };
        sync_view(&indicator, &NodeRef::default())
    } else {
        status = status_view(&state.text(connection.status, labels, numbers));
        let count = count(connection, labels, numbers);
        let ago = extras.minutes.map(|it| {
            let time = numbers.write_ago(it);
            fill(&labels[Label::LastSynced], &[("time", &time)])
        });
        counts = Element::new("div", COUNTS)
            .child(span("count", &count))
            .child(span("note", &ago.unwrap_or_default()))
            .into();
        Html::default()
    };
    let message = message(state, subscription.as_deref(), failure.as_ref(), labels);
    let error = message.map(|it| Element::new("p", ERROR).with(Title, &it).text(&it).into());
    let can_retry = extras.actions.has(Action::Sync);
    let has_failed = matches!(state, RowState::Failed | RowState::Error);
    let retry = (can_retry && has_failed).then(|| {
        Element::new("button", RETRY)
            .text(&labels[Label::Retry])
            .into()
    });
    let has_menu = extras.actions.while_syncing(state.is_running()) != Actions::default();
    Element::new("li", ROW)
        .keyed(&connection.id)
        .found_by(root)
        .with(DataConnectionId, &connection.id)
        .with(DataState, state.as_str())
        .with(DataStatus, connection.status.as_str())
        .with(DataApart, extras.apart.unwrap_or_default())
        .with_number(AriaPosInSet, number(place.map(|(at, _)| at)))
        .with_number(AriaSetSize, number(place.map(|(_, count)| count)))
        .child(avatar.into())
        .child(title.into())
        .child(sync)
        .child(status)
        .child(counts)
        .child(error.unwrap_or_default())
        .child(retry.unwrap_or_default())
        .child(if has_menu {
            menu_button(&name, labels)
        } else {
            Html::default()
        })
        .into()
}

const ROW: Fixed = &[(Class, "connect-theme connect-item"), (Part, "connection")];
const AVATAR: Fixed = &[
    (Class, "connect-avatar"),
    (Part, "avatar"),
    (AriaHidden, "true"),
];
const NAME: Fixed = &[(Part, "name"), (Dir, "auto")];
const COUNTS: Fixed = &[(Class, "connect-counts")];
const RETRY: Fixed = &[
    (Type, "button"),
    (Class, "connect-retry"),
    (Part, "button"),
    (DataAction, "sync"),
];
const ERROR: Fixed = &[(Class, "connect-error"), (Part, "error"), (Dir, "auto")];

/// How much it holds; nothing is to be counted where the connection was never made.
fn count(connection: &SourceConnection, labels: &Labels, numbers: &Numbers) -> String {
    let count = connection.entity_count;
    if connection.status == ConnectionStatus::PendingAuth && count == 0 {
        return String::new();
    }
    labels.count(Label::Entities, count, numbers)
}

/// Why the sync failed: the worker's message, or that it gave none.
fn message(
    state: RowState,
    subscription: Option<&SyncSubscription>,
    failure: Option<&AttrValue>,
    labels: &Labels,
) -> Option<AttrValue> {
    let of_sync = subscription
        .and_then(|subscription| subscription.last_update.as_ref()?.error.clone())
        .filter(|message| !message.is_empty());
    match state {
        RowState::Failed => {
            Some(of_sync.map_or_else(|| labels[Label::SyncFailed].clone(), AttrValue::from))
        }
        RowState::Error => failure.cloned(),
        _ => None,
    }
}
