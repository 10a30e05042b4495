//! A service that lives in the page: it takes the place of `window.fetch` and answers with real `Response`s, whose
//! bodies are real streams that the test feeds.

// Each test file uses what it needs of it.
#![allow(dead_code, unreachable_pub)]

pub mod host;

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};

#[wasm_bindgen(inline_js = "
const original = window.fetch;
const encoder = new TextEncoder();

export function stub_fetch(answer) {
  window.fetch = async (url, init) => {
    const headers = new Headers(init.headers);
    const { pathname, search } = new URL(url, location.href);
    const response = answer(pathname + search, headers, init.signal);
    // A network takes its time: an answer never comes before the page has gone on.
    await sleep(1);
    return response;
  };
}

export function restore_fetch() {
  window.fetch = original;
}

export class EventStream {
  constructor() {
    this.aborted = false;
    const body = new ReadableStream({ start: (controller) => { this.controller = controller; } });
    this.response = new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }
  respond(signal) {
    signal.addEventListener('abort', () => {
      this.aborted = true;
      try { this.controller.error(new DOMException('aborted', 'AbortError')); } catch { /* closed already */ }
    });
    return this.response;
  }
  send(text) { this.controller.enqueue(encoder.encode(text)); }
  close() { this.controller.close(); }
  cut() { this.controller.error(new TypeError('network')); }
}

export function respond(status, body, headers) {
  return new Response(status === 204 ? null : body, { status, headers });
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
")]
extern "C" {
    fn stub_fetch(answer: &Closure<dyn FnMut(String, web_sys::Headers, JsValue) -> JsValue>);
    fn restore_fetch();
    fn respond(status: u16, body: &str, headers: JsValue) -> JsValue;
    fn sleep(milliseconds: u32) -> Promise;

    /// An event stream that is under way.
    #[derive(Clone)]
    pub type EventStream;
    #[wasm_bindgen(constructor)]
    pub fn new() -> EventStream;
    #[wasm_bindgen(method)]
    fn respond(this: &EventStream, signal: &JsValue) -> JsValue;
    /// Sends text as it is.
    #[wasm_bindgen(method)]
    pub fn send(this: &EventStream, text: &str);
    /// Ends the stream.
    #[wasm_bindgen(method)]
    pub fn close(this: &EventStream);
    /// Breaks the stream, as a lost network does.
    #[wasm_bindgen(method)]
    pub fn cut(this: &EventStream);
    /// Whether the widget has ended it.
    #[wasm_bindgen(method, getter)]
    pub fn aborted(this: &EventStream) -> bool;
}

impl EventStream {
    /// Sends one message.
    pub fn message(&self, json: &str) {
        self.send(&format!("data: {json}\n\n"));
    }

    /// Sends the stream's first message.
    pub fn connected(&self, job_id: &str) {
        self.send("retry: 100\n");
        self.message(&format!(r#"{{"type":"connected","job_id":"{job_id}"}}"#));
    }
}

/// A request as the service sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    /// Names and values, in their order.
    pub query: Vec<(String, String)>,
    pub authorization: String,
    pub last_event_id: Option<String>,
    pub accept: String,
}

impl Request {
    /// The values of a name in the query.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.query.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| &**value).collect()
    }
}

/// What the service answers.
pub enum Answer {
    Status(u16),
    /// A status with a problem document.
    Problem(u16),
    Json(String),
    Stream(EventStream),
}

/// The service, until it is dropped.
pub struct Service {
    requests: Rc<RefCell<Vec<Request>>>,
    _answer: Closure<dyn FnMut(String, web_sys::Headers, JsValue) -> JsValue>,
}

impl Service {
    /// Answers each request as `answer` says.
    pub fn start(mut answer: impl FnMut(&Request) -> Answer + 'static) -> Self {
        let requests = Rc::new(RefCell::new(Vec::new()));
        let seen = requests.clone();
        let answer = Closure::new(move |path, headers: web_sys::Headers, signal: JsValue| {
            let header = |name| headers.get(name).unwrap();
            let url: String = path;
            let (path, query) = url.split_once('?').unwrap_or((&url, ""));
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let request = Request {
                path: path.into(),
                query: pairs
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect(),
                authorization: header("Authorization").unwrap_or_default(),
                last_event_id: header("Last-Event-ID"),
                accept: header("Accept").unwrap_or_default(),
            };
            seen.borrow_mut().push(request.clone());
            match answer(&request) {
                Answer::Status(status) => respond(status, "", JsValue::UNDEFINED),
                Answer::Problem(status) => {
                    let headers =
                        js_sys::JSON::parse(r#"{"Content-Type":"application/problem+json"}"#);
                    respond(status, "{}", headers.unwrap())
                }
                Answer::Json(body) => respond(200, &body, JsValue::UNDEFINED),
                Answer::Stream(stream) => stream.respond(&signal),
            }
        });
        stub_fetch(&answer);
        Self {
            requests,
            _answer: answer,
        }
    }

    /// All requests whose path ends so, in their order.
    pub fn requests(&self, end_of_path: &str) -> Vec<Request> {
        let requests = self.requests.borrow();
        let matching = requests.iter().filter(|it| it.path.ends_with(end_of_path));
        matching.cloned().collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        restore_fetch();
    }
}

/// Waits until something holds, and fails when it does not within 10 s: twice the longest that anything takes.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        pause(10).await;
    }
    panic!("it did not come about that {what}");
}

/// Lets the page run for a while: only to see that something does not happen.
pub async fn pause(milliseconds: u32) {
    JsFuture::from(sleep(milliseconds)).await.unwrap();
}

/// An element of the page, to mount into.
pub fn root() -> Element {
    let document = web_sys::window().unwrap().document().unwrap();
    let root = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    root
}

/// The first element that a selector finds.
pub fn find(root: &Element, selector: &str) -> Option<HtmlElement> {
    let found = root.query_selector(selector).unwrap();
    found.map(|element| element.dyn_into().unwrap())
}

/// The text of the first element that a selector finds; empty where there is none.
pub fn text(root: &Element, selector: &str) -> String {
    find(root, selector).map_or_else(String::new, |element| element.text_content().unwrap())
}

/// An attribute of the first element that a selector finds.
pub fn attribute(root: &Element, selector: &str, name: &str) -> Option<String> {
    find(root, selector)?.get_attribute(name)
}

/// A JavaScript function that counts its calls and answers with a promise of `token`.
pub fn token_function(token: &'static str, calls: Rc<RefCell<u32>>) -> Function {
    let function = Closure::<dyn FnMut() -> Promise>::new(move || {
        *calls.borrow_mut() += 1;
        Promise::resolve(&JsValue::from_str(token))
    });
    function.into_js_value().unchecked_into()
}
