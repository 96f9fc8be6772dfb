//! The longest relay to each end, by dynamic programming over transfers in order of time.
//!
//! First every transfer's possible predecessors, then, predecessors before successors, the
//! length of the longest relay that ends with each, then the walk back from each end.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rayon::prelude::*;

use crate::analyses::{DAY_MS, Inputs, Moments, TransferFacts};
use crate::error::Result;
use crate::graph::TransferGraph;
use crate::store::TransferRows;

use super::Params;

const HOUR_MS: i64 = 3_600_000;
const NONE: u32 = u32::MAX;
/// Transfers whose predecessors are looked for at once: enough for every thread, and few enough
/// that what they found fits beside the rest.
const BLOCK_ROWS: usize = 1 << 20;

/// What the search came to.
pub(super) struct Relays {
    /// Rows of `transfers` in order of the relay.
    pub found: Vec<Vec<u32>>,
    /// Accounts where credits were left out, and how many, ascending.
    pub cut: Vec<(u32, u64)>,
}

struct Search<'a> {
    params: &'a Params,
    graph: &'a TransferGraph,
    transfers: TransferRows<'a>,
    facts: TransferFacts<'a>,
    moments: Moments<'a>,
}

/// Which transfers each may follow, those of row `r` at `starts[r]..starts[r + 1]`, ascending.
struct Links {
    starts: Vec<usize>,
    before: Vec<u32>,
}

impl Links {
    fn of(&self, row: u32) -> &[u32] {
        &self.before[self.starts[row as usize]..self.starts[row as usize + 1]]
    }
}

/// The relays of at least `hops_min` transfers, in order of their last transfer.
pub(super) fn relays(inputs: &Inputs, params: &Params) -> Result<Relays> {
    let transfers = inputs.case.transfer_rows()?;
    let search = Search {
        params,
        graph: inputs.graph()?,
        transfers,
        facts: TransferFacts::new(inputs.case)?,
        moments: Moments::new(inputs.case)?,
    };
    let rows = transfers.len() as u32;
    let mut cut: BTreeMap<u32, u64> = BTreeMap::new();
    let mut links = Links { starts: vec![0], before: Vec::new() };
    for first in (0..rows).step_by(BLOCK_ROWS) {
        let block = first..rows.min(first.saturating_add(BLOCK_ROWS as u32));
        let each: Vec<(Vec<u32>, u64)> =
            block.clone().into_par_iter().map(|row| search.before(row)).collect();
        for (row, (before, left_out)) in block.zip(each) {
            links.before.extend(before);
            links.starts.push(links.before.len());
            if left_out > 0 {
                *cut.entry(transfers.from_account(row)).or_default() += left_out;
            }
        }
    }
    let found = search.longest(rows, &links);
    Ok(Relays { found, cut: cut.into_iter().collect() })
}

impl Search<'_> {
    /// Transfers that one may follow, ascending, and how many were not looked at.
    fn before(&self, row: u32) -> (Vec<u32>, u64) {
        let (from, to) = (self.transfers.from_account(row), self.transfers.to_account(row));
        if !self.is_hop(from, to) {
            return (Vec::new(), 0);
        }
        let ms = self.transfers.booked_ms(row);
        let window_ms = i64::from(self.params.window_hours) * HOUR_MS;
        let timed = self.moments.all_timed();
        // A date without a time stands at its first instant, so a day more is looked at.
        let slack = if timed { 0 } else { 2 * DAY_MS };
        let latest = if timed { ms - 1 } else { ms + slack };
        let came = self.graph.in_between(from, ms - window_ms - slack, latest);
        let most = self.params.candidates_max as usize;
        let mut before = Vec::new();
        for edge in came.iter().rev().take(most) {
            let origin = edge.neighbour;
            let hop = self.is_hop(origin, from) && origin != to;
            if hop && self.is_soon(from, edge.transfer, row) && self.is_alike(edge.transfer, row) {
                before.push(edge.transfer);
            }
        }
        before.sort_unstable();
        (before, came.len().saturating_sub(most) as u64)
    }

    fn is_hop(&self, from: u32, to: u32) -> bool {
        let known = |account| !self.graph.is_unidentified(account);
        from != to && known(from) && known(to)
    }

    fn is_soon(&self, account: u32, first: u32, then: u32) -> bool {
        let rows = self.transfers;
        let apart = if self.moments.is_timed(first) && self.moments.is_timed(then) {
            rows.booked_ms(then) - rows.booked_ms(first)
        } else {
            i64::from(rows.day(then) - rows.day(first)) * DAY_MS
        };
        let soon = apart <= i64::from(self.params.window_hours) * HOUR_MS;
        soon && self.moments.follows(account, first, then)
    }

    fn is_alike(&self, first: u32, then: u32) -> bool {
        let (came, left) = (self.facts.received(first), self.facts.sent(then));
        let apart = i128::from(left.minor) - i128::from(came.minor);
        let most = i128::from(came.minor) * i128::from(self.params.tolerance_percent);
        came.currency == left.currency && apart.abs() * 100 <= most
    }

    fn longest(&self, rows: u32, links: &Links) -> Vec<Vec<u32>> {
        let mut length = vec![1_u32; rows as usize];
        let mut before = vec![NONE; rows as usize];
        let mut continued = vec![false; rows as usize];
        let all: Vec<u32> = (0..rows).collect();
        let same_day =
            |left: &u32, right: &u32| self.transfers.day(*left) == self.transfers.day(*right);
        for day in all.chunk_by(same_day) {
            let (order, circle) = self.order(day, links);
            for row in order {
                for &earlier in links.of(row) {
                    if circle.get(&row).is_some_and(|it| circle.get(&earlier) == Some(it)) {
                        continue;
                    }
                    continued[earlier as usize] = true;
                    if length[earlier as usize] >= length[row as usize] {
                        length[row as usize] = length[earlier as usize] + 1;
                        before[row as usize] = earlier;
                    }
                }
            }
        }
        let ends = (0..rows).filter(|row| {
            !continued[*row as usize] && length[*row as usize] >= self.params.hops_min
        });
        ends.map(|end| {
            let mut relay = vec![end];
            let mut at = before[end as usize];
            while at != NONE {
                relay.push(at);
                at = before[at as usize];
            }
            relay.reverse();
            relay
        })
        .collect()
    }

    /// The transfers of a day, predecessors first, and for those that the statements put in a
    /// circle the number of theirs.
    fn order(&self, day: &[u32], links: &Links) -> (Vec<u32>, BTreeMap<u32, usize>) {
        let (first, last) = (day[0], day[day.len() - 1]);
        let within = |row: &u32| (first..=last).contains(row);
        let by_rows = |row: &u32| links.of(*row).iter().all(|earlier| earlier < row);
        if self.moments.all_timed() || day.iter().all(by_rows) {
            return (day.to_vec(), BTreeMap::new());
        }
        let mut graph: DiGraph<u32, ()> = DiGraph::new();
        for row in day {
            graph.add_node(*row);
        }
        for row in day {
            for earlier in links.of(*row).iter().filter(|row| within(row)) {
                let node = |row: u32| NodeIndex::new((row - first) as usize);
                graph.add_edge(node(*earlier), node(*row), ());
            }
        }
        let mut order = Vec::new();
        let mut circle = BTreeMap::new();
        // The components come successors first.
        for (number, part) in kosaraju_scc(&graph).into_iter().rev().enumerate() {
            for node in part.iter().map(|node| graph[*node]) {
                order.push(node);
                if part.len() > 1 {
                    circle.insert(node, number);
                }
            }
        }
        (order, circle)
    }
}
