//! How late each node near the ends of a search may be left so that an end is still reached.
//!
//! Found by walking backward from the ends, a hop at a time, under the window and the order of
//! times alone; the other rules only leave less. A step that comes to a node later than that leads
//! to no row. Source: the latest-departure times of temporal graphs, H. Wu et al., Path Problems
//! in Temporal Graphs, Proceedings of the VLDB Endowment 7 (2014) 721-732.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::candidates::{DAY_MAX_MS, Look, other_end};
use super::{Asked, Links, TimeOrder, Way};

/// Links that are looked at backward: near an end of very many links the search forward costs
/// less.
const LINKS_MAX: usize = 1_000_000;

/// More hops than this are not looked at backward.
const HOPS_MAX: usize = 64;

/// For each node and number of hops that may follow, how late it may be left.
#[derive(Debug)]
pub(super) struct Toward {
    ends: Vec<u32>,
    /// For each node the hops and the departure they allow, both rising.
    latest: HashMap<u32, Vec<(usize, i64)>, FixedState>,
    /// With more hops left than this nothing is known.
    hops_known: usize,
    /// Lists order links within a day, so days and not instants are compared.
    by_days: bool,
}

impl Toward {
    /// Looks backward from the ends of a search, where it has any.
    pub(super) fn new(look: &Look, asked: &Asked) -> Option<Toward> {
        let ends = asked.to?;
        if asked.hops_max > HOPS_MAX {
            return None;
        }
        let mut toward = Toward {
            ends: ends.to_vec(),
            latest: HashMap::with_hasher(FixedState::with_seed(0x746f_7761)),
            hops_known: 0,
            by_days: look.by_lists(),
        };
        let mut frontier: Vec<u32> = ends.to_vec();
        let mut looked = 0;
        for hops in 1..asked.hops_max {
            let Some(better) = toward.hop(look, &frontier, &mut looked) else {
                return Some(toward);
            };
            frontier = better.keys().copied().collect();
            frontier.sort_unstable();
            for (node, departure) in better {
                toward.latest.entry(node).or_default().push((hops, departure));
            }
            toward.hops_known = hops;
            if frontier.is_empty() {
                // Nothing changes any more, however many hops are left.
                toward.hops_known = usize::MAX;
                return Some(toward);
            }
        }
        Some(toward)
    }

    /// The departures that one hop more allows and that are later than known; `None` when too many
    /// links were looked at.
    fn hop(
        &self,
        look: &Look,
        frontier: &[u32],
        looked: &mut usize,
    ) -> Option<HashMap<u32, i64, FixedState>> {
        let (links, order) = (look.links, look.rules.order);
        let mut better: HashMap<u32, i64, FixedState> =
            HashMap::with_hasher(FixedState::with_seed(0x746f_7761));
        for &node in frontier {
            let lists: [&[u32]; 2] = match look.rules.way {
                Way::Out => [links.incoming(node), &[]],
                Way::In => [links.outgoing(node), &[]],
                Way::Either => [links.incoming(node), links.outgoing(node)],
            };
            *looked += lists[0].len() + lists[1].len();
            if *looked > LINKS_MAX {
                return None;
            }
            for &link in lists.into_iter().flatten() {
                let arrival = self.arrival(links, order, link);
                if !look.in_window(link) || !self.goes_on(links, node, arrival) {
                    continue;
                }
                let (before, departure) =
                    (other_end(links, node, link), self.departure(links, order, link));
                if self.known(before, usize::MAX) >= Some(departure) {
                    continue;
                }
                let known = better.entry(before).or_insert(departure);
                *known = departure.max(*known);
            }
        }
        Some(better)
    }

    /// True when a walk that came to a node may end there or go on to an end.
    fn goes_on(&self, links: &Links, node: u32, arrival: i64) -> bool {
        let on = || links.goes_on(node) && self.known(node, usize::MAX) > Some(arrival);
        self.ends.binary_search(&node).is_ok() || on()
    }

    fn known(&self, node: u32, hops_left: usize) -> Option<i64> {
        let known = self.latest.get(&node)?;
        let within = known.partition_point(|(hops, _)| *hops <= hops_left);
        known[..within].last().map(|(_, departure)| *departure)
    }

    /// True unless no walk that comes to a node so early can end, with so many hops left.
    pub(super) fn may_end(&self, node: u32, arrival: i64, hops_left: usize) -> bool {
        hops_left > self.hops_known
            || self.ends.binary_search(&node).is_ok()
            || self.known(node, hops_left) > Some(arrival)
    }

    /// How far a walk is in the order of times behind a link.
    pub(super) fn arrival(&self, links: &Links, order: TimeOrder, link: u32) -> i64 {
        let (first, last) = (links.first_ms[link as usize], links.last_ms(link));
        match (order, self.by_days) {
            (TimeOrder::Any, _) => 0,
            (TimeOrder::Increasing, false) => last,
            (TimeOrder::Increasing, true) => first,
            (TimeOrder::Decreasing, false) => first.saturating_neg(),
            (TimeOrder::Decreasing, true) => last.saturating_neg(),
        }
    }

    /// What an arrival must be below for a link to follow.
    fn departure(&self, links: &Links, order: TimeOrder, link: u32) -> i64 {
        let (first, last) = (links.first_ms[link as usize], links.last_ms(link));
        match (order, self.by_days) {
            (TimeOrder::Any, _) => 1,
            (TimeOrder::Increasing, false) => first,
            (TimeOrder::Increasing, true) => last.saturating_add(DAY_MAX_MS),
            (TimeOrder::Decreasing, false) => last.saturating_neg(),
            (TimeOrder::Decreasing, true) => first.saturating_neg().saturating_add(DAY_MAX_MS),
        }
    }
}
