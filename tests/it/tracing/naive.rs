//! Fund tracing as plainly as it can be written, to hold the fast engine against.
//!
//! Exact and slow: every lot is a vector, every search a loop. `trace` answers for one rule and
//! one policy, `limits` for one policy. Vectors have one place for each label; place 0 is untraced
//! money in an answer, and the total of all traced labels in limits.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds;
use super::openings::Opening;
use super::order::Policy;
use super::posting::posting;
use super::rules;
use super::world::World;

/// Which money of an account a debit takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    Fifo,
    Lifo,
    ProRata,
    Libr,
    TaintFirst,
}

pub const RULES: [Rule; 5] = [Rule::Fifo, Rule::Lifo, Rule::ProRata, Rule::Libr, Rule::TaintFirst];

/// How money leaves what can be traced.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Exit {
    /// To an account of which no statement is held.
    Outside,
    /// To an account on a day that its statements do not span.
    NotCovered,
    /// Into the debt that a deposit repays.
    Overdraft,
    /// Between two statements.
    Gap,
    /// Back to a sender of which no statement is held.
    Reversal,
}

/// One exit: the account it is at and the transfer that was it, none for a gap.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Left {
    pub kind: Exit,
    pub account: usize,
    pub transfer: Option<usize>,
}

/// What one rule says under one policy. Every vector is by label, untraced money at 0.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// By transfer whose debit was posted.
    pub carried: BTreeMap<usize, Vec<i64>>,
    /// By account and covered day, at its end.
    pub residual: BTreeMap<(usize, i32), Vec<i64>>,
    /// Gross of what was undone; those that took no traced money stand here too.
    pub exits: BTreeMap<Left, Vec<i64>>,
    /// What reversals brought back from exits.
    pub undone: BTreeMap<Left, Vec<i64>>,
    /// By earlier label.
    pub relabelled: Vec<i64>,
    /// By transfer whose debit was posted and whose credit was not.
    pub in_transit: BTreeMap<usize, Vec<i64>>,
    pub declared: Vec<i64>,
    /// Transfers that the statements contradict.
    pub conflicts: BTreeSet<usize>,
    /// By covered account.
    pub openings: BTreeMap<usize, Opening>,
    /// Reversals that count as such, each with the transfer it returns.
    pub reversals: BTreeMap<usize, usize>,
}

/// The least and the most that any allocation could say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limit {
    pub lo: i64,
    pub hi: i64,
}

/// Floor and ceiling under one policy. Every vector is by label, the total of 1 and up at 0.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    pub carried: BTreeMap<usize, Vec<Limit>>,
    pub residual: BTreeMap<(usize, i32), Vec<Limit>>,
    /// Overdrafts and gaps; other exits are what their transfer carried.
    pub exits: BTreeMap<Left, Vec<Limit>>,
}

impl Answer {
    /// What is left in an account after the last day posted, if any day of it was.
    pub fn last_residual(&self, account: usize) -> Option<&Vec<i64>> {
        let of = self.residual.range((account, i32::MIN)..=(account, i32::MAX));
        of.last().map(|(_, vector)| vector)
    }
}

/// Traces a world by one rule under one policy.
pub fn trace(world: &World, rule: Rule, policy: Policy) -> Result<Answer, String> {
    world.refused().map_or_else(|| Ok(rules::answer(world, rule, posting(world, policy))), Err)
}

/// Floor and ceiling of every figure under one policy.
pub fn limits(world: &World, policy: Policy) -> Result<Limits, String> {
    world.refused().map_or_else(|| Ok(bounds::limits(world, &posting(world, policy))), Err)
}
