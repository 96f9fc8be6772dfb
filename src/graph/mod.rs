//! Dense `u32` ids and a time-ordered index over transfers. No analysis lives here.
//!
//! [`TransferGraph`] indexes every transfer of a case from both ends; [`View`] shows it to
//! petgraph's algorithms without a copy. [`Network`] is the small general graph that joins
//! entities of several kinds. [`walks()`] lists walks over transfers and
//! ties alike. `algorithms/` holds what petgraph lacks, over dense ids and on
//! stacks of their own, since a chain in a real case is longer than a thread's stack.

mod algorithms;
mod network;
mod transfer_graph;
mod views;
mod walks;

pub use algorithms::{
    Betweenness, PageRank, SampledBetweenness, betweenness, betweenness_from, bridges,
    components_of, connected_components, cut_vertices, hops, page_rank, page_rank_after,
    sampled_betweenness,
};
pub use network::Network;
pub use transfer_graph::{Edge, Edges, Reach, Slots, TransferGraph};
pub use views::{NodeSet, TransferEdge, View};
pub use walks::{
    Asked, Distinct, KeepFirst, Links, Met, NO_AMOUNT, NO_TIME, Place, Rules, ShareAbove,
    TimeOrder, Walks, Way, walks,
};
