//! What single rows of the tables say: whose an account is.

use super::Holdings;

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
