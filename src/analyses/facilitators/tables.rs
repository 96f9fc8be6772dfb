//! The table and findings of `facilitators`: each measure in its column, and its innocent readings.

use crate::analyses::Outcome;
use crate::error::Result;
use crate::model::{Finding, ResultTable, Values, counted, counted_as};
use crate::store::Case;

use super::{Candidate, ERROR_ODDS, Params};

/// Most records cited for each capacity in which a candidate acts for others.
pub(super) const REFS_EACH_MAX: usize = 20;

/// What the ranking was made over.
pub(super) struct Scope {
    /// Candidates ranked.
    pub ranked: usize,
    /// Entities of the network.
    pub entities: usize,
    /// Subjects it was drawn around; none for the whole case.
    pub subjects: usize,
    /// What betweenness was estimated from; none when it is exact.
    pub estimate: Option<Estimate>,
}

/// What betweenness was estimated from.
pub(super) enum Estimate {
    /// Shortest paths from so many entities, evenly spaced.
    From { sources: usize },
    /// So many shortest paths, drawn until the error was bounded, in pairs of entities and as a
    /// share of all of them.
    Sampled { samples: u64, error_max: f64, share: f64 },
}

/// Candidates in order of rank, and findings for the first of them.
pub(super) fn outcome(
    case: &Case,
    params: &Params,
    candidates: &[Candidate],
    scope: &Scope,
) -> Result<Outcome> {
    let mut names = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        names.push(case.name(candidate.entity)?.to_owned());
    }
    let mut findings = Vec::new();
    for (at, candidate) in candidates.iter().enumerate().take(params.findings_max) {
        findings.push(finding(at + 1, &names[at], candidate, params, scope));
    }
    let table = notes(table(candidates, names), params, candidates, scope);
    Ok(Outcome { tables: vec![table], findings })
}

fn table(candidates: &[Candidate], names: Vec<String>) -> ResultTable {
    let count = |of: &dyn Fn(&Candidate) -> usize| {
        Values::Count(candidates.iter().map(|it| i64::try_from(of(it)).ok()).collect())
    };
    let score =
        |of: &dyn Fn(&Candidate) -> Option<f64>| Values::Score(candidates.iter().map(of).collect());
    let kinds = candidates.iter().map(|it| it.entity.kind.word().to_owned()).collect();
    let dwell = candidates.iter().map(|it| it.passing.dwell_median_days).collect();
    let cut = candidates.iter().map(|it| Some(it.cut_vertex)).collect();
    ResultTable::new("facilitators")
        .with("rank", Values::Count((1..=candidates.len() as i64).map(Some).collect()))
        .with("candidate", Values::Text(names))
        .with("kind", Values::Text(kinds))
        .with("score", score(&|it| Some(it.score)))
        .with("pass_through_share", score(&|it| it.passing.share))
        .with("dwell_median_days", Values::Count(dwell))
        .with("returned_to_payers_share", score(&|it| it.passing.to_funders_share))
        .with("counterparties_in", count(&|it| it.counterparties_in))
        .with("counterparties_out", count(&|it| it.counterparties_out))
        .with("betweenness", score(&|it| Some(it.betweenness)))
        .with("cut_vertex", Values::Flag(cut))
        .with("clusters_bridged", count(&|it| it.clusters_bridged))
        .with("kinds_bridged", count(&|it| it.kinds_bridged))
        .with("groups_by_two_kinds", count(&|it| it.groups_by_two_kinds))
        .with("acts_for", count(&|it| it.acts_for))
        .with("signs_for", count(&|it| it.signs_for))
        .with("rents_for", count(&|it| it.rents_for))
        .with("subscribes_for", count(&|it| it.subscribes_for))
        .with("lets_for", count(&|it| it.lets_for))
        .with("evidence", Values::Refs(candidates.iter().map(|it| it.evidence.clone()).collect()))
        .with(
            "what_else_explains_it",
            Values::Text(candidates.iter().map(|it| innocent(it).join("; ")).collect()),
        )
}

fn notes(
    mut table: ResultTable,
    params: &Params,
    candidates: &[Candidate],
    scope: &Scope,
) -> ResultTable {
    let around = match scope.subjects {
        0 => "the whole case, which names no subject".to_owned(),
        count => {
            let steps = counted(params.hops, "step");
            let subjects = counted_as(count, "subject entity", "subject entities");
            format!("{subjects} and what is within {steps}")
        }
    };
    table = table.note(format!(
        "{} ranked: {around}.",
        match scope.ranked {
            1 => format!("1 candidate of {} is", counted_as(scope.entities, "entity", "entities")),
            several => format!("{several} candidates of {} entities are", scope.entities),
        }
    ));
    if candidates.len() < scope.ranked {
        let first = counted_as(candidates.len(), "is", "are");
        table = table.note(format!("The first {first} listed."));
    }
    match scope.estimate {
        None => table,
        Some(Estimate::From { sources }) => table.note(format!(
            "Betweenness is an estimate from {sources} of {} entities.",
            scope.entities
        )),
        Some(Estimate::Sampled { samples, error_max, share }) => table.note(format!(
            "Betweenness is an estimate from {samples} pairs of {} entities: with a probability \
             of {} no value is off by more than {error_max:.0}, which is {share} of all pairs.",
            scope.entities,
            1.0 - ERROR_ODDS
        )),
    }
}

/// Ordinary readings that the candidate's own records would fit as well.
fn innocent(candidate: &Candidate) -> Vec<&'static str> {
    let mut readings = Vec::new();
    let (ins, outs) = (candidate.counterparties_in, candidate.counterparties_out);
    if candidate.lets_for >= 2 {
        readings.push("a property manager collects rent and signs leases for an owner");
    }
    if outs >= 8 && outs >= ins.saturating_mul(3) {
        readings.push("a payroll or billing company pays many for few");
    }
    if ins >= 8 && ins >= outs.saturating_mul(3) {
        readings.push("a shop, landlord or association is paid by many");
    }
    if candidate.signs_for > 0 {
        readings.push("an accountant, bookkeeper or relative signs for others");
    }
    if candidate.rents_for > 0 {
        readings.push("an employer, relative or housemate rents with or for others");
    }
    if candidate.subscribes_for > 0 {
        readings.push("a family plan or an employer's phones");
    }
    if candidate.passing.share.is_some_and(|share| share >= 0.8) {
        readings.push("client, escrow, payroll and rent accounts pay out what they take in");
    }
    if candidate.passing.to_funders_share.is_some_and(|share| share >= 0.2) {
        readings.push("refunds, loans repaid and trade both ways return money to payers");
    }
    if readings.is_empty() {
        readings.push("any busy household or business stands between others");
    }
    readings
}

fn finding(
    rank: usize,
    name: &str,
    candidate: &Candidate,
    params: &Params,
    scope: &Scope,
) -> Finding {
    Finding {
        analysis: "facilitators",
        candidate: candidate.entity,
        candidate_name: name.to_owned(),
        measure: "rank",
        value: rank.to_string(),
        score: candidate.score,
        amount: None,
        first: candidate.passing.days.map(|(first, _)| first),
        last: candidate.passing.days.map(|(_, last)| last),
        records: candidate.evidence.len() as u64,
        statement: statement(rank, name, candidate, params, scope),
        source_refs: candidate.evidence.clone(),
        what_else_explains_it: "property managers, payroll companies, accountants, employers, \
                                relatives and shops stand between others for a living; the \
                                table says which of these the records would fit",
        bound_met: scope.estimate.is_some(),
    }
}

fn statement(
    rank: usize,
    name: &str,
    candidate: &Candidate,
    params: &Params,
    scope: &Scope,
) -> String {
    let mut parts = vec![format!(
        "{name} ranks {rank} of {}: paid by {} and paying {}",
        scope.ranked, candidate.counterparties_in, candidate.counterparties_out
    )];
    if let Some(share) = candidate.passing.share {
        // Rounded down, so that a sentence never says more than the records do.
        let percent = (share * 100.0).floor();
        parts.push(format!(
            "{percent}% of the money in went out within {} days",
            params.window_days
        ));
    }
    for (count, words) in [
        (candidate.signs_for, "signs for"),
        (candidate.rents_for, "rents with or for"),
        (candidate.subscribes_for, "subscribes phones for"),
        (candidate.lets_for, "lets to"),
    ] {
        if count > 0 {
            let others = if count == 1 { "other" } else { "others" };
            parts.push(format!("{words} {count} {others}"));
        }
    }
    if candidate.kinds_bridged > 1 {
        parts.push(format!("in contact by {} of money, phone and lease", candidate.kinds_bridged));
    }
    if candidate.cut_vertex {
        parts.push("the network falls into parts without it".to_owned());
    }
    format!("{}.", parts.join("; "))
}
