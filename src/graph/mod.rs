//! Dense `u32` ids and a time-ordered index over transfers. No analysis lives here.

use crate::error::Result;
use crate::store::Case;

/// Every transfer of a case as an edge between accounts, both directions indexed.
#[derive(Debug)]
pub struct TransferGraph {}

impl TransferGraph {
    /// Builds the graph from the case's transfers.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn from_case(_case: &Case) -> Result<TransferGraph> {
        Ok(TransferGraph {})
    }
}
