//! Cycles: money that comes back to the account it left, through others and in order of time.
//!
//! # What it finds
//! Walks from an account through at least `accounts_min` and at most `accounts_max` accounts,
//! each once, back to the first, each transfer strictly later than the one before, all within
//! `window_hours` from the first transfer to the last, both included. Each is told once, from
//! its first transfer; the account that sent it is the origin.
//!
//! Two records of one date are in order only where one statement has both. Self-transfers never
//! count, and an unidentified far end is no stop. Amounts are not compared: what came back of
//! what was sent is told, and the nearest to all of it come first.
//!
//! # Why it matters
//! Money that returns to where it began has been moved for the sake of moving: to look like
//! trade, income or a loan.
//!
//! # What else explains it
//! Refunds, deposits returned, households and firms that settle among themselves, clearing
//! between branches; with many accounts and a long window also plain chance.
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
    Bounds, INSTANCES_MAX, Inputs, Instance, Outcome, Pattern, Told, TransferFacts, WaysBack,
    account_name, counted, outcome, ways_back,
};
use crate::error::Result;

const PATTERN: Pattern = Pattern {
    analysis: "cycles",
    transfers_table: "cycles_steps",
    measure: "returned_share",
    what_else: "Refunds, deposits returned, households and firms that settle among themselves; \
                with many accounts and a long window also plain chance.",
};

/// Keys of a query file's `[parameters]`, and flags of `cycles`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest accounts of a cycle, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().accounts_min)]
    pub accounts_min: u32,
    /// Most accounts of a cycle, up to 64.
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
        // Only a fifth of laundering attempts end within a day, as published work on simulated
        // banks has it; five days reach over a weekend.
        Params {
            accounts_min: 3,
            accounts_max: 12,
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
            2,
            accounts,
            self.window_hours,
            (self.steps_max, self.steps_all_max),
            self.instances_max,
        )
    }
}

/// The cycles of a case: the tables `cycles` and `cycles_steps`, the nearest to all of the
/// money coming back first, then the shortest, then by first transfer; one finding for each
/// origin.
///
/// # Errors
///
/// [`crate::Error::Usage`] for a parameter out of range, [`crate::Error::AmountOverflow`] for sums
/// beyond 64 bits, [`crate::Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let found = ways_back(inputs, params.bounds()?, None)?;
    let notes = notes(inputs, params, &found)?;
    let facts = TransferFacts::new(inputs.case)?;
    let transfers = inputs.case.transfer_rows()?;
    let instance = |rows: &Vec<u32>| {
        let stops = rows.iter().map(|row| transfers.from_account(*row));
        let roles = std::iter::once("origin").chain(std::iter::repeat("stop"));
        let members: Vec<_> = roles.zip(stops).collect();
        let bound_met = found.cut.binary_search(&members[0].1).is_ok();
        Instance { members, transfers: rows.clone(), bound_met }
    };
    let instances: Vec<Instance> = found.ways.iter().map(instance).collect();
    outcome(inputs, PATTERN, &instances, params.instances_max, notes, |_, it| {
        let origin = it.members[0].1;
        let name = account_name(inputs.case, origin)?;
        let share = facts.returned_share(&it.transfers);
        let others = counted(it.members.len() as u64 - 1, "other account");
        Ok(Told {
            candidate: origin,
            value: share.map_or_else(String::new, |share| format!("{share:.6}")),
            score: share.map_or(0.0, WaysBack::nearness),
            sentence: format!(
                "Money that left {name} came back to it through {others}{}",
                WaysBack::what_came_last(share),
            ),
            ..Told::default()
        })
    })
}

fn notes(inputs: &Inputs, params: &Params, found: &WaysBack) -> Result<Vec<String>> {
    let mut notes = vec![format!(
        "Walks of {} to {} accounts, each once, back to the first, every transfer later than the \
         one before, within {} hours, first and last transfer included. Amounts are not compared.",
        params.accounts_min, params.accounts_max, params.window_hours
    )];
    notes.extend(found.notes(inputs.case, "cycle", &params.bounds()?)?);
    Ok(notes)
}
