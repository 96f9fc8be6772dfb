//! Which nodes hang together, by union of the ends of every link.
//!
//! The union-find is petgraph's; here it gets labels that do not depend on the order of links.

use petgraph::unionfind::UnionFind;

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
    let mut sets = UnionFind::<u32>::new(nodes);
    for (from, to) in edges {
        sets.union(from, to);
    }
    let roots = sets.into_labeling();
    let mut smallest = vec![u32::MAX; nodes];
    roots
        .iter()
        .enumerate()
        .map(|(node, &root)| {
            // Nodes come in ascending order, so the first of a set is its smallest.
            let label = &mut smallest[root as usize];
            *label = (*label).min(node as u32);
            *label
        })
        .collect()
}

/// [`components_of`] for a network.
pub fn connected_components(network: &Network) -> Vec<u32> {
    components_of(network.nodes(), network.edge_pairs())
}
