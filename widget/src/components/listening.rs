//! The listeners of the widget. Those that Yew attaches to an app's root stay in memory after the app has gone.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element as DomElement, Event, EventTarget, HtmlElement};
use yew::html::Scope;

use super::{
    connect_widget::{ConnectWidget, ConnectWidgetMessage as Message},
    row_menu::on_key,
};
use crate::json;

/// What is listened to.
#[derive(Clone, Copy)]
enum Kind {
    Click,
    Key,
    FocusIn,
    FocusOut,
    Toggle,
    Scroll,
}

type Tell = Rc<dyn Fn(Kind, &Event)>;

const KINDS: [(&str, Kind); 7] = [
    ("click", Kind::Click),
    ("keydown", Kind::Key),
    ("focusin", Kind::FocusIn),
    ("focusout", Kind::FocusOut),
    ("toggle", Kind::Toggle),
    ("scroll", Kind::Scroll),
    ("resize", Kind::Scroll),
];

/// Tells the widget what happens in its element and to the window, until they are dropped.
pub(super) fn listen(root: &EventTarget, link: &Scope<ConnectWidget>) -> Vec<EventListener> {
    let mut listeners = Vec::new();
    let Some(window) = web_sys::window() else {
        return listeners;
    };
    let link = link.clone();
    let tell: Tell = Rc::new(move |kind, event| {
        if let Some(message) = message(kind, event) {
            link.send_message(message);
        }
    });
    for (name, kind) in KINDS {
        let target: &EventTarget = match kind {
            Kind::Scroll => &window,
            _ => root,
        };
        // Neither scrolling nor toggling bubbles; keys that are used here are not to scroll the page as well.
        let options = EventListenerOptions {
            passive: false,
            ..EventListenerOptions::run_in_capture_phase()
        };
        let tell = tell.clone();
        let listener =
            EventListener::new_with_options(target, name, options, move |event| tell(kind, event));
        listeners.push(listener);
    }
    listeners
}

fn message(kind: Kind, event: &Event) -> Option<Message> {
    // What happens in the widget's element happens to HTML elements, of which all are its own.
    let target = event.target()?.unchecked_into::<HtmlElement>();
    match kind {
        Kind::Scroll => Some(Message::Scrolled),
        Kind::Click if target.tag_name() == "BUTTON" => Some(Message::Pressed(
            target.get_attribute("data-action").unwrap_or_default(),
            target,
        )),
        Kind::Click => None,
        Kind::Key => {
            let key = json::text(event, "key")?;
            let word = on_key(&key, &target)?;
            if key != "Tab" {
                event.prevent_default();
                // What is around the widget is not to be closed as well.
                event.stop_propagation();
            }
            (!word.is_empty()).then(|| Message::Pressed(word.into(), target))
        }
        Kind::FocusIn => Some(Message::Focused(Some(target.into()))),
        Kind::FocusOut => {
            let to = json::member(event, "relatedTarget");
            let to = to.is_object().then(|| to.unchecked_into::<DomElement>());
            Some(Message::Focused(to))
        }
        // What else can be toggled has no role.
        Kind::Toggle => {
            let is_closed = json::text(event, "newState").is_some_and(|it| it == "closed");
            (is_closed && target.has_attribute("role")).then_some(Message::MenuClosed)
        }
    }
}
