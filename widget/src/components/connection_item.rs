//! One connection's row.

use std::rc::Rc;

use protocol::{ConnectionStatus, SourceConnection};
use yew::{AttrValue, Component, Context, Html, NodeRef, Properties, html};

use super::sync_progress_indicator::{SyncProgressIndicatorProps, fill_bars, span, sync_view};
use crate::{
    Label, Labels, Numbers, SyncSubscription,
    avatar::{letters_of, tint_of},
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
        item_view(ctx.props(), RowPlace::default(), &self.root)
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        fill_bars(&self.root);
    }
}

impl ConnectionItemProps {
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

/// Where a row is in a list of which not all rows are in the page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RowPlace {
    /// Which one it is, of how many.
    pub(super) place: Option<(usize, usize)>,
    /// Before or after the other rows, with some between that are not in the page.
    pub(super) apart: Option<&'static str>,
}

/// What the item shows, for any component: see [`sync_view`].
pub(super) fn item_view(props: &ConnectionItemProps, row: RowPlace, root: &NodeRef) -> Html {
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

    html! {
        <li
            key={&*connection.id}
            ref={root}
            class="connect-theme connect-item"
            part="connection"
            data-connection-id={connection.id.clone()}
            data-state={state.as_str()}
            data-status={connection.status.as_str()}
            data-apart={row.apart}
            aria-posinset={row.place.map(|(at, _)| at.to_string())}
            aria-setsize={row.place.map(|(_, count)| count.to_string())}
        >
            <span
                class="connect-avatar"
                part="avatar"
                aria-hidden="true"
                data-tint={tint_of(&connection.short_name).to_string()}
            >
                { letters_of(&connection.short_name, &connection.name) }
            </span>
            <h3 part="name" dir="auto" title={&name}>{ &name }</h3>
            if let Some(subscription) = sync {
                {
                    sync_view(&SyncProgressIndicatorProps {
                        subscription,
                        name,
                        labels: labels.clone(),
                        numbers: numbers.clone(),
                    }, &NodeRef::default())
                }
            } else {
                <span class="connect-status" part="status">
                    { state.text(connection.status, labels, numbers) }
                </span>
                <div class="connect-counts">
                    { span("count", count(connection, labels, numbers)) }
                </div>
            }
            if let Some(message) = message(state, subscription.as_deref(), failure.as_ref(), labels) {
                <p class="connect-error" part="error" dir="auto" title={&message}>{ message }</p>
            }
        </li>
    }
}

/// How much it holds; nothing is to be counted where the connection was never made.
fn count(connection: &SourceConnection, labels: &Labels, numbers: &Numbers) -> String {
    let count = connection.entity_count;
    if connection.status == ConnectionStatus::PendingAuth && count == 0 {
        return String::new();
    }
    fill(
        &labels[Label::Entities],
        &[("count", &numbers.write(count))],
    )
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
