//! Ties the [`Machine`] to requests, timers and the browser's events.

use std::{
    cell::{Cell, RefCell},
    fmt,
    future::Future,
    rc::Rc,
};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Date, Math, Uint8Array};
use reqwasm::http::Response;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use super::{
    Seen, StreamEvent, StreamState,
    machine::{Command, Input, Machine, Received},
    track::{News, Track},
};
use crate::{
    ApiClient, ApiError,
    decode::{self, Incoming},
    endpoint::Endpoint,
    http::{self, Abort},
    json, page,
    sse::{SseItem, SseParser},
};

/// How long before a session's end the host is asked for another token, in milliseconds; longer where heartbeats are so
/// rare that the next one may come too late.
const RENEW_AHEAD_MS: u32 = 60_000;

/// A subscription to the sync progress of one connection, or of several. Dropping it ends the request, all timers and
/// all listeners.
pub struct SyncStream(Rc<Driver>);

/// How long a page may be hidden before its streams end, in milliseconds.
const HIDDEN_MS: u32 = 60_000;

/// Whom a stream tells, and of which connection.
type OnEvent = Box<dyn Fn(&str, StreamEvent)>;

impl SyncStream {
    /// Follows connections, for somebody who has seen so much of each. One that is not shared follows the only one.
    pub(crate) fn start(
        client: ApiClient,
        connections: Vec<(String, Seen)>,
        is_shared: bool,
        on_event: OnEvent,
    ) -> Self {
        let tracks = connections.into_iter();
        let tracks = tracks.map(|(connection_id, seen)| Track::new(connection_id, seen));
        let driver = Rc::new(Driver {
            client,
            tracks: RefCell::new(tracks.collect()),
            is_shared,
            on_event,
            machine: RefCell::new(Machine::new(
                page::is_online(),
                page::is_visible(),
                !is_shared,
            )),
            round: Cell::new(0),
            request: RefCell::default(),
            token: RefCell::default(),
            session_ms: Cell::default(),
            timer: RefCell::default(),
            watchdog: RefCell::default(),
            heard_at: Cell::default(),
            hidden: RefCell::default(),
            has_warned: Cell::new(false),
            listeners: RefCell::default(),
        });
        driver.listen();
        if !page::is_visible() {
            driver.tell(Input::Hidden);
        }
        // Later than now, so that whoever starts it has it in hand when the first event comes.
        driver.start_timer(0, Input::Started);
        Self(driver)
    }

    /// Where it stands.
    pub fn state(&self) -> StreamState {
        self.0.machine.borrow().state()
    }

    /// Whether it is one that can follow several connections.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.is_shared
    }

    /// The connections that it still follows.
    pub(crate) fn following(&self) -> Vec<String> {
        self.0.following()
    }

    /// Tells nothing more of a connection.
    pub(crate) fn forget(&self, connection_id: &str) {
        let mut tracks = self.0.tracks.borrow_mut();
        tracks.retain(|it| it.connection_id != connection_id);
    }

    /// What it has brought of a connection.
    pub(crate) fn seen(&self, connection_id: &str) -> Option<Seen> {
        let tracks = self.0.tracks.borrow();
        let track = tracks.iter().find(|it| it.connection_id == connection_id)?;
        Some(track.seen.clone())
    }
}

impl Drop for SyncStream {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl fmt::Debug for SyncStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncStream")
            .field("following", &self.following())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// What its tasks, timers and listeners share. They keep it alive until [`stop`](Self::stop), which ends them all.
struct Driver {
    client: ApiClient,
    tracks: RefCell<Vec<Track>>,
    is_shared: bool,
    on_event: OnEvent,
    machine: RefCell<Machine>,
    /// Grows with every command: what an earlier request still has to say is not listened to.
    round: Cell<u32>,
    request: RefCell<Option<Rc<Abort>>>,
    /// What the present request was sent with.
    token: RefCell<Option<Rc<str>>>,
    /// How long the session was to go on when the service first said so on this request, in milliseconds; 0 before.
    session_ms: Cell<f64>,
    timer: RefCell<Option<Timeout>>,
    /// Fires when a request or stream has been silent for too long.
    watchdog: RefCell<Option<Timeout>>,
    /// When the present one was last heard: milliseconds since 1970.
    heard_at: Cell<f64>,
    /// Runs while nobody sees the page.
    hidden: RefCell<Option<Timeout>>,
    has_warned: Cell<bool>,
    listeners: RefCell<Vec<EventListener>>,
}

impl Driver {
    /// Tells the machine, does what it says, and tells the subscriber when the state is another.
    fn tell(self: &Rc<Self>, input: Input) {
        match input {
            Input::Hidden => {
                *self.hidden.borrow_mut() = Some(self.timeout(HIDDEN_MS, Input::Unseen));
            }
            Input::Shown => drop(self.hidden.take()),
            _ => {}
        }
        let before = self.machine.borrow().state();
        let command = self.machine.borrow_mut().on(input, Math::random());
        if command != Command::Nothing {
            self.end_round();
        }
        match command {
            Command::Nothing | Command::Pause => {}
            Command::Connect => self.connect(),
            Command::Wait(milliseconds) => self.start_timer(milliseconds, Input::Due),
            Command::Renew => self.renew(),
            Command::End(_) => self.stop(),
        }
        let state = self.machine.borrow().state();
        if state != before {
            for id in self.following() {
                (self.on_event)(&id, StreamEvent::State(state));
            }
        }
    }

    fn following(&self) -> Vec<String> {
        let tracks = self.tracks.borrow();
        let going_on = tracks.iter().filter(|it| !it.is_over);
        going_on.map(|it| it.connection_id.clone()).collect()
    }

    fn end_round(&self) {
        self.round.set(self.round.get().wrapping_add(1));
        self.timer.take();
        self.watchdog.take();
        if let Some(request) = self.request.take() {
            request.now();
        }
    }

    fn stop(&self) {
        self.end_round();
        self.hidden.take();
        self.listeners.take();
    }

    fn is_round(&self, round: u32) -> bool {
        self.round.get() == round
    }

    fn timeout(self: &Rc<Self>, milliseconds: u32, input: Input) -> Timeout {
        let driver = self.clone();
        Timeout::new(milliseconds, move || driver.tell(input))
    }

    fn start_timer(self: &Rc<Self>, milliseconds: u32, input: Input) {
        *self.timer.borrow_mut() = Some(self.timeout(milliseconds, input));
    }

    /// Something was heard. A timer is not set anew each time, but goes on for the rest when it fires.
    fn feed_watchdog(self: &Rc<Self>) {
        self.heard_at.set(Date::now());
        if self.watchdog.borrow().is_none() {
            self.watch(self.machine.borrow().patience_ms());
        }
    }

    fn watch(self: &Rc<Self>, milliseconds: u32) {
        let driver = self.clone();
        *self.watchdog.borrow_mut() = Some(Timeout::new(milliseconds, move || {
            let patience = driver.machine.borrow().patience_ms();
            let left = driver.heard_at.get() + f64::from(patience) - Date::now();
            // The bounds make the cast right.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            if left > 0.0 && left <= f64::from(patience) {
                driver.watch(left.ceil() as u32);
            } else {
                driver.tell(Input::Lost);
            }
        }));
    }

    fn listen(self: &Rc<Self>) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let listen = |name, input: fn() -> Input| {
            let driver = self.clone();
            EventListener::new(&window, name, move |_| driver.tell(input()))
        };
        *self.listeners.borrow_mut() = vec![
            listen("online", || Input::Online),
            listen("offline", || Input::Offline),
            // A page that is left may be kept as it is, to be come back to, unless it holds streams.
            listen("pagehide", || Input::Unseen),
            listen("pageshow", || Input::Shown),
            // The document's event, which bubbles.
            listen("visibilitychange", || {
                if page::is_visible() {
                    Input::Shown
                } else {
                    Input::Hidden
                }
            }),
        ];
    }

    /// Runs a task; what it ends with is told, unless something else has happened meanwhile.
    fn spawn(self: &Rc<Self>, task: impl Future<Output = Input> + 'static) {
        let (driver, round) = (self.clone(), self.round.get());
        spawn_local(async move {
            let input = task.await;
            if driver.is_round(round) {
                driver.tell(input);
            }
        });
    }

    fn renew(self: &Rc<Self>) {
        let session = self.client.session().clone();
        let refused = self.token.take();
        self.spawn(async move {
            match session.renew(refused.as_deref()).await {
                Ok(()) => Input::Renewed,
                Err(_) => Input::NotRenewed,
            }
        });
    }

    fn connect(self: &Rc<Self>) {
        let Ok(abort) = Abort::new().map(Rc::new) else {
            return;
        };
        *self.request.borrow_mut() = Some(abort.clone());
        self.session_ms.set(0.0);
        self.feed_watchdog();
        self.spawn(self.clone().follow(abort));
    }

    /// One request, from sending it to the end of its stream.
    async fn follow(self: Rc<Self>, abort: Rc<Abort>) -> Input {
        let round = self.round.get();
        let response = match self.open(&abort).await {
            Ok(response) => response,
            Err(input) => return input,
        };
        let Some(reader) = response.body().and_then(|body| reader(&body)) else {
            return Input::Lost;
        };
        if !self.is_round(round) {
            return Input::Lost;
        }
        self.tell(Input::Opened);
        let mut parser = SseParser::default();
        while let Some(bytes) = read(&reader).await {
            if !self.is_round(round) {
                break;
            }
            self.feed_watchdog();
            parser.feed(&bytes, &mut |item| {
                if self.is_round(round) {
                    self.item(item);
                }
            });
        }
        Input::Lost
    }

    async fn open(&self, abort: &Abort) -> Result<Response, Input> {
        let refused = |status, retry_after| Input::Refused {
            status,
            retry_after,
        };
        let Some(token) = self.client.session().token() else {
            return Err(refused(401, None));
        };
        *self.token.borrow_mut() = Some(token.clone());
        let (url, last_event_id) = self.address().map_err(|_| refused(400, None))?;
        let headers = [
            ("Accept", "text/event-stream"),
            ("Last-Event-ID", &last_event_id),
        ];
        let headers = &headers[..if last_event_id.is_empty() { 1 } else { 2 }];
        let response = http::get(&url, &token, headers, abort, self.client.stream_fetch()).await;
        let response = response.map_err(|_| Input::Lost)?;
        let content_type = response.headers().get("Content-Type").unwrap_or_default();
        match response.status() {
            200 if content_type.starts_with("text/event-stream") => Ok(response),
            // Not the service: a proxy's page, say.
            200 => Err(Input::Lost),
            // A service that knows this path says by a problem document which connection it does not know.
            404 if self.is_shared && !content_type.starts_with("application/problem") => {
                Err(refused(405, None))
            }
            status => Err(refused(status, http::retry_after(&response))),
        }
    }

    /// Where to ask, and the id of the last message where it is told beside the address.
    fn address(&self) -> Result<(String, String), ApiError> {
        let tracks = self.tracks.borrow();
        let seen = |track: &Track| track.seen.last_event_id.clone();
        if let ([track], false) = (&**tracks, self.is_shared) {
            let url = self.client.url(Endpoint::Subscribe(&track.connection_id))?;
            return Ok((url, seen(track)));
        }
        let going_on = tracks.iter().filter(|it| !it.is_over);
        let connections: Vec<&str> = going_on.map(|it| &*it.connection_id).collect();
        let seen: Vec<&str> = tracks
            .iter()
            .map(|it| &*it.seen.last_event_id)
            .filter(|id| !id.is_empty())
            .collect();
        let endpoint = Endpoint::SubscribeAll {
            connections: &connections,
            seen: &seen,
        };
        Ok((self.client.url(endpoint)?, String::new()))
    }

    fn item(self: &Rc<Self>, item: SseItem) {
        match item {
            SseItem::Retry(milliseconds) => self.machine.borrow_mut().set_retry(milliseconds),
            SseItem::Oversized => self.warn("a message that was too long was dropped"),
            SseItem::Message(message) if matches!(&*message.event, "" | "message") => {
                match decode::incoming(&message.data) {
                    Ok((about, incoming)) => {
                        self.message(about.as_deref(), incoming, message.last_event_id);
                    }
                    Err(_) => self.warn("a message that cannot be read was ignored"),
                }
            }
            SseItem::Message(_) => {}
        }
    }

    fn message(self: &Rc<Self>, about: Option<&str>, incoming: Incoming, id: String) {
        match incoming {
            Incoming::Connected {
                job_id,
                heartbeat_seconds,
                session_expires_at,
            } => {
                self.tell(Input::Received(Received::Connected { heartbeat_seconds }));
                // The heartbeat interval may be another now.
                self.watchdog.take();
                self.feed_watchdog();
                self.renew_ahead(session_expires_at);
                self.take(about, News::Connected { job_id });
            }
            Incoming::Heartbeat {
                session_expires_at,
                idle_seconds,
            } => {
                self.tell(Input::Received(Received::News));
                self.renew_ahead(session_expires_at);
                let seconds = idle_seconds.unwrap_or_default();
                for id in self.following() {
                    self.take(Some(&id), News::Silence { seconds });
                }
            }
            Incoming::Error { code } => {
                self.tell(Input::Received(match code.as_deref() {
                    Some("session_expired") => Received::SessionExpired,
                    _ => Received::Trouble,
                }));
            }
            Incoming::Progress(progress) => {
                let is_end = progress.end().is_some();
                self.take(about, News::Progress { progress, id });
                if is_end {
                    self.take(about, News::End);
                }
                self.tell(Input::Received(if self.following().is_empty() {
                    Received::Terminal
                } else {
                    Received::News
                }));
            }
        }
    }

    /// Takes in the news of a connection, and tells what comes of them. A stream of one connection does not name it.
    fn take(&self, about: Option<&str>, news: News) {
        let mut tracks = self.tracks.borrow_mut();
        let track = tracks.iter_mut().find(|track| match about {
            Some(id) if self.is_shared => track.connection_id == id,
            about => about.is_some() || !self.is_shared,
        });
        let Some(track) = track else {
            return;
        };
        let (id, event) = (
            track.connection_id.clone(),
            track.take(news, self.is_shared),
        );
        drop(tracks);
        if let Some(event) = event {
            (self.on_event)(&id, event);
        }
    }

    /// Has another token ready when this stream's session ends, so that the next request does not have to wait for one.
    fn renew_ahead(&self, session_expires_at: Option<String>) {
        let session = self.client.session().clone();
        let Some(expires_at) = session_expires_at.filter(|_| session.is_renewable()) else {
            return;
        };
        let left = Date::parse(&expires_at) - Date::now();
        if self.session_ms.get() == 0.0 {
            self.session_ms.set(left);
        }
        let ahead = RENEW_AHEAD_MS.max(self.machine.borrow().patience_ms());
        // Where tokens live shorter than that, another one would be as old as this one when it is needed.
        let ahead = f64::from(ahead).min(self.session_ms.get() / 2.0);
        // What is no time compares as false.
        if left < ahead {
            let present = self.token.borrow().clone();
            spawn_local(async move {
                // A host that has none yet is asked again: with the next heartbeat, or at the end.
                let _ = session.renew(present.as_deref()).await;
            });
        }
    }

    /// Says once a stream, on the console, that something was left out. What it was is not repeated there.
    fn warn(&self, what: &str) {
        if !self.has_warned.replace(true) {
            web_sys::console::warn_1(&JsValue::from_str(&["connect-widget: ", what].concat()));
        }
    }
}

fn reader(body: &ReadableStream) -> Option<ReadableStreamDefaultReader> {
    // `get_reader` throws where the page has read the body itself.
    if body.locked() {
        return None;
    }
    body.get_reader().dyn_into().ok()
}

/// The next bytes; `None` at the stream's end, whatever kind of end it is.
async fn read(reader: &ReadableStreamDefaultReader) -> Option<Vec<u8>> {
    let chunk = JsFuture::from(reader.read()).await.ok()?;
    let bytes = json::member(&chunk, "value");
    bytes.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}
