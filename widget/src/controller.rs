//! One widget's list of connections and their syncs, kept up to date. The component shows what it holds.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use wasm_bindgen_futures::spawn_local;
use yew::AttrValue;

use crate::{
    ApiClient, ApiError, SyncFailureKind, SyncStatus, WidgetEvent, WidgetStatus,
    connection_list::{ConnectionList, ListPhase},
    page,
    subscriptions::{News, Subscriptions},
};

/// How often the list is loaded again, in milliseconds, while the page is seen: nothing else tells of a sync that
/// somebody else, or a schedule, has started.
const REFRESH_MS: u32 = 15_000;

/// The list and the syncs of one client.
pub(crate) struct Controller {
    client: ApiClient,
    list: RefCell<ConnectionList>,
    subscriptions: Rc<Subscriptions>,
    /// The connection whose sync has ended last, and how: what is read out.
    last_end: RefCell<Option<(String, SyncStatus)>>,
    /// Told what happens; nothing when there is only something else to show.
    tell: Box<dyn Fn(Option<WidgetEvent>)>,
    /// The number of the latest request: an answer to an earlier one is too old to be shown.
    request: Cell<u32>,
    was_ready: Cell<bool>,
    /// What keeps the list fresh; ends with the controller.
    fresheners: RefCell<Option<(Interval, Option<EventListener>)>>,
}

impl Controller {
    /// Starts with an empty list, which is loaded at once where there is a token, or a way to get one.
    pub(crate) fn start(
        client: ApiClient,
        tell: impl Fn(Option<WidgetEvent>) + 'static,
    ) -> Rc<Self> {
        let controller = Rc::new_cyclic(|controller: &Weak<Self>| {
            let news = controller.clone();
            Self {
                subscriptions: Rc::new(Subscriptions::new(client.clone(), move |_, it| {
                    if let Some(controller) = news.upgrade() {
                        controller.news(it);
                    }
                })),
                client,
                list: RefCell::default(),
                last_end: RefCell::default(),
                tell: Box::new(tell),
                request: Cell::new(0),
                was_ready: Cell::new(false),
                fresheners: RefCell::default(),
            }
        });
        if !page::is_on_server() {
            controller.keep_fresh();
            controller.tell_status();
            controller.refresh();
        }
        controller
    }

    pub(crate) fn client(&self) -> &ApiClient {
        &self.client
    }

    pub(crate) fn subscriptions(&self) -> &Rc<Subscriptions> {
        &self.subscriptions
    }

    /// The list, as of now.
    pub(crate) fn list(&self) -> ConnectionList {
        self.list.borrow().clone()
    }

    /// The name of the connection whose sync has ended last, and how.
    pub(crate) fn last_end(&self) -> Option<(String, SyncStatus)> {
        self.last_end.borrow().clone()
    }

    /// Loads the list again.
    pub(crate) fn refresh(self: &Rc<Self>) {
        self.load(None);
    }

    /// Loads the list, and then gives up the finished sync of a connection.
    fn load(self: &Rc<Self>, overdue: Option<String>) {
        if !self.client.session().is_possible() {
            return;
        }
        self.change(ConnectionList::loading);
        let request = self.next_request();
        let controller = Rc::downgrade(self);
        let client = self.client.clone();
        spawn_local(async move {
            let answer = client.shown_connections().await;
            let Some(controller) = controller.upgrade() else {
                return;
            };
            if controller.request.get() == request {
                controller.change(|list| match answer {
                    Ok(connections) => list.loaded(connections),
                    Err(error) => list.refused(error),
                });
                controller.explain();
                // How long ago things were is told anew, though nothing else has changed.
                (controller.tell)(None);
            }
            if let Some(id) = overdue {
                controller.subscriptions.release(&id);
            }
        });
    }

    /// Ends everything.
    pub(crate) fn close(&self) {
        self.next_request();
        self.fresheners.take();
        self.subscriptions.close();
    }

    fn next_request(&self) -> u32 {
        let request = self.request.get().wrapping_add(1);
        self.request.set(request);
        request
    }

    /// Asks for the messages of syncs that have failed before this widget saw them.
    fn explain(self: &Rc<Self>) {
        let unexplained = self.list.borrow().unexplained();
        for id in unexplained {
            let controller = Rc::downgrade(self);
            let client = self.client.clone();
            spawn_local(async move {
                let job = client.newest_job(&id).await;
                if let (Ok(job), Some(controller)) = (job, controller.upgrade()) {
                    let message = job.and_then(|(_, progress)| progress.error);
                    let message = AttrValue::from(message.unwrap_or_default());
                    controller.change(|list| list.explain(&id, message));
                }
            });
        }
    }

    fn change(&self, change: impl FnOnce(&mut ConnectionList)) {
        let mut list = self.list.borrow_mut();
        let before = list.clone();
        change(&mut list);
        let after = list.clone();
        drop(list);
        if after.connections != before.connections {
            self.subscriptions.follow(&after.connections);
        }
        if after.phase != before.phase {
            self.tell_status();
        }
        if after != before {
            (self.tell)(None);
        }
    }

    fn tell_status(&self) {
        let (status, error) = match self.list.borrow().phase {
            ListPhase::Loading => (WidgetStatus::Loading, None),
            ListPhase::Ready => (WidgetStatus::Ready, None),
            ListPhase::Expired => (WidgetStatus::Expired, None),
            ListPhase::Forbidden => (WidgetStatus::Error, Some(ApiError::Forbidden)),
            ListPhase::Failed(error) => (WidgetStatus::Error, Some(error)),
        };
        let message = error.map(|error| error.to_string());
        (self.tell)(Some(WidgetEvent::Status(status, message)));
        if status == WidgetStatus::Ready && !self.was_ready.replace(true) {
            (self.tell)(Some(WidgetEvent::Ready(self.client.claims())));
        }
    }

    fn news(self: &Rc<Self>, news: News) {
        let event = match news {
            News::Changed => None,
            News::Progress(sync) => Some(WidgetEvent::Progress(sync)),
            News::Complete(sync) => {
                self.ended(&sync.connection_id, sync.status);
                self.change(|list| list.completed(&sync.connection_id));
                self.refresh();
                Some(WidgetEvent::Complete(sync))
            }
            News::Error(failure) => {
                let id = &failure.connection_id;
                match failure.kind {
                    SyncFailureKind::Failed => {
                        let message = failure.message.clone().unwrap_or_default();
                        self.ended(id, SyncStatus::Failed);
                        self.change(|list| list.failed(id, message.into()));
                        self.refresh();
                    }
                    SyncFailureKind::SessionExpired => {
                        self.change(|list| list.refused(ApiError::SessionExpired));
                    }
                    SyncFailureKind::NoJob | SyncFailureKind::Refused => {}
                }
                Some(WidgetEvent::Error(failure))
            }
            News::Overdue(id) => {
                self.load(Some(id));
                return;
            }
        };
        (self.tell)(event);
    }

    fn ended(&self, connection_id: &str, status: SyncStatus) {
        let list = self.list.borrow();
        let known = list.connections.iter().find(|it| it.id == connection_id);
        *self.last_end.borrow_mut() = known.map(|connection| (connection.name.clone(), status));
    }

    fn keep_fresh(self: &Rc<Self>) {
        let refresh = |controller: &Weak<Self>| {
            if let Some(controller) = controller.upgrade()
                && page::is_visible()
                && controller.list.borrow().phase == ListPhase::Ready
            {
                controller.refresh();
            }
        };
        let controller = Rc::downgrade(self);
        let interval = Interval::new(REFRESH_MS, move || refresh(&controller));
        let controller = Rc::downgrade(self);
        // The document's event, which bubbles.
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "visibilitychange", move |_| refresh(&controller))
        });
        *self.fresheners.borrow_mut() = Some((interval, listener));
    }
}
