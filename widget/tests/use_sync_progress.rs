//! The hook, in a browser, against a service in the page.

#![cfg(target_arch = "wasm32")]

mod common;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use common::{
    Answer, EventStream, Service,
    host::{Host, session},
    pause, token_function, until,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use widget::{Session, SyncFailureKind, SyncStatus, TokenSource};

wasm_bindgen_test_configure!(run_in_browser);

/// A service that gives out these streams one after the other, and then 503.
fn streams<const N: usize>(streams: [&EventStream; N]) -> Service {
    let mut streams = streams.map(Clone::clone).into_iter();
    Service::start(move |_| streams.next().map_or(Answer::Status(503), Answer::Stream))
}

#[wasm_bindgen_test]
async fn it_subscribes_once_to_each_connection_that_is_syncing() {
    let (a, b) = (EventStream::new(), EventStream::new());
    let service = streams([&a, &b]);
    let host = Host::default();
    let app = host.mount(session(), &["a", "b"]);
    until("both are subscribed to", || {
        service.requests("/subscribe").len() == 2
    })
    .await;
    host.handle().subscribe("a");
    pause(50).await;
    let requests = service.requests("/subscribe");
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].path, "/connect/source-connections/a/subscribe");
    assert_eq!(requests[0].authorization, "Bearer a.token");
    assert_eq!(requests[0].accept, "text/event-stream");
    assert_eq!(requests[0].last_event_id, None);
    app.destroy();
}

#[wasm_bindgen_test]
async fn counts_are_replaced_and_not_added() {
    let stream = EventStream::new();
    let _service = streams([&stream]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    stream.connected("job");
    stream.message(r#"{"inserted":40}"#);
    until("40 are shown", || host.inserted("a") == Some(40)).await;
    stream.message(r#"{"inserted":42}"#);
    until("42 are shown", || host.inserted("a") == Some(42)).await;
    assert_eq!(host.sync("a").unwrap().job_id.as_deref(), Some("job"));
    assert_eq!(host.handle().get_progress("a").unwrap().synced(), 42);
    assert!(host.handle().has_active_subscription("a"));
    assert!(!host.handle().has_active_subscription("b"));
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_message_arrives_whole_however_it_is_cut() {
    let stream = EventStream::new();
    let _service = streams([&stream]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    stream.connected("job");
    for piece in ["data: {\"inser", "ted\":7}\r", "\n\r", "\n"] {
        stream.send(piece);
        pause(5).await;
    }
    until("the message is read", || host.inserted("a") == Some(7)).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn without_a_shared_stream_three_are_open_and_the_others_wait_and_are_asked_for() {
    let streams: Vec<EventStream> = (0..5).map(|_| EventStream::new()).collect();
    let mut next = streams.clone().into_iter();
    let service = Service::start(move |request| {
        if request.path.ends_with("/jobs") {
            let job = r#"[{"id":"j5","source_connection_id":"e","status":"running","entities_inserted":9}]"#;
            return Answer::Json(job.into());
        }
        if request.path == "/connect/subscribe" {
            return Answer::Status(404);
        }
        next.next().map_or(Answer::Status(503), Answer::Stream)
    });
    let host = Host::default();
    let app = host.mount(session(), &["a", "b", "c", "d", "e"]);
    until("the last one is asked for", || {
        host.inserted("e") == Some(9)
    })
    .await;
    let singles = || {
        let mut all = service.requests("/subscribe");
        all.retain(|it| it.path != "/connect/subscribe");
        all
    };
    assert_eq!(singles().len(), 3);
    streams[1].connected("j2");
    streams[1].message(r#"{"inserted":3,"is_complete":true}"#);
    until("its turn has come", || singles().len() == 4).await;
    let next = singles().pop().unwrap();
    assert_eq!(next.path, "/connect/source-connections/d/subscribe");
    streams[0].connected("j1");
    streams[0].message(r#"{"inserted":3,"is_complete":true}"#);
    until("the last one's turn has come", || singles().len() == 5).await;
    streams[4].connected("j5");
    streams[4].message(r#"{"inserted":10}"#);
    until("it goes on", || host.inserted("e") == Some(10)).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn each_end_is_told_once_and_removed_after_two_seconds() {
    for (end, status) in [
        (
            r#"{"inserted":3,"is_complete":true}"#,
            SyncStatus::Completed,
        ),
        (
            r#"{"inserted":3,"status":"cancelled"}"#,
            SyncStatus::Cancelled,
        ),
    ] {
        let stream = EventStream::new();
        let service = streams([&stream]);
        let host = Host::default();
        let app = host.mount(session(), &[]);
        until("it is rendered", || host.has_rendered()).await;
        host.handle().subscribe("a");
        stream.connected("job");
        stream.message(end);
        until("the end is told", || host.complete.borrow().len() == 1).await;
        let told = js_sys::Date::now();
        assert_eq!(host.complete.borrow()[0].status, status);
        assert!(!host.handle().has_active_subscription("a"));
        until("the end is shown", || {
            host.sync("a").is_some_and(|sync| sync.status == status)
        })
        .await;
        until("it is removed", || host.sync("a").is_none()).await;
        let stayed = js_sys::Date::now() - told;
        assert!(stayed >= 1_800.0, "{stayed} ms");
        assert_eq!(service.requests("/subscribe").len(), 1);
        app.destroy();
    }
}

#[wasm_bindgen_test]
async fn a_failed_job_is_told_with_the_workers_message() {
    let stream = EventStream::new();
    let _service = streams([&stream]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    stream.connected("job");
    stream.message(r#"{"is_failed":true,"error":"quota"}"#);
    until("it is told", || host.failures.borrow().len() == 1).await;
    let failure = host.failures.borrow()[0].clone();
    assert_eq!(failure.kind, SyncFailureKind::Failed);
    assert_eq!(failure.message.as_deref(), Some("quota"));
    assert_eq!(failure.job_id.as_deref(), Some("job"));
    assert!(host.complete.borrow().is_empty());
    app.destroy();
}

#[wasm_bindgen_test]
async fn unsubscribing_ends_the_stream_and_cleaning_up_ends_all() {
    let (a, b, c) = (EventStream::new(), EventStream::new(), EventStream::new());
    let service = streams([&a, &b, &c]);
    let host = Host::default();
    let app = host.mount(session(), &["a", "b", "c"]);
    until("all are subscribed to", || {
        service.requests("/subscribe").len() == 3
    })
    .await;
    host.handle().unsubscribe("a");
    assert!(a.aborted() && !b.aborted());
    host.handle().cleanup();
    assert!(b.aborted() && c.aborted());
    until("none is shown", || host.handle().subscriptions().is_empty()).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn unmounting_ends_all_streams_and_tells_nothing_more() {
    let (a, b) = (EventStream::new(), EventStream::new());
    let service = streams([&a, &b]);
    let host = Host::default();
    let app = host.mount(session(), &["a", "b"]);
    until("both are subscribed to", || {
        service.requests("/subscribe").len() == 2
    })
    .await;
    app.destroy();
    until("both are ended", || a.aborted() && b.aborted()).await;
    pause(300).await;
    assert_eq!(service.requests("/subscribe").len(), 2);
    assert!(host.complete.borrow().is_empty() && host.failures.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_cut_stream_is_reconnected_with_the_last_id() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let mut streams = [&first, &second].map(Clone::clone).into_iter();
    let is_up = Rc::new(Cell::new(true));
    let up = is_up.clone();
    let service = Service::start(move |_| {
        if up.get() {
            streams.next().map_or(Answer::Status(500), Answer::Stream)
        } else {
            Answer::Status(503)
        }
    });
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    first.connected("job");
    first.send("id: job/7\ndata: {\"inserted\":7}\n\n");
    until("7 are shown", || host.inserted("a") == Some(7)).await;
    is_up.set(false);
    first.cut();
    until("it is reconnecting", || host.handle().is_reconnecting("a")).await;
    assert_eq!(host.inserted("a"), Some(7));
    is_up.set(true);
    second.connected("job");
    second.message(r#"{"inserted":9}"#);
    until("9 are shown", || host.inserted("a") == Some(9)).await;
    let request = service.requests("/subscribe").pop().unwrap();
    assert_eq!(request.last_event_id.as_deref(), Some("job/7"));
    assert!(!host.handle().is_reconnecting("a"));
    app.destroy();
}

#[wasm_bindgen_test]
async fn server_errors_and_streams_that_end_early_are_retried() {
    let (early, late) = (EventStream::new(), EventStream::new());
    let mut answers = vec![
        Answer::Stream(late.clone()),
        Answer::Status(502),
        Answer::Status(503),
        Answer::Stream(early.clone()),
    ];
    let _service = Service::start(move |_| answers.pop().unwrap_or(Answer::Status(500)));
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    early.connected("job");
    early.close();
    late.connected("job");
    late.message(r#"{"inserted":1}"#);
    until("progress comes", || host.inserted("a") == Some(1)).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_job_that_appears_late_is_waited_for() {
    let stream = EventStream::new();
    stream.connected("job");
    let late = stream.clone();
    let mut refusals = 1;
    let service = Service::start(move |_| {
        if refusals == 0 {
            return Answer::Stream(late.clone());
        }
        refusals -= 1;
        Answer::Status(404)
    });
    let host = Host::default();
    let app = host.mount(session(), &[]);
    until("it is rendered", || host.has_rendered()).await;
    host.handle().subscribe("a");
    stream.message(r#"{"inserted":1}"#);
    until("progress comes", || host.inserted("a") == Some(1)).await;
    assert_eq!(service.requests("/subscribe").len(), 2);
    app.destroy();
}

#[wasm_bindgen_test]
async fn refused_tokens_are_renewed_once_for_all_streams() {
    let calls = Rc::new(RefCell::new(0));
    let source = TokenSource::from_function(token_function("new.token", calls.clone()));
    let (a, b) = (EventStream::new(), EventStream::new());
    let mut streams = vec![b.clone(), a.clone()];
    let service = Service::start(move |request| {
        if request.authorization != "Bearer new.token" {
            return Answer::Status(401);
        }
        streams.pop().map_or(Answer::Status(503), Answer::Stream)
    });
    let host = Host::default();
    let app = host.mount(Session::new(Some("old.token"), Some(source)), &["a", "b"]);
    a.connected("job");
    a.message(r#"{"inserted":1}"#);
    until("progress comes", || host.inserted("a") == Some(1)).await;
    until("both came back", || {
        service.requests("/subscribe").len() == 4
    })
    .await;
    assert_eq!(*calls.borrow(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_token_that_expires_in_mid_stream_is_renewed() {
    let calls = Rc::new(RefCell::new(0));
    let source = TokenSource::from_function(token_function("new.token", calls.clone()));
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = streams([&first, &second]);
    let host = Host::default();
    let app = host.mount(Session::new(Some("old.token"), Some(source)), &["a"]);
    first.connected("job");
    first.message(r#"{"inserted":1}"#);
    first.message(r#"{"type":"error","message":"…","code":"session_expired"}"#);
    second.connected("job");
    second.message(r#"{"inserted":2}"#);
    until("it goes on", || host.inserted("a") == Some(2)).await;
    assert_eq!(
        service.requests("/subscribe")[1].authorization,
        "Bearer new.token"
    );
    assert_eq!(*calls.borrow(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_token_is_renewed_before_it_expires_and_used_from_then_on() {
    let calls = Rc::new(RefCell::new(0));
    let source = TokenSource::from_function(token_function("new.token", calls.clone()));
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = streams([&first, &second]);
    let host = Host::default();
    let app = host.mount(Session::new(Some("old.token"), Some(source)), &["a"]);
    first.connected("job");
    for (seconds, asked) in [(3_600.0, 0), (30.0, 1), (20.0, 1)] {
        let expires = js_sys::Date::new(&(js_sys::Date::now() + seconds * 1_000.0).into());
        let expires = expires.to_iso_string();
        first.message(&format!(
            r#"{{"type":"heartbeat","session_expires_at":"{expires}"}}"#
        ));
        pause(50).await;
        assert_eq!(*calls.borrow(), asked, "{seconds} s before the end");
    }
    assert!(!first.aborted(), "the stream goes on with its token");
    first.message(r#"{"type":"error","message":"…","code":"session_expired"}"#);
    second.connected("job");
    second.message(r#"{"inserted":2}"#);
    until("it goes on", || {
        assert!(!host.handle().is_reconnecting("a"));
        host.inserted("a") == Some(2)
    })
    .await;
    assert_eq!(
        service.requests("/subscribe")[1].authorization,
        "Bearer new.token"
    );
    assert_eq!(*calls.borrow(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_token_that_lives_short_is_not_renewed_at_once() {
    let calls = Rc::new(RefCell::new(0));
    let source = TokenSource::from_function(token_function("new.token", calls.clone()));
    let stream = EventStream::new();
    let _service = streams([&stream]);
    let host = Host::default();
    let app = host.mount(Session::new(Some("old.token"), Some(source)), &["a"]);
    for (seconds, asked) in [(20.0, 0), (12.0, 0), (8.0, 1)] {
        let expires = js_sys::Date::new(&(js_sys::Date::now() + seconds * 1_000.0).into());
        let expires = expires.to_iso_string();
        stream.message(&format!(
            r#"{{"type":"connected","job_id":"job","session_expires_at":"{expires}"}}"#
        ));
        pause(50).await;
        assert_eq!(*calls.borrow(), asked, "{seconds} s before the end");
    }
    app.destroy();
}

#[wasm_bindgen_test]
async fn without_another_token_an_expired_session_is_told_and_not_asked_again() {
    let service = Service::start(|_| Answer::Status(401));
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    until("it is told", || host.failures.borrow().len() == 1).await;
    assert_eq!(
        host.failures.borrow()[0].kind,
        SyncFailureKind::SessionExpired
    );
    pause(300).await;
    assert_eq!(service.requests("/subscribe").len(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn other_refusals_are_told_and_not_retried() {
    let service = Service::start(|_| Answer::Status(403));
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    until("it is told", || host.failures.borrow().len() == 1).await;
    assert_eq!(host.failures.borrow()[0].kind, SyncFailureKind::Refused);
    pause(300).await;
    assert_eq!(service.requests("/subscribe").len(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn when_there_is_nothing_more_the_jobs_record_tells_the_end() {
    let _service = Service::start(|request| {
        if request.path.ends_with("/jobs") {
            Answer::Json(r#"[{"id":"job","status":"completed","entities_kept":5}]"#.into())
        } else {
            Answer::Status(204)
        }
    });
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    until("the end is told", || host.complete.borrow().len() == 1).await;
    assert_eq!(
        host.complete.borrow()[0].last_update.as_ref().unwrap().kept,
        5
    );
    app.destroy();
}

#[wasm_bindgen_test]
async fn offline_it_waits_and_online_it_is_back_at_once() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = streams([&first, &second]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    first.connected("job");
    until("it is subscribed to", || {
        service.requests("/subscribe").len() == 1
    })
    .await;
    let window = web_sys::window().unwrap();
    window
        .dispatch_event(&web_sys::Event::new("offline").unwrap())
        .unwrap();
    until("it is off", || host.handle().is_reconnecting("a")).await;
    assert!(first.aborted());
    pause(300).await;
    assert_eq!(service.requests("/subscribe").len(), 1);
    window
        .dispatch_event(&web_sys::Event::new("online").unwrap())
        .unwrap();
    until("it is back", || service.requests("/subscribe").len() == 2).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn another_job_on_the_same_connection_starts_from_nothing() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = streams([&first, &second]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    first.connected("old");
    first.send("id: old/1\ndata: {\"inserted\":7}\n\n");
    until("7 are shown", || host.inserted("a") == Some(7)).await;
    first.close();
    until("it is back", || service.requests("/subscribe").len() == 2).await;
    second.connected("new");
    until("the job is another", || {
        host.sync("a")
            .is_some_and(|sync| sync.job_id.as_deref() == Some("new"))
    })
    .await;
    assert_eq!(host.inserted("a"), None);
    app.destroy();
}

#[wasm_bindgen_test]
async fn messages_that_cannot_be_read_are_ignored_and_the_next_one_counts() {
    let hostile = [
        "",
        "no json",
        "{",
        "null",
        "[]",
        "\"text\"",
        "7",
        r#"{"inserted":-1}"#,
        r#"{"inserted":1e300}"#,
        r#"{"inserted":1.5}"#,
        r#"{"inserted":"7"}"#,
        r#"{"inserted":{}}"#,
        r#"{"inserted":9007199254740992}"#,
        r#"{"entities_encountered":[]}"#,
        r#"{"entities_encountered":7}"#,
        r#"{"entities_encountered":{"Message":-1}}"#,
        r#"{"total":"many"}"#,
        r#"{"type":"connected"}"#,
        r#"{"type":"connected","job_id":7}"#,
        r#"{"type":"news","inserted":99}"#,
        r#"{"type":null,"inserted":99}"#,
        r#"{"type":{"toString":null}}"#,
    ];
    let stream = EventStream::new();
    let service = streams([&stream]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    stream.connected("job");
    for data in hostile {
        stream.message(data);
    }
    stream.message(&format!("{{\"error\":\"{}\"}}", "x".repeat(300_000)));
    stream.message(&"[".repeat(200_000));
    stream.send("\u{0}\u{feff}:\ndata\n\nid: \u{0}\nevent: other\ndata: {\"inserted\":99}\n\n");
    pause(50).await;
    assert_eq!(host.inserted("a"), None);
    stream.message(
        r#"{"inserted":5,"status":"a new word","entities_encountered":{"__proto__":1},"more":[]}"#,
    );
    until("the good one counts", || host.inserted("a") == Some(5)).await;
    assert_eq!(service.requests("/subscribe").len(), 1);
    app.destroy();
}

#[wasm_bindgen_test]
async fn a_stream_that_has_gone_silent_is_taken_for_dead() {
    let (first, second) = (EventStream::new(), EventStream::new());
    let service = streams([&first, &second]);
    let host = Host::default();
    let app = host.mount(session(), &["a"]);
    first.connected("job");
    first.message(r#"{"type":"connected","job_id":"job","heartbeat_seconds":1}"#);
    until("it is back", || service.requests("/subscribe").len() == 2).await;
    assert!(first.aborted() && !second.aborted());
    app.destroy();
}
