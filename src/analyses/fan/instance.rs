//! The members of a fan, and how much each moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::fan::Way;
use crate::analyses::fan::windows::{Contact, Run};
use crate::analyses::{TransferFacts, total_minor};
use crate::error::Result;
use crate::graph::TransferGraph;
use crate::model::{Amount, Currency, SourceRef};

/// Transfers of one member of an instance, in one currency.
pub(super) struct Share {
    pub account: u32,
    pub unidentified: bool,
    pub transfers: u64,
    pub total: Amount,
    pub first: i32,
    pub last: i32,
    pub source_refs: Vec<SourceRef>,
    pub records: u64,
}

/// One hub and the accounts around it, over windows that overlap.
pub(super) struct Instance {
    pub hub: u32,
    pub hub_shares: Vec<Share>,
    pub other_shares: Vec<Share>,
    pub transfers: u64,
    pub counterparties: usize,
    pub counterparties_unidentified: usize,
    pub untimed_transfers: u64,
    pub peak_counterparties: usize,
    pub peak_transfers: u64,
    pub peak_first: i32,
    pub peak_last: i32,
    pub first: i32,
    pub last: i32,
    pub source_refs: Vec<SourceRef>,
    pub records: u64,
    pub bound_met: bool,
}

/// What the transfers of a run add up to. Cost: a sort of them.
pub(super) fn instance(
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
        peak_transfers: peak.len() as u64,
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
