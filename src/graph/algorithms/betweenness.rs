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
    distance: Vec<u32>,
    paths: Vec<f64>,
    dependency: Vec<f64>,
    order: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl Search {
    fn new(nodes: usize) -> Search {
        Search {
            distance: vec![UNSEEN; nodes],
            paths: vec![0.0; nodes],
            dependency: vec![0.0; nodes],
            order: Vec::new(),
        }
    }

    fn add_from(&mut self, network: &Network, source: u32, sum: &mut [f64]) {
        self.count_paths(network, source);
        // Farthest first, each node takes its share from those one step beyond it; their lists
        // of predecessors need not be kept.
        for &node in self.order.iter().rev() {
            let at = node as usize;
            let mut dependency = 0.0;
            for &neighbour in network.neighbours(node) {
                let beyond = neighbour as usize;
                if self.distance[beyond] == self.distance[at] + 1 {
                    dependency +=
                        self.paths[at] / self.paths[beyond] * (1.0 + self.dependency[beyond]);
                }
            }
            self.dependency[at] = dependency;
            if node != source {
                sum[at] += dependency;
            }
        }
        for &node in &self.order {
            self.distance[node as usize] = UNSEEN;
            self.paths[node as usize] = 0.0;
            self.dependency[node as usize] = 0.0;
        }
        self.order.clear();
    }

    fn count_paths(&mut self, network: &Network, source: u32) {
        self.distance[source as usize] = 0;
        self.paths[source as usize] = 1.0;
        self.order.push(source);
        let mut head = 0;
        while let Some(&node) = self.order.get(head) {
            head += 1;
            let step = self.distance[node as usize] + 1;
            for &neighbour in network.neighbours(node) {
                let beyond = neighbour as usize;
                if self.distance[beyond] == UNSEEN {
                    self.distance[beyond] = step;
                    self.order.push(neighbour);
                }
                if self.distance[beyond] == step {
                    self.paths[beyond] += self.paths[node as usize];
                }
            }
        }
    }
}
