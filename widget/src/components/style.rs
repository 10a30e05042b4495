//! Numbers for the style sheet.

use web_sys::HtmlElement;

/// Sets a custom property of an element to a number, without what is behind its point. Not by a `style` attribute: a strict
/// content security policy blocks those.
#[inline(never)]
pub(super) fn set_number(element: &HtmlElement, name: &str, number: f64) {
    #[allow(clippy::cast_possible_truncation)]
    let number = (number as i32).to_string();
    let _ = element.style().set_property(name, &number);
}
