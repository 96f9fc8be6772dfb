//! In which order the halves of the transfers are posted, under each of three policies.
//!
//! Every half of every day stands in it, whether its account is covered or not; what a half does
//! to its account is not asked here.

use std::collections::BTreeSet;

use super::world::{Side, World};

/// How halves of one day are ordered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    Stated,
    CreditsFirst,
    DebitsFirst,
}

pub const POLICIES: [Policy; 3] = [Policy::Stated, Policy::CreditsFirst, Policy::DebitsFirst];

/// A half with the day and time it is posted at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placed {
    pub transfer: usize,
    pub side: Side,
    pub account: usize,
    pub day: i32,
    time_ms: i64,
    source: u32,
    line: u32,
    /// Its place in the statement of its account, if it stands in it.
    row: Option<usize>,
}

/// All halves in posting order.
#[derive(Clone, Debug)]
pub struct Order {
    pub halves: Vec<Placed>,
    /// Transfers that the statements contradict, with the day of their debit.
    pub conflicts: BTreeSet<(i32, usize)>,
}

impl Placed {
    fn key(&self) -> (i64, u32, u32, Side, usize) {
        (self.time_ms, self.source, self.line, self.side, self.transfer)
    }

    /// Whether this half must be posted before another of the same day.
    fn is_before(&self, other: &Placed) -> bool {
        let one_transfer = self.transfer == other.transfer;
        if one_transfer && (self.side, other.side) == (Side::Debit, Side::Credit) {
            return true;
        }
        let (Some(row), Some(row_of_other)) = (self.row, other.row) else { return false };
        self.account == other.account && row < row_of_other
    }
}

/// The order of all days.
pub fn posting_order(world: &World, policy: Policy) -> Order {
    let (halves, mut conflicts) = placed(world);
    let days: BTreeSet<i32> = halves.iter().map(|half| half.day).collect();
    let mut posted = Vec::new();
    for day in days {
        let of_day = halves.iter().filter(|half| half.day == day).cloned().collect();
        let stated = stated_day(of_day, &mut conflicts);
        posted.extend(match policy {
            Policy::Stated => stated,
            Policy::CreditsFirst | Policy::DebitsFirst => by_policy(world, stated, policy),
        });
    }
    Order { halves: posted, conflicts }
}

/// Every half at its day and time. A debit after its credit's day is brought forward to it and
/// leaves its statement.
fn placed(world: &World) -> (Vec<Placed>, BTreeSet<(i32, usize)>) {
    let mut halves = Vec::new();
    let mut conflicts = BTreeSet::new();
    for (at, transfer) in world.transfers.iter().enumerate() {
        if transfer.is_skipped() {
            continue;
        }
        for side in [Side::Debit, Side::Credit] {
            let half = transfer.half(side);
            let account = transfer.account(side);
            let rows = &world.accounts[account].statement;
            let mut placed = Placed {
                transfer: at,
                side,
                account,
                day: half.day,
                time_ms: half.time_ms,
                source: half.source,
                line: half.line,
                row: rows.iter().position(|row| *row == (at, side)),
            };
            if side == Side::Debit && transfer.credit.day < transfer.debit.day {
                placed.day = transfer.credit.day;
                placed.time_ms = transfer.credit.time_ms;
                placed.row = None;
                conflicts.insert((placed.day, at));
            }
            halves.push(placed);
        }
    }
    (halves, conflicts)
}

/// Posts, again and again, the least half that nothing unposted must precede.
fn stated_day(mut unposted: Vec<Placed>, conflicts: &mut BTreeSet<(i32, usize)>) -> Vec<Placed> {
    unposted.sort_by_key(Placed::key);
    let mut posted = Vec::new();
    while !unposted.is_empty() {
        let is_ready = |half: &Placed| !unposted.iter().any(|other| other.is_before(half));
        let next = unposted.iter().position(is_ready).unwrap_or_else(|| {
            let debit = unposted.iter().position(|half| half.side == Side::Debit);
            let debit = debit.expect("a circle of rows passes through a debit");
            conflicts.insert((unposted[debit].day, unposted[debit].transfer));
            debit
        });
        posted.push(unposted.remove(next));
    }
    posted
}

/// One day with credits, or debits, put first.
fn by_policy(world: &World, stated: Vec<Placed>, policy: Policy) -> Vec<Placed> {
    let mut items: Vec<Vec<Placed>> = Vec::new();
    for half in stated {
        match items.iter_mut().find(|item| item[0].transfer == half.transfer) {
            Some(item) => item.push(half),
            None => items.push(vec![half]),
        }
    }
    // What must not wait, and what it would wait for.
    let (waiting, awaited) = match policy {
        Policy::DebitsFirst => (Side::Credit, Side::Debit),
        _ => (Side::Debit, Side::Credit),
    };
    let counted = |item: &[Placed], side: Side| {
        let covered = |half: &&Placed| world.accounts[half.account].is_covered(half.day);
        let half = item.iter().filter(|half| half.side == side).find(covered);
        half.map(|half| half.account)
    };
    let mut posted = Vec::new();
    while !items.is_empty() {
        let is_free = |at: &usize| match counted(&items[*at], waiting) {
            None => true,
            Some(account) => !(0..items.len())
                .any(|other| other != *at && counted(&items[other], awaited) == Some(account)),
        };
        let next = (0..items.len()).find(is_free).unwrap_or(0);
        posted.extend(items.remove(next));
    }
    posted
}
