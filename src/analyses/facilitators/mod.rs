//! Facilitators: whom the others depend on, measure by measure.
//!
//! # What it finds
//! Parties, and accounts without a known holder, near the subjects of the case, ranked by how
//! they stand between others: money that passes through within days, payers and payees, shortest
//! paths, whether the network falls apart without them, clusters and kinds of contact (money,
//! phone, lease) they bridge, and for how many others they sign, rent or subscribe.
//!
//! The order is Borda's count over the measures marked below: each is one voter, ties averaged,
//! no weights. `counterparties_in` and `counterparties_out` vote together by the smaller of the
//! two, since who only pays or is only paid stands between nobody; `dwell_median_days` and
//! `lets_for` inform and do not vote, the latter because a landlord and a tenant are two sides
//! of a contract, not one acting for the other.
//!
//! # Why it matters
//! A scheme of many hands needs someone who opens accounts, signs leases and moves money for the
//! rest; that person's records tie the others together.
//!
//! # What else explains it
//! A property manager collects rent and signs leases for an owner; a payroll company pays many;
//! an accountant signs for clients; families rent and subscribe for one another; shops and banks
//! stand between everyone. Each row says which of these its own records would also fit.

mod acting;
mod actors;
mod passing;
mod ranking;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::analyses::{Inputs, Memberships, Outcome, clusters, memberships};
use crate::error::{Error, Result};
use crate::graph::{Network, betweenness_from, cut_vertices, hops, sampled_betweenness};
use crate::model::{EntityKind, EntityRef, NONE, SourceRef};
use crate::store::Table;

use acting::{Acting, Capacity, acting};
use actors::Actors;
use passing::{Passing, passing};
use ranking::borda;
use tables::Estimate;

/// Keys of a query file's `[parameters]`, and flags of `facilitators`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Steps from the subjects within which candidates are compared; the whole case when it
    /// names no subject.
    #[arg(long, value_name = "N", default_value_t = Params::default().hops)]
    pub hops: u32,
    /// Civil days after a credit during which debits count against it.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_days)]
    pub window_days: u32,
    /// Fewest credits for which money passed through is measured.
    #[arg(long, value_name = "N", default_value_t = Params::default().credits_min)]
    pub credits_min: u32,
    /// Most parties that may share an identifier before it counts as common.
    #[arg(long, value_name = "N", default_value_t = Params::default().parties_sharing_max)]
    pub parties_sharing_max: u32,
    /// Most entities from which shortest paths are followed; more make betweenness an estimate.
    #[arg(long, value_name = "N", default_value_t = Params::default().sources_max)]
    pub sources_max: usize,
    /// Most that an estimate of betweenness is off, as a share of all pairs of entities, above 0
    /// and below 1: paths are then sampled where there are more than `sources_max` entities.
    /// Without it they are followed from `sources_max` entities, evenly spaced, and no bound on
    /// the error is known.
    #[arg(long, value_name = "SHARE")]
    pub betweenness_error: Option<f64>,
    /// Most candidates listed; all are ranked.
    #[arg(long, value_name = "N", default_value_t = Params::default().candidates_max)]
    pub candidates_max: usize,
    /// Most findings, from the top of the list.
    #[arg(long, value_name = "N", default_value_t = Params::default().findings_max)]
    pub findings_max: usize,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            hops: 3,
            window_days: 5,
            credits_min: 3,
            parties_sharing_max: clusters::Params::default().parties_sharing_max,
            sources_max: 1_000,
            betweenness_error: None,
            candidates_max: 50,
            findings_max: 5,
        }
    }
}

/// What was measured of one candidate.
#[derive(Debug)]
struct Candidate {
    entity: EntityRef,
    node: u32,
    score: f64,
    passing: Passing,
    counterparties_in: usize,
    counterparties_out: usize,
    betweenness: f64,
    cut_vertex: bool,
    clusters_bridged: usize,
    kinds_bridged: usize,
    groups_by_two_kinds: usize,
    signs_for: usize,
    rents_for: usize,
    subscribes_for: usize,
    lets_for: usize,
    /// Distinct others, in whatever capacity of the three that count.
    acts_for: usize,
    evidence: Vec<SourceRef>,
}

impl Candidate {
    fn between(&self) -> usize {
        self.counterparties_in.min(self.counterparties_out)
    }

    /// True when some measure tells the candidate from a bystander.
    fn measured(&self) -> bool {
        self.acts_for > 0 || self.between() > 0 || self.betweenness > 0.0 || self.kinds_bridged > 1
    }
}

/// The measures that vote.
fn voters(candidates: &[Candidate]) -> Vec<Vec<Option<f64>>> {
    let column = |of: &dyn Fn(&Candidate) -> Option<f64>| candidates.iter().map(of).collect();
    vec![
        column(&|it| it.passing.share),
        column(&|it| it.passing.to_funders_share),
        column(&|it| Some(it.between() as f64)),
        column(&|it| Some(it.betweenness)),
        column(&|it| Some(f64::from(u8::from(it.cut_vertex)))),
        column(&|it| Some(it.clusters_bridged as f64)),
        column(&|it| Some(it.kinds_bridged as f64)),
        column(&|it| Some(it.groups_by_two_kinds as f64)),
        column(&|it| Some(it.acts_for as f64)),
    ]
}

/// The subject network: actors near the subjects, renumbered, and the links among them.
struct Near {
    nodes: Vec<u32>,
    network: Network,
    subjects: usize,
}

/// Ranks candidates; the table `facilitators` and a finding for the first of them.
///
/// Cost: sorts of transfers, calls and ties; `sources_max` searches of the subject network, or
/// the samples that `betweenness_error` takes.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::File`] if a table is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    if let Some(share) = params.betweenness_error.filter(|share| !(*share > 0.0 && *share < 1.0)) {
        return Err(Error::Usage(format!(
            "betweenness_error is {share}, expected a share above 0 and below 1"
        )));
    }
    let shared = clusters::Params {
        parties_sharing_max: params.parties_sharing_max,
        ..clusters::Params::default()
    };
    let memberships = memberships(inputs, &shared)?;
    let actors = Actors::new(inputs, &memberships)?;
    let acting = acting(inputs.case, &actors)?;
    let near = near(inputs, &actors, params)?;
    let paths = paths_through(&near.network, params);
    let cuts: BTreeSet<u32> = cut_vertices(&near.network).into_iter().collect();
    let mut candidates = Vec::new();
    for (at, &node) in near.nodes.iter().enumerate() {
        let entity = actors.entity(node);
        let unheld = entity.kind == EntityKind::Account && actors.is_unheld(entity.row);
        if entity.kind != EntityKind::Party && !unheld {
            continue;
        }
        let mut candidate = measure(inputs, &actors, &acting, &memberships, entity, params)?;
        candidate.betweenness = paths.score[at];
        candidate.cut_vertex = cuts.contains(&(at as u32));
        candidates.push(candidate);
    }
    candidates.retain(Candidate::measured);
    let scores = borda(&voters(&candidates), candidates.len());
    for (candidate, score) in candidates.iter_mut().zip(scores) {
        candidate.score = score;
    }
    candidates.sort_by(|left, right| {
        right.score.total_cmp(&left.score).then_with(|| left.entity.cmp(&right.entity))
    });
    let ranked = candidates.len();
    candidates.truncate(params.candidates_max);
    for candidate in &mut candidates {
        candidate.evidence = evidence(inputs, &acting, candidate)?;
    }
    let scope = tables::Scope {
        ranked,
        entities: near.nodes.len(),
        subjects: near.subjects,
        estimate: paths.estimate,
    };
    tables::outcome(inputs.case, params, &candidates, &scope)
}

/// Probability that some estimate is off by more than `betweenness_error`.
const ERROR_ODDS: f64 = 0.01;

/// Betweenness of each node of the subject network, and what it was estimated from.
struct Through {
    score: Vec<f64>,
    estimate: Option<Estimate>,
}

fn paths_through(network: &Network, params: &Params) -> Through {
    match params.betweenness_error {
        Some(share) if network.nodes() > params.sources_max => {
            let sampled = sampled_betweenness(network, share, ERROR_ODDS);
            let estimate =
                Estimate::Sampled { samples: sampled.samples, error_max: sampled.error_max, share };
            Through { score: sampled.score, estimate: Some(estimate) }
        }
        _ => {
            let paths = betweenness_from(network, params.sources_max);
            let estimate = paths.bound_met.then_some(Estimate::From { sources: paths.sources });
            Through { score: paths.score, estimate }
        }
    }
}

fn near(inputs: &Inputs, actors: &Actors, params: &Params) -> Result<Near> {
    let mut subjects = BTreeSet::new();
    for subject in inputs.case.subjects()? {
        subjects.extend(subject.matches.iter().filter_map(|entity| actors.actor(*entity)));
    }
    let sources: Vec<u32> = subjects.iter().copied().collect();
    let nodes: Vec<u32> = if sources.is_empty() {
        (0..actors.all.nodes() as u32).filter(|node| actors.all.degree(*node) > 0).collect()
    } else {
        let away = hops(&actors.all, &sources, params.hops);
        (0..actors.all.nodes() as u32).filter(|node| away[*node as usize] != NONE).collect()
    };
    let place = |node: u32| nodes.binary_search(&node).ok().map(|at| at as u32);
    let edges: Vec<(u32, u32)> =
        actors.all.edge_pairs().filter_map(|(from, to)| Some((place(from)?, place(to)?))).collect();
    let network = Network::from_edges(nodes.len(), &edges);
    Ok(Near { network, nodes, subjects: sources.len() })
}

/// A group of others that a candidate may bridge to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Group {
    Cluster(u32),
    /// A part of its own cluster, as that falls apart without it.
    Part(u32),
    Single(u32),
}

fn measure(
    inputs: &Inputs,
    actors: &Actors,
    acting: &Acting,
    memberships: &Memberships,
    entity: EntityRef,
    params: &Params,
) -> Result<Candidate> {
    let node = actors.node(entity);
    let credits_min = params.credits_min as usize;
    let passing = passing(inputs, actors, entity, params.window_days, credits_min)?;
    let (payees, payers) = (actors.paid.neighbours(node), actors.paid_by.neighbours(node));
    let acts = |capacity| acting.others.get(&(node, capacity)).into_iter().flatten().copied();
    let acted_for: BTreeSet<u32> = [Capacity::Signs, Capacity::Rents, Capacity::Subscribes]
        .into_iter()
        .flat_map(acts)
        .collect();
    let parts = memberships.parts_without(entity);
    let own = memberships.position(entity);
    let group = |other: u32| {
        let other_entity = actors.entity(other);
        match (parts.get(&other_entity), memberships.position(other_entity)) {
            (Some(part), _) => Group::Part(*part),
            (None, Some(cluster)) if Some(cluster) != own => Group::Cluster(cluster),
            _ => Group::Single(other),
        }
    };
    let mut kinds: BTreeMap<Group, u8> = BTreeMap::new();
    let mut contact = |others: &mut dyn Iterator<Item = u32>, kind: u8| {
        for other in others {
            *kinds.entry(group(other)).or_default() |= kind;
        }
    };
    contact(&mut payees.iter().chain(payers).copied().chain(acts(Capacity::Signs)), 1);
    let called = actors.called.neighbours(node).iter().copied();
    contact(&mut called.chain(acts(Capacity::Subscribes)), 2);
    contact(&mut acts(Capacity::Rents), 4);
    let every = kinds.values().fold(0_u8, |all, kind| all | kind);
    Ok(Candidate {
        entity,
        node,
        score: 0.0,
        passing,
        counterparties_in: payers.len(),
        counterparties_out: payees.len(),
        betweenness: 0.0,
        cut_vertex: false,
        clusters_bridged: bridged(&kinds),
        kinds_bridged: every.count_ones() as usize,
        groups_by_two_kinds: kinds.values().filter(|kind| kind.count_ones() >= 2).count(),
        signs_for: acting.count(node, Capacity::Signs),
        rents_for: acting.count(node, Capacity::Rents),
        subscribes_for: acting.count(node, Capacity::Subscribes),
        lets_for: acting.count(node, Capacity::Lets),
        acts_for: acted_for.len(),
        evidence: Vec::new(),
    })
}

/// Clusters met; a candidate's own counts by its parts once they are two or more, since one
/// part would hold together without it.
fn bridged(kinds: &BTreeMap<Group, u8>) -> usize {
    let parts = kinds.keys().filter(|group| matches!(group, Group::Part(_))).count();
    let others = kinds.keys().filter(|group| matches!(group, Group::Cluster(_))).count();
    others + if parts >= 2 { parts } else { 0 }
}

/// Records behind the acts for others, all of them up to a bound, and the largest transfers.
fn evidence(inputs: &Inputs, acting: &Acting, candidate: &Candidate) -> Result<Vec<SourceRef>> {
    let transfers = inputs.case.transfers()?;
    debug_assert!(transfers.rows() >= candidate.passing.rows.len());
    let mut refs = BTreeSet::new();
    for capacity in [Capacity::Signs, Capacity::Rents, Capacity::Subscribes, Capacity::Lets] {
        let lines = acting.refs.get(&(candidate.node, capacity));
        refs.extend(lines.into_iter().flatten().take(tables::REFS_EACH_MAX));
    }
    for row in &candidate.passing.rows {
        let at = *row as usize;
        refs.insert(SourceRef { source: transfers.source[at], line: transfers.line[at] });
    }
    Ok(refs.into_iter().collect())
}
