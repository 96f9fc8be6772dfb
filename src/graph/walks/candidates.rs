//! The links that a step may take from a node, under the rules of a walk.

use std::collections::HashMap;

use super::toward::Toward;
use super::{KeepFirst, Links, NO_AMOUNT, NO_TIME, Rules, TimeOrder, Way};

/// No civil day is longer, whatever a clock change does to it.
pub(super) const DAY_MAX_MS: i64 = 26 * 3_600_000;

/// A link that a step may take, and the node it leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Step {
    pub(super) link: u32,
    pub(super) to: u32,
}

/// Looks up the links of one node after another.
pub(super) struct Look<'a> {
    pub(super) links: &'a Links,
    pub(super) rules: &'a Rules<'a>,
    /// Steps that may still be looked at.
    pub(super) left: usize,
    /// How late a node may be left towards where walks may end; `None`: every step is taken.
    pub(super) toward: Option<Toward>,
    inflows: HashMap<(u32, u16), i128>,
    scratch: Vec<u32>,
}

impl<'a> Look<'a> {
    pub(super) fn new(links: &'a Links, rules: &'a Rules<'a>, steps_max: usize) -> Look<'a> {
        Look {
            links,
            rules,
            left: steps_max,
            toward: None,
            inflows: HashMap::new(),
            scratch: Vec::new(),
        }
    }

    /// How a link compares in the order of the walk: the next link must be wholly beyond.
    /// Smaller leaves more room, whichever way times go.
    pub(super) fn reached(&self, link: u32) -> i64 {
        match self.rules.order {
            TimeOrder::Any => 0,
            TimeOrder::Increasing => self.links.last_ms(link),
            TimeOrder::Decreasing => -self.links.first_ms[link as usize],
        }
    }

    /// What [`Look::reached`] says of a walk without links.
    pub(super) const UNREACHED: i64 = i64::MIN;

    /// True when whatever may follow a link at a node may follow another walk there too, of which
    /// [`Look::reached`] says `best` and no more than of the link itself.
    ///
    /// By times alone that is always so. What a list of the node puts behind the link within its
    /// day may stand before the other one.
    pub(super) fn is_covered(&self, best: i64, node: u32, link: u32) -> bool {
        if !self.by_lists() || self.links.places(node, link).is_empty() {
            return true;
        }
        let (first, last) = (self.links.first_ms[link as usize], self.links.last_ms(link));
        // The day of an instant is not known here, but it has begun a day before at most.
        let slack = if first == last { DAY_MAX_MS } else { 0 };
        match self.rules.order {
            TimeOrder::Any => true,
            TimeOrder::Increasing => best < first.saturating_sub(slack),
            TimeOrder::Decreasing => best < last.saturating_add(slack).saturating_neg(),
        }
    }

    /// True where lists decide what times leave open.
    pub(super) fn by_lists(&self) -> bool {
        self.rules.order != TimeOrder::Any && !self.links.stated.is_empty()
    }

    /// Puts the steps from `node` behind what `steps` holds, by time, amount, other end. `before`
    /// is the link by which the walk came there; `hops_left` may follow each step. False when too
    /// many were looked at.
    pub(super) fn steps(
        &mut self,
        node: u32,
        before: Option<u32>,
        hops_left: usize,
        steps: &mut Vec<Step>,
    ) -> bool {
        let links = self.links;
        if self.rules.way == Way::Either || self.rules.keep_first.is_some() {
            let mut kept = std::mem::take(&mut self.scratch);
            kept.clear();
            self.all(node, &mut kept);
            if let Some(keep) = self.rules.keep_first {
                keep_first(links, keep, node, &mut kept);
            }
            let seen = self.take(node, before, hops_left, &kept, steps);
            self.scratch = kept;
            return seen;
        }
        let all = match self.rules.way {
            Way::In => links.incoming(node),
            _ => links.outgoing(node),
        };
        let (from, to) = self.span(node, before);
        let first = |link: &u32| links.first_ms[*link as usize];
        let begin = all.partition_point(|link| first(link) < from);
        let end = begin + all[begin..].partition_point(|link| first(link) <= to);
        self.take(node, before, hops_left, &all[begin..end], steps)
    }

    fn window(&self) -> (i64, i64) {
        self.rules.window_ms.unwrap_or((i64::MIN, i64::MAX))
    }

    /// First instants beyond which neither the window nor the order of times leaves anything.
    fn span(&self, node: u32, before: Option<u32>) -> (i64, i64) {
        let (from, to) = self.window();
        let Some(before) = before else { return (from, to) };
        let (first, last) = (self.links.first_ms[before as usize], self.links.last_ms(before));
        let listed = self.by_lists() && !self.links.places(node, before).is_empty();
        match self.rules.order {
            TimeOrder::Any => (from, to),
            TimeOrder::Increasing if listed => (from.max(first.saturating_sub(DAY_MAX_MS)), to),
            TimeOrder::Increasing => (from.max(last.saturating_add(1)), to),
            TimeOrder::Decreasing if listed => (from, to.min(last)),
            TimeOrder::Decreasing => (from, to.min(first.saturating_sub(1))),
        }
    }

    /// Every link of a node in the way walked, in their order; one with itself once.
    fn all(&self, node: u32, kept: &mut Vec<u32>) {
        let links = self.links;
        match self.rules.way {
            Way::Out => kept.extend_from_slice(links.outgoing(node)),
            Way::In => kept.extend_from_slice(links.incoming(node)),
            Way::Either => {
                kept.extend_from_slice(links.outgoing(node));
                let own = |link: &&u32| links.from[**link as usize] != node;
                kept.extend(links.incoming(node).iter().filter(own));
                kept.sort_unstable_by_key(|link| order_key(links, node, *link));
            }
        }
    }

    fn take(
        &mut self,
        node: u32,
        before: Option<u32>,
        hops_left: usize,
        some: &[u32],
        steps: &mut Vec<Step>,
    ) -> bool {
        if some.len() > self.left {
            return false;
        }
        self.left -= some.len();
        for &link in some {
            if !self.in_window(link) || !self.in_order(node, before, link) {
                continue;
            }
            let to = other_end(self.links, node, link);
            let ends = self.toward.as_ref().is_none_or(|toward| {
                toward.may_end(to, toward.arrival(self.links, self.rules.order, link), hops_left)
            });
            if ends && self.is_above(node, link) {
                steps.push(Step { link, to });
            }
        }
        true
    }

    /// A link that states no time is in no window and in no order.
    pub(super) fn in_window(&self, link: u32) -> bool {
        let timed = self.rules.order != TimeOrder::Any || self.rules.window_ms.is_some();
        let (from, to) = self.window();
        let first = self.links.first_ms[link as usize];
        (from..=to).contains(&first) && !(timed && first == NO_TIME)
    }

    fn in_order(&self, node: u32, before: Option<u32>, link: u32) -> bool {
        match (self.rules.order, before) {
            (TimeOrder::Any, _) | (_, None) => true,
            (TimeOrder::Increasing, Some(before)) => self.links.follows(node, before, link),
            (TimeOrder::Decreasing, Some(before)) => self.links.follows(node, link, before),
        }
    }

    fn is_above(&mut self, node: u32, link: u32) -> bool {
        let amount = self.links.amount_minor[link as usize];
        if let Some(least) = self.rules.amount_above_minor
            && (amount == NO_AMOUNT || amount <= least)
        {
            return false;
        }
        let Some(share) = self.rules.share_above else { return true };
        if amount == NO_AMOUNT {
            return false;
        }
        let currency = self.links.currency(link);
        let window = self.rules.window_ms;
        let inflow = *self.inflows.entry((node, currency)).or_insert_with(|| {
            let (from, to) = window.unwrap_or((i64::MIN, i64::MAX));
            let within = |link: &&u32| {
                let first = share.inflow.first_ms[**link as usize];
                (from..=to).contains(&first)
                    && (window.is_none() || first != NO_TIME)
                    && share.inflow.currency(**link) == currency
            };
            let amounts = share.inflow.incoming(node).iter().filter(within);
            let amounts = amounts.map(|link| share.inflow.amount_minor[*link as usize]);
            amounts.filter(|amount| *amount != NO_AMOUNT).map(i128::from).sum()
        });
        // Neither product can overflow: each factor is below 2^63 but for the sum, which is below
        // 2^63 times the number of links; where it could, the comparison is made the other way.
        match inflow.checked_mul(i128::from(share.numerator)) {
            Some(floor) => i128::from(amount) * i128::from(share.denominator) > floor,
            None => share.numerator < 0 && inflow > 0,
        }
    }
}

/// The other end of a link, seen from one of its ends.
pub(super) fn other_end(links: &Links, node: u32, link: u32) -> u32 {
    let (from, to) = (links.from[link as usize], links.to[link as usize]);
    if from == node { to } else { from }
}

fn order_key(links: &Links, node: u32, link: u32) -> (i64, i64, u32, u32) {
    let at = link as usize;
    let rank = links.rank(other_end(links, node, link));
    (links.first_ms[at], links.amount_minor[at], rank, link)
}

/// Leaves the first of a node's links, which stand by time, amount, other end; what is left
/// stands so again.
fn keep_first(links: &Links, keep: KeepFirst, node: u32, kept: &mut Vec<u32>) {
    if kept.len() <= keep.links {
        return;
    }
    if keep.links == 0 {
        kept.clear();
        return;
    }
    if !keep.by_amount && !keep.descending {
        kept.truncate(keep.links);
        return;
    }
    // Reversing a key reverses one part of it only: equal ones stay ascending.
    let key = |link: &u32| {
        let (time, amount, other, number) = order_key(links, node, *link);
        let by = i128::from(if keep.by_amount { amount } else { time });
        (if keep.descending { -by } else { by }, time, amount, other, number)
    };
    kept.select_nth_unstable_by_key(keep.links - 1, key);
    kept.truncate(keep.links);
    kept.sort_unstable_by_key(|link| order_key(links, node, *link));
}
