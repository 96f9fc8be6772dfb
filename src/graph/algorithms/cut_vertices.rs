//! Cut vertices and bridges: the nodes and links without which a network falls apart.
//!
//! Parallel links are one link here: a bridge is a relation of two entities, however many
//! records state it.
//!
//! Source: J. Hopcroft, R. Tarjan, Algorithm 447: efficient algorithms for graph manipulation,
//! Communications of the ACM 16 (1973) 372–378.

use crate::graph::Network;
use crate::model::NONE;

/// Nodes whose removal leaves more components than there were, ascending. Cost: linear.
///
/// # Panics
///
/// If the network is directed: falling apart is a matter of links, not of their direction.
///
/// ```
/// use moneytrail::graph::{Network, bridges, cut_vertices};
///
/// let chain = Network::from_edges(3, &[(0, 1), (1, 2)]);
/// assert_eq!(cut_vertices(&chain), [1]);
/// assert_eq!(bridges(&chain), [(0, 1), (1, 2)]);
/// ```
pub fn cut_vertices(network: &Network) -> Vec<u32> {
    let mut is_cut = vec![false; network.nodes()];
    walk(network, |step| match step {
        Step::RootDone { root, branches } => is_cut[root as usize] = branches > 1,
        Step::Back { parent, parent_seen, lowest, root, .. } => {
            if parent != root && lowest >= parent_seen {
                is_cut[parent as usize] = true;
            }
        }
    });
    (0..network.nodes() as u32).filter(|node| is_cut[*node as usize]).collect()
}

/// Links whose removal leaves more components than there were: smaller end first, ascending.
/// Cost: linear, and a sort of the bridges.
///
/// # Panics
///
/// As [`cut_vertices`].
pub fn bridges(network: &Network) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    walk(network, |step| {
        if let Step::Back { parent, parent_seen, child, lowest, .. } = step
            && lowest > parent_seen
        {
            found.push((parent.min(child), parent.max(child)));
        }
    });
    found.sort_unstable();
    found
}

enum Step {
    /// A branch below `parent` is walked; `lowest` is the earliest node that it reaches.
    Back { root: u32, parent: u32, parent_seen: u32, child: u32, lowest: u32 },
    /// Everything that hangs together with `root` is walked.
    RootDone { root: u32, branches: u32 },
}

/// One node of the path from the root, with the place in its list where the walk goes on.
struct Frame {
    node: u32,
    parent: u32,
    next: usize,
}

/// Depth first over every component, on a stack of its own.
fn walk(network: &Network, mut tell: impl FnMut(Step)) {
    assert!(!network.is_directed(), "cut vertices are those of a network without direction");
    let mut seen = vec![NONE; network.nodes()];
    let mut lowest = vec![NONE; network.nodes()];
    let mut clock = 0;
    let mut stack: Vec<Frame> = Vec::new();
    for root in 0..network.nodes() as u32 {
        if seen[root as usize] != NONE {
            continue;
        }
        let mut branches = 0;
        (seen[root as usize], lowest[root as usize]) = (clock, clock);
        clock += 1;
        stack.push(Frame { node: root, parent: NONE, next: 0 });
        while let Some(frame) = stack.last_mut() {
            let (node, parent) = (frame.node, frame.parent);
            if let Some(&neighbour) = network.neighbours(node).get(frame.next) {
                frame.next += 1;
                if seen[neighbour as usize] == NONE {
                    (seen[neighbour as usize], lowest[neighbour as usize]) = (clock, clock);
                    clock += 1;
                    stack.push(Frame { node: neighbour, parent: node, next: 0 });
                } else if neighbour != parent {
                    let reached = seen[neighbour as usize];
                    lowest[node as usize] = lowest[node as usize].min(reached);
                }
                continue;
            }
            stack.pop();
            if parent != NONE {
                let low = lowest[node as usize];
                lowest[parent as usize] = lowest[parent as usize].min(low);
                branches += u32::from(parent == root);
                let parent_seen = seen[parent as usize];
                tell(Step::Back { root, parent, parent_seen, child: node, lowest: low });
            }
        }
        tell(Step::RootDone { root, branches });
    }
}
