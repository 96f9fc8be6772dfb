//! The transfer graph as petgraph's algorithms read it, without a copy.
//!
//! A [`View`] is a reference with a choice: directed or not, and whether the unidentified far
//! ends are in it. Node ids are rows of `accounts`, edge ids rows of `transfers`. Parallel edges
//! are as many edges; an undirected view shows a self-transfer once.

use std::marker::PhantomData;

use petgraph::visit::{
    Data, EdgeCount, EdgeRef, GraphBase, GraphProp, GraphRef, IntoEdgeReferences, IntoEdges,
    IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers,
    NodeCompactIndexable, NodeCount, NodeIndexable, VisitMap, Visitable,
};
use petgraph::{Directed, Direction, EdgeType, Incoming, Outgoing, Undirected};

use crate::graph::{Edges, TransferGraph};

/// The transfer graph as a graph of petgraph: `Way` is directed or undirected, `EVERY` is true
/// when unidentified far ends are nodes of it too.
///
/// ```
/// use moneytrail::graph::TransferGraph;
/// use petgraph::algo::has_path_connecting;
///
/// // Accounts 0 and 2 both deal with node 1, a far end that no record names.
/// let unidentified = vec![false, true, false];
/// let graph = TransferGraph::from_columns(3, &[0, 1], &[1, 2], &[10, 20], unidentified);
/// assert!(has_path_connecting(graph.every_node(), 0, 2, None));
/// assert!(!has_path_connecting(graph.identified(), 0, 2, None));
/// ```
#[derive(Debug)]
pub struct View<'a, Way, const EVERY: bool> {
    graph: &'a TransferGraph,
    way: PhantomData<Way>,
}

impl<Way, const EVERY: bool> Clone for View<'_, Way, EVERY> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Way, const EVERY: bool> Copy for View<'_, Way, EVERY> {}

impl TransferGraph {
    /// From payer to paid among the accounts the records identify: the view for paths,
    /// components and centralities.
    pub fn identified(&self) -> View<'_, Directed, false> {
        View { graph: self, way: PhantomData }
    }

    /// The same without direction.
    pub fn identified_undirected(&self) -> View<'_, Undirected, false> {
        View { graph: self, way: PhantomData }
    }

    /// From payer to paid, unidentified far ends included.
    pub fn every_node(&self) -> View<'_, Directed, true> {
        View { graph: self, way: PhantomData }
    }

    /// The same without direction.
    pub fn every_node_undirected(&self) -> View<'_, Undirected, true> {
        View { graph: self, way: PhantomData }
    }
}

/// A transfer as an edge of petgraph; its weight is the row of `transfers`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TransferEdge {
    /// The end the walk comes from: the payer, except where a view without direction or an
    /// incoming edge is read from the other end.
    pub source: u32,
    /// The end the walk goes to.
    pub target: u32,
    /// Milliseconds since 1970 UTC.
    pub time_ms: i64,
    /// Row of `transfers`.
    pub transfer: u32,
}

impl EdgeRef for TransferEdge {
    type NodeId = u32;
    type EdgeId = u32;
    type Weight = u32;

    fn source(&self) -> u32 {
        self.source
    }

    fn target(&self) -> u32 {
        self.target
    }

    fn weight(&self) -> &u32 {
        &self.transfer
    }

    fn id(&self) -> u32 {
        self.transfer
    }
}

/// Which nodes a traversal has met, one bit each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NodeSet(Vec<u64>);

impl NodeSet {
    /// An empty set for nodes below `nodes`.
    pub fn new(nodes: usize) -> NodeSet {
        NodeSet(vec![0; nodes.div_ceil(64)])
    }
}

impl VisitMap<u32> for NodeSet {
    fn visit(&mut self, node: u32) -> bool {
        let fresh = !self.is_visited(&node);
        self.0[node as usize / 64] |= 1 << (node % 64);
        fresh
    }

    fn is_visited(&self, node: &u32) -> bool {
        self.0[*node as usize / 64] >> (node % 64) & 1 == 1
    }

    fn unvisit(&mut self, node: u32) -> bool {
        let was_in = self.is_visited(&node);
        self.0[node as usize / 64] &= !(1 << (node % 64));
        was_in
    }
}

impl<'a, Way, const EVERY: bool> View<'a, Way, EVERY> {
    fn has(self, node: u32) -> bool {
        EVERY || !self.graph.is_unidentified(node)
    }

    fn one_way(self, node: u32, direction: Direction) -> Option<Edges<'a>> {
        self.has(node).then(|| match direction {
            Outgoing => self.graph.out_edges(node),
            Incoming => self.graph.in_edges(node),
        })
    }

    /// The other ends of a node's edges; without direction, what came in follows what went out.
    fn others(self, node: u32, ways: Ways) -> impl Iterator<Item = u32> + use<'a, Way, EVERY> {
        let (first, second) = ways.of(self, node);
        let neighbours = |edges: Option<Edges<'a>>| edges.map_or(&[][..], |it| it.neighbours());
        neighbours(first)
            .iter()
            .chain(neighbours(second).iter().filter(move |other| **other != node))
            .copied()
            .filter(move |other| self.has(*other))
    }

    fn transfers_of(
        self,
        node: u32,
        ways: Ways,
    ) -> impl Iterator<Item = TransferEdge> + use<'a, Way, EVERY> {
        let (first, second) = ways.of(self, node);
        let turned = ways == Ways::Incoming;
        let first = first.into_iter().flat_map(|edges| edges.iter());
        let second = second.into_iter().flat_map(|edges| edges.iter());
        first
            .chain(second.filter(move |edge| edge.neighbour != node))
            .filter(move |edge| self.has(edge.neighbour))
            .map(move |edge| {
                let (source, target) =
                    if turned { (edge.neighbour, node) } else { (node, edge.neighbour) };
                TransferEdge { source, target, time_ms: edge.time_ms, transfer: edge.transfer }
            })
    }
}

/// Which of a node's two lists of edges are read.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Ways {
    Outgoing,
    Incoming,
    Both,
}

impl Ways {
    fn from<Way: EdgeType>(direction: Direction) -> Ways {
        match direction {
            _ if !Way::is_directed() => Ways::Both,
            Outgoing => Ways::Outgoing,
            Incoming => Ways::Incoming,
        }
    }

    fn of<'a, Way, const EVERY: bool>(
        self,
        view: View<'a, Way, EVERY>,
        node: u32,
    ) -> (Option<Edges<'a>>, Option<Edges<'a>>) {
        match self {
            Ways::Outgoing => (view.one_way(node, Outgoing), None),
            Ways::Incoming => (view.one_way(node, Incoming), None),
            Ways::Both => (view.one_way(node, Outgoing), view.one_way(node, Incoming)),
        }
    }
}

/// petgraph names iterator types, and those of closures have no name.
type Boxed<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

impl<Way, const EVERY: bool> GraphBase for View<'_, Way, EVERY> {
    type NodeId = u32;
    type EdgeId = u32;
}

impl<Way, const EVERY: bool> GraphRef for View<'_, Way, EVERY> {}

impl<Way, const EVERY: bool> Data for View<'_, Way, EVERY> {
    type NodeWeight = ();
    type EdgeWeight = u32;
}

impl<Way: EdgeType, const EVERY: bool> GraphProp for View<'_, Way, EVERY> {
    type EdgeType = Way;
}

impl<Way, const EVERY: bool> NodeIndexable for View<'_, Way, EVERY> {
    fn node_bound(&self) -> usize {
        self.graph.nodes()
    }

    fn to_index(&self, node: u32) -> usize {
        node as usize
    }

    fn from_index(&self, at: usize) -> u32 {
        at as u32
    }
}

impl<Way, const EVERY: bool> NodeCount for View<'_, Way, EVERY> {
    fn node_count(&self) -> usize {
        if EVERY { self.graph.nodes() } else { self.graph.identified_nodes() }
    }
}

// Only the view with every node has ids without holes.
impl<Way> NodeCompactIndexable for View<'_, Way, true> {}

impl<Way, const EVERY: bool> EdgeCount for View<'_, Way, EVERY> {
    fn edge_count(&self) -> usize {
        if EVERY { self.graph.edges() } else { self.edge_references().count() }
    }
}

impl<Way, const EVERY: bool> Visitable for View<'_, Way, EVERY> {
    type Map = NodeSet;

    fn visit_map(&self) -> NodeSet {
        NodeSet::new(self.graph.nodes())
    }

    fn reset_map(&self, map: &mut NodeSet) {
        *map = self.visit_map();
    }
}

impl<'a, Way, const EVERY: bool> IntoNodeIdentifiers for View<'a, Way, EVERY>
where
    Way: 'a,
{
    type NodeIdentifiers = Boxed<'a, u32>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        Box::new((0..self.graph.nodes() as u32).filter(move |node| self.has(*node)))
    }
}

impl<'a, Way: EdgeType + 'a, const EVERY: bool> IntoNeighbors for View<'a, Way, EVERY> {
    type Neighbors = Boxed<'a, u32>;

    fn neighbors(self, node: u32) -> Self::Neighbors {
        self.neighbors_directed(node, Outgoing)
    }
}

impl<'a, Way: EdgeType + 'a, const EVERY: bool> IntoNeighborsDirected for View<'a, Way, EVERY> {
    type NeighborsDirected = Boxed<'a, u32>;

    fn neighbors_directed(self, node: u32, direction: Direction) -> Self::NeighborsDirected {
        Box::new(self.others(node, Ways::from::<Way>(direction)))
    }
}

impl<'a, Way: 'a, const EVERY: bool> IntoEdgeReferences for View<'a, Way, EVERY> {
    type EdgeRef = TransferEdge;
    type EdgeReferences = Boxed<'a, TransferEdge>;

    fn edge_references(self) -> Self::EdgeReferences {
        let nodes = 0..self.graph.nodes() as u32;
        Box::new(nodes.flat_map(move |node| self.transfers_of(node, Ways::Outgoing)))
    }
}

impl<'a, Way: EdgeType + 'a, const EVERY: bool> IntoEdges for View<'a, Way, EVERY> {
    type Edges = Boxed<'a, TransferEdge>;

    fn edges(self, node: u32) -> Self::Edges {
        self.edges_directed(node, Outgoing)
    }
}

impl<'a, Way: EdgeType + 'a, const EVERY: bool> IntoEdgesDirected for View<'a, Way, EVERY> {
    type EdgesDirected = Boxed<'a, TransferEdge>;

    fn edges_directed(self, node: u32, direction: Direction) -> Self::EdgesDirected {
        Box::new(self.transfers_of(node, Ways::from::<Way>(direction)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use petgraph::algo::{
        connected_components, dijkstra, has_path_connecting, is_cyclic_directed, kosaraju_scc,
        toposort,
    };
    use petgraph::visit::Bfs;

    use super::*;

    /// 0 → 1 → 2 → 0 with 1 → 2 twice, 2 → 3, 3 → 3, and 4 an unidentified far end of 3 and 5.
    fn graph() -> TransferGraph {
        let from = [0, 1, 1, 2, 2, 3, 3, 4];
        let to = [1, 2, 2, 0, 3, 3, 4, 5];
        let time_ms = [0, 10, 20, 30, 40, 50, 60, 70];
        let unidentified = vec![false, false, false, false, true, false];
        TransferGraph::from_columns(6, &from, &to, &time_ms, unidentified)
    }

    fn sorted(mut parts: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
        parts.iter_mut().for_each(|part| part.sort_unstable());
        parts.sort();
        parts
    }

    #[test]
    fn petgraph_finds_cycles_and_components() {
        let graph = graph();
        let parts: [&[u32]; 4] = [&[0, 1, 2], &[3], &[4], &[5]];
        assert_eq!(sorted(kosaraju_scc(graph.every_node())), parts);
        let parts: [&[u32]; 3] = [&[0, 1, 2], &[3], &[5]];
        assert_eq!(sorted(kosaraju_scc(graph.identified())), parts);
        assert_eq!(connected_components(graph.every_node_undirected()), 1);
        let parts: [&[u32]; 2] = [&[0, 1, 2, 3], &[5]];
        assert_eq!(sorted(kosaraju_scc(graph.identified_undirected())), parts);
        assert!(is_cyclic_directed(graph.identified()));
    }

    #[test]
    fn petgraph_finds_paths_but_never_through_an_unidentified_far_end() {
        let graph = graph();
        assert!(has_path_connecting(graph.every_node(), 0, 5, None));
        assert!(!has_path_connecting(graph.identified(), 0, 5, None));
        assert!(!has_path_connecting(graph.identified(), 3, 0, None));
        assert!(has_path_connecting(graph.identified_undirected(), 3, 0, None));
        let waits: BTreeMap<u32, i64> =
            dijkstra(graph.identified(), 1, None, |edge| edge.time_ms).into_iter().collect();
        assert_eq!(waits, BTreeMap::from([(1, 0), (2, 10), (0, 40), (3, 50)]));
        let mut walk = Bfs::new(graph.identified(), 4);
        assert_eq!(walk.next(graph.identified()), Some(4));
        assert_eq!(walk.next(graph.identified()), None);
    }

    #[test]
    fn petgraph_orders_what_has_no_cycle() {
        let chain = TransferGraph::from_columns(3, &[2, 0], &[0, 1], &[5, 5], vec![false; 3]);
        assert_eq!(toposort(chain.identified(), None).unwrap(), [2, 0, 1]);
    }

    #[test]
    fn counts_and_ends_are_those_of_the_view() {
        let graph = graph();
        assert_eq!((graph.every_node().node_count(), graph.every_node().edge_count()), (6, 8));
        assert_eq!((graph.identified().node_count(), graph.identified().edge_count()), (5, 6));
        let of = |edges: Boxed<'_, TransferEdge>| -> Vec<(u32, u32, u32)> {
            edges.map(|edge| (edge.source, edge.target, edge.transfer)).collect()
        };
        let view = graph.identified();
        assert_eq!(of(view.edges_directed(2, Incoming)), [(1, 2, 1), (1, 2, 2)]);
        assert_eq!(of(view.edges(2)), [(2, 0, 3), (2, 3, 4)]);
        let both = graph.identified_undirected();
        assert_eq!(of(both.edges(3)), [(3, 3, 5), (3, 2, 4)]);
        assert_eq!(both.neighbors(2).collect::<Vec<_>>(), [0, 3, 1, 1]);
        assert!(!both.is_directed() && view.is_directed());
    }

    #[test]
    fn a_chain_longer_than_a_stack_is_walked() {
        let nodes = 300_000_u32;
        let from: Vec<u32> = (0..nodes - 1).collect();
        let to: Vec<u32> = (1..nodes).collect();
        let time_ms: Vec<i64> = (0..i64::from(nodes) - 1).collect();
        let unidentified = vec![false; nodes as usize];
        let chain = TransferGraph::from_columns(nodes as usize, &from, &to, &time_ms, unidentified);
        assert_eq!(kosaraju_scc(chain.identified()).len(), nodes as usize);
    }
}
