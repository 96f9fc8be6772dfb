//! Wages out of an account that several hold: told once where they are the same for each, and
//! with what two instances share where they are not.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::total_minor;
use crate::error::Result;
use crate::model::Currency;

use super::Found;

/// What makes instances of two employers the same one.
type Same = (Currency, Vec<u32>, BTreeSet<u32>, i64, i64);

/// Puts instances of the same wages and of what went back of them together. Cost: a sort.
pub(super) fn same_wages_once(found: Vec<Found>) -> Vec<Found> {
    let mut once: BTreeMap<Same, Found> = BTreeMap::new();
    for mut one in found {
        let (transfers, workers) = (one.transfers.clone(), one.workers.clone());
        let same = (one.currency, transfers, workers, one.wages, one.back);
        match once.get_mut(&same) {
            Some(known) => {
                known.people.append(&mut one.people);
                known.people.sort_unstable();
            }
            None => {
                once.insert(same, one);
            }
        }
    }
    once.into_values().collect()
}

/// Says of each instance how much of its wages stands in those before it, and whether it is a
/// further time for its account: what shares transfers with a time that was counted is none.
pub(super) fn note_listed_before(found: &mut [Found]) -> Result<()> {
    let mut listed: BTreeSet<u32> = BTreeSet::new();
    let mut counted: BTreeSet<(u32, u32)> = BTreeSet::new();
    for one in found {
        let before = one.paid.iter().filter(|paid| listed.contains(&paid.0));
        one.listed_before = total_minor(before.map(|paid| paid.1))?;
        listed.extend(one.paid.iter().map(|paid| paid.0));
        let of_candidate = |transfer: &u32| (one.accounts[0], *transfer);
        one.again = one.transfers.iter().any(|it| counted.contains(&of_candidate(it)));
        if !one.again {
            counted.extend(one.transfers.iter().map(of_candidate));
        }
    }
    Ok(())
}
