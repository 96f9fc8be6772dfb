//! Payroll sweeps: wages that leave the worker's account soon after they came, for the same hands.
//!
//! # What it finds
//! Employers of whom `workers_min` or more workers each, on `periods_min` or more paydays, lost
//! at least `share_back_min_percent` of the wage within `hours`: back to the employer, to one
//! controller whom `workers_min` of the workers pay, or in cash at one machine or place where
//! as many of them draw.
//!
//! A transfer is a wage if its description has one of `words` as a whole word, or if its payer
//! pays `workers_min` or more accounts on that day; and the worker has been paid so on
//! `periods_min` days. The employer is the holder of the paying account that day, all accounts
//! of the holder together, those held with others too: each joint holder is an employer, and
//! where the same wages went back for several, one instance names them all. Instances of
//! different employers may share wages; `listed_before_total` says how much of one stands in
//! those before it. What goes to an account is no wage where all its holders hold the paying one,
//! and what moves between accounts of the very same holders has not left.
//!
//! A controller is a cluster, or the holder where the account is in none. What goes back is set
//! against the wages first in first out, and no minor unit is used twice. It must come after the
//! wage: two records of one date are in order only where one statement has both, and between a
//! date and a time whole days are counted.
//!
//! An unidentified payer is no employer, and an unidentified far end no controller; what is
//! drawn in cash counts by the place that its record names.
//!
//! # Why it matters
//! Workers who are paid on paper and keep nothing are a published indicator of forced labour.
//!
//! # What else explains it
//! Rent for housing that the employer or one landlord provides, loans and advances repaid,
//! remittances through one agent, households that keep one purse, and the one machine in a
//! small town.
//!
//! # Parameters
//! `words`, `workers_min`, `periods_min`, `share_back_min_percent`, `hours`, `instances_max`: see
//! [`Params`].
//!
//! # Cost
//! One pass over the transfers, sorts of the payments between each employer and its workers, and
//! of what those workers pay within the hours.
//!
//! Source: after FIN-2014-A008 and the FATF report of 2018 on human trafficking.

mod controllers;
mod joint_employers;
mod report;
mod sweeps;
mod wages;

use std::cmp::Reverse;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::joint_employers::{note_listed_before, same_wages_once};
use self::sweeps::{Found, Reader};
use crate::analyses::{
    ClusterParams, INSTANCES_MAX, Inputs, Instance, Outcome, Pattern, memberships, outcome,
};
use crate::error::{Error, Result};

const PATTERN: Pattern = Pattern {
    analysis: "payroll-sweep",
    transfers_table: "payroll-sweep_steps",
    measure: "workers",
    what_else: "Rent for housing that the employer or one landlord provides, advances repaid, \
                remittances through one agent, households with one purse, and the only machine of \
                a small town look the same.",
};

/// Keys of a query file's `[parameters]`, and flags of `payroll-sweep`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Words of a description that make a payment a wage.
    #[arg(long, value_delimiter = ',', default_values_t = Params::default().words)]
    pub words: Vec<String>,
    /// Fewest workers, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().workers_min)]
    pub workers_min: u32,
    /// Fewest paydays of a worker after which the wage went back.
    #[arg(long, value_name = "N", default_value_t = Params::default().periods_min)]
    pub periods_min: u32,
    /// Smallest share of a payday's wage that goes back, in percent, 1 to 100.
    #[arg(long, value_name = "N", default_value_t = Params::default().share_back_min_percent)]
    pub share_back_min_percent: u8,
    /// Hours after a wage within which what leaves counts against it.
    #[arg(long, value_name = "N", default_value_t = Params::default().hours)]
    pub hours: u32,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            words: ["payroll", "salary", "wage", "wages"].map(str::to_owned).to_vec(),
            workers_min: 3,
            periods_min: 3,
            share_back_min_percent: 75,
            hours: 72,
            instances_max: INSTANCES_MAX,
        }
    }
}

/// The tables `payroll-sweep` and `payroll-sweep_steps`, most workers first, then most
/// paydays, then the employer's account, and one finding for each account that paid most often.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let percent = params.share_back_min_percent;
    if params.workers_min < 2 || params.periods_min < 1 || !(1..=100).contains(&percent) {
        return Err(Error::Usage(format!(
            "workers_min is {}, periods_min {} and share_back_min_percent {percent}, expected 2 or \
             more, 1 or more, and 1 to 100",
            params.workers_min, params.periods_min
        )));
    }
    let clusters = memberships(inputs, &ClusterParams::default())?;
    let reader = Reader::new(inputs, params, &clusters)?;
    let found: Vec<Vec<Found>> = wages::employers(&reader)
        .par_iter()
        .map_init(
            || reader.uses(),
            |uses, (employer, accounts)| {
                let wages = wages::wages(params, &reader, *employer, accounts);
                let of = |(currency, wages): (&_, &Vec<_>)| {
                    reader.of_employer(uses, *employer, *currency, wages).transpose()
                };
                wages.iter().filter_map(of).collect()
            },
        )
        .collect::<Result<_>>()?;
    let mut found = same_wages_once(found.into_iter().flatten().collect());
    found.sort_by(|one, other| {
        let key = |it: &Found| (Reverse(it.workers.len()), Reverse(it.paydays), it.accounts[0]);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.transfers.cmp(&other.transfers))
            .then_with(|| one.people.cmp(&other.people))
    });
    note_listed_before(&mut found)?;
    let instances: Vec<Instance> = found.iter().map(Found::instance).collect();
    let notes = report::notes(params);
    let mut answer = outcome(inputs, PATTERN, &instances, params.instances_max, notes, |at, _| {
        report::told(inputs, params, &reader, &found[at])
    })?;
    report::columns(&mut answer, &reader, &found);
    Ok(answer)
}
