//! Reads JSON by the browser's own `JSON.parse`: a parser in Rust would be another 12 kB for every visitor.
//!
//! The getters take any value of any type and never panic.

use js_sys::{JSON, Reflect};
use protocol::MAX_COUNT;
use wasm_bindgen::JsValue;

use crate::ApiError;

/// The value of a JSON text.
pub(crate) fn parse(text: &str) -> Result<JsValue, ApiError> {
    JSON::parse(text).map_err(|_| ApiError::Malformed)
}

/// An object's member; `undefined` where there is none or the value is no object.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    // Not left to the exception: wasm-bindgen loses a slot of its table with each one that is caught.
    if !object.is_object() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A member that is a string.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    member(object, name).as_string()
}

/// What counts something: `None` where it is missing or `null`.
pub(crate) fn optional_count(value: &JsValue) -> Result<Option<u64>, ApiError> {
    if value.is_undefined() || value.is_null() {
        Ok(None)
    } else {
        whole(value).map(Some)
    }
}

/// What counts something: 0 where it is missing or `null`.
pub(crate) fn count(value: &JsValue) -> Result<u64, ApiError> {
    optional_count(value).map(Option::unwrap_or_default)
}

/// A count, by the contract's rule: whole, not negative, and no more than every client reads exactly.
fn whole(value: &JsValue) -> Result<u64, ApiError> {
    match value.as_f64() {
        // The bounds make the casts exact.
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        Some(number) if (0.0..=MAX_COUNT as f64).contains(&number) && number.fract() == 0.0 => {
            Ok(number as u64)
        }
        _ => Err(ApiError::Malformed),
    }
}
