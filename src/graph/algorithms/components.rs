//! Which nodes hang together, by union of the ends of every link.
//!
//! Rem's union by index: every node points to a smaller one of its set or to itself, and a walk
//! towards the roots splices one path into the other as it goes, so that no second pass
//! shortens it. The root of a set is its smallest node, whatever the order of links.
//!
//! Source: M. Patwary, J. Blair, F. Manne, Experiments on union-find algorithms for the
//! disjoint-set data structure, SEA 2010, LNCS 6049, 411–423.

use crate::graph::Network;

/// For each node, the smallest node it hangs together with, whatever the direction of links and
/// their order. Cost: nearly linear.
///
/// # Panics
///
/// If an end of a link is not below `nodes`.
///
/// ```
/// use moneytrail::graph::components_of;
///
/// assert_eq!(components_of(5, [(3, 1), (4, 3)]), [0, 1, 2, 1, 1]);
/// ```
pub fn components_of(nodes: usize, edges: impl IntoIterator<Item = (u32, u32)>) -> Vec<u32> {
    assert!(nodes < u32::MAX as usize, "node ids fit 32 bits");
    let mut parent: Vec<u32> = (0..nodes as u32).collect();
    for (from, to) in edges {
        join(&mut parent, from, to);
    }
    // Parents are smaller than their children, so theirs are final when a child is reached.
    for node in 0..nodes {
        parent[node] = parent[parent[node] as usize];
    }
    parent
}

fn join(parent: &mut [u32], from: u32, to: u32) {
    let (mut low, mut high) = (from as usize, to as usize);
    while parent[low] != parent[high] {
        if parent[low] > parent[high] {
            (low, high) = (high, low);
        }
        let above = parent[high];
        parent[high] = parent[low];
        if above as usize == high {
            return;
        }
        high = above as usize;
    }
}

/// [`components_of`] for a network.
pub fn connected_components(network: &Network) -> Vec<u32> {
    components_of(network.nodes(), network.edge_pairs())
}

#[cfg(test)]
mod tests {
    use petgraph::unionfind::UnionFind;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_those_of_a_plain_union_find(
            edges in prop::collection::vec((0..30_u32, 0..30_u32), 0..40),
        ) {
            let found = components_of(30, edges.iter().copied());
            let mut plain = UnionFind::<u32>::new(30);
            for (from, to) in edges {
                plain.union(from, to);
            }
            for node in 0..30_u32 {
                let own = plain.find(node);
                let smallest = (0..30_u32).find(|other| plain.find(*other) == own);
                prop_assert_eq!(Some(found[node as usize]), smallest);
            }
        }
    }
}
