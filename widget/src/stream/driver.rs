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
    StreamEvent, StreamState,
    machine::{Command, Input, Machine, Received},
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

/// A subscription to one connection's sync progress. Dropping it ends the request, all timers and all listeners.
pub struct SyncStream(Rc<Driver>);

impl SyncStream {
    pub(crate) fn start(
        client: ApiClient,
        connection_id: &str,
        on_event: Box<dyn Fn(StreamEvent)>,
    ) -> Self {
        let driver = Rc::new(Driver {
            client,
            connection_id: connection_id.into(),
            on_event,
            machine: RefCell::new(Machine::new(page::is_online(), page::is_visible())),
            round: Cell::new(0),
            request: RefCell::default(),
            token: RefCell::default(),
            timer: RefCell::default(),
            watchdog: RefCell::default(),
            job_id: RefCell::default(),
            last_event_id: RefCell::default(),
            has_warned: Cell::new(false),
            listeners: RefCell::default(),
        });
        driver.listen();
        // Later than now, so that whoever starts it has it in hand when the first event comes.
        driver.start_timer(0, Input::Started);
        Self(driver)
    }

    /// Where it stands.
    pub fn state(&self) -> StreamState {
        self.0.machine.borrow().state()
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
            .field("connection_id", &self.0.connection_id)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// What its tasks, timers and listeners share. They keep it alive until [`stop`](Self::stop), which ends them all.
struct Driver {
    client: ApiClient,
    connection_id: String,
    on_event: Box<dyn Fn(StreamEvent)>,
    machine: RefCell<Machine>,
    /// Grows with every command: what an earlier request still has to say is not listened to.
    round: Cell<u32>,
    request: RefCell<Option<Rc<Abort>>>,
    /// What the present request was sent with.
    token: RefCell<Option<Rc<str>>>,
    timer: RefCell<Option<Timeout>>,
    /// Fires when a request or stream has been silent for too long.
    watchdog: RefCell<Option<Timeout>>,
    job_id: RefCell<String>,
    last_event_id: RefCell<String>,
    has_warned: Cell<bool>,
    listeners: RefCell<Vec<EventListener>>,
}

impl Driver {
    /// Tells the machine, does what it says, and tells the subscriber when the state is another.
    fn tell(self: &Rc<Self>, input: Input) {
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
            (self.on_event)(StreamEvent::State(state));
        }
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

    fn feed_watchdog(self: &Rc<Self>) {
        let patience = self.machine.borrow().patience_ms();
        *self.watchdog.borrow_mut() = Some(self.timeout(patience, Input::Lost));
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
        let last_event_id = self.last_event_id.borrow().clone();
        let headers = [
            ("Accept", "text/event-stream"),
            ("Last-Event-ID", &last_event_id),
        ];
        let headers = &headers[..if last_event_id.is_empty() { 1 } else { 2 }];
        let endpoint = Endpoint::Subscribe(&self.connection_id);
        let response = self.client.send(endpoint, &token, headers, abort).await;
        let response = response.map_err(|error| match error {
            ApiError::BadUrl | ApiError::BadId => refused(400, None),
            _ => Input::Lost,
        })?;
        let content_type = response.headers().get("Content-Type").unwrap_or_default();
        match response.status() {
            200 if content_type.starts_with("text/event-stream") => Ok(response),
            // Not the service: a proxy's page, say.
            200 => Err(Input::Lost),
            status => Err(refused(status, http::retry_after(&response))),
        }
    }

    fn item(self: &Rc<Self>, item: SseItem) {
        match item {
            SseItem::Retry(milliseconds) => self.machine.borrow_mut().set_retry(milliseconds),
            SseItem::Oversized => self.warn("a message that was too long was dropped"),
            SseItem::Message(message) if matches!(&*message.event, "" | "message") => {
                match decode::incoming(&message.data) {
                    Ok(incoming) => self.message(incoming, message.last_event_id),
                    Err(_) => self.warn("a message that cannot be read was ignored"),
                }
            }
            SseItem::Message(_) => {}
        }
    }

    fn message(self: &Rc<Self>, incoming: Incoming, id: String) {
        match incoming {
            Incoming::Connected {
                job_id,
                heartbeat_seconds,
                session_expires_at,
            } => {
                self.tell(Input::Received(Received::Connected { heartbeat_seconds }));
                // The heartbeat interval may be another now.
                self.feed_watchdog();
                self.renew_ahead(session_expires_at);
                if *self.job_id.borrow() != job_id {
                    self.job_id.borrow_mut().clone_from(&job_id);
                    self.last_event_id.borrow_mut().clear();
                    (self.on_event)(StreamEvent::Job { job_id });
                }
            }
            Incoming::Heartbeat {
                session_expires_at,
                idle_seconds,
            } => {
                self.tell(Input::Received(Received::News));
                self.renew_ahead(session_expires_at);
                let seconds = idle_seconds.unwrap_or_default();
                (self.on_event)(StreamEvent::Idle { seconds });
            }
            Incoming::Error { code } => {
                self.tell(Input::Received(match code.as_deref() {
                    Some("session_expired") => Received::SessionExpired,
                    _ => Received::Trouble,
                }));
            }
            Incoming::Progress(progress) => {
                let is_end = progress.end().is_some();
                // Only an id that can stand in a header is of use; the service's own are ASCII.
                if id.bytes().all(|byte| byte.is_ascii_graphic()) {
                    *self.last_event_id.borrow_mut() = id;
                }
                (self.on_event)(StreamEvent::Progress(progress));
                self.tell(Input::Received(if is_end {
                    Received::Terminal
                } else {
                    Received::News
                }));
            }
        }
    }

    /// Has another token ready when this stream's session ends, so that the next request does not have to wait for one.
    fn renew_ahead(&self, session_expires_at: Option<String>) {
        let session = self.client.session().clone();
        let Some(expires_at) = session_expires_at.filter(|_| session.is_renewable()) else {
            return;
        };
        let ahead = RENEW_AHEAD_MS.max(self.machine.borrow().patience_ms());
        // What is no time compares as false.
        if Date::parse(&expires_at) - Date::now() < f64::from(ahead) {
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
