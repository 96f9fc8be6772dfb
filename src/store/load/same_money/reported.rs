//! Records of reports beside an account's statement, set against the statement itself.
//!
//! Which record repeats which is `normalise`'s to say. Here the records are gathered by account
//! and amount, and what a statement of those days does not repeat is flagged: it stays a transfer.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Currency, NONE};
use crate::normalise::{ReportRecord, repeated_in_statement};
use crate::store::load::same_money::booked_sums::Settling;
use crate::store::load::same_money::record_texts::Place;
use crate::store::load::same_money::repeated::{near_account, place};
use crate::store::tables::{Side, Transfers};

const NOT_REPEATED: &str =
    "a report alone states it: the account's statement of that day has no such record";

/// Row of `accounts`, first and last day of one of its statements.
pub type StatementDays = (u32, i32, i32);

/// An account and what moved on it.
type Moved = (u32, i64, Currency);
/// Rows of statements, and of each source with reports.
type OfReports = (Vec<u32>, BTreeMap<u32, Vec<u32>>);

/// Records of accounts of which reports are held.
#[derive(Clone, Debug, Default)]
pub struct Reports {
    /// Places of the records that stand on reports, ascending.
    on_report: Vec<Place>,
    /// Rows of `transfers` by account and what moved.
    rows: BTreeMap<Moved, OfReports>,
    /// Days that the statements of each of these accounts cover.
    covered: BTreeMap<u32, BTreeSet<(i32, i32)>>,
}

impl Reports {
    /// Gathers the records. Cost: nothing without reports; else two passes over the transfers.
    pub fn find(transfers: &Transfers, on_report: Vec<Place>, stated: &[StatementDays]) -> Reports {
        let mut found = Reports { on_report, ..Reports::default() };
        if found.on_report.is_empty() {
            return found;
        }
        let rows = 0..transfers.line.len() as u32;
        let on_report = |row: &u32| found.holds(place(transfers, *row));
        let accounts: BTreeSet<u32> = rows
            .clone()
            .filter(on_report)
            .map(|row| near_account(transfers, row as usize))
            .filter(|account| *account != NONE)
            .collect();
        let mut of_sources: BTreeMap<(u32, u32), (i32, i32)> = BTreeMap::new();
        for row in rows {
            let at = row as usize;
            let account = near_account(transfers, at);
            if account == NONE || !accounts.contains(&account) {
                continue;
            }
            let minor = transfers.amount_minor[at];
            let signed = if transfers.side[at] == Side::Sender { -minor } else { minor };
            let is_report = found.holds(place(transfers, row));
            let of = found.rows.entry((account, signed, transfers.currency[at])).or_default();
            if is_report {
                of.1.entry(transfers.source[at]).or_default().push(row);
            } else {
                of.0.push(row);
                let day = transfers.day[at];
                let days = of_sources.entry((account, transfers.source[at])).or_insert((day, day));
                *days = (days.0.min(day), days.1.max(day));
            }
        }
        found.rows.retain(|_, (_, reports)| !reports.is_empty());
        for (finals, reports) in found.rows.values_mut() {
            let all = std::iter::once(finals).chain(reports.values_mut());
            all.for_each(|rows| rows.sort_unstable_by_key(|row| place(transfers, *row)));
        }
        for ((account, _), days) in of_sources {
            found.covered.entry(account).or_default().insert(days);
        }
        for (account, first, last) in stated.iter().filter(|one| accounts.contains(&one.0)) {
            found.covered.entry(*account).or_default().insert((*first, *last));
        }
        found
    }

    /// Whether the record of a place stands on a report.
    pub fn holds(&self, at: Place) -> bool {
        self.on_report.binary_search(&at).is_ok()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.on_report.is_empty()
    }

    /// Places of the records whose texts are asked for, in no order.
    pub fn places(&self, transfers: &Transfers) -> Vec<Place> {
        let of = |(finals, reports): &(Vec<u32>, BTreeMap<u32, Vec<u32>>)| -> Vec<u32> {
            finals.iter().chain(reports.values().flatten()).copied().collect()
        };
        self.rows.values().flat_map(of).map(|row| place(transfers, row)).collect()
    }

    /// Leaves out what statements repeat and lists what they may repeat; each report against the
    /// records of statements that are still there.
    pub fn settle(&self, work: &mut Settling<'_>) {
        for (finals, reports) in self.rows.values() {
            let stays = |row: &&u32, work: &Settling<'_>| !work.kept_by.contains_key(*row);
            let finals: Vec<u32> = finals.iter().filter(|row| stays(row, work)).copied().collect();
            for rows in reports.values() {
                let single = rows.iter().filter(|row| !work.booked.parts.contains(*row));
                let rows: Vec<u32> = single.filter(|row| stays(row, work)).copied().collect();
                let records = [&rows, &finals].map(|side| -> Vec<ReportRecord<'_>> {
                    side.iter().map(|row| work.record(*row)).collect()
                });
                let settled = repeated_in_statement(&records[0], &records[1]);
                for (one, other, why) in settled.repeats {
                    let (one, other) = (rows[one], finals[other]);
                    work.kept_by.insert(one, other);
                    work.found.dropped.push((one, other, why));
                }
                for (one, other, why) in settled.open {
                    work.found.possible.push((rows[one], finals[other], why));
                    work.booked.told.insert(rows[one]);
                }
            }
        }
    }

    /// Lists the records that the statements of their day do not have in any way.
    pub fn list_alone(&self, work: &mut Settling<'_>) {
        for ((account, ..), (_, reports)) in &self.rows {
            let told = |row: &&u32| {
                work.kept_by.contains_key(*row)
                    || work.booked.told.contains(*row)
                    || work.booked.parts.contains(*row)
            };
            let alone = reports.values().flatten().filter(|row| !told(row));
            let day = |row: u32| work.transfers.day[row as usize];
            let alone = alone.filter(|row| self.covers(*account, day(**row)));
            let alone: Vec<u32> = alone.copied().collect();
            work.found.possible.extend(alone.into_iter().map(|row| (row, NONE, NOT_REPEATED)));
        }
    }

    fn covers(&self, account: u32, day: i32) -> bool {
        let spans = self.covered.get(&account).into_iter().flatten();
        spans.into_iter().any(|(first, last)| (*first..=*last).contains(&day))
    }
}
