//! How many links apart: breadth-first distances.

use std::collections::VecDeque;

use crate::graph::Network;
use crate::model::NONE;

/// Smallest number of links from any of `sources` to each node, [`NONE`] where more than
/// `hops_max` or no path. Follows directions where the network has them. Cost: linear in what is
/// reached.
///
/// ```
/// use moneytrail::graph::{Network, hops};
/// use moneytrail::model::NONE;
///
/// let chain = Network::from_edges(4, &[(0, 1), (1, 2), (2, 3)]);
/// assert_eq!(hops(&chain, &[0], 2), [0, 1, 2, NONE]);
/// ```
pub fn hops(network: &Network, sources: &[u32], hops_max: u32) -> Vec<u32> {
    let mut distance = vec![NONE; network.nodes()];
    let mut queue = VecDeque::new();
    for &source in sources {
        distance[source as usize] = 0;
        queue.push_back(source);
    }
    while let Some(node) = queue.pop_front() {
        let reached = distance[node as usize];
        if reached == hops_max {
            continue;
        }
        for &neighbour in network.neighbours(node) {
            if distance[neighbour as usize] == NONE {
                distance[neighbour as usize] = reached + 1;
                queue.push_back(neighbour);
            }
        }
    }
    distance
}
