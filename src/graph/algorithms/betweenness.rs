//! Betweenness: how many shortest paths between others pass through a node.
//!
//! Links are unweighted and parallel ones are one link. The value is raw, not normalised: each
//! pair of ends counts once, split evenly over its shortest paths, so it is a number of pairs.
//!
//! Source: U. Brandes, A faster algorithm for betweenness centrality, Journal of Mathematical
//! Sociology 25 (2001) 163–177.

use rayon::prelude::*;

use crate::graph::Network;

/// Sources that one task sums before its sums join the rest. The split is by this number and not
/// by threads, so that floats are added in the same order on any machine.
const BLOCK_SOURCES: usize = 16;
/// Blocks whose sums are held at once, 8 bytes a node each.
const BLOCKS_AT_ONCE: usize = 8;

/// What [`betweenness_from`] measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Betweenness {
    /// One value a node, in pairs of ends; an estimate when `bound_met`.
    pub score: Vec<f64>,
    /// Nodes whose shortest paths were followed.
    pub sources: usize,
    /// True when `sources_max` cut the search: values are scaled up from the sources taken.
    pub bound_met: bool,
}

/// Raw betweenness of every node, exact. Cost: nodes × links, on all threads.
///
/// ```
/// use moneytrail::graph::{Network, betweenness};
///
/// let chain = Network::from_edges(4, &[(0, 1), (1, 2), (2, 3)]);
/// assert_eq!(betweenness(&chain), [0.0, 2.0, 2.0, 0.0]);
/// ```
pub fn betweenness(network: &Network) -> Vec<f64> {
    betweenness_from(network, usize::MAX).score
}

/// Raw betweenness from at most `sources_max` sources, evenly spaced in node order.
///
/// With fewer sources than nodes every value is scaled by nodes / sources, and the result says
/// that its bound was met. Directions are followed where the network has them, ordered pairs
/// then counting once each. Cost: sources × links.
pub fn betweenness_from(network: &Network, sources_max: usize) -> Betweenness {
    let nodes = network.nodes();
    let sources = nodes.min(sources_max);
    let chosen: Vec<u32> =
        (0..sources).map(|at| (at as u128 * nodes as u128 / sources as u128) as u32).collect();
    let mut score = vec![0.0; nodes];
    let blocks: Vec<&[u32]> = chosen.chunks(BLOCK_SOURCES).collect();
    for round in blocks.chunks(BLOCKS_AT_ONCE) {
        let sums: Vec<Vec<f64>> = round.par_iter().map(|block| block_sum(network, block)).collect();
        for sum in sums {
            score.iter_mut().zip(sum).for_each(|(total, part)| *total += part);
        }
    }
    // Without direction each pair of ends is met from both of them.
    let met = if network.is_directed() { 1.0 } else { 2.0 };
    let factor = if sources == 0 { 1.0 } else { nodes as f64 / sources as f64 / met };
    score.iter_mut().for_each(|value| *value *= factor);
    Betweenness { score, sources, bound_met: sources < nodes }
}

fn block_sum(network: &Network, sources: &[u32]) -> Vec<f64> {
    let mut search = Search::new(network.nodes());
    let mut sum = vec![0.0; network.nodes()];
    for &source in sources {
        search.add_from(network, source, &mut sum);
    }
    sum
}

/// Working columns of one search, cleared only where it went.
struct Search {
    seen: Vec<Seen>,
    order: Vec<u32>,
}

/// What a search knows of a node, side by side so that it waits for memory once.
#[derive(Clone, Copy)]
struct Seen {
    distance: u32,
    /// Number of shortest paths to the node; on the way back, once the node is done, one more
    /// than its dependency over that number, which is what those before it take.
    paths: f64,
}

const UNSEEN: Seen = Seen { distance: u32::MAX, paths: 0.0 };

impl Search {
    fn new(nodes: usize) -> Search {
        Search { seen: vec![UNSEEN; nodes], order: Vec::new() }
    }

    fn add_from(&mut self, network: &Network, source: u32, sum: &mut [f64]) {
        self.count_paths(network, source);
        // Farthest first, each node takes its share from those one step beyond it; their lists
        // of predecessors need not be kept.
        for &node in self.order.iter().rev() {
            let Seen { distance, paths } = self.seen[node as usize];
            let beyond = distance + 1;
            let mut taken = 0.0;
            for &neighbour in network.neighbours(node) {
                let next = self.seen[neighbour as usize];
                if next.distance == beyond {
                    taken += next.paths;
                }
            }
            let dependency = paths * taken;
            self.seen[node as usize].paths = (1.0 + dependency) / paths;
            if node != source {
                sum[node as usize] += dependency;
            }
        }
        for &node in &self.order {
            self.seen[node as usize] = UNSEEN;
        }
        self.order.clear();
    }

    fn count_paths(&mut self, network: &Network, source: u32) {
        self.seen[source as usize] = Seen { distance: 0, paths: 1.0 };
        self.order.push(source);
        let mut head = 0;
        while let Some(&node) = self.order.get(head) {
            head += 1;
            let Seen { distance, paths } = self.seen[node as usize];
            let step = distance + 1;
            for &neighbour in network.neighbours(node) {
                let next = &mut self.seen[neighbour as usize];
                if next.distance == u32::MAX {
                    *next = Seen { distance: step, paths };
                    self.order.push(neighbour);
                } else if next.distance == step {
                    next.paths += paths;
                }
            }
        }
    }
}
