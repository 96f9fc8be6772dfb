//! The rows of each account's own statements, in the order in which the bank booked them.

use std::collections::BTreeMap;

use crate::analyses::{Readings, detail_row};
use crate::error::Result;
use crate::model::{Currency, SourceRef};
use crate::store::{Case, Side};

/// One row of an account's own statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    /// Row of `accounts` whose statement it is.
    pub account: u32,
    /// Currency of amount and balance.
    pub currency: Currency,
    /// Where it stands.
    pub at: SourceRef,
    /// Civil day on which the statement books it.
    pub day: i32,
    /// Minor units, negative when money leaves the account.
    pub signed_minor: i64,
    /// Balance after it, minor units, where stated.
    pub balance_minor: Option<i64>,
}

/// Every row of every own statement by account and currency, in order of booking. Lists that are
/// nobody's own have no balance to prove and are left out.
pub(super) fn entries(case: &Case) -> Result<Vec<Entry>> {
    let transfers = case.transfers()?;
    let details = case.details()?;
    let readings = Readings::new(case)?;
    let received = received(case)?;
    let mut entries = Vec::new();
    for row in 0..transfers.day.len() {
        let left = (transfers.amount_minor[row], transfers.currency[row]);
        for reading in readings.of(row as u32) {
            let (account, signed_minor, currency) = match reading.side {
                Side::Sender => (transfers.from_account[row], -left.0, left.1),
                Side::Receiver => {
                    let (minor, currency) = received.get(&(row as u32)).copied().unwrap_or(left);
                    (transfers.to_account[row], minor, currency)
                }
                Side::List => continue,
            };
            entries.push(Entry {
                account,
                currency,
                at: reading.at,
                day: reading.day,
                signed_minor,
                balance_minor: detail_row(details, reading.at)
                    .and_then(|detail| details.balance_minor[detail]),
            });
        }
    }
    entries.sort_unstable_by_key(|entry| (entry.account, entry.currency, entry.at));
    Ok(booking_order(&entries))
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
fn booking_order(entries: &[Entry]) -> Vec<Entry> {
    let mut ordered: Vec<(Entry, i32, usize)> = Vec::with_capacity(entries.len());
    let same = |left: &Entry, right: &Entry| {
        (left.account, left.currency, left.at.source)
            == (right.account, right.currency, right.at.source)
    };
    for statement in entries.chunk_by(same) {
        let newest_first = is_newest_first(statement);
        // A row dated before its neighbours stays where the statement has it.
        let mut day = i32::MIN;
        for at in 0..statement.len() {
            let entry = statement[if newest_first { statement.len() - 1 - at } else { at }];
            day = day.max(entry.day);
            ordered.push((entry, day, at));
        }
    }
    ordered.sort_unstable_by_key(|(entry, day, at)| {
        (entry.account, entry.currency, *day, entry.at.source, *at)
    });
    ordered.into_iter().map(|(entry, ..)| entry).collect()
}

/// True when a statement's days never rise and its balances follow better from the last line up,
/// or decide nothing while its days fall.
fn is_newest_first(statement: &[Entry]) -> bool {
    if statement.windows(2).any(|pair| pair[0].day < pair[1].day) {
        return false;
    }
    let down = breaks(statement.iter());
    let up = breaks(statement.iter().rev());
    let falls = statement.windows(2).any(|pair| pair[0].day > pair[1].day);
    up < down || (up == down && falls)
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
