//! The tables that both legs leave: the transfers with one row each, their further readings, what
//! arrived, what each merge took, and the pairs that stay two.
//!
//! Which records are one transfer is decided before.

use std::collections::BTreeMap;

use crate::normalise::Legs;
use crate::store::load::same_money::both_legs::Received;
use crate::store::load::same_money::lessened::Lessened;
use crate::store::load::same_money::record_texts::Place;
use crate::store::load::same_money::row_map::RowMap;
use crate::store::tables::*;

/// What arrived, by row of the merged table. Cost: one look-up for each.
pub fn conversions(received: &[Received], kept_rows: &RowMap) -> Conversions {
    let mut rows: Vec<Received> = received
        .iter()
        .map(|(row, minor, currency)| (kept_rows.row(*row), *minor, *currency))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    assert!(rows.windows(2).all(|pair| pair[0].0 != pair[1].0), "a transfer arrives once");
    let mut table = Conversions::default();
    for (row, minor, currency) in rows {
        table.transfer.push(row);
        table.received_minor.push(minor);
        table.received_currency.push(currency);
    }
    table
}

/// Takes the further records of each transfer out of the transfers and into `refs`, and puts the
/// accounts that they identify in their place; also the new row of every old one, of a further
/// reading that of its transfer.
pub fn merge_legs(mut old: Transfers, legs: &Legs) -> (Transfers, RowMap, Refs) {
    for (row, from, to) in &legs.resolved {
        old.from_account[*row as usize] = *from;
        old.to_account[*row as usize] = *to;
    }
    if legs.merged.is_empty() {
        return (old, RowMap::Unmoved, Refs::default());
    }
    let mut dropped = vec![false; old.line.len()];
    for (_, drop) in &legs.merged {
        dropped[*drop as usize] = true;
    }
    let (order, mut kept_rows) =
        RowMap::keeping(old.line.len() as u32, |row| !dropped[row as usize]);
    drop(dropped);
    let mut pairs: Vec<(u32, u32)> =
        legs.merged.iter().map(|(keep, drop)| (kept_rows.row(*keep), *drop)).collect();
    pairs.sort_unstable();
    let mut refs = Refs::default();
    for (row, drop) in pairs {
        let at = drop as usize;
        kept_rows.stand_in(drop, row);
        refs.of.push("transfers");
        refs.row.push(row);
        refs.side.push(old.side[at]);
        refs.booked_ms.push(old.booked_ms[at]);
        refs.day.push(old.day[at]);
        refs.source.push(old.source[at]);
        refs.line.push(old.line[at]);
        refs.whole_minor.push(None);
    }
    (old.select(&order), kept_rows, refs)
}

/// An entry that books several transfers in one sum.
#[derive(Clone, Debug)]
pub struct SumEntry {
    /// Rows of the transfers that it books.
    pub parts: Vec<u32>,
    /// Whose record it is.
    pub side: Side,
    /// When it books them, milliseconds since 1970 UTC.
    pub booked_ms: i64,
    /// Civil day of the same.
    pub day: i32,
    /// Where it stands.
    pub at: Place,
    /// Its amount, positive.
    pub amount_minor: i64,
    /// What ties it to them.
    pub why: &'static str,
}

impl SumEntry {
    /// The entries whose parts were found, before either is moved.
    pub fn all(transfers: &Transfers, sums: &[(u32, Vec<u32>, &'static str)]) -> Vec<SumEntry> {
        let entry = |(row, parts, why): &(u32, Vec<u32>, &'static str)| {
            let at = *row as usize;
            SumEntry {
                parts: parts.clone(),
                side: transfers.side[at],
                booked_ms: transfers.booked_ms[at],
                day: transfers.day[at],
                at: (transfers.source[at], transfers.line[at]),
                amount_minor: transfers.amount_minor[at],
                why,
            }
        };
        sums.iter().map(entry).collect()
    }
}

/// Adds entries to the further readings of each of their parts; `row_of` gives the final row of
/// each old one.
pub fn with_sums(mut refs: Refs, sums: &[SumEntry], row_of: &dyn Fn(u32) -> u32) -> Refs {
    if sums.is_empty() {
        return refs;
    }
    for one in sums {
        for part in &one.parts {
            refs.of.push("transfers");
            refs.row.push(row_of(*part));
            refs.side.push(one.side);
            refs.booked_ms.push(one.booked_ms);
            refs.day.push(one.day);
            refs.source.push(one.at.0);
            refs.line.push(one.at.1);
            refs.whole_minor.push(Some(one.amount_minor));
        }
    }
    let mut order: Vec<u32> = (0..refs.row.len() as u32).collect();
    order.sort_by_key(|at| refs.row[*at as usize]);
    refs.select(&order)
}

/// Adds to what merges took why entries are the sums of transfers, by row of the merged table.
pub fn with_sum_evidence(
    evidence: LegEvidence,
    sums: &[SumEntry],
    row_of: &dyn Fn(u32) -> u32,
) -> LegEvidence {
    if sums.is_empty() {
        return evidence;
    }
    let mut evidence = evidence;
    for one in sums {
        for part in &one.parts {
            evidence.transfer.push(row_of(*part));
            evidence.source.push(one.at.0);
            evidence.line.push(one.at.1);
            evidence.evidence.push(one.why);
        }
    }
    let key = |at: &u32| {
        let at = *at as usize;
        (evidence.transfer[at], evidence.source[at], evidence.line[at])
    };
    let mut order: Vec<u32> = (0..evidence.transfer.len() as u32).collect();
    order.sort_by_key(key);
    evidence.select(&order)
}

/// What each merge took, by row of the merged table; `places` are those of the old rows.
pub fn leg_evidence(legs: &Legs, kept_rows: &RowMap, place: &dyn Fn(u32) -> Place) -> LegEvidence {
    let mut rows: Vec<(u32, Place, &str)> = legs
        .evidence
        .iter()
        .map(|(row, why)| (kept_rows.row(*row), place(*row), why.as_str()))
        .collect();
    rows.sort_unstable();
    let mut table = LegEvidence::default();
    for (transfer, (source, line), evidence) in rows {
        table.transfer.push(transfer);
        table.source.push(source);
        table.line.push(line);
        table.evidence.push(evidence);
    }
    table
}

/// Pairs that fit and stay two transfers, by row of the merged table; `lessened` are those of which
/// less arrived than was sent.
pub fn possible_pairs(legs: &Legs, lessened: &[Lessened], kept_rows: &RowMap) -> PossiblePairs {
    let mut pairs: BTreeMap<(u32, u32), &str> = BTreeMap::new();
    let possible = legs.possible.iter().copied();
    let lessened = lessened.iter().map(|(one, other, why)| (*one, *other, why.as_str()));
    for (one, other, why) in possible.chain(lessened) {
        let (one, other) = (kept_rows.row(one), kept_rows.row(other));
        // Two transfers are listed once, whichever of their readings fit.
        if one != other && !pairs.contains_key(&(other, one)) {
            pairs.entry((one, other)).or_insert(why);
        }
    }
    let mut table = PossiblePairs::default();
    for ((one, other), why) in pairs {
        table.transfer.push(one);
        table.other.push(other);
        table.why.push(why);
    }
    table
}
