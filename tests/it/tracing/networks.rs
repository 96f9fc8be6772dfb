//! Random networks: small enough to read when one fails, and with everything that can go wrong.
//!
//! Days are few, so that ties are common. Balances are drawn as true, wrong, or absent; the true
//! ones come from a balance that the network keeps hidden. Nothing here traces.

use proptest::prelude::*;
use proptest::sample::Index;

use super::openings::movement;
use super::order::{Placed, Policy, posting_order};
use super::world::{Account, DAY_MS, Half, Part, Side, Stretch, Transfer, World};

/// Days from 0 on which transfers are booked; credits may come a little before or after.
const DAYS: i32 = 5;
const HOUR_MS: i64 = 3_600_000;

/// An account as it is drawn.
#[derive(Clone, Debug)]
struct AccountDraft {
    /// Days at which coverage begins or ends, from -1 on; none for an account outside.
    turns: Vec<i32>,
    is_outside: bool,
    /// Hidden balance before the first stretch, and what each gap adds to it.
    drifts: [i64; 4],
    openings: [Statement; 4],
    closings: [Statement; 4],
    running: Statement,
}

/// What a statement says of a balance.
#[derive(Clone, Copy, Debug)]
enum Statement {
    True,
    Absent,
    /// Off by this much.
    Wrong(i64),
}

/// Which statements a transfer stands in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Listed {
    Nowhere,
    Sender,
    Receiver,
    Both,
}

/// The key of one half as it is drawn, its place among its account's rows of the day, and whether
/// a running balance stands beside it.
#[derive(Clone, Debug)]
struct HalfDraft {
    hour: i64,
    source: u32,
    line: Option<u32>,
    rank: u8,
    is_running: bool,
}

#[derive(Clone, Debug)]
struct TransferDraft {
    ends: (Index, Index),
    /// To the account it comes from.
    is_to_itself: bool,
    amount: i64,
    day: i32,
    lag_days: i32,
    listed: Listed,
    halves: (HalfDraft, HalfDraft),
    reverses: Option<ReversalDraft>,
}

#[derive(Clone, Debug)]
struct ReversalDraft {
    /// An earlier transfer, or the one that the latest reversal was of.
    of: Option<Index>,
    part: Portion,
    way: Way,
}

/// Between which accounts a reversal moves, beside its original.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The way it went.
    Back,
    /// Back to the sender, from another account than it went to.
    FromElsewhere,
    /// Back from the receiver, to another account than it came from.
    ToElsewhere,
    /// Anywhere.
    Other,
}

/// So much of a transfer.
#[derive(Clone, Copy, Debug)]
enum Portion {
    Quarters(i64),
    Units(i64),
}

impl Portion {
    /// At least one unit of what is not nothing.
    fn of(self, amount: i64) -> i64 {
        match self {
            Portion::Quarters(quarters) => (amount * quarters + 3) / 4,
            Portion::Units(units) => units.min(amount),
        }
    }
}

/// A transfer, a label, and how much of the transfer.
type PartDraft = (Index, usize, Portion);

fn balance() -> impl Strategy<Value = i64> {
    prop_oneof![6 => -5..30_i64, 1 => -30..0_i64, 1 => 1_000..3_000_000_i64]
}

fn statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        3 => Just(Statement::True),
        4 => Just(Statement::Absent),
        1 => (-10..10_i64).prop_map(Statement::Wrong),
    ]
}

prop_compose! {
    fn account()(
        turns in prop_oneof![
            4 => Just(vec![-1]),
            2 => (1..DAYS - 1).prop_map(|day| vec![-1, day, day + 1]),
            3 => prop::collection::vec(-1..DAYS + 1, 1..6),
        ],
        is_outside in prop::bool::weighted(0.2),
        opening in balance(),
        drifts in prop::array::uniform3(-40..15_i64),
        openings in [statement(), statement(), statement(), statement()],
        closings in [statement(), statement(), statement(), statement()],
        running in statement(),
    ) -> AccountDraft {
        let drifts = [opening, drifts[0], drifts[1], drifts[2]];
        AccountDraft { turns, is_outside, drifts, openings, closings, running }
    }
}

prop_compose! {
    fn half()(
        hour in prop_oneof![3 => Just(0_i64), 2 => 0..4_i64],
        source in 0..3_u32,
        line in prop::option::of(0..5_u32),
        rank in 0..20_u8,
        is_running in prop::bool::weighted(0.4),
    ) -> HalfDraft {
        HalfDraft { hour, source, line, rank, is_running }
    }
}

fn portion() -> impl Strategy<Value = Portion> {
    prop_oneof![
        2 => Just(Portion::Quarters(4)),
        2 => (1..4_i64).prop_map(Portion::Quarters),
        2 => (1..5_i64).prop_map(Portion::Units),
    ]
}

prop_compose! {
    fn reversal()(
        of in prop::option::of(any::<Index>()),
        part in portion(),
        way in prop_oneof![
            20 => Just(Way::Back),
            9 => Just(Way::FromElsewhere),
            5 => Just(Way::ToElsewhere),
            2 => Just(Way::Other),
        ],
    ) -> ReversalDraft {
        ReversalDraft { of, part, way }
    }
}

prop_compose! {
    fn transfer()(
        ends in any::<(Index, Index)>(),
        is_to_itself in prop::bool::weighted(0.06),
        amount in prop_oneof![1 => Just(0_i64), 14 => 1..20_i64, 2 => 1_000..3_000_000_i64],
        day in 0..DAYS,
        lag_days in prop_oneof![6 => Just(0), 3 => 1..3, 1 => -2..0],
        listed in prop_oneof![
            1 => Just(Listed::Nowhere),
            1 => Just(Listed::Sender),
            1 => Just(Listed::Receiver),
            4 => Just(Listed::Both),
        ],
        halves in (half(), half()),
        reverses in prop::option::weighted(0.35, reversal()),
    ) -> TransferDraft {
        TransferDraft { ends, is_to_itself, amount, day, lag_days, listed, halves, reverses }
    }
}

/// A random world with as many labels as are given.
pub fn world(labels: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = World> {
    let parts = prop::collection::vec((any::<Index>(), 0..4_usize, portion()), 0..8);
    let until = prop_oneof![2 => Just(DAYS + 5), 1 => 0..DAYS + 1];
    (
        labels,
        prop_oneof![
            3 => prop::collection::vec(account(), 2..5),
            2 => prop::collection::vec(account(), 4..9),
        ],
        prop::collection::vec(transfer(), 0..41),
        parts,
        until,
        any::<bool>(),
    )
        .prop_map(|(labels, accounts, mut transfers, parts, until, is_by_time)| {
            if is_by_time {
                order_by_time(&mut transfers);
            }
            let mut world = World::new(labels);
            world.until = until;
            world.accounts = accounts.iter().map(covered).collect();
            for draft in &transfers {
                book(&mut world, draft);
            }
            keep_statements(&mut world, &transfers);
            state_balances(&mut world, &accounts, &transfers);
            declare(&mut world, &parts);
            world
        })
}

/// Coverage begins at the first turn, ends at the second, and so on.
fn covered(draft: &AccountDraft) -> Account {
    let is_covered = |day: i32| draft.turns.iter().filter(|turn| **turn <= day).count() % 2 == 1;
    let mut stretches: Vec<Stretch> = Vec::new();
    for day in (-1..DAYS + 3).filter(|day| !draft.is_outside && is_covered(*day)) {
        match stretches.last_mut() {
            Some(stretch) if stretch.last + 1 == day => stretch.last = day,
            _ => stretches.push(Stretch { first: day, last: day, ..Stretch::default() }),
        }
    }
    Account { stretches, statement: Vec::new() }
}

/// Makes statements that fall in line with the times, so that fewer contradict each other.
fn order_by_time(transfers: &mut [TransferDraft]) {
    for draft in transfers {
        draft.halves.1.hour = draft.halves.0.hour.max(draft.halves.1.hour);
        for half in [&mut draft.halves.0, &mut draft.halves.1] {
            half.rank = half.hour as u8;
        }
    }
}

fn book(world: &mut World, draft: &TransferDraft) {
    let (accounts, at) = (world.accounts.len(), world.transfers.len());
    let half = |day: i32, half: &HalfDraft| Half {
        day,
        time_ms: i64::from(day) * DAY_MS + half.hour * HOUR_MS,
        source: half.source,
        line: half.line.unwrap_or(at as u32),
        running: None,
    };
    let from = draft.ends.0.index(accounts);
    let steps = if draft.is_to_itself { 0 } else { 1 + draft.ends.1.index(accounts - 1) };
    let mut made = Transfer {
        from,
        to: (from + steps) % accounts,
        amount: draft.amount,
        ..Transfer::default()
    };
    let mut day = draft.day;
    if let Some(reversal) = draft.reverses.as_ref().filter(|_| at > 0) {
        let latest = world.transfers.iter().rev().find_map(|made| made.reverses);
        let reversed = match &reversal.of {
            Some(index) => index.index(at),
            None => latest.unwrap_or(at - 1),
        };
        let original = &world.transfers[reversed];
        made.reverses = Some(reversed);
        made.amount = reversal.part.of(original.amount);
        day = day.max(original.credit.day);
        // Where nothing of it is held, one far end goes by several names.
        let outside = |drawn: usize| {
            let mut all = (0..accounts).filter(|account| world.accounts[*account].is_outside());
            all.nth(drawn % 2).unwrap_or(drawn)
        };
        (made.from, made.to) = match reversal.way {
            Way::Back => (original.to, original.from),
            Way::FromElsewhere => (outside(made.from), original.from),
            Way::ToElsewhere => (original.to, outside(made.to)),
            Way::Other => (made.from, made.to),
        };
    }
    made.debit = half(day, &draft.halves.0);
    // One statement gives both halves one key.
    made.credit = match draft.listed {
        Listed::Both => half(day + draft.lag_days, &draft.halves.1),
        _ => made.debit.clone(),
    };
    world.transfers.push(made);
}

/// Writes the rows of each account, by day and then in any order.
fn keep_statements(world: &mut World, drafts: &[TransferDraft]) {
    for account in 0..world.accounts.len() {
        let mut rows: Vec<(i32, u8, usize, Side)> = Vec::new();
        for (at, (made, draft)) in world.transfers.iter().zip(drafts).enumerate() {
            let is_listed = |side| match side {
                Side::Debit => matches!(draft.listed, Listed::Sender | Listed::Both),
                Side::Credit => matches!(draft.listed, Listed::Receiver | Listed::Both),
            };
            for (side, half) in [(Side::Debit, &draft.halves.0), (Side::Credit, &draft.halves.1)] {
                if made.account(side) == account && is_listed(side) {
                    rows.push((made.half(side).day, half.rank, at, side));
                }
            }
        }
        rows.sort();
        world.accounts[account].statement =
            rows.into_iter().map(|(_, _, at, side)| (at, side)).collect();
    }
}

impl Statement {
    fn says(self, balance: i64) -> Option<i64> {
        match self {
            Statement::True => Some(balance),
            Statement::Absent => None,
            Statement::Wrong(by) => Some(balance + by),
        }
    }
}

/// Posts the hidden balance of each account and states it where the drafts say so.
fn state_balances(world: &mut World, accounts: &[AccountDraft], transfers: &[TransferDraft]) {
    let halves = posting_order(world, Policy::Stated).halves;
    for (account, draft) in accounts.iter().enumerate() {
        let mut hidden = 0;
        for at in 0..world.accounts[account].stretches.len() {
            let stretch = world.accounts[account].stretches[at].clone();
            hidden += draft.drifts[at % 4];
            let opening = draft.openings[at % 4].says(hidden);
            let is_within = |half: &&Placed| {
                half.account == account && (stretch.first..=stretch.last).contains(&half.day)
            };
            for half in halves.iter().filter(is_within) {
                hidden += movement(world, half);
                let (debit, credit) = &transfers[half.transfer].halves;
                let made = &mut world.transfers[half.transfer];
                let (booked, drawn) = match half.side {
                    Side::Debit => (&mut made.debit, debit),
                    Side::Credit => (&mut made.credit, credit),
                };
                booked.running = draft.running.says(hidden).filter(|_| drawn.is_running);
            }
            let stretch = &mut world.accounts[account].stretches[at];
            stretch.opening = opening;
            stretch.closing = draft.closings[at % 4].says(hidden);
        }
    }
}

/// Declares what can be declared of the parts drawn, each label of a transfer once.
fn declare(world: &mut World, parts: &[PartDraft]) {
    if world.transfers.is_empty() {
        return;
    }
    for (index, label, part) in parts {
        let transfer = index.index(world.transfers.len());
        let made = &world.transfers[transfer];
        let label = label % world.labels + 1;
        let declared = world.parts_of(transfer);
        let left = made.amount - declared.values().sum::<i64>();
        let amount = left.min(part.of(made.amount));
        if !made.is_skipped() && !declared.contains_key(&label) && amount > 0 {
            world.parts.push(Part { transfer, label, amount });
        }
    }
}
