//! What a trace is run on, as plain owned values: accounts, transfers, declared parts.
//!
//! One currency; amounts are minor units, days count from the epoch, times are milliseconds since
//! it. A world can be written by hand, line by line, or drawn at random by `networks`; nothing
//! here posts or traces.

use std::collections::BTreeMap;

/// Which half of a transfer: the debit at its sender or the credit at its receiver.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Side {
    Debit,
    Credit,
}

/// Days that the statements of an account span, both ends included, with the balances stated at
/// their ends; a negative one is a debt.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    pub first: i32,
    pub last: i32,
    pub opening: Option<i64>,
    pub closing: Option<i64>,
}

/// An account. Without a stretch it is outside: never covered.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Ascending, at least one day that is not covered between two.
    pub stretches: Vec<Stretch>,
    /// Its own rows in the order of its statement: days never fall along it, times may.
    pub statement: Vec<(usize, Side)>,
}

/// One half of a transfer as it is booked.
#[derive(Clone, Debug, Default)]
pub struct Half {
    pub day: i32,
    pub time_ms: i64,
    pub source: u32,
    pub line: u32,
    /// The account's balance as stated after it.
    pub running: Option<i64>,
}

/// Money from one account to another.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    pub from: usize,
    pub to: usize,
    pub amount: i64,
    pub debit: Half,
    pub credit: Half,
    /// The transfer that this one returns, or a part of it.
    pub reverses: Option<usize>,
}

/// So much of a transfer is declared to carry this label (1 or more).
#[derive(Clone, Debug)]
pub struct Part {
    pub transfer: usize,
    pub label: usize,
    pub amount: i64,
}

/// A network and what is asked of it.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub accounts: Vec<Account>,
    pub transfers: Vec<Transfer>,
    pub parts: Vec<Part>,
    /// Labels are 1 to this; 0 is untraced money.
    pub labels: usize,
    /// Last day posted.
    pub until: i32,
}

pub const DAY_MS: i64 = 86_400_000;

impl Account {
    /// Whether one of its statements spans the day.
    pub fn is_covered(&self, day: i32) -> bool {
        self.stretches.iter().any(|stretch| stretch.first <= day && day <= stretch.last)
    }

    /// Whether no statement of it is held at all.
    pub fn is_outside(&self) -> bool {
        self.stretches.is_empty()
    }
}

impl Transfer {
    pub fn half(&self, side: Side) -> &Half {
        match side {
            Side::Debit => &self.debit,
            Side::Credit => &self.credit,
        }
    }

    /// The account at which a half is booked.
    pub fn account(&self, side: Side) -> usize {
        match side {
            Side::Debit => self.from,
            Side::Credit => self.to,
        }
    }

    /// Transfers of zero and to the same account change nothing: they are not posted at all.
    pub fn is_skipped(&self) -> bool {
        self.amount == 0 || self.from == self.to
    }
}

impl World {
    /// An empty world with this many labels, posted to the end.
    pub fn new(labels: usize) -> World {
        World { labels, until: i32::MAX, ..World::default() }
    }

    /// Adds an account that is never covered.
    pub fn outside(&mut self) -> usize {
        self.accounts.push(Account::default());
        self.accounts.len() - 1
    }

    /// Adds an account covered from one day to another, with its balance before the first.
    pub fn covered(&mut self, first: i32, last: i32, opening: Option<i64>) -> usize {
        let account = self.outside();
        self.stretch(account, first, last, opening, None);
        account
    }

    /// Adds a further stretch to an account.
    pub fn stretch(
        &mut self,
        account: usize,
        first: i32,
        last: i32,
        opening: Option<i64>,
        closing: Option<i64>,
    ) {
        self.accounts[account].stretches.push(Stretch { first, last, opening, closing });
    }

    /// Adds a transfer of a list, at the start of a day; lines count up in the order written.
    pub fn transfer(&mut self, from: usize, to: usize, amount: i64, day: i32) -> usize {
        let line = self.transfers.len() as u32 + 1;
        let half = Half { day, time_ms: i64::from(day) * DAY_MS, source: 0, line, running: None };
        let (debit, credit) = (half.clone(), half);
        self.transfers.push(Transfer { from, to, amount, debit, credit, reverses: None });
        self.transfers.len() - 1
    }

    /// Adds a reversal of an earlier transfer, whole or in part.
    pub fn reversal(&mut self, of: usize, amount: i64, day: i32) -> usize {
        let (from, to) = (self.transfers[of].to, self.transfers[of].from);
        let made = self.transfer(from, to, amount, day);
        self.transfers[made].reverses = Some(of);
        made
    }

    /// Declares a part of a transfer.
    pub fn declare(&mut self, transfer: usize, label: usize, amount: i64) {
        self.parts.push(Part { transfer, label, amount });
    }

    /// Declared parts of a transfer by label; parts of one label count as one.
    pub fn parts_of(&self, transfer: usize) -> BTreeMap<usize, i64> {
        let mut parts = BTreeMap::new();
        for part in self.parts.iter().filter(|part| part.transfer == transfer) {
            *parts.entry(part.label).or_default() += part.amount;
        }
        parts
    }

    /// Why the declared parts cannot be traced, if they cannot.
    pub fn refused(&self) -> Option<String> {
        for part in &self.parts {
            let Some(transfer) = self.transfers.get(part.transfer) else {
                return Some(format!("{part:?} is of no transfer"));
            };
            let declared: i64 = self.parts_of(part.transfer).values().sum();
            let why = match () {
                () if transfer.is_skipped() => "is of a transfer that moves nothing",
                () if part.amount <= 0 => "is of nothing",
                () if !(1..=self.labels).contains(&part.label) => "has no such label",
                () if declared > transfer.amount => "exceeds its transfer, with the other parts",
                () => continue,
            };
            return Some(format!("{part:?} {why}"));
        }
        None
    }
}
