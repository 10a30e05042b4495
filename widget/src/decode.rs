//! From the browser's JSON values to the wire types.

use js_sys::{Array, Object};
use protocol::{
    ConnectionStatus, EntityCounts, JobStatus, Progress, SourceConnection, SourceConnectionJob,
};
use wasm_bindgen::{JsCast, JsValue};

use crate::{ApiError, json};

/// What the data of one event is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Incoming {
    Connected {
        job_id: String,
        heartbeat_seconds: Option<u64>,
        session_expires_at: Option<String>,
    },
    Heartbeat {
        session_expires_at: Option<String>,
        idle_seconds: Option<u64>,
    },
    Error {
        code: Option<String>,
    },
    Progress(Progress),
}

/// Reads the data of one event, and which connection it is about, where it says so. A message of an unknown `type` is not
/// progress: it is refused.
pub(crate) fn incoming(data: &str) -> Result<(Option<String>, Incoming), ApiError> {
    let value = json::parse(data)?;
    if !value.is_object() || Array::is_array(&value) {
        return Err(ApiError::Malformed);
    }
    let about = json::text(&value, "source_connection_id");
    let kind = json::member(&value, "type");
    if kind.is_undefined() {
        return progress(&value).map(|progress| (about, Incoming::Progress(progress)));
    }
    let incoming = match kind.as_string().as_deref() {
        Some("connected") => Incoming::Connected {
            job_id: json::text(&value, "job_id").ok_or(ApiError::Malformed)?,
            heartbeat_seconds: json::optional_count(&value, "heartbeat_seconds").unwrap_or(None),
            session_expires_at: json::text(&value, "session_expires_at"),
        },
        Some("heartbeat") => Incoming::Heartbeat {
            session_expires_at: json::text(&value, "session_expires_at"),
            idle_seconds: json::optional_count(&value, "idle_seconds").unwrap_or(None),
        },
        Some("error") => Incoming::Error {
            code: json::text(&value, "code"),
        },
        _ => return Err(ApiError::Malformed),
    };
    Ok((about, incoming))
}

fn progress(value: &JsValue) -> Result<Progress, ApiError> {
    Ok(Progress {
        inserted: json::count(value, "inserted")?,
        updated: json::count(value, "updated")?,
        deleted: json::count(value, "deleted")?,
        kept: json::count(value, "kept")?,
        skipped: json::count(value, "skipped")?,
        entities_encountered: entity_counts(&json::member(value, "entities_encountered"))?,
        is_complete: json::flag(value, "is_complete"),
        is_failed: json::flag(value, "is_failed"),
        status: job_status(value),
        total: json::optional_count(value, "total")?,
        error: json::text(value, "error"),
        last_update_timestamp: json::text(value, "last_update_timestamp"),
        seq: json::optional_count(value, "seq")?,
    })
}

fn entity_counts(value: &JsValue) -> Result<EntityCounts, ApiError> {
    if value.is_undefined() || value.is_null() {
        return Ok(EntityCounts::default());
    }
    let object = value.dyn_ref::<Object>().ok_or(ApiError::Malformed)?;
    if Array::is_array(object) {
        return Err(ApiError::Malformed);
    }
    Object::entries(object)
        .iter()
        .map(|entry| {
            let entry: Array = entry.unchecked_into();
            let name = entry.get(0).as_string().ok_or(ApiError::Malformed)?;
            let value = entry.get(1);
            let count = if value.is_null() {
                0
            } else {
                json::whole(&value)?
            };
            Ok((name, count))
        })
        .collect()
}

fn job_status(value: &JsValue) -> Option<JobStatus> {
    JobStatus::from_word(&json::text(value, "status")?)
}

/// Reads a list; an element that is not what it should be is left out, so that one bad record does not hide the rest.
pub(crate) fn list<T>(
    value: &JsValue,
    element: fn(&JsValue) -> Option<T>,
) -> Result<Vec<T>, ApiError> {
    let array = value.dyn_ref::<Array>().ok_or(ApiError::Malformed)?;
    Ok(array.iter().filter_map(|value| element(&value)).collect())
}

pub(crate) fn connection(value: &JsValue) -> Option<SourceConnection> {
    let text = |name| json::text(value, name);
    Some(SourceConnection {
        id: text("id").filter(|id| !id.is_empty())?,
        name: text("name").unwrap_or_default(),
        short_name: text("short_name").unwrap_or_default(),
        readable_collection_id: text("readable_collection_id").unwrap_or_default(),
        status: match text("status").as_deref() {
            Some("syncing") => ConnectionStatus::Syncing,
            Some("error") => ConnectionStatus::Error,
            Some("inactive") => ConnectionStatus::Inactive,
            Some("pending_auth") => ConnectionStatus::PendingAuth,
            _ => ConnectionStatus::Active,
        },
        entity_count: json::count(value, "entity_count").unwrap_or_default(),
        is_authenticated: json::flag(value, "is_authenticated").unwrap_or_default(),
        auth_method: text("auth_method"),
        federated_search: json::flag(value, "federated_search").unwrap_or_default(),
        created_at: text("created_at"),
        modified_at: text("modified_at"),
    })
}

pub(crate) fn job(value: &JsValue) -> Option<SourceConnectionJob> {
    let text = |name| json::text(value, name);
    let count = |name| json::count(value, name).unwrap_or_default();
    Some(SourceConnectionJob {
        source_connection_id: text("source_connection_id").unwrap_or_default(),
        id: text("id").filter(|id| !id.is_empty())?,
        organization_id: text("organization_id").unwrap_or_default(),
        status: job_status(value).unwrap_or_default(),
        scheduled: json::flag(value, "scheduled").unwrap_or_default(),
        entities_inserted: count("entities_inserted"),
        entities_updated: count("entities_updated"),
        entities_deleted: count("entities_deleted"),
        entities_kept: count("entities_kept"),
        entities_skipped: count("entities_skipped"),
        entities_encountered: entity_counts(&json::member(value, "entities_encountered"))
            .unwrap_or_default(),
        created_at: text("created_at"),
        modified_at: text("modified_at"),
        started_at: text("started_at"),
        completed_at: text("completed_at"),
        failed_at: text("failed_at"),
        error: text("error"),
    })
}
