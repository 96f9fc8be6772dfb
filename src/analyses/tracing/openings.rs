//! What an account held before the first row: stated, computed from a later balance, or the least
//! that avoids an overdraft.

use super::ledger::{End, Ledger, half_of};
use super::subset::Slots;

/// Where an opening balance comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum OpeningKind {
    /// A statement states it.
    Stated,
    /// The first stated balance less the movements before it.
    Computed,
    /// Nothing states a balance: the smallest amount that avoids an overdraft.
    Inferred,
}

/// What an account held before its first row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opening {
    /// Minor units; negative for a debt.
    pub minor: i64,
    /// Where it comes from.
    pub kind: OpeningKind,
}

/// How far the walk over an account's rows has come.
#[derive(Clone, Copy)]
struct Walked {
    sum: i64,
    least: i64,
    found: Option<i64>,
    /// True once a balance of a later stretch is stated: what comes after it infers nothing.
    ended: bool,
}

/// What accounts held before their first rows.
#[derive(Clone, Debug, Default)]
pub struct Openings {
    slots: Slots,
    all: Vec<Opening>,
}

impl Openings {
    /// Those of every account that the ledger posts anything of, over all postings as stated.
    /// Cost: linear in postings.
    pub(super) fn of(ledger: &Ledger) -> Openings {
        let slots = Slots::of(ledger, &ledger.order);
        let walked = walked(ledger, &slots);
        let accounts = slots.accounts().into_iter();
        let all = accounts.zip(walked).map(|(account, one)| opening(ledger, account, one));
        Openings { all: all.collect(), slots }
    }

    /// What an account held; nothing where nothing of it is posted.
    pub fn of_account(&self, account: u32) -> Opening {
        let place = self.slots.place(account);
        place.map_or(Opening { minor: 0, kind: OpeningKind::Inferred }, |place| self.all[place])
    }
}

/// Walks over all halves.
fn walked(ledger: &Ledger, slots: &Slots) -> Vec<Walked> {
    let start = Walked { sum: 0, least: 0, found: None, ended: false };
    let mut walked = vec![start; slots.count()];
    ledger.order.each_half(|movement, end, day| {
        let row = movement as usize;
        let (account, signed) = match end {
            End::Debit => (ledger.from[row], -ledger.amount[row]),
            End::Credit => (ledger.to[row], ledger.amount[row]),
        };
        if !ledger.covers(account, day) {
            return;
        }
        let Some(slot) = slots.place(account) else { return };
        let one = &mut walked[slot];
        if one.ended || one.found.is_some() {
            return;
        }
        let stretches = ledger.stretches_of(account);
        let at = stretches.partition_point(|stretch| stretch.last < day);
        if at > 0 {
            closed_before(one, stretches, at);
            if one.ended || one.found.is_some() {
                return;
            }
        }
        one.sum = one.sum.saturating_add(signed);
        one.least = one.least.min(one.sum);
        if ledger.running.is_empty() {
            return;
        }
        if let Some(stated) = ledger.running.get(&half_of(movement, end)) {
            if at == 0 {
                one.found = Some(stated.saturating_sub(one.sum));
            } else {
                one.ended = true;
            }
        }
    });
    walked
}

/// The balances that stand at the ends of stretches before stretch `at`, and at its opening.
fn closed_before(one: &mut Walked, stretches: &[super::ledger::Stretch], at: usize) {
    if let Some(closing) = stretches[0].closing {
        one.found = Some(closing.saturating_sub(one.sum));
        return;
    }
    one.ended |= stretches[at].opening.is_some()
        || stretches[1..at].iter().any(|stretch| stretch.opening.or(stretch.closing).is_some());
}

fn opening(ledger: &Ledger, account: u32, one: Walked) -> Opening {
    let first = ledger.stretches_of(account).first();
    if let Some(minor) = first.and_then(|first| first.opening) {
        return Opening { minor, kind: OpeningKind::Stated };
    }
    if let Some(minor) = one.found {
        return Opening { minor, kind: OpeningKind::Computed };
    }
    if let Some(closing) = first.and_then(|first| first.closing).filter(|_| !one.ended) {
        return Opening { minor: closing.saturating_sub(one.sum), kind: OpeningKind::Computed };
    }
    Opening { minor: -one.least, kind: OpeningKind::Inferred }
}
