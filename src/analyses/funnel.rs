//! Funnel accounts: cash goes in at many places, and soon comes out somewhere else.
//!
//! # What it finds
//! Accounts into which cash was paid at `places_min` or more places away from home within
//! `window_days`, and of which at least `share_elsewhere_min_percent` left again within `hours`
//! at another place than the one where it was paid in. A window begins and ends with a deposit, so
//! that one which stays does not hide those before it; windows of one account that share a deposit
//! are one instance.
//!
//! What leaves is set against what came, first in first out over all credits of the currency, and
//! no minor unit is used twice. Home is every place of the account that stands in an address of
//! its holders; where none does, the place that most of its transfers name, the first used of
//! equals. A place that no record names never counts as away, nor as elsewhere unless
//! `unknown_is_elsewhere` says so. A date without a time counts as whole days; a debit that the
//! records put before a credit never takes from it.
//!
//! # Why it matters
//! Cash collected in several towns reaches one hand without a courier.
//!
//! # What else explains it
//! Travelling traders and drivers, firms with several shops, students and families apart, and
//! branches that are near each other under different names.
//!
//! # Parameters
//! `places_min`, `window_days`, `share_elsewhere_min_percent`, `hours`, `unknown_is_elsewhere`,
//! `instances_max`: see [`Params`].
//!
//! # Cost
//! One pass over the transfers; then linear in those of accounts with enough cash deposits at
//! stated places, spread over threads.
//!
//! Source: after FIN-2014-A005, which speaks of cash deposits in one area that are withdrawn in
//! another with little time between.

mod account;
mod report;

use std::cmp::Reverse;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::account::{Found, Reader};
use crate::analyses::{INSTANCES_MAX, Inputs, Instance, Outcome, Pattern, outcome};
use crate::error::{Error, Result};

const PATTERN: Pattern = Pattern {
    analysis: "funnel",
    transfers_table: "funnel_steps",
    measure: "places_away",
    what_else: "Travelling traders and drivers, firms with several shops, students and families \
                apart, and branches near each other under different names pay in like this.",
};

/// Keys of a query file's `[parameters]`, and flags of `funnel`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest places away from home at which cash is paid in.
    #[arg(long, value_name = "N", default_value_t = Params::default().places_min)]
    pub places_min: u32,
    /// Civil days from the first deposit of a window to its last, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_days)]
    pub window_days: u32,
    /// Smallest share of those deposits that leaves elsewhere, in percent, 1 to 100.
    #[arg(long, value_name = "N", default_value_t = Params::default().share_elsewhere_min_percent)]
    pub share_elsewhere_min_percent: u8,
    /// Hours after a deposit within which what leaves counts against it.
    #[arg(long, value_name = "N", default_value_t = Params::default().hours)]
    pub hours: u32,
    /// Count what leaves at no stated place, a wire among it, as left elsewhere.
    #[arg(long)]
    pub unknown_is_elsewhere: bool,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            places_min: 3,
            window_days: 30,
            share_elsewhere_min_percent: 70,
            hours: 48,
            unknown_is_elsewhere: false,
            instances_max: INSTANCES_MAX,
        }
    }
}

/// The tables `funnel` and `funnel_steps`, most places first, then the largest deposits, and
/// one finding for each account.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let percent = params.share_elsewhere_min_percent;
    if params.places_min < 1 || !(1..=100).contains(&percent) {
        return Err(Error::Usage(format!(
            "places_min is {} and share_elsewhere_min_percent {percent}, expected 1 or more and \
             1 to 100",
            params.places_min
        )));
    }
    let reader = Reader::new(inputs, params)?;
    let graph = inputs.graph()?;
    let accounts = reader.accounts();
    let found: Vec<Vec<Found>> = accounts
        .into_par_iter()
        .map(|account| reader.of_account(account))
        .collect::<Result<_>>()?;
    let mut found: Vec<Found> = found.into_iter().flatten().collect();
    found.sort_by_key(|it| {
        (Reverse(it.places.len()), Reverse(it.deposited), it.account, it.deposits[0])
    });
    let transfers = inputs.case.transfer_rows()?;
    let instances: Vec<Instance> = found
        .iter()
        .map(|it| {
            let mut rows = [it.deposits.as_slice(), &it.debits].concat();
            rows.sort_unstable();
            let paid = it.debits.iter().map(|row| transfers.to_account(*row));
            let mut paid: Vec<u32> = paid.filter(|to| !graph.is_unidentified(*to)).collect();
            paid.sort_unstable();
            paid.dedup();
            let receivers = paid.into_iter().map(|to| ("receiver", to));
            let members = std::iter::once(("account", it.account)).chain(receivers).collect();
            Instance { members, transfers: rows, bound_met: false }
        })
        .collect();
    let notes = report::notes(params);
    let mut answer = outcome(inputs, PATTERN, &instances, params.instances_max, notes, |at, _| {
        report::told(inputs, params, &found[at])
    })?;
    report::columns(&mut answer, &found);
    Ok(answer)
}
