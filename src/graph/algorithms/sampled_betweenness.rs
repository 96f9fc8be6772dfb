//! Betweenness from a sample of shortest paths, with a bound on every error.
//!
//! Pairs of ends are drawn evenly, and of each pair one of its shortest paths, every one as
//! likely: how often a node is on such a path estimates its part of all pairs. Sampling goes on
//! until the error of every node is bounded, so that a network in which no node stands out takes
//! few samples. How many are drawn depends on the seed, which is fixed, and on nothing else.
//!
//! The bound is Chernoff's for the mean of draws that are 0 or 1, for each node and each moment
//! at which the sampling may end. It allows for errors of a share of all pairs; what sampling
//! cannot tell are differences below that share.
//!
//! Sources: M. Borassi, E. Natale, KADABRA is an adaptive algorithm for betweenness via random
//! approximation, ESA 2016, LIPIcs 57, 20:1–20:18, for searches from both ends and for ending
//! once the sample says so; M. Riondato, E. Kornaropoulos, Fast approximation of betweenness
//! centrality through sampling, Data Mining and Knowledge Discovery 30 (2016) 438–475, for paths
//! as samples; W. Hoeffding, Probability inequalities for sums of bounded random variables,
//! Journal of the American Statistical Association 58 (1963) 13–30, theorem 1.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::graph::Network;

const SEED: u64 = 1_848;
/// Samples that one task draws, from a stream of random numbers of its own.
const BLOCK_SAMPLES: u64 = 256;
/// By how much the sample grows between two moments at which it may be enough.
const GROWTH: f64 = 1.2;

/// What [`sampled_betweenness`] measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampledBetweenness {
    /// One value a node, in pairs of ends, as exact betweenness has it.
    pub score: Vec<f64>,
    /// Most that a value is off, in pairs of ends, but for the probability asked.
    pub error_max: f64,
    /// Pairs of ends that were drawn.
    pub samples: u64,
}

/// Raw betweenness, each value off by no more than `epsilon` times the number of pairs of ends,
/// all of them with probability 1 - `delta` or more. Directions are followed where the network
/// has them, ordered pairs then counting once each.
///
/// Cost: at most ln(nodes / `delta`) / `epsilon`² samples or so, and 1 / `epsilon` where no
/// node is on many paths; a sample searches from both ends until the searches meet. On all
/// threads, with the same result on one.
///
/// # Panics
///
/// If `epsilon` or `delta` is not above 0 and below 1.
///
/// ```
/// use moneytrail::graph::{Network, sampled_betweenness};
///
/// let chain = Network::from_edges(4, &[(0, 1), (1, 2), (2, 3)]);
/// let sampled = sampled_betweenness(&chain, 0.05, 0.01);
/// assert!((sampled.score[1] - 2.0).abs() <= sampled.error_max);
/// assert_eq!(sampled.score[0], 0.0);
/// ```
pub fn sampled_betweenness(network: &Network, epsilon: f64, delta: f64) -> SampledBetweenness {
    let is_part = |part: f64| 0.0 < part && part < 1.0;
    assert!(is_part(epsilon) && is_part(delta), "error and probability are parts of one");
    let nodes = network.nodes();
    let pairs = nodes as f64 * (nodes as f64 - 1.0);
    // Without direction a pair of ends is drawn from either of them.
    let twice = if network.is_directed() { 1.0 } else { 2.0 };
    let error_max = epsilon * pairs / twice;
    let reversed = network.reversed();
    let ends = Ends::new(network, &reversed);
    let zero = SampledBetweenness { score: vec![0.0; nodes], error_max, samples: 0 };
    if ends.pairs == 0.0 || ends.between == 0 {
        return zero;
    }
    // Pairs that no path can join need not be drawn, so a part of those that are is worth less.
    let error = (epsilon * pairs / ends.pairs).min(1.0);
    let moments = ((1.0 / error).ln() / GROWTH.ln()).ceil() + 1.0;
    let odds = (2.0 * ends.between as f64 * moments / delta).ln();
    let samples_max = odds / (2.0 * error * error);
    let mut met = vec![0_u64; nodes];
    let mut blocks = 0;
    for moment in (0..moments as i32).rev() {
        let until = (samples_max / GROWTH.powi(moment) / BLOCK_SAMPLES as f64).ceil() as u64;
        let until = until.max(blocks);
        let parts: Vec<Vec<u32>> = (blocks..until)
            .into_par_iter()
            .map_init(
                || Search::new(network, &reversed),
                |search, block| search.block(&ends, block),
            )
            .collect();
        parts.iter().flatten().for_each(|node| met[*node as usize] += 1);
        blocks = until;
        let samples = (blocks * BLOCK_SAMPLES) as f64;
        if met.iter().all(|times| is_bounded(*times as f64 / samples, error, odds / samples)) {
            break;
        }
    }
    let samples = blocks * BLOCK_SAMPLES;
    let each = ends.pairs / samples as f64 / twice;
    let score = met.iter().map(|times| *times as f64 * each).collect();
    SampledBetweenness { score, error_max, samples }
}

/// True when no chance beyond `error` from the `part` seen is likely enough to stand: the
/// divergence of the part from it is at least `odds` a sample.
fn is_bounded(part: f64, error: f64, odds: f64) -> bool {
    let (low, high) = (part - error, part + error);
    (low <= 0.0 || divergence(part, low) >= odds) && (high >= 1.0 || divergence(part, high) >= odds)
}

/// Of chances `seen` from `real`, which is neither 0 nor 1, in natural units.
fn divergence(seen: f64, real: f64) -> f64 {
    let term = |seen: f64, real: f64| if seen > 0.0 { seen * (seen / real).ln() } else { 0.0 };
    term(seen, real) + term(1.0 - seen, 1.0 - real)
}

/// What a path may begin and end at.
struct Ends {
    /// Nodes with links, ascending.
    first: Vec<u32>,
    /// Nodes that links lead to, ascending.
    last: Vec<u32>,
    /// Pairs of two different ones.
    pairs: f64,
    /// Nodes that are both: those that can stand between others.
    between: usize,
}

impl Ends {
    fn new(network: &Network, reversed: &Network) -> Ends {
        let others = |network: &Network, node: u32| {
            network.degree(node) > usize::from(network.has_edge(node, node))
        };
        let nodes = || 0..network.nodes() as u32;
        let first: Vec<u32> = nodes().filter(|node| others(network, *node)).collect();
        let last: Vec<u32> = nodes().filter(|node| others(reversed, *node)).collect();
        let between = first.iter().filter(|node| others(reversed, **node)).count();
        let pairs = first.len() as f64 * last.len() as f64 - between as f64;
        Ends { first, last, pairs, between }
    }

    fn draw(&self, random: &mut ChaCha8Rng) -> (u32, u32) {
        loop {
            let ends = (one_of(&self.first, random), one_of(&self.last, random));
            if ends.0 != ends.1 {
                return ends;
            }
        }
    }
}

/// One of some, each as likely but for a part in 2^32.
fn one_of(some: &[u32], random: &mut ChaCha8Rng) -> u32 {
    let at = (u128::from(random.next_u64()) * some.len() as u128) >> 64;
    some[at as usize]
}

/// A number from 0 to below 1.
fn part(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Working columns of one thread: a search from each end.
struct Search<'a> {
    sides: [Side<'a>; 2],
    sample: u32,
    /// Nodes at which the searches meet, each with how many shortest paths lead through it.
    meeting: Vec<(u32, f64)>,
}

/// The search from one end.
struct Side<'a> {
    network: &'a Network,
    seen: Vec<Seen>,
    /// Nodes at the distance reached last.
    frontier: Vec<u32>,
    next: Vec<u32>,
}

/// What a side knows of a node, if `sample` is the one at hand.
#[derive(Clone, Copy, Default)]
struct Seen {
    sample: u32,
    distance: u32,
    /// Number of shortest paths from the side's end. Beyond 2^53 they are rounded.
    paths: f64,
}

impl<'a> Search<'a> {
    fn new(network: &'a Network, reversed: &'a Network) -> Search<'a> {
        let side = |network: &'a Network| Side {
            network,
            seen: vec![Seen::default(); network.nodes()],
            frontier: Vec::new(),
            next: Vec::new(),
        };
        let sides = [side(network), side(reversed)];
        Search { sides, sample: 0, meeting: Vec::new() }
    }

    /// The inner nodes of every path of a block of samples.
    fn block(&mut self, ends: &Ends, block: u64) -> Vec<u32> {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(block);
        let mut inner = Vec::new();
        for _ in 0..BLOCK_SAMPLES {
            let (first, last) = ends.draw(&mut random);
            if self.meet(first, last) {
                self.path(&mut random, &mut inner);
            }
        }
        inner
    }

    /// Searches from both ends, a whole distance at a time on the side that has fewer links to
    /// follow, until they meet; false where no path joins the two.
    fn meet(&mut self, first: u32, last: u32) -> bool {
        if self.sample == u32::MAX {
            self.sides.iter_mut().for_each(|side| side.seen.fill(Seen::default()));
            self.sample = 0;
        }
        self.sample += 1;
        self.meeting.clear();
        for (side, end) in self.sides.iter_mut().zip([first, last]) {
            side.frontier.clear();
            side.frontier.push(end);
            side.seen[end as usize] = Seen { sample: self.sample, distance: 0, paths: 1.0 };
        }
        while self.meeting.is_empty() {
            if self.sides.iter().any(|side| side.frontier.is_empty()) {
                return false;
            }
            let [from, to] = &mut self.sides;
            let (near, far) = if from.links() <= to.links() { (from, to) } else { (to, from) };
            near.step(self.sample);
            // Nothing met before, so what meets now is at the far side's last distance, and
            // every shortest path leads through one such node.
            for &node in &near.frontier {
                let beyond = far.seen[node as usize];
                if beyond.sample == self.sample {
                    let paths = near.seen[node as usize].paths * beyond.paths;
                    self.meeting.push((node, paths));
                }
            }
        }
        true
    }

    /// Draws one of the shortest paths and adds its inner nodes.
    fn path(&self, random: &mut ChaCha8Rng, inner: &mut Vec<u32>) {
        let middle = heavy(self.meeting.iter().copied(), random);
        let is_inner = |side: &Side| side.seen[middle as usize].distance > 0;
        if self.sides.iter().all(is_inner) {
            inner.push(middle);
        }
        for (side, back) in [(&self.sides[0], &self.sides[1]), (&self.sides[1], &self.sides[0])] {
            let mut at = middle;
            while side.seen[at as usize].distance > 1 {
                at = side.before(back.network, at, self.sample, random);
                inner.push(at);
            }
        }
    }
}

impl Side<'_> {
    /// Links of the frontier.
    fn links(&self) -> usize {
        self.frontier.iter().map(|node| self.network.degree(*node)).sum()
    }

    /// Goes one link further.
    fn step(&mut self, sample: u32) {
        self.next.clear();
        for &node in &self.frontier {
            let Seen { distance, paths, .. } = self.seen[node as usize];
            for &neighbour in self.network.neighbours(node) {
                let seen = &mut self.seen[neighbour as usize];
                if seen.sample != sample {
                    *seen = Seen { sample, distance: distance + 1, paths };
                    self.next.push(neighbour);
                } else if seen.distance == distance + 1 {
                    seen.paths += paths;
                }
            }
        }
        std::mem::swap(&mut self.frontier, &mut self.next);
    }

    /// One of the nodes before another on the shortest paths to it, by how many lead there.
    fn before(&self, back: &Network, node: u32, sample: u32, random: &mut ChaCha8Rng) -> u32 {
        let nearer = self.seen[node as usize].distance - 1;
        let before = back.neighbours(node).iter().map(|node| (*node, self.seen[*node as usize]));
        let before = before.filter(|(_, seen)| seen.sample == sample && seen.distance == nearer);
        heavy(before.map(|(node, seen)| (node, seen.paths)), random)
    }
}

/// One of some, as likely as it weighs.
fn heavy(some: impl Iterator<Item = (u32, f64)> + Clone, random: &mut ChaCha8Rng) -> u32 {
    let all: f64 = some.clone().map(|(_, weight)| weight).sum();
    let mut left = part(random) * all;
    let mut drawn = None;
    for (node, weight) in some {
        drawn = Some(node);
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    drawn.expect("a node on a shortest path has one before it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_ends_at_the_latest_where_it_holds_for_any_part() {
        let (error, odds) = (0.01, 12.0);
        let samples_max = odds / (2.0 * error * error);
        for percent in 0..=100 {
            let part = f64::from(percent) / 100.0;
            assert!(is_bounded(part, error, odds / samples_max), "{part}");
        }
        // Half and half is what takes most samples; what is never met takes few.
        assert!(!is_bounded(0.5, error, odds / (0.9 * samples_max)));
        assert!(is_bounded(0.0, error, odds / (odds / error)));
    }

    #[test]
    fn each_shortest_path_is_drawn_as_often() {
        // 0 → 1 | 2 | 3 → 4 | 5 → 6, and a detour.
        let mut edges = vec![(4, 6), (5, 6), (0, 7), (7, 8), (8, 9), (9, 6)];
        edges.extend((1..4).flat_map(|middle| [(0, middle), (middle, 4), (middle, 5)]));
        let network = Network::directed_from_edges(10, &edges);
        let reversed = network.reversed();
        let mut search = Search::new(&network, &reversed);
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut drawn = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut inner = Vec::new();
            assert!(search.meet(0, 6));
            search.path(&mut random, &mut inner);
            inner.sort_unstable();
            *drawn.entry(inner).or_insert(0_u32) += 1;
        }
        assert_eq!(drawn.len(), 6);
        assert!(drawn.values().all(|times| (850..1_150).contains(times)), "{drawn:?}");
        assert!(!search.meet(6, 0));
    }
}
