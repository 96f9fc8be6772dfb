//! What a trace reads: covered days, openings and the movements of one currency, in whatever order
//! their records state.
//!
//! It knows nothing of files or names. `from_case` makes it from a case store; the order in which
//! its halves are posted is `posting_order`'s, what they carry is `sweep`'s.

use std::borrow::Cow;

use foldhash::HashMap;

use super::gaps::{self, Moment};
use super::openings::{self, Opening};
use super::posting_order::{Conflict, PostingOrder};

/// The far end of a conversion: money that leaves the currency of the trace, or enters it.
pub const CONVERTED: u32 = u32::MAX;

/// A stretch of days without a gap on which an account's own statements are held.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stretch {
    /// First civil day.
    pub first: i32,
    /// Last civil day.
    pub last: i32,
    /// Stated balance before its first row, minor units; negative for a debt.
    pub opening: Option<i64>,
    /// Stated balance after its last row, minor units.
    pub closing: Option<i64>,
}

/// One end of a movement as its record has it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Half {
    /// Civil day on which it is booked.
    pub day: i32,
    /// When it is booked, milliseconds; a date alone is the start of its day.
    pub time_ms: i64,
    /// Row of `sources`.
    pub source: u32,
    /// Line of it.
    pub line: u32,
    /// Balance that the account's own statement states after it, minor units.
    pub running: Option<i64>,
}

/// A transfer with both of its ends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Movement {
    /// Account that pays.
    pub from: u32,
    /// Account that is paid.
    pub to: u32,
    /// Minor units.
    pub amount: i64,
    /// Where it leaves.
    pub debit: Half,
    /// Where it arrives; as the debit where one statement alone tells of it.
    pub credit: Half,
    /// The movement that it undoes, whole or in part.
    pub reverses: Option<u32>,
}

/// Which end of a movement.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum End {
    /// Where it leaves.
    Debit,
    /// Where it arrives.
    Credit,
}

/// A half of a movement as one number.
pub(super) fn half_of(movement: u32, end: End) -> u64 {
    u64::from(movement) * 2 + u64::from(end == End::Credit)
}

/// Movements of one currency between accounts, with what is known of each account's days.
#[derive(Clone, Debug)]
pub struct Ledger<'a> {
    /// Account that pays, by movement.
    pub from: Cow<'a, [u32]>,
    /// Account that is paid, by movement.
    pub to: Cow<'a, [u32]>,
    /// Minor units, by movement.
    pub amount: Cow<'a, [i64]>,
    /// First and last covered day by account; the first after the last where none is.
    spans: Vec<(i32, i32)>,
    /// The stretches of accounts that have several, or state a balance.
    stretches: HashMap<u32, Vec<Stretch>>,
    /// Whether an account has several stretches.
    several: Vec<bool>,
    /// Stated running balances by half; see [`half_of`].
    pub(super) running: HashMap<u64, i64>,
    /// What a movement undoes.
    pub(super) reverses: HashMap<u32, u32>,
    /// Movements that another undoes.
    pub(super) reversed: HashMap<u32, u32>,
    /// Halves in the order in which they are posted as stated.
    pub order: PostingOrder,
    /// Debits that stood against another statement.
    pub conflicts: Vec<Conflict>,
    /// What each account held before its first posting.
    pub openings: Vec<Opening>,
    /// By how much a balance stated after a gap differs from the one carried over it.
    pub(super) settlements: HashMap<Moment, i64>,
}

impl<'a> Ledger<'a> {
    /// A ledger from movements in any order. `statements` gives for each account the rows of its
    /// own statements in their order. Cost: linear, and a sort.
    ///
    /// # Panics
    ///
    /// If the days of a statement fall, or a movement names an account beyond `stretches`.
    pub fn new(
        stretches: Vec<Vec<Stretch>>,
        movements: &[Movement],
        statements: &[Vec<(u32, End)>],
    ) -> Ledger<'static> {
        let (order, conflicts) = PostingOrder::stated(movements, statements);
        let mut ledger = Ledger::without_openings(
            stretches,
            movements.iter().map(|one| one.from).collect(),
            movements.iter().map(|one| one.to).collect(),
            movements.iter().map(|one| one.amount).collect(),
            order,
        );
        ledger.conflicts = conflicts;
        for (movement, one) in (0..).zip(movements) {
            for (end, half) in [(End::Debit, one.debit), (End::Credit, one.credit)] {
                if let Some(balance) = half.running {
                    ledger.running.insert(half_of(movement, end), balance);
                }
            }
            if let Some(original) = one.reverses {
                ledger.reverses.insert(movement, original);
                ledger.reversed.entry(original).or_insert(movement);
            }
        }
        ledger.openings = openings::openings(&ledger);
        ledger.settlements = gaps::settlements(&ledger);
        ledger
    }

    /// A ledger whose movements already stand in the order of posting, both halves of each at
    /// one instant; `day` gives the civil day of each. Nothing is copied. Cost: linear.
    pub fn listed(
        stretches: Vec<Vec<Stretch>>,
        (from, to): (Cow<'a, [u32]>, Cow<'a, [u32]>),
        amount: Cow<'a, [i64]>,
        day: &[i32],
    ) -> Ledger<'a> {
        let order = PostingOrder::listed(&from, &to, &amount, day);
        let mut ledger = Ledger::without_openings(stretches, from, to, amount, order);
        ledger.openings = openings::openings(&ledger);
        ledger.settlements = gaps::settlements(&ledger);
        ledger
    }

    fn without_openings<'b>(
        stretches: Vec<Vec<Stretch>>,
        from: Cow<'b, [u32]>,
        to: Cow<'b, [u32]>,
        amount: Cow<'b, [i64]>,
        order: PostingOrder,
    ) -> Ledger<'b> {
        let span = |all: &Vec<Stretch>| match (all.first(), all.last()) {
            (Some(first), Some(last)) => (first.first, last.last),
            _ => (i32::MAX, i32::MIN),
        };
        let told = |all: &Vec<Stretch>| {
            all.len() > 1 || all.iter().any(|one| one.opening.or(one.closing).is_some())
        };
        Ledger {
            from,
            to,
            amount,
            spans: stretches.iter().map(span).collect(),
            several: stretches.iter().map(|all| all.len() > 1).collect(),
            stretches: (0..).zip(stretches).filter(|(_, all)| told(all)).collect(),
            running: HashMap::default(),
            reverses: HashMap::default(),
            reversed: HashMap::default(),
            order,
            conflicts: Vec::new(),
            openings: Vec::new(),
            settlements: HashMap::default(),
        }
    }

    /// Number of accounts.
    pub fn accounts(&self) -> usize {
        self.spans.len()
    }

    /// True when some statement of the account is held.
    #[inline]
    pub fn is_held(&self, account: u32) -> bool {
        self.spans.get(account as usize).is_some_and(|(first, last)| first <= last)
    }

    /// True when the account's statements span the day.
    #[inline]
    pub fn covers(&self, account: u32, day: i32) -> bool {
        let Some((first, last)) = self.spans.get(account as usize) else { return false };
        (*first..=*last).contains(&day)
            && (!self.several[account as usize] || {
                let mut stretches = self.stretches_of(account).iter();
                stretches.any(|one| (one.first..=one.last).contains(&day))
            })
    }

    /// The stretches of an account, of which nothing is kept where there is one without a stated
    /// balance.
    pub(super) fn stretches_of(&self, account: u32) -> &[Stretch] {
        self.stretches.get(&account).map_or(&[], Vec::as_slice)
    }

    /// First and last covered day of an account that is held.
    pub fn span(&self, account: u32) -> Option<(i32, i32)> {
        self.spans.get(account as usize).copied().filter(|(first, last)| first <= last)
    }

    /// Every covered stretch of days, in order.
    pub fn covered(&self, account: u32) -> Vec<(i32, i32)> {
        match self.stretches_of(account) {
            [] => self.span(account).into_iter().collect(),
            several => several.iter().map(|one| (one.first, one.last)).collect(),
        }
    }

    /// The days on which a later stretch begins, by day, then account.
    pub(super) fn later_stretches(&self) -> Vec<(i32, u32, usize)> {
        let mut found: Vec<(i32, u32, usize)> = self
            .stretches
            .iter()
            .flat_map(|(account, all)| {
                all.iter().enumerate().skip(1).map(|(at, one)| (one.first, *account, at))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The days on which a later stretch ends, by day, then account.
    pub(super) fn later_ends(&self) -> Vec<(i32, u32, usize)> {
        let mut found: Vec<(i32, u32, usize)> = self
            .stretches
            .iter()
            .flat_map(|(account, all)| {
                all.iter().enumerate().skip(1).map(|(at, one)| (one.last, *account, at))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Accounts with several stretches.
    pub(super) fn gapped(&self) -> impl Iterator<Item = u32> + '_ {
        self.stretches.iter().filter(|(_, all)| all.len() > 1).map(|(account, _)| *account)
    }

    /// The movement that this one undoes, if it does.
    pub fn original_of(&self, movement: u32) -> Option<u32> {
        if self.reverses.is_empty() { None } else { self.reverses.get(&movement).copied() }
    }
}
