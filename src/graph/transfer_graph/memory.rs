//! What the graph over transfers takes of memory, counted and not estimated.

use super::index::Index;
use super::{Clock, TransferGraph};

impl TransferGraph {
    /// Bytes of memory that it holds.
    pub fn bytes(&self) -> usize {
        let listed = match &self.clock {
            Clock::Even { .. } => 0,
            Clock::Listed(times) => size_of_val(times.as_slice()),
        };
        listed + self.unidentified.len() + self.outgoing.bytes() + self.incoming.bytes()
    }
}

impl Index {
    fn bytes(&self) -> usize {
        let columns = [&self.starts, &self.neighbour, &self.tick, &self.transfer];
        columns.iter().map(|column| size_of_val(column.as_slice())).sum()
    }
}
