//! Premises: who rents, who lets, who pays, and how many live there.
//!
//! # What it finds
//! For each lease its tenants, landlord and rent, and each account that paid for it: the account
//! the lease names, or accounts that paid the landlord the rent to the cent at least
//! `payments_min` times while it ran. Payments that fit several leases of one landlord are
//! counted for those whose tenant or guarantor holds the paying account; where there is none,
//! for all of them, and `leases_fitting` says how many.
//!
//! # Why it matters
//! Whoever pays for premises where others live or work has a say over them, and is found in the
//! money where the lease names a tenant alone.
//!
//! # What else explains it
//! Employers, relatives, charities and relocation agents pay rent for others; a paying account
//! may be joint with a tenant under another name; two leases may have one rent. Adults are those
//! whom some record links to the premises: they need not live there at once, or at all.

mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::analyses::{Inputs, Outcome};
use crate::error::Result;
use crate::model::{Currency, EntityKind, NONE};
use crate::store::{Case, Leases, Table};

/// Keys of a query file's `[parameters]`, and flags of `premises`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Fewest payments of exactly the rent that make an account a payer.
    #[arg(long, value_name = "N", default_value_t = Params::default().payments_min)]
    pub payments_min: usize,
    /// Days before its start and after its end on which a lease's rent may still be paid.
    #[arg(long, value_name = "N", default_value_t = Params::default().term_slack_days)]
    pub term_slack_days: u32,
    /// Fewest adults for each bedroom that make a finding.
    #[arg(long, value_name = "N", default_value_t = Params::default().adults_per_bedroom_min)]
    pub adults_per_bedroom_min: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params { payments_min: 2, term_slack_days: 31, adults_per_bedroom_min: 4 }
    }
}

/// Parties of one lease, and who else the records link to its premises.
#[derive(Debug, Default)]
struct People {
    tenants: BTreeSet<u32>,
    landlords: BTreeSet<u32>,
    guarantors: BTreeSet<u32>,
    adults: BTreeSet<u32>,
}

/// One account and one lease it pays for; or a lease for which no payer is seen.
#[derive(Debug)]
struct Payer {
    lease: usize,
    /// Row of `accounts`, or [`NONE`].
    account: u32,
    stated: bool,
    transfers: Vec<u32>,
    leases_fitting: usize,
}

/// Days after which a person counts as an adult: eighteen years.
const ADULT_DAYS: i32 = 6_575;

/// The table `premises_payers`, and findings for payers that are no party to the lease and for
/// premises with very many adults. Cost: transfers to landlords times leases of one rent.
///
/// # Errors
///
/// [`crate::Error::AmountOverflow`] if payments exceed 64 bits; [`crate::Error::File`] if a table
/// is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let case = inputs.case;
    let leases = case.leases()?;
    let people = people(case, leases)?;
    let holders = holders(case)?;
    let payers = payers(inputs, leases, &people, &holders, params)?;
    let mut findings = Vec::new();
    for payer in &payers {
        findings.extend(tables::outsider(case, leases, payer, &people[payer.lease], &holders)?);
    }
    for (lease, people) in people.iter().enumerate() {
        findings.extend(tables::crowded(case, leases, lease, people, params)?);
    }
    findings.sort_by(|left, right| {
        right.score.total_cmp(&left.score).then_with(|| left.statement.cmp(&right.statement))
    });
    Ok(Outcome { tables: vec![tables::table(case, leases, &payers, &people, &holders)?], findings })
}

/// First and last day of a lease, open ends as wide as days go.
fn term(leases: &Leases, lease: usize) -> (i32, i32) {
    (leases.start[lease].unwrap_or(i32::MIN), leases.end[lease].unwrap_or(i32::MAX))
}

fn people(case: &Case, leases: &Leases) -> Result<Vec<People>> {
    let mut by_line: BTreeMap<(u32, u32, u32), Vec<usize>> = BTreeMap::new();
    let mut by_premises: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for lease in 0..leases.rows() {
        let line = (leases.premises[lease], leases.source[lease], leases.line[lease]);
        by_line.entry(line).or_default().push(lease);
        by_premises.entry(leases.premises[lease]).or_default().push(lease);
    }
    let mut people: Vec<People> = (0..leases.rows()).map(|_| People::default()).collect();
    let (ties, parties) = (case.ties()?, case.parties()?);
    for at in 0..ties.rows() {
        let kinds = (ties.from_kind[at], ties.to_kind[at]);
        if kinds != (EntityKind::Party, EntityKind::Premises) {
            continue;
        }
        let (party, premises, relation) =
            (ties.from_row[at], ties.to_row[at], ties.relation.get(at));
        // A person on a lease is a tie read from the lease's own line.
        let line = (premises, ties.source[at], ties.line[at]);
        for &lease in by_line.get(&line).into_iter().flatten() {
            match relation {
                "tenant-of" => people[lease].tenants.insert(party),
                "landlord-of" => people[lease].landlords.insert(party),
                "guarantees" => people[lease].guarantors.insert(party),
                _ => false,
            };
        }
        if !matches!(relation, "tenant-of" | "lives-at" | "occupant-of")
            || parties.kind.get(party as usize) == "organisation"
        {
            continue;
        }
        let from = ties.start[at].unwrap_or(i32::MIN);
        let to = ties.end[at].unwrap_or(i32::MAX);
        for &lease in by_premises.get(&premises).into_iter().flatten() {
            let (start, end) = term(leases, lease);
            let born = parties.born[party as usize];
            let adult = born.is_none_or(|born| born.saturating_add(ADULT_DAYS) <= end);
            if from <= end && start <= to && adult {
                people[lease].adults.insert(party);
            }
        }
    }
    Ok(people)
}

/// Parties that own each account, in order.
fn holders(case: &Case) -> Result<BTreeMap<u32, BTreeSet<u32>>> {
    let table = case.holdings()?;
    let mut holders: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for at in 0..table.rows() {
        if table.is_own(at) {
            holders.entry(table.account[at]).or_default().insert(table.party[at]);
        }
    }
    Ok(holders)
}

/// Leases by what a payment must show: landlord, currency and rent.
type Rents = BTreeMap<(u32, Currency, i64), Vec<usize>>;

fn payers(
    inputs: &Inputs,
    leases: &Leases,
    people: &[People],
    holders: &BTreeMap<u32, BTreeSet<u32>>,
    params: &Params,
) -> Result<Vec<Payer>> {
    let mut rents = Rents::new();
    for (lease, people) in people.iter().enumerate() {
        if let (Some(rent), Some(currency)) = (leases.rent_minor[lease], leases.currency[lease]) {
            for landlord in &people.landlords {
                rents.entry((*landlord, currency, rent)).or_default().push(lease);
            }
        }
    }
    let landlords: BTreeSet<u32> = rents.keys().map(|(landlord, _, _)| *landlord).collect();
    let (graph, transfers) = (inputs.graph()?, inputs.case.transfers()?);
    let mut found: BTreeMap<(usize, u32), (BTreeSet<u32>, usize)> = BTreeMap::new();
    for (&account, parties) in holders {
        for landlord in parties.intersection(&landlords) {
            for edge in graph.in_edges(account).iter() {
                let at = edge.transfer as usize;
                let key = (*landlord, transfers.currency[at], transfers.amount_minor[at]);
                let same_rent = rents.get(&key).into_iter().flatten().copied();
                let payer = edge.neighbour;
                let fitting =
                    fitting(leases, people, holders, same_rent, payer, transfers.day[at], params);
                for lease in &fitting {
                    let seen = found.entry((*lease, payer)).or_default();
                    seen.0.insert(edge.transfer);
                    seen.1 = seen.1.max(fitting.len());
                }
            }
        }
    }
    Ok(rows(leases, found, params))
}

/// The leases of one landlord and rent that a payment of `day` may be for.
fn fitting(
    leases: &Leases,
    people: &[People],
    holders: &BTreeMap<u32, BTreeSet<u32>>,
    same_rent: impl Iterator<Item = usize>,
    payer: u32,
    day: i32,
    params: &Params,
) -> Vec<usize> {
    let slack = i32::try_from(params.term_slack_days).unwrap_or(i32::MAX);
    let running: Vec<usize> = same_rent
        .filter(|lease| {
            let (start, end) = term(leases, *lease);
            start.saturating_sub(slack) <= day && day <= end.saturating_add(slack)
        })
        .collect();
    let own: Vec<usize> = running
        .iter()
        .copied()
        .filter(|lease| {
            let people = &people[*lease];
            let stated = leases.paid_from[*lease] == payer;
            stated
                || holders.get(&payer).is_some_and(|parties| {
                    !parties.is_disjoint(&people.tenants)
                        || !parties.is_disjoint(&people.guarantors)
                })
        })
        .collect();
    if own.is_empty() { running } else { own }
}

/// One row for each lease and payer, in order of lease; a lease without any has one row too.
fn rows(
    leases: &Leases,
    mut found: BTreeMap<(usize, u32), (BTreeSet<u32>, usize)>,
    params: &Params,
) -> Vec<Payer> {
    for lease in 0..leases.rows() {
        if leases.paid_from[lease] != NONE {
            found.entry((lease, leases.paid_from[lease])).or_default();
        }
    }
    let mut payers: Vec<Payer> = found
        .into_iter()
        .map(|((lease, account), (transfers, leases_fitting))| Payer {
            lease,
            account,
            stated: leases.paid_from[lease] == account,
            transfers: transfers.into_iter().collect(),
            leases_fitting,
        })
        .filter(|payer| payer.stated || payer.transfers.len() >= params.payments_min.max(1))
        .collect();
    let paid: BTreeSet<usize> = payers.iter().map(|payer| payer.lease).collect();
    payers.extend((0..leases.rows()).filter(|lease| !paid.contains(lease)).map(|lease| Payer {
        lease,
        account: NONE,
        stated: false,
        transfers: Vec::new(),
        leases_fitting: 0,
    }));
    payers.sort_by_key(|payer| (leases.premises[payer.lease], payer.lease, payer.account));
    payers
}
