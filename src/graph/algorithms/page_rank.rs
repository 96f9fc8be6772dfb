//! PageRank: where a walk along the links spends its time.
//!
//! A link counts as often as it was given. A node without links passes its share to every node
//! alike. Scores sum to 1.
//!
//! Sources: S. Brin, L. Page, The anatomy of a large-scale hypertextual web search engine,
//! Computer Networks 30 (1998) 107–117. D. Gleich, A. Gray, C. Greif, T. Lau, An inner-outer
//! iteration for computing PageRank, SIAM Journal on Scientific Computing 32 (2010) 349–371, for
//! the linear system whose solution, scaled to sum to 1, is PageRank with the shares of idle
//! nodes passed to all.

use crate::graph::Network;
use crate::model::NONE;

/// What [`page_rank`] measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageRank {
    /// One score a node; they sum to 1.
    pub score: Vec<f64>,
    /// Rounds taken.
    pub rounds: u32,
    /// True when `rounds_max` came before `tolerance`.
    pub bound_met: bool,
}

/// PageRank with `damping` (usually 0.85, below 1), until the scores are within `tolerance` of
/// the limit, in sum, or for `rounds_max` rounds.
///
/// Gauss and Seidel's method: within a round each score is made from those already made in it,
/// which takes half the rounds. It runs over the nodes that are paid and pay: what others have
/// follows from these. Cost: rounds × links between such nodes, on one thread.
///
/// # Panics
///
/// If `damping` is not from 0 to below 1.
///
/// ```
/// use moneytrail::graph::{Network, page_rank};
///
/// let pair = Network::directed_from_edges(2, &[(0, 1), (1, 0)]);
/// let score = page_rank(&pair, 0.85, 1e-9, 100).score;
/// assert!(score.iter().all(|score| (score - 0.5).abs() < 1e-9));
/// ```
pub fn page_rank(network: &Network, damping: f64, tolerance: f64, rounds_max: u32) -> PageRank {
    assert!((0.0..1.0).contains(&damping), "a walk goes on less often than always");
    let nodes = network.nodes();
    if nodes == 0 {
        return PageRank::default();
    }
    let reversed = network.reversed();
    let mut core = Core::new(network, &reversed, damping);
    let (mut rounds, mut bound_met) = (0, true);
    // Scores grow from below, and what they still lack in sum is at most what they grew by in a
    // round times damping / (1 - damping); those of other nodes lack at most as much again, and
    // scaling to 1 doubles it.
    let lacking = 4.0 * damping / (1.0 - damping);
    while rounds < rounds_max && bound_met {
        rounds += 1;
        bound_met = core.round() * lacking > tolerance * nodes as f64;
    }
    let mut score = core.scores(network, &reversed);
    let sum: f64 = score.iter().sum();
    score.iter_mut().for_each(|score| *score /= sum);
    PageRank { score, rounds, bound_met }
}

/// The scores after so many rounds in which each is made from those of the round before, all
/// equal at first. Cost: rounds × links.
pub fn page_rank_after(network: &Network, damping: f64, rounds: u32) -> Vec<f64> {
    let nodes = network.nodes();
    let reversed = network.reversed();
    let links: Vec<f64> = (0..nodes as u32).map(|node| links_of(network, node)).collect();
    let mut score = vec![1.0 / nodes as f64; nodes];
    for _ in 0..rounds {
        let idle: f64 =
            score.iter().zip(&links).filter(|(_, links)| **links == 0.0).map(|(it, _)| it).sum();
        let everywhere = (1.0 - damping + damping * idle) / nodes as f64;
        let next = (0..nodes as u32).map(|node| {
            let received = entries(&reversed, node).map(|(from, count)| {
                score[from as usize] * f64::from(count) / links[from as usize]
            });
            everywhere + damping * received.sum::<f64>()
        });
        score = next.collect();
    }
    score
}

/// The other ends of a node's links, each with how many links it stands for.
fn entries(network: &Network, node: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
    network.neighbours(node).iter().copied().zip(network.counts(node).iter().copied())
}

fn links_of(network: &Network, node: u32) -> f64 {
    network.counts(node).iter().map(|count| f64::from(*count)).sum()
}

/// The nodes that links lead to and that have links, at places of their own.
///
/// Their scores before scaling solve `score = 1 + damping × what links bring`; a node that no
/// link leads to has 1.
struct Core {
    /// By place: the node, ascending.
    node: Vec<u32>,
    /// By place: where its links from other places begin; one more than there are places.
    starts: Vec<u32>,
    /// Place that a link comes from, and how many links it stands for.
    from: Vec<(u32, u32)>,
    /// By place: what it has apart from links from other places.
    given: Vec<f64>,
    /// By place: how many links it has.
    links: Vec<f64>,
    /// By place: the part that each link passes on: one over their number, less what comes back
    /// at once.
    share: Vec<f64>,
    /// By place: what each of its links passes on.
    passed: Vec<f64>,
    damping: f64,
}

impl Core {
    fn new(network: &Network, reversed: &Network, damping: f64) -> Core {
        let is_in = |node: &u32| network.degree(*node) > 0 && reversed.degree(*node) > 0;
        let node: Vec<u32> = (0..network.nodes() as u32).filter(is_in).collect();
        let mut place = vec![NONE; network.nodes()];
        (0..).zip(&node).for_each(|(at, node)| place[*node as usize] = at);
        let links: Vec<f64> = node.iter().map(|node| links_of(network, *node)).collect();
        let mut core = Core {
            starts: vec![0],
            from: Vec::new(),
            given: Vec::with_capacity(node.len()),
            share: Vec::with_capacity(node.len()),
            passed: vec![0.0; node.len()],
            node,
            links,
            damping,
        };
        for (at, &node) in core.node.iter().enumerate() {
            let (mut given, mut shares) = (1.0, core.links[at]);
            for (from, count) in entries(reversed, node) {
                if from == node {
                    shares -= damping * f64::from(count);
                } else if place[from as usize] == NONE {
                    given += damping * f64::from(count) / links_of(network, from);
                } else {
                    core.from.push((place[from as usize], count));
                }
            }
            core.given.push(given);
            core.share.push(1.0 / shares);
            core.starts.push(u32::try_from(core.from.len()).expect("links fit 32 bits"));
        }
        core
    }

    /// Makes every score anew; by how much they grew in sum.
    fn round(&mut self) -> f64 {
        let mut grown = 0.0;
        for at in 0..self.node.len() {
            let from = &self.from[self.starts[at] as usize..self.starts[at + 1] as usize];
            let brought: f64 = from
                .iter()
                .map(|(from, count)| self.passed[*from as usize] * f64::from(*count))
                .sum();
            let passed = (self.given[at] + self.damping * brought) * self.share[at];
            grown += (passed - self.passed[at]).abs() * self.links[at];
            self.passed[at] = passed;
        }
        grown
    }

    /// The score of every node, before scaling.
    fn scores(&self, network: &Network, reversed: &Network) -> Vec<f64> {
        // Apart from places, only a node that no link leads to passes something on.
        let mut passed: Vec<f64> =
            (0..network.nodes() as u32).map(|node| 1.0 / links_of(network, node)).collect();
        for (node, value) in self.node.iter().zip(&self.passed) {
            passed[*node as usize] = *value;
        }
        let score = |node: u32| {
            let brought: f64 = entries(reversed, node)
                .map(|(from, count)| passed[from as usize] * f64::from(count))
                .sum();
            1.0 + self.damping * brought
        };
        (0..network.nodes() as u32).map(score).collect()
    }
}
