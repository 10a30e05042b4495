//! All subscriptions of one hook: their streams, their timers, and what is told to whom.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::{Interval, Timeout};
use js_sys::Date;
use protocol::{ConnectionStatus, End, SourceConnection};
use wasm_bindgen_futures::spawn_local;

use crate::{
    ApiClient, StreamEnd, StreamEvent, SyncFailure, SyncStream, SyncSubscription, page,
    subscription::Outcome,
};

/// For how long a finished sync stays, in milliseconds, so that people see that it has finished.
const FINISHED_STAYS_MS: u32 = 2_000;

/// How many streams are open at once. Browsers allow six HTTP/1.1 connections to an origin, for all of its pages together:
/// the list, and what else the host's page asks for, must still get through.
const STREAMS_AT_ONCE: usize = 4;

/// How often the jobs of those syncs are asked for that wait for a stream, in milliseconds.
const WAITING_ASKS_MS: u32 = 5_000;

/// The connections of a list. Rows that have not changed share their record with the list before.
pub type Connections = Rc<[Rc<SourceConnection>]>;

/// What is told to whoever follows.
pub(crate) enum News {
    /// There is something else to show.
    Changed,
    /// A job goes on.
    Progress(Rc<SyncSubscription>),
    /// A job has completed or was cancelled.
    Complete(Rc<SyncSubscription>),
    /// A job has failed or cannot be followed.
    Error(SyncFailure),
    /// A finished sync of this connection was shown for its time, but the list still calls it syncing. It stays until
    /// it is [released](Subscriptions::release): whoever can ask for the list again does so first.
    Overdue(String),
}

/// Whoever follows, who may want to say something in return.
type Tell = Box<dyn Fn(&Rc<Subscriptions>, News)>;

/// The subscriptions by connection.
pub(crate) struct Subscriptions {
    client: ApiClient,
    tell: Tell,
    entries: RefCell<Vec<Entry>>,
    listed: RefCell<Connections>,
    /// The last job of each connection whose end was told. A list that lags behind would bring it back.
    told: RefCell<Vec<(String, String)>>,
    /// At most one render a frame, however much has changed.
    frame: RefCell<Option<AnimationFrame>>,
    /// Asks for the jobs of syncs that wait for a stream, while there are any.
    asking: RefCell<Option<Interval>>,
    is_closed: Cell<bool>,
}

struct Entry {
    subscription: Rc<SyncSubscription>,
    /// Ends with the entry. `None` while too many others are open.
    stream: Option<SyncStream>,
    /// Of a finished one.
    removal: Option<Timeout>,
}

impl Subscriptions {
    pub(crate) fn new(client: ApiClient, tell: impl Fn(&Rc<Self>, News) + 'static) -> Self {
        Self {
            client,
            tell: Box::new(tell),
            entries: RefCell::default(),
            listed: RefCell::new(Rc::new([])),
            told: RefCell::default(),
            frame: RefCell::default(),
            asking: RefCell::default(),
            is_closed: Cell::new(false),
        }
    }

    /// What is known now.
    pub(crate) fn snapshot(&self) -> Vec<Rc<SyncSubscription>> {
        let entries = self.entries.borrow();
        entries.iter().map(|it| it.subscription.clone()).collect()
    }

    pub(crate) fn get(&self, connection_id: &str) -> Option<Rc<SyncSubscription>> {
        let entries = self.entries.borrow();
        let entry = entries.iter().find(|it| it.is_of(connection_id))?;
        Some(entry.subscription.clone())
    }

    /// Subscribes to a connection, unless it is subscribed to and its job goes on.
    pub(crate) fn subscribe(self: &Rc<Self>, connection_id: &str) {
        if self.is_closed.get() || self.get(connection_id).is_some_and(|it| it.is_active()) {
            return;
        }
        self.unsubscribe(connection_id);
        self.entries.borrow_mut().push(Entry {
            subscription: Rc::new(SyncSubscription::new(connection_id)),
            stream: None,
            removal: None,
        });
        self.share_streams();
        self.changed();
    }

    /// Gives streams to those that wait for one, oldest first, as long as there are any to give.
    fn share_streams(self: &Rc<Self>) {
        let mut entries = self.entries.borrow_mut();
        let open = entries.iter().filter(|it| it.is_open()).count();
        let mut free = STREAMS_AT_ONCE.saturating_sub(open);
        let mut is_any_waiting = false;
        for entry in entries.iter_mut().filter(|it| it.is_waiting()) {
            if free == 0 {
                is_any_waiting = true;
                break;
            }
            free -= 1;
            let id = entry.subscription.connection_id.clone();
            let subscriptions = self.clone();
            // The stream's first event comes later than now.
            entry.stream = Some(self.client.subscribe_to_sync_progress(
                &entry.subscription.connection_id,
                move |event| {
                    subscriptions.on_event(&id, event);
                },
            ));
        }
        drop(entries);
        if is_any_waiting != self.asking.borrow().is_some() {
            *self.asking.borrow_mut() = is_any_waiting.then(|| self.ask_again_and_again());
        }
    }

    fn ask_again_and_again(self: &Rc<Self>) -> Interval {
        let subscriptions = Rc::downgrade(self);
        Interval::new(WAITING_ASKS_MS, move || {
            let Some(subscriptions) = subscriptions.upgrade().filter(|_| page::is_visible()) else {
                return;
            };
            let entries = subscriptions.entries.borrow();
            let waiting = entries.iter().filter(|it| it.is_waiting());
            let waiting: Vec<String> = waiting
                .map(|it| it.subscription.connection_id.clone())
                .collect();
            drop(entries);
            for id in waiting {
                subscriptions.look_up(&id);
            }
        })
    }

    /// Ends a subscription; nothing more is told about it.
    pub(crate) fn unsubscribe(self: &Rc<Self>, connection_id: &str) {
        let mut entries = self.entries.borrow_mut();
        let Some(index) = entries.iter().position(|it| it.is_of(connection_id)) else {
            return;
        };
        let entry = entries.remove(index);
        // What ends with the entry may look at the entries.
        drop(entries);
        drop(entry);
        self.share_streams();
        self.changed();
    }

    /// Ends all subscriptions.
    pub(crate) fn cleanup(self: &Rc<Self>) {
        self.asking.take();
        if !self.entries.take().is_empty() {
            self.changed();
        }
    }

    /// Ends all for good.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        self.entries.take();
        self.asking.take();
        self.frame.take();
    }

    /// Subscribes to what a list says is syncing, and drops what has gone from it. A finished sync keeps its 2 s.
    pub(crate) fn follow(self: &Rc<Self>, connections: &Connections) {
        let before = self.listed.replace(connections.clone());
        for gone in before
            .iter()
            .filter(|it| find(connections, &it.id).is_none())
        {
            self.unsubscribe(&gone.id);
        }
        for connection in connections.iter() {
            if is_syncing(connection) && self.get(&connection.id).is_none() {
                self.subscribe(&connection.id);
            }
        }
    }

    fn on_event(self: &Rc<Self>, connection_id: &str, event: StreamEvent) {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.iter_mut().find(|it| it.is_of(connection_id)) else {
            return;
        };
        let outcome = Rc::make_mut(&mut entry.subscription).apply(event, Date::now());
        let subscription = entry.subscription.clone();
        drop(entries);
        self.changed();
        match outcome {
            Outcome::Changed => {}
            Outcome::Progress => (self.tell)(self, News::Progress(subscription)),
            Outcome::Ended(end) => self.ended(subscription, end),
            Outcome::Stopped(StreamEnd::NothingMore) => self.look_up(connection_id),
            Outcome::Stopped(end) => {
                self.unsubscribe(connection_id);
                (self.tell)(self, News::Error(SyncFailure::stopped(connection_id, end)));
            }
        }
    }

    fn ended(self: &Rc<Self>, subscription: Rc<SyncSubscription>, end: End) {
        let id = &subscription.connection_id;
        // Its stream is over.
        self.share_streams();
        if !self.tell_once(&subscription) {
            self.unsubscribe(id);
            return;
        }
        self.remove_later(id);
        if end == End::Failed {
            (self.tell)(self, News::Error(SyncFailure::failed(&subscription)));
        } else {
            (self.tell)(self, News::Complete(subscription));
        }
    }

    /// Whether the end of this job has not been told before.
    fn tell_once(&self, subscription: &SyncSubscription) -> bool {
        let Some(job_id) = &subscription.job_id else {
            return true;
        };
        let mut told = self.told.borrow_mut();
        let known = told
            .iter_mut()
            .find(|(id, _)| *id == subscription.connection_id);
        match known {
            Some((_, known)) if known == job_id => return false,
            Some((_, known)) => known.clone_from(job_id),
            None => told.push((subscription.connection_id.clone(), job_id.clone())),
        }
        true
    }

    fn remove_later(self: &Rc<Self>, connection_id: &str) {
        let (subscriptions, id) = (self.clone(), String::from(connection_id));
        let removal = Timeout::new(FINISHED_STAYS_MS, move || {
            if subscriptions.is_listed_as_syncing(&id) {
                (subscriptions.tell)(&subscriptions, News::Overdue(id));
            } else {
                subscriptions.unsubscribe(&id);
            }
        });
        let mut entries = self.entries.borrow_mut();
        if let Some(entry) = entries.iter_mut().find(|it| it.is_of(connection_id)) {
            entry.removal = Some(removal);
        }
    }

    /// Ends the subscription of a sync that is over; where the list says that there is another one, it is followed.
    pub(crate) fn release(self: &Rc<Self>, connection_id: &str) {
        if self.get(connection_id).is_some_and(|it| it.is_active()) {
            return;
        }
        self.unsubscribe(connection_id);
        if self.is_listed_as_syncing(connection_id) {
            self.subscribe(connection_id);
        }
    }

    fn is_listed_as_syncing(&self, connection_id: &str) -> bool {
        let listed = self.listed.borrow();
        find(&listed, connection_id).is_some_and(|it| is_syncing(it))
    }

    /// Asks how a job stands that no stream tells of: its stream had nothing more to say, or it waits for one.
    fn look_up(self: &Rc<Self>, connection_id: &str) {
        let (subscriptions, id) = (self.clone(), String::from(connection_id));
        spawn_local(async move {
            let jobs = subscriptions.client.get_connection_jobs(&id).await;
            let newest = jobs.ok().and_then(|jobs| jobs.into_iter().next());
            let entries = subscriptions.entries.borrow();
            let entry = entries.iter().find(|it| it.is_of(&id));
            let (is_waiting, is_over) = entry.map_or((false, false), |it| {
                (it.is_waiting(), !it.subscription.is_active())
            });
            drop(entries);
            if subscriptions.is_closed.get() || !(is_waiting || is_over) {
                return;
            }
            match newest {
                Some(job) if is_waiting || !job.status.is_active() => {
                    let progress = job.progress();
                    subscriptions.on_event(&id, StreamEvent::Job { job_id: job.id });
                    subscriptions.on_event(&id, StreamEvent::Progress(progress));
                }
                // Asked again in a while.
                _ if is_waiting => {}
                _ => subscriptions.unsubscribe(&id),
            }
        });
    }

    fn changed(self: &Rc<Self>) {
        if self.is_closed.get() || self.frame.borrow().is_some() {
            return;
        }
        if !page::is_visible() {
            // A hidden page has no frames.
            (self.tell)(self, News::Changed);
            return;
        }
        let subscriptions = self.clone();
        let frame = request_animation_frame(move |_| {
            subscriptions.frame.take();
            (subscriptions.tell)(&subscriptions, News::Changed);
        });
        *self.frame.borrow_mut() = Some(frame);
    }
}

impl Entry {
    fn is_of(&self, connection_id: &str) -> bool {
        self.subscription.connection_id == connection_id
    }

    fn is_open(&self) -> bool {
        self.stream.is_some() && self.subscription.is_active()
    }

    fn is_waiting(&self) -> bool {
        self.stream.is_none() && self.subscription.is_active()
    }
}

fn find<'a>(connections: &'a Connections, id: &str) -> Option<&'a Rc<SourceConnection>> {
    connections.iter().find(|connection| connection.id == id)
}

fn is_syncing(connection: &SourceConnection) -> bool {
    connection.status == ConnectionStatus::Syncing
}
