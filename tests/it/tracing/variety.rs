//! Whether the random networks hold what they are drawn for: each event that a trace must get
//! right is met in many of them, with traced money in it.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::naive::{Answer, Exit, Rule, trace};
use super::networks::world;
use super::openings::Known;
use super::order::{POLICIES, Policy};
use super::posting::{Event, Funds, posting};
use super::world::World;

const WORLDS: usize = 2_000;

const EXPECTED: [&str; 25] = [
    "back from an account",
    "back from an account that is not covered any more",
    "back from an exit NotCovered",
    "back from an exit Outside",
    "back from an exit Reversal",
    "back from outside, under another name",
    "back to outside, under another name",
    "conflict",
    "credits first changes it",
    "debits first changes it",
    "exit Gap",
    "exit NotCovered",
    "exit Outside",
    "exit Overdraft",
    "exit Reversal",
    "in transit",
    "nothing traced",
    "opening Computed",
    "opening Inferred",
    "opening Stated",
    "paid by an account that is not covered",
    "paid from a balance",
    "relabelled",
    "reversed three times",
    "undone",
];

/// What a world holds, each thing once.
fn held(world: &World) -> Vec<String> {
    let mut held = Vec::new();
    let [stated, credits_first, debits_first] =
        POLICIES.map(|policy| trace(world, Rule::Libr, policy).unwrap());
    let residuals = |answer: &Answer| answer.residual.clone();
    if residuals(&stated) != residuals(&credits_first) {
        held.push("credits first changes it".to_owned());
    }
    if residuals(&stated) != residuals(&debits_first) {
        held.push("debits first changes it".to_owned());
    }
    let is_traced = |vector: &Vec<i64>| vector[1..].iter().any(|part| *part > 0);
    for kind in [Exit::Outside, Exit::NotCovered, Exit::Overdraft, Exit::Gap, Exit::Reversal] {
        let mut of_kind = stated.exits.iter().filter(|(at, _)| at.kind == kind);
        if of_kind.any(|(_, vector)| is_traced(vector)) {
            held.push(format!("exit {kind:?}"));
        }
    }
    for known in [Known::Stated, Known::Computed, Known::Inferred] {
        if stated.openings.values().any(|opening| opening.known == known) {
            held.push(format!("opening {known:?}"));
        }
    }
    let is_posted = |transfer: &&usize| stated.carried.contains_key(*transfer);
    let is_again = |transfer: &&usize| {
        let original = stated.reversals[*transfer];
        stated.reversals.values().filter(|other| **other == original).count() > 2
    };
    let ends = |at: &usize| (world.transfers[*at].from, world.transfers[*at].to);
    let carries = |at: &usize| stated.carried.get(at).is_some_and(is_traced);
    let mut by_name = stated.reversals.iter().filter(|(at, _)| carries(at));
    let from_another = |at: &usize, of: &usize| ends(at).0 != ends(of).1;
    let to_another = |at: &usize, of: &usize| ends(at).1 != ends(of).0;
    let renamed = [
        (
            "back from outside, under another name",
            by_name.clone().any(|(at, of)| from_another(at, of)),
        ),
        ("back to outside, under another name", by_name.any(|(at, of)| to_another(at, of))),
    ];
    held.extend(renamed.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()));
    let further = [
        ("undone", stated.undone.values().any(is_traced)),
        ("relabelled", is_traced(&stated.relabelled)),
        ("in transit", stated.in_transit.values().any(is_traced)),
        ("conflict", stated.conflicts.iter().any(|at| is_posted(&at))),
        ("reversed three times", stated.reversals.keys().any(|at| is_again(&at))),
        ("nothing traced", !is_traced(&stated.declared)),
    ];
    held.extend(further.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()));
    let funds = posting(world, Policy::Stated).events.into_iter().filter_map(|event| match event {
        Event::Debit { transfer, funds } if is_traced(&stated.carried[&transfer]) => Some(funds),
        _ => None,
    });
    for funds in funds {
        held.push(match funds {
            Funds::Balance => "paid from a balance".to_owned(),
            Funds::Unknown => "paid by an account that is not covered".to_owned(),
            Funds::LotOf(_) => "back from an account".to_owned(),
            Funds::ExitOf(_, kind) => format!("back from an exit {kind:?}"),
            Funds::LostLotOf(_) => "back from an account that is not covered any more".to_owned(),
        });
    }
    held.sort();
    held.dedup();
    held
}

#[test]
fn networks_hold_what_they_are_drawn_for() {
    let mut runner = TestRunner::deterministic();
    let mut worlds: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..WORLDS {
        let world = world(1..=4).new_tree(&mut runner).unwrap().current();
        for name in held(&world) {
            *worlds.entry(name).or_default() += 1;
        }
    }
    let rare: Vec<(&str, usize)> =
        EXPECTED.iter().map(|name| (*name, worlds.get(*name).copied().unwrap_or(0))).collect();
    let rare: Vec<&(&str, usize)> = rare.iter().filter(|(_, found)| *found < 3).collect();
    assert!(rare.is_empty(), "met in fewer than 3 of {WORLDS} networks: {rare:?}");
    let unknown: Vec<&String> =
        worlds.keys().filter(|name| !EXPECTED.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "met, and not expected: {unknown:?}");
}
