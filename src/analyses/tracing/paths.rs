//! The traced transfers that lie on a path to some accounts.

use std::collections::{BTreeMap, BTreeSet};

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
    // By account, the last place at which money leaves it for one of the accounts.
    let mut until: BTreeMap<u32, u32> = accounts.iter().map(|one| (*one, u32::MAX)).collect();
    let mut kept = Vec::new();
    for (movement, _) in traces.bounded.carried.iter().rev() {
        let row = *movement as usize;
        let Some(leaves) = traces.place(*movement) else { continue };
        let arrives = traces.arrival(*movement).unwrap_or(u32::MAX);
        let leads_on = until.get(&traces.of.ledger.to[row]);
        // Money leaves and arrives at one place where both are one posting.
        if leads_on.is_some_and(|last| arrives < *last || *last == u32::MAX) {
            until.entry(traces.of.ledger.from[row]).or_insert(leaves);
            // What comes back does so from where its original went, under whatever name.
            if let Some(original) = traces.bounded.undoing.get(movement) {
                until.entry(traces.of.ledger.to[*original as usize]).or_insert(leaves);
            }
            kept.push(*movement);
        }
    }
    kept.sort_unstable();
    kept.dedup();
    kept
}
