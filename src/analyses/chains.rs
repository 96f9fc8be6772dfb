//! Chains: money handed on from account to account in about the same amount.
//!
//! # What it finds
//! Relays of at least `hops_min` transfers, each from the account that the one before paid, later
//! than it by at most `window_hours`, and of `1 - tolerance` to `1 + tolerance` of the amount
//! that came with it, in the currency in which it came. For each transfer that nothing continues,
//! the longest relay that ends with it; of equally long ones the one whose transfers, read from
//! the last, stand first in the store. No relay told can be made longer at either end.
//!
//! Two records of one date are in order only where one statement has both, and between a date
//! and a time of different days whole days are counted. Where the statements of a day put its
//! transfers in a circle, they contradict each other, and no link of that circle is followed.
//! Self-transfers never count, a transfer is not followed by its return to the sender, and one
//! with an unidentified end is no hop. An account may stand in a relay more than once.
//!
//! # Why it matters
//! Layering hands a sum on through accounts that keep a small part or none of it.
//!
//! # What else explains it
//! Rents, wages and instalments of like amounts that follow each other by chance, clearing
//! between branches, treasuries of groups of companies, and families that pass a sum on.
//!
//! # Parameters
//! `hops_min`, `tolerance_percent`, `window_hours`, `candidates_max`, `instances_max`: see
//! [`Params`].
//!
//! # Cost
//! For each transfer, those that came in within the window before it; spread over threads. At
//! most `candidates_max` of them are looked at, the latest first, and the result names the
//! accounts where there were more.

mod relays;

use std::cmp::Reverse;

use clap::Args;
use serde::{Deserialize, Serialize};

use self::relays::{Relays, relays};
use crate::analyses::{
    INSTANCES_MAX, Inputs, Instance, Outcome, Pattern, Told, TransferFacts, account_name, counted,
    outcome,
};
use crate::error::{Error, Result};

const PATTERN: Pattern = Pattern {
    analysis: "chains",
    transfers_table: "chains_steps",
    measure: "hops",
    what_else: "Rents, wages and instalments of like amounts that follow each other by chance, \
                clearing between branches, treasuries of groups of companies, and families that \
                pass a sum on look the same.",
};

/// Keys of a query file's `[parameters]`, and flags of `chains`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest transfers of a relay, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().hops_min)]
    pub hops_min: u32,
    /// How far an amount may be from the one before it, in percent of that, 0 to 99.
    #[arg(long, value_name = "N", default_value_t = Params::default().tolerance_percent)]
    pub tolerance_percent: u8,
    /// Hours from one transfer to the next.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most transfers into an account that are looked at for one that leaves it.
    #[arg(long, value_name = "N", default_value_t = Params::default().candidates_max)]
    pub candidates_max: u32,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            hops_min: 4,
            tolerance_percent: 10,
            window_hours: 72,
            candidates_max: 10_000,
            instances_max: INSTANCES_MAX,
        }
    }
}

/// The tables `chains` and `chains_steps`, most transfers first, then the first transfer, and
/// one finding for each account with which a relay begins.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    if params.hops_min < 2 || params.tolerance_percent > 99 || params.candidates_max == 0 {
        return Err(Error::Usage(format!(
            "hops_min is {}, tolerance_percent {} and candidates_max {}, expected 2 or more, 0 to \
             99, and 1 or more",
            params.hops_min, params.tolerance_percent, params.candidates_max
        )));
    }
    let Relays { mut found, cut } = relays(inputs, params)?;
    found.sort_by(|left, right| (Reverse(left.len()), left).cmp(&(Reverse(right.len()), right)));
    let transfers = inputs.case.transfer_rows()?;
    let cut_at = |account: &u32| cut.binary_search_by_key(account, |(account, _)| *account).is_ok();
    let instances: Vec<Instance> = found
        .into_iter()
        .map(|rows| {
            let mut members: Vec<(&str, u32)> = Vec::new();
            let stops = rows.iter().map(|row| transfers.from_account(*row));
            let end = transfers.to_account(rows[rows.len() - 1]);
            for account in stops.chain([end]) {
                if members.iter().all(|(_, known)| *known != account) {
                    let role = if members.is_empty() { "origin" } else { "relay" };
                    members.push((role, account));
                }
            }
            if let Some(last) = members.iter_mut().skip(1).find(|(_, account)| *account == end) {
                last.0 = "end";
            }
            let bound_met = members.iter().any(|(_, account)| cut_at(account));
            Instance { members, transfers: rows, bound_met }
        })
        .collect();
    let facts = TransferFacts::new(inputs.case)?;
    outcome(
        inputs,
        PATTERN,
        &instances,
        params.instances_max,
        notes(inputs, params, &cut)?,
        |_, it| told(inputs, &facts, it),
    )
}

fn notes(inputs: &Inputs, params: &Params, cut: &[(u32, u64)]) -> Result<Vec<String>> {
    let mut notes = vec![format!(
        "{} or more transfers, each within {} after the one before and within {} percent of what \
         it brought. The longest relay to each end that nothing continues; relays to several ends \
         may share their beginning.",
        params.hops_min,
        counted(params.window_hours, "hour"),
        params.tolerance_percent
    )];
    for (account, left_out) in cut {
        let were = if *left_out == 1 { "was" } else { "were" };
        notes.push(format!(
            "{}: {} {were} not compared with what left it (candidates_max is {}).",
            account_name(inputs.case, *account)?,
            counted(*left_out, "earlier credit"),
            params.candidates_max
        ));
    }
    Ok(notes)
}

fn told(inputs: &Inputs, facts: &TransferFacts, it: &Instance) -> Result<Told> {
    let transfers = inputs.case.transfer_rows()?;
    let (first, last) = (it.transfers[0], it.transfers[it.transfers.len() - 1]);
    let origin = transfers.from_account(first);
    let end = transfers.to_account(last);
    let (sent, received) = (facts.sent(first), facts.received(last));
    let digits = &inputs.case.manifest().digits;
    Ok(Told {
        candidate: origin,
        value: it.transfers.len().to_string(),
        score: it.transfers.len() as f64,
        sentence: format!(
            "{} from {} was handed on until {} reached {}",
            digits.people(sent),
            account_name(inputs.case, origin)?,
            digits.people(received),
            account_name(inputs.case, end)?,
        ),
        ..Told::default()
    })
}

#[cfg(test)]
mod tests;
