//! What every transfer, account and exit carries of each label, under one rule.

use foldhash::HashMap;

use super::ledger::Ledger;
use super::lots::Lots;
use super::pools::Pools;
use super::posting_order::PostingOrder;
use super::rules::{Holdings, Rule};
use super::shares::{Part, add, shares, subtract, traced};
use super::subset::{Marks, Route};
use super::walk::{Arrival, Credit, Debit, ExitKind, Origin, Pass, Settlement, walk};
use crate::error::Result;

/// No movement stands behind it.
pub const NO_MOVEMENT: u32 = u32::MAX;

/// The traced part of a movement.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Carried {
    /// Row of the ledger.
    pub movement: u32,
    /// From 1.
    pub label: u32,
    /// Minor units, positive.
    pub minor: i64,
}

/// Traced money that left what is held, or came back from there.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Exit {
    /// How it left.
    pub kind: ExitKind,
    /// Account it left from or, when it left with a movement, that it went to.
    pub account: u32,
    /// Row of the ledger; [`NO_MOVEMENT`] for a gap.
    pub movement: u32,
    /// Civil day.
    pub day: i32,
    /// From 1.
    pub label: u32,
    /// Minor units; negative where an exit was undone.
    pub minor: i64,
}

/// What an account holds of each label at the end of a day on which that changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Residual {
    /// Civil day.
    pub day: i32,
    /// Account.
    pub account: u32,
    /// By label; none when nothing traced is left.
    pub parts: Box<[Part]>,
}

/// What one rule says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Traced {
    /// In order of posting, then label; part by part where the network was parted.
    pub carried: Vec<Carried>,
    /// In order of posting; part by part where the network was parted.
    pub exits: Vec<Exit>,
    /// By day, then account.
    pub residuals: Vec<Residual>,
    /// What was declared, by label from 1; place 0 is not used.
    pub declared: Vec<i64>,
    /// What of each label became another label's source.
    pub relabelled: Vec<i64>,
    /// What has left its account and not arrived at the end, by movement and label.
    pub in_transit: Vec<Carried>,
    /// Most lots at once, and the bytes of the arena that held them; zero where there are none.
    pub lots: (usize, usize),
    /// Every taking of traced money from an account, where that was asked for.
    pub takings: Vec<Taking>,
}

/// What a movement took from its account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Taking {
    /// Row of the ledger.
    pub movement: u32,
    /// Balance before it, minor units.
    pub balance: i64,
    /// What of that was traced, by label.
    pub held: Vec<Part>,
    /// What it took, by label.
    pub taken: Vec<Part>,
    /// From the lots of which movements, where the rule keeps lots.
    pub from: Vec<(u32, Part)>,
}

impl Traced {
    /// What each account holds at the end, by account.
    pub fn left(&self) -> std::collections::BTreeMap<u32, &[Part]> {
        let mut left: std::collections::BTreeMap<u32, &[Part]> =
            self.residuals.iter().map(|one| (one.account, &*one.parts)).collect();
        left.retain(|_, parts| !parts.is_empty());
        left
    }
}

/// Which movements, or parts of them, are sources of which label.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Declared {
    parts: HashMap<u32, Vec<Part>>,
    /// The movements that have parts: every movement is asked for, and few are sources.
    sources: Marks,
    labels: u32,
    only: Option<u32>,
}

impl Declared {
    /// Parts in any order: movement, label from 1, minor units; several of one movement and
    /// label are one. The caller has seen that they are positive and within their movements.
    pub fn new(parts: impl IntoIterator<Item = (u32, u32, i64)>) -> Declared {
        let mut declared = Declared::default();
        for (movement, label, minor) in parts {
            declared.labels = declared.labels.max(label);
            add(declared.parts.entry(movement).or_default(), label, minor);
        }
        let bound = declared.parts.keys().max().map_or(0, |last| *last as usize + 1);
        declared.sources = Marks::new(bound);
        for movement in declared.parts.keys() {
            declared.sources.mark(*movement);
        }
        declared
    }

    /// The same, followed within one account: what leaves it is not traced any further.
    pub fn within(self, account: u32) -> Declared {
        Declared { only: Some(account), ..self }
    }

    /// True when what arrives at the account is traced further.
    #[inline]
    pub fn follows(&self, account: u32) -> bool {
        self.only.is_none_or(|only| only == account)
    }

    /// Number of labels.
    pub fn labels(&self) -> u32 {
        self.labels
    }

    /// What of a movement is declared, by label.
    #[inline]
    pub fn of(&self, movement: u32) -> &[Part] {
        if !self.sources.has(movement) {
            return &[];
        }
        &self.parts[&movement]
    }

    /// Movements of which something is declared, in order.
    pub fn movements(&self) -> Vec<u32> {
        let mut movements: Vec<u32> = self.parts.keys().copied().collect();
        movements.sort_unstable();
        movements
    }
}

/// Traces under one rule, over postings up to and with the day `until`. Cost: linear in postings,
/// times the labels that an account holds; each lot is made and used up once.
///
/// # Errors
///
/// [`crate::Error::Interrupted`].
pub fn trace(
    ledger: &Ledger,
    order: &PostingOrder,
    rule: Rule,
    declared: &Declared,
    until: i32,
) -> Result<Traced> {
    trace_along((ledger, order), &Route::of(ledger, order), rule, declared, until)
}

/// As [`trace`], along an order whose route is known. Cost: as there.
///
/// # Errors
///
/// [`crate::Error::Interrupted`].
pub fn trace_along(
    posted: (&Ledger, &PostingOrder),
    route: &Route,
    rule: Rule,
    declared: &Declared,
    until: i32,
) -> Result<Traced> {
    traced_with((posted, route), rule, declared, until, false)
}

/// As [`trace`], and notes every taking. Cost: memory for each.
///
/// # Errors
///
/// [`crate::Error::Interrupted`].
pub fn trace_with_takings(
    ledger: &Ledger,
    order: &PostingOrder,
    rule: Rule,
    declared: &Declared,
    until: i32,
) -> Result<Traced> {
    let route = Route::of(ledger, order);
    traced_with(((ledger, order), &route), rule, declared, until, true)
}

/// Postings, and the route along them.
type Along<'a> = ((&'a Ledger<'a>, &'a PostingOrder), &'a Route);

fn traced_with(
    along: Along,
    rule: Rule,
    declared: &Declared,
    until: i32,
    noted: bool,
) -> Result<Traced> {
    let ((ledger, _), Route { slots, .. }) = along;
    if rule.keeps_lots() {
        let undone = ledger.reversed.keys().copied().collect();
        let mut lots = Lots::new(rule, slots.count(), undone);
        if noted {
            lots.watch();
        }
        let (mut traced, lots) = run(along, lots, declared, until, noted)?;
        traced.lots = lots.size();
        Ok(traced)
    } else {
        let pools = Pools::new(rule, slots.count());
        Ok(run(along, pools, declared, until, noted)?.0)
    }
}

fn run<H: Holdings>(
    (posted, route): Along,
    holdings: H,
    declared: &Declared,
    until: i32,
    noted: bool,
) -> Result<(Traced, H)> {
    let labels = declared.labels() as usize + 1;
    let mut sweep = Sweep {
        ledger: posted.0,
        declared,
        holdings,
        noted,
        moved: Vec::new(),
        taken: Vec::new(),
        transit: HashMap::default(),
        originals: HashMap::default(),
        touched: Vec::new(),
        touched_on: vec![i32::MIN; route.slots.count()],
        traced: Traced {
            declared: vec![0; labels],
            relabelled: vec![0; labels],
            ..Traced::default()
        },
    };
    walk(posted, route, until, &mut sweep)?;
    let Sweep { transit, mut traced, holdings, .. } = sweep;
    traced.in_transit = transit
        .into_iter()
        .flat_map(|(movement, parts)| {
            parts.into_iter().map(move |(label, minor)| Carried { movement, label, minor })
        })
        .collect();
    traced.in_transit.sort_unstable();
    Ok((traced, holdings))
}

/// A movement that others undo: what it carried and has not given back.
struct Original {
    parts: Vec<Part>,
}

struct Sweep<'a, H> {
    ledger: &'a Ledger<'a>,
    declared: &'a Declared,
    holdings: H,
    /// Whether takings are kept.
    noted: bool,
    /// What the last debit carries of each label.
    moved: Vec<Part>,
    /// Reused between takings.
    taken: Vec<i64>,
    /// What is under way, where it is traced.
    transit: HashMap<u32, Vec<Part>>,
    originals: HashMap<u32, Original>,
    /// Accounts whose traced money changed on this day, each with its place.
    touched: Vec<(u32, u32)>,
    touched_on: Vec<i32>,
    traced: Traced,
}

impl<H: Holdings> Sweep<'_, H> {
    fn touch(&mut self, account: u32, slot: u32, day: i32) {
        if std::mem::replace(&mut self.touched_on[slot as usize], day) != day {
            self.touched.push((account, slot));
        }
    }

    fn exit(&mut self, kind: ExitKind, account: u32, movement: u32, day: i32, sign: i64) {
        for &(label, minor) in &self.moved {
            let exit = Exit { kind, account, movement, day, label, minor: minor * sign };
            self.traced.exits.push(exit);
        }
    }

    /// What the original gives back for `amount` of the `left` that it still has.
    fn give_back(&mut self, original: u32, left: i64, amount: i64) -> Vec<Part> {
        let Some(state) = self.originals.get_mut(&original) else { return Vec::new() };
        shares(amount, left - traced(&state.parts), &state.parts, &mut self.taken);
        let labels = state.parts.iter().map(|(label, _)| *label);
        let back = labels.zip(self.taken.iter().copied()).filter(|(_, minor)| *minor > 0).collect();
        subtract(&mut state.parts, &self.taken);
        back
    }

    fn take_out(&mut self, debit: &Debit) {
        let Debit { account, slot, amount, day, .. } = *debit;
        let back = debit.undoes.map(|(original, left)| {
            let back = self.give_back(original, left, amount);
            (original, back)
        });
        match (debit.origin, back) {
            (Origin::Held { balance, funded }, back) => {
                if self.holdings.traced(slot).is_empty() && back.is_none() {
                    self.holdings.take(slot, funded, balance, &mut self.moved);
                    return;
                }
                self.touch(account, slot, day);
                let before = self.noted.then(|| self.holdings.traced(slot).to_vec());
                let held = balance;
                let mut got = 0;
                if let Some((original, back)) = back {
                    let wanted = (&back[..], amount);
                    let (held, moved) = (&mut self.holdings, &mut self.moved);
                    got = held.take_back(slot, original, wanted, balance.max(0), moved);
                }
                let (wanted, balance) = (funded - got, balance - got);
                self.holdings.take(slot, wanted, balance, &mut self.moved);
                if let Some(before) = before {
                    let (movement, taken) = (debit.movement, self.moved.clone());
                    let from = self.holdings.taken_from();
                    let balance = held;
                    let taking = Taking { movement, balance, held: before, taken, from };
                    self.traced.takings.push(taking);
                }
            }
            (Origin::Undone(kind), Some((original, back))) => {
                self.moved = back;
                // It comes back from where it went, whatever the record of its return calls that.
                self.exit(kind, self.ledger.to[original as usize], original, day, -1);
            }
            (Origin::Undone(_) | Origin::Outside, _) => {}
        }
    }

    /// Gives parts of what is moved their labels.
    fn declare(&mut self, debit: &Debit) {
        let parts = self.declared.of(debit.movement);
        let mut left = debit.amount;
        for (label, minor) in parts {
            shares(*minor, left - traced(&self.moved), &self.moved, &mut self.taken);
            for ((label, _), taken) in self.moved.iter().zip(&self.taken) {
                self.traced.relabelled[*label as usize] += taken;
            }
            subtract(&mut self.moved, &self.taken);
            left -= minor;
            self.traced.declared[*label as usize] += minor;
        }
        for (label, minor) in parts {
            add(&mut self.moved, *label, *minor);
        }
    }
}

impl<H: Holdings> Pass for Sweep<'_, H> {
    fn debit(&mut self, debit: &Debit) {
        let movement = debit.movement;
        self.moved.clear();
        self.take_out(debit);
        self.declare(debit);
        for &(label, minor) in &self.moved {
            self.traced.carried.push(Carried { movement, label, minor });
        }
        if !self.ledger.reversed.is_empty() && self.ledger.reversed.contains_key(&movement) {
            self.originals.insert(movement, Original { parts: self.moved.clone() });
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
        if !self.declared.follows(account) {
            return;
        }
        let Arrival::Held { balance, repaid } = credit.arrival else {
            let Arrival::Exit(kind) = credit.arrival else { return };
            self.exit(kind, account, movement, day, 1);
            return;
        };
        if repaid > 0 && !self.moved.is_empty() {
            shares(repaid, amount - traced(&self.moved), &self.moved, &mut self.taken);
            for ((label, _), minor) in self.moved.iter().zip(&self.taken) {
                if *minor > 0 {
                    let (kind, label, minor) = (ExitKind::Overdraft, *label, *minor);
                    let exit = Exit { kind, account, movement, day, label, minor };
                    self.traced.exits.push(exit);
                }
            }
            subtract(&mut self.moved, &self.taken);
        }
        if !self.moved.is_empty() {
            self.touch(account, slot, day);
        }
        self.holdings.put(slot, amount - repaid, &self.moved, movement, balance);
    }

    fn after_gap(&mut self, _account: u32, _slot: u32, _day: i32) {}

    fn settle(&mut self, settlement: &Settlement) {
        let Settlement { account, slot, day, carried, stated } = *settlement;
        let left = settlement.left_minor();
        if left > 0 {
            // A movement may stand between its debit and its credit here.
            let under_way = std::mem::take(&mut self.moved);
            if !self.holdings.traced(slot).is_empty() {
                self.touch(account, slot, day);
            }
            self.holdings.take(slot, left, carried, &mut self.moved);
            self.exit(ExitKind::Gap, account, NO_MOVEMENT, day, 1);
            self.moved = under_way;
            // No movement took this: it stands in no taking.
            self.holdings.taken_from();
        }
        let more = stated.max(0) - carried.max(0);
        if more > 0 {
            self.holdings.put(slot, more, &[], NO_MOVEMENT, carried);
        }
    }

    fn end_of_day(&mut self, day: i32) {
        self.touched.sort_unstable();
        for (account, slot) in self.touched.drain(..) {
            let parts = self.holdings.traced(slot).into();
            self.traced.residuals.push(Residual { day, account, parts });
        }
    }

    #[inline]
    fn look_at(&self, slot: usize) -> u64 {
        self.holdings.look_at(slot as u32)
    }
}
