//! Numbers for the style sheet.

use web_sys::HtmlElement;

use crate::text::decimal;

/// Sets a custom property of an element to a number, without what is behind its point. Not by a `style` attribute: a strict
/// content security policy blocks those.
#[inline(never)]
pub(super) fn set_number(element: &HtmlElement, name: &str, number: f64) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let digits = decimal(number.abs() as u64);
    let sign = if number < 0.0 { "-" } else { "" };
    let _ = element
        .style()
        .set_property(name, &[sign, &digits].concat());
}
