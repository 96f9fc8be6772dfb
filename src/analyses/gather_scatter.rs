//! Gather-scatter: several accounts pay one, which pays several, within a while.
//!
//! # What it finds
//! A hub that at least `senders_min` distinct accounts paid and that paid at least
//! `receivers_min` distinct accounts, all within `window_hours`, each payment out after at least
//! one payment in of the same window. Windows are closed and run from their first transfer to
//! their last; windows of one hub that share a transfer are one instance.
//!
//! Equal times do not follow each other. A date without a time comes before later days, and
//! within its day only where a statement of the hub orders it; in a window it stands at the start
//! of its day, and days are 24 hours apart. Transfers of an account to itself never count. An
//! unidentified far end is no hub; as a sender or receiver it counts once for each text under
//! which it stands. An account that sent and received counts as both.
//!
//! # Why it matters
//! Proceeds of many payers are pooled in one account and leave it for many others, which parts
//! every payer from whoever ends up with the money.
//!
//! # What else explains it
//! Any business: customers pay it, and it pays staff and suppliers. So do landlords, clubs,
//! lawyers' client accounts, payment services and households with several incomes.
//!
//! # Parameters
//! `senders_min`, `receivers_min`, `window_hours`, `instances_max`, `steps_max`: see [`Params`].
//!
//! # Cost
//! A sort of each account's transfers; accounts are spread over threads. Dates without times are
//! compared within their day, up to `steps_max` comparisons an account, and the result names the
//! accounts that met it.
//!
//! Source: one of the patterns of Altman, Blanuša, von Niederhäusern, Egressy, Anghel, Atasu,
//! AMLworld, NeurIPS 2023.

mod hub;

use std::cmp::Reverse;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::hub::{Bounds, Pool, pools_of};
use crate::analyses::{
    INSTANCES_MAX, Inputs, Instance, Moments, Outcome, Pattern, Told, account_name, counted,
    cut_notes, outcome,
};
use crate::error::{Error, Result};
use crate::interrupt;

const HOUR_MS: i64 = 3_600_000;

/// Role of an account that paid the hub and was paid by it.
const BOTH: &str = "sender and receiver";

const PATTERN: Pattern = Pattern {
    analysis: "gather-scatter",
    transfers_table: "gather-scatter_steps",
    measure: "senders_and_receivers",
    what_else: "Any business that customers pay and that pays staff and suppliers; landlords, \
                clubs, lawyers' client accounts, payment services.",
};

/// Keys of a query file's `[parameters]`, and flags of `gather-scatter`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest distinct accounts that pay the hub, 1 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().senders_min)]
    pub senders_min: u32,
    /// Fewest distinct accounts that the hub pays, 1 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().receivers_min)]
    pub receivers_min: u32,
    /// Hours from the first transfer of a window to its last, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most instances that are listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
    /// Most comparisons of two dates without times, for one account.
    #[arg(long, value_name = "N", default_value_t = Params::default().steps_max)]
    pub steps_max: u64,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            senders_min: 5,
            receivers_min: 5,
            // A week holds one of each weekday, so a weekly round of payments is in one window.
            window_hours: 168,
            instances_max: INSTANCES_MAX,
            steps_max: 10_000_000,
        }
    }
}

/// The tables `gather-scatter`, each instance's hub, senders and receivers, and
/// `gather-scatter_steps`; instances with most senders and receivers first, then by hub and
/// time. One finding for each hub, of its first instance.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged, [`Error::Interrupted`] when stopped.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    for (key, found) in
        [("senders_min", params.senders_min), ("receivers_min", params.receivers_min)]
    {
        if found == 0 {
            return Err(Error::Usage(format!("{key} is {found}, expected 1 or more")));
        }
    }
    let graph = inputs.graph()?;
    let moments = Moments::new(inputs.case)?;
    let bounds = Bounds {
        least: [params.senders_min as usize, params.receivers_min as usize],
        window_ms: i64::from(params.window_hours) * HOUR_MS,
        steps_max: params.steps_max,
    };
    let found: Vec<(Vec<Pool>, u32, u64)> = (0..graph.nodes() as u32)
        .into_par_iter()
        .filter(|hub| !graph.is_unidentified(*hub))
        .map(|hub| {
            interrupt::check()?;
            let (pools, cut) = pools_of(graph, &moments, hub, &bounds);
            Ok((pools, hub, cut))
        })
        .filter(|found| !matches!(found, Ok((pools, _, 0)) if pools.is_empty()))
        .collect::<Result<_>>()?;
    let mut cut: Vec<(u32, u64)> =
        found.iter().filter(|(.., cut)| *cut > 0).map(|(_, hub, cut)| (*hub, *cut)).collect();
    cut.sort_unstable_by_key(|(hub, cut)| (Reverse(*cut), *hub));
    let mut pools: Vec<Pool> = found.into_iter().flat_map(|(pools, ..)| pools).collect();
    // The sort is stable, so the instances of one hub stay in order of time.
    pools.sort_by_key(|it| (Reverse(it.senders.len() + it.receivers.len()), it.hub));
    let many = pools.len() as u64;
    // Almost every account with much to do may be one, and what is not listed is not told either.
    pools.truncate(params.instances_max as usize);
    let instances: Vec<Instance> = pools.into_iter().map(instance).collect();
    let mut notes = vec![rule(params)];
    notes.extend(cut_notes(inputs.case, &cut, |name, left_out| {
        format!(
            "{name} has many dates without times: {left_out} comparisons of two of a day were \
             left out (steps_max)."
        )
    })?);
    if many > instances.len() as u64 {
        notes.push(format!(
            "{} were found; the first {} are listed (instances_max).",
            counted(many, "instance"),
            params.instances_max
        ));
    }
    outcome(inputs, PATTERN, &instances, params.instances_max, notes, |_, it| {
        tell(inputs, params, it)
    })
}

fn instance(pool: Pool) -> Instance {
    let sent = pool.senders.difference(&pool.receivers).map(|one| ("sender", *one));
    let both = pool.senders.intersection(&pool.receivers).map(|one| (BOTH, *one));
    let received = pool.receivers.difference(&pool.senders).map(|one| ("receiver", *one));
    Instance {
        members: [("hub", pool.hub)].into_iter().chain(sent).chain(both).chain(received).collect(),
        transfers: pool.transfers,
        bound_met: pool.bound_met,
    }
}

fn rule(params: &Params) -> String {
    format!(
        "{} or more distinct senders and {} or more distinct receivers within {}, first and last \
         transfer included, each payment out after a payment in; windows that share a transfer \
         are one instance.",
        params.senders_min,
        params.receivers_min,
        counted(params.window_hours, "hour")
    )
}

fn tell(inputs: &Inputs, params: &Params, it: &Instance) -> Result<Told> {
    let of = |role| it.members.iter().filter(move |(own, _)| *own == role).count();
    let hub = it.members[0].1;
    let (senders, receivers) = (of("sender") + of(BOTH), of("receiver") + of(BOTH));
    let both = match of(BOTH) {
        0 => String::new(),
        both => format!(" ({both} of them both sent and received)"),
    };
    Ok(Told {
        candidate: hub,
        value: (senders + receivers).to_string(),
        score: (senders + receivers) as f64,
        sentence: format!(
            "{} paid {}, which paid {}{both}, in windows of {}",
            counted(senders as u64, "account"),
            account_name(inputs.case, hub)?,
            counted(receivers as u64, "account"),
            counted(params.window_hours, "hour")
        ),
        ..Told::default()
    })
}
