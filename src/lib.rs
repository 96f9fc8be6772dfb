//! Follows the money through bank, phone and lease records, and shows the source line behind
//! every figure.
//!
//! The map of the crate is `src/README.md`; layers come lowest first and a module uses only
//! those before it.

pub mod analyses;
pub mod case;
pub mod cli;
pub mod error;
pub mod exports;
pub mod findings;
pub mod generate;
pub mod graph;
pub mod interrupt;
pub mod model;
pub mod normalise;
pub mod query;
pub mod records;
pub mod store;
pub mod timings;

pub use error::{Error, Result};
