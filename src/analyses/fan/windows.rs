//! Windows of time in which many distinct accounts deal with one.
//!
//! What the hub is called and how much moved is `fan.rs`'s; here are only times and who.

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

/// How many transfers of the window at hand each account has part in; clean between two hubs.
#[derive(Debug)]
pub(super) struct Met {
    times: Vec<u32>,
    distinct: usize,
}

impl Met {
    /// Nobody met yet. Memory: 4 bytes an account.
    pub fn new(accounts: usize) -> Met {
        Met { times: vec![0; accounts], distinct: 0 }
    }

    fn enter(&mut self, account: u32) {
        let times = &mut self.times[account as usize];
        self.distinct += usize::from(*times == 0);
        *times += 1;
    }

    fn leave(&mut self, account: u32) {
        let times = &mut self.times[account as usize];
        *times -= 1;
        self.distinct -= usize::from(*times == 0);
    }
}

/// Slides a window over contacts in order of time; each is entered and left once.
pub(super) fn runs_of(
    contacts: &[Contact],
    window_ms: i64,
    counterparties_min: usize,
    met: &mut Met,
) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    let mut end = 0;
    // Equal times come in together, since a closed window that ends there holds all of them.
    for same_time in contacts.chunk_by(|left, right| left.at_ms == right.at_ms) {
        for contact in same_time {
            met.enter(contact.other);
        }
        end += same_time.len();
        let earliest = same_time[0].at_ms.saturating_sub(window_ms);
        while contacts[start].at_ms < earliest {
            met.leave(contacts[start].other);
            start += 1;
        }
        let counterparties = met.distinct;
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
    contacts[start..].iter().for_each(|contact| met.leave(contact.other));
    runs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn contacts(rows: &[(i64, u32)]) -> Vec<Contact> {
        let mut contacts: Vec<Contact> = (0..)
            .zip(rows)
            .map(|(transfer, &(at_ms, other))| Contact { at_ms, other, transfer })
            .collect();
        contacts.sort_by_key(|contact| (contact.at_ms, contact.transfer));
        contacts
    }

    #[track_caller]
    fn check(rows: &[(i64, u32)], window_ms: i64, least: usize, expected: &[[usize; 5]]) {
        let runs = runs_of(&contacts(rows), window_ms, least, &mut Met::new(9));
        let told: Vec<[usize; 5]> = runs
            .iter()
            .map(|it| [it.start, it.end, it.peak_start, it.peak_end, it.peak_counterparties])
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn windows_are_closed_and_overlapping_ones_are_one() {
        check(&[], 5, 2, &[]);
        check(&[(0, 1), (5, 2)], 5, 2, &[[0, 2, 0, 2, 2]]);
        check(&[(0, 1), (6, 2)], 5, 2, &[]);
        check(&[(0, 1), (1, 1), (2, 1)], 5, 2, &[]);
        // 0–4 and 4–8 share the transfer at 4; the second has three counterparties.
        check(&[(0, 1), (4, 2), (7, 3), (8, 4)], 4, 2, &[[0, 4, 1, 4, 3]]);
        check(&[(0, 1), (1, 2), (9, 1), (10, 2)], 4, 2, &[[0, 2, 0, 2, 2], [2, 4, 2, 4, 2]]);
        // All that stands at the last instant of a window is in it.
        check(&[(0, 1), (3, 2), (3, 2), (3, 3)], 3, 3, &[[0, 4, 0, 4, 3]]);
    }

    /// Tries every closed window from one transfer's time to another's; merges those that share
    /// a transfer until none do.
    fn slow_runs(contacts: &[Contact], window_ms: i64, least: usize) -> Vec<Run> {
        let mut windows: Vec<(BTreeSet<usize>, Run)> = Vec::new();
        for first in contacts {
            for last in contacts.iter().filter(|last| last.at_ms >= first.at_ms) {
                if last.at_ms - first.at_ms > window_ms {
                    continue;
                }
                let span = first.at_ms..=last.at_ms;
                let inside: BTreeSet<usize> =
                    (0..contacts.len()).filter(|at| span.contains(&contacts[*at].at_ms)).collect();
                let others: BTreeSet<u32> = inside.iter().map(|at| contacts[*at].other).collect();
                if others.len() >= least {
                    let (start, end) = (*inside.first().unwrap(), *inside.last().unwrap() + 1);
                    let run = Run {
                        start,
                        end,
                        peak_start: start,
                        peak_end: end,
                        peak_counterparties: others.len(),
                    };
                    windows.push((inside, run));
                }
            }
        }
        // Among equals the earliest end comes first, then the longest window.
        windows.sort_by_key(|(_, run)| (run.end, run.start));
        let mut merged: Vec<(BTreeSet<usize>, Run)> = Vec::new();
        for (mut inside, mut run) in windows {
            while let Some(at) = merged.iter().position(|(other, _)| !other.is_disjoint(&inside)) {
                let (other, earlier) = merged.remove(at);
                inside.extend(other);
                let (start, end) = (run.start.min(earlier.start), run.end.max(earlier.end));
                let peak = if earlier.peak_counterparties >= run.peak_counterparties {
                    earlier
                } else {
                    run
                };
                run = Run { start, end, ..peak };
            }
            merged.push((inside, run));
        }
        merged.sort_by_key(|(_, run)| run.start);
        merged.into_iter().map(|(_, run)| run).collect()
    }

    proptest! {
        #[test]
        fn sliding_once_equals_trying_every_window(
            rows in prop::collection::vec((0..25_i64, 0..6_u32), 0..25),
            window_ms in 0..8_i64,
            least in 2..5_usize,
        ) {
            let contacts = contacts(&rows);
            prop_assert_eq!(
                runs_of(&contacts, window_ms, least, &mut Met::new(6)),
                slow_runs(&contacts, window_ms, least)
            );
        }
    }
}
