//! One stream for several connections, in a browser, against a service in the page.

#![cfg(target_arch = "wasm32")]

mod common;

use common::{
    Answer, EventStream, Request, Service,
    host::{Host, Syncs, connections, session},
    pause, root, until,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use widget::{StreamMode, SyncFailureKind};
use yew::{AppHandle, Renderer};

wasm_bindgen_test_configure!(run_in_browser);

const FIVE: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A service that gives out these streams for several connections, and 503 after them.
fn shared<const N: usize>(streams: [&EventStream; N]) -> Service {
    let mut streams = streams.map(Clone::clone).into_iter();
    Service::start(move |request| match streams.next() {
        Some(stream) if request.path == "/connect/subscribe" => Answer::Stream(stream),
        _ => Answer::Status(503),
    })
}

fn connected(stream: &EventStream, id: &str) {
    stream.message(&format!(
        r#"{{"type":"connected","job_id":"job-{id}","source_connection_id":"{id}","heartbeat_seconds":30}}"#
    ));
}

/// Sends progress under an id of its job.
fn progress(stream: &EventStream, id: &str, inserted: u64, more: &str) {
    stream.send(&format!(
        "id: job-{id}/{inserted}\ndata: {{\"inserted\":{inserted}{more},\"source_connection_id\":\"{id}\"}}\n\n"
    ));
}

async fn until_shared(service: &Service, times: usize) -> Request {
    until("a stream is asked for", || {
        service.requests("/connect/subscribe").len() == times
    })
    .await;
    service.requests("/connect/subscribe").remove(times - 1)
}

fn mount(host: &Host, ids: &[&str], streams: StreamMode) -> AppHandle<Syncs> {
    let mut props = host.props(session(), ids);
    props.streams = streams;
    Renderer::<Syncs>::with_root_and_props(root(), props).render()
}

#[wasm_bindgen_test]
async fn more_than_three_connections_share_one_stream() {
    let stream = EventStream::new();
    let service = shared([&stream]);
    let host = Host::default();
    let app = host.mount(session(), &FIVE);
    let request = until_shared(&service, 1).await;
    assert_eq!(request.values("connection_id"), FIVE);
    assert_eq!(request.values("seen"), [""; 0]);
    assert_eq!(request.authorization, "Bearer a.token");
    for id in FIVE {
        connected(&stream, id);
    }
    progress(&stream, "b", 7, "");
    progress(&stream, "d", 9, "");
    until("both are shown", || {
        host.inserted("b") == Some(7) && host.inserted("d") == Some(9)
    })
    .await;
    assert_eq!(host.inserted("a"), None);
    assert_eq!(host.sync("e").unwrap().job_id.as_deref(), Some("job-e"));
    assert_eq!(service.requests("").len(), 1);
    app.destroy();
    until("it is ended", || stream.aborted()).await;
}

#[wasm_bindgen_test]
async fn each_end_is_told_and_the_stream_goes_on_for_the_others() {
    let stream = EventStream::new();
    let service = shared([&stream]);
    let host = Host::default();
    let app = host.mount(session(), &FIVE);
    until_shared(&service, 1).await;
    for id in FIVE {
        connected(&stream, id);
    }
    progress(&stream, "a", 3, r#","is_complete":true"#);
    progress(&stream, "b", 4, r#","is_failed":true,"error":"quota""#);
    until("both are told", || {
        host.complete.borrow().len() == 1 && host.failures.borrow().len() == 1
    })
    .await;
    assert_eq!(host.complete.borrow()[0].connection_id, "a");
    assert_eq!(host.failures.borrow()[0].connection_id, "b");
    host.handle().unsubscribe("a");
    progress(&stream, "c", 5, "");
    until("the others go on", || host.inserted("c") == Some(5)).await;
    pause(300).await;
    assert!(!stream.aborted());
    assert_eq!(service.requests("/connect/subscribe").len(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_stream_that_is_cut_goes_on_from_what_was_seen() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = shared([&first, &second]);
    let host = Host::default();
    let app = host.mount(session(), &FIVE);
    until_shared(&service, 1).await;
    first.send("retry: 100\n");
    for id in FIVE {
        connected(&first, id);
    }
    progress(&first, "a", 1, "");
    progress(&first, "b", 2, r#","is_complete":true"#);
    until("both are shown", || host.complete.borrow().len() == 1).await;
    first.cut();
    let request = until_shared(&service, 2).await;
    assert_eq!(request.values("connection_id"), ["a", "c", "d", "e"]);
    assert_eq!(request.values("seen"), ["job-a%2F1", "job-b%2F2"]);
    connected(&second, "a");
    progress(&second, "c", 6, "");
    until("it goes on", || host.inserted("c") == Some(6)).await;
    assert_eq!(host.inserted("a"), Some(1), "nothing is forgotten");
    assert_eq!(host.complete.borrow().len(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn the_stream_is_opened_anew_once_for_several_new_connections() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = shared([&first, &second]);
    let host = Host::default();
    let app = host.mount(session(), &FIVE);
    until_shared(&service, 1).await;
    connected(&first, "a");
    progress(&first, "a", 1, "");
    until("it is shown", || host.inserted("a") == Some(1)).await;
    host.handle().subscribe("f");
    host.handle().subscribe("g");
    host.handle().unsubscribe("b");
    let request = until_shared(&service, 2).await;
    assert_eq!(
        request.values("connection_id"),
        ["a", "c", "d", "e", "f", "g"]
    );
    assert_eq!(request.values("seen"), ["job-a%2F1"]);
    assert!(first.aborted());
    progress(&second, "g", 8, "");
    until("the new one is shown", || host.inserted("g") == Some(8)).await;
    assert_eq!(host.inserted("a"), Some(1));
    assert_eq!(service.requests("/connect/subscribe").len(), 2);
    app.destroy();
}

#[wasm_bindgen_test]
async fn streams_of_their_own_become_one_when_there_are_more() {
    let (single, all) = (EventStream::new(), EventStream::new());
    let (first, then) = (single.clone(), all.clone());
    let service = Service::start(move |request| match &*request.path {
        "/connect/subscribe" => Answer::Stream(then.clone()),
        "/connect/source-connections/a/subscribe" => Answer::Stream(first.clone()),
        _ => Answer::Status(503),
    });
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    until("it is asked for", || {
        service.requests("/a/subscribe").len() == 1
    })
    .await;
    single.connected("job-a");
    single.send("id: job-a/1\ndata: {\"inserted\":1}\n\n");
    until("it is shown", || host.inserted("a") == Some(1)).await;
    for id in &FIVE[1..] {
        host.handle().subscribe(id);
    }
    let request = until_shared(&service, 1).await;
    assert_eq!(request.values("connection_id"), FIVE);
    assert_eq!(request.values("seen"), ["job-a%2F1"]);
    assert!(single.aborted());
    progress(&all, "a", 2, "");
    until("it goes on", || host.inserted("a") == Some(2)).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_service_without_such_a_stream_is_asked_for_three_and_for_the_jobs_of_the_others() {
    for status in [404, 405] {
        let stream = EventStream::new();
        let first = stream.clone();
        let service = Service::start(move |request| match &*request.path {
            "/connect/subscribe" => Answer::Status(status),
            "/connect/source-connections/a/subscribe" => Answer::Stream(first.clone()),
            path if path.ends_with("/jobs") => {
                Answer::Json(r#"[{"id":"job","status":"running","entities_inserted":5}]"#.into())
            }
            _ => Answer::Status(503),
        });
        let host = Host::default();
        let app = host.mount(session(), &FIVE);
        until("the first is followed", || {
            service.requests("/source-connections/a/subscribe").len() == 1
        })
        .await;
        stream.connected("job");
        stream.message(r#"{"inserted":1}"#);
        until("it is shown", || host.inserted("a") == Some(1)).await;
        assert_eq!(service.requests("/d/subscribe").len(), 0);
        until("the fourth is asked for", || host.inserted("d") == Some(5)).await;
        assert_eq!(service.requests("/connect/subscribe").len(), 1);
        assert!(host.failures.borrow().is_empty());
        app.destroy();
    }
}

#[wasm_bindgen_test]
async fn one_connection_that_is_refused_does_not_keep_the_others_from_sharing() {
    let stream = EventStream::new();
    let all = stream.clone();
    let service = Service::start(move |request| {
        let asks_for = |id| request.values("connection_id").contains(&id);
        match &*request.path {
            "/connect/subscribe" if asks_for("b") => Answer::Problem(403),
            "/connect/subscribe" => Answer::Stream(all.clone()),
            "/connect/source-connections/b/subscribe" => Answer::Problem(403),
            _ => Answer::Stream(EventStream::new()),
        }
    });
    let host = Host::default();
    let app = host.mount(session(), &FIVE);
    let request = until_shared(&service, 2).await;
    assert_eq!(request.values("connection_id"), ["a", "c", "d", "e"]);
    let failures = host.failures.borrow().clone();
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].connection_id, "b");
    assert_eq!(failures[0].kind, SyncFailureKind::Refused);
    progress(&stream, "e", 2, "");
    until("the others go on", || host.inserted("e") == Some(2)).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_host_can_force_either_way() {
    let service = shared([&EventStream::new()]);
    let host = Host::default();
    let app = mount(&host, &["a"], StreamMode::Shared);
    let request = until_shared(&service, 1).await;
    assert_eq!(request.values("connection_id"), ["a"]);
    app.destroy();

    let service = Service::start(|_| Answer::Stream(EventStream::new()));
    let host = Host::default();
    let mut app = mount(&host, &FIVE, StreamMode::Single);
    until("each has its own", || {
        FIVE.iter()
            .all(|id| service.requests(&format!("/{id}/subscribe")).len() == 1)
    })
    .await;
    assert_eq!(service.requests("/connect/subscribe").len(), 0);
    let mut props = host.props(session(), &[]);
    props.connections = connections(&FIVE);
    app.update(props);
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_token_that_expires_is_renewed_for_all_at_once() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = shared([&first, &second]);
    let host = Host::default();
    let calls = std::rc::Rc::default();
    let source = common::token_function("new.token", std::rc::Rc::clone(&calls));
    let source = widget::TokenSource::from_function(source);
    let session = widget::Session::new(Some("old.token"), Some(source));
    let app = host.mount(session, &FIVE);
    until_shared(&service, 1).await;
    connected(&first, "a");
    first.message(r#"{"type":"error","message":"…","code":"session_expired"}"#);
    let request = until_shared(&service, 2).await;
    assert_eq!(request.authorization, "Bearer new.token");
    assert_eq!(*calls.borrow(), 1);
    app.destroy();
}
