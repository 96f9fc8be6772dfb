//! Where a fact was read.

use serde::{Deserialize, Serialize};

/// One record of one source. Every figure on any output leads back to some of these.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
pub struct SourceRef {
    /// Row of the `sources` table, from 0, in case-file order.
    pub source: u32,
    /// Physical line on which the record starts, from 1, or the record's number in files
    /// without lines.
    pub line: u32,
}
