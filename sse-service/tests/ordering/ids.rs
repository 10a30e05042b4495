//! Ids of messages: the same for the same message, everywhere, and fit for a header.

use proptest::prelude::*;
use protocol::{EventId, JobStatus, Progress};
use sse_service::{decode, frame::Frame, ids::JobId, version::Mark};

/// Times as workers write them, and texts that are none.
fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..60_u32, 0..1_000_000_u32)
            .prop_map(|(second, micro)| format!("2026-01-02 03:04:{second:02}.{micro:06}+00:00")),
        (0..60_u32).prop_map(|second| format!("2026-01-02T03:04:{second:02}[UTC]")),
        "[0-9TZ:.+ -]{0,40}",
        "\\PC{0,40}",
        "2026-01-02T03:04:05Z[\r\n a-z:]{0,10}",
    ]
}

fn progress() -> impl Strategy<Value = Progress> {
    let seq = proptest::option::of(0..=protocol::MAX_COUNT);
    let status = prop_oneof![
        Just(None),
        Just(Some(JobStatus::Running)),
        Just(Some(JobStatus::Failed)),
    ];
    let message = (0..100_u64, seq, proptest::option::of(time()), status);
    message.prop_map(|(inserted, seq, last_update_timestamp, status)| Progress {
        inserted,
        seq,
        last_update_timestamp,
        status,
        ..Progress::default()
    })
}

proptest! {
    #[test]
    fn an_id_is_one_word_that_fits_a_header(progress in progress()) {
        let job = JobId::random();
        let frame = Frame::new(job, progress);
        let id = EventId::parse(frame.id()).expect("an id");
        prop_assert_eq!(id.job_id, job.to_string());
        prop_assert!(frame.id().bytes().all(|byte| byte.is_ascii_graphic()), "{}", frame.id());
        prop_assert!(frame.id().len() <= 128, "{}", frame.id());
    }

    #[test]
    fn every_replica_gives_a_message_the_same_id(progress in progress()) {
        let job = JobId::random();
        let frame = Frame::new(job, progress);
        let read = decode::progress(&frame.json()).expect("what is published is read");
        let again = Frame::new(job, read);
        prop_assert_eq!(again.id(), frame.id());
    }

    #[test]
    fn who_has_a_message_by_its_id_is_not_past_it(progress in progress()) {
        let frame = Frame::new(JobId::random(), progress);
        let mut mark = Mark::default();
        mark.raise_to_id(EventId::parse(frame.id()).expect("an id").version);
        prop_assert!(!mark.is_past(frame.version()));
    }

    #[test]
    fn the_end_never_has_the_id_of_a_message_before_it_but_by_its_number(progress in progress()) {
        let job = JobId::random();
        let (mut running, mut end) = (progress.clone(), progress);
        (running.status, end.status) = (None, Some(JobStatus::Completed));
        let ids = [Frame::new(job, running.clone()), Frame::new(job, end)].map(|one| one.id().to_owned());
        prop_assert_eq!(ids[0] == ids[1], running.seq.is_some());
    }
}
