//! What the custom element of the npm package calls.

use std::rc::Rc;

use js_sys::{Array, Function, JsString, Object};
use protocol::{Progress, SessionMode};
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::{AppHandle, AttrValue, Callback, Renderer};

use crate::{
    Action, Actions, Commands, ConnectWidget, ConnectWidgetProps, Label, Labels, StreamMode,
    SyncFailure, SyncSubscription, Theme, ThemeMode, TokenSource, WidgetEvent, json,
    palette::{COLORS, FONTS},
};

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// All static styles, to be adopted as one constructed style sheet in the shadow root.
#[wasm_bindgen]
pub fn stylesheet() -> JsString {
    crate::stylesheet().into()
}

/// Mounts the widget into an element. `emit` is called with a name and a detail for each event.
#[wasm_bindgen]
pub fn mount(root: Element, config: &JsValue, emit: Function) -> WidgetHandle {
    let commands = Commands::default();
    let on_event = Callback::from(move |event| {
        let (name, detail) = detail(event);
        // What the host's listeners throw is theirs.
        let _ = emit.call2(&JsValue::UNDEFINED, &name.into(), &detail);
    });
    let props = props(config, commands.clone(), on_event.clone());
    let app = Renderer::<ConnectWidget>::with_root_and_props(root, props).render();
    WidgetHandle {
        app,
        commands,
        on_event,
    }
}

/// A mounted widget.
#[wasm_bindgen]
pub struct WidgetHandle {
    app: AppHandle<ConnectWidget>,
    commands: Commands,
    on_event: Callback<WidgetEvent>,
}

#[wasm_bindgen]
impl WidgetHandle {
    /// Takes over another configuration, as a whole.
    pub fn update(&mut self, config: &JsValue) {
        let props = props(config, self.commands.clone(), self.on_event.clone());
        self.app.update(props);
    }

    /// Follows a connection's sync at once.
    pub fn subscribe(&self, id: &str) {
        self.commands.subscribe(id);
    }

    /// Stops to follow a connection's sync.
    pub fn unsubscribe(&self, id: &str) {
        self.commands.unsubscribe(id);
    }

    /// Loads the list again.
    pub fn refresh(&self) {
        self.commands.refresh();
    }

    /// Unmounts the widget; everything that it has started ends, and the handle with it.
    pub fn destroy(self) {
        self.app.destroy();
    }
}

/// Reads a configuration. Members of a wrong type are taken for missing.
fn props(
    config: &JsValue,
    commands: Commands,
    on_event: Callback<WidgetEvent>,
) -> ConnectWidgetProps {
    let text = |name| json::text(config, name).filter(|text| !text.is_empty());
    let theme_config = json::member(config, "theme");
    let labels = with_labels(Labels::default(), &json::member(&theme_config, "labels"));
    let labels = with_labels(labels, &json::member(config, "labels"));
    let get_session_token = json::member(config, "getSessionToken").dyn_into::<Function>();
    ConnectWidgetProps {
        api_url: text("apiUrl").unwrap_or_default().into(),
        session_token: text("sessionToken").map(AttrValue::from),
        get_session_token: get_session_token.ok().map(TokenSource::from_function),
        theme: theme(&theme_config),
        labels: Rc::new(labels),
        lang: text("lang").unwrap_or_default().into(),
        streams: StreamMode::from_word(&text("streams").unwrap_or_default()),
        stream_fetch: json::member(config, "streamFetch").dyn_into().ok(),
        closable: json::member(config, "closable").is_truthy(),
        actions: actions(&json::member(config, "actions")),
        on_event,
        commands,
    }
}

/// Those that the host has functions for.
fn actions(given: &JsValue) -> Actions {
    let all = [Action::Sync, Action::Reconnect, Action::Delete];
    all.into_iter()
        .filter(|action| json::member(given, action.as_str()).is_function())
        .fold(Actions::default(), Actions::with)
}

fn with_labels(mut labels: Labels, given: &JsValue) -> Labels {
    for (label, key) in Label::all() {
        let text = json::member(given, key);
        if let Some(text) = text.as_string().or_else(|| json::text(&text, "other")) {
            labels = labels.with(label, text);
        }
        for category in Labels::PLURALS {
            if let Some(text) = json::text(&text, category) {
                labels = labels.with_plural(label, category, text);
            }
        }
    }
    labels
}

fn theme(given: &JsValue) -> Theme {
    let mode = given.as_string().or_else(|| json::text(given, "mode"));
    let mut theme = Theme::new(ThemeMode::from_word(&mode.unwrap_or_default()));
    let colors = json::member(given, "colors");
    for palette in [ThemeMode::Light, ThemeMode::Dark] {
        let colors = json::member(&colors, palette.as_str());
        for color in COLORS {
            if let Some(value) = json::text(&colors, color.name) {
                theme.set_color(palette, color.name, value);
            }
        }
    }
    let fonts = json::member(given, "fonts");
    for (name, _) in FONTS {
        if let Some(value) = json::text(&fonts, name) {
            theme.set_font(name, value);
        }
    }
    theme
}

#[wasm_bindgen]
extern "C" {
    /// What a sync's event tells. Set member by member, since a page that shows many syncs is told thousands a second.
    type SyncDetail;
    #[wasm_bindgen(method, setter, js_name = connectionId)]
    fn set_connection_id(this: &SyncDetail, id: &str);
    #[wasm_bindgen(method, setter, js_name = jobId)]
    fn set_job_id(this: &SyncDetail, id: &str);
    #[wasm_bindgen(method, setter)]
    fn set_progress(this: &SyncDetail, progress: &ProgressDetail);

    type ProgressDetail;
    #[wasm_bindgen(method, setter)]
    fn set_inserted(this: &ProgressDetail, count: f64);
    #[wasm_bindgen(method, setter)]
    fn set_updated(this: &ProgressDetail, count: f64);
    #[wasm_bindgen(method, setter)]
    fn set_deleted(this: &ProgressDetail, count: f64);
    #[wasm_bindgen(method, setter)]
    fn set_kept(this: &ProgressDetail, count: f64);
    #[wasm_bindgen(method, setter)]
    fn set_skipped(this: &ProgressDetail, count: f64);
    #[wasm_bindgen(method, setter)]
    fn set_entities_encountered(this: &ProgressDetail, counts: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_total(this: &ProgressDetail, count: f64);
    #[wasm_bindgen(method, setter)]
    fn set_status(this: &ProgressDetail, word: &str);
    #[wasm_bindgen(method, setter)]
    fn set_is_complete(this: &ProgressDetail, is_complete: bool);
    #[wasm_bindgen(method, setter)]
    fn set_is_failed(this: &ProgressDetail, is_failed: bool);
    #[wasm_bindgen(method, setter)]
    fn set_error(this: &ProgressDetail, message: &str);
}

/// An event's name and detail.
fn detail(event: WidgetEvent) -> (&'static str, JsValue) {
    match event {
        WidgetEvent::Ready(claims) => (
            "connect-ready",
            object(&[
                ("sessionId", claims.session_id.into()),
                ("collectionId", claims.collection_id.into()),
                ("mode", mode_word(claims.mode).into()),
            ]),
        ),
        WidgetEvent::Status(status, message) => (
            "status-change",
            object(&[
                ("status", status.as_str().into()),
                ("message", message.into()),
            ]),
        ),
        WidgetEvent::Progress(sync) => ("sync-progress", sync_detail(&sync)),
        WidgetEvent::Complete(sync) => ("sync-complete", sync_detail(&sync)),
        WidgetEvent::Error(failure) => ("sync-error", failure_detail(failure)),
        WidgetEvent::Action(action, id) => (
            "action",
            object(&[
                ("action", action.as_str().into()),
                ("connectionId", id.into()),
            ]),
        ),
        WidgetEvent::Close(reason) => ("close", object(&[("reason", reason.as_str().into())])),
    }
}

fn sync_detail(sync: &SyncSubscription) -> JsValue {
    let detail: SyncDetail = Object::new().unchecked_into();
    detail.set_connection_id(&sync.connection_id);
    detail.set_job_id(sync.job_id.as_deref().unwrap_or_default());
    detail.set_progress(&progress(sync.last_update.clone().unwrap_or_default()));
    detail.into()
}

fn failure_detail(failure: SyncFailure) -> JsValue {
    object(&[
        ("connectionId", failure.connection_id.into()),
        ("jobId", failure.job_id.into()),
        ("message", failure.message.unwrap_or_default().into()),
        ("code", failure.kind.code().into()),
    ])
}

/// The word on the wire.
fn mode_word(mode: SessionMode) -> &'static str {
    match mode {
        SessionMode::All => "all",
        SessionMode::Connect => "connect",
        SessionMode::Manage => "manage",
        SessionMode::Reauth => "reauth",
    }
}

/// The wire's progress object, with the end spelled out in both generations' ways.
fn progress(progress: Progress) -> ProgressDetail {
    let progress = progress.with_end_spelled_out();
    let entities: Vec<(&str, JsValue)> = progress
        .entities_encountered
        .iter()
        .map(|(name, count)| (name, number(count).into()))
        .collect();
    let detail: ProgressDetail = Object::new().unchecked_into();
    detail.set_inserted(number(progress.inserted));
    detail.set_updated(number(progress.updated));
    detail.set_deleted(number(progress.deleted));
    detail.set_kept(number(progress.kept));
    detail.set_skipped(number(progress.skipped));
    detail.set_entities_encountered(&object(&entities));
    if let Some(total) = progress.total {
        detail.set_total(number(total));
    }
    if let Some(status) = progress.status {
        detail.set_status(status.as_str());
    }
    detail.set_is_complete(progress.is_complete == Some(true));
    detail.set_is_failed(progress.is_failed == Some(true));
    if let Some(error) = &progress.error {
        detail.set_error(error);
    }
    detail
}

/// Counts are at most 2^53 - 1, which a JavaScript number holds exactly.
#[allow(clippy::cast_precision_loss)]
fn number(count: u64) -> f64 {
    count as f64
}

/// A plain object without the members that are `undefined`. Members are defined, not assigned: a worker may well call
/// an entity type `__proto__`.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let entries: Array = members
        .iter()
        .filter(|(_, value)| !value.is_undefined())
        .map(|(name, value)| Array::of2(&(*name).into(), value))
        .collect();
    Object::from_entries(&entries).map_or(JsValue::NULL, JsValue::from)
}
