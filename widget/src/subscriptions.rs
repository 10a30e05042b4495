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
    ApiClient, StreamEnd, StreamEvent, StreamMode, StreamState, SyncFailure, SyncStream,
    SyncSubscription, page, sharing::Room, stream::Seen, subscription::Outcome,
};

/// For how long a finished sync stays, in milliseconds, so that people see that it has finished.
const FINISHED_STAYS_MS: u32 = 2_000;

/// For how long changes are gathered before a shared stream is opened anew, in milliseconds.
const GATHERING_MS: u32 = 200;

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
    mode: Cell<StreamMode>,
    streams: RefCell<Vec<SyncStream>>,
    /// Shares out streams when what is to be followed has changed: once for many changes.
    sharing: RefCell<Option<Timeout>>,
    obstacle: RefCell<Obstacle>,
    /// At most one render a frame, however much has changed.
    frame: RefCell<Option<AnimationFrame>>,
    /// Asks for the jobs of syncs that wait for a stream, while there are any.
    asking: RefCell<Option<Interval>>,
    is_closed: Cell<bool>,
}

/// What keeps connections from sharing a stream.
#[derive(Default)]
enum Obstacle {
    #[default]
    None,
    /// The service has no such stream.
    Unknown,
    /// It refuses one of these connections: alone, each of them is told so.
    Refused(Vec<String>),
}

struct Entry {
    subscription: Rc<SyncSubscription>,
    /// What earlier streams have brought.
    seen: Seen,
    /// Whether it is to have a stream, and there is one for it.
    has_stream: bool,
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
            mode: Cell::default(),
            streams: RefCell::default(),
            sharing: RefCell::default(),
            obstacle: RefCell::default(),
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
            seen: Seen::default(),
            has_stream: false,
            removal: None,
        });
        self.share_later();
        self.changed();
    }

    /// Says how connections are to be followed.
    pub(crate) fn set_mode(self: &Rc<Self>, mode: StreamMode) {
        if self.mode.replace(mode) != mode {
            self.share_later();
        }
    }

    fn share_later(self: &Rc<Self>) {
        if self.is_closed.get() || self.sharing.borrow().is_some() {
            return;
        }
        let is_sharing = self.streams.borrow().iter().any(SyncStream::is_shared);
        let subscriptions = self.clone();
        let delay = if is_sharing { GATHERING_MS } else { 0 };
        *self.sharing.borrow_mut() = Some(Timeout::new(delay, move || {
            subscriptions.sharing.take();
            subscriptions.share();
        }));
    }

    /// Brings the streams in line with what is to be followed. Those that follow the right connections stay.
    fn share(self: &Rc<Self>) {
        let active: Vec<String> = {
            let entries = self.entries.borrow();
            let active = entries.iter().filter(|it| it.subscription.is_active());
            active
                .map(|it| it.subscription.connection_id.clone())
                .collect()
        };
        let mut before = self.streams.take();
        self.keep_what_was_seen(&before);
        before.retain(|stream| !matches!(stream.state(), StreamState::Ended(_)));
        let is_sharing = !active.is_empty() && before.iter().any(SyncStream::is_shared);
        let can_share = self.can_share(&active);
        let room = Room::new(
            self.mode.get(),
            active.len(),
            is_sharing,
            can_share,
            self.client.is_multiplexed(),
        );
        let mut streams = Vec::new();
        let mut missing = Vec::new();
        for group in room.share(&active) {
            let same = before.iter().position(|stream| {
                stream.is_shared() == room.is_shared && stream.following() == group
            });
            match same {
                Some(at) => streams.push(before.swap_remove(at)),
                None => missing.push(group),
            }
        }
        // Before the new ones begin: there are only so many connections to the service.
        drop(before);
        for group in missing {
            streams.push(self.open(group, room.is_shared));
        }
        let mut is_any_waiting = false;
        for entry in self.entries.borrow_mut().iter_mut() {
            let id = &entry.subscription.connection_id;
            entry.has_stream = streams.iter().any(|it| it.seen(id).is_some());
            is_any_waiting |= entry.is_waiting();
        }
        *self.streams.borrow_mut() = streams;
        if is_any_waiting != self.asking.borrow().is_some() {
            *self.asking.borrow_mut() = is_any_waiting.then(|| self.ask_again_and_again());
        }
    }

    fn can_share(&self, active: &[String]) -> bool {
        let mut obstacle = self.obstacle.borrow_mut();
        if let Obstacle::Refused(ids) = &*obstacle
            && !ids.iter().all(|id| active.contains(id))
        {
            *obstacle = Obstacle::None;
        }
        matches!(*obstacle, Obstacle::None)
    }

    fn keep_what_was_seen(&self, streams: &[SyncStream]) {
        for entry in self.entries.borrow_mut().iter_mut() {
            let id = &entry.subscription.connection_id;
            if let Some(seen) = streams.iter().find_map(|stream| stream.seen(id)) {
                entry.seen = seen;
            }
        }
    }

    fn open(self: &Rc<Self>, connections: &[String], is_shared: bool) -> SyncStream {
        let entries = self.entries.borrow();
        let mut with_seen = Vec::new();
        for entry in entries.iter() {
            let id = &entry.subscription.connection_id;
            if connections.contains(id) {
                with_seen.push((id.clone(), entry.seen.clone()));
            }
        }
        let subscriptions = self.clone();
        // The stream's first event comes later than now.
        let on_event = move |id: &str, event| subscriptions.on_stream_event(id, event, is_shared);
        SyncStream::start(
            self.client.clone(),
            with_seen,
            is_shared,
            Box::new(on_event),
        )
    }

    /// What a refused shared stream says of all is true of one of them, if of any: each is asked for alone.
    fn on_stream_event(self: &Rc<Self>, id: &str, event: StreamEvent, is_shared: bool) {
        match event {
            StreamEvent::State(StreamState::Ended(StreamEnd::Refused { status })) if is_shared => {
                let mut obstacle = self.obstacle.borrow_mut();
                match (&mut *obstacle, status) {
                    (_, 405) => *obstacle = Obstacle::Unknown,
                    (Obstacle::Refused(ids), _) => ids.push(id.into()),
                    _ => *obstacle = Obstacle::Refused(vec![id.into()]),
                }
                drop(obstacle);
                self.share_later();
            }
            event => self.on_event(id, event),
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
        entries.remove(index);
        drop(entries);
        // One that is shared goes on for the others until it is opened anew.
        self.streams.borrow_mut().retain(|stream| {
            let is_followed = stream.seen(connection_id).is_some();
            stream.forget(connection_id);
            stream.is_shared() || !is_followed
        });
        self.share_later();
        self.changed();
    }

    /// Ends all subscriptions.
    pub(crate) fn cleanup(self: &Rc<Self>) {
        self.asking.take();
        self.streams.take();
        if !self.entries.take().is_empty() {
            self.changed();
        }
    }

    /// Ends all for good.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        self.entries.take();
        self.streams.take();
        self.sharing.take();
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
        // Its stream is over, or has room for another.
        self.share_later();
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
            let newest = subscriptions.client.newest_job(&id).await.ok().flatten();
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
                Some((job_id, progress)) if is_waiting || progress.end().is_some() => {
                    subscriptions.on_event(&id, StreamEvent::Job { job_id });
                    subscriptions.on_event(&id, StreamEvent::Progress(progress));
                }
                // Asked again in a while.
                _ if is_waiting => {}
                _ => subscriptions.unsubscribe(&id),
            }
        });
    }

    /// There is something else to show, which is told with the next frame.
    pub(crate) fn changed(self: &Rc<Self>) {
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

    fn is_waiting(&self) -> bool {
        !self.has_stream && self.subscription.is_active()
    }
}

fn find<'a>(connections: &'a Connections, id: &str) -> Option<&'a Rc<SourceConnection>> {
    connections.iter().find(|connection| connection.id == id)
}

fn is_syncing(connection: &SourceConnection) -> bool {
    connection.status == ConnectionStatus::Syncing
}
