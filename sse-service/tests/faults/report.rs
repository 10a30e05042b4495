//! What was seen, as a row of a table.

use std::time::Duration;

use super::{
    crowd::Crowd,
    support::{Service, mebibytes},
};

/// Figures of one fault.
pub struct Report<'a> {
    /// What went wrong.
    pub fault: &'a str,
    pub crowd: &'a Crowd,
    pub jobs: usize,
    /// Ends that were published while no subscription could hear them.
    pub unheard: usize,
    /// From the moment when all was well again to the last client's end.
    pub recovery: Duration,
    pub service: &'a Service,
}

impl Report<'_> {
    /// `| fault | streams | jobs | unheard ends | recovery | came back | ends lost | memory at its peak |`
    pub fn print(self) {
        let heard = &self.crowd.heard;
        let lost = self.crowd.size() - heard.ends.get();
        row(&[
            self.fault,
            &self.crowd.size().to_string(),
            &self.jobs.to_string(),
            &self.unheard.to_string(),
            &format!("{:.2} s", self.recovery.as_secs_f64()),
            &heard.visits_cut.get().to_string(),
            &lost.to_string(),
            &format!("{} MiB", mebibytes(self.service.usage().peak)),
        ]);
    }
}

/// On a line of its own, whatever the test runner has printed before.
pub fn row(cells: &[&str]) {
    println!("\n| {} |", cells.join(" | "));
}
