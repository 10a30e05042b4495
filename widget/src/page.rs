//! What the browser says about the page.

use web_sys::VisibilityState;

/// Whether this runs on a server, where components are rendered and nothing is loaded.
pub(crate) fn is_on_server() -> bool {
    cfg!(not(target_arch = "wasm32"))
}

/// Whether the browser has a network, as far as it knows.
pub(crate) fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Whether somebody has asked for less motion.
pub(crate) fn is_still() -> bool {
    let query = web_sys::window().map(|it| it.match_media("(prefers-reduced-motion: reduce)"));
    matches!(query, Some(Ok(Some(query))) if query.matches())
}

/// Whether anybody can see the page.
pub(crate) fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| document.visibility_state() != VisibilityState::Hidden)
}
