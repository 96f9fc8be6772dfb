//! Structuring: cash in amounts that are not reported, and together would be.
//!
//! # What it finds
//! Cash paid in for one person in amounts of at most `threshold` that come to more than it on
//! one business day; and at least `transfers_min` of `amount_min` or more that come to more than
//! it within `window_business_days`. Such days and windows of one person that lie within
//! `window_business_days` of each other are one instance. Cash paid out is looked at in the same
//! way and by itself.
//!
//! The person is whoever holds the account that day, joint holders as one, and all accounts of
//! one person count together; an account without a known holder stands by itself. Weekends and
//! holidays count as the next business day. Which amounts a bank books to the next day because
//! of the hour is not known here.
//!
//! # Why it matters
//! A bank reports currency of more than 10,000 dollars, by or for one person on one business day,
//! cash in and cash out each by itself; what arrives in smaller amounts on purpose is meant to
//! pass unreported.
//!
//! # What else explains it
//! Shops, restaurants, laundries, churches and markets pay in their takings day by day; so do
//! several branches of one firm.
//!
//! # Parameters
//! `threshold`, `amount_min`, `window_business_days`, `transfers_min`, `currency`, `holidays`,
//! `instances_max`: see [`Params`].
//!
//! # Cost
//! One pass over the transfers, and a sort of those in cash.
//!
//! Source: 31 CFR 1010.311 and 1010.313(b), of which the second counts deposits of a weekend or a
//! holiday as of the next business day; the smaller amounts within five days are an indicator of
//! ours after both. Holidays: see `business_days`.

mod report;
mod runs;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::runs::{Run, runs};
use crate::analyses::{
    BusinessDays, Groups, INSTANCES_MAX, Inputs, Instance, Outcome, Pattern, TransferFacts,
    outcome, total_minor,
};
use crate::error::{Error, Result};
use crate::graph::TransferGraph;
use crate::model::{Amount, Channel, Currency};

const PATTERN: Pattern = Pattern {
    analysis: "structuring",
    transfers_table: "structuring_steps",
    measure: "cash_total",
    what_else: "Shops, restaurants, laundries, churches and markets pay in their takings day by \
                day, and draw change; so do several branches of one firm.",
};

/// Keys of a query file's `[parameters]`, and flags of `structuring`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Largest amount that is not reported, in whole units of the currency.
    #[arg(long, value_name = "N", default_value_t = Params::default().threshold)]
    pub threshold: u32,
    /// Smallest amount that counts over several days, in whole units of the currency.
    #[arg(long, value_name = "N", default_value_t = Params::default().amount_min)]
    pub amount_min: u32,
    /// Business days of a window, its first and last included; 1 looks at single days only.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_business_days)]
    pub window_business_days: u32,
    /// Fewest amounts that make a window of several days.
    #[arg(long, value_name = "N", default_value_t = Params::default().transfers_min)]
    pub transfers_min: u32,
    /// Only cash of this currency; the case's unless given.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Dates on which banks are closed beside weekends, instead of the Federal Reserve's holidays.
    #[arg(long, value_name = "DATE", value_delimiter = ',')]
    pub holidays: Vec<String>,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            threshold: 10_000,
            amount_min: 3_000,
            window_business_days: 5,
            transfers_min: 3,
            currency: None,
            holidays: Vec::new(),
            instances_max: INSTANCES_MAX,
        }
    }
}

/// Rows of transfers that are read by one thread at a time.
const TOGETHER: usize = 1 << 16;

/// Which way the cash went, as the account sees it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Way {
    In,
    Out,
}

/// Cash into or out of an account.
#[derive(Clone, Copy, Debug)]
struct Cash {
    business_day: i32,
    transfer: u32,
    account: u32,
    minor: i64,
}

/// Whose cash is added up: person, way, currency.
type Whose = (u32, Way, Currency);

/// A run of days and whose it is.
struct Found {
    whose: Whose,
    run: Run,
    /// Amounts over the threshold, the same way and between the run's days.
    larger: u64,
    total: i64,
}

/// The tables `structuring` and `structuring_steps`, most days over the threshold first, then
/// the largest total, and one finding for each account that took most of a person's.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    if params.threshold == 0 || params.window_business_days == 0 || params.transfers_min < 2 {
        return Err(Error::Usage(format!(
            "threshold is {}, window_business_days {} and transfers_min {}, expected 1, 1 and 2 \
             or more",
            params.threshold, params.window_business_days, params.transfers_min
        )));
    }
    let only = only_currency(inputs, params)?;
    let days = BusinessDays::new(&params.holidays)?;
    let groups = Groups::parties(inputs.case)?;
    let (cash, elsewhere) = cash_of(inputs, &groups, &days, only)?;
    let found: Vec<Vec<Found>> = cash
        .par_chunk_by(|left, right| left.0 == right.0)
        .map(|cash| of_person(inputs, params, &days, cash))
        .collect::<Result<_>>()?;
    let mut found: Vec<Found> = found.into_iter().flatten().collect();
    found.sort_by_key(|it| {
        let days_over = std::cmp::Reverse(it.run.days_over());
        (days_over, std::cmp::Reverse(it.total), it.whose, it.run.first)
    });
    let instances: Vec<Instance> = found.iter().map(instance).collect();
    let notes = report::notes(params, only, elsewhere);
    let mut answer = outcome(inputs, PATTERN, &instances, params.instances_max, notes, |at, _| {
        report::told(inputs, &groups, params, &found[at])
    })?;
    report::columns(&mut answer, &groups, &found);
    Ok(answer)
}

fn only_currency(inputs: &Inputs, params: &Params) -> Result<Option<Currency>> {
    let stated = match &params.currency {
        Some(code) => code,
        None if inputs.case.manifest().currency.is_empty() => return Ok(None),
        None => &inputs.case.manifest().currency,
    };
    let known = stated.parse();
    known
        .map(Some)
        .map_err(|_| Error::Usage(format!("currency is {stated:?}, expected a code such as USD")))
}

/// Minor units of whole units of a currency in this case.
fn minor_units(inputs: &Inputs, currency: Currency, whole: u32) -> i64 {
    // A currency has eight decimals at most, so the product fits.
    i64::from(whole) * 10_i64.pow(u32::from(inputs.case.manifest().digits.of(currency)))
}

/// Cash in order of person, way and currency, then business day and row; and how much cash there
/// is in other currencies.
fn cash_of(
    inputs: &Inputs,
    groups: &Groups,
    days: &BusinessDays,
    only: Option<Currency>,
) -> Result<(Vec<(Whose, Cash)>, u64)> {
    let transfers = inputs.case.transfer_rows()?;
    let facts = TransferFacts::new(inputs.case)?;
    let graph: &TransferGraph = inputs.graph()?;
    let of_part = |part: usize| {
        let (mut cash, mut elsewhere) = (Vec::new(), 0);
        let rows = part * TOGETHER..transfers.len().min((part + 1) * TOGETHER);
        // Rows stand in order of time, so that the day of one is mostly that of the one before.
        let mut known = None;
        for transfer in rows.map(|row| row as u32) {
            if transfers.channel(transfer) != Channel::Cash {
                continue;
            }
            let (from, to) = (transfers.from_account(transfer), transfers.to_account(transfer));
            if from == to {
                continue;
            }
            let day = transfers.day(transfer);
            let (_, business_day) =
                known.filter(|known: &(i32, i32)| known.0 == day).unwrap_or_else(|| {
                    let counted = (day, days.on_or_after(day));
                    known = Some(counted);
                    counted
                });
            let ends =
                [(to, Way::In, facts.received(transfer)), (from, Way::Out, facts.sent(transfer))];
            for (account, way, Amount { minor, currency }) in ends {
                if graph.is_unidentified(account) {
                    continue;
                }
                if only.is_some_and(|only| only != currency) {
                    elsewhere += 1;
                    continue;
                }
                let whose = (groups.of(account, day), way, currency);
                cash.push((whose, Cash { business_day, transfer, account, minor }));
            }
        }
        (cash, elsewhere)
    };
    let parts = transfers.len().div_ceil(TOGETHER);
    let parts: Vec<(Vec<(Whose, Cash)>, u64)> = (0..parts).into_par_iter().map(of_part).collect();
    let elsewhere = parts.iter().map(|part| part.1).sum();
    let mut cash: Vec<(Whose, Cash)> = parts.into_iter().flat_map(|part| part.0).collect();
    cash.par_sort_unstable_by_key(|(whose, it)| (*whose, it.business_day, it.transfer));
    Ok((cash, elsewhere))
}

/// What is found of one person, one way and in one currency, whose cash stands in order.
fn of_person(
    inputs: &Inputs,
    params: &Params,
    days: &BusinessDays,
    cash: &[(Whose, Cash)],
) -> Result<Vec<Found>> {
    let whose = cash[0].0;
    let threshold = minor_units(inputs, whose.2, params.threshold);
    let all = cash.iter().map(|(_, it)| it.minor).filter(|minor| *minor <= threshold);
    // Most people's cash does not come to the threshold in all.
    if all.map(|minor| i128::from(minor.max(0))).sum::<i128>() <= i128::from(threshold) {
        return Ok(Vec::new());
    }
    let (small, large): (Vec<Cash>, Vec<Cash>) =
        cash.iter().map(|(_, it)| *it).partition(|it| it.minor <= threshold);
    let amount_min = minor_units(inputs, whose.2, params.amount_min);
    let bounds = runs::Bounds {
        threshold,
        amount_min,
        window_business_days: params.window_business_days,
        transfers_min: params.transfers_min as usize,
    };
    let found = |run: Run| {
        let until = |day: i32| large.partition_point(|it| it.business_day < day);
        let larger = (until(run.last.saturating_add(1)) - until(run.first)) as u64;
        let total = total_minor(run.cash.iter().map(|it| it.minor))?;
        Ok(Found { whose, larger, total, run })
    };
    runs(&small, days, bounds).into_iter().map(found).collect()
}

fn instance(found: &Found) -> Instance {
    let mut accounts: Vec<u32> = found.run.cash.iter().map(|it| it.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut transfers: Vec<u32> = found.run.cash.iter().map(|it| it.transfer).collect();
    transfers.sort_unstable();
    Instance {
        members: accounts.into_iter().map(|account| ("account", account)).collect(),
        transfers,
        bound_met: false,
    }
}

#[cfg(test)]
mod tests;
