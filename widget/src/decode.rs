//! From the browser's JSON values to the wire types.

use js_sys::{Array, Object};
use protocol::{
    ConnectionStatus, EntityCounts, JobStatus, Progress, SourceConnection, SourceConnectionJob,
};
use wasm_bindgen::{JsCast, JsValue};

use crate::{ApiError, json, wire::Wire};

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
    let value = object(json::parse(data)?).ok_or(ApiError::Malformed)?;
    let about = value.source_connection_id().as_string();
    let kind = value.kind();
    if kind.is_undefined() {
        return progress(&value).map(|progress| (about, Incoming::Progress(progress)));
    }
    let incoming = match kind.as_string().as_deref() {
        Some("connected") => Incoming::Connected {
            job_id: value.job_id().as_string().ok_or(ApiError::Malformed)?,
            heartbeat_seconds: json::optional_count(&value.heartbeat_seconds()).unwrap_or(None),
            session_expires_at: value.session_expires_at().as_string(),
        },
        Some("heartbeat") => Incoming::Heartbeat {
            session_expires_at: value.session_expires_at().as_string(),
            idle_seconds: json::optional_count(&value.idle_seconds()).unwrap_or(None),
        },
        Some("error") => Incoming::Error {
            code: value.code().as_string(),
        },
        _ => return Err(ApiError::Malformed),
    };
    Ok((about, incoming))
}

/// A value that is an object, and no array.
fn object(value: JsValue) -> Option<Wire> {
    (value.is_object() && !Array::is_array(&value)).then(|| value.unchecked_into())
}

fn progress(value: &Wire) -> Result<Progress, ApiError> {
    Ok(Progress {
        inserted: json::count(&value.inserted())?,
        updated: json::count(&value.updated())?,
        deleted: json::count(&value.deleted())?,
        kept: json::count(&value.kept())?,
        skipped: json::count(&value.skipped())?,
        entities_encountered: entity_counts(&value.entities_encountered())?,
        is_complete: value.is_complete().as_bool(),
        is_failed: value.is_failed().as_bool(),
        status: job_status(value),
        total: json::optional_count(&value.total())?,
        error: value.error().as_string(),
        last_update_timestamp: value.last_update_timestamp().as_string(),
        seq: json::optional_count(&value.seq())?,
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
            Ok((name, json::count(&entry.get(1))?))
        })
        .collect()
}

fn job_status(value: &Wire) -> Option<JobStatus> {
    JobStatus::from_word(&value.status().as_string()?)
}

/// Reads a list; an element that is not what it should be is left out, so that one bad record does not hide the rest.
pub(crate) fn list<T>(
    value: &JsValue,
    element: fn(&Wire) -> Option<T>,
) -> Result<Vec<T>, ApiError> {
    let array = value.dyn_ref::<Array>().ok_or(ApiError::Malformed)?;
    let objects = array.iter().filter_map(object);
    Ok(objects.filter_map(|value| element(&value)).collect())
}

pub(crate) fn connection(value: &Wire) -> Option<SourceConnection> {
    Some(SourceConnection {
        readable_collection_id: value
            .readable_collection_id()
            .as_string()
            .unwrap_or_default(),
        is_authenticated: value.is_authenticated().as_bool().unwrap_or_default(),
        auth_method: value.auth_method().as_string(),
        federated_search: value.federated_search().as_bool().unwrap_or_default(),
        created_at: value.created_at().as_string(),
        modified_at: value.modified_at().as_string(),
        ..shown_connection(value)?
    })
}

/// What is shown of a connection. The element reads nothing else: each member is code that every visitor downloads.
pub(crate) fn shown_connection(value: &Wire) -> Option<SourceConnection> {
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    Some(SourceConnection {
        id: id(value)?,
        name: text(value.name()),
        short_name: text(value.short_name()),
        status: match &*text(value.status()) {
            "syncing" => ConnectionStatus::Syncing,
            "error" => ConnectionStatus::Error,
            "inactive" => ConnectionStatus::Inactive,
            "pending_auth" => ConnectionStatus::PendingAuth,
            _ => ConnectionStatus::Active,
        },
        entity_count: json::count(&value.entity_count()).unwrap_or_default(),
        last_synced_at: value.last_synced_at().as_string(),
        ..SourceConnection::default()
    })
}

/// A job's id, and what its progress message would say: as much as is shown.
pub(crate) fn shown_job(value: &Wire) -> Option<(String, Progress)> {
    let count = |value: JsValue| json::count(&value).unwrap_or_default();
    let progress = Progress {
        inserted: count(value.entities_inserted()),
        updated: count(value.entities_updated()),
        deleted: count(value.entities_deleted()),
        kept: count(value.entities_kept()),
        skipped: count(value.entities_skipped()),
        entities_encountered: entity_counts(&value.entities_encountered()).unwrap_or_default(),
        status: Some(job_status(value).unwrap_or_default()),
        error: value.error().as_string(),
        ..Progress::default()
    };
    Some((id(value)?, progress))
}

pub(crate) fn job(value: &Wire) -> Option<SourceConnectionJob> {
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    let count = |value: JsValue| json::count(&value).unwrap_or_default();
    Some(SourceConnectionJob {
        source_connection_id: text(value.source_connection_id()),
        id: id(value)?,
        organization_id: text(value.organization_id()),
        status: job_status(value).unwrap_or_default(),
        scheduled: value.scheduled().as_bool().unwrap_or_default(),
        entities_inserted: count(value.entities_inserted()),
        entities_updated: count(value.entities_updated()),
        entities_deleted: count(value.entities_deleted()),
        entities_kept: count(value.entities_kept()),
        entities_skipped: count(value.entities_skipped()),
        entities_encountered: entity_counts(&value.entities_encountered()).unwrap_or_default(),
        created_at: value.created_at().as_string(),
        modified_at: value.modified_at().as_string(),
        started_at: value.started_at().as_string(),
        completed_at: value.completed_at().as_string(),
        failed_at: value.failed_at().as_string(),
        error: value.error().as_string(),
    })
}

fn id(value: &Wire) -> Option<String> {
    value.id().as_string().filter(|id| !id.is_empty())
}
