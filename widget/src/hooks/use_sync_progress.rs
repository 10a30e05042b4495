//! The hook that follows syncs.

use std::rc::Rc;

use protocol::Progress;
use yew::{Callback, hook, use_effect_with, use_force_update, use_memo};
use yew_hooks::use_latest;

use crate::{
    ApiClient, Connections, StreamMode, SyncFailure, SyncSubscription,
    subscriptions::{News, Subscriptions},
};

/// What [`use_sync_progress`] follows, and whom it tells.
#[derive(Clone, Debug, PartialEq)]
pub struct UseSyncProgressOptions {
    /// The API. Another one ends all subscriptions of the one before.
    pub client: ApiClient,
    /// A list of connections: those with status `syncing` are subscribed to. Empty where the caller subscribes by hand.
    pub connections: Connections,
    /// How they are followed: how many streams there are.
    pub streams: StreamMode,
    /// Told each progress of a job that goes on.
    pub on_progress: Callback<Rc<SyncSubscription>>,
    /// Told once a job has completed or was cancelled.
    pub on_complete: Callback<Rc<SyncSubscription>>,
    /// Told once a job has failed, or cannot be followed.
    pub on_error: Callback<SyncFailure>,
}

impl UseSyncProgressOptions {
    /// Follows nothing by itself and tells nobody.
    pub fn new(client: ApiClient) -> Self {
        Self {
            client,
            connections: Rc::new([]),
            streams: StreamMode::default(),
            on_progress: Callback::noop(),
            on_complete: Callback::noop(),
            on_error: Callback::noop(),
        }
    }
}

/// The subscriptions of one [`use_sync_progress`].
#[derive(Clone)]
pub struct UseSyncProgressHandle {
    subscriptions: Rc<Subscriptions>,
    snapshot: Vec<Rc<SyncSubscription>>,
}

impl UseSyncProgressHandle {
    /// All subscriptions, as of this render.
    pub fn subscriptions(&self) -> &[Rc<SyncSubscription>] {
        &self.snapshot
    }

    /// A connection's subscription, as of this render.
    pub fn subscription(&self, connection_id: &str) -> Option<&Rc<SyncSubscription>> {
        let mut all = self.snapshot.iter();
        all.find(|subscription| subscription.connection_id == connection_id)
    }

    /// Subscribes to a connection's latest job; also to one that appears only in a while. Does nothing while the
    /// connection is subscribed to.
    pub fn subscribe(&self, connection_id: &str) {
        self.subscriptions.subscribe(connection_id);
    }

    /// Ends a connection's subscription.
    pub fn unsubscribe(&self, connection_id: &str) {
        self.subscriptions.unsubscribe(connection_id);
    }

    /// A connection's latest progress, as of this render.
    pub fn get_progress(&self, connection_id: &str) -> Option<&Progress> {
        self.subscription(connection_id)?.last_update.as_ref()
    }

    /// Whether a connection is subscribed to and its job goes on, as of now.
    pub fn has_active_subscription(&self, connection_id: &str) -> bool {
        let now = self.subscriptions.get(connection_id);
        now.is_some_and(|subscription| subscription.is_active())
    }

    /// Whether a connection's stream was lost and is not back, as of now.
    pub fn is_reconnecting(&self, connection_id: &str) -> bool {
        let now = self.subscriptions.get(connection_id);
        now.is_some_and(|subscription| subscription.is_reconnecting())
    }

    /// Ends all subscriptions. They also end when the component is unmounted.
    pub fn cleanup(&self) {
        self.subscriptions.cleanup();
    }
}

/// Follows the syncs of connections.
///
/// There is one subscription a connection, through lost networks, expired tokens and restarts of the service. A
/// finished one stays for 2 s; all end when the component is unmounted.
///
/// ```
/// use widget::{ApiClient, UseSyncProgressOptions, use_sync_progress};
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct Props {
///     client: ApiClient,
///     connection_id: AttrValue,
/// }
///
/// #[component]
/// fn Synced(props: &Props) -> Html {
///     let syncs = use_sync_progress(UseSyncProgressOptions {
///         on_complete: Callback::from(|_| { /* load the data */ }),
///         ..UseSyncProgressOptions::new(props.client.clone())
///     });
///     let subscribe = {
///         let (syncs, id) = (syncs.clone(), props.connection_id.clone());
///         Callback::from(move |_: MouseEvent| syncs.subscribe(&id))
///     };
///     let synced = syncs.get_progress(&props.connection_id).map(|progress| progress.synced());
///     html! {
///         <button onclick={subscribe}>{ synced.unwrap_or_default() }</button>
///     }
/// }
/// # fn main() {}
/// ```
#[hook]
pub fn use_sync_progress(options: UseSyncProgressOptions) -> UseSyncProgressHandle {
    let update = use_force_update();
    let client = options.client.clone();
    let connections = options.connections.clone();
    let streams = options.streams;
    let latest = use_latest(options);

    let subscriptions = use_memo(client.clone(), move |client| {
        Subscriptions::new(client.clone(), move |subscriptions, news| {
            let options = latest.current();
            match news {
                News::Changed => update.force_update(),
                News::Progress(sync) => options.on_progress.emit(sync),
                News::Complete(sync) => options.on_complete.emit(sync),
                News::Error(failure) => options.on_error.emit(failure),
                // The list is the caller's.
                News::Overdue(id) => subscriptions.release(&id),
            }
        })
    });
    {
        let subscriptions = subscriptions.clone();
        use_effect_with(client.clone(), move |_| move || subscriptions.close());
    }
    {
        let subscriptions = subscriptions.clone();
        use_effect_with(
            (client, streams, connections),
            move |(_, streams, connections)| {
                subscriptions.set_mode(*streams);
                subscriptions.follow(connections);
            },
        );
    }
    UseSyncProgressHandle {
        snapshot: subscriptions.snapshot(),
        subscriptions,
    }
}
