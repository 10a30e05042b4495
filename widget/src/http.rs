//! Requests with the session's token, sent by the browser's `fetch`.

use js_sys::{Date, Function, Promise};
use reqwasm::http::{Headers, Response};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, Url};

use crate::{ApiError, json, page};

/// The API's address without a slash at its end. A relative one is seen from the page, an empty one is its origin.
pub(crate) fn base_url(api_url: &str) -> Result<String, ApiError> {
    if page::is_on_server() {
        return Err(ApiError::BadUrl);
    }
    let api_url = Some(api_url.trim_ascii())
        .filter(|url| !url.is_empty())
        .unwrap_or("/");
    let page = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .ok_or(ApiError::BadUrl)?;
    let url = Url::new_with_base(api_url, &page).map_err(|_| ApiError::BadUrl)?;
    if !matches!(url.protocol().as_str(), "http:" | "https:") {
        return Err(ApiError::BadUrl);
    }
    let mut base = url.origin() + &url.pathname();
    while base.ends_with('/') {
        base.pop();
    }
    Ok(base)
}

/// Ends a request that is under way.
#[derive(Debug)]
pub(crate) struct Abort(AbortController);

impl Abort {
    pub(crate) fn new() -> Result<Self, ApiError> {
        AbortController::new()
            .map(Self)
            .map_err(|_| ApiError::Unreachable)
    }

    /// Ends the request now.
    pub(crate) fn now(&self) {
        self.0.abort();
    }
}

/// Sends a `GET` with a token. Header values must be visible ASCII, which is the caller's to see to.
///
/// Not by reqwasm's `Request`: that panics where a page's own `fetch` rejects with something that is no `Error`, and
/// costs a visitor 2 kB. `instead` stands in for `fetch`.
pub(crate) async fn get(
    url: &str,
    token: &str,
    headers: &[(&str, &str)],
    abort: &Abort,
    instead: Option<&Function>,
) -> Result<Response, ApiError> {
    let all = Headers::new();
    all.set("Authorization", &["Bearer ", token].concat());
    for (name, value) in headers {
        all.set(name, value);
    }
    let options = RequestInit::new();
    options.set_headers(&all.into_raw());
    options.set_cache(RequestCache::NoStore);
    options.set_signal(Some(&abort.0.signal()));
    let promise = if let Some(fetch) = instead {
        fetch.call2(&JsValue::UNDEFINED, &url.into(), &options)
    } else {
        let window = web_sys::window().ok_or(ApiError::Unreachable)?;
        Ok(window.fetch_with_str_and_init(url, &options).into())
    };
    let promise = promise.map_err(|_| ApiError::Unreachable)?;
    let answer = JsFuture::from(Promise::resolve(&promise)).await;
    let answer = answer.map_err(|_| ApiError::Unreachable)?;
    let response: web_sys::Response = answer.dyn_into().map_err(|_| ApiError::Unreachable)?;
    Ok(response.into())
}

/// Whether the latest answer from this address came by HTTP/2 or 3 (W3C Resource Timing, `nextHopProtocol`; from
/// another origin it is told if the answer has `Timing-Allow-Origin`).
pub(crate) fn is_multiplexed(url: &str) -> bool {
    let performance = web_sys::window().and_then(|window| window.performance());
    let entry = performance.map(|it| it.get_entries_by_name(url).pop());
    let protocol = entry.and_then(|it| json::text(&it, "nextHopProtocol"));
    protocol.is_some_and(|it| matches!(&*it, "h2" | "h3"))
}

/// The body's JSON value.
pub(crate) async fn json(response: Response) -> Result<JsValue, ApiError> {
    let body = web_sys::Response::from(response).json();
    let body = body.map_err(|_| ApiError::Malformed)?;
    JsFuture::from(body).await.map_err(|_| ApiError::Malformed)
}

/// What `Retry-After` asks for, in milliseconds: a number of seconds or a date (RFC 9110, section 10.2.3).
pub(crate) fn retry_after(response: &Response) -> Option<u32> {
    let value = response.headers().get("Retry-After")?;
    let milliseconds = match value.trim_ascii().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1_000.0,
        Err(_) => Date::parse(&value) - Date::now(),
    };
    // A cast of what is no number gives 0, of what is too large the largest.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (milliseconds > 0.0).then_some(milliseconds as u32)
}
