//! Structuring: cash in amounts that are not reported, and together would be.
//!
//! # What it finds
//! Cash paid in for one person in amounts of at most `threshold` that come to more than it on
//! one business day; and at least `transfers_min` of `amount_min` or more that come to more than
//! it within `window_business_days`. Such days and windows of one person that lie within
//! `window_business_days` of each other are one instance. Cash paid out is looked at in the same
//! way and by itself.
//!
//! The person is whoever holds the account that day, and all accounts that a person holds count
//! together, those held with others too: cash in a joint account is counted for each holder. Where
//! several persons come to the very same cash, one instance names them all. Instances of
//! different persons may share cash; `listed_before_total` says how much of one stands in those
//! before it, so that the rest of each adds up to every amount once. An account without a known
//! holder stands by itself. Weekends and holidays count as the next business day. Which amounts a
//! bank books to the next day because of the hour is not known here.
//!
//! # Why it matters
//! A bank reports currency of more than 10,000 dollars, by or for one person on one business day,
//! cash in and cash out each by itself; what arrives in smaller amounts on purpose is meant to
//! pass unreported.
//!
//! # What else explains it
//! Shops, restaurants, laundries, churches and markets pay in their takings day by day; so do
//! several branches of one firm. A joint holder may know nothing of what the other pays in or
//! draws: `joint_total` says how much lies in joint accounts, `joint_named` whom the
//! records name with it.
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

mod persons;
mod report;
mod runs;

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::persons::{Persons, persons};
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
                day, and draw change; so do several branches of one firm. A joint holder may \
                know nothing of what the other does.",
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
    /// True where several held the account that day.
    joint: bool,
}

/// Whose cash is added up: group of holders, way, currency.
type Whose = (u32, Way, Currency);

/// A run of days and whose it is.
struct Found {
    /// Groups of single holders, ascending; several where all have this cash.
    people: Vec<u32>,
    /// The account that most of it went through.
    candidate: u32,
    way: Way,
    currency: Currency,
    run: Run,
    /// Rows of amounts over the threshold, the same way and between the run's days, ascending.
    larger: Vec<u32>,
    total: i64,
    /// How much of it is in accounts that several held.
    joint: i64,
    /// How much of it an instance that is told before has too.
    listed_before: i64,
    /// True where one told before, of the same account and way, has some of it.
    again: bool,
}

/// The tables `structuring` and `structuring_steps`, most days over the threshold first, then
/// the largest total, and one finding for each account that took most of a person's, in and out
/// each by itself.
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
    let found: Vec<Vec<Found>> = persons(&cash, &groups)
        .par_iter()
        .map(|persons| of_persons(inputs, params, &days, persons))
        .collect::<Result<_>>()?;
    let mut found = same_cash_once(found.into_iter().flatten());
    found.sort_by(|one, other| {
        let strongest = |it: &Found| (Reverse(it.run.days_over()), Reverse(it.total));
        let rest = |it: &Found| (it.way, it.currency, it.run.first);
        strongest(one)
            .cmp(&strongest(other))
            .then_with(|| one.people.cmp(&other.people))
            .then_with(|| rest(one).cmp(&rest(other)))
    });
    note_listed_before(&mut found)?;
    let instances: Vec<Instance> = found.iter().map(instance).collect();
    let notes = report::notes(params, only, elsewhere);
    let mut answer = outcome(inputs, PATTERN, &instances, params.instances_max, notes, |at, _| {
        report::told(inputs, &groups, params, &found[at])
    })?;
    report::columns(inputs, &mut answer, &groups, &found)?;
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

/// Cash in order of holders, way and currency, then business day and row; and how much cash there
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
                let holders = groups.of(account, day);
                let joint = !groups.joint_holders(holders).is_empty();
                let one = Cash { business_day, transfer, account, minor, joint };
                cash.push(((holders, way, currency), one));
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

/// What is found of persons who have the same cash, one way and in one currency.
fn of_persons(
    inputs: &Inputs,
    params: &Params,
    days: &BusinessDays,
    persons: &Persons,
) -> Result<Vec<Found>> {
    let (_, way, currency) = persons.whose();
    let threshold = minor_units(inputs, currency, params.threshold);
    let all = persons.all().map(|it| it.minor).filter(|minor| *minor <= threshold);
    // Most people's cash does not come to the threshold in all.
    if all.map(|minor| i128::from(minor.max(0))).sum::<i128>() <= i128::from(threshold) {
        return Ok(Vec::new());
    }
    let (small, large) = persons.small_and_large(threshold);
    let amount_min = minor_units(inputs, currency, params.amount_min);
    let bounds = runs::Bounds {
        threshold,
        amount_min,
        window_business_days: params.window_business_days,
        transfers_min: params.transfers_min as usize,
    };
    let found = |run: Run| {
        let until = |day: i32| large.partition_point(|it| it.business_day < day);
        let larger = &large[until(run.first)..until(run.last.saturating_add(1))];
        let mut larger: Vec<u32> = larger.iter().map(|it| it.transfer).collect();
        larger.sort_unstable();
        let total = total_minor(run.cash.iter().map(|it| it.minor))?;
        let joint = total_minor(run.cash.iter().filter(|it| it.joint).map(|it| it.minor))?;
        let candidate = candidate(&run);
        let people = persons.people.clone();
        let (listed_before, again) = (0, false);
        Ok(Found {
            people,
            candidate,
            way,
            currency,
            run,
            larger,
            total,
            joint,
            listed_before,
            again,
        })
    };
    runs(&small, days, bounds).into_iter().map(found).collect()
}

/// The account with most of the cash, the first of equals.
fn candidate(run: &Run) -> u32 {
    let mut by_account: BTreeMap<u32, i128> = BTreeMap::new();
    for it in &run.cash {
        *by_account.entry(it.account).or_default() += i128::from(it.minor);
    }
    let most = by_account.into_iter().max_by_key(|(account, total)| (*total, Reverse(*account)));
    most.map_or(0, |(account, _)| account)
}

/// Puts instances of the same cash together, which joint holders have whose other cash differs.
fn same_cash_once(found: impl Iterator<Item = Found>) -> Vec<Found> {
    let mut once = Vec::new();
    let mut joint: BTreeMap<(Way, Vec<u32>), Found> = BTreeMap::new();
    for mut one in found {
        // What lies in an account of one holder is nobody else's.
        if !one.run.cash.iter().all(|it| it.joint) {
            once.push(one);
            continue;
        }
        let transfers = one.run.cash.iter().map(|it| it.transfer).collect();
        match joint.entry((one.way, transfers)) {
            Entry::Vacant(entry) => {
                entry.insert(one);
            }
            Entry::Occupied(mut same) => {
                let same = same.get_mut();
                same.people.append(&mut one.people);
                same.people.sort_unstable();
                same.larger.append(&mut one.larger);
                same.larger.sort_unstable();
                same.larger.dedup();
            }
        }
    }
    once.extend(joint.into_values());
    once
}

/// Says of each instance how much of its cash stands in those before it, and whether it is a
/// further time for its account: what shares cash with a time that was counted is none.
fn note_listed_before(found: &mut [Found]) -> Result<()> {
    let mut listed: BTreeSet<(Way, u32)> = BTreeSet::new();
    let mut counted: BTreeSet<(u32, Way, u32)> = BTreeSet::new();
    for one in found {
        let joint = || one.run.cash.iter().filter(|it| it.joint);
        let before = joint().filter(|it| listed.contains(&(one.way, it.transfer)));
        one.listed_before = total_minor(before.map(|it| it.minor))?;
        listed.extend(joint().map(|it| (one.way, it.transfer)));
        let of_candidate = |it: &Cash| (one.candidate, one.way, it.transfer);
        one.again = joint().any(|it| counted.contains(&of_candidate(it)));
        if !one.again {
            counted.extend(joint().map(of_candidate));
        }
    }
    Ok(())
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
