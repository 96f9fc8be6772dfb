//! What single rows of the tables say: whose an account is, the lines of a lease, how a source ref
//! is written.

use super::{Holdings, Leases, Places};
use crate::model::SourceRef;

impl Holdings {
    /// Whether the account counts as the party's own by a role: alone, jointly, behind another
    /// name, or as a holder of no stated role.
    pub fn is_own(&self, row: usize) -> bool {
        self.is_in_own_name(row) || self.role.get(row) == "beneficial-owner"
    }

    /// The same, where the account is in the party's own name.
    pub fn is_in_own_name(&self, row: usize) -> bool {
        matches!(self.role.get(row), "owner" | "joint" | "holder")
    }
}

impl Leases {
    /// Every line that tells of a lease, with the lease's row: (row, source, line). A lease whose
    /// people stand in a row each has several. Cost: one pass.
    pub fn lines(&self) -> Vec<(u32, u32, u32)> {
        let mut lines = Vec::with_capacity(self.line.len());
        for row in 0..self.line.len() {
            let further = self.further_lines.get(row).split(';').filter_map(|one| one.parse().ok());
            let all = std::iter::once(self.line[row]).chain(further);
            lines.extend(all.map(|line| (row as u32, self.source[row], line)));
        }
        lines
    }
}

impl Places {
    /// How a source ref is written: `path:line`, or `path#number (place)` where the number of a
    /// record is not its line. Cost: two searches.
    pub fn words(&self, source: &str, at: SourceRef) -> String {
        let from = self.source.partition_point(|one| *one < at.source);
        let to = self.source.partition_point(|one| *one <= at.source);
        match self.line[from..to].binary_search(&at.line) {
            Ok(found) => format!("{source}#{} ({})", at.line, self.place.get(from + found)),
            Err(_) => format!("{source}:{}", at.line),
        }
    }
}
