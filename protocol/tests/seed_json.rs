//! The seed's own JSON goes in and comes out letter by letter, and both generations of workers are understood.

use protocol::{
    ConnectionStatus, CreateSession, End, JobStatus, Progress, SessionContext, SessionMode,
    SourceConnection, SourceConnectionJob, StreamMessage,
};
use serde::{Serialize, de::DeserializeOwned};

/// Takes the white space out of a JSON text; none of ours has any inside a string.
fn compact(json: &str) -> String {
    json.split_whitespace().collect()
}

fn assert_round_trip<T: Serialize + DeserializeOwned>(json: &str) -> T {
    let value: T = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), compact(json));
    value
}

const PROGRESS: &str = r#"{
  "inserted": 42,
  "updated": 3,
  "deleted": 0,
  "kept": 100,
  "skipped": 2,
  "entities_encountered": {"Message": 45, "Channel": 2},
  "is_complete": false
}"#;

const COMPLETION: &str = r#"{
  "inserted": 150,
  "updated": 10,
  "deleted": 5,
  "kept": 200,
  "skipped": 0,
  "entities_encountered": {"Message": 165},
  "is_complete": true
}"#;

#[test]
fn the_connected_event_round_trips() {
    let message: StreamMessage = assert_round_trip(r#"{"type": "connected", "job_id": "uuid"}"#);
    assert!(matches!(message, StreamMessage::Connected { job_id, .. } if job_id == "uuid"));
}

#[test]
fn the_heartbeat_round_trips() {
    assert_round_trip::<StreamMessage>(r#"{"type": "heartbeat"}"#);
}

#[test]
fn the_error_event_round_trips() {
    assert_round_trip::<StreamMessage>(r#"{"type": "error", "message": "gone"}"#);
}

#[test]
fn a_progress_update_round_trips_with_its_entity_types_in_order() {
    let progress: Progress = assert_round_trip(PROGRESS);
    assert_eq!(progress.end(), None);
    assert_eq!(progress.synced(), 147);
    let types: Vec<_> = progress.entities_encountered.iter().collect();
    assert_eq!(types, [("Message", 45), ("Channel", 2)]);
}

#[test]
fn a_completion_round_trips_and_counts_without_the_deleted() {
    let progress: Progress = assert_round_trip(COMPLETION);
    assert_eq!(progress.end(), Some(End::Completed));
    assert_eq!(progress.synced(), 360);
}

#[test]
fn every_member_of_a_newer_message_round_trips() {
    let progress: Progress = assert_round_trip(
        r#"{"inserted":1,"updated":0,"deleted":0,"kept":0,"skipped":0,"entities_encountered":{},"is_complete":false,
            "is_failed":true,"status":"failed","total":10,"error":"no","last_update_timestamp":"2026-01-02T03:04:05+00:00",
            "seq":7}"#,
    );
    assert_eq!(progress.end(), Some(End::Failed));
}

#[test]
fn the_end_is_read_from_flags_and_from_status_alike() {
    let cases = [
        (r#"{"is_complete":true}"#, Some(End::Completed)),
        (r#"{"is_failed":true}"#, Some(End::Failed)),
        (
            r#"{"is_complete":true,"is_failed":true}"#,
            Some(End::Failed),
        ),
        (r#"{"status":"completed"}"#, Some(End::Completed)),
        (r#"{"status":"failed"}"#, Some(End::Failed)),
        (r#"{"status":"cancelled"}"#, Some(End::Cancelled)),
        (r#"{"status":"canceled"}"#, Some(End::Cancelled)),
        (r#"{"status":"COMPLETED"}"#, Some(End::Completed)),
        (
            r#"{"status":"failed","is_complete":true}"#,
            Some(End::Failed),
        ),
        (
            r#"{"status":"completed","is_failed":true}"#,
            Some(End::Failed),
        ),
        (
            r#"{"status":"cancelled","is_failed":true}"#,
            Some(End::Cancelled),
        ),
        (
            r#"{"status":"completed","is_complete":false,"is_failed":false}"#,
            Some(End::Completed),
        ),
        (
            r#"{"status":null,"is_complete":null,"is_failed":null}"#,
            None,
        ),
        (r#"{"status":"running"}"#, None),
        (r#"{"status":"in_progress"}"#, None),
        (r#"{"status":"cancelling"}"#, None),
        (r#"{"status":"some new word"}"#, None),
        (r#"{"status":{"not":["a","word"]},"inserted":1}"#, None),
        ("{}", None),
    ];
    for (json, end) in cases {
        let progress: Progress = serde_json::from_str(json).unwrap();
        assert_eq!(progress.end(), end, "{json}");
        let spelled = progress.with_end_spelled_out();
        assert_eq!(spelled.end(), end, "spelled out: {json}");
        assert_eq!(
            spelled.is_complete,
            Some(end == Some(End::Completed)),
            "{json}"
        );
        assert_eq!(
            spelled.is_failed,
            Some(matches!(end, Some(End::Failed | End::Cancelled))),
            "{json}"
        );
    }
}

#[test]
fn a_message_without_a_status_is_spelled_out_as_running() {
    let progress: Progress = serde_json::from_str(PROGRESS).unwrap();
    assert_eq!(
        progress.with_end_spelled_out().status,
        Some(JobStatus::Running)
    );
}

#[test]
fn counts_are_taken_as_any_language_writes_them() {
    let progress: Progress = serde_json::from_str(
        r#"{"inserted":42.0,"updated":null,"kept":9007199254740991,"entities_encountered":{"A":3.0,"B":null},"total":null}"#,
    )
    .unwrap();
    assert_eq!((progress.inserted, progress.updated), (42, 0));
    assert_eq!(progress.kept, protocol::MAX_COUNT);
    assert_eq!(progress.total, None);
    assert_eq!(
        progress.entities_encountered.iter().collect::<Vec<_>>(),
        [("A", 3), ("B", 0)]
    );
}

#[test]
fn counts_that_are_no_counts_are_refused() {
    let bad = [
        "-1",
        "9007199254740992",
        "1e300",
        "-0.5",
        "1.5",
        "\"7\"",
        "[]",
        "true",
        "18446744073709551616",
    ];
    for count in bad {
        for json in [
            format!(r#"{{"inserted":{count}}}"#),
            format!(r#"{{"entities_encountered":{{"A":{count}}}}}"#),
            format!(r#"{{"total":{count}}}"#),
        ] {
            assert!(serde_json::from_str::<Progress>(&json).is_err(), "{json}");
        }
    }
}

#[test]
fn unknown_members_are_passed_over() {
    let progress: Progress =
        serde_json::from_str(r#"{"inserted":1,"surprise":{"deep":[1,{"x":null}]}}"#).unwrap();
    assert_eq!(progress.inserted, 1);
}

#[test]
fn an_entity_type_that_is_named_twice_has_its_last_count() {
    let progress: Progress =
        serde_json::from_str(r#"{"entities_encountered":{"A":1,"B":2,"A":3}}"#).unwrap();
    assert_eq!(
        progress.entities_encountered.iter().collect::<Vec<_>>(),
        [("A", 3), ("B", 2)]
    );
}

#[test]
fn huge_counts_add_up_without_overflow() {
    let progress = Progress {
        inserted: u64::MAX,
        kept: 1,
        ..Progress::default()
    };
    assert_eq!(progress.synced(), u64::MAX);
}

#[test]
fn a_connection_round_trips() {
    let connection: SourceConnection = assert_round_trip(
        r#"{"id":"c","name":"Slack","short_name":"slack","readable_collection_id":"col","status":"pending_auth",
            "entity_count":5,"is_authenticated":true,"auth_method":"oauth_browser","federated_search":false,
            "created_at":"2026-01-02T03:04:05Z","modified_at":null}"#,
    );
    assert_eq!(connection.status, ConnectionStatus::PendingAuth);
}

#[test]
fn a_job_round_trips_and_takes_over_progress() {
    let mut job: SourceConnectionJob = assert_round_trip(
        r#"{"source_connection_id":"c","id":"j","organization_id":"o","status":"running","scheduled":true,
            "entities_inserted":1,"entities_updated":2,"entities_deleted":3,"entities_kept":4,"entities_skipped":5,
            "entities_encountered":{"Message":12},"created_at":"2026-01-02T03:04:05Z","modified_at":null,
            "started_at":null,"completed_at":null,"failed_at":null,"error":null}"#,
    );
    let completion: Progress = serde_json::from_str(COMPLETION).unwrap();
    job.apply(&completion);
    assert_eq!(job.status, JobStatus::Completed);
    assert_eq!(job.progress().synced(), completion.synced());
    assert_eq!(job.progress().end(), Some(End::Completed));
}

#[test]
fn a_session_round_trips() {
    let session: SessionContext = assert_round_trip(
        r#"{"session_id":"s","organization_id":"o","collection_id":"col","allowed_integrations":["slack"],
            "mode":"reauth","end_user_id":null,"expires_at":"2026-01-02T03:04:05Z"}"#,
    );
    assert!(session.mode.sees_collection());
    assert!(!SessionMode::Connect.sees_collection());
}

#[test]
fn a_session_needs_no_more_than_its_collection() {
    let session: CreateSession =
        serde_json::from_str(r#"{"readable_collection_id":"col"}"#).unwrap();
    assert_eq!(session.mode, SessionMode::All);
}

#[test]
fn a_created_session_keeps_its_token_out_of_logs() {
    let created = protocol::SessionCreated {
        session_id: "s".into(),
        session_token: "secret".into(),
        expires_at: "2026-01-02T03:04:05Z".into(),
    };
    assert!(!format!("{created:?}").contains("secret"));
}

#[test]
fn every_job_status_is_read_as_it_is_written() {
    for word in [
        "created",
        "pending",
        "running",
        "completed",
        "failed",
        "cancelling",
        "cancelled",
    ] {
        let status = JobStatus::from_word(word).unwrap();
        assert_eq!(status.as_str(), word);
        assert_eq!(
            serde_json::to_string(&status).unwrap(),
            format!("\"{word}\"")
        );
    }
    assert_eq!(
        serde_json::from_str::<JobStatus>("\"in_progress\"").unwrap(),
        JobStatus::Running
    );
}
