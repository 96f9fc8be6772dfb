//! The rows of each account's own statements, in the order in which the bank booked them.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use super::stated::Stated;
use crate::analyses::{Reading, Readings, detail_row};
use crate::error::Result;
use crate::model::{Currency, SourceRef};
use crate::store::{Case, Side};

/// A row dated further than this from where its statement has it is told to the reader.
pub(super) const MISDATED_DAYS: i32 = 31;

/// One row of an account's own statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    /// Row of `accounts` whose statement it is.
    pub account: u32,
    /// Currency of amount and balance.
    pub currency: Currency,
    /// Where it stands.
    pub at: SourceRef,
    /// When the statement books it: milliseconds since 1970 UTC.
    pub booked_ms: i64,
    /// Civil day of the same.
    pub day: i32,
    /// Civil day to which its place in the statement belongs: its own, unless its neighbours
    /// speak against it.
    pub placed: i32,
    /// Row of `transfers`.
    pub transfer: u32,
    /// Minor units, negative when money leaves the account.
    pub signed_minor: i64,
    /// Balance after it, minor units, where stated.
    pub balance_minor: Option<i64>,
}

/// Every row of every own statement by account and currency, in order of booking. Lists that are
/// nobody's own have no balance to prove and are left out.
pub(super) fn entries(case: &Case, stated: &[Stated]) -> Result<Vec<Entry>> {
    let transfers = case.transfer_rows()?;
    let rows = 0..transfers.len() as u32;
    let is_list = |side: Side| side == Side::List;
    // A list of millions of payments has no text beside them that is worth reading for this.
    let listed = rows.clone().into_par_iter().all(|row| is_list(transfers.side(row)));
    if listed && case.refs()?.side.iter().all(|side| is_list(*side)) {
        return Ok(Vec::new());
    }
    let details = case.details()?;
    let readings = Readings::new(case)?;
    let received = received(case)?;
    let mut entries = Vec::new();
    let booked_in_sums = case.refs()?.whole_minor.iter().any(Option::is_some);
    let mut sums: HashSet<SourceRef> = HashSet::new();
    for row in rows {
        let sent = transfers.sent(row);
        let left = (sent.minor, sent.currency);
        for reading in readings.of(row) {
            // Where the statement books several payments in one sum, that sum is its row, once;
            // the notice that names them is beside it.
            let in_sum = |one: Reading| one.side == reading.side && one.whole_minor.is_some();
            match reading.whole_minor {
                Some(_) if !sums.insert(reading.at) => continue,
                None if booked_in_sums && readings.of(row).any(in_sum) => continue,
                _ => {}
            }
            let whole = reading.whole_minor;
            let (account, signed_minor, currency) = match reading.side {
                Side::Sender => (transfers.from_account(row), -whole.unwrap_or(left.0), left.1),
                Side::Receiver => {
                    let (minor, currency) = received.get(&row).copied().unwrap_or(left);
                    (transfers.to_account(row), whole.unwrap_or(minor), currency)
                }
                Side::List => continue,
            };
            entries.push(Entry {
                account,
                currency,
                at: reading.at,
                booked_ms: reading.booked_ms,
                day: reading.day,
                placed: reading.day,
                transfer: row,
                signed_minor,
                balance_minor: detail_row(details, reading.at)
                    .and_then(|detail| details.balance_minor[detail]),
            });
        }
    }
    // A transfer of an account to itself has two readings on one line, told apart by the way.
    entries.par_sort_unstable_by_key(|entry| {
        (entry.account, entry.currency, entry.at, entry.transfer, entry.signed_minor)
    });
    Ok(booking_order(&entries, stated))
}

fn received(case: &Case) -> Result<BTreeMap<u32, (i64, Currency)>> {
    let conversions = case.conversions()?;
    let arrived = |at: usize| (conversions.received_minor[at], conversions.received_currency[at]);
    Ok((0..conversions.transfer.len()).map(|at| (conversions.transfer[at], arrived(at))).collect())
}

/// Turns newest-first statements round and lays statements of one account one into the other by
/// day; `entries` are sorted by account, currency, source and line.
///
/// Laying them by day rather than end to end matters where a later return repeats days of an
/// earlier one: the repeated records are counted once, in the earlier source, and the later one
/// has a hole there that only the earlier fills.
fn booking_order(entries: &[Entry], stated: &[Stated]) -> Vec<Entry> {
    // The entry, the first and last day and the line of its statement, and its place there.
    type Placed = (Entry, (i32, i32, u32), u32);
    let mut ordered: Vec<Placed> = Vec::with_capacity(entries.len());
    let of = |entry: &Entry| {
        let at = stated.partition_point(|one| {
            (one.account, one.currency, one.source, one.first_line())
                <= (entry.account, entry.currency, entry.at.source, entry.at.line)
        });
        at.checked_sub(1).filter(|at| stated[*at].holds(entry))
    };
    let same = |left: &Entry, right: &Entry| {
        (left.account, left.currency, left.at.source)
            == (right.account, right.currency, right.at.source)
            && (stated.is_empty() || of(left) == of(right))
    };
    // A statement of one day does not show its order; then it is that of others in its file.
    let shown: Vec<Option<bool>> = entries.chunk_by(same).map(is_newest_first).collect();
    let mut newest_over_oldest: BTreeMap<u32, i64> = BTreeMap::new();
    for (statement, shown) in entries.chunk_by(same).zip(&shown) {
        let more = newest_over_oldest.entry(statement[0].at.source).or_default();
        *more += shown.map_or(0, |newest| if newest { 1 } else { -1 });
    }
    for (statement, shown) in entries.chunk_by(same).zip(shown) {
        let in_file = newest_over_oldest[&statement[0].at.source] > 0;
        let mut rows = statement.to_vec();
        if shown.unwrap_or(in_file) {
            rows.reverse();
        }
        place(&mut rows);
        let (first, last) = (rows[0].placed, rows[rows.len() - 1].placed);
        let line = statement[0].at.line;
        let placed = rows.into_iter().enumerate();
        ordered.extend(placed.map(|(at, entry)| (entry, (last, first, line), at as u32)));
    }
    ordered.par_sort_unstable_by_key(|(entry, statement, at)| {
        (entry.account, entry.currency, entry.placed, entry.at.source, *statement, *at)
    });
    ordered.into_iter().map(|(entry, ..)| entry).collect()
}

/// Gives each row the day to which its place belongs: rows whose days never fall, as many as
/// there can be, keep theirs, and the others take the day before them. One mistyped year then
/// moves no other row.
fn place(rows: &mut [Entry]) {
    if rows.windows(2).all(|pair| pair[0].day <= pair[1].day) {
        return;
    }
    // The longest run of days that never falls, by patience: `tops[n]` ends the best run of n+1.
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; rows.len()];
    for at in 0..rows.len() {
        let length = tops.partition_point(|top| rows[*top].day <= rows[at].day);
        before[at] = length.checked_sub(1).map(|shorter| tops[shorter]);
        if length == tops.len() {
            tops.push(at);
        } else {
            tops[length] = at;
        }
    }
    let mut kept = vec![false; rows.len()];
    let mut next = tops.last().copied();
    while let Some(at) = next {
        kept[at] = true;
        next = before[at];
    }
    let first = kept.iter().position(|kept| *kept).unwrap_or(0);
    let mut day = rows[first].day;
    for (row, kept) in rows.iter_mut().zip(kept) {
        if kept {
            day = row.day;
        }
        row.placed = day;
    }
}

/// True when a statement's days fall more than they rise and its balances follow no worse from
/// the last line up, or its balances alone say so; nothing when neither shows its order.
fn is_newest_first(statement: &[Entry]) -> Option<bool> {
    let pairs = || statement.windows(2).map(|pair| pair[1].day.cmp(&pair[0].day));
    let rises = pairs().filter(|order| order.is_gt()).count();
    let falls = pairs().filter(|order| order.is_lt()).count();
    if rises > falls {
        return Some(false);
    }
    let down = breaks(statement.iter());
    let up = breaks(statement.iter().rev());
    if up == down && falls == rises {
        return None;
    }
    Some(up < down || (up == down && falls > rises))
}

fn breaks<'a>(rows: impl Iterator<Item = &'a Entry>) -> usize {
    let mut balance: Option<i128> = None;
    let mut breaks = 0;
    for entry in rows {
        balance = balance.map(|before| before + i128::from(entry.signed_minor));
        if let Some(found) = entry.balance_minor.map(i128::from) {
            breaks += usize::from(balance.is_some_and(|follows| follows != found));
            balance = Some(found);
        }
    }
    breaks
}
