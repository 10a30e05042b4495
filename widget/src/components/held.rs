//! The focus in a row: it stays in the list when rows change and go.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{Element as DomElement, HtmlElement};

use crate::Connections;

/// What has the focus, where that is in a row.
#[derive(Default)]
pub(super) struct Held {
    focused: Option<(DomElement, String)>,
    /// Where in the list its row is, or was, and whose row is there now.
    place: RefCell<(usize, String)>,
}

impl Held {
    /// The focus has gone to an element, or out of all.
    pub(super) fn moved(&mut self, to: Option<DomElement>) {
        // Some browsers say so when an element goes with the focus; that is not what anybody has asked for.
        if to.is_some() || !self.is_lost() {
            self.focused = to.and_then(|it| row_of(&it).map(|id| (it, id)));
        }
    }

    /// The row to be kept in the page: the one with the focus or, when that has gone, the one in its place. `menu` is the
    /// connection whose menu has the focus.
    pub(super) fn place(&self, connections: &Connections, menu: Option<&str>) -> Option<usize> {
        let id = menu.or(self.focused.as_ref().map(|it| &*it.1))?;
        let (place, row) = &mut *self.place.borrow_mut();
        let at = connections.iter().position(|it| it.id == id);
        *place = at.unwrap_or(*place).min(connections.len().checked_sub(1)?);
        row.clone_from(&connections[*place].id);
        Some(*place)
    }

    /// Whether what had the focus is not in the page any more.
    pub(super) fn is_lost(&self) -> bool {
        self.focused.as_ref().is_some_and(|it| !it.0.is_connected())
    }

    /// Gives the focus to the row that is where the one before was, or to the heading.
    pub(super) fn restore(&mut self, root: &DomElement) {
        self.focused = None;
        let (_, id) = &*self.place.borrow();
        let row = ["[data-connection-id=\"", id, "\"] :is(button,summary)"].concat();
        if !focus(root, &row) {
            focus(root, "h2");
        }
    }
}

/// The connection in whose row an element is.
pub(super) fn row_of(element: &DomElement) -> Option<String> {
    let row = element.closest("[data-connection-id]").ok()?;
    row?.get_attribute("data-connection-id")
}

/// Puts the focus on the first HTML element that a selector finds inside of another; whether there is one.
pub(super) fn focus(inside: &DomElement, selector: &str) -> bool {
    let found = inside.query_selector(selector).ok().flatten();
    found.is_some_and(|it| it.unchecked_into::<HtmlElement>().focus().is_ok())
}
