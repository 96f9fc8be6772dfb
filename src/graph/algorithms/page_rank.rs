//! PageRank: where a walk along the links spends its time.
//!
//! A link counts as often as it was given. A node without links passes its share to every node
//! alike. Scores sum to 1.
//!
//! Source: S. Brin, L. Page, The anatomy of a large-scale hypertextual web search engine,
//! Computer Networks 30 (1998) 107–117.

use rayon::prelude::*;

use crate::graph::Network;

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

/// PageRank with `damping` (usually 0.85), until the scores of a round differ from those before
/// by less than `tolerance` in sum, or for `rounds_max` rounds. Cost: rounds × links; each score
/// is summed by one thread in the order of the links, so threads change no bit of it.
///
/// ```
/// use moneytrail::graph::{Network, page_rank};
///
/// let pair = Network::directed_from_edges(2, &[(0, 1), (1, 0)]);
/// assert_eq!(page_rank(&pair, 0.85, 1e-9, 100).score, [0.5, 0.5]);
/// ```
pub fn page_rank(network: &Network, damping: f64, tolerance: f64, rounds_max: u32) -> PageRank {
    let nodes = network.nodes();
    if nodes == 0 {
        return PageRank::default();
    }
    let reversed = network.reversed();
    let links: Vec<f64> = (0..nodes as u32)
        .map(|node| network.counts(node).iter().map(|&count| f64::from(count)).sum())
        .collect();
    let mut score = vec![1.0 / nodes as f64; nodes];
    for round in 1..=rounds_max {
        let idle: f64 =
            score.iter().zip(&links).filter(|(_, links)| **links == 0.0).map(|(it, _)| it).sum();
        // What each link of a node passes on, divided once a node and not once a link.
        let passed: Vec<f64> = score.iter().zip(&links).map(|(it, links)| it / links).collect();
        let everywhere = (1.0 - damping + damping * idle) / nodes as f64;
        let next: Vec<f64> = (0..nodes as u32)
            .into_par_iter()
            .map(|node| {
                let sources = reversed.neighbours(node).iter().zip(reversed.counts(node));
                let received: f64 =
                    sources.map(|(&from, &count)| passed[from as usize] * f64::from(count)).sum();
                everywhere + damping * received
            })
            .collect();
        let moved: f64 = score.iter().zip(&next).map(|(old, new)| (old - new).abs()).sum();
        score = next;
        if moved < tolerance {
            return PageRank { score, rounds: round, bound_met: false };
        }
    }
    PageRank { score, rounds: rounds_max, bound_met: true }
}
