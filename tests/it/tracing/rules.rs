//! The five rules: which money a debit takes from the lots of an account.
//!
//! Reads the events of a posting and moves vectors by label; floor and ceiling stay out.

use std::collections::BTreeMap;

use super::naive::{Answer, Exit, Left, Rule};
use super::posting::{Event, Funds, Lands, Posting};
use super::world::World;

/// Money that came in at once. Pool rules keep a single one.
#[derive(Clone, Debug)]
struct Lot {
    made_by: Option<usize>,
    vector: Vec<i64>,
}

#[derive(Clone, Debug, Default)]
struct Holding {
    /// Oldest first; none is empty.
    lots: Vec<Lot>,
    debt: i64,
}

struct Tracer<'a> {
    world: &'a World,
    rule: Rule,
    holdings: Vec<Holding>,
    /// What of a transfer can still be reversed.
    returnable: BTreeMap<usize, Vec<i64>>,
    answer: Answer,
}

/// What the rule says of the posted events.
pub fn answer(world: &World, rule: Rule, posting: Posting) -> Answer {
    let mut tracer = Tracer {
        world,
        rule,
        holdings: vec![Holding::default(); world.accounts.len()],
        returnable: BTreeMap::new(),
        answer: Answer {
            relabelled: vec![0; world.labels + 1],
            declared: vec![0; world.labels + 1],
            conflicts: posting.conflicts,
            openings: posting.openings,
            reversals: posting.reversals,
            ..Answer::default()
        },
    };
    for event in &posting.events {
        tracer.see(event);
    }
    tracer.answer
}

fn total(vector: &[i64]) -> i64 {
    vector.iter().sum()
}

fn add(vector: &mut [i64], other: &[i64]) {
    for (part, more) in vector.iter_mut().zip(other) {
        *part += more;
    }
}

fn subtract(vector: &mut [i64], other: &[i64]) {
    for (part, less) in vector.iter_mut().zip(other) {
        *part -= less;
        assert!(*part >= 0, "never more of a label than there is");
    }
}

/// What `amount` of a vector is made of: floors of the exact shares, and the remaining units to
/// the largest remainders, the lowest label first among equal ones.
pub fn shares(vector: &[i64], amount: i64) -> Vec<i64> {
    let whole = i128::from(total(vector));
    assert!((0..=whole).contains(&i128::from(amount)), "{amount} of {vector:?}");
    if amount == 0 {
        return vec![0; vector.len()];
    }
    let exact = |part: &i64| i128::from(amount) * i128::from(*part);
    let mut taken: Vec<i64> = vector.iter().map(|part| (exact(part) / whole) as i64).collect();
    let mut labels: Vec<usize> = (0..vector.len()).collect();
    // A stable sort keeps the lowest label first.
    labels.sort_by_key(|label| std::cmp::Reverse(exact(&vector[*label]) % whole));
    let remaining = amount - total(&taken);
    for label in labels.into_iter().take(remaining as usize) {
        taken[label] += 1;
    }
    taken
}

/// Untraced money alone, and traced money alone.
fn apart(vector: &[i64]) -> (Vec<i64>, Vec<i64>) {
    let (mut untraced, mut traced) = (vec![0; vector.len()], vector.to_vec());
    untraced[0] = std::mem::take(&mut traced[0]);
    (untraced, traced)
}

/// The first vector as far as it goes, then the second.
fn first_then(first: &[i64], second: &[i64], amount: i64) -> Vec<i64> {
    let from_first = amount.min(total(first));
    let mut taken = shares(first, from_first);
    add(&mut taken, &shares(second, amount - from_first));
    taken
}

impl Holding {
    fn balance(&self) -> i64 {
        self.lots.iter().map(|lot| total(&lot.vector)).sum()
    }

    fn pool(&self, labels: usize) -> Vec<i64> {
        let mut pool = vec![0; labels + 1];
        self.lots.iter().for_each(|lot| add(&mut pool, &lot.vector));
        pool
    }

    /// Takes an amount that one lot has.
    fn take_lot(&mut self, at: usize, amount: i64) -> Vec<i64> {
        let taken = shares(&self.lots[at].vector, amount);
        self.take_vector(at, &taken);
        taken
    }

    fn take_vector(&mut self, at: usize, taken: &[i64]) {
        subtract(&mut self.lots[at].vector, taken);
        self.lots.retain(|lot| total(&lot.vector) > 0);
    }

    /// Takes by the rule; what the balance cannot give is the bank's credit, a debt.
    fn take(&mut self, rule: Rule, labels: usize, amount: i64) -> Vec<i64> {
        let funded = amount.min(self.balance());
        let mut taken = match rule {
            Rule::Fifo | Rule::Lifo => self.take_lots(rule, labels, funded),
            Rule::ProRata | Rule::Libr | Rule::TaintFirst => {
                let pool = self.pool(labels);
                let (untraced, traced) = apart(&pool);
                let taken = match rule {
                    Rule::Libr => first_then(&untraced, &traced, funded),
                    Rule::TaintFirst => first_then(&traced, &untraced, funded),
                    _ => shares(&pool, funded),
                };
                if funded > 0 {
                    self.take_vector(0, &taken);
                }
                taken
            }
        };
        taken[0] += amount - funded;
        self.debt += amount - funded;
        taken
    }

    fn take_lots(&mut self, rule: Rule, labels: usize, funded: i64) -> Vec<i64> {
        let mut taken = vec![0; labels + 1];
        while total(&taken) < funded {
            let at = if rule == Rule::Fifo { 0 } else { self.lots.len() - 1 };
            let amount = (funded - total(&taken)).min(total(&self.lots[at].vector));
            add(&mut taken, &self.take_lot(at, amount));
        }
        taken
    }

    /// Repays the debt by shares and keeps the rest; gives what repaid it.
    fn put(&mut self, rule: Rule, made_by: Option<usize>, mut vector: Vec<i64>) -> Vec<i64> {
        let repaid = shares(&vector, self.debt.min(total(&vector)));
        subtract(&mut vector, &repaid);
        self.debt -= total(&repaid);
        let is_pool = !matches!(rule, Rule::Fifo | Rule::Lifo);
        match self.lots.first_mut() {
            _ if total(&vector) == 0 => {}
            Some(pool) if is_pool => add(&mut pool.vector, &vector),
            _ => self.lots.push(Lot { made_by, vector }),
        }
        repaid
    }

    /// Takes a reversed transfer's money back: its own lot, or its shares of a pool, as far as
    /// they are there, and what is missing by the rule.
    fn take_back(&mut self, rule: Rule, original: usize, shares: &[i64]) -> Vec<i64> {
        let amount = total(shares);
        let mut taken = vec![0; shares.len()];
        if matches!(rule, Rule::Fifo | Rule::Lifo) {
            if let Some(at) = self.lots.iter().position(|lot| lot.made_by == Some(original)) {
                let there = total(&self.lots[at].vector);
                taken = self.take_lot(at, amount.min(there));
            }
        } else if !self.lots.is_empty() {
            let pool = self.pool(shares.len() - 1);
            taken = shares.iter().zip(pool).map(|(share, there)| there.min(*share)).collect();
            self.take_vector(0, &taken);
        }
        let missing = amount - total(&taken);
        add(&mut taken, &self.take(rule, shares.len() - 1, missing));
        taken
    }
}

impl Tracer<'_> {
    fn untraced(&self, amount: i64) -> Vec<i64> {
        let mut vector = vec![0; self.world.labels + 1];
        vector[0] = amount;
        vector
    }

    fn see(&mut self, event: &Event) {
        match *event {
            Event::Opens { account, balance } if balance < 0 => {
                self.holdings[account].debt = -balance;
            }
            Event::Opens { account, balance } => {
                let vector = self.untraced(balance);
                self.holdings[account].put(self.rule, None, vector);
            }
            Event::Resumes { .. } => {}
            Event::Settles { account, difference } if difference > 0 => {
                let vector = self.untraced(difference);
                self.holdings[account].put(self.rule, None, vector);
            }
            Event::Settles { account, difference } => {
                let labels = self.world.labels;
                let taken = self.holdings[account].take(self.rule, labels, -difference);
                self.leave(Left { kind: Exit::Gap, account, transfer: None }, &taken);
            }
            Event::Debit { transfer, funds } => self.debit(transfer, funds),
            Event::Credit { transfer, lands } => self.credit(transfer, lands),
            Event::Ends { account, day } => {
                let pool = self.holdings[account].pool(self.world.labels);
                self.answer.residual.insert((account, day), pool);
            }
        }
    }

    fn leave(&mut self, at: Left, vector: &[i64]) {
        let nothing = vec![0; vector.len()];
        add(self.answer.exits.entry(at).or_insert(nothing), vector);
    }

    fn debit(&mut self, transfer: usize, funds: Funds) {
        let made = &self.world.transfers[transfer];
        let moving = match funds {
            Funds::Balance => {
                self.holdings[made.from].take(self.rule, self.world.labels, made.amount)
            }
            Funds::Unknown => self.untraced(made.amount),
            Funds::LotOf(original) => {
                let shares = self.returned(original, made.amount);
                self.holdings[made.from].take_back(self.rule, original, &shares)
            }
            Funds::ExitOf(original, kind) => {
                let shares = self.returned(original, made.amount);
                let account = self.world.transfers[original].to;
                let at = Left { kind, account, transfer: Some(original) };
                let nothing = vec![0; shares.len()];
                add(self.answer.undone.entry(at).or_insert(nothing), &shares);
                shares
            }
            Funds::LostLotOf(original) => {
                self.returned(original, made.amount);
                self.untraced(made.amount)
            }
        };
        let carried = self.declare(transfer, moving);
        self.answer.carried.insert(transfer, carried.clone());
        self.answer.in_transit.insert(transfer, carried);
    }

    /// Shares of what of a transfer was not reversed yet; it is reversed from now on.
    fn returned(&mut self, original: usize, amount: i64) -> Vec<i64> {
        let left = self.returnable.get_mut(&original).expect("it was credited");
        let taken = shares(left, amount);
        subtract(left, &taken);
        taken
    }

    /// Gives the declared parts their labels, each taken from what is left of the moving vector.
    fn declare(&mut self, transfer: usize, mut moving: Vec<i64>) -> Vec<i64> {
        let parts = self.world.parts_of(transfer);
        for amount in parts.values() {
            let taken = shares(&moving, *amount);
            subtract(&mut moving, &taken);
            add(&mut self.answer.relabelled, &apart(&taken).1);
        }
        for (label, amount) in parts {
            moving[label] += amount;
            self.answer.declared[label] += amount;
        }
        moving
    }

    fn credit(&mut self, transfer: usize, lands: Lands) {
        let account = self.world.transfers[transfer].to;
        let vector = self.answer.in_transit.remove(&transfer).expect("its debit comes first");
        self.returnable.insert(transfer, vector.clone());
        match lands {
            Lands::Exit(kind) => {
                self.leave(Left { kind, account, transfer: Some(transfer) }, &vector);
            }
            Lands::Account => {
                let repaid = self.holdings[account].put(self.rule, Some(transfer), vector);
                if total(&repaid) > 0 {
                    let kind = Exit::Overdraft;
                    self.leave(Left { kind, account, transfer: Some(transfer) }, &repaid);
                }
            }
        }
    }
}
