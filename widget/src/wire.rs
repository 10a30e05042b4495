//! Members of the objects that `JSON.parse` makes of what the service says, and of those that the host is told of.
//!
//! Each is a plain property access in JavaScript: by [`json::member`](crate::json::member) its name would be copied out
//! of the wasm for each message. Neither kind of object can throw: the one is data alone, the other is made here.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An object of the wire. Its members can be of any type, and are `undefined` where they are missing.
    pub(crate) type Wire;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn id(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn name(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn short_name(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn readable_collection_id(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entity_count(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn is_authenticated(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn auth_method(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn federated_search(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn created_at(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn modified_at(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn last_synced_at(this: &Wire) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn source_connection_id(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn organization_id(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn scheduled(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entities_inserted(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entities_updated(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entities_deleted(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entities_kept(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entities_skipped(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn entities_encountered(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn started_at(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn completed_at(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn failed_at(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn error(this: &Wire) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = type)]
    pub(crate) fn kind(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn job_id(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn heartbeat_seconds(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn session_expires_at(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn idle_seconds(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn code(this: &Wire) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn inserted(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn updated(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn deleted(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn kept(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn skipped(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn total(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn is_complete(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn is_failed(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn last_update_timestamp(this: &Wire) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn seq(this: &Wire) -> JsValue;
}
