//! What strangers send is read without harm: replays the seeds of the fuzz targets, and what comes of changing them.
//!
//! This runs on every toolchain. `just fuzz SECONDS` lets a fuzzer look for more.

// A test binary has no outside for which `pub` could be told from `pub(crate)`.
#![allow(unreachable_pub)]

use std::fs;

use proptest::{collection::vec, prelude::*, sample::Index};

#[path = "../../fuzz/entries/event_id.rs"]
mod event_id;
#[path = "../../fuzz/entries/progress.rs"]
mod progress;
#[path = "../../fuzz/entries/query.rs"]
mod query;
#[path = "../../fuzz/entries/request.rs"]
mod request;
#[path = "../../fuzz/entries/token.rs"]
mod token;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect()
}

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Repeat(Index, u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>();
    // Mostly what means something to one parser or another.
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"/.,:;=&%\"\\{}[]-+eE\r\n 0\x7f\xff".to_vec())
    ];
    prop_oneof![
        (place.clone(), byte.clone()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (place.clone(), vec(byte, 1..8)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (place.clone(), place.clone()).prop_map(|(from, to)| Edit::Remove(from, to)),
        (place, any::<u8>()).prop_map(|(from, times)| Edit::Repeat(from, times)),
    ]
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match edit {
            Edit::Replace(at, byte) => {
                let at = place(at);
                bytes.splice(at..bytes.len().min(at + 1), [*byte]);
            }
            Edit::Insert(at, inserted) => {
                let at = place(at);
                bytes.splice(at..at, inserted.iter().copied());
            }
            Edit::Remove(from, to) => {
                let (from, to) = (place(from), place(to));
                bytes.drain(from.min(to)..from.max(to));
            }
            Edit::Repeat(from, times) => {
                let end = bytes[place(from)..].repeat(usize::from(*times));
                bytes.extend(end.into_iter().take(4096));
            }
        }
    }
    bytes
}

/// Runs an entry with all seeds of a target, and with changed ones.
fn replay(target: &str, entry: impl Fn(&[u8])) {
    let seeds = seeds(target);
    assert!(!seeds.is_empty());
    for seed in &seeds {
        entry(seed);
    }
    let changed = (prop::sample::select(seeds), vec(edit(), 1..8));
    let changed = changed.prop_map(|(seed, edits)| edited(seed, &edits));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&changed, |bytes| {
        entry(&bytes);
        Ok(())
    });
    outcome.unwrap();
}

/// For an entry that takes text.
fn text(entry: impl Fn(&str)) -> impl Fn(&[u8]) {
    move |bytes| entry(&String::from_utf8_lossy(bytes))
}

#[test]
fn tokens() {
    replay("token", text(token::run));
}

#[test]
fn messages_of_workers() {
    replay("progress", progress::run);
}

#[test]
fn ids_of_events() {
    replay("event_id", text(event_id::run));
}

#[test]
fn heads_of_requests() {
    replay("request", request::run);
}

#[test]
fn queries() {
    replay("query", query::run);
}
