//! Payments that came back in part: which earlier, larger payment may each undo?
//!
//! Answers this only of reversals to which no payment of their amount is tied. A reference that
//! the record states of its original, or a cheque's, trace or reference number that both hold,
//! ties the two where one payment alone has it and no more comes back than it was. What only the
//! counterparty suggests is named in the reversal's row and left for a person: nothing is tied.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::error::Result;
use crate::model::{Amount, Currency, Digits, NONE};
use crate::normalise::{part_undone, same_end};
use crate::store::case_store::CaseWriter;
use crate::store::load::same_money::record_texts::RecordTexts;
use crate::store::load::same_money::reversed::{
    Entry, Key, Said, Told, Tying, days_before, each_entry,
};
use crate::store::tables::{Refs, Sources, Transfers};

/// Larger payments that are looked at for one reversal: the latest before it.
const LARGER_MAX: usize = 500;
/// Of those that the counterparty suggests, how many a row names.
const NAMED_MAX: usize = 3;

/// What the search asks of the case.
pub struct Parts<'a> {
    /// Transfers, one row each.
    pub transfers: &'a Transfers,
    /// Their further readings.
    pub refs: &'a Refs,
    /// Where sources are named.
    pub sources: &'a Sources,
    /// What says of which records that they undo others.
    pub said: &'a Said<'a>,
    /// Days before a reversal within which its original is looked for.
    pub window_days: i32,
}

/// One movement of an account with its amount, negative when it leaves.
type Larger = (i64, Entry);

/// Rows in place of those of `rows` that name no original: tied, or with what may be meant. `rows`
/// hold every reversal once or, where several originals fit, more often.
///
/// Cost: a pass over the transfers, and the texts of the larger payments of these accounts.
///
/// # Errors
///
/// [`crate::Error::File`] if texts cannot be read back.
pub fn with_parts(
    rows: Vec<Told>,
    reversals: &[(Key, Entry)],
    parts: &Parts<'_>,
    writer: &CaseWriter,
) -> Result<Vec<Told>> {
    let untied: BTreeSet<u32> = rows.iter().filter(|row| row.1 == NONE).map(|row| row.0).collect();
    if untied.is_empty() {
        return Ok(rows);
    }
    let open: Vec<&(Key, Entry)> =
        reversals.iter().filter(|(_, entry)| untied.contains(&entry.row)).collect();
    let larger = parts.larger(&open);
    let mut wanted: Vec<_> =
        larger.iter().flat_map(|(_, near)| near.iter().map(|one| one.1.at)).collect();
    wanted.extend(larger.iter().map(|(reversal, _)| reversal.1.at));
    wanted.sort_unstable();
    wanted.dedup();
    let texts = RecordTexts::read(writer, &wanted, false)?;
    let digits = &writer.manifest().digits;
    let tying = Tying { texts: &texts, said: parts.said, window_days: parts.window_days, digits };
    let mut found: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
    for (reversal, near) in &larger {
        let part = parts.part(&tying, reversal, near);
        found.entry(reversal.1.row).or_default().push(part);
    }
    let found: BTreeMap<u32, Part> =
        found.into_iter().filter_map(|(row, all)| Some((row, best(all)?))).collect();
    let taken = taken_apart(&rows, &found, parts.transfers);
    let told = |(transfer, original, stated_by, why): Told| match found.get(&transfer) {
        Some(part) if original == NONE => {
            let (original, why) = part.told(&why, &taken, parts, digits, transfer);
            (transfer, original, stated_by, why)
        }
        _ => (transfer, original, stated_by, why),
    };
    Ok(rows.into_iter().map(told).collect())
}

/// What one reading of a reversal may undo a part of.
#[derive(Clone, Debug)]
enum Part {
    /// One payment, and what ties it.
    Tied(Entry, &'static str),
    /// Payments that fit by less.
    May(Vec<Entry>, &'static str),
}

/// A reading that ties before one that only suggests.
fn best(all: Vec<Part>) -> Option<Part> {
    let tied = all.iter().position(|one| matches!(one, Part::Tied(..)));
    let may = |one: &Part| matches!(one, Part::May(some, _) if !some.is_empty());
    let at = tied.or_else(|| all.iter().position(may))?;
    all.into_iter().nth(at)
}

/// Originals of which more would come back than they were, or that came back whole already.
fn taken_apart(rows: &[Told], found: &BTreeMap<u32, Part>, transfers: &Transfers) -> HashSet<u32> {
    let whole: HashSet<u32> = rows.iter().filter(|row| row.1 != NONE).map(|row| row.1).collect();
    let amount = |row: u32| i128::from(transfers.amount_minor[row as usize]);
    let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
    for (row, part) in found {
        if let Part::Tied(original, _) = part {
            *sums.entry(original.row).or_default() += amount(*row);
        }
    }
    let mut taken: HashSet<u32> =
        sums.into_iter().filter(|(row, sum)| *sum > amount(*row)).map(|(row, _)| row).collect();
    taken.extend(whole);
    taken
}

impl Part {
    /// The original where one is tied, and what stands beside it.
    fn told(
        &self,
        none: &str,
        taken: &HashSet<u32>,
        parts: &Parts<'_>,
        digits: &Digits,
        transfer: u32,
    ) -> (u32, String) {
        let people = |row: u32| {
            let (minor, currency): (i64, Currency) = (
                parts.transfers.amount_minor[row as usize],
                parts.transfers.currency[row as usize],
            );
            digits.people(Amount { minor, currency })
        };
        let (some, by) = match self {
            Part::Tied(original, by) if !taken.contains(&original.row) => {
                let why = format!("{by}; {} of {}", people(transfer), people(original.row));
                return (original.row, why);
            }
            Part::Tied(original, by) => (std::slice::from_ref(original), *by),
            Part::May(some, by) => (some.as_slice(), *by),
        };
        let name = |one: &Entry| {
            let source = parts.sources.source.get(one.at.0 as usize);
            format!("{source}:{}, {}", one.at.1, people(one.row))
        };
        let named: Vec<String> = some.iter().take(NAMED_MAX).map(name).collect();
        let more = match some.len() - named.len() {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        (NONE, format!("{none}; it may undo a part of {} ({by}){more}", named.join("; or of ")))
    }
}

impl Parts<'_> {
    /// Each open reversal with the larger payments of its account, the other way and before it,
    /// the latest first.
    fn larger<'r>(&self, open: &[&'r (Key, Entry)]) -> Vec<(&'r (Key, Entry), Vec<Larger>)> {
        let accounts: HashSet<(u32, Currency)> =
            open.iter().map(|(key, _)| (key.0, key.2)).collect();
        let mut of_account: BTreeMap<(u32, Currency), Vec<Larger>> = BTreeMap::new();
        each_entry(self.transfers, self.refs, |(account, signed, currency), entry| {
            if accounts.contains(&(account, currency)) && !self.said.of(&entry) {
                of_account.entry((account, currency)).or_default().push((signed, entry));
            }
        });
        for all in of_account.values_mut() {
            all.sort_by_key(|(_, one)| (std::cmp::Reverse(one.day), one.row, one.at));
        }
        let near = |(key, entry): &(Key, Entry)| -> Vec<Larger> {
            let Some(all) = of_account.get(&(key.0, key.2)) else { return Vec::new() };
            let fits = |(signed, one): &&Larger| {
                signed.signum() == -key.1.signum()
                    && signed.unsigned_abs() > key.1.unsigned_abs()
                    && one.row != entry.row
            };
            // The latest stand first.
            let after = all.partition_point(|(_, one)| days_before(entry, one) < 0);
            let within = i64::from(self.window_days);
            let before = all[after..].iter().take_while(|it| days_before(entry, &it.1) <= within);
            before.filter(fits).take(LARGER_MAX).copied().collect()
        };
        open.iter().map(|one| (*one, near(one))).collect()
    }

    fn part(&self, tying: &Tying<'_>, reversal: &(Key, Entry), near: &[Larger]) -> Part {
        let own = tying.said_of(&reversal.1);
        let all: Vec<String> = near.iter().map(|(_, one)| tying.said_of(one)).collect();
        let movements: Vec<_> =
            near.iter().zip(&all).map(|((_, one), said)| tying.movement(one, said)).collect();
        let mine = tying.movement(&reversal.1, &own);
        let entries = |found: Vec<usize>| -> Vec<Entry> {
            // Two readings of one payment are one.
            let mut seen = HashSet::new();
            let rows = found.into_iter().map(|at| near[at].1);
            rows.filter(|one| seen.insert(one.row)).collect()
        };
        let (tied, by) = part_undone(&mine, &movements);
        match entries(tied).as_slice() {
            [] => Part::May(entries(same_end(&mine, &movements)), "the same counterparty"),
            [one] => Part::Tied(*one, by),
            several => Part::May(several.to_vec(), by),
        }
    }
}
