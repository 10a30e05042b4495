//! All styles, as one text.
//!
//! They are static: what differs between hosts are custom properties. `build.rs` makes the text of the sheets in
//! `styles/` and of the [`palette`](crate::palette).

use yew::{Html, component, html};

/// The style sheet of all components: for one constructed style sheet, which a strict content security policy does not
/// block, or for [`Styles`].
pub fn stylesheet() -> &'static str {
    include_str!(concat!(env!("OUT_DIR"), "/connect.css"))
}

/// Puts the style sheet into the page of a plain Yew app: once, anywhere.
///
/// ```
/// use widget::Styles;
/// use yew::prelude::*;
///
/// #[component]
/// fn App() -> Html {
///     html! { <Styles /> }
/// }
/// # fn main() {}
/// ```
#[component]
pub fn Styles() -> Html {
    html! { <style>{ stylesheet() }</style> }
}
