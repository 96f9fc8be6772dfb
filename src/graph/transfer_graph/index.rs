//! One direction of the graph: the transfers of each account side by side, in order of time.
//!
//! Built by a counting sort in two steps. To put each row in its place at once would wait for
//! memory at nearly every row; rows first go to parts of the accounts, each part in turn, and
//! every part then fills its own stretch of the columns, which a cache holds.

use std::ops::Range;

use rayon::prelude::*;

use super::clock::Clock;
use super::{Edges, TOGETHER};

/// Rows of a part where accounts have about as many each: what it fills fits a second cache.
const PART_ROWS: usize = 1 << 16;
/// Most parts, since as many places are written to in turn.
const PARTS_MAX: usize = 256;

/// The edges of node `n` stand at `starts[n]..starts[n + 1]`.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub starts: Vec<u32>,
    pub neighbour: Vec<u32>,
    pub tick: Vec<u32>,
    pub transfer: Vec<u32>,
}

/// A row on the way to its node's edges.
#[derive(Clone, Copy, Default)]
struct Edge {
    node: u32,
    neighbour: u32,
    transfer: u32,
}

/// Some nodes that follow one another, and what is to be filled for them.
struct Part<'a> {
    nodes: Range<usize>,
    edges: &'a [Edge],
    neighbour: &'a mut [u32],
    tick: &'a mut [u32],
    transfer: &'a mut [u32],
}

impl Index {
    /// Each node's edges keep the order of `order`, or of the rows. `near` and `far` read the ends
    /// of rows from one on, as many as there is room for. Memory besides: 12 bytes a row.
    pub fn build(
        nodes: usize,
        near: impl Fn(usize, &mut [u32]),
        far: impl Fn(usize, &mut [u32]),
        ticks: &[u32],
        order: Option<&[u32]>,
    ) -> Index {
        let rows = ticks.len();
        let starts = starts(nodes, rows, &near);
        let wanted = (rows / PART_ROWS).clamp(1, PARTS_MAX);
        let shift = nodes.div_ceil(wanted).next_power_of_two().trailing_zeros();
        let firsts = (0..nodes).step_by(1 << shift);
        let mut next: Vec<u32> = firsts.clone().map(|first| starts[first]).collect();
        let mut edges = vec![Edge::default(); rows];
        each_row(rows, near, far, order, |edge| {
            assert!((edge.neighbour as usize) < nodes, "both ends of a transfer are nodes");
            let slot = &mut next[(edge.node >> shift) as usize];
            edges[*slot as usize] = edge;
            *slot += 1;
        });
        let (mut neighbour, mut tick, mut transfer) = (vec![0; rows], vec![0; rows], vec![0; rows]);
        let mut left = (&edges[..], &mut neighbour[..], &mut tick[..], &mut transfer[..]);
        let mut parts = Vec::with_capacity(firsts.len());
        for first in firsts {
            let nodes = first..nodes.min(first + (1 << shift));
            let length = (starts[nodes.end] - starts[nodes.start]) as usize;
            let (edges, more_edges) = left.0.split_at(length);
            let (neighbour, more_neighbours) = left.1.split_at_mut(length);
            let (tick, more_ticks) = left.2.split_at_mut(length);
            let (transfer, more_transfers) = left.3.split_at_mut(length);
            left = (more_edges, more_neighbours, more_ticks, more_transfers);
            parts.push(Part { nodes, edges, neighbour, tick, transfer });
        }
        parts.into_par_iter().for_each(|part| part.fill(&starts, ticks));
        Index { starts, neighbour, tick, transfer }
    }

    pub fn edges<'a>(&'a self, node: u32, clock: &'a Clock) -> Edges<'a> {
        let range = self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize;
        Edges {
            clock,
            neighbour: &self.neighbour[range.clone()],
            tick: &self.tick[range.clone()],
            transfer: &self.transfer[range],
        }
    }
}

impl Part<'_> {
    /// Puts the part's rows in order of node; rows of one node stay in theirs.
    fn fill(self, starts: &[u32], ticks: &[u32]) {
        let here = &starts[self.nodes.clone()];
        let first = here.first().copied().unwrap_or(0);
        let mut next: Vec<u32> = here.iter().map(|start| start - first).collect();
        for edge in self.edges {
            let slot = &mut next[edge.node as usize - self.nodes.start];
            self.neighbour[*slot as usize] = edge.neighbour;
            self.tick[*slot as usize] = ticks[edge.transfer as usize];
            self.transfer[*slot as usize] = edge.transfer;
            *slot += 1;
        }
    }
}

/// Where each node's edges begin, and where the last one's end.
fn starts(nodes: usize, rows: usize, near: impl Fn(usize, &mut [u32])) -> Vec<u32> {
    let mut starts = vec![0_u32; nodes + 1];
    let mut here = [0; TOGETHER];
    for start in (0..rows).step_by(TOGETHER) {
        let here = &mut here[..TOGETHER.min(rows - start)];
        near(start, here);
        here.iter().for_each(|node| starts[*node as usize + 1] += 1);
    }
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    starts
}

/// Every row with its two ends, in the order of `order` or of the rows.
fn each_row(
    rows: usize,
    near: impl Fn(usize, &mut [u32]),
    far: impl Fn(usize, &mut [u32]),
    order: Option<&[u32]>,
    mut visit: impl FnMut(Edge),
) {
    let (mut here, mut there) = ([0; TOGETHER], [0; TOGETHER]);
    if let Some(order) = order {
        for &transfer in order {
            near(transfer as usize, &mut here[..1]);
            far(transfer as usize, &mut there[..1]);
            visit(Edge { node: here[0], neighbour: there[0], transfer });
        }
        return;
    }
    for start in (0..rows).step_by(TOGETHER) {
        let some = TOGETHER.min(rows - start);
        near(start, &mut here[..some]);
        far(start, &mut there[..some]);
        for (nth, (&node, &neighbour)) in here.iter().zip(&there).take(some).enumerate() {
            visit(Edge { node, neighbour, transfer: (start + nth) as u32 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More rows than one part takes, so that nodes are spread over several.
    #[test]
    fn parts_together_are_the_order_of_rows_by_node() {
        let rows = 3 * PART_ROWS + 17;
        for nodes in [1, 2, 5, 1_000, 70_000] {
            let mixed = |row: usize| (row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
            // Every third row is of one node, as where a few hold most transfers.
            let near: Vec<u32> = (0..rows)
                .map(|row| if row % 3 == 0 { 0 } else { (mixed(row) % nodes as u64) as u32 })
                .collect();
            let far: Vec<u32> =
                (0..rows).map(|row| (mixed(row + 1) % nodes as u64) as u32).collect();
            let ticks: Vec<u32> = (0..rows as u32).map(|row| row / 2).collect();
            let read = |of: &[u32], start: usize, into: &mut [u32]| {
                into.copy_from_slice(&of[start..start + into.len()]);
            };
            let order: Vec<u32> = (0..rows as u32).rev().collect();
            for order in [None, Some(order.as_slice())] {
                let built = Index::build(
                    nodes,
                    |start, into| read(&near, start, into),
                    |start, into| read(&far, start, into),
                    &ticks,
                    order,
                );
                let mut expected: Vec<u32> =
                    order.map_or_else(|| (0..rows as u32).collect(), <[u32]>::to_vec);
                expected.sort_by_key(|row| near[*row as usize]);
                assert!(built.transfer == expected, "{nodes} nodes");
                let of_rows = |of: &[u32]| -> Vec<u32> {
                    expected.iter().map(|row| of[*row as usize]).collect()
                };
                assert!(built.neighbour == of_rows(&far) && built.tick == of_rows(&ticks));
                let begins = (0..=nodes as u32)
                    .map(|node| expected.partition_point(|row| near[*row as usize] < node) as u32);
                assert!(begins.eq(built.starts.iter().copied()), "{nodes} nodes");
            }
        }
    }
}
