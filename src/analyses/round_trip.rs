//! Round trips through parties: money that leaves one account of a party and reaches another
//! account of it through others, in order of time.
//!
//! # What it finds
//! Walks of transfers, each strictly later than the one before, from an account to another
//! account of the same cluster, through accounts of other parties; no account stands twice, so
//! that no account by itself shows the circle. A cluster is what `clusters` joins with its
//! defaults: accounts with a holder, signer, phone, address or document in common. The whole
//! lies within `window_hours` from the first transfer to the last, both included.
//!
//! # Why it matters
//! Who owns several accounts can send money round without any of them being repaid: a loan to
//! oneself, an investor from abroad, a customer that is the seller.
//!
//! # What else explains it
//! A household that pays from one account and is repaid into another; firms of one owner that
//! trade with the same suppliers; identifiers that join people who have nothing in common.
//!
//! # Parameters
//! `accounts_min`, `accounts_max`, `window_hours`, `steps_max`, `steps_all_max`,
//! `instances_max`: see [`Params`].
//!
//! # Cost
//! See `ways_back`. An account whose search takes more than `steps_max` steps is cut there, and
//! the result names it.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::analyses::{
    Bounds, ClusterParams, Homes, INSTANCES_MAX, Inputs, Instance, Outcome, Pattern, Told,
    TransferFacts, WaysBack, account_name, counted, memberships, outcome, ways_back,
};
use crate::error::Result;
use crate::model::NONE;

const PATTERN: Pattern = Pattern {
    analysis: "round-trip",
    transfers_table: "round-trip_steps",
    measure: "returned_share",
    what_else: "A household that pays from one account and is repaid into another, firms of one \
                owner that trade with the same suppliers, and identifiers that join people who \
                have nothing in common look the same.",
};

/// Keys of a query file's `[parameters]`, and flags of `round-trip`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest accounts of a round trip, both of the party included, 3 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().accounts_min)]
    pub accounts_min: u32,
    /// Most accounts of a round trip, up to 64.
    #[arg(long, value_name = "N", default_value_t = Params::default().accounts_max)]
    pub accounts_max: u32,
    /// Hours from the first transfer to the last, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most transfers looked at from one account.
    #[arg(long, value_name = "N", default_value_t = Params::default().steps_max)]
    pub steps_max: u64,
    /// Most transfers looked at from all accounts together; towards it searches end early.
    #[arg(long, value_name = "N", default_value_t = Params::default().steps_all_max)]
    pub steps_all_max: u64,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            accounts_min: 3,
            accounts_max: 8,
            window_hours: 120,
            steps_max: 20_000_000,
            // Some half a minute next to a hub of very many payers and payees.
            steps_all_max: 1_000_000_000,
            instances_max: INSTANCES_MAX,
        }
    }
}

impl Params {
    fn bounds(&self) -> Result<Bounds> {
        let accounts = (self.accounts_min, self.accounts_max);
        Bounds::new(
            3,
            accounts,
            self.window_hours,
            (self.steps_max, self.steps_all_max),
            self.instances_max,
        )
    }
}

/// The round trips of a case: the tables `round-trip` and `round-trip_steps`, the nearest to
/// all of the money coming back first, then the shortest, then by first transfer; one finding
/// for each account from which money left.
///
/// # Errors
///
/// [`crate::Error::Usage`] for a parameter out of range, [`crate::Error::AmountOverflow`] for sums
/// beyond 64 bits, [`crate::Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let bounds = params.bounds()?;
    let clusters = memberships(inputs, &ClusterParams::default())?;
    let mut homes = Homes { members: vec![Vec::new(); clusters.names.len()], of: clusters.account };
    for (account, home) in (0..).zip(&homes.of) {
        if *home != NONE {
            homes.members[*home as usize].push(account);
        }
    }
    let found = ways_back(inputs, bounds, Some(&homes))?;
    let notes = notes(inputs, params, &found)?;
    let facts = TransferFacts::new(inputs.case)?;
    let transfers = inputs.case.transfer_rows()?;
    let ends = |rows: &[u32]| {
        let from = rows.iter().map(|row| transfers.from_account(*row));
        let last = transfers.to_account(rows[rows.len() - 1]);
        from.chain([last]).collect::<Vec<u32>>()
    };
    let instances: Vec<Instance> = found
        .ways
        .iter()
        .map(|rows| {
            let accounts = ends(rows);
            let last = accounts.len() - 1;
            let role = |at: usize| match at {
                0 => "origin",
                _ if at == last => "return",
                _ => "stop",
            };
            let members = accounts.iter().enumerate().map(|(at, it)| (role(at), *it)).collect();
            let bound_met = found.cut.binary_search(&accounts[0]).is_ok();
            Instance { members, transfers: rows.clone(), bound_met }
        })
        .collect();
    outcome(inputs, PATTERN, &instances, params.instances_max, notes, |_, it| {
        let (origin, last) = (it.members[0].1, it.members[it.members.len() - 1].1);
        let share = facts.returned_share(&it.transfers);
        let others = counted(it.members.len() as u64 - 2, "account");
        Ok(Told {
            candidate: origin,
            value: share.map_or_else(String::new, |share| format!("{share:.6}")),
            score: share.map_or(0.0, WaysBack::nearness),
            sentence: format!(
                "Money that left {} reached {} of {} through {others} of others{}",
                account_name(inputs.case, origin)?,
                account_name(inputs.case, last)?,
                clusters.names[homes.of[origin as usize] as usize],
                WaysBack::what_came_last(share),
            ),
            ..Told::default()
        })
    })
}

fn notes(inputs: &Inputs, params: &Params, found: &WaysBack) -> Result<Vec<String>> {
    let mut notes = vec![format!(
        "Walks of {} to {} accounts, each once, from an account to another of its cluster \
         through others, every transfer later than the one before, within {} hours, first and \
         last transfer included. Amounts are not compared.",
        params.accounts_min, params.accounts_max, params.window_hours
    )];
    notes.extend(found.notes(inputs.case, "round trip", &params.bounds()?)?);
    Ok(notes)
}
