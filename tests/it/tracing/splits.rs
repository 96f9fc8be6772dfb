//! Where one transfer can be made two of the same instant without another answer.
//!
//! It must be neither a reversal nor reversed, be declared wholly or not at all, and leave each
//! account's order as it was. The two together then carry what the one did, to a unit. What comes
//! after them is the same only where no debt is repaid by shares, and where the account they reach
//! is a pool: first in first out and last in first out see two lots where there was one mixed lot.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

use super::naive::{Answer, Exit, Left, RULES, Rule, trace};
use super::networks::world;
use super::order::{POLICIES, Policy, posting_order};
use super::world::{Side, World};

/// The world with a transfer made two of the same instant, the first of `first` units; the second
/// stands right behind it, and what came later moves up by one.
fn split(world: &World, at: usize, first: i64) -> World {
    let mut split = world.clone();
    let moved = |transfer: usize| if transfer > at { transfer + 1 } else { transfer };
    for account in &mut split.accounts {
        let both = |(transfer, side): (usize, Side)| {
            let second = (transfer == at).then_some((at + 1, side));
            [(moved(transfer), side)].into_iter().chain(second)
        };
        account.statement = account.statement.drain(..).flat_map(both).collect();
    }
    for made in &mut split.transfers {
        made.reverses = made.reverses.map(moved);
    }
    let mut second = split.transfers[at].clone();
    second.amount -= first;
    split.transfers.insert(at + 1, second);
    let one = &mut split.transfers[at];
    one.amount = first;
    // The balance stated is that after the whole.
    one.debit.running = None;
    one.credit.running = None;
    split.parts.clear();
    for part in &world.parts {
        match part.transfer == at {
            true => {
                split.declare(at, part.label, first);
                split.declare(at + 1, part.label, part.amount - first);
            }
            false => split.declare(moved(part.transfer), part.label, part.amount),
        }
    }
    split
}

fn can_be_split(world: &World, at: usize) -> bool {
    let made = &world.transfers[at];
    let is_reversed = world.transfers.iter().any(|other| other.reverses == Some(at));
    let is_whole = world.parts_of(at).values().all(|part| *part == made.amount);
    let moves = !made.is_skipped() && made.amount > 1;
    moves && is_whole && made.reverses.is_none() && !is_reversed
}

/// Names of transfers as they were before the split.
fn before_split(transfer: usize, split_at: Option<usize>) -> usize {
    if split_at.is_some_and(|at| transfer > at) { transfer - 1 } else { transfer }
}

/// Each account's halves in posting order, the second piece left out where it follows the first.
fn rows(
    world: &World,
    policy: Policy,
    split_at: Option<usize>,
) -> BTreeMap<usize, Vec<(usize, Side)>> {
    let mut rows: BTreeMap<usize, Vec<(usize, Side)>> = BTreeMap::new();
    for half in posting_order(world, policy).halves {
        let rows = rows.entry(half.account).or_default();
        let row = (before_split(half.transfer, split_at), half.side);
        let is_second = split_at.is_some_and(|at| half.transfer == at + 1);
        if !(is_second && rows.last() == Some(&row)) {
            rows.push(row);
        }
    }
    rows
}

/// Every figure of an answer by its name, the two pieces as one.
fn figures(answer: &Answer, split_at: Option<usize>) -> BTreeMap<String, Vec<i64>> {
    let mut figures: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut add = |name: String, vector: &Vec<i64>| {
        let sum = figures.entry(name).or_insert(vec![0; vector.len()]);
        sum.iter_mut().zip(vector).for_each(|(sum, part)| *sum += part);
    };
    for (transfer, vector) in &answer.carried {
        add(format!("carried {}", before_split(*transfer, split_at)), vector);
    }
    for (transfer, vector) in &answer.in_transit {
        add(format!("in transit {}", before_split(*transfer, split_at)), vector);
    }
    for (at, vector) in &answer.residual {
        add(format!("residual {at:?}"), vector);
    }
    for (group, name) in [(&answer.exits, "exit"), (&answer.undone, "undone")] {
        for (left, vector) in group {
            let transfer = left.transfer.map(|transfer| before_split(transfer, split_at));
            add(format!("{name} {:?}", Left { transfer, ..*left }), vector);
        }
    }
    add("relabelled".to_owned(), &answer.relabelled);
    add("declared".to_owned(), &answer.declared);
    figures
}

/// How far apart two figures may be, for any label.
fn within(one: &[i64], other: &[i64], units: i64) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, two)| (one - two).abs() <= units)
}

/// By how many units what comes after may differ; none if nothing can be said of it.
fn units_after(world: &World, at: usize, rule: Rule, answer: &Answer) -> Option<i64> {
    let kind = Exit::Overdraft;
    let repaid = Left { kind, account: world.transfers[at].to, transfer: Some(at) };
    if answer.exits.contains_key(&repaid) || world.labels > 1 {
        return None;
    }
    match rule {
        Rule::Libr | Rule::TaintFirst => Some(0),
        // A reversal takes shares of what its original carried, so that one unit can count twice.
        Rule::ProRata => answer.reversals.is_empty().then_some(1),
        Rule::Fifo | Rule::Lifo => None,
    }
}

/// Compares the whole with its pieces, under every rule and policy.
fn pieces_agree(world: &World, at: usize, first: i64) -> Result<(), TestCaseError> {
    let pieces = split(world, at, first);
    let same_order =
        |policy: &Policy| rows(world, *policy, None) == rows(&pieces, *policy, Some(at));
    for policy in POLICIES.into_iter().filter(same_order) {
        for rule in RULES {
            let one = trace(world, rule, policy).unwrap();
            let two = trace(&pieces, rule, policy).unwrap();
            let units_after = units_after(world, at, rule, &one);
            let (one, two) = (figures(&one, None), figures(&two, Some(at)));
            let is_itself = |name: &str| name == format!("carried {at}");
            prop_assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
            for (name, vector) in &one {
                let Some(units) = units_after.or(is_itself(name).then_some(1)) else { continue };
                let (other, what) = (&two[name], format!("{rule:?} {policy:?} {name}"));
                prop_assert!(within(vector, other, units), "{what}: {vector:?}, {other:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn two_pieces_carry_what_the_whole_did(
        world in world(1..=2),
        index in any::<Index>(),
        cut in any::<Index>(),
    ) {
        let can: Vec<usize> =
            (0..world.transfers.len()).filter(|at| can_be_split(&world, *at)).collect();
        if !can.is_empty() {
            let at = can[index.index(can.len())];
            let first = 1 + cut.index(world.transfers[at].amount as usize - 1) as i64;
            pieces_agree(&world, at, first)?;
        }
    }
}

/// Five units untraced and five traced, sent on as ten or as five and five, and half of it spent.
fn sent_on(rule: Rule, pieces: &[i64], opening_of_receiver: i64) -> (i64, i64) {
    let mut world = World::new(1);
    let sender = world.covered(0, 9, Some(5));
    let receiver = world.covered(0, 9, Some(opening_of_receiver));
    let other = world.outside();
    let deposit = world.transfer(other, sender, 5, 1);
    world.declare(deposit, 1, 5);
    for piece in pieces {
        world.transfer(sender, receiver, *piece, 2);
    }
    let spent = world.transfer(receiver, other, 5, 3);
    let answer = trace(&world, rule, Policy::Stated).unwrap();
    (answer.carried[&spent][1], answer.last_residual(receiver).unwrap()[1])
}

#[test]
fn a_mixed_lot_is_not_two_lots() {
    assert_eq!(sent_on(Rule::Fifo, &[10], 0), (2, 3));
    assert_eq!(sent_on(Rule::Fifo, &[5, 5], 0), (0, 5));
    assert_eq!(sent_on(Rule::ProRata, &[10], 0), (2, 3));
    assert_eq!(sent_on(Rule::ProRata, &[5, 5], 0), (2, 3));
}

#[test]
fn a_debt_is_repaid_by_what_comes_first() {
    assert_eq!(sent_on(Rule::Libr, &[10], -5), (3, 0));
    assert_eq!(sent_on(Rule::Libr, &[5, 5], -5), (5, 0));
}
