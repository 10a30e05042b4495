//! The menu of a row: one for the whole list, after the menu button pattern of the ARIA authoring practices.
//!
//! It is a popover, so that nothing covers or clips it, and the browser closes it where something else is pressed.

use std::cell::OnceCell;

use protocol::SourceConnection;
use wasm_bindgen::JsCast;
use web_sys::{Element as DomElement, HtmlElement};
use yew::{Html, NodeRef};

use super::{
    held::focus,
    markup::{
        Attribute::{
            AriaExpanded, AriaHasPopup, AriaHidden, AriaLabel, Class, DataAction, Dir, Part,
            Popover, Role, TabIndex, Type,
        },
        Element, Fixed,
    },
    style::set_number,
};
use crate::{Action, Actions, Label, Labels, labels::fill};

/// What a row's button asks for: the menu, with the focus on its first item or on its last.
pub(super) const OPEN: &str = "menu";
/// See [`OPEN`].
pub(super) const OPEN_LAST: &str = "menu-last";
/// The end user wants nothing after all. The other items ask for what their [`Action`] is called.
const CANCEL: &str = "cancel";
/// The end user has said twice to delete.
const CONFIRM: &str = "confirm";
/// What finds the items of a menu.
const ITEMS: &str = "button";
/// See [`ITEMS`].
const LAST_ITEM: &str = "button:last-child";

/// A menu that is open.
pub(super) struct Menu {
    /// The connection.
    pub(super) id: String,
    /// The button that has opened it.
    button: HtmlElement,
    /// What it offers: that stays while it is open.
    offers: OnceCell<Actions>,
    /// Deleting was chosen, and is asked about once more.
    is_confirming: bool,
    /// It is to be shown, and what this finds in it is to get the focus.
    to_focus: Option<&'static str>,
    node: NodeRef,
}

impl Menu {
    /// Of a connection's row, whose button has asked for it by a word.
    pub(super) fn new(id: String, word: &str, button: HtmlElement) -> Self {
        let first = if word == OPEN { ITEMS } else { LAST_ITEM };
        Self {
            id,
            button,
            offers: OnceCell::new(),
            is_confirming: false,
            to_focus: Some(first),
            node: NodeRef::default(),
        }
    }

    pub(super) fn view(
        &self,
        connection: &SourceConnection,
        actions: impl FnOnce() -> Actions,
        labels: &Labels,
    ) -> Html {
        let offers = self.offers.get_or_init(actions);
        let named = |label| fill(&labels[label], &[("name", &connection.name)]);
        let question = named(Label::ConfirmDelete);
        let item = |word, label| {
            Element::new("button", ITEM)
                .with(DataAction, word)
                .text(&labels[label])
                .into()
        };
        let (label, items) = if self.is_confirming {
            let text = Element::new("p", QUESTION).text(&question).into();
            let items = vec![
                text,
                item(CANCEL, Label::Cancel),
                item(CONFIRM, Label::Delete),
            ];
            (question, items)
        } else {
            let items = Action::ALL
                .iter()
                .filter(|(action, ..)| offers.has(*action));
            let items = items.map(|(_, word, label)| item(word, *label)).collect();
            (named(Label::Actions), items)
        };
        // Another element each time: screen readers then say what it is.
        let key = [&*self.id, if self.is_confirming { "?" } else { "" }].concat();
        Element::new("div", MENU)
            .keyed(&key)
            .found_by(&self.node)
            .with(AriaLabel, &label)
            .children(items)
            .into()
    }

    /// To be called when it is in the page.
    pub(super) fn rendered(&mut self) {
        let (Some(selector), Some(menu)) = (self.to_focus.take(), self.node.cast::<HtmlElement>())
        else {
            return;
        };
        self.place();
        let _ = menu.show_popover();
        let _ = self.button.set_attribute("aria-expanded", "true");
        focus(&menu, selector);
    }

    /// Puts it below its button, wherever that is.
    pub(super) fn place(&self) {
        let Some(menu) = self.node.cast::<HtmlElement>() else {
            return;
        };
        let rect = self.button.get_bounding_client_rect();
        set_number(&menu, "--_top", rect.top());
        set_number(&menu, "--_left", rect.left());
    }

    /// Asks about deleting, if that is what an item asks for; whether it does.
    pub(super) fn asks_about(&mut self, word: &str) -> bool {
        self.is_confirming = word == Action::Delete.as_str();
        self.to_focus = Some(ITEMS);
        self.is_confirming
    }

    /// Whether its row has gone.
    pub(super) fn is_lost(&self) -> bool {
        !self.button.is_connected()
    }

    /// Gives the focus back to its button. Browsers do that by themselves, but not in every shadow root.
    pub(super) fn leave(&self) {
        let _ = self.button.focus();
    }

    /// Closes it.
    pub(super) fn hide(&self) {
        let _ = self.button.set_attribute("aria-expanded", "false");
        if let Some(menu) = self.node.cast::<HtmlElement>() {
            let _ = menu.hide_popover();
        }
    }
}

/// What a key that was pressed on an element asks for, in a word. Moving within the menu is done here.
pub(super) fn on_key(key: &str, target: &DomElement) -> Option<&'static str> {
    if target.has_attribute("aria-haspopup") {
        return match key {
            "ArrowDown" => Some(OPEN),
            "ArrowUp" => Some(OPEN_LAST),
            _ => None,
        };
    }
    let menu = target.closest("[role=menu]").ok()??;
    let items = menu.query_selector_all(ITEMS).ok()?;
    let count = items.length();
    let at = (0..count).find(|at| items.get(*at).as_deref() == Some(target))?;
    let to = match key {
        "ArrowDown" => (at + 1) % count,
        "ArrowUp" => (at + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        // The button gets the focus before the key goes on from there.
        "Tab" | "Escape" => return Some(CANCEL),
        _ => return None,
    };
    let to = items.get(to)?.unchecked_into::<HtmlElement>();
    let _ = to.focus();
    Some("")
}

/// The action of a word.
pub(super) fn action_of(word: &str) -> Option<Action> {
    let word = if word == CONFIRM {
        Action::Delete.as_str()
    } else {
        word
    };
    let known = Action::ALL.iter().find(|(_, known, _)| *known == word)?;
    Some(known.0)
}

/// The button that opens a row's menu.
pub(super) fn menu_button(name: &str, labels: &Labels) -> Html {
    Element::new("button", BUTTON)
        .with(AriaLabel, &fill(&labels[Label::Actions], &[("name", name)]))
        .into()
}

const BUTTON: Fixed = &[
    (Type, "button"),
    (Class, "connect-more"),
    (Part, "menu-button"),
    (DataAction, OPEN),
    (AriaHasPopup, "menu"),
    (AriaExpanded, "false"),
];
const MENU: Fixed = &[
    (Class, "connect-theme connect-menu"),
    (Part, "menu"),
    (Role, "menu"),
    (Popover, "auto"),
];
const QUESTION: Fixed = &[(Part, "question"), (Dir, "auto"), (AriaHidden, "true")];
const ITEM: Fixed = &[
    (Type, "button"),
    (Part, "menu-item"),
    (Role, "menuitem"),
    (TabIndex, "-1"),
];
