//! The widget as a whole.

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use js_sys::Function;
use web_sys::HtmlElement;
use yew::{AttrValue, Callback, Component, Context, Html, NodeRef, Properties};

use super::{
    connection_item::ConnectionItemProps,
    held::{Held, row_of},
    listening::listen,
    markup::{
        Attribute::{
            AriaBusy, AriaHidden, AriaLabel, Class, DataAction, DataState, DataTheme, Part, Role,
            TabIndex, Type,
        },
        Element, Fixed,
    },
    row_menu::{Menu, OPEN, OPEN_LAST, action_of},
    rows::Rows,
};
use crate::{
    Action, Actions, ApiClient, CloseReason, Commands, Label, Labels, Numbers, Session,
    SessionClaims, StreamMode, SyncStatus, Theme, TokenSource, WidgetEvent, commands::Command,
    connection_list::ListPhase, controller::Controller, labels::fill, row_state::RowState, theme,
};

/// How many rows stand in for a list that is being loaded.
const SKELETON_ROWS: usize = 3;

/// What the button that closes asks for.
const CLOSE_WORD: &str = "close";

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
    /// What the host can do when it is asked for with [`WidgetEvent::Action`].
    #[prop_or_default]
    pub actions: Actions,
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
    /// This button was pressed, which asks for something in a word; or a key on it has asked for it.
    Pressed(String, HtmlElement),
    /// The browser has closed the menu.
    MenuClosed,
    /// The focus has gone to this element, or out of all.
    Focused(Option<web_sys::Element>),
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
    listeners: Vec<EventListener>,
    rows: RefCell<Rows>,
    held: Held,
    menu: Option<Menu>,
    /// What the host can do, as far as the session's mode allows it.
    actions: Actions,
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
            held: Held::default(),
            menu: None,
            actions: Actions::default(),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Self::Message) -> bool {
        match message {
            ConnectWidgetMessage::Changed => return true,
            ConnectWidgetMessage::Happened(event) => {
                let is_first = matches!(event, WidgetEvent::Ready(_));
                ctx.props().on_event.emit(event);
                if is_first {
                    self.allow_actions(ctx);
                    return true;
                }
            }
            ConnectWidgetMessage::Pressed(word, button) => {
                return self.pressed(ctx, &word, button);
            }
            ConnectWidgetMessage::MenuClosed => {
                if let Some(menu) = self.menu.take() {
                    menu.hide();
                    return true;
                }
            }
            ConnectWidgetMessage::Focused(element) => self.held.moved(element),
            ConnectWidgetMessage::Scrolled => {
                if let Some(menu) = &self.menu {
                    menu.place();
                }
                return self.rows.borrow_mut().is_elsewhere();
            }
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
        self.allow_actions(ctx);
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
        let menu = self.menu.as_ref().and_then(|menu| {
            let connection = list.connections.iter().find(|it| it.id == menu.id)?;
            let sync = self.controller.subscriptions().get(&menu.id);
            let is_running = RowState::of(connection, sync.as_deref()).is_running();
            let actions = || self.actions.while_syncing(is_running);
            Some(menu.view(connection, actions, labels))
        });
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
            .child(menu.unwrap_or_default())
            .child(Element::new("p", STATUS).text(&status).into())
            .into()
    }

    fn rendered(&mut self, ctx: &Context<Self>, is_first: bool) {
        if is_first {
            self.apply_theme(&ctx.props().theme);
            if let Some(root) = self.root.get() {
                self.listeners = listen(&root, ctx.link());
            }
        }
        if self.rows.borrow_mut().rendered() {
            self.controller.subscriptions().changed();
        }
        let is_menu_lost = self.menu.take_if(|menu| menu.is_lost()).is_some();
        if let Some(menu) = &mut self.menu {
            menu.rendered();
        }
        if (is_menu_lost || self.held.is_lost())
            && let Some(root) = self.root.cast::<web_sys::Element>()
        {
            self.held.restore(&root);
        }
    }

    fn destroy(&mut self, ctx: &Context<Self>) {
        ctx.props().commands.disconnect();
        self.controller.close();
    }
}

impl ConnectWidget {
    fn allow_actions(&mut self, ctx: &Context<Self>) {
        let actions = ctx.props().actions;
        // Nobody has to know the session's mode.
        self.actions = if actions == Actions::default() {
            actions
        } else {
            actions.allowed_in(self.controller.client().claims().mode)
        };
    }

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
        let menu = self.menu.as_ref().map(|menu| &*menu.id);
        let held = self.held.place(&list.connections, menu);
        let mut rows = self.rows.borrow_mut();
        rows.view(&list.connections, held, self.actions, |connection| {
            ConnectionItemProps {
                connection: connection.clone(),
                subscription: syncs.get(&connection.id),
                failure: list.failure(&connection.id),
                labels: props.labels.clone(),
                numbers: self.numbers.clone(),
            }
        })
    }

    /// Does what was asked for by a button or a key.
    fn pressed(&mut self, ctx: &Context<Self>, word: &str, button: HtmlElement) -> bool {
        let open = self.menu.take();
        if let Some(menu) = &open {
            menu.hide();
        }
        let emit = |action: Option<Action>, id: String| {
            if let Some(action) = action {
                ctx.props().on_event.emit(WidgetEvent::Action(action, id));
            }
        };
        match (row_of(&button), open) {
            (Some(id), open) if word == OPEN || word == OPEN_LAST => {
                if open.is_none_or(|open| open.id != id) {
                    self.menu = Some(Menu::new(id, word, button));
                }
            }
            // A sync that has failed is tried again.
            (Some(id), _) => emit(action_of(word), id),
            (None, Some(mut menu)) if button.has_attribute("role") => {
                menu.leave();
                if menu.asks_about(word) {
                    self.menu = Some(menu);
                } else {
                    emit(action_of(word), menu.id);
                }
            }
            (None, _) if word == CLOSE_WORD => {
                let reason = match self.controller.list().phase {
                    ListPhase::Loading | ListPhase::Ready => CloseReason::Cancel,
                    _ => CloseReason::Error,
                };
                ctx.props().on_event.emit(WidgetEvent::Close(reason));
            }
            // All other buttons mean the same: try again.
            (None, _) => self.controller.refresh(),
        }
        true
    }
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
const TITLE: Fixed = &[(Part, "title"), (TabIndex, "-1")];
const CLOSE: Fixed = &[
    (Type, "button"),
    (Class, "connect-close"),
    (DataAction, CLOSE_WORD),
    (Part, "close"),
];
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
