//! One direction of the graph: the transfers of each account side by side, in order of time.

use super::clock::Clock;
use super::{Edges, TOGETHER};

/// The edges of node `n` stand at `starts[n]..starts[n + 1]`.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub starts: Vec<u32>,
    pub neighbour: Vec<u32>,
    pub tick: Vec<u32>,
    pub transfer: Vec<u32>,
}

impl Index {
    /// A counting sort: each node's edges keep the order of `order`, or of the rows. `near` and
    /// `far` read the ends of rows from one on, as many as there is room for.
    pub fn build(
        nodes: usize,
        near: impl Fn(usize, &mut [u32]),
        far: impl Fn(usize, &mut [u32]),
        ticks: &[u32],
        order: Option<&[u32]>,
    ) -> Index {
        let rows = ticks.len();
        let (mut here, mut there) = ([0; TOGETHER], [0; TOGETHER]);
        let parts = || (0..rows).step_by(TOGETHER).map(|start| start..rows.min(start + TOGETHER));
        let mut starts = vec![0_u32; nodes + 1];
        for part in parts() {
            let here = &mut here[..part.len()];
            near(part.start, here);
            here.iter().for_each(|node| starts[*node as usize + 1] += 1);
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut neighbour = vec![0; rows];
        let mut tick = vec![0; rows];
        let mut transfer = vec![0; rows];
        let mut place = |row: u32, node: u32, other: u32| {
            assert!((other as usize) < nodes, "both ends of a transfer are nodes");
            let slot = &mut next[node as usize];
            neighbour[*slot as usize] = other;
            tick[*slot as usize] = ticks[row as usize];
            transfer[*slot as usize] = row;
            *slot += 1;
        };
        match order {
            Some(order) => {
                for &row in order {
                    near(row as usize, &mut here[..1]);
                    far(row as usize, &mut there[..1]);
                    place(row, here[0], there[0]);
                }
            }
            None => {
                for part in parts() {
                    near(part.start, &mut here[..part.len()]);
                    far(part.start, &mut there[..part.len()]);
                    for (row, (node, other)) in part.zip(here.iter().zip(&there)) {
                        place(row as u32, *node, *other);
                    }
                }
            }
        }
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
