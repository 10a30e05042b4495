//! What the custom element calls, in a browser: names and details of the events, and the configuration.

#![cfg(all(target_arch = "wasm32", feature = "element"))]

mod common;

use std::{cell::RefCell, rc::Rc};

use common::{Answer, EventStream, Service, attribute, root, text, until};
use js_sys::{Function, JSON};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use widget::element::{mount, stylesheet};

wasm_bindgen_test_configure!(run_in_browser);

type Events = Rc<RefCell<Vec<(String, String)>>>;

fn emit(events: &Events) -> Function {
    let events = events.clone();
    let emit = Closure::<dyn FnMut(String, JsValue)>::new(move |name, detail: JsValue| {
        let detail = String::from(JSON::stringify(&detail).unwrap());
        events.borrow_mut().push((name, detail));
    });
    emit.into_js_value().unchecked_into()
}

fn config(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

#[wasm_bindgen_test]
async fn events_have_the_names_and_details_of_the_contract() {
    let stream = EventStream::new();
    let first = stream.clone();
    let _service = Service::start(move |request| {
        if request.path.ends_with("/subscribe") {
            return Answer::Stream(first.clone());
        }
        Answer::Json(r#"[{"id":"a","name":"Chat","short_name":"slack","status":"syncing"}]"#.into())
    });
    let events = Events::default();
    // {"sid":"s","cid":"c","mode":"all"}
    let config = config(
        r#"{"apiUrl":"/","sessionToken":"eyJzaWQiOiJzIiwiY2lkIjoiYyIsIm1vZGUiOiJhbGwifQ.x","lang":"de"}"#,
    );
    let root = root();
    let widget = mount(root.clone(), &config, emit(&events));
    stream.connected("j");
    stream.message(r#"{"inserted":1234,"entities_encountered":{"__proto__":1,"Message":2}}"#);
    stream.message(r#"{"inserted":1235,"total":1235,"is_complete":true}"#);
    let count = |name: &str| events.borrow().iter().filter(|(it, _)| it == name).count();
    until("it has ended", || count("sync-complete") == 1).await;
    until("it is shown", || {
        text(&root, "[part=count]") == "1.235 of 1.235 synced"
    })
    .await;
    assert_eq!(
        *events.borrow(),
        [
            ("status-change", r#"{"status":"loading"}"#),
            ("status-change", r#"{"status":"ready"}"#),
            ("connect-ready", r#"{"sessionId":"s","collectionId":"c","mode":"all"}"#),
            (
                "sync-progress",
                r#"{"connectionId":"a","jobId":"j","progress":{"inserted":1234,"updated":0,"deleted":0,"kept":0,"skipped":0,"entities_encountered":{"__proto__":1,"Message":2},"status":"running","is_complete":false,"is_failed":false}}"#
            ),
            (
                "sync-complete",
                r#"{"connectionId":"a","jobId":"j","progress":{"inserted":1235,"updated":0,"deleted":0,"kept":0,"skipped":0,"entities_encountered":{},"total":1235,"status":"completed","is_complete":true,"is_failed":false}}"#
            ),
        ]
        .map(|(name, detail)| (name.into(), detail.into()))
    );
    widget.destroy();
}

#[wasm_bindgen_test]
async fn a_failed_sync_is_told_as_an_error() {
    let stream = EventStream::new();
    let first = stream.clone();
    let _service = Service::start(move |request| {
        if request.path.ends_with("/subscribe") {
            return Answer::Stream(first.clone());
        }
        Answer::Json(r#"[{"id":"a","status":"active"}]"#.into())
    });
    let events = Events::default();
    let widget = mount(root(), &config(r#"{"sessionToken":"a.b"}"#), emit(&events));
    widget.subscribe("a");
    stream.connected("j");
    stream.message(r#"{"is_failed":true,"error":"quota"}"#);
    let expected = (
        String::from("sync-error"),
        String::from(r#"{"connectionId":"a","jobId":"j","message":"quota","code":"sync_failed"}"#),
    );
    until("it is told", || events.borrow().contains(&expected)).await;
    widget.destroy();
}

#[wasm_bindgen_test]
async fn a_configuration_of_any_type_is_taken() {
    let _service = Service::start(|_| Answer::Json("[]".into()));
    for json in [
        "{}",
        "null",
        "7",
        r#"{"apiUrl":7,"sessionToken":{},"getSessionToken":"x","theme":[],"labels":"x","lang":[]}"#,
        r#"{"theme":{"mode":7,"colors":{"light":[],"dark":null},"fonts":1,"labels":{"title":{}}}}"#,
        r#"{"sessionToken":"a.b","apiUrl":"javascript:alert(1)","lang":"no such language"}"#,
    ] {
        let root = root();
        let mut widget = mount(root.clone(), &config(json), emit(&Events::default()));
        until("it is there", || {
            attribute(&root, "[part=widget]", "data-state").is_some()
        })
        .await;
        widget.update(&config(r#"{"theme":"dark","labels":{"title":"Quellen"}}"#));
        until("it is updated", || text(&root, "[part=title]") == "Quellen").await;
        assert_eq!(
            attribute(&root, "[part=widget]", "data-theme").as_deref(),
            Some("dark")
        );
        widget.destroy();
        until("it is gone", || root.child_element_count() == 0).await;
    }
}

#[wasm_bindgen_test]
fn the_style_sheet_is_one_that_the_browser_understands() {
    let css = String::from(stylesheet());
    assert!(css.contains(".connect-item") && css.contains("--connect-primary"));
    assert!(!css.contains("@import") && !css.contains("url("));
}
