//! Floor and ceiling: outer limits on what any allocation could say a transfer, an account or an
//! exit carries of each label, and of all labels together.
//!
//! An allocation need not reach them. They follow from balances alone: what has not left a
//! balance is still in it, and no more can be in it than it holds.

use foldhash::HashMap;

use super::ledger::Ledger;
use super::listing::Listing;
use super::posting_order::PostingOrder;
use super::subset::Route;
use super::sweep::{Declared, NO_MOVEMENT};
use super::walk::{Arrival, Credit, Debit, ExitKind, Origin, Pass, Settlement, walk};
use crate::error::Result;

/// The label under which the bounds of all labels together stand.
pub const ALL_LABELS: u32 = 0;

/// Lower and upper limit, minor units.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Bound {
    /// No allocation says less.
    pub floor: i64,
    /// No allocation says more.
    pub ceiling: i64,
}

/// A label, or [`ALL_LABELS`], with its limits.
pub type Limits = (u32, Bound);

/// The limits of one exit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BoundedExit {
    /// How it leaves.
    pub kind: ExitKind,
    /// As of [`super::sweep::Exit`].
    pub account: u32,
    /// Row of the ledger; [`NO_MOVEMENT`] for a gap.
    pub movement: u32,
    /// Civil day.
    pub day: i32,
    /// Label and limits.
    pub limits: Limits,
}

/// What no allocation can leave, per movement, exit and residual; what stands nowhere is zero.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bounded {
    /// Movement, label and limits, in order of posting, then label.
    pub carried: Vec<(u32, Limits)>,
    /// How it leaves what is held, in order of posting; as [`super::sweep::Exit`], before
    /// anything is undone.
    pub exits: Vec<BoundedExit>,
    /// How much of a movement's exit was undone, minor units of the whole movement, and by how
    /// many others.
    pub undone: HashMap<u32, (i64, i64)>,
    /// Which other movement each was followed as undoing.
    pub undoing: HashMap<u32, u32>,
    /// What has left its account and not arrived at the end, by movement, then label.
    pub in_transit: Vec<(u32, Limits)>,
    /// Account at the end of each day on which its limits changed, by day, then account.
    pub residuals: Vec<(i32, u32, Box<[Limits]>)>,
}

impl Bounded {
    /// The limits of each account at the end.
    pub fn left(&self) -> std::collections::BTreeMap<u32, &[Limits]> {
        self.residuals.iter().map(|(_, account, limits)| (*account, &**limits)).collect()
    }
}

/// Computes the bounds over postings up to and with the day `until`; `listing` says which movements
/// and accounts are kept, so that a network of millions does not fill the memory with limits that
/// stand beside no figure. Cost: linear in postings, times the labels that can reach an account.
///
/// # Errors
///
/// [`crate::Error::Interrupted`].
pub fn bounds(
    ledger: &Ledger,
    order: &PostingOrder,
    declared: &Declared,
    until: i32,
    listing: Option<&Listing>,
) -> Result<Bounded> {
    let route = Route::of(ledger, order);
    let mut pass = Sweep {
        ledger,
        declared,
        listing,
        held: vec![Vec::new(); route.slots.count()],
        moved: Vec::new(),
        transit: HashMap::default(),
        originals: HashMap::default(),
        so_far: vec![0; declared.labels() as usize + 1],
        touched: Vec::new(),
        touched_on: vec![i32::MIN; route.slots.count()],
        bounded: Bounded::default(),
    };
    walk((ledger, order), &route, until, &mut pass)?;
    let Sweep { transit, mut bounded, .. } = pass;
    let limits = |(movement, limits): (u32, Vec<Limits>)| {
        limits.into_iter().map(move |limits| (movement, limits))
    };
    bounded.in_transit = transit.into_iter().flat_map(limits).collect();
    bounded.in_transit.sort_unstable();
    Ok(bounded)
}

struct Sweep<'a> {
    ledger: &'a Ledger<'a>,
    declared: &'a Declared,
    listing: Option<&'a Listing>,
    /// By place of the account, in order of label; labels that cannot be there are left out.
    held: Vec<Vec<Limits>>,
    moved: Vec<Limits>,
    transit: HashMap<u32, Vec<Limits>>,
    originals: HashMap<u32, (Vec<Limits>, i64)>,
    /// Declared up to here, by label, and of all labels.
    so_far: Vec<i64>,
    touched: Vec<(u32, u32)>,
    touched_on: Vec<i32>,
    bounded: Bounded,
}

fn of(limits: &[Limits], label: u32) -> Bound {
    let found = limits.binary_search_by_key(&label, |(label, _)| *label);
    found.map_or(Bound::default(), |at| limits[at].1)
}

fn at(limits: &mut Vec<Limits>, label: u32) -> &mut Bound {
    let found = limits.binary_search_by_key(&label, |(label, _)| *label);
    let at = found.unwrap_or_else(|at| {
        limits.insert(at, (label, Bound::default()));
        at
    });
    &mut limits[at].1
}

/// Floor and ceiling times a share, the first rounded down, the second up.
pub fn scaled(bound: Bound, part: i64, whole: i64) -> Bound {
    let times = |minor: i64| i128::from(minor) * i128::from(part);
    let whole = i128::from(whole);
    Bound {
        floor: (times(bound.floor) / whole) as i64,
        ceiling: ((times(bound.ceiling) + whole - 1) / whole) as i64,
    }
}

impl Sweep<'_> {
    fn lists(&self, movement: u32) -> bool {
        self.listing.is_none_or(|listing| listing.lists(movement))
    }

    fn touch(&mut self, account: u32, slot: u32, day: i32) {
        if std::mem::replace(&mut self.touched_on[slot as usize], day) != day
            && self.listing.is_none_or(|listing| listing.lists_account(account))
        {
            self.touched.push((account, slot));
        }
    }

    /// Takes `funded` out of a positive balance: what it may carry goes to `moved`.
    fn take(&mut self, slot: u32, funded: i64, balance: i64) {
        let left = balance - funded;
        self.moved.clear();
        let held = &mut self.held[slot as usize];
        for (label, bound) in held.iter_mut() {
            let carries = Bound {
                floor: (funded - (balance - bound.floor)).max(0),
                ceiling: funded.min(bound.ceiling),
            };
            self.moved.push((*label, carries));
            bound.ceiling = bound.ceiling.min(left);
            bound.floor = (bound.floor - funded).max(0);
        }
        held.retain(|(_, bound)| bound.ceiling > 0);
        self.moved.retain(|(_, bound)| bound.ceiling > 0);
    }

    /// The limits of what a reversal takes back. What is left after it is rounded outwards again,
    /// since shares of shares can stray from shares of the whole by a unit.
    fn returned(&mut self, original: u32, amount: i64) -> Vec<Limits> {
        let Some((limits, left)) = self.originals.get_mut(&original) else { return Vec::new() };
        let share = |limits: &[Limits], part: i64| -> Vec<Limits> {
            let scaled = limits.iter().map(|(label, bound)| (*label, scaled(*bound, part, *left)));
            scaled.filter(|(_, bound)| bound.ceiling > 0).collect()
        };
        let back = share(limits, amount);
        *limits = share(limits, *left - amount);
        *left -= amount;
        back
    }

    fn undo(&mut self, debit: &Debit, original: u32) {
        let back = self.returned(original, debit.amount);
        match debit.origin {
            Origin::Held { .. } => {
                // Either may say that a label is not there at all.
                for (label, fresh) in &mut self.moved {
                    fresh.floor = fresh.floor.min(of(&back, *label).floor);
                }
                for (label, bound) in back {
                    let floor = of(&self.moved, label).floor;
                    let fresh = at(&mut self.moved, label);
                    fresh.floor = floor.min(bound.floor);
                    fresh.ceiling = fresh.ceiling.max(bound.ceiling);
                }
            }
            Origin::Undone(_) => {
                self.moved = back;
                let undone = self.bounded.undone.entry(original).or_default();
                *undone = (undone.0 + debit.amount, undone.1 + 1);
            }
            Origin::Outside => {}
        }
    }

    fn declare(&mut self, debit: &Debit) {
        let parts = self.declared.of(debit.movement);
        if parts.is_empty() {
            return;
        }
        let all: i64 = parts.iter().map(|(_, minor)| minor).sum();
        for (_, bound) in &mut self.moved {
            bound.floor = (bound.floor - all).max(0);
            bound.ceiling = bound.ceiling.min(debit.amount - all);
        }
        for (label, minor) in parts.iter().copied().chain([(ALL_LABELS, all)]) {
            self.so_far[label as usize] += minor;
            let bound = at(&mut self.moved, label);
            bound.floor += minor;
            bound.ceiling += minor;
        }
    }
}

impl Pass for Sweep<'_> {
    fn debit(&mut self, debit: &Debit) {
        let movement = debit.movement;
        self.moved.clear();
        if let Origin::Held { balance, funded } = debit.origin
            && !self.held[debit.slot as usize].is_empty()
        {
            self.touch(debit.account, debit.slot, debit.day);
            self.take(debit.slot, funded, balance.max(0));
        }
        if let Some((original, _)) = debit.undoes {
            self.bounded.undoing.insert(movement, original);
            self.undo(debit, original);
        }
        self.declare(debit);
        for (label, bound) in &mut self.moved {
            bound.ceiling = bound.ceiling.min(self.so_far[*label as usize]);
        }
        self.moved.retain(|(_, bound)| bound.ceiling > 0);
        if !self.moved.is_empty() && self.lists(movement) {
            self.bounded.carried.extend(self.moved.iter().map(|limits| (movement, *limits)));
        }
        if !self.ledger.reversed.is_empty() && self.ledger.reversed.contains_key(&movement) {
            self.originals.insert(movement, (self.moved.clone(), debit.amount));
        }
        if !debit.whole && !self.moved.is_empty() {
            self.transit.insert(movement, self.moved.clone());
        }
    }

    fn credit(&mut self, credit: &Credit) {
        let Credit { movement, account, slot, amount, day, .. } = *credit;
        if !credit.whole {
            self.moved = self.transit.remove(&movement).unwrap_or_default();
        }
        if self.moved.is_empty() || !self.declared.follows(account) {
            return;
        }
        let repaid = match credit.arrival {
            Arrival::Held { repaid, .. } => repaid,
            Arrival::Exit(kind) => {
                if self.lists(movement) {
                    let exits = self.moved.iter().map(|limits| {
                        let limits = *limits;
                        BoundedExit { kind, account, movement, day, limits }
                    });
                    self.bounded.exits.extend(exits);
                }
                return;
            }
        };
        self.touch(account, slot, day);
        let kept = amount - repaid;
        let held = &mut self.held[slot as usize];
        let mut place = 0;
        for &(label, bound) in &self.moved {
            let exit =
                Bound { floor: (bound.floor - kept).max(0), ceiling: repaid.min(bound.ceiling) };
            if exit.ceiling > 0 {
                let (kind, limits) = (ExitKind::Overdraft, (label, exit));
                self.bounded.exits.push(BoundedExit { kind, account, movement, day, limits });
            }
            let ceiling = bound.ceiling.min(kept);
            if ceiling > 0 {
                // Both are in order of label.
                while held.get(place).is_some_and(|(of, _)| *of < label) {
                    place += 1;
                }
                if held.get(place).is_none_or(|(of, _)| *of != label) {
                    held.insert(place, (label, Bound::default()));
                }
                let held = &mut held[place].1;
                held.floor += (bound.floor - repaid).max(0);
                held.ceiling = (held.ceiling + ceiling).min(self.so_far[label as usize]);
            }
        }
    }

    fn after_gap(&mut self, account: u32, slot: u32, day: i32) {
        if self.held[slot as usize].is_empty() {
            return;
        }
        self.touch(account, slot, day);
        self.held[slot as usize].iter_mut().for_each(|(_, bound)| bound.floor = 0);
    }

    fn settle(&mut self, settlement: &Settlement) {
        let (account, slot, day) = (settlement.account, settlement.slot, settlement.day);
        let left = settlement.left_minor();
        if left == 0 || self.held[slot as usize].is_empty() {
            return;
        }
        self.touch(account, slot, day);
        // A movement may stand between its debit and its credit here.
        let under_way = std::mem::take(&mut self.moved);
        self.take(slot, left, settlement.carried);
        for &limits in &self.moved {
            let (kind, movement) = (ExitKind::Gap, NO_MOVEMENT);
            self.bounded.exits.push(BoundedExit { kind, account, movement, day, limits });
        }
        self.moved = under_way;
    }

    fn end_of_day(&mut self, day: i32) {
        self.touched.sort_unstable();
        for (account, slot) in self.touched.drain(..) {
            let limits = self.held[slot as usize].as_slice().into();
            self.bounded.residuals.push((day, account, limits));
        }
    }

    #[inline]
    fn look_at(&self, slot: usize) -> u64 {
        self.held[slot].first().map_or(0, |(label, _)| u64::from(*label))
    }
}
