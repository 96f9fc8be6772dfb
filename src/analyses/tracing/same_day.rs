//! The two other orders that a day allows: its credits first, or its debits first.
//!
//! The order within a day can decide what a rule finds, and records rarely prove it. A trace
//! reports the stated order and every figure that either of these changes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ledger::Ledger;
use super::posting_order::{Posting, PostingOrder};

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
#[derive(Clone, Copy)]
struct Item {
    posting: Posting,
    /// The account whose other postings of the day it waits for.
    waits_for: Option<u32>,
    /// The account whose waiting items it is one of the reasons for.
    holds_up: Option<u32>,
}

/// The postings in another order of each day; `None` when no day changes. Cost: a heap of the
/// postings of each day.
pub fn reordered(ledger: &Ledger, day_order: DayOrder) -> Option<PostingOrder> {
    if day_order == DayOrder::Stated {
        return None;
    }
    let mut order = PostingOrder::default();
    let mut left = vec![0_u32; ledger.accounts()];
    let mut changed = false;
    for (day, places) in ledger.order.days() {
        let items = items(ledger, day_order, day, places.clone());
        let posted = in_turn(&items, &mut left);
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
    let mut apart: Vec<u32> = places
        .clone()
        .filter_map(|place| match ledger.order.at(place) {
            Posting::Credit(movement) => Some(movement),
            _ => None,
        })
        .collect();
    apart.sort_unstable();
    let mut debits: Vec<u32> = places
        .clone()
        .filter_map(|place| match ledger.order.at(place) {
            Posting::Debit(movement) => Some(movement),
            _ => None,
        })
        .collect();
    debits.sort_unstable();
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        let posting = match ledger.order.at(place) {
            Posting::Debit(movement) if apart.binary_search(&movement).is_ok() => {
                Posting::Both(movement)
            }
            Posting::Credit(movement) if debits.binary_search(&movement).is_ok() => continue,
            other => other,
        };
        let row = posting.movement() as usize;
        let (from, to) = (ledger.from[row], ledger.to[row]);
        let debit = !matches!(posting, Posting::Credit(_)) && ledger.covers(from, day);
        let credit = !matches!(posting, Posting::Debit(_)) && ledger.covers(to, day);
        let (debit, credit) = (debit.then_some(from), credit.then_some(to));
        let (waits_for, holds_up) = match day_order {
            DayOrder::DebitsFirst => (credit, debit),
            DayOrder::Stated | DayOrder::CreditsFirst => (debit, credit),
        };
        items.push(Item { posting, waits_for, holds_up });
    }
    items
}

/// Repeatedly the first item whose account nothing holds up any more, else the first. `left` is
/// all zero, before and after.
fn in_turn(items: &[Item], left: &mut [u32]) -> Vec<Posting> {
    for account in items.iter().filter_map(|item| item.holds_up) {
        left[account as usize] += 1;
    }
    let mut waiting: Vec<(u32, usize)> = (0..)
        .zip(items)
        .filter_map(|(at, item)| Some((item.waits_for?, at)))
        .filter(|(account, _)| left[*account as usize] > 0)
        .collect();
    waiting.sort_unstable();
    let is_ready = |item: &Item| item.waits_for.is_none_or(|account| left[account as usize] == 0);
    let ready = (0..).zip(items).filter(|(_, item)| is_ready(item));
    let mut heap: BinaryHeap<Reverse<usize>> = ready.map(|(at, _)| Reverse(at)).collect();
    let mut posted = vec![false; items.len()];
    let mut first = 0;
    let mut order = Vec::with_capacity(items.len());
    while order.len() < items.len() {
        let at = heap.pop().map(|Reverse(at)| at).unwrap_or_else(|| {
            while posted[first] {
                first += 1;
            }
            first
        });
        if std::mem::replace(&mut posted[at], true) {
            continue;
        }
        order.push(items[at].posting);
        let Some(account) = items[at].holds_up else { continue };
        left[account as usize] -= 1;
        if left[account as usize] == 0 {
            let start = waiting.partition_point(|(of, _)| *of < account);
            let held = waiting[start..].iter().take_while(|(of, _)| *of == account);
            heap.extend(held.filter(|(_, at)| !posted[*at]).map(|(_, at)| Reverse(*at)));
        }
    }
    order
}
