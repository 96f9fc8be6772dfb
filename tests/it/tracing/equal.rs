//! The program's engine beside the slow one: every figure of both, to the minor unit.

use std::collections::BTreeMap;

use moneytrail::analyses::tracing::bounds::{ALL_LABELS, Limits as EngineLimits, bounds};
use moneytrail::analyses::tracing::ledger::{End, Half, Ledger, Movement, Stretch};
use moneytrail::analyses::tracing::posting_order::PostingOrder;
use moneytrail::analyses::tracing::reach::narrowed;
use moneytrail::analyses::tracing::rules::Rule as EngineRule;
use moneytrail::analyses::tracing::same_day::{DayOrder, reordered};
use moneytrail::analyses::tracing::sweep::{Declared, NO_MOVEMENT, Traced, trace as engine_trace};
use moneytrail::analyses::tracing::walk::ExitKind;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::naive::{Answer, Exit, Left, Limit, Limits, RULES, Rule, limits, trace};
use super::networks::world;
use super::order::{POLICIES, Policy, posting_order};
use super::world::{Half as PlainHalf, Side, World};

type Checked = Result<(), TestCaseError>;

/// The same network as the engine takes it.
fn ledger(world: &World) -> Ledger<'static> {
    let half = |half: &PlainHalf| Half {
        day: half.day,
        time_ms: half.time_ms,
        source: half.source,
        line: half.line,
        running: half.running,
    };
    let stretches = world.accounts.iter().map(|account| {
        let stretches = account.stretches.iter().map(|one| Stretch {
            first: one.first,
            last: one.last,
            opening: one.opening,
            closing: one.closing,
        });
        stretches.collect()
    });
    let movements: Vec<Movement> = world
        .transfers
        .iter()
        .map(|one| Movement {
            from: one.from as u32,
            to: one.to as u32,
            amount: one.amount,
            debit: half(&one.debit),
            credit: half(&one.credit),
            reverses: one.reverses.map(|original| original as u32),
        })
        .collect();
    let statements: Vec<Vec<(u32, End)>> = world
        .accounts
        .iter()
        .map(|account| {
            let rows = account.statement.iter();
            rows.map(|(transfer, side)| (*transfer as u32, end(*side))).collect()
        })
        .collect();
    Ledger::new(stretches.collect(), &movements, &statements)
}

fn end(side: Side) -> End {
    match side {
        Side::Debit => End::Debit,
        Side::Credit => End::Credit,
    }
}

fn day_order(policy: Policy) -> DayOrder {
    match policy {
        Policy::Stated => DayOrder::Stated,
        Policy::CreditsFirst => DayOrder::CreditsFirst,
        Policy::DebitsFirst => DayOrder::DebitsFirst,
    }
}

fn engine_rule(rule: Rule) -> EngineRule {
    match rule {
        Rule::Fifo => EngineRule::Fifo,
        Rule::Lifo => EngineRule::Lifo,
        Rule::ProRata => EngineRule::ProRata,
        Rule::Libr => EngineRule::Libr,
        Rule::TaintFirst => EngineRule::TaintFirst,
    }
}

fn exit_kind(kind: Exit) -> ExitKind {
    match kind {
        Exit::Outside => ExitKind::Outside,
        Exit::NotCovered => ExitKind::NotCovered,
        Exit::Overdraft => ExitKind::Overdraft,
        Exit::Gap => ExitKind::Gap,
        Exit::Reversal => ExitKind::Reversal,
    }
}

/// Figures above zero, by what they are of and label.
type Figures<K> = BTreeMap<(K, usize), i64>;

fn add<K: Ord>(figures: &mut Figures<K>, key: K, label: usize, minor: i64) {
    let sum = figures.entry((key, label)).or_default();
    *sum += minor;
}

fn plain<'a, K: Ord + Copy + 'a>(
    vectors: impl IntoIterator<Item = (&'a K, &'a Vec<i64>)>,
) -> Figures<K> {
    let mut figures = Figures::new();
    for (key, vector) in vectors {
        for (label, minor) in vector.iter().enumerate().skip(1).filter(|(_, minor)| **minor != 0) {
            add(&mut figures, *key, label, *minor);
        }
    }
    figures
}

/// By kind, account and transfer, none for a gap.
type At = (ExitKind, usize, Option<usize>);

fn exits_of(answer: &Answer) -> Figures<At> {
    let at = |left: &Left| (exit_kind(left.kind), left.account, left.transfer);
    let mut figures = Figures::new();
    for (sign, group) in [(1, &answer.exits), (-1, &answer.undone)] {
        for (left, vector) in group {
            for (label, minor) in vector.iter().enumerate().skip(1) {
                add(&mut figures, at(left), label, sign * minor);
            }
        }
    }
    figures.retain(|_, minor| *minor != 0);
    figures
}

fn same_answer(world: &World, answer: &Answer, traced: &Traced) -> Checked {
    let mut carried = Figures::new();
    for one in &traced.carried {
        add(&mut carried, one.movement as usize, one.label as usize, one.minor);
    }
    prop_assert_eq!(carried, plain(&answer.carried), "carried");
    let mut exits: Figures<At> = Figures::new();
    for exit in &traced.exits {
        let transfer = (exit.movement != NO_MOVEMENT).then_some(exit.movement as usize);
        let at = (exit.kind, exit.account as usize, transfer);
        add(&mut exits, at, exit.label as usize, exit.minor);
    }
    exits.retain(|_, minor| *minor != 0);
    prop_assert_eq!(exits, exits_of(answer), "exits");
    let mut transit = Figures::new();
    for one in &traced.in_transit {
        add(&mut transit, one.movement as usize, one.label as usize, one.minor);
    }
    prop_assert_eq!(transit, plain(&answer.in_transit), "in transit");
    for label in 1..=world.labels {
        let of = |minor: &[i64]| minor.get(label).copied().unwrap_or(0);
        prop_assert_eq!(of(&traced.declared), of(&answer.declared), "declared of {}", label);
        prop_assert_eq!(of(&traced.relabelled), of(&answer.relabelled), "relabelled of {}", label);
    }
    for ((account, day), vector) in &answer.residual {
        let told = traced
            .residuals
            .iter()
            .filter(|one| one.account as usize == *account && one.day <= *day);
        let parts = told.last().map(|one| &*one.parts).unwrap_or_default();
        for (label, minor) in vector.iter().enumerate().skip(1) {
            let found = parts.iter().find(|(of, _)| *of as usize == label);
            let found = found.map_or(0, |(_, minor)| *minor);
            prop_assert_eq!(found, *minor, "account {} on day {}, {}", account, day, label);
        }
    }
    Ok(())
}

/// What the engine says of a place in the slow answer, the total of all labels at place 0.
fn limits_at(found: &[EngineLimits], labels: usize) -> Vec<Limit> {
    let mut limits = vec![Limit::default(); labels + 1];
    for (label, bound) in found {
        let at = if *label == ALL_LABELS { 0 } else { *label as usize };
        limits[at] = Limit { lo: bound.floor, hi: bound.ceiling };
    }
    limits
}

fn same_limits(
    world: &World,
    limits: &Limits,
    ledger: &Ledger,
    order: &PostingOrder,
    declared: &Declared,
) -> Checked {
    let found = bounds(ledger, order, declared, world.until, None).unwrap();
    for (transfer, expected) in &limits.carried {
        let of = found.carried.iter().filter(|(of, _)| *of as usize == *transfer);
        let of: Vec<EngineLimits> = of.map(|(_, limits)| *limits).collect();
        prop_assert_eq!(&limits_at(&of, world.labels), expected, "transfer {}", transfer);
    }
    for ((account, day), expected) in &limits.residual {
        let told = found.residuals.iter();
        let told = told.filter(|(on, of, _)| *of as usize == *account && on <= day);
        let of = told.last().map(|(.., limits)| &**limits).unwrap_or_default();
        let of = limits_at(of, world.labels);
        prop_assert_eq!(&of, expected, "account {} on day {}", account, day);
    }
    for (left, expected) in limits.exits.iter().filter(|(left, _)| left.kind == Exit::Overdraft) {
        let of = found.exits.iter().filter(|exit| {
            exit.kind == ExitKind::Overdraft
                && exit.account as usize == left.account
                && Some(exit.movement as usize) == left.transfer
        });
        let of: Vec<EngineLimits> = of.map(|exit| exit.limits).collect();
        prop_assert_eq!(&limits_at(&of, world.labels), expected, "{:?}", left);
    }
    Ok(())
}

/// The halves in the engine's order, as the slow version writes them.
fn halves(order: &PostingOrder) -> Vec<(usize, Side, i32)> {
    let mut halves = Vec::new();
    order.each_half(|movement, end, day| {
        let side = if end == End::Debit { Side::Debit } else { Side::Credit };
        halves.push((movement as usize, side, day));
    });
    halves
}

fn same_everything(world: &World) -> Checked {
    let ledger = ledger(world);
    let parts = world.parts.iter();
    let declared =
        Declared::new(parts.map(|one| (one.transfer as u32, one.label as u32, one.amount)));
    for policy in POLICIES {
        let other = reordered(&ledger, day_order(policy));
        let order = other.as_ref().unwrap_or(&ledger.order);
        let expected = posting_order(world, policy);
        let placed = expected.halves.iter().map(|half| (half.transfer, half.side, half.day));
        prop_assert_eq!(halves(order), placed.collect::<Vec<_>>(), "{:?}", policy);
        if policy == Policy::Stated {
            let conflicts = ledger.conflicts.iter();
            let conflicts = conflicts.map(|one| (one.day, one.movement as usize));
            let told: Vec<(i32, usize)> = expected.conflicts.into_iter().collect();
            prop_assert_eq!(conflicts.collect::<Vec<_>>(), told, "conflicts");
        }
        for rule in RULES {
            let answer = trace(world, rule, policy).unwrap();
            let rule = engine_rule(rule);
            let traced = engine_trace(&ledger, order, rule, &declared, world.until).unwrap();
            same_answer(world, &answer, &traced)
                .map_err(|error| TestCaseError::fail(format!("{rule:?} {policy:?}: {error}")))?;
            // Postings that traced money cannot have to do with change nothing.
            let narrow = narrowed(&ledger, order, &declared);
            let traced = engine_trace(&ledger, &narrow, rule, &declared, world.until).unwrap();
            same_answer(world, &answer, &traced).map_err(|error| {
                TestCaseError::fail(format!("{rule:?} {policy:?}, narrowed: {error}"))
            })?;
        }
        let limits = limits(world, policy).unwrap();
        let narrow = narrowed(&ledger, order, &declared);
        same_limits(world, &limits, &ledger, &narrow, &declared)
            .map_err(|error| TestCaseError::fail(format!("{policy:?}, narrowed: {error}")))?;
        same_limits(world, &limits, &ledger, order, &declared)
            .map_err(|error| TestCaseError::fail(format!("{policy:?}: {error}")))?;
    }
    Ok(())
}

/// The same network with its transfers numbered the other way round.
fn renumbered(world: &World) -> World {
    let mut other = world.clone();
    let number = |transfer: usize| world.transfers.len() - 1 - transfer;
    other.transfers.reverse();
    for transfer in &mut other.transfers {
        transfer.reverses = transfer.reverses.map(number);
    }
    for account in &mut other.accounts {
        account.statement.iter_mut().for_each(|(transfer, _)| *transfer = number(*transfer));
    }
    other.parts.iter_mut().for_each(|part| part.transfer = number(part.transfer));
    other
}

/// True when some two halves of a side are booked alike, so that only their number orders them.
fn has_equal_keys(world: &World) -> bool {
    [Side::Debit, Side::Credit].into_iter().any(|side| {
        let halves = world.transfers.iter().map(|one| one.half(side));
        let mut keys: Vec<_> =
            halves.map(|half| (half.day, half.time_ms, half.source, half.line)).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    })
}

/// What each rule leaves in each account, by label.
fn residuals(world: &World) -> Vec<BTreeMap<u32, Vec<(u32, i64)>>> {
    let ledger = ledger(world);
    let parts = world.parts.iter();
    let declared =
        Declared::new(parts.map(|one| (one.transfer as u32, one.label as u32, one.amount)));
    let left = |rule| {
        let traced = engine_trace(&ledger, &ledger.order, rule, &declared, world.until).unwrap();
        let left = traced.left();
        left.into_iter().map(|(account, parts)| (account, parts.to_vec())).collect()
    };
    RULES.map(|rule| left(engine_rule(rule))).to_vec()
}

/// Networks that are drawn; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1024)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn the_engine_and_the_slow_version_agree_to_the_minor_unit(world in world(1..=4)) {
        same_everything(&world)?;
    }

    #[test]
    fn the_numbers_of_transfers_change_nothing(mut world in world(1..=4)) {
        // Lines tell the halves apart, so that nothing but their numbers could.
        for (line, transfer) in (0..).zip(&mut world.transfers) {
            transfer.debit.line = line;
            transfer.credit.line = line;
        }
        prop_assume!(!has_equal_keys(&world));
        prop_assert_eq!(residuals(&world), residuals(&renumbered(&world)));
    }
}
