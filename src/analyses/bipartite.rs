//! Bipartite layers: each of several accounts pays each of several others within a while.
//!
//! # What it finds
//! At least `sources_min` sources that each paid each of at least `sinks_min` sinks within
//! `window_hours`, where no further account could be added to either side: a maximal complete
//! group of its window. A window is closed, and opens with a payment of the group. Windows of
//! the same sources and sinks that share a payment are one instance; an instance whose accounts
//! and payments are all part of another is left out.
//!
//! A date without a time stands at the start of its day, and days are 24 hours apart. Transfers
//! of an account to itself never count, so no account is on both sides. An unidentified far end
//! is on neither.
//!
//! # Why it matters
//! Money that passes from many accounts to many at once cannot be followed payer by payer: each
//! receiver's share may be any payer's.
//!
//! # What else explains it
//! Households that shop at the same shops and pay the same utilities, offices of one firm with
//! the same suppliers, employees of two employers, members of two clubs.
//!
//! # Parameters
//! `sources_min`, `sinks_min`, `window_hours`, `instances_max`, `steps_max`: see [`Params`].
//!
//! # Cost
//! For each payment, the payments of the sinks or of the sources in its window, whichever are
//! fewer, and then the closed sets of what is dense enough there, which can be exponentially
//! many. A group counts for 1,000 steps beside those that find it, since it is held and set against
//! others. `steps_max` is shared out evenly over sources, and again what the cheaper ones leave;
//! the result names the sources whose part did not suffice.
//!
//! Source: maximal bicliques as closed sets, Kuznetsov (Close-by-One), 1993; the pattern is one
//! of those of Altman et al., AMLworld, NeurIPS 2023.

mod closed;
mod layers;
mod search;

use clap::Args;
use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

pub use self::layers::Layer;
use self::search::{Bounds, Search};
use crate::analyses::{
    INSTANCES_MAX, Inputs, Instance, Moments, Outcome, Pattern, Told, account_name, counted,
    cut_notes, outcome,
};
use crate::error::{Error, Result};

const HOUR_MS: i64 = 3_600_000;

const PATTERN: Pattern = Pattern {
    analysis: "bipartite",
    transfers_table: "bipartite_steps",
    measure: "pairs",
    what_else: "Households that pay the same shops and utilities, offices of one firm with the \
                same suppliers, members of the same clubs.",
};

/// Keys of a query file's `[parameters]`, and flags of `bipartite`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest accounts that pay, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().sources_min)]
    pub sources_min: u32,
    /// Fewest accounts that each of them pays, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().sinks_min)]
    pub sinks_min: u32,
    /// Hours from the first payment of a window to its last, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most instances that are listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
    /// Most payments and pairs of accounts that are looked at in all.
    #[arg(long, value_name = "N", default_value_t = Params::default().steps_max)]
    pub steps_max: u64,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            sources_min: 3,
            sinks_min: 3,
            // Three days reach over a weekend, during which banks do not book.
            window_hours: 72,
            instances_max: INSTANCES_MAX,
            steps_max: 1_000_000_000,
        }
    }
}

/// Accounts whose part of a budget did not suffice, and the steps spent on each.
type Cut = Vec<(u32, u64)>;

/// Every layer, and the sources whose part of the budget did not suffice with what was spent.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::File`] if the store is damaged.
pub(crate) fn layers(
    inputs: &Inputs,
    moments: &Moments,
    params: &Params,
) -> Result<(Vec<Layer>, Cut)> {
    for (key, found) in [("sources_min", params.sources_min), ("sinks_min", params.sinks_min)] {
        if found < 2 {
            return Err(Error::Usage(format!("{key} is {found}, expected 2 or more")));
        }
    }
    let bounds = Bounds {
        sources_min: params.sources_min as usize,
        sinks_min: params.sinks_min as usize,
        window_ms: i64::from(params.window_hours) * HOUR_MS,
        steps_max: params.steps_max,
    };
    let search = Search::new(inputs.graph()?, moments, bounds);
    let (found, cut) = search.complete();
    Ok((search.layers(found)?, cut))
}

/// Notes on the sources whose part of the budget did not suffice.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub(crate) fn notes_of_cut(inputs: &Inputs, cut: &[(u32, u64)]) -> Result<Vec<String>> {
    cut_notes(inputs.case, cut, |name, spent| {
        format!("{name} was searched as a source for its first {spent} steps only (steps_max).")
    })
}

/// The tables `bipartite`, each instance's sources and sinks, and `bipartite_steps`;
/// instances with most pairs of a source and a sink first. One finding for each source that
/// stands first in an instance.
///
/// # Errors
///
/// As [`layers`], and [`Error::AmountOverflow`] for sums beyond 64 bits.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let moments = Moments::new(inputs.case)?;
    let (layers, cut) = layers(inputs, &moments, params)?;
    let short: HashSet<u32> = cut.iter().map(|(source, _)| *source).collect();
    let instances: Vec<Instance> = layers
        .iter()
        .map(|layer| {
            let mut transfers = layer.transfers.clone();
            transfers.sort_by_key(|row| (moments.at_ms(*row), *row));
            let sources = layer.sources.iter().map(|one| ("source", *one));
            let sinks = layer.sinks.iter().map(|one| ("sink", *one));
            let bound_met = layer.sources.iter().any(|source| short.contains(source));
            Instance { members: sources.chain(sinks).collect(), transfers, bound_met }
        })
        .collect();
    let mut notes = vec![rule(params)];
    notes.extend(notes_of_cut(inputs, &cut)?);
    outcome(inputs, PATTERN, &instances, params.instances_max, notes, |_, it| {
        tell(inputs, params, it)
    })
}

fn rule(params: &Params) -> String {
    format!(
        "{} or more sources that each paid each of {} or more sinks within {}, first and last \
         payment included; no account could be added to either side in that window.",
        params.sources_min,
        params.sinks_min,
        counted(params.window_hours, "hour")
    )
}

fn tell(inputs: &Inputs, params: &Params, it: &Instance) -> Result<Told> {
    let of = |role| it.members.iter().filter(move |(own, _)| *own == role).count();
    let first = it.members[0].1;
    let (sources, sinks) = (of("source"), of("sink"));
    Ok(Told {
        candidate: first,
        value: (sources * sinks).to_string(),
        score: (sources * sinks) as f64,
        sentence: format!(
            "{} and {} each paid each of {sinks} accounts, in windows of {}",
            account_name(inputs.case, first)?,
            counted((sources - 1) as u64, "further account"),
            counted(params.window_hours, "hour")
        ),
        ..Told::default()
    })
}
