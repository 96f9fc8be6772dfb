//! The longest relay to each end, by dynamic programming over transfers in order of time.
//!
//! First every transfer's possible predecessors, then, predecessors before successors, the
//! length of the longest relay that ends with each, then the walk back from each end.

use std::collections::BTreeMap;
use std::ops::Range;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rayon::prelude::*;

use crate::analyses::{DAY_MS, Inputs, Moments, TransferFacts};
use crate::error::Result;
use crate::graph::{Edge, TransferGraph};
use crate::interrupt;
use crate::model::Currency;
use crate::store::TransferRows;

use super::Params;

const HOUR_MS: i64 = 3_600_000;
const NONE: u32 = u32::MAX;
/// Accounts that are looked at together: enough for every thread, and few enough that what they
/// found fits beside the rest.
const BLOCK_ACCOUNTS: usize = 1 << 14;
/// Debits of one account that one thread looks at, so that a hub is no thread's alone.
const UNIT_DEBITS: usize = 4_096;

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

/// Which transfers each may follow, ascending: those of the debit in slot `s` of the graph at
/// `starts[s]..starts[s + 1]`.
struct Links {
    slot_of: Vec<u32>,
    starts: Vec<usize>,
    before: Vec<u32>,
}

impl Links {
    fn of(&self, row: u32) -> &[u32] {
        let slot = self.slot_of[row as usize] as usize;
        &self.before[self.starts[slot]..self.starts[slot + 1]]
    }
}

/// A credit with what a debit has to be like to pass it on.
struct Credit {
    ms: i64,
    /// Least and most minor units; none for what no relay goes through.
    minor: (i64, i64),
    currency: Currency,
    origin: u32,
    transfer: u32,
}

/// What some debits of an account may follow: how many transfers each, those transfers, and how
/// many credits were not looked at.
#[derive(Default)]
struct Followed {
    lengths: Vec<u32>,
    before: Vec<u32>,
    left_out: u64,
}

/// The relays of at least `hops_min` transfers, in order of their last transfer.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged; [`crate::Error::Interrupted`] when stopped.
pub(super) fn relays(inputs: &Inputs, params: &Params) -> Result<Relays> {
    let transfers = inputs.case.transfer_rows()?;
    let graph = inputs.graph()?;
    let search = Search {
        params,
        graph,
        transfers,
        facts: TransferFacts::new(inputs.case)?,
        moments: Moments::new(inputs.case)?,
    };
    let rows = transfers.len() as u32;
    let mut cut: BTreeMap<u32, u64> = BTreeMap::new();
    let mut links = Links { slot_of: vec![0; rows as usize], starts: vec![0], before: Vec::new() };
    for (slot, row) in (0..).zip(graph.out_slots().transfer) {
        links.slot_of[*row as usize] = slot;
    }
    links.starts.reserve_exact(rows as usize);
    let accounts: Vec<u32> = (0..graph.nodes() as u32).collect();
    for block in accounts.chunks(BLOCK_ACCOUNTS) {
        // Account by account in the order of the slots, so that what each thread reads lies
        // together: row by row, every look would be at another end of memory.
        let units: Vec<(u32, Range<usize>)> =
            block.iter().flat_map(|account| search.units(*account)).collect();
        let found: Vec<Followed> =
            units.par_iter().map(|(account, debits)| search.followed(*account, debits)).collect();
        interrupt::check()?;
        for ((account, _), found) in units.iter().zip(found) {
            let mut end = links.before.len();
            links.starts.extend(found.lengths.iter().map(|length| {
                end += *length as usize;
                end
            }));
            links.before.extend(found.before);
            if found.left_out > 0 {
                *cut.entry(*account).or_default() += found.left_out;
            }
        }
    }
    let found = search.longest(rows, &links);
    Ok(Relays { found, cut: cut.into_iter().collect() })
}

impl Search<'_> {
    /// The debits of an account in parts.
    fn units(&self, account: u32) -> impl Iterator<Item = (u32, Range<usize>)> + use<> {
        let debits = self.graph.out_edges(account).len();
        let parts = (0..debits).step_by(UNIT_DEBITS);
        parts.map(move |start| (account, start..debits.min(start + UNIT_DEBITS)))
    }

    /// What each of some debits of an account may follow.
    fn followed(&self, account: u32, debits: &Range<usize>) -> Followed {
        let mut found = Followed { lengths: vec![0; debits.len()], ..Followed::default() };
        if self.graph.is_unidentified(account) || interrupt::check().is_err() {
            return found;
        }
        let out = self.graph.out_edges(account);
        let timed = self.moments.all_timed();
        // A date without a time stands at its first instant, so a day more is looked at.
        let slack = if timed { 0 } else { 2 * DAY_MS };
        let window_ms = i64::from(self.params.window_hours) * HOUR_MS;
        let earliest = |ms: i64| ms.saturating_sub(window_ms + slack);
        let latest = |ms: i64| if timed { ms.saturating_sub(1) } else { ms.saturating_add(slack) };
        let (first_ms, last_ms) = (out.time_ms(debits.start), out.time_ms(debits.end - 1));
        let came = self.graph.in_between(account, earliest(first_ms), latest(last_ms));
        let credits: Vec<Credit> = came.iter().map(|edge| self.credit(account, edge)).collect();
        let most = self.params.candidates_max as usize;
        let (mut start, mut end) = (0, 0);
        for (at, length) in debits.clone().zip(&mut found.lengths) {
            let debit = out.get(at);
            let (earliest, latest) = (earliest(debit.time_ms), latest(debit.time_ms));
            while end < credits.len() && credits[end].ms <= latest {
                end += 1;
            }
            while start < end && credits[start].ms < earliest {
                start += 1;
            }
            if !self.is_hop(account, debit.neighbour) || start == end {
                continue;
            }
            let sent = self.facts.sent(debit.transfer);
            let near = start.max(end.saturating_sub(most));
            found.left_out += (near - start) as u64;
            let begin = found.before.len();
            let alike = credits[near..end].iter().filter(|came| {
                (came.minor.0..=came.minor.1).contains(&sent.minor)
                    && came.currency == sent.currency
                    && came.origin != debit.neighbour
                    && (timed || self.is_soon(account, came.transfer, debit.transfer))
            });
            found.before.extend(alike.map(|came| came.transfer));
            found.before[begin..].sort_unstable();
            *length = (found.before.len() - begin) as u32;
        }
        found
    }

    fn credit(&self, account: u32, edge: Edge) -> Credit {
        let came = self.facts.received(edge.transfer);
        let off = i128::from(came.minor) * i128::from(self.params.tolerance_percent);
        // Rounded down, so that whole minor units are within it exactly where they are within
        // the share.
        let off = off.div_euclid(100) as i64;
        let minor = match self.is_hop(edge.neighbour, account) {
            true => (came.minor.saturating_sub(off), came.minor.saturating_add(off)),
            false => (1, 0),
        };
        let (origin, transfer) = (edge.neighbour, edge.transfer);
        Credit { ms: edge.time_ms, minor, currency: came.currency, origin, transfer }
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

    fn longest(&self, rows: u32, links: &Links) -> Vec<Vec<u32>> {
        let mut length = vec![1_u32; rows as usize];
        let mut before = vec![NONE; rows as usize];
        let mut continued = vec![false; rows as usize];
        let mut next = 0;
        while next < rows {
            let first = next;
            let day = self.transfers.day(first);
            while next < rows && self.transfers.day(next) == day {
                next += 1;
            }
            let (order, circle) = self.order(first..next, links);
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
    fn order(&self, day: Range<u32>, links: &Links) -> (Vec<u32>, BTreeMap<u32, usize>) {
        let by_rows = |row: u32| links.of(row).iter().all(|earlier| *earlier < row);
        if self.moments.all_timed() || day.clone().all(by_rows) {
            return (day.collect(), BTreeMap::new());
        }
        let mut graph: DiGraph<u32, ()> = DiGraph::new();
        for row in day.clone() {
            graph.add_node(row);
        }
        for row in day.clone() {
            for earlier in links.of(row).iter().filter(|row| day.contains(row)) {
                let node = |row: u32| NodeIndex::new((row - day.start) as usize);
                graph.add_edge(node(*earlier), node(row), ());
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
