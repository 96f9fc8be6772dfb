//! What happens to the accounts, one event at a time, as far as no label is asked for.
//!
//! Which halves touch a covered account, which reversals count as such, when an account opens and
//! by how much a gap must be settled: none of it depends on a rule, only on the policy. `rules`
//! and `bounds` read these events.

use std::collections::{BTreeMap, BTreeSet};

use super::gaps::{Moment, differences};
use super::naive::Exit;
use super::openings::{Opening, openings};
use super::order::{Placed, Policy, posting_order};
use super::world::{Side, World};

/// What pays for a debit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Funds {
    /// The balance of the sender, by the rule.
    Balance,
    /// Nobody knows what: the sender is not covered that day.
    Unknown,
    /// The reversed transfer's own lot, as far as it is there, then the balance of the sender.
    LotOf(usize),
    /// The exit that the reversed transfer was.
    ExitOf(usize, Exit),
    /// The reversed transfer went into an account that is not covered any more.
    LostLotOf(usize),
}

/// Where a credit goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lands {
    Account,
    Exit(Exit),
}

/// One event. Events of an account come in posting order.
#[derive(Clone, Debug)]
pub enum Event {
    /// The account holds this before its first covered day; a debt if negative.
    Opens {
        account: usize,
        balance: i64,
    },
    /// The first day after a gap begins.
    Resumes {
        account: usize,
    },
    /// A stated balance is this much above the one carried over the gap, or below it.
    Settles {
        account: usize,
        difference: i64,
    },
    Debit {
        transfer: usize,
        funds: Funds,
    },
    Credit {
        transfer: usize,
        lands: Lands,
    },
    /// A covered day of the account is over.
    Ends {
        account: usize,
        day: i32,
    },
}

/// All that happens up to the last day posted.
#[derive(Clone, Debug)]
pub struct Posting {
    pub events: Vec<Event>,
    pub openings: BTreeMap<usize, Opening>,
    /// Transfers that the statements contradict.
    pub conflicts: BTreeSet<usize>,
    /// Reversals that count as such, each with the transfer it returns.
    pub reversals: BTreeMap<usize, usize>,
}

/// The posting while it runs.
struct Ledger<'a> {
    world: &'a World,
    differences: BTreeMap<Moment, i64>,
    landed: BTreeMap<usize, Lands>,
    /// What of a transfer can still be reversed.
    left: BTreeMap<usize, i64>,
    posting: Posting,
}

/// Posts a world under a policy.
pub fn posting(world: &World, policy: Policy) -> Posting {
    let order = posting_order(world, policy);
    let posted = |(day, _): &&(i32, usize)| *day <= world.until;
    let conflicts = order.conflicts.iter().filter(posted).map(|(_, transfer)| *transfer).collect();
    let openings = openings(world);
    let mut ledger = Ledger {
        world,
        differences: differences(world, &openings),
        landed: BTreeMap::new(),
        left: BTreeMap::new(),
        posting: Posting { events: Vec::new(), openings, conflicts, reversals: BTreeMap::new() },
    };
    let covered = world.accounts.iter().flat_map(|account| &account.stretches);
    let days: BTreeSet<i32> = order
        .halves
        .iter()
        .map(|half| half.day)
        .chain(covered.flat_map(|stretch| stretch.first..=stretch.last))
        .filter(|day| *day <= world.until)
        .collect();
    for day in days {
        ledger.begin(day);
        for half in order.halves.iter().filter(|half| half.day == day) {
            ledger.post(half);
        }
        ledger.end(day);
    }
    ledger.posting
}

impl Ledger<'_> {
    fn begin(&mut self, day: i32) {
        for (account, held) in self.world.accounts.iter().enumerate() {
            let Some(at) = held.stretches.iter().position(|stretch| stretch.first == day) else {
                continue;
            };
            if at == 0 {
                let balance = self.posting.openings[&account].balance;
                self.posting.events.push(Event::Opens { account, balance });
                continue;
            }
            self.posting.events.push(Event::Resumes { account });
            self.settle(account, Moment::Morning { account, day });
        }
    }

    fn end(&mut self, day: i32) {
        for (account, held) in self.world.accounts.iter().enumerate() {
            self.settle(account, Moment::Evening { account, day });
            if held.is_covered(day) {
                self.posting.events.push(Event::Ends { account, day });
            }
        }
    }

    /// Settles a gap, if one is settled here.
    fn settle(&mut self, account: usize, moment: Moment) {
        if let Some(difference) = self.differences.get(&moment).copied() {
            self.posting.events.push(Event::Settles { account, difference });
        }
    }

    fn post(&mut self, half: &Placed) {
        let is_covered = self.world.accounts[half.account].is_covered(half.day);
        match half.side {
            Side::Debit => {
                let funds = self.funds(half.transfer, is_covered);
                self.posting.events.push(Event::Debit { transfer: half.transfer, funds });
            }
            Side::Credit => {
                let lands = match is_covered {
                    true => Lands::Account,
                    false => Lands::Exit(self.exit(half.transfer)),
                };
                self.landed.insert(half.transfer, lands);
                let amount = self.world.transfers[half.transfer].amount;
                self.left.insert(half.transfer, amount);
                self.posting.events.push(Event::Credit { transfer: half.transfer, lands });
            }
        }
        let after = Moment::After { transfer: half.transfer, side: half.side };
        self.settle(half.account, after);
    }

    fn funds(&mut self, transfer: usize, is_covered: bool) -> Funds {
        let Some(original) = self.reversed_by(transfer) else {
            return if is_covered { Funds::Balance } else { Funds::Unknown };
        };
        *self.left.get_mut(&original).expect("it was credited") -=
            self.world.transfers[transfer].amount;
        self.posting.reversals.insert(transfer, original);
        match self.landed[&original] {
            _ if is_covered => Funds::LotOf(original),
            Lands::Exit(exit) => Funds::ExitOf(original, exit),
            Lands::Account => Funds::LostLotOf(original),
        }
    }

    /// The transfer that this one returns, if it counts as a reversal.
    fn reversed_by(&self, transfer: usize) -> Option<usize> {
        let made = &self.world.transfers[transfer];
        let at = made.reverses?;
        // What was not credited yet cannot be returned.
        let left = *self.left.get(&at)?;
        let original = &self.world.transfers[at];
        let outside = |account: usize| self.world.accounts[account].is_outside();
        let same = |one: usize, other: usize| one == other;
        let alike = |one: usize, other: usize| same(one, other) || outside(one) && outside(other);
        // One end at least is the same account; the other may go by two names where nothing of it
        // is held.
        let is_way_back = (same(made.from, original.to) && alike(made.to, original.from))
            || (same(made.to, original.from) && alike(made.from, original.to));
        (is_way_back && made.amount <= left).then_some(at)
    }

    fn exit(&self, transfer: usize) -> Exit {
        match self.world.accounts[self.world.transfers[transfer].to].is_outside() {
            false => Exit::NotCovered,
            true if self.posting.reversals.contains_key(&transfer) => Exit::Reversal,
            true => Exit::Outside,
        }
    }
}
