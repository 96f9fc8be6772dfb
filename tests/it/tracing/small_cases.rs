//! Single conventions on small worlds worked out by hand: openings, overdrafts, reversals, gaps,
//! parts of transfers, halves on different days, and statements that contradict each other.

use super::naive::{Answer, Exit, Left, RULES, Rule, trace};
use super::openings::{Known, Opening};
use super::order::{POLICIES, Policy, posting_order};
use super::world::{Side, World};

fn stated(world: &World, rule: Rule) -> Answer {
    trace(world, rule, Policy::Stated).unwrap()
}

fn left(kind: Exit, account: usize, transfer: usize) -> Left {
    Left { kind, account, transfer: Some(transfer) }
}

/// An account of days 1 to 9, someone outside, and a deposit wholly declared for label 1.
fn one_deposit(opening: Option<i64>, amount: i64) -> (World, usize, usize, usize) {
    let mut world = World::new(2);
    let account = world.covered(1, 9, opening);
    let other = world.outside();
    let deposit = world.transfer(other, account, amount, 2);
    world.declare(deposit, 1, amount);
    (world, account, other, deposit)
}

#[test]
fn openings_are_stated_computed_or_inferred() {
    let (mut world, account, other, deposit) = one_deposit(None, 40);
    world.transfer(account, other, 70, 3);
    let found = |world: &World| stated(world, Rule::Fifo).openings[&account];
    assert_eq!(found(&world), Opening { balance: 30, known: Known::Inferred });
    world.accounts[account].stretches[0].closing = Some(5);
    assert_eq!(found(&world), Opening { balance: 35, known: Known::Computed });
    world.transfers[deposit].credit.running = Some(30);
    assert_eq!(found(&world), Opening { balance: -10, known: Known::Computed });
    world.accounts[account].stretches[0].opening = Some(1);
    assert_eq!(found(&world), Opening { balance: 1, known: Known::Stated });
}

#[test]
fn an_opening_is_inferred_up_to_the_next_stated_balance() {
    let mut world = World::new(1);
    let account = world.covered(1, 2, None);
    world.stretch(account, 5, 6, None, None);
    world.stretch(account, 8, 9, Some(0), None);
    let other = world.outside();
    world.transfer(account, other, 10, 1);
    world.transfer(account, other, 20, 5);
    world.transfer(account, other, 40, 8);
    let found = |world: &World| stated(world, Rule::Fifo).openings[&account].balance;
    assert_eq!(found(&world), 30);
    world.accounts[account].stretches[2].opening = None;
    assert_eq!(found(&world), 70);
    world.accounts[account].stretches[1].opening = Some(20);
    assert_eq!(found(&world), 10);
}

#[test]
fn a_deposit_repays_the_debt_by_shares() {
    let (mut world, account, other, deposit) = one_deposit(Some(-30), 50);
    world.parts.clear();
    world.declare(deposit, 1, 20);
    let spent = world.transfer(account, other, 25, 3);
    let repaid = left(Exit::Overdraft, account, deposit);
    for rule in RULES {
        let answer = stated(&world, rule);
        assert_eq!(answer.exits[&repaid], [18, 12, 0], "{rule:?}");
        // Twelve untraced and eight traced are left, and five are the bank's credit.
        assert_eq!(answer.carried[&spent], [17, 8, 0], "{rule:?}");
    }
}

#[test]
fn a_part_relabels_what_it_takes() {
    let (mut world, account, other, _) = one_deposit(Some(10), 30);
    let paid = world.transfer(account, other, 20, 3);
    world.declare(paid, 1, 4);
    world.declare(paid, 2, 8);
    let answer = stated(&world, Rule::ProRata);
    // Five and fifteen move; four take one and three, eight of the other sixteen two and six.
    assert_eq!(answer.carried[&paid], [2, 10, 8]);
    assert_eq!(answer.relabelled, [0, 9, 0]);
    assert_eq!(answer.declared, [0, 34, 8]);
}

#[test]
fn a_reversal_takes_its_lot_or_its_shares() {
    let mut world = World::new(1);
    let sender = world.covered(1, 9, Some(0));
    let receiver = world.covered(1, 9, Some(10));
    let other = world.outside();
    let deposit = world.transfer(other, sender, 20, 1);
    world.declare(deposit, 1, 10);
    let sent = world.transfer(sender, receiver, 20, 2);
    world.transfer(receiver, other, 14, 3);
    let back = world.reversal(sent, 18, 4);
    let too_much = world.reversal(sent, 3, 5);
    let carried = |rule| stated(&world, rule).carried[&back].clone();
    // The lot has eight and eight left, and two are borrowed.
    assert_eq!(carried(Rule::Fifo), [10, 8]);
    // The lot has three and three left; ten are the opening's, and two are borrowed.
    assert_eq!(carried(Rule::Lifo), [15, 3]);
    // Nine of each are due: six untraced are left beside ten traced, then the tenth, then credit.
    assert_eq!(carried(Rule::Libr), [8, 10]);
    assert_eq!(carried(Rule::TaintFirst), [18, 0]);
    let answer = stated(&world, Rule::Fifo);
    assert_eq!(answer.reversals.into_iter().collect::<Vec<_>>(), [(back, sent)]);
    assert_eq!(answer.carried[&too_much], [3, 0], "two are left of what was sent");
}

#[test]
fn a_reversal_from_outside_undoes_the_exit() {
    let (mut world, account, other, _) = one_deposit(Some(10), 30);
    let sent = world.transfer(account, other, 20, 3);
    let back = world.reversal(sent, 10, 4);
    let answer = stated(&world, Rule::Lifo);
    let exit = left(Exit::Outside, other, sent);
    assert_eq!(answer.exits[&exit], [0, 20, 0]);
    assert_eq!(answer.undone[&exit], [0, 10, 0]);
    assert_eq!(answer.carried[&back], [0, 10, 0]);
    assert_eq!(answer.last_residual(account).unwrap(), &[10, 20, 0]);
}

#[test]
fn a_reversal_to_outside_is_an_exit_of_its_own() {
    let (mut world, _, other, deposit) = one_deposit(Some(0), 30);
    let back = world.reversal(deposit, 30, 3);
    let answer = stated(&world, Rule::Fifo);
    assert_eq!(answer.exits[&left(Exit::Reversal, other, back)], [0, 30, 0]);
}

#[test]
fn a_gap_takes_by_the_rule_or_adds_untraced_money() {
    let (mut world, account, _, _) = one_deposit(Some(10), 30);
    world.stretch(account, 12, 14, None, Some(15));
    let gap = Left { kind: Exit::Gap, account, transfer: None };
    let answer = stated(&world, Rule::Fifo);
    assert_eq!(answer.exits[&gap], [10, 15, 0]);
    assert_eq!(answer.residual[&(account, 13)], [10, 30, 0], "settled at the closing only");
    assert_eq!(answer.residual[&(account, 14)], [0, 15, 0]);
    assert_eq!(stated(&world, Rule::Libr).exits[&gap], [10, 15, 0]);
    assert_eq!(stated(&world, Rule::Lifo).exits[&gap], [0, 25, 0]);
    world.accounts[account].stretches[1].opening = Some(50);
    let answer = stated(&world, Rule::Lifo);
    assert!(!answer.exits.contains_key(&gap));
    assert_eq!(answer.residual[&(account, 12)], [20, 30, 0]);
}

#[test]
fn a_credit_on_a_day_not_covered_is_an_exit_and_a_later_one_in_transit() {
    let (mut world, account, other, _) = one_deposit(Some(0), 30);
    let receiver = world.covered(5, 6, Some(0));
    let early = world.transfer(account, receiver, 10, 3);
    let late = world.transfer(account, receiver, 10, 4);
    world.transfers[late].credit.day = 5;
    world.until = 4;
    let answer = stated(&world, Rule::Fifo);
    assert_eq!(answer.exits[&left(Exit::NotCovered, receiver, early)], [0, 10, 0]);
    assert_eq!(answer.in_transit[&late], [0, 10, 0]);
    assert_eq!(answer.last_residual(receiver), None);
    assert_eq!(answer.last_residual(other), None);
    world.until = 9;
    let answer = stated(&world, Rule::Fifo);
    assert!(answer.in_transit.is_empty());
    assert_eq!(answer.last_residual(receiver).unwrap(), &[0, 10, 0]);
}

/// Transfers and sides in the order posted.
fn order(world: &World, policy: Policy) -> Vec<(usize, Side)> {
    posting_order(world, policy).halves.iter().map(|half| (half.transfer, half.side)).collect()
}

#[test]
fn statements_that_contradict_each_other_are_listed() {
    use Side::{Credit, Debit};
    let mut world = World::new(1);
    let (one, two) = (world.covered(1, 9, Some(9)), world.covered(1, 9, Some(9)));
    let there = world.transfer(one, two, 5, 1);
    let back = world.transfer(two, one, 5, 1);
    world.accounts[one].statement = vec![(back, Credit), (there, Debit)];
    world.accounts[two].statement = vec![(there, Credit), (back, Debit)];
    let stated_order = [(there, Debit), (there, Credit), (back, Debit), (back, Credit)];
    for policy in POLICIES {
        assert_eq!(order(&world, policy), stated_order, "{policy:?}");
        let answer = trace(&world, Rule::Fifo, policy).unwrap();
        assert_eq!(answer.conflicts.into_iter().collect::<Vec<_>>(), [there]);
    }
    world.transfers[there].debit.day = 3;
    let brought_forward = posting_order(&world, Policy::Stated);
    assert!(brought_forward.halves.iter().all(|half| half.day == 1));
    assert_eq!(brought_forward.conflicts.into_iter().collect::<Vec<_>>(), [(1, there)]);
}

#[test]
fn parts_that_cannot_be_declared_are_refused() {
    let check = |label: usize, amount: i64, why: &str| {
        let (mut world, account, other, deposit) = one_deposit(None, 30);
        let nothing = world.transfer(account, other, 0, 2);
        world.parts.clear();
        world.declare(if why.contains("moves nothing") { nothing } else { deposit }, label, amount);
        let refused = trace(&world, Rule::Fifo, Policy::Stated).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    };
    check(1, 31, "exceeds its transfer");
    check(1, 0, "is of nothing");
    check(3, 1, "has no such label");
    check(1, 1, "moves nothing");
}
