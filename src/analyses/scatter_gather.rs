//! Scatter-gather: one account pays several, and they pay one, each soon after it was paid.
//!
//! # What it finds
//! A source and a sink, two different accounts, with at least `middles_min` accounts between
//! them that the source paid and that paid the sink afterwards, each by at most `window_hours`
//! after it was paid. With `whole_hours` all of it lies within that time; windows of one source
//! and sink that share a transfer are one instance then, and without it there is one instance
//! for each source and sink. Every payment that is part of such a passing on is listed.
//!
//! Equal times do not follow each other. A date without a time comes before later days, and
//! within its day only where a statement of the middle orders it; for lengths of time it stands
//! at the start of its day, and days are 24 hours apart. Transfers of an account to itself never
//! count. An unidentified far end is neither source nor middle nor sink.
//!
//! # Why it matters
//! Money is split over accounts that look unrelated and comes together again behind them, so
//! that no single statement shows where it went.
//!
//! # What else explains it
//! An employer's staff who shop where everyone shops, tenants of one landlord with one employer,
//! members who pay their dues from wages, companies of one group that settle through its bank.
//!
//! # Parameters
//! `middles_min`, `window_hours`, `whole_hours`, `instances_max`, `steps_max`: see [`Params`].
//!
//! # Cost
//! A search of each payment's window, and a step for each pair of a payment to an account and
//! one by it within the window; sources are spread over threads. When there are more such pairs
//! than `steps_max`, the accounts with most of them are no middles, and the result names them.
//!
//! Source: the pattern is one of those of Altman, Blanuša, von Niederhäusern, Egressy, Anghel,
//! Atasu, AMLworld, NeurIPS 2023; the bound on each middle's delay keeps it exact on streams of
//! any length.

mod collect;
mod search;

use std::cmp::Reverse;

use clap::Args;
use hashbrown::HashSet;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::collect::{Joined, by_source};
use self::search::{Found, Search};
use crate::analyses::{
    INSTANCES_MAX, Inputs, Instance, Moments, Outcome, Pattern, Told, account_name, counted,
    cut_notes, outcome,
};
use crate::error::{Error, Result};
use crate::graph::TransferGraph;

const HOUR_MS: i64 = 3_600_000;

const PATTERN: Pattern = Pattern {
    analysis: "scatter-gather",
    transfers_table: "scatter-gather_steps",
    measure: "middles",
    what_else: "Staff of one employer who pay the same shop or landlord, members who pay dues \
                from wages, companies of one group.",
};

/// Keys of a query file's `[parameters]`, and flags of `scatter-gather`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest accounts between source and sink, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().middles_min)]
    pub middles_min: u32,
    /// Hours from a payment to a middle to its payment to the sink, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Hours from the first transfer of an instance to its last, both included; without it the
    /// whole may take any time.
    #[arg(long, value_name = "N")]
    pub whole_hours: Option<u32>,
    /// Most instances that are listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
    /// Most pairs of a payment to an account and one by it that are looked at.
    #[arg(long, value_name = "N", default_value_t = Params::default().steps_max)]
    pub steps_max: u64,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            middles_min: 4,
            // Three days reach over a weekend, during which banks do not book.
            window_hours: 72,
            whole_hours: None,
            instances_max: INSTANCES_MAX,
            steps_max: 4_000_000_000,
        }
    }
}

/// The tables `scatter-gather`, each instance's source, middles and sink, and
/// `scatter-gather_steps`; instances with most middles first, then by source and sink. One
/// finding for each source, of its first instance.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    if params.middles_min < 2 {
        let found = params.middles_min;
        return Err(Error::Usage(format!("middles_min is {found}, expected 2 or more")));
    }
    let graph = inputs.graph()?;
    let moments = Moments::new(inputs.case)?;
    let window_ms = i64::from(params.window_hours) * HOUR_MS;
    let mut search = Search::new(graph, &moments, window_ms, params.middles_min);
    let cut = search.cut_hubs(params.steps_max);
    // A bound on the whole may part a pair or drop it, so all of them are looked at then.
    let listed_max = params.whole_hours.map_or(params.instances_max as usize, |_| usize::MAX);
    let (found, pairs) = search.pairs_joined(listed_max);
    let mut notes = vec![rule(params)];
    if pairs > found.len() as u64 {
        notes.push(format!(
            "{} of a source and a sink were found; the {} with most accounts between them are \
             listed (instances_max).",
            counted(pairs, "pair"),
            params.instances_max
        ));
    }
    let joined = all_joined(&search, &found, params);
    let hubs: HashSet<u32> = cut.iter().map(|(hub, _)| *hub).collect();
    let instances: Vec<Instance> =
        joined.iter().map(|it| instance(graph, &moments, it, &hubs)).collect();
    notes.extend(cut_notes(inputs.case, &cut, |name, pairs| {
        format!(
            "{name} was not looked at as a middle: it has {pairs} pairs of a payment to it and \
             one by it within reach (steps_max)."
        )
    })?);
    outcome(inputs, PATTERN, &instances, params.instances_max, notes, |_, it| {
        tell(inputs, params, it)
    })
}

/// Every instance, most middles first, then by source, sink and first transfer.
fn all_joined(search: &Search, found: &[Found], params: &Params) -> Vec<Joined> {
    let whole_ms = params.whole_hours.map(|hours| i64::from(hours) * HOUR_MS);
    let mut joined: Vec<Joined> = by_source(found.iter().map(|it| (it.source, it.sink)))
        .into_par_iter()
        .flat_map_iter(|(source, sinks)| {
            search.joined(source, &sinks, whole_ms, params.middles_min)
        })
        .collect();
    joined.par_sort_unstable_by(|left, right| {
        let key = |it: &Joined| (Reverse(it.middles.len()), it.source, it.sink);
        key(left).cmp(&key(right)).then_with(|| left.transfers.cmp(&right.transfers))
    });
    joined
}

fn instance(
    graph: &TransferGraph,
    moments: &Moments,
    it: &Joined,
    hubs: &HashSet<u32>,
) -> Instance {
    let middles = it.middles.iter().map(|middle| ("middle", *middle));
    let mut transfers = it.transfers.clone();
    transfers.sort_unstable_by_key(|row| (moments.at_ms(*row), *row));
    let among = |accounts: &[u32]| -> HashSet<u32> {
        accounts.iter().filter(|account| hubs.contains(*account)).copied().collect()
    };
    let bound_met = !hubs.is_empty() && {
        let paid = among(graph.out_edges(it.source).neighbours());
        !paid.is_disjoint(&among(graph.in_edges(it.sink).neighbours()))
    };
    Instance {
        members: [("source", it.source)]
            .into_iter()
            .chain(middles)
            .chain([("sink", it.sink)])
            .collect(),
        transfers,
        bound_met,
    }
}

fn rule(params: &Params) -> String {
    let whole = params
        .whole_hours
        .map_or(String::new(), |hours| format!(", the whole within {}", counted(hours, "hour")));
    format!(
        "{} or more accounts that the source paid and that paid the sink within {} after{whole}. \
         What a middle received or paid otherwise is not part of it, and the sums in and out need \
         not agree.",
        params.middles_min,
        counted(params.window_hours, "hour")
    )
}

fn tell(inputs: &Inputs, params: &Params, it: &Instance) -> Result<Told> {
    let (source, sink) = (it.members[0].1, it.members[it.members.len() - 1].1);
    let middles = it.members.len() - 2;
    Ok(Told {
        candidate: source,
        value: middles.to_string(),
        score: middles as f64,
        sentence: format!(
            "{} paid {middles} accounts that paid {} within {} after",
            account_name(inputs.case, source)?,
            account_name(inputs.case, sink)?,
            counted(params.window_hours, "hour")
        ),
        ..Told::default()
    })
}
