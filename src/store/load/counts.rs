//! What is counted of one source while it is read: read = accepted + rejected.

use super::in_line_order;
use crate::model::Stamp;
use crate::records::Reject;

/// Counts of one source while it is read.
#[derive(Default)]
pub(super) struct Counts {
    pub read: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub ignored: u64,
    pub first: Option<i32>,
    pub last: Option<i32>,
}

impl Counts {
    /// Counts a block of dated records; returns what was set aside in it, in order of line.
    pub fn take(&mut self, ignored: u64, accepted: &[Stamp], rejects: Vec<Reject>) -> Vec<Reject> {
        self.ignored += ignored;
        self.accepted += accepted.len() as u64;
        self.span(accepted.iter().map(|stamp| stamp.day));
        let rejects = in_line_order(rejects);
        self.reject(&rejects);
        rejects
    }

    fn span(&mut self, days: impl Iterator<Item = i32>) {
        for day in days {
            self.first = Some(self.first.map_or(day, |first| first.min(day)));
            self.last = Some(self.last.map_or(day, |last| last.max(day)));
        }
    }

    pub fn reject(&mut self, rejects: &[Reject]) {
        self.rejected += rejects.iter().filter(|reject| !reject.kept).count() as u64;
    }
}
