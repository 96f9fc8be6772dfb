//! The worked examples of the five rules, to the cent: one account, three depositors, the order
//! of one day.

use super::naive::{Answer, Exit, Limit, RULES, Rule, limits, trace};
use super::order::{POLICIES, Policy};
use super::rules::shares;
use super::world::World;

/// Cents of whole dollars.
fn dollars(amounts: &[i64]) -> Vec<i64> {
    amounts.iter().map(|amount| amount * 100).collect()
}

/// The first label of each transfer, and what is left of it at the end.
fn first_label(answer: &Answer, transfers: &[usize], account: usize) -> Vec<i64> {
    let carried = transfers.iter().map(|transfer| answer.carried[transfer][1]);
    carried.chain(answer.last_residual(account).map(|left| left[1])).collect()
}

/// A salary account: rent, a wire and a car are paid out of traced and other money.
fn rent_wire_car() -> (World, [usize; 3]) {
    let mut world = World::new(1);
    let account = world.covered(1, 30, Some(100_000));
    assert_eq!(account, 0);
    let other = world.outside();
    let deposit = world.transfer(other, account, 500_000, 2);
    world.declare(deposit, 1, 500_000);
    world.transfer(other, account, 80_000, 3);
    let rent = world.transfer(account, other, 200_000, 4);
    world.transfer(other, account, 120_000, 5);
    let wire = world.transfer(account, other, 400_000, 6);
    world.transfer(other, account, 300_000, 7);
    let car = world.transfer(account, other, 150_000, 8);
    (world, [rent, wire, car])
}

#[test]
fn five_rules_over_one_account() {
    let (world, paid) = rent_wire_car();
    let expected = [
        (Rule::Libr, dollars(&[200, 2_800, 0, 2_000])),
        (Rule::TaintFirst, dollars(&[2_000, 3_000, 0, 0])),
        (Rule::Fifo, dollars(&[1_000, 4_000, 0, 0])),
        (Rule::Lifo, dollars(&[1_200, 2_800, 0, 1_000])),
        (Rule::ProRata, vec![147_059, 235_294, 35_294, 82_353]),
    ];
    assert_eq!(expected.len(), RULES.len());
    for policy in POLICIES {
        for (rule, figures) in &expected {
            let answer = trace(&world, *rule, policy).unwrap();
            assert_eq!(first_label(&answer, &paid, 0), *figures, "{rule:?}");
            let closing = answer.last_residual(0).unwrap();
            assert_eq!(closing.iter().sum::<i64>(), 350_000, "{rule:?}");
        }
    }
}

#[test]
fn floor_and_ceiling_over_one_account() {
    let (world, paid) = rent_wire_car();
    for policy in POLICIES {
        let found = limits(&world, policy).unwrap();
        let left = found.residual[&(0, 30)].clone();
        let all: Vec<Vec<Limit>> =
            paid.iter().map(|transfer| found.carried[transfer].clone()).chain([left]).collect();
        let expected = [(200, 2_000), (1_000, 4_000), (0, 1_500), (0, 2_000)];
        for (limits, (lo, hi)) in all.iter().zip(expected) {
            // One label, so that the total at 0 is that of the label.
            assert_eq!(limits, &vec![Limit { lo: lo * 100, hi: hi * 100 }; 2]);
        }
    }
}

#[test]
fn three_depositors() {
    let mut world = World::new(3);
    let account = world.covered(1, 9, Some(0));
    let other = world.outside();
    let deposit = |world: &mut World, label, day| {
        let made = world.transfer(other, account, 1_000, day);
        world.declare(made, label, 1_000);
    };
    deposit(&mut world, 1, 1);
    deposit(&mut world, 2, 2);
    world.transfer(account, other, 1_000, 3);
    deposit(&mut world, 3, 4);
    world.transfer(account, other, 1_000, 5);
    let left = |rule| {
        let answer = trace(&world, rule, Policy::Stated).unwrap();
        answer.last_residual(account).unwrap().clone()
    };
    assert_eq!(left(Rule::ProRata), [0, 250, 250, 500]);
    assert_eq!(left(Rule::Fifo), [0, 0, 0, 1_000]);
    // Shares of contributions alone: the rounding that a closing distribution uses.
    assert_eq!(shares(&[1_000, 1_000, 1_000], 1_000), [334, 333, 333]);
}

#[test]
fn a_third_reversal_strays_by_a_unit() {
    let mut world = World::new(1);
    let account = world.covered(1, 9, Some(2));
    let other = world.outside();
    let deposit = world.transfer(other, account, 4, 1);
    world.declare(deposit, 1, 4);
    let sent = world.transfer(account, other, 6, 2);
    let back = [1, 1, 3].map(|amount| world.reversal(sent, amount, 3));
    for rule in RULES {
        let answer = trace(&world, rule, Policy::Stated).unwrap();
        // Half of six is two of four by shares of the whole, and one by shares of what was left.
        let [_, _, third] = back.map(|made| answer.carried[&made].clone());
        assert_eq!(third, [2, 1], "{rule:?}");
    }
    let found = limits(&world, Policy::Stated).unwrap();
    assert_eq!(found.carried[&sent][1], Limit { lo: 4, hi: 4 });
    assert_eq!(found.carried[&back[2]][1], Limit { lo: 1, hi: 3 });
}

#[test]
fn the_order_of_one_day() {
    let mut world = World::new(1);
    let account = world.covered(1, 9, Some(1_000_000));
    let other = world.outside();
    let deposit = world.transfer(other, account, 1_000_000, 2);
    world.declare(deposit, 1, 1_000_000);
    world.transfer(other, account, 500_000, 3);
    world.transfer(account, other, 2_000_000, 3);
    world.transfer(other, account, 1_500_000, 4);
    let left = |policy| {
        let answer = trace(&world, Rule::Libr, policy).unwrap();
        answer.last_residual(account).unwrap()[1]
    };
    assert_eq!(left(Policy::Stated), 500_000, "the list has the deposit first");
    assert_eq!(left(Policy::CreditsFirst), 500_000);
    assert_eq!(left(Policy::DebitsFirst), 0);
}

#[test]
fn a_gap_is_settled_by_the_same_amount_in_any_order() {
    let mut world = World::new(1);
    let account = world.covered(1, 2, Some(100));
    world.stretch(account, 5, 9, None, None);
    let other = world.outside();
    // The statement goes on at 100, as it ended: nothing is missing.
    let deposit = world.transfer(other, account, 50, 5);
    world.transfers[deposit].credit.running = Some(150);
    let rent = world.transfer(account, other, 30, 5);
    world.transfers[rent].debit.running = Some(120);
    for policy in POLICIES {
        let answer = trace(&world, Rule::ProRata, policy).unwrap();
        assert_eq!(answer.last_residual(account).unwrap()[0], 120, "{policy:?}");
        assert!(answer.exits.keys().all(|left| left.kind == Exit::Outside), "{policy:?}");
    }
}
