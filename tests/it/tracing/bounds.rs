//! Floor and ceiling: the least and the most of each label that any allocation could say.
//!
//! Reads the same events as the rules do. Place 0 of every vector is the total of all traced
//! labels; untraced money has no limits of its own.

use std::collections::BTreeMap;

use super::naive::{Exit, Left, Limit, Limits};
use super::posting::{Event, Funds, Lands, Posting};
use super::world::World;

#[derive(Clone, Debug, Default)]
struct Bounded {
    /// Never negative; a debt stands apart.
    balance: i64,
    debt: i64,
    traced: Vec<Limit>,
}

struct Bounder<'a> {
    world: &'a World,
    holdings: Vec<Bounded>,
    /// By label, the total at 0.
    declared: Vec<i64>,
    /// How much of a transfer can still be reversed, and the limits of what that carries.
    returnable: BTreeMap<usize, (i64, Vec<Limit>)>,
    found: Limits,
}

/// Limits of every figure that the posted events lead to.
pub fn limits(world: &World, posting: &Posting) -> Limits {
    let traced = vec![Limit::default(); world.labels + 1];
    let mut bounder = Bounder {
        world,
        holdings: vec![Bounded { traced, ..Bounded::default() }; world.accounts.len()],
        declared: vec![0; world.labels + 1],
        returnable: BTreeMap::new(),
        found: Limits::default(),
    };
    for event in &posting.events {
        bounder.see(event);
    }
    bounder.found
}

impl Bounded {
    /// Takes an amount; gives the limits of what it carries.
    fn take(&mut self, amount: i64) -> Vec<Limit> {
        let funded = amount.min(self.balance);
        let balance = self.balance;
        let carried = self.traced.iter().map(|held| Limit {
            lo: (funded - (balance - held.lo)).max(0),
            hi: funded.min(held.hi),
        });
        let carried = carried.collect();
        self.balance -= funded;
        self.debt += amount - funded;
        for held in &mut self.traced {
            held.hi = held.hi.min(self.balance);
            held.lo = (held.lo - funded).max(0);
        }
        carried
    }

    /// Puts an amount in; gives the limits of what repays the debt, if there is one.
    fn put(&mut self, amount: i64, carried: &[Limit]) -> Option<Vec<Limit>> {
        let repaid = amount.min(self.debt);
        let exit = carried.iter().map(|limit| Limit {
            lo: (limit.lo - amount + repaid).max(0),
            hi: repaid.min(limit.hi),
        });
        let exit = exit.collect();
        self.balance += amount - repaid;
        self.debt -= repaid;
        for (held, limit) in self.traced.iter_mut().zip(carried) {
            held.lo += (limit.lo - repaid).max(0);
            held.hi += limit.hi.min(amount - repaid);
        }
        (repaid > 0).then_some(exit)
    }
}

/// The part of a transfer's limits that falls to an amount of it, rounded outwards.
fn scaled(limits: &[Limit], amount: i64, whole: i64) -> Vec<Limit> {
    let (amount, whole) = (i128::from(amount), i128::from(whole));
    let part = |limit: &Limit| Limit {
        lo: (i128::from(limit.lo) * amount / whole) as i64,
        hi: ((i128::from(limit.hi) * amount + whole - 1) / whole) as i64,
    };
    limits.iter().map(part).collect()
}

fn hull(one: &[Limit], other: &[Limit]) -> Vec<Limit> {
    let both = one.iter().zip(other);
    both.map(|(one, other)| Limit { lo: one.lo.min(other.lo), hi: one.hi.max(other.hi) }).collect()
}

impl Bounder<'_> {
    fn see(&mut self, event: &Event) {
        let nothing = vec![Limit::default(); self.world.labels + 1];
        match *event {
            Event::Opens { account, balance } => {
                self.holdings[account].balance = balance.max(0);
                self.holdings[account].debt = (-balance).max(0);
            }
            Event::Resumes { account } => {
                self.holdings[account].traced.iter_mut().for_each(|held| held.lo = 0);
            }
            Event::Settles { account, difference } if difference > 0 => {
                self.holdings[account].put(difference, &nothing);
            }
            Event::Settles { account, difference } => {
                let carried = self.holdings[account].take(-difference);
                self.leave(Left { kind: Exit::Gap, account, transfer: None }, &carried);
            }
            Event::Debit { transfer, funds } => self.debit(transfer, funds),
            Event::Credit { transfer, lands } => self.credit(transfer, lands),
            Event::Ends { account, day } => {
                let traced = self.holdings[account].traced.clone();
                self.found.residual.insert((account, day), traced);
            }
        }
    }

    /// Nobody can have more of a label than was declared for it so far.
    fn cap(&self, limits: &mut [Limit]) {
        for (limit, declared) in limits.iter_mut().zip(&self.declared) {
            limit.hi = limit.hi.min(*declared);
        }
    }

    fn leave(&mut self, at: Left, carried: &[Limit]) {
        let mut sum = self.found.exits.remove(&at).unwrap_or(vec![Limit::default(); carried.len()]);
        for (sum, limit) in sum.iter_mut().zip(carried) {
            sum.lo += limit.lo;
            sum.hi += limit.hi;
        }
        self.cap(&mut sum);
        self.found.exits.insert(at, sum);
    }

    fn debit(&mut self, transfer: usize, funds: Funds) {
        let made = &self.world.transfers[transfer];
        let moving = match funds {
            Funds::Balance => self.holdings[made.from].take(made.amount),
            Funds::Unknown => vec![Limit::default(); self.world.labels + 1],
            Funds::LostLotOf(original) => {
                self.returned(original, made.amount);
                vec![Limit::default(); self.world.labels + 1]
            }
            Funds::LotOf(original) => {
                let returned = self.returned(original, made.amount);
                hull(&returned, &self.holdings[made.from].take(made.amount))
            }
            Funds::ExitOf(original, _) => self.returned(original, made.amount),
        };
        let carried = self.declare(transfer, moving);
        self.found.carried.insert(transfer, carried);
    }

    /// Limits of the shares of what of a transfer was not reversed yet. What is left after it is
    /// rounded outwards again: shares of shares can stray from shares of the whole by a unit.
    fn returned(&mut self, original: usize, amount: i64) -> Vec<Limit> {
        let (left, limits) = self.returnable.get_mut(&original).expect("it was credited");
        let returned = scaled(limits, amount, *left);
        *limits = scaled(limits, *left - amount, *left);
        *left -= amount;
        returned
    }

    /// A declared part is exact, and the rest carries what it can.
    fn declare(&mut self, transfer: usize, moving: Vec<Limit>) -> Vec<Limit> {
        let whole = self.world.transfers[transfer].amount;
        let mut parts: BTreeMap<usize, i64> = self.world.parts_of(transfer);
        let all: i64 = parts.values().sum();
        parts.insert(0, all);
        for (label, part) in &parts {
            self.declared[*label] += part;
        }
        let with_parts = |(label, limit): (usize, Limit)| {
            let part = parts.get(&label).copied().unwrap_or(0);
            Limit { lo: part + (limit.lo - all).max(0), hi: part + limit.hi.min(whole - all) }
        };
        let mut carried: Vec<Limit> = moving.into_iter().enumerate().map(with_parts).collect();
        self.cap(&mut carried);
        carried
    }

    fn credit(&mut self, transfer: usize, lands: Lands) {
        let carried = self.found.carried[&transfer].clone();
        self.returnable.insert(transfer, (self.world.transfers[transfer].amount, carried));
        if lands != Lands::Account {
            return;
        }
        let made = &self.world.transfers[transfer];
        let carried = self.found.carried[&transfer].clone();
        let repaid = self.holdings[made.to].put(made.amount, &carried);
        let mut traced = std::mem::take(&mut self.holdings[made.to].traced);
        self.cap(&mut traced);
        self.holdings[made.to].traced = traced;
        if let Some(repaid) = repaid {
            let kind = Exit::Overdraft;
            self.leave(Left { kind, account: made.to, transfer: Some(transfer) }, &repaid);
        }
    }
}
