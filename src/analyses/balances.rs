//! Running balances: does what was produced add up, account by account and month by month?
//!
//! # What it finds
//! For every account whose own statements are held: whether each running balance is the one
//! before it plus the amount of the row. A month `proves` when every stated balance does,
//! `breaks` when one does not, is `missing` when no statement covers it though there are
//! statements before and after it, and is `unstated` when its rows state no balance.
//!
//! # Why it matters
//! A balance that does not follow from the one before means that a row is missing, misread or
//! altered. Every figure drawn from that account rests on the answer.
//!
//! # What else explains it
//! Rejected rows, a page that was not produced, a day's rows printed in another order than they
//! were booked, holds and reversals that a bank shows in the balance but not as rows.

mod chain;

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use self::chain::{Entry, entries};
use crate::analyses::{Inputs, Outcome, month_after, month_of, month_text};
use crate::error::{Error, Result};
use crate::model::{Amount, Currency, EntityKind, ResultTable, SourceRef, Values};
use crate::store::Case;

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
    /// Rows whose balance does not follow.
    pub breaks: u64,
    /// First of them: the balance stated less the one that follows, and where it stands.
    pub first_break: Option<(i64, SourceRef)>,
}

/// Proves every balance. Table: `balances`, in order of account, currency, month.
///
/// # Errors
///
/// [`Error::Unknown`] if the account is not in the case; [`Error::AmountOverflow`]; and
/// [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let case = inputs.case;
    let mut months: Vec<&MonthBalance> = inputs.month_balances()?.iter().collect();
    if let Some(name) = &params.account {
        let account = case.find_one(name, &[EntityKind::Account])?;
        months.retain(|month| month.account == account.row);
    }
    Ok(Outcome { tables: vec![table(case, &months)?], findings: Vec::new() })
}

fn table(case: &Case, months: &[&MonthBalance]) -> Result<ResultTable> {
    let accounts = case.accounts()?;
    let sources = case.sources()?;
    let text = |of: &dyn Fn(&MonthBalance) -> String| {
        Values::Text(months.iter().map(|month| of(month)).collect())
    };
    let money = |of: &dyn Fn(&MonthBalance) -> Option<i64>| {
        let amount = |month: &MonthBalance| {
            of(month).map(|minor| Amount { minor, currency: month.currency })
        };
        Values::Money(months.iter().map(|month| amount(month)).collect())
    };
    let count = |of: &dyn Fn(&MonthBalance) -> Option<i64>| {
        Values::Count(months.iter().map(|month| of(month)).collect())
    };
    let broken_in = |month: &MonthBalance| {
        let at = month.first_break.map(|(_, at)| at.source as usize);
        at.map_or_else(String::new, |source| sources.source.get(source).to_owned())
    };
    let table = ResultTable::new("balances")
        .with("account", text(&|month| accounts.account.get(month.account as usize).to_owned()))
        .with("month", text(&|month| month_text(month.month)))
        .with("opening", money(&|month| month.opening_minor))
        .with("closing", money(&|month| month.closing_minor))
        .with("records", count(&|month| Some(month.records as i64)))
        .with("state", text(&|month| month.state.word().to_owned()))
        .with("difference", money(&|month| month.first_break.map(|(minor, _)| minor)))
        .with("source", text(&broken_in))
        .with("line", count(&|month| month.first_break.map(|(_, at)| i64::from(at.line))))
        .with("currency", text(&|month| month.currency.to_string()))
        .with("breaks", count(&|month| Some(month.breaks as i64)));
    let note = if months.is_empty() {
        "No account's own statements are held, so no balance can be proved."
    } else {
        "`difference`, `source` and `line` are of the first row whose balance is not the one \
         before it plus its amount; `breaks` counts such rows."
    };
    Ok(table.note(note))
}

/// Every month of every account whose own statements are held, in order of account, currency
/// and month. Cost: rows of `transfers` and `refs`, sorted; [`Inputs::month_balances`] keeps the
/// answer.
///
/// # Errors
///
/// [`Error::AmountOverflow`]; [`Error::File`] if the store is damaged.
pub fn month_balances(case: &Case) -> Result<Vec<MonthBalance>> {
    let entries = entries(case)?;
    let covered = Covered::new(case)?;
    let mut months = Vec::new();
    let same = |left: &Entry, right: &Entry| {
        (left.account, left.currency) == (right.account, right.currency)
    };
    for chain in entries.chunk_by(same) {
        prove(chain, &covered, &mut months)?;
    }
    Ok(months)
}

/// Walks one account's rows in the order in which they were booked.
fn prove(chain: &[Entry], covered: &Covered, months: &mut Vec<MonthBalance>) -> Result<()> {
    let (account, currency) = (chain[0].account, chain[0].currency);
    let mut balance: Option<i128> = None;
    let mut before: Option<i32> = None;
    for run in chain.chunk_by(|left, right| month_of(left.day) == month_of(right.day)) {
        let month = month_of(run[0].day);
        let mut between = before.map_or(month, month_after);
        while between < month {
            let held = covered.whole_month(account, between);
            // A month that is covered and has no row leaves the balance as it was; one that is
            // not covered says nothing about the next.
            balance = balance.filter(|_| held);
            let state = match (held, balance) {
                (false, _) => BalanceState::Missing,
                (true, None) => BalanceState::Unstated,
                (true, Some(_)) => BalanceState::Proves,
            };
            months.push(MonthBalance {
                account,
                currency,
                month: between,
                opening_minor: minor(balance)?,
                closing_minor: minor(balance)?,
                records: 0,
                state,
                breaks: 0,
                first_break: None,
            });
            between = month_after(between);
        }
        months.push(prove_month(run, month, &mut balance)?);
        before = Some(month);
    }
    Ok(())
}

/// Proves the rows of one month from the balance before them, which is left as it is after them.
fn prove_month(run: &[Entry], month: i32, balance: &mut Option<i128>) -> Result<MonthBalance> {
    let mut opening = *balance;
    let mut moved = 0_i128;
    let (mut stated, mut breaks, mut first_break) = (0_u64, 0_u64, None);
    for entry in run {
        moved += i128::from(entry.signed_minor);
        let follows = balance.map(|before| before + i128::from(entry.signed_minor));
        *balance = follows;
        if let Some(found) = entry.balance_minor.map(i128::from) {
            stated += 1;
            opening = opening.or(Some(found - moved));
            if let Some(follows) = follows.filter(|follows| *follows != found) {
                breaks += 1;
                let difference =
                    i64::try_from(found - follows).map_err(|_| Error::AmountOverflow)?;
                first_break = first_break.or(Some((difference, entry.at)));
            }
            *balance = Some(found);
        }
    }
    Ok(MonthBalance {
        account: run[0].account,
        currency: run[0].currency,
        month,
        opening_minor: minor(opening)?,
        closing_minor: minor(*balance)?,
        records: run.len() as u64,
        state: match (stated, breaks) {
            (0, _) => BalanceState::Unstated,
            (_, 0) => BalanceState::Proves,
            _ => BalanceState::Breaks,
        },
        breaks,
        first_break,
    })
}

fn minor(balance: Option<i128>) -> Result<Option<i64>> {
    balance.map(|minor| i64::try_from(minor).map_err(|_| Error::AmountOverflow)).transpose()
}

/// Accounts that do not prove, each with one sentence for the foot of charts and tables: those
/// whose balance breaks first, then those with months missing, then those that state none; by
/// account within each.
///
/// # Errors
///
/// [`Error::AmountOverflow`]; [`Error::File`] if the store is damaged.
pub fn unproved(inputs: &Inputs) -> Result<Vec<(u32, String)>> {
    let case = inputs.case;
    let digits = &case.manifest().digits;
    let mut by_account: BTreeMap<u32, Vec<&MonthBalance>> = BTreeMap::new();
    for month in inputs.month_balances()? {
        if month.state != BalanceState::Proves {
            by_account.entry(month.account).or_default().push(month);
        }
    }
    let mut sentences = Vec::new();
    let mut by_weight: Vec<(u32, Vec<&MonthBalance>)> = by_account.into_iter().collect();
    by_weight.sort_by_key(|(_, months)| {
        let any = |state| months.iter().any(|month| month.state == state);
        (!any(BalanceState::Breaks), !any(BalanceState::Missing))
    });
    for (account, months) in by_weight {
        let count = |state| months.iter().filter(|month| month.state == state).count();
        let mut said = Vec::new();
        let breaks = count(BalanceState::Breaks);
        if let Some((month, (difference, at))) =
            months.iter().find_map(|month| Some((month, month.first_break?)))
        {
            let amount = Amount { minor: difference, currency: month.currency };
            let rejected = case.sources()?.rejected[at.source as usize];
            let also = match rejected {
                0 => String::new(),
                1 => ", a file with 1 rejected record".to_owned(),
                several => format!(", a file with {several} rejected records"),
            };
            said.push(format!(
                "its balance breaks in {}, first at {} by {}{also}",
                months_text(breaks),
                case.place(at)?,
                digits.people(amount)
            ));
        }
        let missing = count(BalanceState::Missing);
        if missing > 0 {
            let first = months.iter().find(|month| month.state == BalanceState::Missing);
            let first = first.map_or_else(String::new, |month| month_text(month.month));
            said.push(format!("{} missing, the first {first}", months_text(missing)));
        }
        let unstated = count(BalanceState::Unstated);
        if unstated > 0 {
            said.push(format!("{} without a running balance", months_text(unstated)));
        }
        let name = case.accounts()?.account.get(account as usize);
        sentences.push((account, format!("{name} does not prove: {}.", said.join("; "))));
    }
    Ok(sentences)
}

fn months_text(count: usize) -> String {
    if count == 1 { "1 month".to_owned() } else { format!("{count} months") }
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
