//! Balances: does what was produced add up, account by account and month by month?
//!
//! # What it finds
//! For every account whose own statements are held: whether each stated balance is the one
//! before it plus the rows between: running balances row by row, and the opening and closing
//! balance of each statement. A month `proves` when every stated balance does, `breaks` when one
//! does not, is `missing` when no statement covers it though there are statements before and
//! after it, and is `unstated` when no balance bounds its rows. For every break, what would make
//! it follow: a rejected record, a row that stands twice, a sign, two digits, a few rows.
//!
//! # Why it matters
//! A balance that does not follow from the one before means that a row is missing, misread or
//! altered. Every figure drawn from that account rests on the answer.
//!
//! # What else explains it
//! Rejected rows, a page that was not produced, holds and reversals that a bank shows in the
//! balance but not as rows. Rows of a day printed in another order than they were booked break
//! nothing where some order of that day follows; such days are counted.

mod chain;
mod explain;
mod order;
mod proof;
mod stated;
mod tables;
mod unproved;

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use self::chain::{Entry, MISDATED_DAYS, entries};
use self::explain::Explainer;
use self::proof::{Break, BreakKind};
use self::stated::{Summed, stated, sums, twins};
use crate::analyses::{Inputs, Outcome, month_after};
use crate::error::Result;
use crate::model::{Amount, Currency, EntityKind, SourceRef};
use crate::store::Case;

pub use unproved::{table_with_unproved, unproved, with_unproved};

/// Breaks of one account and currency that are explained; all of them are counted.
const EXPLAINED_MAX: usize = 100;

/// A record of an account's own statement, in the order in which the bank booked it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Booked {
    /// Row of `transfers`.
    pub transfer: u32,
    /// Row of `accounts` whose statement it is.
    pub account: u32,
    /// Currency of the balance.
    pub currency: Currency,
    /// Where it stands.
    pub at: SourceRef,
    /// When it is booked: milliseconds since 1970 UTC; absent where its place in the statement
    /// belongs to another day than the record states.
    pub booked_ms: Option<i64>,
    /// Civil day to which its place in the statement belongs.
    pub day: i32,
    /// True when money leaves the account.
    pub leaves: bool,
    /// Minor units, negative when money leaves the account.
    pub signed_minor: i64,
    /// Balance after it, minor units, where stated.
    pub balance_minor: Option<i64>,
}

/// Every record of every account's own statements, by account and currency, in the order in which
/// the bank booked them; statements written newest first are turned round. Cost: a sort.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub(crate) fn booked_in_order(case: &Case) -> Result<Vec<Booked>> {
    let entries = entries(case, &stated(case)?)?;
    let booked = entries.into_iter().map(|entry| Booked {
        transfer: entry.transfer,
        account: entry.account,
        currency: entry.currency,
        at: entry.at,
        booked_ms: (entry.day == entry.placed).then_some(entry.booked_ms),
        day: entry.placed,
        leaves: entry.signed_minor < 0,
        signed_minor: entry.signed_minor,
        balance_minor: entry.balance_minor,
    });
    Ok(booked.collect())
}

/// Keys of a query file's `[parameters]`, and flags of `balances`.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Only this account.
    #[arg(long)]
    pub account: Option<String>,
}

/// Whether a month of an account adds up.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum BalanceState {
    /// Every stated balance follows from the one before.
    Proves,
    /// Some balance does not.
    Breaks,
    /// No statement covers the month, though some cover months before and after it.
    Missing,
    /// Its rows state no balance.
    Unstated,
}

impl BalanceState {
    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            BalanceState::Proves => "proves",
            BalanceState::Breaks => "breaks",
            BalanceState::Missing => "missing",
            BalanceState::Unstated => "unstated",
        }
    }
}

/// One month of one account in one currency.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthBalance {
    /// Row of `accounts`.
    pub account: u32,
    /// Currency of the amounts.
    pub currency: Currency,
    /// First civil day of the month.
    pub month: i32,
    /// Balance before the month's first row, minor units; absent where none is stated.
    pub opening_minor: Option<i64>,
    /// Balance after its last row, minor units.
    pub closing_minor: Option<i64>,
    /// Rows of the month.
    pub records: u64,
    /// Whether it adds up.
    pub state: BalanceState,
    /// Balances that do not follow, where they show.
    pub breaks: u64,
    /// First of them: the balance stated less the one that follows, and where it stands.
    pub first_break: Option<(i64, SourceRef)>,
    /// Days whose rows follow in another order than the printed one.
    pub reordered_days: u64,
}

/// Everything that was found about the balances of a case.
#[derive(Debug, Default)]
pub struct Proofs {
    /// In order of account, currency and month.
    pub months: Vec<MonthBalance>,
    /// Every statement with its sum, in order of account, currency and place.
    summed: Vec<Summed>,
    /// Balances that do not follow, each with what would explain it, in order of account.
    broken: Vec<(Break, Vec<explain::Explanation>)>,
    /// Accounts with a silence too long to list its months, and its first and last day.
    silences: Vec<(u32, i32, i32)>,
    /// Rows dated far from where their statement has them.
    misdated: Vec<(SourceRef, i32)>,
}

impl Proofs {
    /// What statements that are not held would show in all, by the balances before and after
    /// them: of each currency in which the account was still around days `from` to `to`.
    pub fn unheld(&self, account: u32, from: i32, to: i32) -> Vec<Amount> {
        let around = |found: &&Break| {
            found.kind == BreakKind::Unheld
                && found.account == account
                && found.day_before.is_some_and(|before| before < from)
                && to < found.day
        };
        let found = self.broken.iter().map(|(found, _)| found).filter(around);
        found.map(|one| Amount { minor: one.difference_minor, currency: one.currency }).collect()
    }
}

/// Proves every balance. Tables: `balances`, in order of account, currency, month;
/// `statement_balances`, by account, currency and place; `explanations`, by account and place.
///
/// # Errors
///
/// [`crate::Error::Unknown`] if the account is not in the case;
/// [`crate::Error::AmountOverflow`]; [`crate::Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let case = inputs.case;
    let only = match &params.account {
        Some(name) => Some(case.find_one(name, &[EntityKind::Account])?.row),
        None => None,
    };
    let tables = tables::all(case, inputs.proofs()?, only)?;
    Ok(Outcome { tables, findings: Vec::new() })
}

/// Every month, statement and break of every account whose own statements are held. Cost: rows
/// of `transfers` and `refs`, sorted; [`Inputs::month_balances`] keeps the answer.
///
/// # Errors
///
/// [`crate::Error::AmountOverflow`]; [`crate::Error::File`] if the store is damaged.
pub fn proofs(case: &Case) -> Result<Proofs> {
    let stated = stated(case)?;
    let entries = entries(case, &stated)?;
    let mut broken: Vec<(Break, (usize, usize))> = Vec::new();
    let mut proofs = Proofs::default();
    if stated.is_empty() && entries.is_empty() {
        return Ok(proofs);
    }
    let covered = Covered::new(case)?;
    let of_row = |row: &Entry| (row.account, row.currency);
    let mut keys: Vec<(u32, Currency)> =
        stated.iter().map(|one| (one.account, one.currency)).collect();
    keys.extend(
        entries
            .chunk_by(|left, right| of_row(left) == of_row(right))
            .map(|chain| of_row(&chain[0])),
    );
    keys.sort_unstable();
    keys.dedup();
    let twins = twins(case)?;
    for key in keys {
        let start = entries.partition_point(|row| of_row(row) < key);
        let chain = &entries[start..];
        let chain = &chain[..chain.partition_point(|row| of_row(row) == key)];
        let from = stated.partition_point(|one| (one.account, one.currency) < key);
        let to = stated.partition_point(|one| (one.account, one.currency) <= key);
        let summed = sums(chain, &stated[from..to], &twins)?;
        let proof = proof::prove(key, chain, &summed, &covered)?;
        let rows = (start, start + chain.len());
        broken.extend(proof.breaks.into_iter().take(EXPLAINED_MAX).map(|found| (found, rows)));
        proofs.months.extend(proof.months);
        proofs.summed.extend(summed);
        proofs.silences.extend(proof.silences.into_iter().map(|(from, to)| (key.0, from, to - 1)));
        let far = |row: &&Entry| row.day.abs_diff(row.placed) > MISDATED_DAYS.unsigned_abs();
        proofs.misdated.extend(chain.iter().filter(far).map(|row| (row.at, row.day)));
    }
    let explainer = Explainer::new(case, broken.iter().map(|(found, _)| found))?;
    for (found, (start, end)) in broken {
        let explained = explainer.explain(&found, &entries[start..end])?;
        proofs.broken.push((found, explained));
    }
    Ok(proofs)
}

/// Days that statements cover, per account.
struct Covered(BTreeMap<u32, Vec<(i32, i32)>>);

impl Covered {
    fn new(case: &Case) -> Result<Covered> {
        let coverage = case.coverage()?;
        let mut spans: BTreeMap<u32, Vec<(i32, i32)>> = BTreeMap::new();
        for row in 0..coverage.account.len() {
            if coverage.state.get(row) == "covers" {
                let span = (coverage.from_day[row], coverage.to_day[row]);
                spans.entry(coverage.account[row]).or_default().push(span);
            }
        }
        spans.values_mut().for_each(|spans| spans.sort_unstable());
        Ok(Covered(spans))
    }

    /// True when every day of the month that starts on `first` is covered.
    fn whole_month(&self, account: u32, first: i32) -> bool {
        let end = month_after(first);
        let mut next = first;
        for (from, to) in self.0.get(&account).into_iter().flatten() {
            if *from <= next {
                next = next.max(to.saturating_add(1));
            }
        }
        next >= end
    }
}

#[cfg(test)]
mod tests;
