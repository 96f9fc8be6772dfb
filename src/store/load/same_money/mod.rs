//! The same money once: repeats out, both legs joined, reversals tied, and the tables of all that.
//!
//! Every bank record read is, after this, in exactly one of two places: a reading of one transfer
//! (or of each of those that it books in one sum), or a row of `duplicates`. Which records are what
//! is decided by `normalise`; reading their texts back and keeping rows in step is done here.

mod booked_sums;
pub(super) mod both_legs;
mod lessened;
mod merged;
mod part_reversals;
mod record_texts;
mod repeated;
pub(super) mod reported;
pub(super) mod reversed;
mod row_map;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::Result;
use crate::interrupt;
use crate::model::{EntityKind, NONE};
use crate::normalise::Legs;
use crate::records::Covers;
use crate::store::case_store::{CaseWriter, TableSink};
use crate::store::load::bank::BankBatch;
use crate::store::load::bank::flagged::Flagged;
use crate::store::load::entities::interner::Interner;
use crate::store::load::entities::{EntityRows, account_keys};
use crate::store::load::same_money::booked_sums::{BookedIn, StatedSums};
use crate::store::load::same_money::both_legs::{LegCase, LegSearch, Received};
use crate::store::load::same_money::lessened::Lessened;
use crate::store::load::same_money::merged::{
    SumEntry, conversions, leg_evidence, merge_legs, possible_pairs, with_sum_evidence, with_sums,
};
use crate::store::load::same_money::record_texts::{Place, RecordTexts};
use crate::store::load::same_money::repeated::{
    Copied, Repeated, Suspected, duplicate_table, possible_repeats,
};
use crate::store::load::same_money::reported::{Reports, StatementDays};
use crate::store::load::same_money::reversed::{Said, reversal_table};
use crate::store::load::same_money::row_map::RowMap;
use crate::store::load::statements::coverage::Stretches;
use crate::store::tables::*;

/// What the loader noted of its sources for this.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Whose records each bank source is of.
    pub covers: HashMap<u32, Covers>,
    /// Newer source and the older one that it corrects.
    pub supersedes: Vec<(u32, u32)>,
    /// Sources that hold the bytes of another.
    pub copied: Vec<Copied>,
    /// Records whose source states that they undo an earlier one, in order of place.
    pub flagged: Vec<(Place, Flagged)>,
    /// Records on reports beside the account's statement, with the report's word, in order of
    /// place.
    pub reports: Vec<(Place, &'static str)>,
    /// Records that were booked as parts of one entry, with the number of that entry, in order of
    /// place.
    pub parts: Vec<(Place, u32)>,
    /// What names these entries, with their source.
    entries: Interner,
    /// Records that state how many payments they were booked for, in order of place.
    pub payments: Vec<(Place, u32)>,
    /// Whether any record of money carries a description.
    pub described: bool,
}

impl Provenance {
    /// Takes over what a block states of entries that stand for several payments.
    pub fn take_sums(&mut self, source: u32, batch: &mut BankBatch) {
        for (line, entry) in batch.parts.drain(..) {
            let number = self.entries.intern(&format!("{source} {entry}"));
            self.parts.push(((source, line), number));
        }
        let payments = batch.payments.drain(..);
        self.payments.extend(payments.map(|(line, count)| ((source, line), count)));
    }
}

/// The transfers and everything that came of settling them.
#[derive(Debug, Default)]
pub struct Settled {
    /// One row a transfer.
    pub transfers: Transfers,
    /// Its further readings.
    pub refs: Refs,
    /// What arrived, where it differs.
    pub conversions: Conversions,
    /// What may be one transfer.
    pub possible: PossiblePairs,
    /// What merges took.
    pub evidence: LegEvidence,
    /// Records left out.
    pub duplicates: Duplicates,
    /// What may be a repeat.
    pub possible_repeats: PossibleRepeats,
    /// What undoes what.
    pub reversals: Reversals,
    /// Transfers that more than one record tells of.
    pub merged: u64,
    /// Possible pairs that are counted and not listed.
    pub unlisted: u64,
    /// By row of `accounts`, the row of the account that stands for it; [`NONE`] for a far end
    /// that no transfer has any more.
    pub accounts: Vec<u32>,
}

impl Settled {
    /// Writes the transfers and their tables; `refs` are their further readings and those of
    /// calls.
    ///
    /// # Errors
    ///
    /// As [`TableSink::put`].
    pub fn write(self, refs: Refs, sink: &mut impl TableSink) -> Result<()> {
        sink.put(self.transfers)?;
        sink.put(refs)?;
        sink.put(self.conversions)?;
        sink.put(self.possible)?;
        sink.put(self.evidence)?;
        sink.put(self.duplicates)?;
        sink.put(self.possible_repeats)?;
        sink.put(self.reversals)
    }

    /// Payments that came back: each once, however many originals it may have.
    pub fn came_back(&self) -> u64 {
        self.reversals.transfer.chunk_by(|one, other| one == other).count() as u64
    }
}

/// What is known of the case when transfers are settled.
pub struct Context<'a> {
    /// Notes on the sources.
    pub provenance: &'a Provenance,
    /// Days of each account's own statements.
    pub stretches: &'a Stretches,
    /// Rows of entities.
    pub rows: &'a EntityRows,
    /// Days of statements that state a balance.
    pub stated: Vec<StatementDays>,
    /// Days before a reversal within which its original is looked for.
    pub reversal_window_days: i32,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// Row of an account and a name identity on it, of holders and of payment records.
    pub named: &'a (dyn Fn() -> HashMap<u32, Vec<String>> + Sync),
    /// Whether a signature card or other record tells of an account: it stays what it is.
    pub kept: &'a dyn Fn() -> BTreeSet<u32>,
}

/// Settles `transfers`, which are in their final order; the counts of `sources` are brought to
/// what was left out.
///
/// `writer` holds the texts beside amounts; without it no text decides, and no reversal is looked
/// for.
///
/// Cost: nothing but a look at each record where no record can have a second reading; else sorting
/// of those that can, and one pass over the texts.
///
/// # Errors
///
/// [`crate::Error::File`] if the texts cannot be read back; [`crate::Error::Interrupted`].
pub fn settle(
    transfers: Transfers,
    received: Vec<Received>,
    sources: &mut Sources,
    context: &Context<'_>,
    writer: Option<&CaseWriter>,
) -> Result<Settled> {
    let notes = context.provenance;
    let leg_sources = sources.clone();
    let case = LegCase {
        sources: &leg_sources,
        covers: &notes.covers,
        accounts: context.accounts,
        names: context.named,
    };
    let suspected = suspected(&transfers, sources, context);
    let mut wanted = suspected.places(&transfers);
    let search = LegSearch::new(&case, &transfers, &received);
    wanted.extend(search.places());
    wanted.extend(writer.into_iter().flat_map(|_| lessened::places(&transfers)));
    let found = search.into_found();
    wanted.sort_unstable();
    wanted.dedup();
    let read = writer.map(|writer| RecordTexts::read(writer, &wanted, notes.described));
    let texts = read.transpose()?.unwrap_or_default();
    interrupt::check()?;
    let repeated = suspected.settle(&transfers, context.accounts, &texts);
    let sums = SumEntry::all(&transfers, &repeated.sums);
    let duplicates = duplicate_table(&transfers, &repeated, &notes.copied, sources);
    let before = Ends::of(&transfers, &repeated);
    let on_lists = repeats_on_lists(&transfers, &repeated);
    let (transfers, received, row_after) = leave_out(transfers, received, &repeated);
    let search = match row_after {
        RowMap::Unmoved => LegSearch::over(&case, &transfers, &received, found),
        _ => LegSearch::new(&case, &transfers, &received),
    };
    let on_lists: Vec<(u32, u32)> =
        on_lists.into_iter().map(|(row, source)| (row_after.row(row), source)).collect();
    let legs = search.and_repeats(&on_lists).settle(&texts);
    interrupt::check()?;
    let less = lessened(&transfers, &texts, &legs, context, writer);
    let place = |row: u32| (transfers.source[row as usize], transfers.line[row as usize]);
    let places: HashMap<u32, (u32, u32)> =
        legs.evidence.iter().map(|(row, _)| (*row, place(*row))).collect();
    let before = before.and_of(&transfers, &legs.merged, &legs.resolved);
    let (transfers, kept_rows, refs) = merge_legs(transfers, &legs);
    let final_row = |row: u32| match row_after.row(row) {
        NONE => NONE,
        row => kept_rows.row(row),
    };
    let refs = with_sums(refs, &sums, &final_row);
    let reversals = match writer {
        Some(writer) => came_back((&transfers, &refs, sources), &texts, context, writer)?,
        None => Reversals::default(),
    };
    let evidence = leg_evidence(&legs, &kept_rows, &|row| places[&row]);
    Ok(Settled {
        conversions: conversions(&received, &kept_rows),
        possible: possible_pairs(&legs, &less, &kept_rows),
        evidence: with_sum_evidence(evidence, &sums, &final_row),
        possible_repeats: possible_repeats(&repeated, &final_row),
        merged: refs.row.chunk_by(|one, other| one == other).count() as u64,
        unlisted: legs.unlisted,
        accounts: before.stand_ins(&transfers, context),
        transfers,
        refs,
        duplicates,
        reversals,
    })
}

/// Wires of which less arrived than was sent.
fn lessened(
    transfers: &Transfers,
    texts: &RecordTexts,
    legs: &Legs,
    context: &Context<'_>,
    writer: Option<&CaseWriter>,
) -> Vec<Lessened> {
    let digits = writer.map(|writer| &writer.manifest().digits);
    digits.map_or_else(Vec::new, |digits| {
        lessened::lessened(transfers, context.accounts, texts, legs, digits)
    })
}

/// Where records may stand twice.
fn suspected(transfers: &Transfers, sources: &Sources, context: &Context<'_>) -> Suspected {
    let notes = context.provenance;
    let mut on_report: Vec<Place> = notes.reports.iter().map(|one| one.0).collect();
    on_report.sort_unstable();
    let reports = Reports::find(transfers, on_report, &context.stated);
    let mut stated = StatedSums { parts: notes.parts.clone(), payments: notes.payments.clone() };
    stated.parts.sort_unstable();
    stated.payments.sort_unstable();
    let booked_in = BookedIn::find(transfers, stated, &reports);
    let beside = (notes.supersedes.clone(), reports, booked_in);
    Suspected::find(transfers, sources, &notes.covers, context.stretches, context.rows, beside)
}

/// The payments that came back, by their words and by the flags of their formats.
fn came_back(
    (transfers, refs, sources): (&Transfers, &Refs, &Sources),
    texts: &RecordTexts,
    context: &Context<'_>,
    writer: &CaseWriter,
) -> Result<Reversals> {
    let mut flagged = context.provenance.flagged.clone();
    flagged.sort_unstable_by_key(|one| one.0);
    let said = Said { words: &texts.reversals, flagged: &flagged };
    let said = (&said, context.reversal_window_days);
    reversal_table(transfers, refs, sources, said, writer)
}

/// Rows that stand for records of lists that are left out, and the source of each of these.
fn repeats_on_lists(transfers: &Transfers, repeated: &Repeated) -> Vec<(u32, u32)> {
    let dropped = &repeated.dropped;
    let by = |row: u32| {
        let found = dropped.binary_search_by_key(&row, |one| one.0);
        found.ok().map(|at| dropped[at].1)
    };
    let listed = dropped.iter().filter(|one| transfers.side[one.0 as usize] == Side::List);
    let stands = |row: u32| {
        let mut row = row;
        while let Some(next) = by(row) {
            row = next;
        }
        row
    };
    listed.map(|one| (stands(one.1), transfers.source[one.0 as usize])).collect()
}

/// The transfers without those left out; what arrived by their new rows; where each old row went.
fn leave_out(
    transfers: Transfers,
    received: Vec<Received>,
    repeated: &Repeated,
) -> (Transfers, Vec<Received>, RowMap) {
    if repeated.dropped.is_empty() && repeated.sums.is_empty() {
        return (transfers, received, RowMap::Unmoved);
    }
    let out = |row: &u32| {
        repeated.dropped.binary_search_by_key(row, |one| one.0).is_ok()
            || repeated.sums.binary_search_by_key(row, |one| one.0).is_ok()
    };
    let (order, row_after) = RowMap::keeping(transfers.line.len() as u32, |row| !out(&row));
    let received = received
        .into_iter()
        .map(|(row, minor, currency)| (row_after.row(row), minor, currency))
        .filter(|(row, ..)| *row != NONE)
        .collect();
    (transfers.select(&order), received, row_after)
}

/// Accounts that records left their transfers with, and those that stand there now.
#[derive(Debug, Default)]
struct Ends(BTreeMap<u32, BTreeSet<u32>>);

impl Ends {
    fn of(transfers: &Transfers, repeated: &Repeated) -> Ends {
        let mut ends = Ends::default();
        let sums = repeated.sums.iter().map(|one| one.0);
        for row in repeated.dropped.iter().map(|one| one.0).chain(sums) {
            let at = row as usize;
            ends.0.entry(transfers.from_account[at]).or_default();
            ends.0.entry(transfers.to_account[at]).or_default();
        }
        ends
    }

    fn and_of(
        mut self,
        transfers: &Transfers,
        merged: &[(u32, u32)],
        resolved: &[(u32, u32, u32)],
    ) -> Ends {
        let now: HashMap<u32, (u32, u32)> =
            resolved.iter().map(|(row, from, to)| (*row, (*from, *to))).collect();
        let mut note = |row: u32, now: (u32, u32)| {
            let at = row as usize;
            for (was, is) in
                [(transfers.from_account[at], now.0), (transfers.to_account[at], now.1)]
            {
                if was != is {
                    self.0.entry(was).or_default().insert(is);
                }
            }
        };
        now.iter().for_each(|(row, ends)| note(*row, *ends));
        for (first, further) in merged {
            if let Some(ends) = now.get(first) {
                note(*further, *ends);
            }
        }
        self
    }

    /// For each account the one that stands for it: a far end that no transfer has any more goes,
    /// a masked number or one without its bank gives way to the one account it was found to be.
    fn stand_ins(self, transfers: &Transfers, context: &Context<'_>) -> Vec<u32> {
        let accounts = context.accounts;
        let mut stands: Vec<u32> = (0..accounts.account.len() as u32).collect();
        if self.0.is_empty() {
            return stands;
        }
        let mut used = vec![false; stands.len()];
        for end in transfers.from_account.iter().chain(&transfers.to_account) {
            used[*end as usize] = true;
        }
        let kept = (context.kept)();
        for (account, now) in self.0 {
            let at = account as usize;
            if used[at] || kept.contains(&account) {
                continue;
            }
            if accounts.kind.get(at) == "unidentified" {
                stands[at] = NONE;
            } else if now.len() == 1 {
                stands[at] = now.into_iter().next().expect("one account stands there");
            }
        }
        // A stand-in is an account that stayed.
        for at in 0..stands.len() {
            let by = stands[at];
            if by != NONE && stands[by as usize] != by {
                stands[at] = at as u32;
            }
        }
        stands
    }
}

/// The accounts that stayed, and for each old row the new one of whatever stands for it.
pub fn without_replaced(table: Accounts, stands: &[u32]) -> (Accounts, Vec<u32>) {
    let rows = stands.len() as u32;
    let order: Vec<u32> = (0..rows).filter(|row| stands[*row as usize] == *row).collect();
    if order.len() == stands.len() {
        return (table, order);
    }
    let mut new_rows = vec![NONE; stands.len()];
    for (new, row) in order.iter().enumerate() {
        new_rows[*row as usize] = new as u32;
    }
    let row = |old: u32| match old {
        NONE => NONE,
        old => match stands[old as usize] {
            NONE => NONE,
            stays => new_rows[stays as usize],
        },
    };
    let table = Accounts { key: account_keys(&table.account), ..table };
    let mut kept = table.select(&order);
    for column in [&mut kept.near_account, &mut kept.linked_account] {
        column.iter_mut().for_each(|old| *old = row(*old));
    }
    (kept, (0..rows).map(row).collect())
}

/// Accounts that records other than payments tell of.
pub fn told_of(accounts: impl Iterator<Item = u32>, rows: &EntityRows) -> BTreeSet<u32> {
    accounts.map(|account| rows.row(EntityKind::Account, account)).collect()
}
