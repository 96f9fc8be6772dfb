//! Windows of time in which many distinct accounts deal with one.
//!
//! What the hub is called and how much moved is `fan.rs`'s; here are only times and who.

use hashbrown::HashMap;

/// One transfer of a hub, at its place on the scale of time that windows are measured on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Contact {
    pub at_ms: i64,
    pub other: u32,
    pub transfer: u32,
}

/// Overlapping windows that qualify: places in the hub's contacts, ends excluded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Run {
    pub start: usize,
    pub end: usize,
    pub peak_start: usize,
    pub peak_end: usize,
    pub peak_counterparties: usize,
}

/// Slides a window over contacts in order of time; each is entered and left once.
pub(super) fn runs_of(contacts: &[Contact], window_ms: i64, counterparties_min: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut met: HashMap<u32, usize> = HashMap::new();
    let mut start = 0;
    let mut end = 0;
    // Equal times come in together, since a closed window that ends there holds all of them.
    for same_time in contacts.chunk_by(|left, right| left.at_ms == right.at_ms) {
        for contact in same_time {
            *met.entry(contact.other).or_default() += 1;
        }
        end += same_time.len();
        let earliest = same_time[0].at_ms.saturating_sub(window_ms);
        while contacts[start].at_ms < earliest {
            let other = contacts[start].other;
            if let Some(times) = met.get_mut(&other) {
                *times -= 1;
                if *times == 0 {
                    met.remove(&other);
                }
            }
            start += 1;
        }
        let counterparties = met.len();
        if counterparties < counterparties_min {
            continue;
        }
        let window = Run {
            start,
            end,
            peak_start: start,
            peak_end: end,
            peak_counterparties: counterparties,
        };
        match runs.last_mut() {
            Some(run) if run.end > start && run.peak_counterparties >= counterparties => {
                run.end = end;
            }
            Some(run) if run.end > start => *run = Run { start: run.start, ..window },
            _ => runs.push(window),
        }
    }
    runs
}
