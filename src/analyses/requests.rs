//! What to ask for next: records that are not held, by the money that depends on them.
//!
//! # What it finds
//! Accounts that other accounts' records name and whose own statements are not held; stretches
//! without statements between two that are held; months whose running balance breaks; and, for
//! each account that is held, the money whose other end the records do not name.
//!
//! # Why it matters
//! A trace stops at an account without statements. The list turns every such stop into a line of
//! a subpoena: which bank, which account, which days, and how much hangs on it.
//!
//! # What else explains it
//! An account may belong to someone outside the case, such as a utility or a shop; a stretch
//! without a statement may be one without a movement. The list says what is not held, not that
//! anything was withheld.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analyses::{BalanceState, Inputs, Outcome, month_after, month_text};
use crate::error::{Error, Result};
use crate::model::{Amount, Channel, Currency, NONE, ResultTable, Values};
use crate::store::Case;

/// Keys of a query file's `[parameters]`, and flags of `requests`.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Only what this bank can answer, as its name stands in the records.
    #[arg(long)]
    pub institution: Option<String>,
}

/// One thing to ask for.
#[derive(Clone, Debug, PartialEq)]
struct Request {
    account: u32,
    from: i32,
    to: i32,
    why: String,
    stake_minor: i64,
    currency: Currency,
    transfers: u64,
}

/// Lists what to ask for. Table: `requests`, by currency, then by the money at stake from the
/// largest down, then by account, day and reason. Cost: one pass over `transfers`.
///
/// # Errors
///
/// [`Error::Unknown`] if no account is of that institution; [`Error::AmountOverflow`];
/// [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let case = inputs.case;
    let accounts = case.accounts()?;
    let holes = Holes::new(inputs)?;
    let sums = add_up(case, &holes)?;
    let mut requests = never_held(&sums)?;
    requests.extend(not_between(inputs, &holes, &sums)?);
    requests.extend(breaks(inputs)?);
    requests.extend(unnamed_ends(case, &sums)?);
    if let Some(wanted) = &params.institution {
        let known: BTreeSet<&str> = accounts.institution.iter().collect();
        if !known.contains(wanted.as_str()) {
            let nearest = crate::error::nearest(wanted, known, 3);
            return Err(Error::Unknown { kind: "institution", found: wanted.clone(), nearest });
        }
        requests.retain(|ask| accounts.institution.get(ask.account as usize) == wanted);
    }
    // Rows of `accounts` stand in order of their names, so the row decides as the name would.
    requests.sort_by(|left, right| {
        (left.currency, right.stake_minor, left.account, left.from, left.to, &left.why).cmp(&(
            right.currency,
            left.stake_minor,
            right.account,
            right.from,
            right.to,
            &right.why,
        ))
    });
    Ok(Outcome { tables: vec![table(case, &requests)?], findings: Vec::new() })
}

fn table(case: &Case, requests: &[Request]) -> Result<ResultTable> {
    let accounts = case.accounts()?;
    let text = |of: &dyn Fn(&Request) -> String| Values::Text(requests.iter().map(of).collect());
    let day = |of: &dyn Fn(&Request) -> i32| {
        Values::Day(requests.iter().map(|ask| Some(of(ask))).collect())
    };
    let stake = |ask: &Request| Some(Amount { minor: ask.stake_minor, currency: ask.currency });
    let note = if requests.is_empty() {
        "Every account that the records name is held without a gap, and every end is named."
    } else {
        "`total_at_stake` is what moved through the account in these days as far as the records \
         held show it, and no less than the balances around them differ by; the same transfer may \
         stand in several rows."
    };
    Ok(ResultTable::new("requests")
        .with("institution", text(&|ask| accounts.institution.get(ask.account as usize).to_owned()))
        .with("account", text(&|ask| accounts.account.get(ask.account as usize).to_owned()))
        .with("from", day(&|ask| ask.from))
        .with("to", day(&|ask| ask.to))
        .with("why", text(&|ask| ask.why.clone()))
        .with("total_at_stake", Values::Money(requests.iter().map(stake).collect()))
        .with("currency", text(&|ask| ask.currency.to_string()))
        .with(
            "transfers",
            Values::Count(requests.iter().map(|ask| Some(ask.transfers as i64)).collect()),
        )
        .note(note))
}

/// Days that are not held: whole accounts, and stretches of accounts that are held otherwise.
struct Holes {
    held: BTreeSet<u32>,
    /// First and last day of each stretch, sorted, none inside another.
    stretches: BTreeMap<u32, Vec<(i32, i32)>>,
}

impl Holes {
    fn new(inputs: &Inputs) -> Result<Holes> {
        let coverage = inputs.case.coverage()?;
        let mut held = BTreeSet::new();
        let mut found: BTreeMap<u32, Vec<(i32, i32)>> = BTreeMap::new();
        for row in 0..coverage.account.len() {
            if coverage.state.get(row) == "covers" {
                held.insert(coverage.account[row]);
            } else {
                let days = (coverage.from_day[row], coverage.to_day[row]);
                found.entry(coverage.account[row]).or_default().push(days);
            }
        }
        for month in inputs.month_balances()? {
            held.insert(month.account);
            if month.state == BalanceState::Missing {
                let days = (month.month, month_after(month.month) - 1);
                found.entry(month.account).or_default().push(days);
            }
        }
        let stretches = found.into_iter().map(|(account, days)| (account, joined(days))).collect();
        Ok(Holes { held, stretches })
    }
}

/// Stretches that touch or overlap made one.
fn joined(mut days: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    days.sort_unstable();
    let mut joined: Vec<(i32, i32)> = Vec::new();
    for (from, to) in days {
        match joined.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Money of one currency in and out of one account.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    into_minor: i128,
    out_minor: i128,
    transfers: u64,
    days: Option<(i32, i32)>,
}

impl Sum {
    fn add(&mut self, amount_minor: i64, into: bool, day: i32) {
        let side = if into { &mut self.into_minor } else { &mut self.out_minor };
        *side += i128::from(amount_minor);
        self.transfers += 1;
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    fn total(&self) -> Result<i64> {
        i64::try_from(self.into_minor + self.out_minor).map_err(|_| Error::AmountOverflow)
    }
}

/// What is at stake, each by account and currency.
#[derive(Default)]
struct Sums {
    never_held: BTreeMap<(u32, Currency), Sum>,
    /// By account and first day of the stretch, then by currency.
    between: BTreeMap<(u32, i32), BTreeMap<Currency, Sum>>,
    unnamed: BTreeMap<(u32, Currency), Sum>,
}

fn add_up(case: &Case, holes: &Holes) -> Result<Sums> {
    let transfers = case.transfers()?;
    let accounts = case.accounts()?;
    let unidentified: Vec<bool> = accounts.kind.iter().map(|kind| kind == "unidentified").collect();
    let held: Vec<bool> =
        (0..accounts.account.len() as u32).map(|row| holes.held.contains(&row)).collect();
    let mut sums = Sums::default();
    // A hash map while rows are read, since most accounts of a large case are of this kind.
    let mut never_held: HashMap<(u32, Currency), Sum> = HashMap::new();
    for row in 0..transfers.day.len() {
        let (day, amount) = (transfers.day[row], transfers.amount_minor[row]);
        let currency = transfers.currency[row];
        let (from, to) = (transfers.from_account[row], transfers.to_account[row]);
        // Fees and interest are the bank's own; no one else stands at their other end.
        let with_bank = matches!(transfers.channel[row], Channel::Fee | Channel::Interest);
        for (account, into) in [(from, false), (to, true)] {
            if into && from == to {
                continue;
            }
            let at = account as usize;
            if unidentified[at] {
                if !with_bank && accounts.near_account[at] != NONE {
                    let near = (accounts.near_account[at], currency);
                    // Money into the far end is money out of the near account.
                    sums.unnamed.entry(near).or_default().add(amount, !into, day);
                }
            } else if !held[at] {
                never_held.entry((account, currency)).or_default().add(amount, into, day);
            } else if let Some(stretches) = holes.stretches.get(&account) {
                let after = stretches.partition_point(|(first, _)| *first <= day);
                if let Some((first, last)) = after.checked_sub(1).map(|at| stretches[at])
                    && day <= last
                {
                    let known = sums.between.entry((account, first)).or_default();
                    known.entry(currency).or_default().add(amount, into, day);
                }
            }
        }
    }
    sums.never_held = never_held.into_iter().collect();
    Ok(sums)
}

fn never_held(sums: &Sums) -> Result<Vec<Request>> {
    let ask = |((account, currency), sum): (&(u32, Currency), &Sum)| {
        let (from, to) = sum.days.expect("a sum has rows");
        Ok(Request {
            account: *account,
            from,
            to,
            why: "named in other accounts' records; none of its own statements are held".to_owned(),
            stake_minor: sum.total()?,
            currency: *currency,
            transfers: sum.transfers,
        })
    };
    sums.never_held.iter().map(ask).collect()
}

/// A stretch in which nothing is known to have moved is asked for too, with nothing at stake.
fn not_between(inputs: &Inputs, holes: &Holes, sums: &Sums) -> Result<Vec<Request>> {
    let case = inputs.case;
    let (accounts, proofs) = (case.accounts()?, inputs.proofs()?);
    let mut requests = Vec::new();
    for (account, stretches) in &holes.stretches {
        for (from, to) in stretches {
            let mut known = sums.between.get(&(*account, *from)).cloned().unwrap_or_default();
            let unheld = proofs.unheld(*account, *from, *to);
            for amount in &unheld {
                known.entry(amount.currency).or_default();
            }
            if known.is_empty() {
                let own = accounts.currency.get(*account as usize).copied().flatten();
                known.insert(own.unwrap_or_else(|| case.currency()), Sum::default());
            }
            for (currency, sum) in known {
                let mut why =
                    "statements before and after these days are held, none for them".to_owned();
                let net = unheld.iter().find(|amount| amount.currency == currency);
                if let Some(net) = net {
                    let words = case.manifest().digits.people(*net);
                    why.push_str(&format!("; by the balances before and after, {words} in all"));
                }
                let net_minor = net.map_or(0, |amount| amount.minor.saturating_abs());
                requests.push(Request {
                    account: *account,
                    from: *from,
                    to: *to,
                    why,
                    stake_minor: sum.total()?.max(net_minor),
                    currency,
                    transfers: sum.transfers,
                });
            }
        }
    }
    Ok(requests)
}

/// Months whose running balance breaks; the difference of the first break is at stake.
fn breaks(inputs: &Inputs) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    for month in inputs.month_balances()? {
        if let Some((difference, at)) = month.first_break {
            requests.push(Request {
                account: month.account,
                from: month.month,
                to: month_after(month.month) - 1,
                why: format!(
                    "the balance of {} breaks at {}; ask for the complete statement",
                    month_text(month.month),
                    inputs.case.place(at)?
                ),
                stake_minor: difference.checked_abs().ok_or(Error::AmountOverflow)?,
                currency: month.currency,
                transfers: month.records,
            });
        }
    }
    Ok(requests)
}

fn unnamed_ends(case: &Case, sums: &Sums) -> Result<Vec<Request>> {
    let digits = &case.manifest().digits;
    let people = |minor: i128, currency| {
        let minor = i64::try_from(minor).map_err(|_| Error::AmountOverflow)?;
        Ok::<String, Error>(digits.people(Amount { minor, currency }))
    };
    let ask = |((account, currency), sum): (&(u32, Currency), &Sum)| {
        let (from, to) = sum.days.expect("a sum has rows");
        let came = people(sum.into_minor, *currency)?;
        let went = people(sum.out_minor, *currency)?;
        let said = match (sum.into_minor, sum.out_minor) {
            (_, 0) => format!("{came} came from ends"),
            (0, _) => format!("{went} went to ends"),
            _ => format!("{came} came from and {went} went to ends"),
        };
        Ok(Request {
            account: *account,
            from,
            to,
            why: format!(
                "{said} that the records do not name; ask for the items (cheques, slips, wire and \
                 card details)"
            ),
            stake_minor: sum.total()?,
            currency: *currency,
            transfers: sum.transfers,
        })
    };
    sums.unnamed.iter().map(ask).collect()
}

#[cfg(test)]
mod tests;
