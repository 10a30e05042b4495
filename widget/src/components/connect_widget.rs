//! The widget as a whole.

use std::{cell::RefCell, rc::Rc};

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::Function;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, FocusEvent, HtmlElement};
use yew::{AttrValue, Callback, Component, Context, Html, NodeRef, Properties};

use super::{
    connection_item::ConnectionItemProps,
    markup::{
        Attribute::{
            AriaBusy, AriaHidden, AriaLabel, Class, DataState, DataTheme, Part, Role, Type,
        },
        Element, Fixed,
    },
    rows::Rows,
};
use crate::{
    ApiClient, CloseReason, Commands, Label, Labels, Numbers, Session, SessionClaims, StreamMode,
    SyncStatus, Theme, TokenSource, WidgetEvent, commands::Command, connection_list::ListPhase,
    controller::Controller, labels::fill, theme,
};

/// How many rows stand in for a list that is being loaded.
const SKELETON_ROWS: usize = 3;

/// The class of the button that closes.
const CLOSE_BUTTON: &str = "connect-close";

/// The properties of [`ConnectWidget`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ConnectWidgetProps {
    /// The API's address; may be relative to the page, and empty for its own origin.
    pub api_url: AttrValue,
    /// A session token. While there is none, and no source, the widget waits for one.
    ///
    /// Another token of the same collection leaves list and streams as they are; one of another collection starts anew,
    /// so that nothing of the one before is shown.
    #[prop_or_default]
    pub session_token: Option<AttrValue>,
    /// Where to get a token: the first one if none is given, and another one when it has expired.
    #[prop_or_default]
    pub get_session_token: Option<TokenSource>,
    /// Colours and fonts.
    #[prop_or_default]
    pub theme: Theme,
    /// The texts.
    #[prop_or_default]
    pub labels: Rc<Labels>,
    /// The language in which numbers are written, as in HTML's `lang`; empty for the browser's.
    #[prop_or_default]
    pub lang: AttrValue,
    /// How many streams there are: browsers allow six HTTP/1.1 connections to an origin.
    #[prop_or_default]
    pub streams: StreamMode,
    /// Stands in for `fetch` where streams are asked for: see [`ApiClient::with_stream_fetch`]. The first one counts.
    #[prop_or_default]
    pub stream_fetch: Option<Function>,
    /// Whether there is a button to close the widget, of which the host is told.
    #[prop_or_default]
    pub closable: bool,
    /// Told what happens.
    #[prop_or_default]
    pub on_event: Callback<WidgetEvent>,
    /// Brings what the host asks for.
    #[prop_or_default]
    pub commands: Commands,
}

impl ConnectWidgetProps {
    fn collection(&self) -> String {
        let token = self.session_token.as_deref();
        token.map_or_else(String::new, |token| {
            SessionClaims::read(token).collection_id
        })
    }
}

/// What the component is told.
#[derive(Debug)]
pub enum ConnectWidgetMessage {
    /// There is something else to show.
    Changed,
    /// Something has happened that the host is told.
    Happened(WidgetEvent),
    /// The host asks for something.
    Asked(Command),
    /// The close button was pressed.
    Closed,
    /// The focus has gone into this connection's row, or out of all.
    Focused(Option<String>),
    /// The page was scrolled, or its size has changed.
    Scrolled,
}

/// Shows the connections of a session's collection and follows their syncs.
///
/// It needs the style sheet of [`Styles`](crate::Styles), once a page. (A component with methods and not a function:
/// the hooks that it would take, each with its own generic code, cost a visitor some 10 kB.)
///
/// ```
/// use widget::{ConnectWidget, Styles, TokenSource, WidgetEvent};
/// use yew::prelude::*;
///
/// #[component]
/// fn Sources() -> Html {
///     let token_source = use_memo((), |()| TokenSource::new(|| async { Ok("a token of our backend".into()) }));
///     let on_event = Callback::from(|event| {
///         if let WidgetEvent::Complete(sync) = event {
///             // Load what is new.
///             drop(sync);
///         }
///     });
///     html! {
///         <>
///             <Styles />
///             <ConnectWidget
///                 api_url="https://sync.example.com"
///                 get_session_token={(*token_source).clone()}
///                 {on_event}
///             />
///         </>
///     }
/// }
/// # fn main() {}
/// ```
pub struct ConnectWidget {
    root: NodeRef,
    controller: Rc<Controller>,
    numbers: Numbers,
    /// For buttons, the focus and scrolling. Those that Yew attaches to an app's root stay in memory after the app has gone.
    listeners: Vec<EventListener>,
    rows: RefCell<Rows>,
    /// The connection in whose row the focus is.
    held: Option<String>,
}

impl Component for ConnectWidget {
    type Message = ConnectWidgetMessage;
    type Properties = ConnectWidgetProps;

    fn create(ctx: &Context<Self>) -> Self {
        let commands = ctx.link().callback(ConnectWidgetMessage::Asked);
        ctx.props().commands.connect(commands);
        Self {
            root: NodeRef::default(),
            controller: start(ctx),
            numbers: Numbers::new(&ctx.props().lang),
            listeners: Vec::new(),
            rows: RefCell::default(),
            held: None,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Self::Message) -> bool {
        match message {
            ConnectWidgetMessage::Changed => return true,
            ConnectWidgetMessage::Happened(event) => ctx.props().on_event.emit(event),
            ConnectWidgetMessage::Closed => {
                let reason = match self.controller.list().phase {
                    ListPhase::Loading | ListPhase::Ready => CloseReason::Cancel,
                    _ => CloseReason::Error,
                };
                ctx.props().on_event.emit(WidgetEvent::Close(reason));
            }
            ConnectWidgetMessage::Focused(id) => self.held = id,
            ConnectWidgetMessage::Scrolled => return self.rows.borrow_mut().is_elsewhere(),
            ConnectWidgetMessage::Asked(command) => match command {
                Command::Subscribe(id) => {
                    self.controller.subscriptions().subscribe(&id);
                    self.controller.refresh();
                }
                Command::Unsubscribe(id) => self.controller.subscriptions().unsubscribe(&id),
                Command::Refresh => self.controller.refresh(),
            },
        }
        false
    }

    fn changed(&mut self, ctx: &Context<Self>, before: &Self::Properties) -> bool {
        let props = ctx.props();
        if props.lang != before.lang {
            self.numbers = Numbers::new(&props.lang);
        }
        if props.theme != before.theme {
            self.apply_theme(&props.theme);
        }
        if props.commands != before.commands {
            before.commands.disconnect();
            let commands = ctx.link().callback(ConnectWidgetMessage::Asked);
            props.commands.connect(commands);
        }
        if props.api_url != before.api_url || props.collection() != before.collection() {
            self.controller.close();
            self.controller = start(ctx);
            return true;
        }
        self.controller.subscriptions().set_mode(props.streams);
        let session = self.controller.client().session();
        let was_possible = session.is_possible();
        session.set_source(props.get_session_token.clone());
        let is_other_token =
            props.session_token != before.session_token && props.session_token.is_some();
        if is_other_token {
            session.set_token(props.session_token.as_deref());
        }
        if is_other_token || session.is_possible() != was_possible {
            self.controller.refresh();
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let labels = &*props.labels;
        let list = self.controller.list();
        let is_empty = list.connections.is_empty();
        let state_view = |title, text, action| state_view(labels, title, text, action);
        let (state, status, content) = match list.phase {
            ListPhase::Loading => ("loading", labels[Label::Loading].clone(), skeleton()),
            ListPhase::Ready if is_empty => (
                "empty",
                labels[Label::EmptyTitle].clone(),
                state_view(Label::EmptyTitle, Label::EmptyText, None),
            ),
            ListPhase::Ready => ("ready", self.announcement(labels), self.rows(ctx)),
            ListPhase::Expired => {
                let (text, action) = match props.get_session_token {
                    Some(_) => (Label::ExpiredText, Some(Label::Renew)),
                    None => (Label::ExpiredForGood, None),
                };
                (
                    "expired",
                    labels[Label::ExpiredTitle].clone(),
                    state_view(Label::ExpiredTitle, text, action),
                )
            }
            ListPhase::Forbidden => (
                "forbidden",
                labels[Label::ForbiddenTitle].clone(),
                state_view(Label::ForbiddenTitle, Label::ForbiddenText, None),
            ),
            ListPhase::Failed(_) => (
                "error",
                labels[Label::ErrorTitle].clone(),
                state_view(Label::ErrorTitle, Label::ErrorText, Some(Label::Retry)),
            ),
        };
        let close = Element::new("button", CLOSE).with(AriaLabel, &labels[Label::Close]);
        let is_busy = if state == "loading" { "true" } else { "false" };
        Element::new("section", WIDGET)
            .found_by(&self.root)
            .with(DataState, state)
            .with(DataTheme, props.theme.mode.as_str())
            .with(AriaLabel, &labels[Label::Title])
            .with(AriaBusy, is_busy)
            .child(Element::new("h2", TITLE).text(&labels[Label::Title]).into())
            .child(if props.closable {
                close.into()
            } else {
                Html::default()
            })
            .child(content)
            .child(Element::new("p", STATUS).text(&status).into())
            .into()
    }

    fn rendered(&mut self, ctx: &Context<Self>, is_first: bool) {
        if is_first {
            self.apply_theme(&ctx.props().theme);
            self.listen(ctx);
        }
        self.rows.borrow_mut().rendered();
    }

    fn destroy(&mut self, ctx: &Context<Self>) {
        ctx.props().commands.disconnect();
        self.controller.close();
    }
}

impl ConnectWidget {
    fn apply_theme(&self, theme: &Theme) {
        if let Some(root) = self.root.cast::<HtmlElement>() {
            theme::apply(&root.style(), theme);
        }
    }

    fn announcement(&self, labels: &Labels) -> AttrValue {
        let Some((name, status)) = self.controller.last_end() else {
            return AttrValue::default();
        };
        let status = &labels[match status {
            SyncStatus::Failed => Label::Failed,
            SyncStatus::Cancelled => Label::Cancelled,
            _ => Label::Completed,
        }];
        let values = [("name", &*name), ("status", status)];
        fill(&labels[Label::Announcement], &values).into()
    }

    fn rows(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let list = self.controller.list();
        let syncs = self.controller.subscriptions();
        let held = self.held.as_ref();
        let held = held.and_then(|id| list.connections.iter().position(|it| it.id == *id));
        let mut rows = self.rows.borrow_mut();
        rows.view(&list.connections, held, |connection| ConnectionItemProps {
            connection: connection.clone(),
            subscription: syncs.get(&connection.id),
            failure: list.failure(&connection.id),
            labels: props.labels.clone(),
            numbers: self.numbers.clone(),
        })
    }

    fn listen(&mut self, ctx: &Context<Self>) {
        let (Some(root), Some(window)) = (self.root.get(), web_sys::window()) else {
            return;
        };
        let link = ctx.link().clone();
        let told = move |event: &Event| {
            let target = event
                .target()
                .and_then(|it| it.dyn_into::<web_sys::Element>().ok());
            let message = match (&*event.type_(), target) {
                // All buttons but one mean the same: try again.
                ("click", Some(target)) if target.tag_name() == "BUTTON" => {
                    if target.class_name() == CLOSE_BUTTON {
                        ConnectWidgetMessage::Closed
                    } else {
                        ConnectWidgetMessage::Asked(Command::Refresh)
                    }
                }
                ("focusin", Some(target)) => ConnectWidgetMessage::Focused(row_of(&target)),
                ("focusout", _) => {
                    let to = event
                        .dyn_ref::<FocusEvent>()
                        .and_then(FocusEvent::related_target);
                    let to = to.and_then(|to| to.dyn_into::<web_sys::Element>().ok());
                    ConnectWidgetMessage::Focused(to.and_then(|to| row_of(&to)))
                }
                ("scroll" | "resize", _) => ConnectWidgetMessage::Scrolled,
                _ => return,
            };
            link.send_message(message);
        };
        let told: Rc<dyn Fn(&Event)> = Rc::new(told);
        for name in ["click", "focusin", "focusout", "scroll", "resize"] {
            let target: &EventTarget = match name {
                "scroll" | "resize" => &window,
                _ => &root,
            };
            let told = told.clone();
            // Scrolling does not bubble.
            let options = EventListenerOptions::run_in_capture_phase();
            let listener =
                EventListener::new_with_options(target, name, options, move |event| told(event));
            self.listeners.push(listener);
        }
    }
}

/// The connection in whose row an element is.
fn row_of(element: &web_sys::Element) -> Option<String> {
    let row = element.closest("[data-connection-id]").ok()?;
    row?.get_attribute("data-connection-id")
}

fn start(ctx: &Context<ConnectWidget>) -> Rc<Controller> {
    let props = ctx.props();
    let session = Session::new(
        props.session_token.as_deref(),
        props.get_session_token.clone(),
    );
    let link = ctx.link().clone();
    let fetch = props.stream_fetch.clone();
    let client = ApiClient::with_stream_fetch(&props.api_url, session, fetch);
    let controller = Controller::start(client, move |event| {
        link.send_message(match event {
            Some(event) => ConnectWidgetMessage::Happened(event),
            None => ConnectWidgetMessage::Changed,
        });
    });
    controller.subscriptions().set_mode(props.streams);
    controller
}

const WIDGET: Fixed = &[(Class, "connect-theme connect-widget"), (Part, "widget")];
const TITLE: Fixed = &[(Part, "title")];
const CLOSE: Fixed = &[(Type, "button"), (Class, CLOSE_BUTTON), (Part, "close")];
const STATUS: Fixed = &[(Class, "connect-hidden"), (Role, "status")];
const STATE: Fixed = &[(Class, "connect-theme connect-state"), (Part, "state")];
const BUTTON: Fixed = &[(Type, "button"), (Part, "button")];

/// What stands in place of the list.
fn state_view(labels: &Labels, title: Label, text: Label, action: Option<Label>) -> Html {
    let button = action.map(|it| Element::new("button", BUTTON).text(&labels[it]).into());
    Element::new("div", STATE)
        .child(Element::new("h3", &[]).text(&labels[title]).into())
        .child(Element::new("p", &[]).text(&labels[text]).into())
        .child(button.unwrap_or_default())
        .into()
}

fn skeleton() -> Html {
    let part = || Element::new("span", &[]).into();
    let row = || {
        Element::new("li", &[(Class, "connect-skeleton")])
            .children(vec![part(), part(), part()])
            .into()
    };
    Element::new("ul", &[(AriaHidden, "true")])
        .children((0..SKELETON_ROWS).map(|_| row()).collect())
        .into()
}
