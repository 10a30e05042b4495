//! The widget as a whole, in a browser, against a service in the page.

#![cfg(target_arch = "wasm32")]

mod common;

use std::{cell::RefCell, rc::Rc};

use common::{Answer, EventStream, Service, attribute, find, root, text, token_function, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;
use widget::{
    Action, Actions, CloseReason, Commands, ConnectWidget, ConnectWidgetProps, Label, Labels,
    Numbers, StreamMode, Theme, ThemeMode, TokenSource, WidgetEvent, WidgetStatus,
};
use yew::{AppHandle, Callback, Renderer};

wasm_bindgen_test_configure!(run_in_browser);

/// A mounted widget and what it has told.
struct Page {
    root: Element,
    props: ConnectWidgetProps,
    app: Option<AppHandle<ConnectWidget>>,
    events: Rc<RefCell<Vec<WidgetEvent>>>,
}

impl Page {
    fn mount(change: impl FnOnce(&mut ConnectWidgetProps)) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        let told = events.clone();
        let mut props = ConnectWidgetProps {
            api_url: "".into(),
            session_token: Some("a.token".into()),
            get_session_token: None,
            theme: Theme::default(),
            labels: Rc::default(),
            streams: StreamMode::default(),
            stream_fetch: None,
            closable: false,
            actions: Actions::default(),
            lang: "en".into(),
            on_event: Callback::from(move |event| told.borrow_mut().push(event)),
            commands: Commands::default(),
        };
        change(&mut props);
        let root = root();
        let app = Renderer::<ConnectWidget>::with_root_and_props(root.clone(), props.clone());
        Self {
            app: Some(app.render()),
            root,
            props,
            events,
        }
    }

    fn update(&mut self, change: impl FnOnce(&mut ConnectWidgetProps)) {
        change(&mut self.props);
        self.app.as_mut().unwrap().update(self.props.clone());
    }

    fn state(&self) -> String {
        attribute(&self.root, "[part=widget]", "data-state").unwrap_or_default()
    }

    async fn until_state(&self, state: &str) {
        until(state, || self.state() == state).await;
    }

    fn row(&self, name: &str) -> Option<String> {
        attribute(&self.root, "[part=connection]", name)
    }

    async fn until_row(&self, state: &str) {
        until(state, || self.row("data-state").as_deref() == Some(state)).await;
    }

    fn statuses(&self) -> Vec<WidgetStatus> {
        let events = self.events.borrow();
        let statuses = events.iter().filter_map(|event| match event {
            WidgetEvent::Status(status, _) => Some(*status),
            _ => None,
        });
        statuses.collect()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
        self.root.remove();
    }
}

fn list(status: &str) -> Answer {
    Answer::Json(format!(
        r#"[{{"id":"a","name":"Team chat","short_name":"slack","status":"{status}","entity_count":1234}}]"#
    ))
}

/// A service whose list says `syncing` first and `then` afterwards, with one stream.
fn one_sync(stream: &EventStream, then: &'static str) -> Service {
    let stream = stream.clone();
    let mut lists = 0;
    Service::start(move |request| {
        if request.path.ends_with("/subscribe") {
            return Answer::Stream(stream.clone());
        }
        lists += 1;
        list(if lists == 1 { "syncing" } else { then })
    })
}

#[wasm_bindgen_test]
async fn it_shows_the_list_and_says_that_it_is_ready() {
    let _service = Service::start(|_| list("active"));
    let page = Page::mount(|props| {
        // {"sid":"s","cid":"c","mode":"manage"}
        props.session_token = Some("eyJzaWQiOiJzIiwiY2lkIjoiYyIsIm1vZGUiOiJtYW5hZ2UifQ.x".into());
    });
    page.until_state("ready").await;
    assert_eq!(text(&page.root, "[part=name]"), "Team chat");
    assert_eq!(text(&page.root, "[part=status]"), "Connected");
    assert_eq!(text(&page.root, "[part=count]"), "1,234 entities");
    assert_eq!(page.row("data-state").as_deref(), Some("idle"));
    assert_eq!(page.row("data-status").as_deref(), Some("active"));
    assert_eq!(page.row("data-connection-id").as_deref(), Some("a"));
    let ready = page.events.borrow().iter().find_map(|event| match event {
        WidgetEvent::Ready(claims) => Some(claims.clone()),
        _ => None,
    });
    let ready = ready.unwrap();
    assert_eq!((&*ready.session_id, &*ready.collection_id), ("s", "c"));
    assert_eq!(
        page.statuses(),
        [WidgetStatus::Loading, WidgetStatus::Ready]
    );
}

#[wasm_bindgen_test]
async fn a_sync_is_followed_from_its_first_count_until_it_is_gone() {
    let stream = EventStream::new();
    let service = one_sync(&stream, "active");
    let page = Page::mount(|_| {});
    page.until_row("syncing").await;
    stream.connected("job");
    stream.message(r#"{"inserted":1000,"updated":30,"kept":4,"skipped":0,"deleted":9}"#);
    until("the counts are shown", || {
        text(&page.root, "[part=count]") == "1,034 synced"
    })
    .await;
    assert_eq!(
        attribute(&page.root, "[part=progress]", "role").as_deref(),
        Some("progressbar")
    );
    assert_eq!(
        attribute(&page.root, "[part=progress]", "aria-valuenow"),
        None
    );
    stream.message(r#"{"inserted":2000,"is_complete":true}"#);
    page.until_row("completed").await;
    until("the count has come to its end", || {
        text(&page.root, "[part=count]") == "2,000 synced"
    })
    .await;
    assert_eq!(text(&page.root, "[role=status]"), "Team chat: Completed");
    page.until_row("idle").await;
    assert_eq!(service.requests("/source-connections").len(), 2);
    assert_eq!(service.requests("/subscribe").len(), 1);
    let completed = |event: &WidgetEvent| matches!(event, WidgetEvent::Complete(_));
    assert_eq!(
        page.events
            .borrow()
            .iter()
            .filter(|event| completed(event))
            .count(),
        1
    );
}

#[wasm_bindgen_test]
async fn what_is_chosen_in_a_rows_menu_is_told_and_deleting_only_when_said_twice() {
    let _service = Service::start(|_| list("active"));
    let actions = Actions::default();
    let page = Page::mount(|props| {
        props.actions = actions.with(Action::Sync).with(Action::Delete);
    });
    page.until_state("ready").await;
    let press = async |word: &str| {
        let selector = format!("[data-action={word}]");
        until(word, || find(&page.root, &selector).is_some()).await;
        find(&page.root, &selector).unwrap().click();
    };
    for words in [
        &["menu", "sync"][..],
        &["menu", "delete", "cancel"],
        &["menu", "delete", "confirm"],
    ] {
        for word in words {
            press(word).await;
        }
    }
    let told = || {
        let events = page.events.borrow();
        let told = events.iter().filter_map(|event| match event {
            WidgetEvent::Action(action, id) => Some((*action, id.clone())),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    until("both are told", || told().len() == 2).await;
    assert_eq!(
        told(),
        [(Action::Sync, "a".into()), (Action::Delete, "a".into())]
    );
}

#[wasm_bindgen_test]
async fn a_list_that_lags_behind_the_end_does_not_bring_the_sync_back() {
    let stream = EventStream::new();
    let first = stream.clone();
    let mut lists = 0;
    let service = Service::start(move |request| {
        if request.path.ends_with("/subscribe") {
            return Answer::Stream(first.clone());
        }
        lists += 1;
        // At the start, and right after the end.
        list(if lists <= 2 { "syncing" } else { "active" })
    });
    let page = Page::mount(|_| {});
    page.until_row("syncing").await;
    stream.connected("job");
    stream.message(r#"{"inserted":7,"is_complete":true}"#);
    page.until_row("completed").await;
    until("it is gone", || {
        let state = page.row("data-state").unwrap();
        assert!(state == "completed" || state == "idle", "{state}");
        state == "idle"
    })
    .await;
    assert_eq!(service.requests("/source-connections").len(), 3);
    assert_eq!(service.requests("/subscribe").len(), 1);
}

#[wasm_bindgen_test]
async fn closing_tells_whether_there_was_anything_to_see() {
    for (status, state, reason) in [
        (200, "ready", CloseReason::Cancel),
        (403, "forbidden", CloseReason::Error),
        (500, "error", CloseReason::Error),
    ] {
        let _service = Service::start(move |_| match status {
            200 => list("active"),
            status => Answer::Status(status),
        });
        let page = Page::mount(|props| props.closable = true);
        page.until_state(state).await;
        let button = find(&page.root, "[part=close]").unwrap();
        assert_eq!(button.get_attribute("aria-label").as_deref(), Some("Close"));
        button.click();
        let close = WidgetEvent::Close(reason);
        until("it is told", || page.events.borrow().contains(&close)).await;
    }
}

#[wasm_bindgen_test]
async fn a_known_total_gives_a_percentage() {
    let stream = EventStream::new();
    let _service = one_sync(&stream, "active");
    let page = Page::mount(|_| {});
    stream.connected("job");
    stream.message(r#"{"inserted":300,"total":1200}"#);
    until("it is shown", || {
        text(&page.root, "[part=note]") == "25\u{a0}%"
    })
    .await;
    let bar = |name| attribute(&page.root, "[part=progress]", name);
    assert_eq!(bar("aria-valuemin").as_deref(), Some("0"));
    assert_eq!(bar("aria-valuemax").as_deref(), Some("1200"));
    assert_eq!(bar("aria-valuenow").as_deref(), Some("300"));
    let style = find(&page.root, "[part=progress]").unwrap().style();
    assert_eq!(style.get_property_value("--_percent").unwrap(), "25");
}

#[wasm_bindgen_test]
async fn what_a_total_is_made_of_is_shown_on_demand() {
    let stream = EventStream::new();
    let _service = one_sync(&stream, "active");
    let page = Page::mount(|_| {});
    page.until_row("syncing").await;
    assert_eq!(text(&page.root, "[part=details-list]"), "");
    stream.connected("job");
    stream.message(
        r#"{"inserted":1300,"kept":7,"skipped":2,"entities_encountered":{"Message":1300,"<b>":9}}"#,
    );
    let details = || {
        let items = page
            .root
            .query_selector_all("[part=details-list] > li")
            .unwrap();
        let items = (0..items.length()).filter_map(|at| items.get(at)?.text_content());
        items.collect::<Vec<String>>()
    };
    let all = [
        "1,300 new",
        "7 unchanged",
        "2 skipped",
        "Message: 1,300",
        "<b>: 9",
    ];
    until("it is there", || details() == all).await;
    let is_open = || {
        find(&page.root, "[part=details]")
            .unwrap()
            .has_attribute("open")
    };
    assert!(!is_open());
    find(&page.root, "[part=summary]").unwrap().click();
    assert!(is_open());
    stream.message(r#"{"inserted":1301}"#);
    until("it goes on", || details() == ["1,301 new"]).await;
    assert!(is_open(), "what is open stays open");
}

#[wasm_bindgen_test]
fn times_are_written_in_the_largest_unit_that_fits() {
    let numbers = Numbers::new("en");
    for (seconds, text) in [
        (0, "0 sec"),
        (59, "59 sec"),
        (60, "1 min"),
        (61, "2 min"),
        (7_000, "2 hr"),
    ] {
        assert_eq!(numbers.write_time(seconds), text);
    }
    assert_eq!(Numbers::new("de").write_time(120), "2 Min.");
    assert_eq!(Numbers::new("no such language").write(5), "5");
}

#[wasm_bindgen_test]
async fn a_failed_sync_keeps_the_workers_message_as_text() {
    let stream = EventStream::new();
    let _service = one_sync(&stream, "error");
    let page = Page::mount(|_| {});
    stream.connected("job");
    stream.message(r#"{"is_failed":true,"error":"<img src=x onerror=alert(1)> quota"}"#);
    page.until_row("failed").await;
    assert_eq!(
        text(&page.root, "[part=error]"),
        "<img src=x onerror=alert(1)> quota"
    );
    assert!(find(&page.root, "img").is_none());
    page.until_row("error").await;
    assert_eq!(
        text(&page.root, "[part=error]"),
        "<img src=x onerror=alert(1)> quota"
    );
}

#[wasm_bindgen_test]
async fn a_sync_that_failed_earlier_is_explained_by_its_job() {
    let _service = Service::start(|request| {
        if request.path.ends_with("/jobs") {
            Answer::Json(r#"[{"id":"j","status":"failed","error":"revoked"},{"id":"i"}]"#.into())
        } else {
            list("error")
        }
    });
    let page = Page::mount(|_| {});
    until("it is shown", || {
        text(&page.root, "[part=error]") == "revoked"
    })
    .await;
    assert_eq!(page.row("data-state").as_deref(), Some("error"));
}

#[wasm_bindgen_test]
async fn a_cancelled_sync_is_shown_as_cancelled() {
    let stream = EventStream::new();
    let _service = one_sync(&stream, "active");
    let page = Page::mount(|_| {});
    stream.connected("job");
    stream.message(r#"{"status":"cancelled"}"#);
    page.until_row("cancelled").await;
    assert_eq!(text(&page.root, "[part=status]"), "Cancelled");
}

#[wasm_bindgen_test]
async fn a_lost_stream_is_shown_as_reconnecting() {
    let stream = EventStream::new();
    let first = stream.clone();
    let mut subscriptions = 0;
    let _service = Service::start(move |request| {
        if !request.path.ends_with("/subscribe") {
            return list("syncing");
        }
        subscriptions += 1;
        if subscriptions == 1 {
            Answer::Stream(first.clone())
        } else {
            Answer::Status(503)
        }
    });
    let page = Page::mount(|_| {});
    stream.connected("job");
    stream.message(r#"{"inserted":5}"#);
    until("the counts are shown", || {
        text(&page.root, "[part=count]") == "5 synced"
    })
    .await;
    stream.cut();
    page.until_row("reconnecting").await;
    assert_eq!(text(&page.root, "[part=count]"), "5 synced");
}

#[wasm_bindgen_test]
async fn a_silent_worker_is_worth_a_word() {
    let stream = EventStream::new();
    let _service = one_sync(&stream, "active");
    let page = Page::mount(|_| {});
    stream.connected("job");
    stream.message(r#"{"type":"heartbeat","idle_seconds":60}"#);
    until("it is said", || {
        text(&page.root, "[part=note]") == "No news for 60 s"
    })
    .await;
}

#[wasm_bindgen_test]
async fn each_state_without_a_list_has_its_name() {
    for (answer, state) in [
        (Answer::Json("[]".into()), "empty"),
        (Answer::Status(403), "forbidden"),
        (Answer::Status(401), "expired"),
        (Answer::Status(500), "error"),
        (Answer::Json("{\"detail\":7}".into()), "error"),
        (Answer::Json("<html>".into()), "error"),
    ] {
        let mut answer = Some(answer);
        let _service = Service::start(move |_| answer.take().unwrap_or(Answer::Status(500)));
        let page = Page::mount(|_| {});
        page.until_state(state).await;
    }
}

#[wasm_bindgen_test]
async fn trying_again_after_an_error_shows_the_list() {
    let mut lists = 0;
    let _service = Service::start(move |_| {
        lists += 1;
        if lists == 1 {
            Answer::Status(500)
        } else {
            list("active")
        }
    });
    let page = Page::mount(|_| {});
    page.until_state("error").await;
    find(&page.root, "[part=button]").unwrap().click();
    page.until_state("ready").await;
}

#[wasm_bindgen_test]
async fn an_expired_session_is_renewed_by_the_host_and_the_token_stays_in_its_header() {
    let calls = Rc::new(RefCell::new(0));
    let source = TokenSource::from_function(token_function("new.token", calls.clone()));
    let service = Service::start(|request| match &*request.authorization {
        "Bearer new.token" => list("active"),
        _ => Answer::Status(401),
    });
    let page = Page::mount(|props| props.get_session_token = Some(source));
    page.until_state("ready").await;
    assert_eq!(*calls.borrow(), 1);
    assert!(
        service
            .requests("")
            .iter()
            .all(|request| !request.path.contains("token"))
    );
}

#[wasm_bindgen_test]
async fn without_a_token_it_waits_for_one() {
    let service = Service::start(|_| list("active"));
    let mut page = Page::mount(|props| props.session_token = None);
    page.until_state("loading").await;
    assert_eq!(service.requests("").len(), 0);
    page.update(|props| props.session_token = Some("a.token".into()));
    page.until_state("ready").await;
}

#[wasm_bindgen_test]
async fn a_new_connection_is_followed_at_once_and_found_in_the_list() {
    let stream = EventStream::new();
    let new = stream.clone();
    let mut lists = 0;
    let service = Service::start(move |request| {
        if request.path.ends_with("/subscribe") {
            return Answer::Stream(new.clone());
        }
        lists += 1;
        if lists == 1 {
            Answer::Json("[]".into())
        } else {
            list("syncing")
        }
    });
    let page = Page::mount(|_| {});
    page.until_state("empty").await;
    page.props.commands.subscribe("a");
    page.until_row("syncing").await;
    stream.connected("job");
    stream.message(r#"{"inserted":1}"#);
    until("the counts are shown", || {
        text(&page.root, "[part=count]") == "1 synced"
    })
    .await;
    assert_eq!(service.requests("/subscribe").len(), 1);
}

#[wasm_bindgen_test]
async fn another_collection_shows_nothing_of_the_one_before() {
    let service = Service::start(|request| {
        if request.authorization.contains("eyJjaWQiOiIyIn0") {
            Answer::Status(500)
        } else {
            list("active")
        }
    });
    // {"cid":"1"}, {"cid":"2"}
    let mut page = Page::mount(|props| props.session_token = Some("eyJjaWQiOiIxIn0.x".into()));
    page.until_state("ready").await;
    page.update(|props| props.session_token = Some("eyJjaWQiOiIyIn0.x".into()));
    page.until_state("error").await;
    assert!(find(&page.root, "[part=connection]").is_none());
    assert_eq!(service.requests("/source-connections").len(), 2);
}

#[wasm_bindgen_test]
async fn two_widgets_do_not_mix() {
    let _service = Service::start(|request| match &*request.authorization {
        "Bearer one.token" => list("active"),
        _ => Answer::Json("[]".into()),
    });
    let one = Page::mount(|props| props.session_token = Some("one.token".into()));
    let two = Page::mount(|props| props.session_token = Some("two.token".into()));
    one.until_state("ready").await;
    two.until_state("empty").await;
    drop(one);
    assert_eq!(two.state(), "empty");
}

#[wasm_bindgen_test]
async fn unmounting_ends_the_stream() {
    let stream = EventStream::new();
    let service = one_sync(&stream, "active");
    let page = Page::mount(|_| {});
    until("it is subscribed to", || {
        service.requests("/subscribe").len() == 1
    })
    .await;
    drop(page);
    until("it is ended", || stream.aborted()).await;
}

#[wasm_bindgen_test]
async fn theme_and_labels_can_change_at_any_time() {
    let _service = Service::start(|_| list("active"));
    let mut page = Page::mount(|props| {
        props.theme = Theme::new(ThemeMode::Light);
        props
            .theme
            .set_color(ThemeMode::Light, "primary", "#123456");
        props.theme.set_font("body", "serif");
    });
    page.until_state("ready").await;
    let property = |page: &Page, name: &str| {
        let style = find(&page.root, "[part=widget]").unwrap().style();
        style.get_property_value(name).unwrap()
    };
    assert_eq!(property(&page, "--connect-primary"), "#123456");
    assert_eq!(property(&page, "--connect-font-body"), "serif");
    page.update(|props| {
        props.theme = Theme::new(ThemeMode::Dark);
        props.labels = Rc::new(Labels::default().with(Label::Active, "Verbunden"));
    });
    until("the label is another", || {
        text(&page.root, "[part=status]") == "Verbunden"
    })
    .await;
    assert_eq!(
        attribute(&page.root, "[part=widget]", "data-theme").as_deref(),
        Some("dark")
    );
    assert_eq!(property(&page, "--connect-primary"), "");
}
