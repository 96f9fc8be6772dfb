//! Betweenness: how many shortest paths between others pass through a node.
//!
//! Links are unweighted and parallel ones are one link. The value is raw, not normalised: each
//! pair of ends counts once, split evenly over its shortest paths, so it is a number of pairs.
//!
//! Source: U. Brandes, A faster algorithm for betweenness centrality, Journal of Mathematical
//! Sociology 25 (2001) 163–177.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::graph::Network;

/// Sources that one task sums before its sums join the rest. The split is by this number and not
/// by threads, so that floats are added in the same order on any machine; it is small, so that
/// threads end together.
const BLOCK_SOURCES: usize = 4;
/// Blocks whose sums are held at once, 8 bytes a node each.
const BLOCKS_AT_ONCE: usize = 16;

/// Nodes whose links one task packs.
const PACKED_NODES: usize = 1 << 14;

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
    let packed = Packed::new(network, &chosen);
    let sources: Vec<u32> = chosen.iter().map(|node| packed.place[*node as usize]).collect();
    let mut sums = vec![0.0; nodes];
    let blocks: Vec<&[u32]> = sources.chunks(BLOCK_SOURCES).collect();
    // Searches need room for every node, so they are used again.
    let idle: Mutex<Vec<Search>> = Mutex::new(Vec::new());
    for round in blocks.chunks(BLOCKS_AT_ONCE) {
        let sum_of = |block: &&[u32]| {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut search = taken.unwrap_or_else(|| Search::new(nodes));
            let sum = block_sum(&packed, block, &mut search);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(search);
            sum
        };
        let parts: Vec<Vec<f64>> = round.par_iter().with_max_len(1).map(sum_of).collect();
        // Each node's parts in the order of the blocks, so that floats add up alike.
        sums.par_iter_mut().enumerate().for_each(|(node, sum)| {
            parts.iter().for_each(|part| *sum += part[node]);
        });
    }
    let mut score: Vec<f64> = packed.place.iter().map(|place| sums[*place as usize]).collect();
    let sources = sources.len();
    // Without direction each pair of ends is met from both of them.
    let met = if network.is_directed() { 1.0 } else { 2.0 };
    let factor = if sources == 0 { 1.0 } else { nodes as f64 / sources as f64 / met };
    score.iter_mut().for_each(|value| *value *= factor);
    Betweenness { score, sources, bound_met: sources < nodes }
}

fn block_sum(packed: &Packed, sources: &[u32], search: &mut Search) -> Vec<f64> {
    let mut sum = vec![0.0; packed.nodes()];
    for &source in sources {
        search.add_from(packed, source, &mut sum);
    }
    sum
}

/// The links of a network as searches walk them: what many links lead to stands together, since
/// a search waits for memory more than for anything else, and ends of the road are counted.
struct Packed {
    /// By node of the network: its place here.
    place: Vec<u32>,
    /// Where the links of each place begin.
    starts: Vec<u32>,
    /// Places that links lead to, but for ends.
    next: Vec<u32>,
    /// How many links of each place lead to an end of the road: a node that is no source, to
    /// which one node alone leads, and which leads to none but that one. A shortest path to it
    /// is one to the node before it and a step, and none goes through it.
    ends: Vec<u32>,
}

impl Packed {
    fn new(network: &Network, sources: &[u32]) -> Packed {
        let nodes = network.nodes();
        let (led_to, before) = led_to(network);
        let mut is_end: Vec<bool> = (0..nodes as u32)
            .into_par_iter()
            .map(|node| {
                let only = before[node as usize];
                led_to[node as usize] == 1 && links_of(network, node).all(|link| link.1 == only)
            })
            .collect();
        sources.iter().for_each(|source| is_end[*source as usize] = false);
        let mut order: Vec<u32> = (0..nodes as u32).collect();
        order.par_sort_by_key(|node| {
            (is_end[*node as usize], std::cmp::Reverse(led_to[*node as usize]))
        });
        let mut place = vec![0; nodes];
        (0..).zip(&order).for_each(|(at, node)| place[*node as usize] = at);
        // What links lead to, and of each node how many links go on and how many end.
        type Part = (Vec<u32>, Vec<(usize, u32)>);
        let parts: Vec<Part> = order
            .par_chunks(PACKED_NODES)
            .map(|nodes| {
                let (mut next, mut each) = (Vec::new(), Vec::with_capacity(nodes.len()));
                for &node in nodes {
                    let (begin, mut ends) = (next.len(), 0);
                    let led_on = links_of(network, node).filter(|_| !is_end[node as usize]);
                    for (_, to) in led_on {
                        match is_end[to as usize] {
                            true => ends += 1,
                            false => next.push(place[to as usize]),
                        }
                    }
                    each.push((next.len() - begin, ends));
                }
                (next, each)
            })
            .collect();
        let many = parts.iter().map(|(next, _)| next.len()).sum();
        let mut packed =
            Packed { place, starts: vec![0], next: Vec::with_capacity(many), ends: Vec::new() };
        for (next, each) in parts {
            let mut end = packed.next.len();
            for (links, ends) in each {
                end += links;
                packed.starts.push(u32::try_from(end).expect("links fit 32 bits"));
                packed.ends.push(ends);
            }
            packed.next.extend(next);
        }
        packed
    }

    fn nodes(&self) -> usize {
        self.place.len()
    }

    #[inline]
    fn next(&self, place: u32) -> &[u32] {
        let place = place as usize;
        &self.next[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
}

/// Of each node, how many links lead to it, and where one of them begins: the only one, if there is
/// one.
fn led_to(network: &Network) -> (Vec<u32>, Vec<u32>) {
    let column = || (0..network.nodes()).map(|_| AtomicU32::new(0)).collect::<Vec<_>>();
    let (count, before) = (column(), column());
    (0..network.nodes() as u32).into_par_iter().with_min_len(PACKED_NODES).for_each(|from| {
        for (_, to) in links_of(network, from) {
            count[to as usize].fetch_add(1, Ordering::Relaxed);
            before[to as usize].store(from, Ordering::Relaxed);
        }
    });
    let plain = |column: Vec<AtomicU32>| column.into_iter().map(AtomicU32::into_inner).collect();
    (plain(count), plain(before))
}

/// Links from a node to others.
fn links_of(network: &Network, from: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
    let others = network.neighbours(from).iter().filter(move |to| **to != from);
    others.map(move |to| (from, *to))
}

/// Working columns of one search.
struct Search {
    seen: Vec<Seen>,
    order: Vec<u32>,
    /// Distances of the next search begin here, above those of all before it, so that nothing
    /// need be cleared between two.
    base: u32,
}

/// What a search knows of a node, side by side so that it waits for memory once.
#[derive(Clone, Copy, Default)]
struct Seen {
    distance: u32,
    /// Number of shortest paths to the node; on the way back, once the node is done, one more
    /// than its dependency over that number, which is what those before it take.
    paths: f64,
}

impl Search {
    fn new(nodes: usize) -> Search {
        Search { seen: vec![Seen::default(); nodes], order: Vec::new(), base: 1 }
    }

    fn add_from(&mut self, packed: &Packed, source: u32, sum: &mut [f64]) {
        if self.base > u32::MAX - packed.nodes() as u32 - 1 {
            self.seen.fill(Seen::default());
            self.base = 1;
        }
        self.count_paths(packed, source);
        // Farthest first, each node takes its share from those one step beyond it; their lists
        // of predecessors need not be kept.
        for &node in self.order.iter().rev() {
            let Seen { distance, paths } = self.seen[node as usize];
            let beyond = distance + 1;
            let mut taken = 0.0;
            for &next in packed.next(node) {
                let next = self.seen[next as usize];
                if next.distance == beyond {
                    taken += next.paths;
                }
            }
            let dependency = paths * taken + f64::from(packed.ends[node as usize]);
            self.seen[node as usize].paths = (1.0 + dependency) / paths;
            if node != source {
                sum[node as usize] += dependency;
            }
        }
        let farthest = self.order[self.order.len() - 1];
        self.base = self.seen[farthest as usize].distance + 1;
        self.order.clear();
    }

    fn count_paths(&mut self, packed: &Packed, source: u32) {
        self.seen[source as usize] = Seen { distance: self.base, paths: 1.0 };
        self.order.push(source);
        let mut head = 0;
        while let Some(&node) = self.order.get(head) {
            head += 1;
            let Seen { distance, paths } = self.seen[node as usize];
            let step = distance + 1;
            for &next in packed.next(node) {
                let seen = &mut self.seen[next as usize];
                if seen.distance < self.base {
                    *seen = Seen { distance: step, paths };
                    self.order.push(next);
                } else if seen.distance == step {
                    seen.paths += paths;
                }
            }
        }
    }
}
