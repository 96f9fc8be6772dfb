//! Fan-in and fan-out: many accounts pay one, or one pays many, within a short while.
//!
//! # What it finds
//! Accounts that at least `counterparties_min` distinct accounts paid (fan-in), or that paid as
//! many (fan-out), within `window_hours`. A window is closed and runs from its first transfer to
//! its last. Windows of one account that share a transfer are one instance, and the one with
//! most counterparties is its peak, the earliest of equals.
//!
//! A date without a time stands at the start of its day, and such days are 24 hours apart,
//! whatever a clock change does; `untimed_transfers` counts them. Transfers of an account to
//! itself never count. An unidentified far end is no hub; as a counterparty it counts once for
//! each text under which it stands, and `counterparties_unidentified` says how many there are,
//! since several such texts may be one account and one text may be several.
//!
//! # Why it matters
//! Proceeds are gathered from many payers into one account and spread to many before they move
//! on; deposits split among many stay below what banks report.
//!
//! # What else explains it
//! Shops, landlords and charities are paid by many; employers and insurers pay many, and on the
//! same day; so do clubs, schools and platforms.
//!
//! # Parameters
//! `counterparties_min`, `window_hours`, `transfers_max`, `instances_max`: see [`Params`].
//!
//! # Cost
//! Linear in transfers, and a sort of the transfers of each instance; accounts are spread over
//! threads. An account with more than `transfers_max` transfers one way is read up to that bound
//! in order of time, and the result names it.

mod instance;
mod report;
mod windows;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::instance::{Instance, instance};
use self::report::{finding, table};
use self::windows::{Contact, Met, Run, runs_of};
use crate::analyses::{INSTANCES_MAX, Inputs, Outcome, TransferFacts, account_name, counted};
use crate::error::{Error, Result};
use crate::graph::{Edges, TransferGraph};
use crate::model::Amount;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const CLOCK_CHANGE_MS: i64 = 2 * HOUR_MS;

/// Transfers that listed instances hold together before no more are listed: beyond them, a list
/// of members is read by nobody.
const LISTED_TRANSFERS_MAX: usize = 200_000;

/// Accounts that one task takes at least.
const HUBS_AT_ONCE: usize = 256;

/// Keys of a query file's `[parameters]`, and flags of `fan-in` and `fan-out`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest distinct accounts at the other end, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().counterparties_min)]
    pub counterparties_min: u32,
    /// Hours from the first transfer of a window to its last, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most transfers one way that are read of one account.
    #[arg(long, value_name = "N", default_value_t = Params::default().transfers_max)]
    pub transfers_max: u32,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        // Three days reach over a weekend, during which banks do not book.
        Params {
            counterparties_min: 8,
            window_hours: 72,
            transfers_max: 1_000_000,
            instances_max: INSTANCES_MAX,
        }
    }
}

/// Which way money moves as the hub sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    In,
    Out,
}

impl Way {
    fn analysis(self) -> &'static str {
        match self {
            Way::In => "fan-in",
            Way::Out => "fan-out",
        }
    }

    fn other_role(self) -> &'static str {
        match self {
            Way::In => "sender",
            Way::Out => "receiver",
        }
    }

    fn what_else(self) -> &'static str {
        match self {
            Way::In => {
                "Shops, landlords, charities, clubs, schools and platforms are paid by many."
            }
            Way::Out => {
                "Employers, insurers, landlords returning deposits and platforms pay many, often \
                 on one day."
            }
        }
    }

    fn edges(self, graph: &TransferGraph, hub: u32) -> Edges<'_> {
        match self {
            Way::In => graph.in_edges(hub),
            Way::Out => graph.out_edges(hub),
        }
    }

    fn amount(self, facts: &TransferFacts, transfer: u32) -> Amount {
        match self {
            Way::In => facts.received(transfer),
            Way::Out => facts.sent(transfer),
        }
    }
}

/// Both ways: the tables `fan-in` and `fan-out`, and the findings of both, most counterparties
/// first.
///
/// # Errors
///
/// As [`fan_in`].
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    // Read before the two ways share what was read.
    inputs.graph()?;
    // Each tells its largest hub on one thread, so that one tells while the other does.
    let (both, out) = rayon::join(|| fan_in(inputs, params), || fan_out(inputs, params));
    let (mut both, out) = (both?, out?);
    both.tables.extend(out.tables);
    both.findings.extend(out.findings);
    // The sort is stable, so among equals fan-in stays before fan-out and each in its order.
    both.findings.sort_by(|left, right| right.score.total_cmp(&left.score));
    Ok(both)
}

/// Accounts that many paid: the table `fan-in`, the hub's rows before its senders', and one
/// finding for each hub, of its largest instance; most counterparties at the peak first, then most
/// transfers, then hub and time.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn fan_in(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    one_way(inputs, params, Way::In)
}

/// Accounts that paid many: the same with the table `fan-out` and receivers.
///
/// # Errors
///
/// As [`fan_in`].
pub fn fan_out(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    one_way(inputs, params, Way::Out)
}

fn one_way(inputs: &Inputs, params: &Params, way: Way) -> Result<Outcome> {
    if params.counterparties_min < 2 {
        let found = params.counterparties_min;
        return Err(Error::Usage(format!("counterparties_min is {found}, expected 2 or more")));
    }
    let facts = TransferFacts::new(inputs.case)?;
    let graph = inputs.graph()?;
    let found: Vec<(Vec<Seen>, Option<u32>)> = (0..graph.nodes() as u32)
        .into_par_iter()
        .with_min_len(HUBS_AT_ONCE)
        .filter(|hub| !graph.is_unidentified(*hub))
        .map_init(
            || Met::new(graph.nodes()),
            |met, hub| of_hub(graph, &facts, hub, params, way, met),
        )
        .filter(|(seen, cut)| !seen.is_empty() || cut.is_some())
        .collect();
    let cut: Vec<u32> = found.iter().filter_map(|(_, cut)| *cut).collect();
    let mut seen: Vec<Seen> = found.into_iter().flat_map(|(some, _)| some).collect();
    seen.sort_unstable_by_key(|it| {
        let size = Reverse((it.run.peak_counterparties, it.run.end - it.run.start));
        (size, it.hub, it.first, it.run.start)
    });
    let mut transfers = 0;
    let listed = seen
        .iter()
        .take(params.instances_max as usize)
        .take_while(|it| {
            let room = transfers < LISTED_TRANSFERS_MAX;
            transfers += it.run.end - it.run.start;
            room
        })
        .count();
    let instances: Vec<Instance> = seen[..listed]
        .par_iter()
        .map(|it| {
            let (contacts, bound_met) = contacts(graph, &facts, it.hub, params, way);
            instance(graph, &facts, (it.hub, way, bound_met), &contacts, it.run)
        })
        .collect::<Result<_>>()?;
    let mut by_hub: BTreeMap<u32, Vec<&Instance>> = BTreeMap::new();
    for instance in &instances {
        by_hub.entry(instance.hub).or_default().push(instance);
    }
    // A monthly payroll would fill a page of findings, so each hub has one, of its largest run;
    // the table has them all.
    let findings = instances
        .iter()
        .filter_map(|it| by_hub.remove(&it.hub))
        .map(|of_hub| finding(inputs.case, &of_hub, params, way))
        .collect::<Result<_>>()?;
    let mut answer = table(inputs.case, &instances, params, way)?;
    if listed < seen.len() {
        answer = answer.note(format!(
            "{} were found; the first {listed} are listed (instances_max, and no more once they \
             hold {LISTED_TRANSFERS_MAX} transfers).",
            counted(seen.len() as u64, "instance")
        ));
    }
    for hub in cut {
        answer = answer.note(format!(
            "{} has more than {} transfers one way: only the first of them were read \
             (transfers_max).",
            account_name(inputs.case, hub)?,
            params.transfers_max
        ));
    }
    Ok(Outcome { tables: vec![answer], findings })
}

/// An instance before its members are told.
struct Seen {
    hub: u32,
    first: i32,
    run: Run,
}

/// What one hub's transfers show, and the hub again if they met the bound.
fn of_hub(
    graph: &TransferGraph,
    facts: &TransferFacts,
    hub: u32,
    params: &Params,
    way: Way,
    met: &mut Met,
) -> (Vec<Seen>, Option<u32>) {
    let least = params.counterparties_min as usize;
    let window_ms = i64::from(params.window_hours) * HOUR_MS;
    let edges = way.edges(graph, hub);
    let cut = edges.len() > params.transfers_max as usize;
    // Fewer transfers than counterparties asked for hold no window; where dates are moved to the
    // start of their day, a clock change moves them by at most these hours.
    let reach = graph.ticks_within(window_ms + CLOCK_CHANGE_MS);
    let dense = edges.ticks().windows(least).any(|some| some[least - 1] - some[0] <= reach);
    if !dense && !cut {
        return (Vec::new(), None);
    }
    let (contacts, bound_met) = contacts(graph, facts, hub, params, way);
    let seen = |run: Run| {
        let days = contacts[run.start..run.end].iter().map(|contact| facts.day(contact.transfer));
        Seen { hub, first: days.min().unwrap_or_default(), run }
    };
    let runs = runs_of(&contacts, window_ms, least, met);
    (runs.into_iter().map(seen).collect(), bound_met.then_some(hub))
}

/// The transfers of a hub one way in order of time, and whether there are more than are read.
fn contacts(
    graph: &TransferGraph,
    facts: &TransferFacts,
    hub: u32,
    params: &Params,
    way: Way,
) -> (Vec<Contact>, bool) {
    let edges = way.edges(graph, hub);
    let mut others = edges.iter().filter(|edge| edge.neighbour != hub);
    let mut start_of_days = None;
    let mut contacts: Vec<Contact> = others
        .by_ref()
        .take(params.transfers_max as usize)
        .map(|edge| {
            let mut at_ms = edge.time_ms;
            if !facts.is_timed(edge.transfer) {
                let day_ms = i64::from(facts.day(edge.transfer)) * DAY_MS;
                at_ms = day_ms + *start_of_days.get_or_insert(edge.time_ms - day_ms);
            }
            Contact { at_ms, other: edge.neighbour, transfer: edge.transfer }
        })
        .collect();
    let bound_met = others.next().is_some();
    contacts.sort_by_key(|contact| (contact.at_ms, contact.transfer));
    (contacts, bound_met)
}

#[cfg(test)]
mod tests;
