//! Which payment each reversal undoes: one of those that the records tie it to.
//!
//! The store lists every payment that fits. Here one of them is followed, each no further than its
//! amount, and what is not followed says why: a reversal that is taken for a payment of its own
//! would leave the first one standing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::analyses::detail_row;
use crate::error::Result;
use crate::model::{NONE, SourceRef};
use crate::normalise::BY_AMOUNT;
use crate::store::{Accounts, Case, Details, Transfers};

/// A transfer that a record says is a payment on its way back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Returned {
    /// Row of `transfers`.
    pub transfer: u32,
    /// Row of the payment that it is followed as undoing.
    pub original: Option<u32>,
    /// What ties the two, with how many payments fit; else why none is followed.
    pub why: String,
}

/// What is looked at.
struct Looking<'a> {
    transfers: &'a Transfers,
    accounts: &'a Accounts,
    details: &'a Details,
    /// By account, whether a statement of it is held.
    is_held: &'a dyn Fn(u32) -> bool,
}

/// The reversals of a case, by row of `transfers`. `amount` gives what of a transfer moves in the
/// currency that is traced, none where nothing does. Cost: linear in the rows of `reversals`, and a
/// sort.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn returned(
    case: &Case,
    amount: impl Fn(u32) -> Option<i64>,
    is_held: &dyn Fn(u32) -> bool,
) -> Result<Vec<Returned>> {
    let table = case.reversals()?;
    let (transfers, accounts, details) = (case.transfers()?, case.accounts()?, case.details()?);
    let looking = Looking { transfers, accounts, details, is_held };
    let mut fits: BTreeMap<u32, Vec<(u32, &str)>> = BTreeMap::new();
    for at in 0..table.transfer.len() {
        let of = fits.entry(table.transfer[at]).or_default();
        of.push((table.original[at], table.why.get(at)));
    }
    // The latest first, each with the latest that fits: so all find one where all can.
    let mut order: Vec<u32> = fits.keys().copied().collect();
    order.sort_by_key(|row| Reverse((transfers.day[*row as usize], *row)));
    let mut left: HashMap<u32, i64> = HashMap::default();
    let mut found = Vec::new();
    for transfer in order {
        let Some(moves) = amount(transfer) else { continue };
        let mut originals = fits.remove(&transfer).unwrap_or_default();
        originals.sort_by_key(|(row, _)| match *row {
            NONE => (Reverse(i32::MIN), NONE),
            row => (Reverse(transfers.day[row as usize]), row),
        });
        let mut why = "which payment that was is not known".to_owned();
        let mut original = None;
        for (row, tie) in originals.into_iter().filter(|(row, _)| *row != NONE) {
            let Some(whole) = amount(row) else { continue };
            if !looking.goes_back(transfer, row, tie) {
                why = "the payment that it is tied to has other ends".to_owned();
                continue;
            }
            let left = left.entry(row).or_insert(whole);
            if *left < moves {
                why = "the payment that it is tied to has come back already".to_owned();
                continue;
            }
            *left -= moves;
            (original, why) = (Some(row), tie.to_owned());
            break;
        }
        found.push(Returned { transfer, original, why });
    }
    found.sort_by_key(|one| one.transfer);
    Ok(found)
}

impl Looking<'_> {
    /// True when a transfer goes the way that another came, as far as the records name its ends:
    /// what stands at one end of either may be a text alone, as of `RETURNED CHECK 1042`.
    fn goes_back(&self, transfer: u32, original: u32, tie: &str) -> bool {
        let (row, of) = (transfer as usize, original as usize);
        let (from, to) = (&self.transfers.from_account, &self.transfers.to_account);
        match (from[row] == to[of], to[row] == from[of]) {
            (true, true) => true,
            (true, false) => self.may_be_one((to[row], from[of]), (row, of), tie),
            (false, true) => self.may_be_one((from[row], to[of]), (row, of), tie),
            (false, false) => false,
        }
    }

    /// Whether two far ends of which nothing is held may be one: one of them is no account, and
    /// where only the amount ties the two records, these do not name two counterparties.
    fn may_be_one(&self, ends: (u32, u32), rows: (usize, usize), tie: &str) -> bool {
        let is_text = |account: u32| self.accounts.kind.get(account as usize) == "unidentified";
        let outside = !(self.is_held)(ends.0) && !(self.is_held)(ends.1);
        let two_named = tie.starts_with(BY_AMOUNT) && self.names(rows.0) && self.names(rows.1);
        outside && (is_text(ends.0) || is_text(ends.1)) && !two_named
    }

    /// Whether a transfer's first record names a counterparty.
    fn names(&self, row: usize) -> bool {
        let (source, line) = (self.transfers.source[row], self.transfers.line[row]);
        let detail = detail_row(self.details, SourceRef { source, line });
        detail.is_some_and(|at| !self.details.counterparty.get(at).is_empty())
    }
}
