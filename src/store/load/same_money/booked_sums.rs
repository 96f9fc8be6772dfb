//! Entries that book several payments in one sum, and the records that list these singly.
//!
//! Which records are whose parts is `normalise`'s to say. Here they are gathered by account,
//! direction and currency. The parts stay transfers, since they tell who was paid; the entry is a
//! further reading of each of them, so that its money counts once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Currency, NONE};
use crate::normalise::{
    PartRecord, ReportRecord, SumRecord, Tie, booked_in_sums, repeated_in_statement,
};
use crate::store::load::same_money::record_texts::{Place, RecordTexts};
use crate::store::load::same_money::repeated::{Repeated, near_account, place};
use crate::store::load::same_money::reported::Reports;
use crate::store::tables::{Accounts, Side, Transfers};

const PARTS_AGAIN: &str = "another source lists the same payments of one entry";
const PARTS_OPEN: &str = "two sources list payments of one entry, and not the same ones";

/// Days by which an entry and its parts may lie apart, as in `normalise`.
const NEAR_DAYS: i32 = 3;

/// What the sources state of such entries; both in order of place.
#[derive(Clone, Debug, Default)]
pub struct StatedSums {
    /// Records that are parts of one entry, with its number.
    pub parts: Vec<(Place, u32)>,
    /// Records with the number of payments they were booked for.
    pub payments: Vec<(Place, u32)>,
}

impl StatedSums {
    fn of(stated: &[(Place, u32)], at: Place) -> Option<u32> {
        let found = stated.binary_search_by_key(&at, |one| one.0).ok()?;
        Some(stated[found].1)
    }
}

/// An account, whether money leaves it, and the currency.
type Moved = (u32, bool, Currency);

/// Rows of one account that may be sums, and by source those that may be parts.
#[derive(Clone, Debug, Default)]
struct Rows {
    sums: Vec<u32>,
    parts: BTreeMap<u32, Vec<u32>>,
}

/// Where an entry may be the sum of other records.
#[derive(Clone, Debug, Default)]
pub struct BookedIn {
    stated: StatedSums,
    rows: BTreeMap<Moved, Rows>,
}

/// What was found so far.
#[derive(Clone, Debug, Default)]
pub struct Booked {
    /// Row of an entry and those of its parts.
    pub sums: BTreeMap<u32, Vec<u32>>,
    /// Every row that is a part of one.
    pub parts: BTreeSet<u32>,
    /// Rows that are listed as the parts of what may be their entry.
    pub told: BTreeSet<u32>,
}

impl Booked {
    /// Whether a row is such an entry, or a part of one.
    pub fn holds(&self, row: u32) -> bool {
        self.parts.contains(&row) || self.sums.contains_key(&row)
    }
}

impl BookedIn {
    /// Gathers the records. Cost: nothing where no record is a part of another; else two passes
    /// over the transfers.
    pub fn find(transfers: &Transfers, stated: StatedSums, reports: &Reports) -> BookedIn {
        let mut found = BookedIn { stated, rows: BTreeMap::new() };
        if found.stated.parts.is_empty() && reports.is_empty() {
            return found;
        }
        let key = |row: usize| -> Moved {
            let leaves = transfers.side[row] == Side::Sender;
            (near_account(transfers, row), leaves, transfers.currency[row])
        };
        let is_part =
            |at: Place| reports.holds(at) || StatedSums::of(&found.stated.parts, at).is_some();
        let mut rows: BTreeMap<Moved, Rows> = BTreeMap::new();
        let mut days: BTreeMap<Moved, BTreeSet<i32>> = BTreeMap::new();
        let all = || (0..transfers.line.len()).filter(|row| transfers.side[*row] != Side::List);
        for row in all().filter(|row| is_part(place(transfers, *row as u32))) {
            let of_source = rows.entry(key(row)).or_default();
            of_source.parts.entry(transfers.source[row]).or_default().push(row as u32);
            days.entry(key(row)).or_default().insert(transfers.day[row]);
        }
        // A single record is no several.
        rows.retain(|_, rows| rows.parts.values().any(|of_source| of_source.len() > 1));
        if rows.is_empty() {
            return found;
        }
        let whole = |row: &usize| {
            StatedSums::of(&found.stated.parts, place(transfers, *row as u32)).is_none()
        };
        for row in all().filter(whole) {
            let Some(of_key) = rows.get_mut(&key(row)) else { continue };
            let day = transfers.day[row];
            let near = day.saturating_sub(NEAR_DAYS)..=day.saturating_add(NEAR_DAYS);
            if days[&key(row)].range(near).next().is_some() {
                of_key.sums.push(row as u32);
            }
        }
        for of_key in rows.values_mut() {
            let all = std::iter::once(&mut of_key.sums).chain(of_key.parts.values_mut());
            all.for_each(|rows| rows.sort_unstable_by_key(|row| place(transfers, *row)));
        }
        rows.retain(|_, rows| !rows.sums.is_empty());
        found.rows = rows;
        found
    }

    /// Places of the records whose texts are asked for, in no order.
    pub fn places(&self, transfers: &Transfers) -> Vec<Place> {
        let of = |rows: &Rows| -> Vec<u32> {
            rows.sums.iter().chain(rows.parts.values().flatten()).copied().collect()
        };
        self.rows.values().flat_map(of).map(|row| place(transfers, row)).collect()
    }

    /// Ties parts to entries of statements, and where no statement has the sum to those of
    /// reports. What only may belong together is listed with the looser tie.
    pub fn settle(&self, work: &mut Settling<'_>, tie: Tie) {
        for rows in self.rows.values() {
            for (source, parts) in &rows.parts {
                for on_report in [false, true] {
                    let sums = rows.sums.iter().copied().filter(|row| {
                        let holds = |row: u32| work.reports.holds(place(work.transfers, row));
                        let other = work.transfers.source[*row as usize] != *source;
                        let beside = other || !holds(*row) && holds(parts[0]);
                        holds(*row) == on_report && beside && !work.kept_by.contains_key(row)
                    });
                    let sums: Vec<u32> = sums.collect();
                    self.settle_source(work, &sums, parts, tie);
                }
            }
        }
    }

    fn settle_source(&self, work: &mut Settling<'_>, sums: &[u32], parts: &[u32], tie: Tie) {
        let free = |row: &&u32| {
            !work.kept_by.contains_key(*row)
                && !work.booked.parts.contains(*row)
                && !work.booked.sums.contains_key(*row)
        };
        let parts: Vec<u32> = parts.iter().filter(free).copied().collect();
        if parts.len() < 2 || sums.is_empty() {
            return;
        }
        let of_sums: Vec<SumRecord<'_>> = sums.iter().map(|row| self.sum(work, *row)).collect();
        let of_parts: Vec<PartRecord<'_>> = parts.iter().map(|row| self.part(work, *row)).collect();
        let settled = booked_in_sums(&of_sums, &of_parts, tie);
        drop((of_sums, of_parts));
        for (sum, of_sum, why) in settled.booked {
            let of_sum: Vec<u32> = of_sum.into_iter().map(|at| parts[at]).collect();
            match work.booked.sums.get(&sums[sum]).cloned() {
                Some(stand) => work.again(&of_sum, &stand),
                None => {
                    work.booked.parts.extend(&of_sum);
                    work.found.sums.push((sums[sum], of_sum.clone(), why));
                    work.booked.sums.insert(sums[sum], of_sum);
                }
            }
        }
        if tie == Tie::Reference {
            return;
        }
        for (sum, of_sum, why) in settled.open {
            let of_sum = of_sum.into_iter().map(|at| parts[at]);
            for part in of_sum.filter(|part| !work.booked.parts.contains(part)) {
                work.booked.told.insert(part);
                work.found.possible.push((part, sums[sum], why));
            }
        }
    }

    fn sum<'a>(&self, work: &Settling<'a>, row: u32) -> SumRecord<'a> {
        let far = work.far(row);
        let named = work.accounts.kind.get(far as usize) != "unidentified";
        SumRecord {
            record: work.record(row),
            amount_minor: work.transfers.amount_minor[row as usize],
            payments: StatedSums::of(&self.stated.payments, place(work.transfers, row)),
            far: named.then_some(far),
        }
    }

    fn part<'a>(&self, work: &Settling<'a>, row: u32) -> PartRecord<'a> {
        PartRecord {
            record: work.record(row),
            amount_minor: work.transfers.amount_minor[row as usize],
            entry: StatedSums::of(&self.stated.parts, place(work.transfers, row)),
            far: work.far(row),
        }
    }
}

/// The records, and what became of them so far.
pub struct Settling<'a> {
    /// The transfers.
    pub transfers: &'a Transfers,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// Their texts.
    pub texts: &'a RecordTexts,
    /// Which of them stand on reports.
    pub reports: &'a Reports,
    /// Rows left out, with the row that stands for each.
    pub kept_by: HashMap<u32, u32>,
    /// Entries and their parts.
    pub booked: Booked,
    /// What is listed.
    pub found: Repeated,
}

impl<'a> Settling<'a> {
    /// A record as reports and statements are compared by.
    pub fn record(&self, row: u32) -> ReportRecord<'a> {
        let at = place(self.transfers, row);
        ReportRecord {
            day: self.transfers.day[row as usize],
            value_day: self.texts.value_day(at),
            reference: self.texts.reference(at),
            description: self.texts.description(at),
        }
    }

    fn far(&self, row: u32) -> u32 {
        match self.transfers.side[row as usize] {
            Side::Sender => self.transfers.to_account[row as usize],
            _ => self.transfers.from_account[row as usize],
        }
    }

    /// Leaves out the parts of an entry whose parts another source lists already, where both list
    /// the same.
    fn again(&mut self, parts: &[u32], stand: &[u32]) {
        let mut by_amount: BTreeMap<i64, [Vec<u32>; 2]> = BTreeMap::new();
        for (side, rows) in [parts, stand].into_iter().enumerate() {
            for row in rows {
                let minor = self.transfers.amount_minor[*row as usize];
                by_amount.entry(minor).or_default()[side].push(*row);
            }
        }
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for [parts, stand] in by_amount.values() {
            let records =
                [parts, stand].map(|rows| rows.iter().map(|row| self.record(*row)).collect());
            let [one, other]: [Vec<ReportRecord<'_>>; 2] = records;
            let repeats = repeated_in_statement(&one, &other).repeats;
            pairs.extend(repeats.into_iter().map(|(one, other, _)| (parts[one], stand[other])));
        }
        if pairs.len() == parts.len() && parts.len() == stand.len() {
            for (one, other) in pairs {
                self.kept_by.insert(one, other);
                self.found.dropped.push((one, other, PARTS_AGAIN));
            }
            return;
        }
        for (one, other) in parts.iter().zip(stand.iter().chain(std::iter::repeat(&stand[0]))) {
            self.booked.told.insert(*one);
            self.found.possible.push((*one, *other, PARTS_OPEN));
        }
    }
}

/// By row of an entry that was taken as a sum, the row that is listed in its place.
pub fn first_part(sums: &[(u32, Vec<u32>, &'static str)], row: u32) -> u32 {
    let found = sums.binary_search_by_key(&row, |one| one.0);
    found.map_or(row, |at| sums[at].1.first().copied().unwrap_or(NONE))
}
