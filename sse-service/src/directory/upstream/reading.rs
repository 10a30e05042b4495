//! What the host's API says, read with patience: backends show more members than we know, `null` where they know nothing,
//! older words for a status, and a single connection in another shape than one of a list.
//!
//! Only what decides who may see what must be there: `id`, `short_name` and `readable_collection_id` of a connection, `id` of
//! a job.

use protocol::{ConnectionStatus, JobStatus, MAX_COUNT, SourceConnection, SourceConnectionJob};
use serde_json::Value;

use super::super::{ConnectionRecord, JobRecord};
use crate::{auth::session::NO_ORGANIZATION, ids::ConnectionId};

/// The answer is not what was asked for. Says nothing of what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer of the host's API cannot be read: {0}")]
pub(super) struct NotReadable(pub(super) &'static str);

/// Reads one connection.
pub(super) fn connection(json: &[u8]) -> Result<ConnectionRecord, NotReadable> {
    connection_record(&parse(json)?)
}

/// Reads a list of connections, each for itself.
pub(super) fn connections(
    json: &[u8],
) -> Result<Vec<Result<ConnectionRecord, NotReadable>>, NotReadable> {
    Ok(list(json)?.iter().map(connection_record).collect())
}

/// Reads a connection's jobs, in their order. What has no id is left out: it cannot be followed.
pub(super) fn jobs(connection: ConnectionId, json: &[u8]) -> Result<Vec<JobRecord>, NotReadable> {
    let jobs = list(json)?;
    Ok(jobs
        .iter()
        .filter_map(|job| job_record(connection, job))
        .collect())
}

fn parse(json: &[u8]) -> Result<Value, NotReadable> {
    serde_json::from_slice(json).map_err(|_| NotReadable("no JSON"))
}

fn list(json: &[u8]) -> Result<Vec<Value>, NotReadable> {
    match parse(json)? {
        Value::Array(items) => Ok(items),
        _ => Err(NotReadable("no list")),
    }
}

fn connection_record(item: &Value) -> Result<ConnectionRecord, NotReadable> {
    let needed = |name| text(item, name).ok_or(NotReadable("a connection lacks what it needs"));
    let connection = SourceConnection {
        id: needed("id")?,
        short_name: needed("short_name")?,
        readable_collection_id: needed("readable_collection_id")?,
        name: text(item, "name").unwrap_or_default(),
        status: text(item, "status")
            .and_then(|word| connection_status(&word))
            .unwrap_or_default(),
        entity_count: first_count(&[&item["entity_count"], &item["entities"]["total_entities"]]),
        is_authenticated: flag(&item["is_authenticated"])
            .or(flag(&item["auth"]["authenticated"]))
            .unwrap_or_default(),
        auth_method: text(item, "auth_method").or(text(&item["auth"], "method")),
        federated_search: flag(&item["federated_search"]).unwrap_or_default(),
        created_at: text(item, "created_at"),
        modified_at: text(item, "modified_at"),
        last_synced_at: text(item, "last_synced_at"),
    };
    Ok(ConnectionRecord {
        connection,
        organization_id: text(item, "organization_id").unwrap_or_else(|| NO_ORGANIZATION.into()),
        session_id: text(item, "session_id"),
    })
}

fn connection_status(word: &str) -> Option<ConnectionStatus> {
    [
        ConnectionStatus::Active,
        ConnectionStatus::Inactive,
        ConnectionStatus::PendingAuth,
        ConnectionStatus::Syncing,
        ConnectionStatus::Error,
    ]
    .into_iter()
    .find(|status| status.as_str().eq_ignore_ascii_case(word))
}

fn job_record(connection: ConnectionId, item: &Value) -> Option<JobRecord> {
    let count = |name| first_count(&[&item[name]]);
    let counts = item["entities_encountered"].as_object();
    let job = SourceConnectionJob {
        source_connection_id: connection.to_string(),
        id: text(item, "id")?,
        organization_id: text(item, "organization_id").unwrap_or_else(|| NO_ORGANIZATION.into()),
        // A word that nobody knows is no end.
        status: text(item, "status")
            .and_then(|word| JobStatus::from_word(&word))
            .unwrap_or(JobStatus::Running),
        scheduled: flag(&item["scheduled"]).unwrap_or_default(),
        entities_inserted: count("entities_inserted"),
        entities_updated: count("entities_updated"),
        entities_deleted: count("entities_deleted"),
        entities_kept: count("entities_kept"),
        entities_skipped: count("entities_skipped"),
        entities_encountered: counts
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), first_count(&[value])))
            .collect(),
        created_at: text(item, "created_at"),
        modified_at: text(item, "modified_at"),
        started_at: text(item, "started_at"),
        completed_at: text(item, "completed_at"),
        failed_at: text(item, "failed_at"),
        error: text(item, "error"),
    };
    Some(JobRecord { job, last: None })
}

/// The text of a member, where it is a text and says something.
fn text(item: &Value, name: &str) -> Option<String> {
    let text = item[name].as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn flag(value: &Value) -> Option<bool> {
    value.as_bool()
}

/// The first of these that is a count, else 0.
fn first_count(values: &[&Value]) -> u64 {
    let counts = values.iter().filter_map(|value| value.as_u64());
    counts.map(|count| count.min(MAX_COUNT)).next().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ConnectionId {
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff".parse().unwrap()
    }

    #[test]
    fn a_connection_is_read_in_either_shape() {
        let flat = connection(
            br#"{"id":"1","name":"Chat","short_name":"slack","readable_collection_id":"acme","status":"SYNCING",
                "entity_count":7,"is_authenticated":true,"auth_method":"direct","more":[1]}"#,
        );
        let nested = connection(
            br#"{"id":"1","name":"Chat","short_name":"slack","readable_collection_id":"acme","status":"syncing",
                "entities":{"total_entities":7},"auth":{"method":"direct","authenticated":true},"schedule":null}"#,
        );
        assert_eq!(flat, nested);
        let connection = flat.unwrap().connection;
        assert_eq!(connection.status, ConnectionStatus::Syncing);
        assert_eq!(
            (connection.entity_count, connection.is_authenticated),
            (7, true)
        );
    }

    #[test]
    fn nulls_and_nonsense_are_nothing() {
        let read = connection(
            br#"{"id":"1","name":null,"short_name":"slack","readable_collection_id":"acme","status":"sleeping",
                "entity_count":-1,"is_authenticated":"yes","auth":null,"created_at":5}"#,
        );
        let connection = read.unwrap().connection;
        assert_eq!((connection.name.as_str(), connection.entity_count), ("", 0));
        assert_eq!(
            (connection.is_authenticated, connection.created_at),
            (false, None)
        );
    }

    #[test]
    fn what_decides_who_may_see_it_must_be_there() {
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":"1","short_name":"slack"}"#,
            r#"{"id":"1","short_name":"slack","readable_collection_id":null}"#,
            r#"{"id":"1","short_name":"slack","readable_collection_id":""}"#,
            r#"{"id":1,"short_name":"slack","readable_collection_id":"acme"}"#,
        ] {
            assert!(connection(json.as_bytes()).is_err(), "{json}");
        }
        let some =
            r#"[{"id":"1"},{"id":"2","short_name":"slack","readable_collection_id":"acme"}]"#;
        let list = connections(some.as_bytes()).unwrap();
        assert_eq!(list.iter().filter(|read| read.is_ok()).count(), 1);
        assert!(connections(b"{}").is_err());
    }

    #[test]
    fn jobs_of_older_backends_are_read() {
        let json = br#"[{"id":"2","status":"in_progress","entities_inserted":3,"entities_encountered":{"Message":3,"x":null},
            "error":null},{"id":"1","status":"COMPLETED"},{"status":"running"},{"id":"0","status":"thinking"}]"#;
        let jobs = jobs(id(), json).unwrap();
        let read: Vec<_> = jobs
            .iter()
            .map(|job| (job.job.id.as_str(), job.job.status))
            .collect();
        let expected = [
            ("2", JobStatus::Running),
            ("1", JobStatus::Completed),
            ("0", JobStatus::Running),
        ];
        assert_eq!(read, expected);
        assert_eq!(jobs[0].job.entities_inserted, 3);
        assert_eq!(jobs[0].job.source_connection_id, id().to_string());
    }
}
