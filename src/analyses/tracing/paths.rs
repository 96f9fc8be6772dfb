//! The traced transfers that lie on a path to some accounts.

use std::collections::BTreeSet;

use super::traces::Traces;
use crate::error::Result;
use crate::model::EntityKind;
use crate::store::Case;

/// The account of that name, or the accounts that are a party's own.
///
/// # Errors
///
/// [`crate::Error::Unknown`] with the nearest names, [`crate::Error::Usage`] where several fit.
pub fn accounts_named(case: &Case, name: &str) -> Result<BTreeSet<u32>> {
    let found = case.find_one(name, &[EntityKind::Account, EntityKind::Party])?;
    if found.kind == EntityKind::Account {
        return Ok(BTreeSet::from([found.row]));
    }
    let holdings = case.holdings()?;
    let mine = (0..holdings.account.len())
        .filter(|row| holdings.party[*row] == found.row && holdings.is_own(*row));
    Ok(mine.map(|row| holdings.account[row]).collect())
}

/// Movements that can carry something on a path which ends in one of the accounts, sorted: found
/// backward in the order of posting, so that each leads on in time. Cost: linear in them.
pub fn ending_in(traces: &Traces, accounts: &BTreeSet<u32>) -> Vec<u32> {
    let mut wanted = accounts.clone();
    let mut kept = Vec::new();
    for (movement, _) in traces.bounded.carried.iter().rev() {
        let row = *movement as usize;
        if wanted.contains(&traces.of.ledger.to[row]) {
            wanted.insert(traces.of.ledger.from[row]);
            kept.push(*movement);
        }
    }
    kept.sort_unstable();
    kept.dedup();
    kept
}
