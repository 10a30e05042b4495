//! What the demo's end user has connected, and how those syncs go.

use std::time::Duration;

/// One simulated connection.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) short_name: &'static str,
    /// What its source holds, by type; the shares of the types.
    pub(super) entity_types: &'static [(&'static str, u32)],
    /// How many entities one sync meets.
    pub(super) size: u64,
    /// Entities a second.
    pub(super) pace: u64,
    pub(super) course: Course,
    /// Until the first job, and between two.
    pub(super) first_after: Duration,
    pub(super) pause: Duration,
}

/// How a sync goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Its worker does not know how much there will be.
    Unknown,
    /// Its worker has asked the source for the number first.
    Counted,
    /// After two thirds the source refuses.
    Fails,
    /// In the middle nothing is heard for a while.
    Silent,
    /// Nothing is synced.
    Idle,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The demo's connections, in the order of the list.
pub(super) const SCENARIOS: [Scenario; 6] = [
    Scenario {
        name: "Team chat",
        short_name: "slack",
        entity_types: &[("Message", 82), ("Thread", 13), ("Channel", 5)],
        size: 18_400,
        pace: 640,
        course: Course::Unknown,
        first_after: seconds(0),
        pause: seconds(14),
    },
    Scenario {
        name: "Source code",
        short_name: "github",
        entity_types: &[("File", 70), ("Commit", 24), ("Issue", 6)],
        size: 6_250,
        pace: 170,
        course: Course::Counted,
        first_after: seconds(0),
        pause: seconds(20),
    },
    Scenario {
        name: "Customer database",
        short_name: "postgresql",
        entity_types: &[("Row", 97), ("Table", 3)],
        size: 240_000,
        pace: 3_900,
        course: Course::Silent,
        first_after: seconds(1),
        pause: seconds(25),
    },
    Scenario {
        name: "Shared drive",
        short_name: "google_drive",
        entity_types: &[("Document", 61), ("Sheet", 22), ("Folder", 17)],
        size: 2_900,
        pace: 120,
        course: Course::Fails,
        first_after: seconds(4),
        pause: seconds(30),
    },
    Scenario {
        name: "Help desk",
        short_name: "zendesk",
        entity_types: &[("Ticket", 88), ("Article", 12)],
        size: 1_280,
        pace: 95,
        course: Course::Counted,
        first_after: seconds(12),
        pause: seconds(40),
    },
    Scenario {
        name: "Old wiki",
        short_name: "confluence",
        entity_types: &[("Page", 100)],
        size: 0,
        pace: 0,
        course: Course::Idle,
        first_after: seconds(0),
        pause: seconds(0),
    },
];
