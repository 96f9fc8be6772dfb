//! Graph algorithms over dense ids, one file each; what petgraph has and does well stays its own.

mod betweenness;
mod components;
mod cut_vertices;
mod hops;
mod page_rank;
mod sampled_betweenness;

pub use betweenness::{Betweenness, betweenness, betweenness_from};
pub use components::{components_of, connected_components};
pub use cut_vertices::{bridges, cut_vertices};
pub use hops::hops;
pub use page_rank::{PageRank, page_rank, page_rank_after};
pub use sampled_betweenness::{SampledBetweenness, sampled_betweenness};
