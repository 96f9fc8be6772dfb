//! The worked examples of the rules, each through one `check`, and what only lots can get wrong.

use super::bounds::{ALL_LABELS, Bound, bounds};
use super::ledger::{End, Half, Ledger, Movement, Stretch};
use super::rules::Rule;
use super::same_day::{DayOrder, reordered};
use super::sweep::{Declared, Traced, trace};

const OUTSIDE: u32 = 1;

/// One held account, 0, and the outside, 1: each signed amount on its day.
fn ledger(opening: i64, rows: &[(i32, i64)]) -> Ledger<'static> {
    let movements: Vec<Movement> = (1..)
        .zip(rows)
        .map(|(line, (day, signed))| {
            let half = Half { day: *day, time_ms: 0, source: 0, line, running: None };
            let (from, to) = if *signed > 0 { (OUTSIDE, 0) } else { (0, OUTSIDE) };
            let amount = signed.abs();
            Movement { from, to, amount, debit: half, credit: half, reverses: None }
        })
        .collect();
    let end = |one: &Movement| if one.from == 0 { End::Debit } else { End::Credit };
    let statement = (0..).zip(&movements).map(|(at, one)| (at, end(one))).collect();
    let stretch = Stretch { first: 0, last: 1_000, opening: Some(opening), closing: None };
    Ledger::new(vec![vec![stretch], Vec::new()], &movements, &[statement, Vec::new()])
}

fn run(ledger: &Ledger, rule: Rule, order: DayOrder, sources: &[(u32, u32, i64)]) -> Traced {
    let declared = Declared::new(sources.iter().copied());
    let other = reordered(ledger, order);
    trace(ledger, other.as_ref().unwrap_or(&ledger.order), rule, &declared, i32::MAX).unwrap()
}

/// Traced parts of some movements under a rule, and what is left of each label.
#[track_caller]
fn check(
    (ledger, order): (&Ledger, DayOrder),
    sources: &[(u32, u32, i64)],
    rule: Rule,
    carried: &[(u32, i64)],
    left: &[(u32, i64)],
) {
    let traced = run(ledger, rule, order, sources);
    for (movement, minor) in carried {
        let found = traced.carried.iter().filter(|one| one.movement == *movement);
        assert_eq!(found.map(|one| one.minor).sum::<i64>(), *minor, "{rule:?} {movement}");
    }
    assert_eq!(traced.left().get(&0).copied().unwrap_or_default(), left, "{rule:?}");
}

#[test]
fn one_account_and_one_source_under_every_rule() {
    let rows = [500_000, 80_000, -200_000, 120_000, -400_000, 300_000, -150_000];
    let rows: Vec<(i32, i64)> = (0..).zip(rows).collect();
    let ledger = ledger(100_000, &rows);
    let sources = [(0, 1, 500_000)];
    // Rent, wire, car, and what is left.
    let rows = [
        (Rule::Libr, [20_000, 280_000, 0], 200_000),
        (Rule::TaintFirst, [200_000, 300_000, 0], 0),
        (Rule::Fifo, [100_000, 400_000, 0], 0),
        (Rule::Lifo, [120_000, 280_000, 0], 100_000),
        (Rule::ProRata, [147_059, 235_294, 35_294], 82_353),
    ];
    for (rule, [rent, wire, car], left) in rows {
        let left: Vec<(u32, i64)> = [(1, left)].into_iter().filter(|part| part.1 > 0).collect();
        let carried = [(2, rent), (4, wire), (6, car)];
        check((&ledger, DayOrder::Stated), &sources, rule, &carried, &left);
    }
    let declared = Declared::new(sources);
    let found = bounds(&ledger, &ledger.order, &declared, i32::MAX, None).unwrap();
    let of = |movement: u32| {
        let mine = found.carried.iter().filter(|(of, _)| *of == movement);
        mine.map(|(_, (label, bound))| (*label, bound.floor, bound.ceiling)).collect::<Vec<_>>()
    };
    assert_eq!(of(2), [(ALL_LABELS, 20_000, 200_000), (1, 20_000, 200_000)]);
    assert_eq!(of(4), [(ALL_LABELS, 100_000, 400_000), (1, 100_000, 400_000)]);
    assert_eq!(of(6), [(ALL_LABELS, 0, 150_000), (1, 0, 150_000)]);
    let left = Bound { floor: 0, ceiling: 200_000 };
    assert_eq!(found.left()[&0], [(ALL_LABELS, left), (1, left)]);
}

#[test]
fn three_depositors_share_by_what_stood_there_when_it_was_spent() {
    let rows: Vec<(i32, i64)> = (0..).zip([1_000, 1_000, -1_000, 1_000, -1_000]).collect();
    let ledger = ledger(0, &rows);
    let sources = [(0, 1, 1_000), (1, 2, 1_000), (3, 3, 1_000)];
    let at = (&ledger, DayOrder::Stated);
    check(at, &sources, Rule::ProRata, &[], &[(1, 250), (2, 250), (3, 500)]);
    check(at, &sources, Rule::Fifo, &[], &[(3, 1_000)]);
}

#[test]
fn the_order_within_a_day_can_decide() {
    let rows = [(1, 1_000_000), (2, 500_000), (2, -2_000_000), (3, 1_500_000)];
    let ledger = ledger(1_000_000, &rows);
    let sources = [(0, 1, 1_000_000)];
    let check = |order, left: &[(u32, i64)]| {
        check((&ledger, order), &sources, Rule::Libr, &[], left);
    };
    check(DayOrder::Stated, &[(1, 500_000)]);
    check(DayOrder::CreditsFirst, &[(1, 500_000)]);
    check(DayOrder::DebitsFirst, &[]);
}

/// Every credit stays a lot of its own, since each carries something; then debits take them all.
#[track_caller]
fn check_lots(traced_minor: &[i64], bytes_max: usize) {
    let many: i64 = 300_000;
    let mut rows: Vec<(i32, i64)> = (0..many).map(|_| (1, 8)).collect();
    rows.extend((0..many).map(|_| (2, -4)));
    rows.push((3, -4 * many));
    let ledger = ledger(0, &rows);
    let of_credit =
        |row: u32| (1..).zip(traced_minor).map(move |(label, minor)| (row, label, *minor));
    let sources: Vec<(u32, u32, i64)> = (0..many as u32).flat_map(of_credit).collect();
    for rule in [Rule::Fifo, Rule::Lifo] {
        let traced = run(&ledger, rule, DayOrder::Stated, &sources);
        assert!(traced.left().is_empty());
        let (most, bytes) = traced.lots;
        assert_eq!(most, many as usize);
        assert!(bytes <= most * bytes_max + 4_096, "{} a lot, {traced_minor:?}", bytes / most);
    }
}

#[test]
fn millions_of_lots_are_taken_once_each_and_are_small() {
    // 32 bytes a lot with its one label, 16 for each of several, and an eighth of room to grow.
    check_lots(&[8], 40);
    check_lots(&[3], 40);
    check_lots(&[3, 2], 40 + 2 * 18);
    check_lots(&[1, 2, 1, 3], 40 + 4 * 18);
}
