//! One walk over the postings of a ledger: balances, gaps, reversals and where money leaves what
//! is held. What the money carries is a [`Pass`]'s: a rule's, or that of the bounds.
//!
//! None of this depends on a rule, so every rule and the bounds see the same steps.

use foldhash::{HashMap, HashSet};

use super::gaps::Moment;
use super::ledger::{CONVERTED, End, Ledger, half_of};
use super::posting_order::{Posting, PostingOrder};
use super::subset::{Route, Slots};
use crate::error::Result;
use crate::interrupt;

/// How traced money leaves the accounts that are held.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ExitKind {
    /// To an account of which no statement is held, or whose number is not known.
    Outside,
    /// To an account on a day of which no statement is held.
    NotCovered,
    /// Into another currency, or into what a conversion cost.
    Conversion,
    /// It repaid what the bank had advanced.
    Overdraft,
    /// A later balance shows that it left on days of which no statement is held.
    Gap,
    /// It went back to a payer of which no statement is held.
    Reversal,
}

impl ExitKind {
    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            ExitKind::Outside => "outside",
            ExitKind::NotCovered => "not-covered",
            ExitKind::Conversion => "conversion",
            ExitKind::Overdraft => "overdraft",
            ExitKind::Gap => "gap",
            ExitKind::Reversal => "reversal",
        }
    }
}

/// Where the money of a debit comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// From an account on a day that is covered: its balance before, negative for a debt, and
    /// how much of the amount it had, minor units.
    Held {
        /// Before the debit.
        balance: i64,
        /// From 0 to the amount.
        funded: i64,
    },
    /// From an account or a day that is not covered: it carries nothing traced.
    Outside,
    /// Back out of the exit of the movement it undoes.
    Undone(ExitKind),
}

/// A half that takes money out of an account, or sets it on its way.
#[derive(Clone, Copy, Debug)]
pub struct Debit {
    /// Row of the ledger.
    pub movement: u32,
    /// Account that pays.
    pub account: u32,
    /// Place of its state; of no meaning where the day is not held.
    pub slot: u32,
    /// Minor units.
    pub amount: i64,
    /// Civil day.
    pub day: i32,
    /// Where the money comes from.
    pub origin: Origin,
    /// The movement that it undoes, and how much of that had not been undone before.
    pub undoes: Option<(u32, i64)>,
    /// True when its credit is the next step.
    pub whole: bool,
}

/// What becomes of money that arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// It stays with the account, once `repaid` minor units of debt are paid from it; the balance
    /// before it is negative for a debt.
    Held {
        /// Before the credit.
        balance: i64,
        /// From 0 to the amount.
        repaid: i64,
    },
    /// It leaves what is held.
    Exit(ExitKind),
}

/// A half that brings money to an account.
#[derive(Clone, Copy, Debug)]
pub struct Credit {
    /// Row of the ledger.
    pub movement: u32,
    /// Account that is paid.
    pub account: u32,
    /// Place of its state; of no meaning where the day is not held.
    pub slot: u32,
    /// Minor units.
    pub amount: i64,
    /// Civil day.
    pub day: i32,
    /// What becomes of it.
    pub arrival: Arrival,
    /// True when its debit was the step before this one.
    pub whole: bool,
}

/// What a stated balance after a gap shows.
#[derive(Clone, Copy, Debug)]
pub struct Settlement {
    /// The account.
    pub account: u32,
    /// Place of its state.
    pub slot: u32,
    /// Civil day.
    pub day: i32,
    /// The balance carried, negative for a debt.
    pub carried: i64,
    /// The balance stated, negative for a debt.
    pub stated: i64,
}

impl Settlement {
    /// What of the balance carried has left, as far as it was there; 0 when it has risen.
    pub fn left_minor(&self) -> i64 {
        self.carried.max(0) - self.stated.max(0).min(self.carried.max(0))
    }
}

/// What is done at each step of a walk.
pub trait Pass {
    /// Money leaves an account, or enters from outside.
    fn debit(&mut self, debit: &Debit);
    /// Money arrives.
    fn credit(&mut self, credit: &Credit);
    /// An account's later stretch of covered days begins: anything may have happened before.
    fn after_gap(&mut self, account: u32, slot: u32, day: i32);
    /// A balance stated after a gap differs from the balance carried.
    fn settle(&mut self, settlement: &Settlement);
    /// The last posting of a day was made.
    fn end_of_day(&mut self, day: i32);
    /// Reads something of an account's state, so that its memory is at hand when a step to come
    /// needs it; what it gives means nothing.
    fn look_at(&self, _slot: usize) -> u64 {
        0
    }
}

/// Postings whose accounts are looked at before the first of them is made. The state of millions of
/// accounts lies far from the processor: what is asked for together arrives together.
pub(super) const LOOKED_AT: usize = 32;

/// A movement that others undo.
#[derive(Clone, Copy)]
struct Original {
    /// What has not been undone, minor units.
    left: i64,
    /// What became of it; nothing yet before its credit.
    arrival: Option<Option<ExitKind>>,
}

/// Walks over the postings up to and with `until`; `route` is theirs. Cost: linear in postings
/// and places.
///
/// # Errors
///
/// [`crate::Error::Interrupted`].
pub fn walk(
    (ledger, order): (&Ledger, &PostingOrder),
    route: &Route,
    until: i32,
    pass: &mut impl Pass,
) -> Result<()> {
    let slots = &route.slots;
    let opened = |account: u32| ledger.opening(account).minor;
    let mut walk = Walk {
        ledger,
        slots,
        pass,
        balance: slots.accounts().into_iter().map(opened).collect(),
        undoing: HashSet::default(),
        originals: HashMap::default(),
    };
    let mut days: Vec<i32> = order.days().map(|(day, _)| day).collect();
    let is_touched = |(_, account, _): &(i32, u32, usize)| slots.place(*account).is_some();
    let (mut starts, mut ends) = (ledger.later_stretches(), ledger.later_ends());
    starts.retain(is_touched);
    ends.retain(is_touched);
    days.extend(starts.iter().map(|(day, ..)| *day));
    days.extend(ends.iter().map(|(day, ..)| *day));
    days.sort_unstable();
    days.dedup();
    let (mut starts, mut ends) = (starts.into_iter().peekable(), ends.into_iter().peekable());
    let mut postings = order.days().peekable();
    for day in days.into_iter().take_while(|day| *day <= until) {
        interrupt::check()?;
        while let Some((_, account, at)) = starts.next_if(|(start, ..)| *start == day) {
            walk.begin(account, at, day);
        }
        if let Some((_, places)) = postings.next_if(|(of, _)| *of == day) {
            let end = places.end;
            for place in places {
                if place.is_multiple_of(LOOKED_AT) {
                    walk.look_at(order, place..end.min(place + LOOKED_AT));
                }
                let (pays, is_paid) = route.held(place);
                match order.at(place) {
                    Posting::Both(movement) => {
                        walk.debit(movement, day, (pays, true));
                        walk.credit(movement, day, (is_paid, true));
                    }
                    Posting::Debit(movement) => walk.debit(movement, day, (pays, false)),
                    Posting::Credit(movement) => walk.credit(movement, day, (is_paid, false)),
                }
            }
        }
        while let Some((_, account, at)) = ends.next_if(|(end, ..)| *end == day) {
            walk.settle(account, Moment::Ends(account, at), day);
        }
        walk.pass.end_of_day(day);
    }
    Ok(())
}

struct Walk<'a, P> {
    ledger: &'a Ledger<'a>,
    slots: &'a Slots,
    pass: &'a mut P,
    /// By place of the account, negative for a debt.
    balance: Vec<i64>,
    /// Movements that were taken as undoing another.
    undoing: HashSet<u32>,
    originals: HashMap<u32, Original>,
}

impl<P: Pass> Walk<'_, P> {
    fn begin(&mut self, account: u32, at: usize, day: i32) {
        self.pass.after_gap(account, self.slot(account), day);
        self.settle(account, Moment::Begins(account, at), day);
    }

    /// Looks at the accounts of some postings.
    fn look_at(&self, order: &PostingOrder, places: std::ops::Range<usize>) {
        let mut seen = 0;
        for place in places {
            let row = order.at(place).movement() as usize;
            for account in [self.ledger.from[row], self.ledger.to[row]] {
                if let Some(slot) = self.slots.place(account) {
                    seen ^= self.balance[slot] as u64 ^ self.pass.look_at(slot);
                }
            }
        }
        std::hint::black_box(seen);
    }

    /// The place of an account that is touched.
    #[inline]
    fn slot(&self, account: u32) -> u32 {
        self.slots.place(account).map_or(u32::MAX, |slot| slot as u32)
    }

    /// Takes over a balance that is stated behind a gap, if one is.
    fn settle(&mut self, account: u32, at: Moment, day: i32) {
        if let Some(difference) = self.ledger.settlements.get(&at) {
            let slot = self.slot(account);
            let carried = self.balance[slot as usize];
            let stated = carried + difference;
            self.balance[slot as usize] = stated;
            self.pass.settle(&Settlement { account, slot, day, carried, stated });
        }
    }

    fn settle_after(&mut self, movement: u32, end: End, account: u32, day: i32) {
        if !self.ledger.settlements.is_empty() {
            self.settle(account, Moment::After(half_of(movement, end)), day);
        }
    }

    fn debit(&mut self, movement: u32, day: i32, (held, whole): (bool, bool)) {
        let row = movement as usize;
        let (account, amount) = (self.ledger.from[row], self.ledger.amount[row]);
        let undoes = self.undoes(movement, amount);
        let slot = if held { self.slot(account) } else { u32::MAX };
        let origin = if held {
            let balance = self.balance[slot as usize];
            self.balance[slot as usize] = balance - amount;
            Origin::Held { balance, funded: amount.min(balance.max(0)) }
        } else {
            let arrival = undoes.and_then(|(original, _)| self.originals[&original].arrival);
            arrival.flatten().map_or(Origin::Outside, Origin::Undone)
        };
        self.pass.debit(&Debit { movement, account, slot, amount, day, origin, undoes, whole });
        if !self.ledger.reversed.is_empty() && self.ledger.reversed.contains_key(&movement) {
            self.originals.insert(movement, Original { left: amount, arrival: None });
        }
        if held {
            self.settle_after(movement, End::Debit, account, day);
        }
    }

    /// The movement that this one undoes, where it can: the original has arrived, it goes the way
    /// back, and as much of it has not been undone yet. That much is then taken off.
    fn undoes(&mut self, movement: u32, amount: i64) -> Option<(u32, i64)> {
        let original = self.ledger.original_of(movement)?;
        let is_way_back = self.ledger.is_way_back(movement, original);
        let state = self.originals.get_mut(&original)?;
        if !is_way_back || state.arrival.is_none() || amount > state.left {
            return None;
        }
        let left = state.left;
        state.left -= amount;
        self.undoing.insert(movement);
        Some((original, left))
    }

    fn credit(&mut self, movement: u32, day: i32, (held, whole): (bool, bool)) {
        let row = movement as usize;
        let (account, amount) = (self.ledger.to[row], self.ledger.amount[row]);
        let slot = if held { self.slot(account) } else { u32::MAX };
        let arrival = if held {
            let balance = self.balance[slot as usize];
            self.balance[slot as usize] = balance + amount;
            Arrival::Held { balance, repaid: amount.min((-balance).max(0)) }
        } else {
            Arrival::Exit(self.exit_kind(movement, account))
        };
        self.pass.credit(&Credit { movement, account, slot, amount, day, arrival, whole });
        if let Some(original) = self.originals.get_mut(&movement) {
            original.arrival = Some(match arrival {
                Arrival::Held { .. } => None,
                Arrival::Exit(kind) => Some(kind),
            });
        }
        if held {
            self.settle_after(movement, End::Credit, account, day);
        }
    }

    fn exit_kind(&self, movement: u32, account: u32) -> ExitKind {
        if account == CONVERTED {
            ExitKind::Conversion
        } else if self.ledger.is_held(account) {
            ExitKind::NotCovered
        } else if self.undoing.contains(&movement) {
            ExitKind::Reversal
        } else {
            ExitKind::Outside
        }
    }
}
