//! A host of the hook, and what it sees.

use std::{cell::RefCell, rc::Rc};

use protocol::{ConnectionStatus, SourceConnection};
use widget::{
    ApiClient, Connections, Session, StreamMode, SyncFailure, SyncSubscription,
    UseSyncProgressHandle, UseSyncProgressOptions, use_sync_progress,
};
use yew::{AppHandle, Callback, Html, Properties, Renderer, component, html};

use super::root;

/// What a host sees of the hook.
#[derive(Clone, Default)]
pub struct Host {
    handle: Rc<RefCell<Option<UseSyncProgressHandle>>>,
    pub complete: Rc<RefCell<Vec<Rc<SyncSubscription>>>>,
    pub failures: Rc<RefCell<Vec<SyncFailure>>>,
}

impl PartialEq for Host {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub client: ApiClient,
    pub connections: Connections,
    pub streams: StreamMode,
    pub host: Host,
}

#[component]
pub fn Syncs(props: &Props) -> Html {
    let (complete, failures) = (props.host.complete.clone(), props.host.failures.clone());
    let handle = use_sync_progress(UseSyncProgressOptions {
        connections: props.connections.clone(),
        streams: props.streams,
        on_complete: Callback::from(move |sync| complete.borrow_mut().push(sync)),
        on_error: Callback::from(move |failure| failures.borrow_mut().push(failure)),
        ..UseSyncProgressOptions::new(props.client.clone())
    });
    *props.host.handle.borrow_mut() = Some(handle);
    html! {}
}

impl Host {
    pub fn props(&self, session: Session, syncing: &[&str]) -> Props {
        Props {
            client: ApiClient::new("", session),
            connections: connections(syncing),
            streams: StreamMode::default(),
            host: self.clone(),
        }
    }

    pub fn mount(&self, session: Session, syncing: &[&str]) -> AppHandle<Syncs> {
        let props = self.props(session, syncing);
        Renderer::<Syncs>::with_root_and_props(root(), props).render()
    }

    pub fn handle(&self) -> UseSyncProgressHandle {
        self.handle.borrow().clone().unwrap()
    }

    pub fn has_rendered(&self) -> bool {
        self.handle.borrow().is_some()
    }

    pub fn sync(&self, id: &str) -> Option<Rc<SyncSubscription>> {
        self.handle.borrow().as_ref()?.subscription(id).cloned()
    }

    pub fn inserted(&self, id: &str) -> Option<u64> {
        Some(self.sync(id)?.last_update.as_ref()?.inserted)
    }
}

pub fn connections(syncing: &[&str]) -> Connections {
    let connection = |id: &&str| SourceConnection {
        id: (*id).into(),
        status: ConnectionStatus::Syncing,
        ..SourceConnection::default()
    };
    syncing.iter().map(|id| Rc::new(connection(id))).collect()
}

pub fn session() -> Session {
    Session::new(Some("a.token"), None)
}
