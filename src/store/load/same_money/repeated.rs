//! Which sources overlap, what of the later one repeats the earlier, and what a reissue replaces.
//!
//! The rule for two stretches of records is `normalise`'s. A statement overlaps another of the
//! same account, a list another of the same producer that covers the same side of its payments.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{EntityKind, NONE};
use crate::normalise::{LedgerRecord, Reissued, Tie, overlap, successors};
use crate::records::Covers;
use crate::store::load::entities::EntityRows;
use crate::store::load::same_money::booked_sums::{Booked, BookedIn, Settling, first_part};
use crate::store::load::same_money::record_texts::{Place, RecordTexts};
use crate::store::load::same_money::reported::Reports;
use crate::store::load::statements::coverage::Stretches;
use crate::store::tables::{Accounts, Duplicates, PossibleRepeats, Side, Sources, Transfers};

/// A source that holds the bytes of another, and how many records it has.
pub type Copied = (u32, u32, i64);

const SAME_BYTES: &str = "the source holds the bytes of its twin";
const SUPERSEDED: &str = "superseded by the corrected record";
const NOT_REISSUED: &str = "the corrected return has no such record";

/// Two sources that may state the same records: of an account's statements, or of two lists.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Shared {
    /// Row of `accounts`; [`NONE`] for lists.
    account: u32,
    earlier: u32,
    later: u32,
    /// First and last day that both cover.
    days: (i32, i32),
    /// Records of reports are compared among themselves: a statement's own stand apart.
    on_report: bool,
}

/// Where records may stand twice.
#[derive(Clone, Debug, Default)]
pub struct Suspected {
    shared: Vec<Shared>,
    /// Newer source and the older one that it corrects.
    supersedes: Vec<(u32, u32)>,
    /// Rows of `transfers` by source and, of statements, account; in order of lines.
    rows: BTreeMap<(u32, u32), Vec<u32>>,
    reports: Reports,
    booked_in: BookedIn,
}

/// What was found among them.
#[derive(Clone, Debug, Default)]
pub struct Repeated {
    /// Row of `transfers` left out, the row that stands for it, and why; ascending.
    pub dropped: Vec<(u32, u32, &'static str)>,
    /// Rows that may be one record, both kept; the second is [`NONE`] where a reissue lacks it.
    pub possible: Vec<(u32, u32, &'static str)>,
    /// Row of an entry that books several payments in one sum, the rows that list these, and why;
    /// ascending.
    pub sums: Vec<(u32, Vec<u32>, &'static str)>,
}

impl Suspected {
    /// Finds the overlaps. Cost: sources of one account times themselves, and one pass over the
    /// transfers only where there are any.
    pub fn find(
        transfers: &Transfers,
        sources: &Sources,
        covers: &HashMap<u32, Covers>,
        stretches: &Stretches,
        rows: &EntityRows,
        (supersedes, reports, booked_in): (Vec<(u32, u32)>, Reports, BookedIn),
    ) -> Suspected {
        let mut shared = Vec::new();
        let mut of_account: BTreeMap<u32, Vec<(u32, i32, i32)>> = BTreeMap::new();
        for ((account, source), (first, last)) in stretches.own_statements() {
            let account = rows.row(EntityKind::Account, account);
            of_account.entry(account).or_default().push((source, first, last));
        }
        for (account, mut spans) in of_account {
            spans.sort_unstable();
            push_shared(&mut shared, account, &spans, |_, _| true);
        }
        let lists: Vec<(u32, i32, i32)> = (0..sources.layout.len() as u32)
            .filter(|at| covers.get(at).is_some_and(|one| *one != Covers::Own))
            .filter_map(|at| Some((at, sources.first[at as usize]?, sources.last[at as usize]?)))
            .collect();
        push_shared(&mut shared, NONE, &lists, |one, other| {
            let text =
                |texts: &crate::model::Texts| texts.get(one as usize) == texts.get(other as usize);
            let named = !sources.institution.get(one as usize).is_empty();
            covers.get(&one) == covers.get(&other)
                && text(&sources.institution)
                && (named || text(&sources.layout))
        });
        let corrected: BTreeSet<(u32, u32)> = supersedes.iter().copied().collect();
        shared.retain(|one| {
            !corrected.contains(&(one.earlier, one.later))
                && !corrected.contains(&(one.later, one.earlier))
        });
        if !reports.is_empty() {
            let of_reports = shared.iter().filter(|one| one.account != NONE);
            let of_reports: Vec<Shared> =
                of_reports.map(|one| Shared { on_report: true, ..*one }).collect();
            shared.extend(of_reports);
        }
        let mut found = Suspected { shared, supersedes, rows: BTreeMap::new(), reports, booked_in };
        found.gather(transfers);
        found
    }

    fn gather(&mut self, transfers: &Transfers) {
        let mut wanted: BTreeSet<(u32, u32)> = BTreeSet::new();
        for one in &self.shared {
            wanted.extend([(one.earlier, one.account), (one.later, one.account)]);
        }
        let whole: BTreeSet<u32> =
            self.supersedes.iter().flat_map(|(newer, older)| [*newer, *older]).collect();
        if wanted.is_empty() && whole.is_empty() {
            return;
        }
        let any: BTreeSet<u32> =
            wanted.iter().map(|one| one.0).chain(whole.iter().copied()).collect();
        for row in 0..transfers.line.len() {
            let source = transfers.source[row];
            if !any.contains(&source) {
                continue;
            }
            let key = (source, near_account(transfers, row));
            if wanted.contains(&key) {
                self.rows.entry(key).or_default().push(row as u32);
            }
            if whole.contains(&source) && !(wanted.contains(&key) && key.1 == NONE) {
                self.rows.entry((source, NONE)).or_default().push(row as u32);
            }
        }
        for rows in self.rows.values_mut() {
            rows.sort_unstable_by_key(|row| transfers.line[*row as usize]);
        }
    }

    /// Places of the records whose texts are asked for, in no order.
    pub fn places(&self, transfers: &Transfers) -> Vec<Place> {
        let mut places = self.reports.places(transfers);
        places.extend(self.booked_in.places(transfers));
        for one in &self.shared {
            for source in [one.earlier, one.later] {
                let rows = self.stretch(transfers, one, source);
                places.extend(rows.into_iter().map(|row| place(transfers, row)));
            }
        }
        for source in self.supersedes.iter().flat_map(|(newer, older)| [*newer, *older]) {
            let rows = self.rows.get(&(source, NONE)).into_iter().flatten();
            places.extend(rows.map(|row| place(transfers, *row)));
        }
        places
    }

    /// Rows of one side of an overlap, in order of days, then lines.
    fn stretch(&self, transfers: &Transfers, shared: &Shared, source: u32) -> Vec<u32> {
        let rows = self.rows.get(&(source, shared.account)).into_iter().flatten();
        let day = |row: &u32| transfers.day[*row as usize];
        let mut rows: Vec<u32> = rows
            .copied()
            .filter(|row| (shared.days.0..=shared.days.1).contains(&day(row)))
            .filter(|row| {
                self.reports.is_empty()
                    || self.reports.holds(place(transfers, *row)) == shared.on_report
            })
            .collect();
        rows.sort_by_key(day);
        rows
    }

    /// Compares every overlap; of each record the earliest in case-file order is kept, of a
    /// corrected one its successor, and of an entry the records that list its payments.
    pub fn settle(
        &self,
        transfers: &Transfers,
        accounts: &Accounts,
        texts: &RecordTexts,
    ) -> Repeated {
        let mut work = Settling {
            transfers,
            accounts,
            texts,
            reports: &self.reports,
            kept_by: HashMap::new(),
            booked: Booked::default(),
            found: Repeated::default(),
        };
        for (newer, older) in &self.supersedes {
            self.supersede(&mut work, (*newer, *older));
        }
        let mut shared = self.shared.clone();
        shared.sort_unstable_by_key(|one| (one.on_report, one.later, one.earlier, one.account));
        let statements = shared.partition_point(|one| !one.on_report);
        // A record stands for one of each source at most: two of one source are two records.
        let mut repeats_of: BTreeSet<(u32, u32)> = BTreeSet::new();
        shared[..statements].iter().for_each(|one| self.overlap(&mut work, one, &mut repeats_of));
        // A reference settles what is a sum before equal amounts are looked for singly.
        self.booked_in.settle(&mut work, Tie::Reference);
        self.reports.settle(&mut work);
        self.booked_in.settle(&mut work, Tie::Days);
        self.reports.list_alone(&mut work);
        shared[statements..].iter().for_each(|one| self.overlap(&mut work, one, &mut repeats_of));
        let Settling { mut found, kept_by, .. } = work;
        found.sums.sort_unstable();
        let sums = std::mem::take(&mut found.sums);
        for one in &mut found.possible {
            (one.0, one.1) = (first_part(&sums, one.0), first_part(&sums, one.1));
        }
        found.sums = sums;
        found.possible.retain(|(one, other, _)| {
            one != other && !kept_by.contains_key(one) && !kept_by.contains_key(other)
        });
        found.dropped.sort_unstable();
        found.possible.sort_unstable();
        found.possible.dedup_by_key(|one| (one.0, one.1));
        found
    }

    fn overlap(
        &self,
        work: &mut Settling<'_>,
        one: &Shared,
        repeats_of: &mut BTreeSet<(u32, u32)>,
    ) {
        let (transfers, texts) = (work.transfers, work.texts);
        let sides = [one.earlier, one.later].map(|side| self.stretch(transfers, one, side));
        let records = sides.each_ref().map(|rows| -> Vec<LedgerRecord<'_>> {
            rows.iter().map(|row| ledger_record(transfers, texts, *row)).collect()
        });
        let both = overlap(&records[0], &records[1]);
        let list = one.account == NONE;
        for (left, right, why) in both.repeats {
            let (left, right) = (sides[0][left], sides[1][right]);
            let stands = work.kept_by.get(&left).copied().unwrap_or(left);
            // What is part of an entry stays, and the other reading of it goes.
            let turned = work.booked.holds(right) && stands == left;
            let (stands, right) = if turned { (right, left) } else { (stands, right) };
            let source = transfers.source[right as usize];
            // A corrected record may come back to its own successor.
            let once =
                stands != right && !work.kept_by.contains_key(&right) && !work.booked.holds(right);
            if once && repeats_of.insert((stands, source)) {
                work.kept_by.insert(right, stands);
                work.found.dropped.push((right, stands, why));
            }
        }
        // Equal rows on two lists of one producer stand in `possible_pairs`.
        let possible = both.possible.into_iter().filter(|_| !list);
        let possible = possible.map(|(left, right, why)| (sides[0][left], sides[1][right], why));
        work.found.possible.extend(possible);
    }

    fn supersede(&self, work: &mut Settling<'_>, (newer, older): (u32, u32)) {
        let (transfers, texts) = (work.transfers, work.texts);
        let rows = |source: u32| self.rows.get(&(source, NONE)).cloned().unwrap_or_default();
        let sides = [rows(older), rows(newer)];
        let records = sides.each_ref().map(|rows| -> Vec<Reissued<'_>> {
            rows.iter().map(|row| reissued(transfers, texts, *row)).collect()
        });
        let mut succeeded = vec![false; sides[0].len()];
        for (left, right) in successors(&records[0], &records[1]) {
            succeeded[left] = true;
            if work.kept_by.contains_key(&sides[0][left]) {
                continue;
            }
            work.kept_by.insert(sides[0][left], sides[1][right]);
            work.found.dropped.push((sides[0][left], sides[1][right], SUPERSEDED));
        }
        for (row, _) in sides[0].iter().zip(&succeeded).filter(|(_, succeeded)| !**succeeded) {
            work.found.possible.push((*row, NONE, NOT_REISSUED));
        }
    }
}

/// Pairs of spans that share days, of sources in case-file order.
fn push_shared(
    shared: &mut Vec<Shared>,
    account: u32,
    spans: &[(u32, i32, i32)],
    alike: impl Fn(u32, u32) -> bool,
) {
    for (at, (earlier, first, last)) in spans.iter().enumerate() {
        for (later, from, to) in &spans[at + 1..] {
            let days = ((*first).max(*from), (*last).min(*to));
            if days.0 <= days.1 && alike(*earlier, *later) {
                let (earlier, later) = (*earlier, *later);
                shared.push(Shared { account, earlier, later, days, on_report: false });
            }
        }
    }
}

/// The account whose own statement a record is of; [`NONE`] for a list.
pub fn near_account(transfers: &Transfers, row: usize) -> u32 {
    match transfers.side[row] {
        Side::Sender => transfers.from_account[row],
        Side::Receiver => transfers.to_account[row],
        Side::List => NONE,
    }
}

/// Where a record stands.
pub fn place(transfers: &Transfers, row: u32) -> Place {
    (transfers.source[row as usize], transfers.line[row as usize])
}

fn ledger_record<'a>(transfers: &Transfers, texts: &'a RecordTexts, row: u32) -> LedgerRecord<'a> {
    let (at, place) = (row as usize, place(transfers, row));
    let minor = transfers.amount_minor[at];
    let code = transfers.currency[at].code().as_bytes();
    let code = [code[0], code[1], code[2]];
    let what = match transfers.side[at] {
        Side::Sender => (-minor, code, NONE, NONE),
        Side::Receiver => (minor, code, NONE, NONE),
        Side::List => (minor, code, transfers.from_account[at], transfers.to_account[at]),
    };
    LedgerRecord {
        day: transfers.day[at],
        what,
        time_ms: transfers.timed[at].then_some(transfers.booked_ms[at]),
        balance_minor: texts.balance_minor(place),
        reference: texts.reference(place),
        description: texts.description(place),
    }
}

fn reissued<'a>(transfers: &Transfers, texts: &'a RecordTexts, row: u32) -> Reissued<'a> {
    let at = row as usize;
    let near = near_account(transfers, at);
    let account = if near == NONE { transfers.from_account[at] } else { near };
    let other = if near == NONE { transfers.to_account[at] } else { near };
    let reference = texts.reference(place(transfers, row));
    Reissued { account, other, day: transfers.day[at], reference }
}

/// The `duplicates` table: sources loaded twice, then records, in order of source and line; and
/// the counts of each source brought to it.
pub fn duplicate_table(
    transfers: &Transfers,
    repeated: &Repeated,
    copied: &[Copied],
    sources: &mut Sources,
) -> Duplicates {
    let mut rows: Vec<(Place, Place, i64, &str)> = copied
        .iter()
        .map(|(source, twin, records)| ((*source, NONE), (*twin, NONE), *records, SAME_BYTES))
        .collect();
    for (row, twin, why) in &repeated.dropped {
        rows.push((place(transfers, *row), place(transfers, *twin), 1, why));
        let source = transfers.source[*row as usize] as usize;
        sources.accepted[source] -= 1;
        sources.duplicate[source] += 1;
    }
    rows.sort_unstable();
    let mut table = Duplicates::default();
    for ((source, line), (twin_source, twin_line), records, why) in rows {
        table.source.push(source);
        table.line.push(line);
        table.twin_source.push(twin_source);
        table.twin_line.push(twin_line);
        table.records.push(records);
        table.why.push(why);
    }
    table
}

/// The `possible_repeats` table; `row_of` gives the final row of each old one.
pub fn possible_repeats(repeated: &Repeated, row_of: &dyn Fn(u32) -> u32) -> PossibleRepeats {
    let final_row = |row: u32| if row == NONE { NONE } else { row_of(row) };
    let mut rows: Vec<(u32, u32, &str)> = repeated
        .possible
        .iter()
        .map(|(one, other, why)| (final_row(*one), final_row(*other), *why))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let mut table = PossibleRepeats::default();
    for (one, other, why) in rows {
        table.transfer.push(one);
        table.other.push(other);
        table.why.push(why);
    }
    table
}
