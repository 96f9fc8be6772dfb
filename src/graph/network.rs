//! A small general graph over dense ids, for entities of several kinds.
//!
//! Accounts, parties, phones and premises are numbered `0..nodes` by whoever builds it; what a
//! number stands for and when a link held stay with the builder. Transfers have a graph of their
//! own that keeps every edge and its time.

/// Links between dense ids as sorted lists of neighbours; parallel links are one link with a
/// count.
///
/// Memory: 8 bytes for each end of a link, 4 a node.
///
/// ```
/// use moneytrail::graph::Network;
///
/// let network = Network::from_edges(3, &[(0, 1), (1, 0), (1, 2)]);
/// assert_eq!(network.neighbours(1), [0, 2]);
/// assert_eq!(network.counts(1), [2, 1]);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Network {
    directed: bool,
    starts: Vec<usize>,
    neighbour: Vec<u32>,
    count: Vec<u32>,
}

impl Network {
    /// Links without direction; a link of a node with itself stands once in its list. Pairs may
    /// come in any order. Cost: a sort of the pairs.
    ///
    /// # Panics
    ///
    /// If an end is not below `nodes`, here and below.
    pub fn from_edges(nodes: usize, edges: &[(u32, u32)]) -> Network {
        let turned = edges.iter().filter(|(from, to)| from != to).map(|&(from, to)| (to, from));
        Network::build(nodes, false, edges.iter().copied().chain(turned).collect())
    }

    /// Links from the first to the second of each pair. Cost: a sort of the pairs.
    pub fn directed_from_edges(nodes: usize, edges: &[(u32, u32)]) -> Network {
        Network::build(nodes, true, edges.to_vec())
    }

    fn build(nodes: usize, directed: bool, mut pairs: Vec<(u32, u32)>) -> Network {
        assert!(nodes < u32::MAX as usize, "node ids fit 32 bits");
        pairs.sort_unstable();
        let mut network = Network { directed, starts: vec![0; nodes + 1], ..Network::default() };
        for same in pairs.chunk_by(|left, right| left == right) {
            let (from, to) = same[0];
            assert!((from as usize) < nodes && (to as usize) < nodes, "both ends are nodes");
            network.starts[from as usize + 1] += 1;
            network.neighbour.push(to);
            network.count.push(u32::try_from(same.len()).unwrap_or(u32::MAX));
        }
        for node in 0..nodes {
            network.starts[node + 1] += network.starts[node];
        }
        network
    }

    /// Number of nodes; ids are `0..nodes()`.
    pub fn nodes(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of links, parallel ones counted once.
    pub fn edges(&self) -> usize {
        if self.directed {
            return self.neighbour.len();
        }
        let own = (0..self.nodes() as u32).filter(|node| self.has_edge(*node, *node)).count();
        (self.neighbour.len() + own) / 2
    }

    /// True when links go from one end to the other.
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// The other ends of a node's links, ascending; those it points to when directed.
    pub fn neighbours(&self, node: u32) -> &[u32] {
        &self.neighbour[self.starts[node as usize]..self.starts[node as usize + 1]]
    }

    /// How many parallel links each entry of [`Network::neighbours`] stands for.
    pub fn counts(&self, node: u32) -> &[u32] {
        &self.count[self.starts[node as usize]..self.starts[node as usize + 1]]
    }

    /// Number of distinct neighbours, itself included if it links to itself.
    pub fn degree(&self, node: u32) -> usize {
        self.neighbours(node).len()
    }

    /// True when there is such a link. Cost: a binary search.
    pub fn has_edge(&self, from: u32, to: u32) -> bool {
        self.neighbours(from).binary_search(&to).is_ok()
    }

    /// Each link once, ascending; without direction, the smaller end first.
    pub fn edge_pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.nodes() as u32).flat_map(move |from| {
            let ends = self.neighbours(from).iter().copied();
            ends.filter(move |to| self.directed || from <= *to).map(move |to| (from, to))
        })
    }

    /// The same links the other way round; a network without direction is its own reverse.
    /// Cost: linear.
    pub fn reversed(&self) -> Network {
        if !self.directed {
            return self.clone();
        }
        let mut starts = vec![0; self.starts.len()];
        for &to in &self.neighbour {
            starts[to as usize + 1] += 1;
        }
        for node in 0..self.nodes() {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut neighbour = vec![0; self.neighbour.len()];
        let mut count = vec![0; self.count.len()];
        for from in 0..self.nodes() as u32 {
            for (&to, &links) in self.neighbours(from).iter().zip(self.counts(from)) {
                let slot = &mut next[to as usize];
                neighbour[*slot] = from;
                count[*slot] = links;
                *slot += 1;
            }
        }
        Network { directed: true, starts, neighbour, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_links_are_counted_and_self_links_stand_once() {
        let network = Network::from_edges(4, &[(2, 1), (1, 2), (1, 1), (0, 1)]);
        assert_eq!(network.neighbours(1), [0, 1, 2]);
        assert_eq!(network.counts(1), [1, 1, 2]);
        assert_eq!(network.neighbours(3), [] as [u32; 0]);
        assert_eq!(network.edges(), 3);
        assert_eq!(network.edge_pairs().collect::<Vec<_>>(), [(0, 1), (1, 1), (1, 2)]);
        assert_eq!(network.reversed(), network);
    }

    #[test]
    fn a_directed_network_turns_round_and_back() {
        let network = Network::directed_from_edges(3, &[(2, 0), (0, 1), (2, 0), (2, 2)]);
        let reversed = network.reversed();
        assert_eq!(reversed.edge_pairs().collect::<Vec<_>>(), [(0, 2), (1, 0), (2, 2)]);
        assert_eq!(reversed.counts(0), [2]);
        assert_eq!(reversed.reversed(), network);
        assert_eq!(network.edges(), 3);
    }

    #[test]
    fn nothing_is_a_network_too() {
        assert_eq!(Network::from_edges(0, &[]).nodes(), 0);
        assert_eq!(Network::default().edges(), 0);
    }
}
