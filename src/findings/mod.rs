//! Findings of several analyses merged into one ranked list. No new fact is made here.
//!
//! Each analysis has its own measures and its own scores, and they cannot be compared: a share
//! of money sent on is no number of clusters bridged. What can be compared are places. A
//! candidate's place in one analysis is one more than the number of candidates that analysis
//! scores higher, by each candidate's best finding there; equal scores share a place. Over
//! analyses, places are added by reciprocal rank fusion: 1 / (60 + place), summed. Its constant
//! is the paper's; there are no weights to tune, so none can be tuned towards a candidate.
//!
//! A candidate that several analyses point to stands before one that a single analysis points
//! to. That is agreement of measures over the same records, and no probability: a payroll
//! company can be measured high by all of them. A busy account's payments make a fan, a
//! gather-scatter and a scatter-gather at once, which is one thing told in several ways, so of
//! the patterns with many accounts around one only the best place counts.
//!
//! Source: Cormack, Clarke, Buettcher, Reciprocal Rank Fusion Outperforms Condorcet and
//! Individual Rank Learning Methods, SIGIR 2009.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::analyses::Outcome;
use crate::model::{EntityRef, Finding, ResultTable, Values};

/// The constant of reciprocal rank fusion, as in the paper.
pub const FUSION_CONSTANT: f64 = 60.0;

/// Patterns with many accounts around one, which the same payments make: of these the best place
/// counts.
const MANY_AROUND_ONE: [&str; 6] =
    ["bipartite", "fan-in", "fan-out", "gather-scatter", "scatter-gather", "stack"];

/// A finding with its place among all findings of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedFinding {
    /// Place among all findings, from 1, each once.
    pub rank: u32,
    /// Place of the candidate among all candidates, from 1, each once; the findings of one
    /// candidate stand together.
    pub candidate_rank: u32,
    /// Sum of reciprocal places over analyses; for ordering candidates only.
    pub fused_score: f64,
    /// The analyses that point to the candidate with its place in each, best place first.
    pub places: Vec<(&'static str, u32)>,
    /// What was measured, unchanged.
    pub finding: Finding,
}

/// A candidate while it is being placed.
struct Candidate<'a> {
    entity: EntityRef,
    name: &'a str,
    fused: f64,
    places: Vec<(&'static str, u32)>,
    findings: Vec<&'a Finding>,
}

/// Merges the findings of several analyses, equal ones once, and ranks them.
///
/// Candidates stand by fused score, then name, kind and row; the findings of a candidate by its
/// place in their analysis, then analysis, score, measure and what remains of the finding. The
/// result does not depend on the order of `outcomes`. Cost: n log n in findings.
pub fn merge(outcomes: &[Outcome]) -> Vec<RankedFinding> {
    let findings: Vec<&Finding> = outcomes.iter().flat_map(|outcome| &outcome.findings).collect();
    let mut places = places(&findings);
    let mut by_candidate: BTreeMap<EntityRef, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_candidate.entry(finding.candidate).or_default().push(finding);
    }
    let mut candidates: Vec<Candidate> = Vec::with_capacity(by_candidate.len());
    for (entity, findings) in by_candidate {
        let name = findings.iter().map(|one| one.candidate_name.as_str()).min().unwrap_or("");
        let mut places = places.remove(&entity).unwrap_or_default();
        places.sort_by_key(|(analysis, place)| (*place, *analysis));
        candidates.push(Candidate { entity, name, fused: fused(&places), places, findings });
    }
    candidates.sort_by(|left, right| {
        let by_name = || left.name.cmp(right.name).then(left.entity.cmp(&right.entity));
        right.fused.total_cmp(&left.fused).then_with(by_name)
    });

    let mut ranked: Vec<RankedFinding> = Vec::new();
    for (at, candidate) in candidates.into_iter().enumerate() {
        let Candidate { fused, places, findings: mut own, .. } = candidate;
        own.sort_by(|left, right| order_within(left, right, &places));
        own.dedup();
        for finding in own {
            ranked.push(RankedFinding {
                rank: ranked.len() as u32 + 1,
                candidate_rank: at as u32 + 1,
                fused_score: fused,
                places: places.clone(),
                finding: finding.clone(),
            });
        }
    }
    ranked
}

/// The findings as DESIGN's `findings.csv` has them, in the given order.
pub fn findings_table(ranked: &[RankedFinding]) -> ResultTable {
    fn column<T>(ranked: &[RankedFinding], value: impl Fn(&Finding) -> T) -> Vec<T> {
        ranked.iter().map(|one| value(&one.finding)).collect()
    }
    let ranks = ranked.iter().map(|one| Some(i64::from(one.rank))).collect();
    let currency = |finding: &Finding| {
        finding.amount.map_or_else(String::new, |amount| amount.currency.to_string())
    };
    ResultTable::new("findings")
        .with("rank", Values::Count(ranks))
        .with("analysis", Values::Text(column(ranked, |one| one.analysis.to_owned())))
        .with("candidate", Values::Text(column(ranked, |one| one.candidate_name.clone())))
        .with("measure", Values::Text(column(ranked, |one| one.measure.to_owned())))
        .with("value", Values::Text(column(ranked, |one| one.value.clone())))
        .with("amount", Values::Money(column(ranked, |one| one.amount)))
        .with("currency", Values::Text(column(ranked, currency)))
        .with("first", Values::Day(column(ranked, |one| one.first)))
        .with("last", Values::Day(column(ranked, |one| one.last)))
        .with("records", Values::Count(column(ranked, |one| i64::try_from(one.records).ok())))
        .with("statement", Values::Text(column(ranked, |one| one.statement.clone())))
        .with("source_refs", Values::Refs(column(ranked, |one| one.source_refs.clone())))
        .with(
            "what_else_explains_it",
            Values::Text(column(ranked, |one| one.what_else_explains_it.to_owned())),
        )
        .with("bound_met", Values::Flag(column(ranked, |one| Some(one.bound_met))))
}

/// The place of every candidate in every analysis that points to it.
fn places(findings: &[&Finding]) -> BTreeMap<EntityRef, Vec<(&'static str, u32)>> {
    let mut best: BTreeMap<&'static str, BTreeMap<EntityRef, f64>> = BTreeMap::new();
    for finding in findings {
        let scores = best.entry(finding.analysis).or_default();
        let score = scores.entry(finding.candidate).or_insert(f64::NEG_INFINITY);
        // `max` keeps the number when one side is not a number, so such a score comes last.
        *score = score.max(finding.score);
    }
    let mut places: BTreeMap<EntityRef, Vec<(&'static str, u32)>> = BTreeMap::new();
    for (analysis, scores) in best {
        let mut order: Vec<(f64, EntityRef)> =
            scores.into_iter().map(|(candidate, score)| (score, candidate)).collect();
        order.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        let mut place = 1;
        for (at, (score, candidate)) in order.iter().enumerate() {
            if at > 0 && order[at - 1].0 != *score {
                place = at as u32 + 1;
            }
            places.entry(*candidate).or_default().push((analysis, place));
        }
    }
    places
}

/// Sum over places in their sorted order, so that equal places give equal bits.
fn fused(places: &[(&'static str, u32)]) -> f64 {
    let around_one = |(analysis, _): &(&str, u32)| MANY_AROUND_ONE.contains(analysis);
    let best = places.iter().position(around_one);
    let counted =
        places.iter().enumerate().filter(|(at, one)| Some(*at) == best || !around_one(one));
    counted.map(|(_, (_, place))| 1.0 / (FUSION_CONSTANT + f64::from(*place))).sum()
}

fn order_within(left: &Finding, right: &Finding, places: &[(&'static str, u32)]) -> Ordering {
    // `places` is in order of place, then analysis, which is the order wanted here.
    let place = |one: &Finding| places.iter().position(|(analysis, _)| *analysis == one.analysis);
    place(left)
        .cmp(&place(right))
        .then(right.score.total_cmp(&left.score))
        .then_with(|| Ord::cmp(&rest(left), &rest(right)))
}

/// What tells apart two findings of one analysis, candidate and score.
fn rest(one: &Finding) -> impl Ord + '_ {
    let amount = one.amount.as_ref().map(|amount| (amount.minor, amount.currency));
    let words = (one.measure, &one.value, &one.statement, one.what_else_explains_it);
    (words, one.first, one.last, one.records, &one.source_refs, amount, one.bound_met)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Amount, Currency, EntityKind, SourceRef};
    use proptest::prelude::*;

    fn finding(analysis: &'static str, row: u32, score: f64) -> Finding {
        Finding {
            analysis,
            candidate: EntityRef { kind: EntityKind::Account, row },
            candidate_name: format!("HB/{row}"),
            measure: "share_out_percent",
            value: format!("{score}"),
            score,
            amount: Some(Amount { minor: 120_000, currency: Currency::USD }),
            first: Some(19_800),
            last: None,
            records: 3,
            statement: format!("HB/{row} sent on most of 3 credits."),
            source_refs: vec![SourceRef { source: 0, line: row }],
            what_else_explains_it: "Payroll accounts.",
            bound_met: false,
        }
    }

    /// Rows of the candidates in their merged order.
    #[track_caller]
    fn check(outcomes: &[&[(&'static str, u32, f64)]], rows: &[u32]) -> Vec<RankedFinding> {
        let outcomes: Vec<Outcome> = outcomes
            .iter()
            .map(|findings| Outcome {
                findings: findings.iter().map(|(a, row, score)| finding(a, *row, *score)).collect(),
                ..Outcome::default()
            })
            .collect();
        let ranked = merge(&outcomes);
        let found: Vec<u32> = ranked.iter().map(|one| one.finding.candidate.row).collect();
        assert_eq!(found, rows);
        ranked
    }

    #[test]
    fn agreement_of_analyses_comes_before_one_high_score() {
        let pass: &[_] = &[("pass-through", 1, 99.0), ("pass-through", 2, 50.0)];
        let fan: &[_] = &[("fan-in", 3, 1.0), ("fan-in", 2, 0.5)];
        let ranked = check(&[pass, fan], &[2, 2, 1, 3]);
        assert_eq!(ranked[0].places, [("fan-in", 2), ("pass-through", 2)]);
        assert_eq!(ranked[0].fused_score, 2.0 / 62.0);
        let ranks: Vec<u32> = ranked.iter().map(|one| one.rank).collect();
        assert_eq!(ranks, [1, 2, 3, 4]);
        let candidates: Vec<u32> = ranked.iter().map(|one| one.candidate_rank).collect();
        assert_eq!(candidates, [1, 1, 2, 3]);
    }

    #[test]
    fn patterns_that_the_same_payments_make_count_once() {
        let hub: &[_] = &[("fan-in", 1, 9.0), ("fan-out", 1, 9.0), ("scatter-gather", 1, 9.0)];
        let other: &[_] = &[("pass-through", 2, 9.0), ("clusters", 2, 9.0)];
        let ranked = check(&[hub, other], &[2, 2, 1, 1, 1]);
        assert_eq!(ranked[2].fused_score, 1.0 / 61.0);
        assert_eq!(ranked[2].places.len(), 3);
    }

    #[test]
    fn equal_scores_share_a_place_and_stand_by_name() {
        let ranked =
            check(&[&[("fan-in", 9, 1.0), ("fan-in", 4, 1.0), ("fan-in", 5, 0.1)]], &[4, 9, 5]);
        assert_eq!(ranked[0].fused_score, ranked[1].fused_score);
        assert_eq!(ranked[2].places, [("fan-in", 3)]);
    }

    #[test]
    fn many_findings_of_one_analysis_count_once() {
        let many: &[_] = &[("fan-in", 1, 0.4), ("fan-in", 1, 0.3), ("fan-in", 2, 0.9)];
        check(&[many], &[2, 1, 1]);
    }

    #[test]
    fn equal_findings_stand_once_and_nothing_gives_nothing() {
        let one: &[_] = &[("fan-in", 1, 0.4)];
        check(&[one, one], &[1]);
        check(&[], &[]);
        check(&[&[("fan-in", 1, f64::NAN), ("fan-in", 2, -3.0)]], &[2, 1]);
    }

    #[test]
    fn table_has_the_columns_of_findings_csv() {
        let ranked = check(&[&[("fan-in", 1, 0.4)]], &[1]);
        let table = findings_table(&ranked);
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let expected = "rank analysis candidate measure value amount currency first last records \
            statement source_refs what_else_explains_it bound_met";
        assert_eq!(names.join(" "), expected);
        assert_eq!(table.column("currency"), Some(&Values::Text(vec!["USD".into()])));
        assert_eq!(findings_table(&[]).rows(), 0);
    }

    proptest! {
        #[test]
        fn order_of_outcomes_and_findings_changes_nothing(
            mut drawn in prop::collection::vec((0..3_usize, 0..6_u32, 0..4_i32), 0..20),
        ) {
            const NAMES: [&str; 3] = ["fan-in", "fan-out", "pass-through"];
            let run = |drawn: &[(usize, u32, i32)]| {
                let outcomes: Vec<Outcome> = drawn
                    .iter()
                    .map(|(analysis, row, score)| Outcome {
                        findings: vec![finding(NAMES[*analysis], *row, f64::from(*score))],
                        ..Outcome::default()
                    })
                    .collect();
                merge(&outcomes)
            };
            let before = run(&drawn);
            drawn.reverse();
            prop_assert_eq!(before, run(&drawn));
        }
    }
}
