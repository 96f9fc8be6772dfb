//! What holds for the slow version on any network: nothing is lost or made, the floor and the
//! ceiling hold every rule, and the lowest intermediate balance is never refilled.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::naive::{Answer, Exit, Left, Limit, Limits, RULES, Rule, limits, trace};
use super::networks::world;
use super::order::{POLICIES, Policy, posting_order};
use super::posting::{Event, Funds, Lands, posting};
use super::world::{Side, World};

type Checked = Result<(), TestCaseError>;

/// Every rule under every policy.
fn answers(world: &World) -> impl Iterator<Item = (Rule, Policy, Answer)> + '_ {
    let both = POLICIES.into_iter().flat_map(|policy| RULES.map(|rule| (rule, policy)));
    both.map(|(rule, policy)| (rule, policy, trace(world, rule, policy).unwrap()))
}

fn sum<'a>(vectors: impl IntoIterator<Item = &'a Vec<i64>>, label: usize) -> i64 {
    vectors.into_iter().map(|vector| vector[label]).sum()
}

/// Declared = residual + in transit + exits net of undone + relabelled.
fn adds_up(world: &World, answer: &Answer) -> Checked {
    let held: Vec<&Vec<i64>> =
        (0..world.accounts.len()).filter_map(|account| answer.last_residual(account)).collect();
    for label in 1..=world.labels {
        let exits = sum(answer.exits.values(), label) - sum(answer.undone.values(), label);
        let found = sum(held.iter().copied(), label)
            + sum(answer.in_transit.values(), label)
            + exits
            + answer.relabelled[label];
        prop_assert_eq!(answer.declared[label], found, "label {}", label);
    }
    Ok(())
}

/// Nothing is negative, no transfer carries more than its amount, nothing is undone that did not
/// leave, and an account holds its balance.
fn is_sound(world: &World, answer: &Answer) -> Checked {
    let groups = [&answer.exits, &answer.undone];
    let vectors = groups.iter().flat_map(|group| group.values());
    let vectors = vectors.chain(answer.carried.values()).chain(answer.residual.values());
    for vector in vectors.chain([&answer.relabelled, &answer.declared]) {
        prop_assert!(vector.iter().all(|part| *part >= 0), "{:?}", vector);
    }
    for (transfer, vector) in &answer.carried {
        prop_assert_eq!(vector.iter().sum::<i64>(), world.transfers[*transfer].amount);
    }
    for (at, undone) in &answer.undone {
        let left = answer.exits.get(at).expect("what is undone had left");
        prop_assert!(undone.iter().zip(left).all(|(undone, left)| undone <= left), "{:?}", at);
    }
    Ok(())
}

fn lies_within(vector: &[i64], limits: &[Limit], what: &dyn std::fmt::Debug) -> Checked {
    let total = vector[1..].iter().sum();
    for (at, limit) in limits.iter().enumerate() {
        let figure = if at == 0 { total } else { vector[at] };
        let is_within = limit.lo <= figure && figure <= limit.hi;
        prop_assert!(is_within, "{:?}, label {}: {} in {:?}", what, at, figure, limit);
    }
    Ok(())
}

/// Every transfer, residual, overdraft and gap lies between floor and ceiling.
fn is_bounded(answer: &Answer, limits: &Limits) -> Checked {
    let carried: Vec<&usize> = answer.carried.keys().collect();
    prop_assert_eq!(carried, limits.carried.keys().collect::<Vec<_>>());
    for (transfer, vector) in &answer.carried {
        lies_within(vector, &limits.carried[transfer], &("transfer", transfer))?;
    }
    for (at, vector) in &answer.residual {
        lies_within(vector, &limits.residual[at], &("residual", at))?;
    }
    let own = |at: &&Left| matches!(at.kind, Exit::Overdraft | Exit::Gap);
    let exits: Vec<&Left> = answer.exits.keys().filter(own).collect();
    prop_assert_eq!(&exits, &limits.exits.keys().collect::<Vec<_>>());
    for at in exits {
        lies_within(&answer.exits[at], &limits.exits[at], at)?;
    }
    Ok(())
}

/// Under the lowest intermediate balance a label grows by traced credits alone.
fn is_never_refilled(world: &World, policy: Policy, answer: &Answer) -> Checked {
    let mut came: BTreeMap<(usize, i32), Vec<i64>> = BTreeMap::new();
    for half in posting_order(world, policy).halves {
        if half.side == Side::Credit && half.day <= world.until {
            let nothing = vec![0; world.labels + 1];
            let came = came.entry((half.account, half.day)).or_insert(nothing);
            for (part, more) in came.iter_mut().zip(&answer.carried[&half.transfer]) {
                *part += more;
            }
        }
    }
    let mut before: Option<(usize, &Vec<i64>)> = None;
    for ((account, day), left) in &answer.residual {
        for label in 1..=world.labels {
            let held = before.filter(|(of, _)| of == account).map_or(0, |(_, left)| left[label]);
            let came = came.get(&(*account, *day)).map_or(0, |came| came[label]);
            prop_assert!(left[label] <= held + came, "account {}, day {}", account, day);
        }
        before = Some((*account, left));
    }
    Ok(())
}

/// The lowest intermediate balance by its formula: after each event the traced money of an account
/// is what it was, with what came in, or the balance if that is less. Accounts that a reversal
/// took money back from are left out, for it takes its own shares.
fn follows_the_balance(world: &World, policy: Policy, answer: &Answer) -> Checked {
    let traced = |vector: &Vec<i64>| vector[1..].iter().sum::<i64>();
    // Balance less debt, and the traced part of it.
    let mut accounts = vec![Some((0, 0)); world.accounts.len()];
    for event in posting(world, policy).events {
        let (account, moved, came) = match event {
            Event::Opens { account, balance } => (account, balance, 0),
            Event::Settles { account, difference } => (account, difference, 0),
            Event::Debit { transfer, funds } => {
                let made = &world.transfers[transfer];
                match funds {
                    Funds::Balance => (made.from, -made.amount, 0),
                    Funds::LotOf(_) => {
                        accounts[made.from] = None;
                        continue;
                    }
                    _ => continue,
                }
            }
            Event::Credit { transfer, lands: Lands::Account } => {
                let (account, amount) =
                    (world.transfers[transfer].to, world.transfers[transfer].amount);
                let at = Left { kind: Exit::Overdraft, account, transfer: Some(transfer) };
                let repaid = answer.exits.get(&at).map_or(0, traced);
                (account, amount, traced(&answer.carried[&transfer]) - repaid)
            }
            Event::Ends { account, day } => {
                if let Some((_, held)) = accounts[account] {
                    prop_assert_eq!(traced(&answer.residual[&(account, day)]), held);
                }
                continue;
            }
            Event::Resumes { .. } | Event::Credit { .. } => continue,
        };
        if let Some((balance, held)) = &mut accounts[account] {
            *balance += moved;
            *held = (*held + came).min((*balance).max(0));
        }
    }
    Ok(())
}

fn named(rule: Rule, policy: Policy, error: TestCaseError) -> TestCaseError {
    TestCaseError::fail(format!("{rule:?} {policy:?} {error}"))
}

/// What an account holds, traced or not, at the end of each day.
fn balances(answer: &Answer) -> BTreeMap<(usize, i32), i64> {
    answer.residual.iter().map(|(at, vector)| (*at, vector.iter().sum())).collect()
}

proptest! {
    #[test]
    fn no_rule_and_no_policy_changes_a_balance(world in world(1..=1)) {
        let stated = trace(&world, Rule::Fifo, Policy::Stated).unwrap();
        for (rule, policy, answer) in answers(&world) {
            prop_assert_eq!(balances(&stated), balances(&answer), "{:?} {:?}", rule, policy);
        }
    }

    #[test]
    fn nothing_is_lost_and_nothing_made(world in world(1..=4)) {
        for (rule, policy, answer) in answers(&world) {
            let named = |error| named(rule, policy, error);
            adds_up(&world, &answer).map_err(named)?;
            is_sound(&world, &answer).map_err(named)?;
        }
    }

    #[test]
    fn floor_and_ceiling_hold_every_rule(world in world(1..=4)) {
        for (rule, policy, answer) in answers(&world) {
            let named = |error| named(rule, policy, error);
            let limits = limits(&world, policy).unwrap();
            is_bounded(&answer, &limits).map_err(named)?;
        }
    }

    #[test]
    fn the_lowest_balance_is_never_refilled(world in world(1..=4)) {
        for policy in POLICIES {
            let answer = trace(&world, Rule::Libr, policy).unwrap();
            is_never_refilled(&world, policy, &answer)?;
            follows_the_balance(&world, policy, &answer)?;
        }
    }
}
