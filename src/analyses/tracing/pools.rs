//! Accounts as one pool: pro-rata, lowest intermediate balance, and traced money first.

use super::rules::{Holdings, Rule};
use super::shares::{Part, add, shares, subtract, traced};

/// What of each account's balance is traced; the rest of it is label 0.
#[derive(Debug)]
pub struct Pools {
    rule: Rule,
    parts: Vec<Vec<Part>>,
    /// Reused between takings.
    taken: Vec<i64>,
}

impl Pools {
    /// So many pools without traced money, known by place.
    ///
    /// # Panics
    ///
    /// If the rule keeps lots.
    pub fn new(rule: Rule, slots: usize) -> Pools {
        assert!(!rule.keeps_lots(), "{} keeps lots", rule.word());
        Pools { rule, parts: vec![Vec::new(); slots], taken: Vec::new() }
    }
}

impl Holdings for Pools {
    fn take(&mut self, account: u32, wanted: i64, balance: i64, moved: &mut Vec<Part>) {
        let parts = &mut self.parts[account as usize];
        if parts.is_empty() {
            return;
        }
        let untraced = balance - traced(parts);
        match self.rule {
            Rule::Libr => shares((wanted - untraced).max(0), 0, parts, &mut self.taken),
            Rule::TaintFirst => {
                shares(wanted.min(balance - untraced), 0, parts, &mut self.taken);
            }
            _ => shares(wanted, untraced, parts, &mut self.taken),
        }
        for ((label, _), taken) in parts.iter().zip(&self.taken) {
            add(moved, *label, *taken);
        }
        subtract(parts, &self.taken);
    }

    fn take_back(
        &mut self,
        account: u32,
        _original: u32,
        back: (&[Part], i64),
        balance: i64,
        moved: &mut Vec<Part>,
    ) -> i64 {
        let parts = &mut self.parts[account as usize];
        let untraced = balance - traced(parts);
        let mut got = (back.1 - traced(back.0)).min(untraced);
        for part in parts.iter_mut() {
            let wanted = back.0.binary_search_by_key(&part.0, |(label, _)| *label);
            let Ok(at) = wanted else { continue };
            let taken = back.0[at].1.min(part.1);
            part.1 -= taken;
            got += taken;
            add(moved, part.0, taken);
        }
        parts.retain(|(_, minor)| *minor > 0);
        got
    }

    fn put(&mut self, account: u32, _minor: i64, parts: &[Part], _movement: u32, _balance: i64) {
        for (label, minor) in parts {
            add(&mut self.parts[account as usize], *label, *minor);
        }
    }

    fn traced(&self, account: u32) -> &[Part] {
        &self.parts[account as usize]
    }
}
