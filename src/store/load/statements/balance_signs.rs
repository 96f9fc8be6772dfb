//! Rows whose running balance moves against the direction that their columns give.
//!
//! A debit column gives the direction of what stands in it, and a minus there is how the producer
//! prints; some producers mean by it that a debit was taken back. Where the balance of such a row
//! moves the other way by the very amount, the balance is followed and the row is listed. Which
//! way the rows run, oldest or newest first, is shown by those that do not contradict, and where
//! these are not more, nothing is turned round.

use std::collections::HashMap;

use crate::model::Currency;
use crate::records::{Bound, Reading, Reject};
use crate::store::load::bank::BankBatch;
use crate::store::tables::Side;

/// A row with the balance behind it.
#[derive(Clone, Copy, Debug)]
struct Stated {
    /// Its number among all transfers.
    row: u32,
    line: u32,
    /// Minor units, negative when they leave the account.
    signed: i64,
    balance: i64,
}

/// What one order of the rows explains.
#[derive(Clone, Debug, Default)]
struct Order {
    proven: usize,
    against: Vec<Stated>,
}

impl Order {
    /// Looks at a row and the balance before it.
    fn look_at(&mut self, before: i64, row: Stated) {
        let moved = row.balance.checked_sub(before);
        if row.signed == 0 {
            return;
        }
        if moved == Some(row.signed) {
            self.proven += 1;
        } else if moved == Some(-row.signed) {
            self.against.push(row);
        }
    }
}

/// The running balances of one source, in order of its rows.
#[derive(Debug)]
pub struct BalanceSigns {
    column: String,
    last: HashMap<(String, Currency), Stated>,
    oldest_first: Order,
    newest_first: Order,
}

impl BalanceSigns {
    /// For a source whose amounts take their direction from their columns; `None` for any other.
    pub fn of(reading: &Reading) -> Option<BalanceSigns> {
        let kind = reading.layout.record;
        let (amount, balance) = (kind.field("amount")?, kind.field("balance")?);
        let by_column =
            matches!(reading.fields[amount], Bound::DebitCredit(..) | Bound::Signed(..));
        let stated = reading.fields[balance] != Bound::Absent;
        (by_column && stated).then(|| BalanceSigns {
            column: reading.column_name(amount),
            last: HashMap::new(),
            oldest_first: Order::default(),
            newest_first: Order::default(),
        })
    }

    /// Looks at a block whose first row will be transfer `base`.
    pub fn take(&mut self, batch: &BankBatch, base: usize) {
        // Details stand in order of line, for some of the rows.
        let details = &batch.details;
        let mut at = 0;
        // Accounts have numbers within the block and identities beyond it.
        let mut last: HashMap<(u32, Currency), Stated> = HashMap::new();
        let identity = |near: u32| batch.accounts.identities.get(near).to_owned();
        for (row, line) in batch.line.iter().enumerate() {
            while details.line.get(at).is_some_and(|detail| detail < line) {
                at += 1;
            }
            if details.line.get(at) != Some(line) {
                continue;
            }
            let Some(balance) = details.balance_minor[at] else { continue };
            let leaves = batch.side[row] == Side::Sender;
            let near = if leaves { batch.from[row] } else { batch.to[row] };
            let minor = batch.amount_minor[row];
            let stated = Stated {
                row: (base + row) as u32,
                line: *line,
                signed: if leaves { -minor } else { minor },
                balance,
            };
            let key = (near, batch.currency[row]);
            let before = last.insert(key, stated);
            if let Some(before) =
                before.or_else(|| self.last.get(&(identity(near), key.1)).copied())
            {
                self.oldest_first.look_at(before.balance, stated);
                self.newest_first.look_at(stated.balance, before);
            }
        }
        let ends = last.into_iter();
        self.last.extend(ends.map(|((near, currency), one)| ((identity(near), currency), one)));
    }

    /// The rows to turn round, with what is to be said of each.
    pub fn finish(mut self) -> (Vec<u32>, Vec<Reject>) {
        let newest = self.newest_first.proven > self.oldest_first.proven;
        let order = if newest { &mut self.newest_first } else { &mut self.oldest_first };
        if order.proven <= order.against.len() {
            return (Vec::new(), Vec::new());
        }
        order.against.sort_unstable_by_key(|one| one.row);
        let rows = order.against.iter().map(|one| one.row).collect();
        let (column, against) = (&self.column, &order.against);
        let told = against.iter().map(|one| {
            let (stated, moved) = match one.signed < 0 {
                true => ("debit", "rises"),
                false => ("credit", "falls"),
            };
            Reject {
                line: one.line,
                column: column.clone(),
                reason: format!(
                    "a {stated} by its column, but the running balance {moved} by the same \
                     amount: the balance is followed"
                ),
                kept: true,
                ..Reject::default()
            }
        });
        (rows, told.collect())
    }
}
