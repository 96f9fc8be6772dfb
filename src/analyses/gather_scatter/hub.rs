//! One account's payments in and out, and the windows in which it gathers and scatters.

use std::collections::BTreeSet;

use crate::analyses::sliding::{Item, groups};
use crate::analyses::{DAY_MS, Moments};
use crate::graph::{Edges, TransferGraph};

/// Dates without times can stand this far behind a time that the statement puts before them.
const SLACK_MS: i64 = 2 * DAY_MS;

/// What is looked for at every account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Senders, receivers.
    pub least: [usize; 2],
    pub window_ms: i64,
    pub steps_max: u64,
}

/// A hub with whom it gathers from and scatters to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pool {
    pub hub: u32,
    pub senders: BTreeSet<u32>,
    pub receivers: BTreeSet<u32>,
    /// Rows of `transfers`, by where they stand in time, then row.
    pub transfers: Vec<u32>,
    pub bound_met: bool,
}

/// A payment of the hub, and where it stands.
#[derive(Clone, Copy, Debug)]
struct Payment {
    at_ms: i64,
    transfer: u32,
    other: u32,
}

/// The instances of one hub in order of time, and the comparisons that its bound left out.
pub(super) fn pools_of(
    graph: &TransferGraph,
    moments: &Moments,
    hub: u32,
    bounds: &Bounds,
) -> (Vec<Pool>, u64) {
    let (edges_in, edges_out) = (graph.in_edges(hub), graph.out_edges(hub));
    if edges_in.len() < bounds.least[0] || edges_out.len() < bounds.least[1] {
        return (Vec::new(), 0);
    }
    let ins = payments(edges_in, hub, moments);
    let outs = payments(edges_out, hub, moments);
    let timed_ins: Vec<Payment> =
        ins.iter().filter(|paid| moments.is_timed(paid.transfer)).copied().collect();
    let left = bounds.steps_max;
    let mut order = Order { moments, hub, ins: &ins, timed_ins: &timed_ins, left, cut: 0 };
    let window_ms = bounds.window_ms;
    let mut items: Vec<Item> = ins
        .iter()
        .map(|paid| Item {
            from_ms: paid.at_ms.saturating_sub(window_ms),
            until_ms: paid.at_ms,
            class: 0,
            who: paid.other,
            transfers: [paid.transfer; 2],
        })
        .collect();
    for paid in &outs {
        // With the latest payment in before it, it is in every window that holds both.
        let item = |from_ms: i64, until_ms| Item {
            from_ms: from_ms.saturating_sub(window_ms),
            until_ms,
            class: 1,
            who: paid.other,
            transfers: [paid.transfer; 2],
        };
        items.extend(order.before(paid).map(|in_ms| item(paid.at_ms, in_ms)));
        items.extend(order.before_though_later(paid).map(|in_ms| item(in_ms, paid.at_ms)));
    }
    let cut = order.cut;
    let opens: BTreeSet<i64> = ins.iter().chain(&outs).map(|paid| paid.at_ms).collect();
    let opens: Vec<i64> = opens.into_iter().collect();
    let pools = groups(&items, &opens, bounds.least);
    let pool = |places: Vec<usize>| {
        let of = |class| {
            let items = places.iter().map(|at| &items[*at]).filter(move |it| it.class == class);
            items.map(|item| item.who).collect()
        };
        let rows: BTreeSet<u32> = places.iter().map(|at| items[*at].transfers[0]).collect();
        let mut transfers: Vec<u32> = rows.into_iter().collect();
        transfers.sort_by_key(|row| (moments.at_ms(*row), *row));
        Pool { hub, senders: of(0), receivers: of(1), transfers, bound_met: cut > 0 }
    };
    (pools.into_iter().map(pool).collect(), cut)
}

fn payments(edges: Edges, hub: u32, moments: &Moments) -> Vec<Payment> {
    let mut payments: Vec<Payment> = edges
        .iter()
        .filter(|edge| edge.neighbour != hub)
        .map(|edge| Payment {
            // The graph has the time at hand.
            at_ms: match moments.all_timed() {
                true => edge.time_ms,
                false => moments.at_ms(edge.transfer),
            },
            transfer: edge.transfer,
            other: edge.neighbour,
        })
        .collect();
    payments.sort_by_key(|paid| (paid.at_ms, paid.transfer));
    payments
}

/// Finds the payments in that came before one out.
struct Order<'a> {
    moments: &'a Moments<'a>,
    hub: u32,
    ins: &'a [Payment],
    /// Those that state a time, where others do not.
    timed_ins: &'a [Payment],
    /// Comparisons that may still be made.
    left: u64,
    /// Comparisons that were not.
    cut: u64,
}

impl Order<'_> {
    /// Where the latest payment in stands that came before and stands no later.
    fn before(&mut self, out: &Payment) -> Option<i64> {
        if self.moments.all_timed() {
            let before = self.ins.partition_point(|paid| paid.at_ms < out.at_ms);
            return self.ins[..before].last().map(|paid| paid.at_ms);
        }
        let end = self.ins.partition_point(|paid| paid.at_ms <= out.at_ms);
        self.first_before(self.ins[..end].iter().rev(), out)
    }

    /// Where the first payment in stands that came before and yet stands later: a time of a day
    /// whose statement has a record without a time below it.
    fn before_though_later(&mut self, out: &Payment) -> Option<i64> {
        if self.moments.all_timed() || self.moments.is_timed(out.transfer) {
            return None;
        }
        let start = self.timed_ins.partition_point(|paid| paid.at_ms <= out.at_ms);
        let last_ms = out.at_ms.saturating_add(SLACK_MS);
        let end = self.timed_ins.partition_point(|paid| paid.at_ms <= last_ms);
        self.first_before(self.timed_ins[start..end].iter(), out)
    }

    fn first_before<'b>(
        &mut self,
        ins: impl ExactSizeIterator<Item = &'b Payment>,
        out: &Payment,
    ) -> Option<i64> {
        let many = ins.len() as u64;
        for (looked_at, paid) in (0..).zip(ins) {
            if self.left == 0 {
                self.cut += many - looked_at;
                return None;
            }
            self.left -= 1;
            if self.moments.follows(self.hub, paid.transfer, out.transfer) {
                return Some(paid.at_ms);
            }
        }
        None
    }
}
