//! The two other orders that a day allows: its credits first, or its debits first.
//!
//! The order within a day can decide what a rule finds, and records rarely prove it. A trace
//! reports the stated order and every figure that either of these changes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ledger::Ledger;
use super::posting_order::{Posting, PostingOrder};
use super::walk::LOOKED_AT;
use crate::model::NONE;

/// How the postings of one day are ordered.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    clap::ValueEnum,
    serde::Deserialize,
    serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DayOrder {
    /// As the statements have them.
    #[default]
    Stated,
    /// What comes in before what goes out, as far as a day's transfers allow.
    CreditsFirst,
    /// What goes out before what comes in.
    DebitsFirst,
}

impl DayOrder {
    /// Every order, the stated one first.
    pub const ALL: [DayOrder; 3] =
        [DayOrder::Stated, DayOrder::CreditsFirst, DayOrder::DebitsFirst];

    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            DayOrder::Stated => "stated",
            DayOrder::CreditsFirst => "credits-first",
            DayOrder::DebitsFirst => "debits-first",
        }
    }
}

/// What is posted whole: a movement with both halves on the day, or one half of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) posting: Posting,
    /// The account whose other postings of the day it waits for, or [`NONE`].
    pub(super) waits_for: u32,
    /// The account whose waiting items it is one of the reasons for, or [`NONE`].
    pub(super) holds_up: u32,
}

impl Item {
    /// A posting with the accounts at which it counts.
    pub(super) fn new(ledger: &Ledger, day_order: DayOrder, posting: Posting, day: i32) -> Item {
        Item::where_held(ledger, day_order, posting, |account| ledger.covers(account, day))
    }

    /// The same, where it is known of every account whether its day is held.
    pub(super) fn where_held(
        ledger: &Ledger,
        day_order: DayOrder,
        posting: Posting,
        is_held: impl Fn(u32) -> bool,
    ) -> Item {
        let row = posting.movement() as usize;
        let counts = |account: u32| if is_held(account) { account } else { NONE };
        let debit = match posting {
            Posting::Credit(_) => NONE,
            _ => counts(ledger.from[row]),
        };
        let credit = match posting {
            Posting::Debit(_) => NONE,
            _ => counts(ledger.to[row]),
        };
        let (waits_for, holds_up) = match day_order {
            DayOrder::DebitsFirst => (credit, debit),
            DayOrder::Stated | DayOrder::CreditsFirst => (debit, credit),
        };
        Item { posting, waits_for, holds_up }
    }
}

/// The postings in another order of each day; `None` when no day changes. Cost: linear, and a heap
/// of what has to wait on a day.
pub fn reordered(ledger: &Ledger, day_order: DayOrder) -> Option<PostingOrder> {
    if day_order == DayOrder::Stated {
        return None;
    }
    let mut order = PostingOrder::default();
    let mut turns = Turns::new(ledger.accounts());
    let mut changed = false;
    for (day, places) in ledger.order.days() {
        let items = items(ledger, day_order, day, places.clone());
        let posted = turns.of(&items);
        changed |= posted.len() != places.len()
            || posted.iter().zip(places).any(|(posting, place)| *posting != ledger.order.at(place));
        order.push_day(day, posted.into_iter());
    }
    changed.then_some(order)
}

/// The items of a day in stated order of their first half.
fn items(
    ledger: &Ledger,
    day_order: DayOrder,
    day: i32,
    places: std::ops::Range<usize>,
) -> Vec<Item> {
    let halves = |is_wanted: fn(Posting) -> bool| {
        let postings = places.clone().map(|place| ledger.order.at(place));
        let wanted = postings.filter(|posting| is_wanted(*posting));
        let mut movements: Vec<u32> = wanted.map(Posting::movement).collect();
        movements.sort_unstable();
        movements
    };
    let credits = halves(|posting| matches!(posting, Posting::Credit(_)));
    let debits = halves(|posting| matches!(posting, Posting::Debit(_)));
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        let posting = match ledger.order.at(place) {
            Posting::Debit(movement) if credits.binary_search(&movement).is_ok() => {
                Posting::Both(movement)
            }
            Posting::Credit(movement) if debits.binary_search(&movement).is_ok() => continue,
            other => other,
        };
        items.push(Item::new(ledger, day_order, posting, day));
    }
    items
}

/// What holds up the items of one account.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    /// Items of the day that are not posted and hold it up.
    left: u32,
    /// One more than the last of the items that were passed over, waiting for it; 0 for none.
    waiting: u32,
}

/// Puts the items of a day in turn; one for many days, since it has room for every account.
pub(super) struct Turns {
    /// All zero before and after each day.
    accounts: Vec<Held>,
}

impl Turns {
    pub(super) fn new(accounts: usize) -> Turns {
        Turns { accounts: vec![Held::default(); accounts] }
    }

    /// Repeatedly the first item whose account nothing holds up any more, else the first.
    ///
    /// One walk over the items: what cannot be posted yet is passed over, and comes back through a
    /// heap once nothing holds it up. All that is in the heap stands before the place of the walk,
    /// so that its least is the first that is ready.
    pub(super) fn of(&mut self, items: &[Item]) -> Vec<Posting> {
        for item in items.iter().filter(|item| item.holds_up != NONE) {
            self.accounts[item.holds_up as usize].left += 1;
        }
        let mut order = Vec::with_capacity(items.len());
        let mut ready: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
        let mut posted = vec![false; items.len()];
        // By item, the one that was passed over before it for the same account, plus one.
        let mut before = vec![0_u32; items.len()];
        let (mut walked, mut first) = (0, 0);
        while order.len() < items.len() {
            let at = match ready.pop() {
                Some(Reverse(at)) => at as usize,
                None => match self.next(items, &mut walked, &posted, &mut before) {
                    Some(at) => at,
                    None => {
                        while posted[first] {
                            first += 1;
                        }
                        first
                    }
                },
            };
            if std::mem::replace(&mut posted[at], true) {
                continue;
            }
            order.push(items[at].posting);
            if items[at].holds_up == NONE {
                continue;
            }
            let held = &mut self.accounts[items[at].holds_up as usize];
            held.left -= 1;
            if held.left == 0 {
                let mut waiting = std::mem::take(&mut held.waiting);
                while waiting != 0 {
                    ready.push(Reverse(waiting - 1));
                    waiting = before[waiting as usize - 1];
                }
            }
        }
        order
    }

    /// Walks on to the next item that nothing holds up.
    fn next(
        &mut self,
        items: &[Item],
        walked: &mut usize,
        posted: &[bool],
        before: &mut [u32],
    ) -> Option<usize> {
        while *walked < items.len() {
            let at = *walked;
            if at.is_multiple_of(LOOKED_AT) {
                self.look_at(&items[at..items.len().min(at + LOOKED_AT)]);
            }
            *walked += 1;
            let account = items[at].waits_for;
            if posted[at] {
                continue;
            }
            if account == NONE || self.accounts[account as usize].left == 0 {
                return Some(at);
            }
            let held = &mut self.accounts[account as usize];
            before[at] = std::mem::replace(&mut held.waiting, at as u32 + 1);
        }
        None
    }
    /// Reads what is known of the accounts of some items, so that its memory is at hand.
    fn look_at(&self, items: &[Item]) {
        let accounts = items.iter().flat_map(|item| [item.waits_for, item.holds_up]);
        let known = accounts.filter_map(|account| self.accounts.get(account as usize));
        std::hint::black_box(known.fold(0, |seen, held| seen ^ held.left));
    }
}
