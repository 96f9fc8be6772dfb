//! By how much the first balance stated after a gap differs from the one carried over it.
//!
//! Found once, in the order as stated: a running balance stands at its place in the statement, and
//! in another order of its day it would be set against another sum.

use foldhash::HashMap;

use super::ledger::{End, Ledger, half_of};

/// Where a gap is settled.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Moment {
    /// Before the first posting of the day on which an account's stretch begins.
    Begins(u32, usize),
    /// Right after a half; see [`half_of`].
    After(u64),
    /// After the last posting of the day on which an account's stretch ends.
    Ends(u32, usize),
}

/// Stated less carried, where a gap is settled and they differ. Cost: linear in postings where
/// some account has a gap.
pub fn settlements(ledger: &Ledger) -> HashMap<Moment, i64> {
    let mut accounts: HashMap<u32, Carried> = ledger
        .gapped()
        .map(|account| {
            let carried = ledger.opening(account).minor;
            (account, Carried { account, carried, stretch: 0, pending: false })
        })
        .collect();
    let mut found = HashMap::default();
    if accounts.is_empty() {
        return found;
    }
    ledger.order.each_half(|movement, end, day| {
        let row = movement as usize;
        let (account, signed) = match end {
            End::Debit => (ledger.from[row], -ledger.amount[row]),
            End::Credit => (ledger.to[row], ledger.amount[row]),
        };
        let Some(one) = accounts.get_mut(&account).filter(|_| ledger.covers(account, day)) else {
            return;
        };
        one.reach(ledger, day, &mut found);
        one.carried += signed;
        let half = half_of(movement, end);
        one.settle(ledger.running.get(&half).copied(), Moment::After(half), &mut found);
    });
    for one in accounts.values_mut() {
        one.reach(ledger, i32::MAX, &mut found);
    }
    found
}

/// How far the walk over an account's postings has come.
struct Carried {
    account: u32,
    carried: i64,
    stretch: usize,
    pending: bool,
}

impl Carried {
    /// Ends the stretches before a day and begins those up to it.
    fn reach(&mut self, ledger: &Ledger, day: i32, found: &mut HashMap<Moment, i64>) {
        let stretches = ledger.stretches_of(self.account);
        while self.stretch < stretches.len() && stretches[self.stretch].last < day {
            let closing = stretches[self.stretch].closing;
            self.settle(closing, Moment::Ends(self.account, self.stretch), found);
            self.stretch += 1;
            if let Some(next) = stretches.get(self.stretch) {
                self.pending = true;
                self.settle(next.opening, Moment::Begins(self.account, self.stretch), found);
            }
        }
    }

    fn settle(&mut self, stated: Option<i64>, at: Moment, found: &mut HashMap<Moment, i64>) {
        let Some(stated) = stated.filter(|_| self.pending) else { return };
        self.pending = false;
        if stated != self.carried {
            found.insert(at, stated - self.carried);
            self.carried = stated;
        }
    }
}
