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
//! `counterparties_min`, `window_hours`, `transfers_max`: see [`Params`].
//!
//! # Cost
//! Linear in transfers, and a sort of the transfers of each instance; accounts are spread over
//! threads. An account with more than `transfers_max` transfers one way is read up to that bound
//! in order of time, and the result names it.

mod report;
mod windows;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::report::{finding, table};
use self::windows::{Contact, Run, runs_of};
use crate::analyses::{Inputs, Outcome, TransferFacts, account_name, total_minor};
use crate::error::{Error, Result};
use crate::graph::TransferGraph;
use crate::model::{Amount, Currency, SourceRef};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Keys of a query file's `[parameters]`, and flags of `fan-in` and `fan-out`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Fewest distinct accounts at the other end, 2 or more.
    #[arg(long, default_value_t = Params::default().counterparties_min)]
    pub counterparties_min: u32,
    /// Hours from the first transfer of a window to its last, both included.
    #[arg(long, default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most transfers one way that are read of one account.
    #[arg(long, default_value_t = Params::default().transfers_max)]
    pub transfers_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        // Three days reach over a weekend, during which banks do not book.
        Params { counterparties_min: 8, window_hours: 72, transfers_max: 1_000_000 }
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

    fn amount(self, facts: &TransferFacts, transfer: u32) -> Amount {
        match self {
            Way::In => facts.received(transfer),
            Way::Out => facts.sent(transfer),
        }
    }
}

/// Transfers of one member of an instance, in one currency.
struct Share {
    account: u32,
    unidentified: bool,
    transfers: u64,
    total: Amount,
    first: i32,
    last: i32,
    source_refs: Vec<SourceRef>,
    records: u64,
}

struct Instance {
    hub: u32,
    hub_shares: Vec<Share>,
    other_shares: Vec<Share>,
    transfers: u64,
    counterparties: usize,
    counterparties_unidentified: usize,
    untimed_transfers: u64,
    peak_counterparties: usize,
    peak_first: i32,
    peak_last: i32,
    first: i32,
    last: i32,
    source_refs: Vec<SourceRef>,
    records: u64,
    bound_met: bool,
}

/// Both ways: the tables `fan-in` and `fan-out`, and the findings of both, most counterparties
/// first.
///
/// # Errors
///
/// As [`fan_in`].
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let mut both = fan_in(inputs, params)?;
    let out = fan_out(inputs, params)?;
    both.tables.extend(out.tables);
    both.findings.extend(out.findings);
    // The sort is stable, so among equals fan-in stays before fan-out and each in its order.
    both.findings.sort_by(|left, right| right.score.total_cmp(&left.score));
    Ok(both)
}

/// Accounts that many paid: the table `fan-in`, the hub's rows before its senders', and one
/// finding for each instance; most counterparties at the peak first, then most transfers, then
/// hub and time.
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
    let found: Vec<(Vec<Instance>, Option<u32>)> = (0..graph.nodes() as u32)
        .into_par_iter()
        .filter(|hub| !graph.is_unidentified(*hub))
        .map(|hub| of_hub(graph, &facts, hub, params, way))
        .collect::<Result<_>>()?;
    let cut: Vec<u32> = found.iter().filter_map(|(_, cut)| *cut).collect();
    let mut instances: Vec<Instance> = found.into_iter().flat_map(|(some, _)| some).collect();
    instances.sort_by_key(|it| (Reverse((it.peak_counterparties, it.transfers)), it.hub, it.first));
    let findings = instances
        .iter()
        .map(|instance| finding(inputs.case, instance, params, way))
        .collect::<Result<_>>()?;
    let mut answer = table(inputs.case, &instances, params, way)?;
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

/// The instances of one hub, and the hub again if its transfers met the bound.
fn of_hub(
    graph: &TransferGraph,
    facts: &TransferFacts,
    hub: u32,
    params: &Params,
    way: Way,
) -> Result<(Vec<Instance>, Option<u32>)> {
    let edges = match way {
        Way::In => graph.in_edges(hub),
        Way::Out => graph.out_edges(hub),
    };
    if edges.len() < params.counterparties_min as usize {
        return Ok((Vec::new(), None));
    }
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
    let window_ms = i64::from(params.window_hours) * HOUR_MS;
    let runs = runs_of(&contacts, window_ms, params.counterparties_min as usize);
    let instances = runs
        .into_iter()
        .map(|run| instance(graph, facts, (hub, way, bound_met), &contacts, run))
        .collect::<Result<_>>()?;
    Ok((instances, bound_met.then_some(hub)))
}

fn instance(
    graph: &TransferGraph,
    facts: &TransferFacts,
    (hub, way, bound_met): (u32, Way, bool),
    contacts: &[Contact],
    run: Run,
) -> Result<Instance> {
    let inside = &contacts[run.start..run.end];
    let mut by_currency: BTreeMap<Currency, Vec<u32>> = BTreeMap::new();
    let mut by_other: BTreeMap<(u32, Currency), Vec<u32>> = BTreeMap::new();
    for contact in inside {
        let currency = way.amount(facts, contact.transfer).currency;
        by_currency.entry(currency).or_default().push(contact.transfer);
        by_other.entry((contact.other, currency)).or_default().push(contact.transfer);
    }
    let share = |account: u32, currency: Currency, rows: &[u32]| -> Result<Share> {
        let minor = total_minor(rows.iter().map(|row| way.amount(facts, *row).minor))?;
        let (source_refs, records) = facts.source_refs(rows.iter().copied());
        let (first, last) = days(facts, rows.iter().copied());
        Ok(Share {
            account,
            unidentified: graph.is_unidentified(account),
            transfers: rows.len() as u64,
            total: Amount { minor, currency },
            first,
            last,
            source_refs,
            records,
        })
    };
    let peak = &contacts[run.peak_start..run.peak_end];
    let (peak_first, peak_last) = days(facts, peak.iter().map(|contact| contact.transfer));
    let rows = || inside.iter().map(|contact| contact.transfer);
    let (first, last) = days(facts, rows());
    let (source_refs, records) = facts.source_refs(rows());
    let others: BTreeSet<u32> = inside.iter().map(|contact| contact.other).collect();
    let unidentified = others.iter().filter(|other| graph.is_unidentified(**other)).count();
    Ok(Instance {
        hub,
        hub_shares: by_currency
            .iter()
            .map(|(&currency, rows)| share(hub, currency, rows))
            .collect::<Result<_>>()?,
        other_shares: by_other
            .iter()
            .map(|(&(other, currency), rows)| share(other, currency, rows))
            .collect::<Result<_>>()?,
        transfers: inside.len() as u64,
        counterparties: others.len(),
        counterparties_unidentified: unidentified,
        untimed_transfers: rows().filter(|row| !facts.is_timed(*row)).count() as u64,
        peak_counterparties: run.peak_counterparties,
        peak_first,
        peak_last,
        first,
        last,
        source_refs,
        records,
        bound_met,
    })
}

/// First and last civil day of some transfers.
fn days(facts: &TransferFacts, rows: impl Iterator<Item = u32>) -> (i32, i32) {
    rows.map(|row| facts.day(row))
        .fold((i32::MAX, i32::MIN), |(first, last), day| (first.min(day), last.max(day)))
}
