//! Figures of all rules side by side, each with floor and ceiling and whether the order within a
//! day changes it.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use super::bounds::{Bound, Limits, scaled};
use super::shares::Part;
use super::sweep::Traced;
use super::traces::Traces;
use super::walk::ExitKind;
use crate::model::Channel;

/// One figure under every rule.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Figure {
    /// Minor units, in order of the rules asked for.
    pub rules: Vec<i64>,
    /// What no allocation can leave.
    pub bound: Bound,
    /// True when another order within a day changes it under some rule.
    pub changed: bool,
}

impl Figure {
    /// The largest of the rules' figures.
    pub fn most(&self) -> i64 {
        self.rules.iter().copied().max().unwrap_or(0)
    }

    fn is_something(&self) -> bool {
        self.changed || self.bound.ceiling > 0 || self.rules.iter().any(|minor| *minor != 0)
    }
}

/// Figures by what they are of.
pub type Figures<K> = BTreeMap<K, Figure>;

/// Where traced money is at the end.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Whereabouts {
    /// In an account.
    Held,
    /// On its way to an account.
    InTransit,
    /// Gone from what is held.
    Exit(ExitKind),
}

impl Whereabouts {
    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            Whereabouts::Held => "held",
            Whereabouts::InTransit => "in-transit",
            Whereabouts::Exit(kind) => kind.word(),
        }
    }
}

/// What an end figure is of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EndKey {
    /// 0 for all labels together.
    pub label: u32,
    /// Where it is.
    pub at: Whereabouts,
    /// The account that holds it, that it is on its way to, or by which it left.
    pub account: u32,
    /// Word of the channel by which it left; empty for what did not leave by a transfer.
    pub channel: &'static str,
}

/// What of one rule's answer stands under a key, with all labels together where several are.
type Plain<K> = BTreeMap<K, i64>;

impl Traces<'_> {
    /// Where all traced money is at the end.
    pub fn ends(&self, channels: &[Channel]) -> Figures<EndKey> {
        let bounds = self.end_bounds(channels);
        self.side_by_side(|traced| self.plain_ends(traced, channels), &bounds)
    }

    /// The traced part of every movement, by place of posting, movement and label.
    pub fn transfers(&self) -> Figures<(u32, u32, u32)> {
        let key =
            |movement: u32, label| (self.place(movement).unwrap_or(u32::MAX), movement, label);
        let bounds = self.bounded.carried.iter();
        let bounds = bounds
            .filter(|(_, (label, _))| self.shows(*label))
            .map(|(movement, (label, bound))| (key(*movement, *label), *bound))
            .collect();
        self.side_by_side(
            |traced| {
                let mut plain = Plain::new();
                let listed = |movement: u32| self.listing.lists(movement);
                for one in traced.carried.iter().filter(|one| listed(one.movement)) {
                    self.put(&mut plain, one.label, one.minor, |label| key(one.movement, label));
                }
                plain
            },
            &bounds,
        )
    }

    /// What each account holds at the end of each day on which that changed, by account, day and
    /// label.
    pub fn residuals(&self) -> Figures<(u32, i32, u32)> {
        let mut days: BTreeSet<(u32, i32)> = BTreeSet::new();
        for traced in &self.rules {
            let listed = |account: u32| self.listing.lists_account(account);
            let listed = traced.residuals.iter().filter(|one| listed(one.account));
            days.extend(listed.map(|one| (one.account, one.day)));
        }
        days.extend(self.bounded.residuals.iter().map(|(day, account, _)| (*account, *day)));
        let mut bounds: BTreeMap<(u32, i32, u32), Bound> = BTreeMap::new();
        let mut limits: HashMap<u32, Vec<(i32, &[Limits])>> = HashMap::default();
        for (day, account, of) in &self.bounded.residuals {
            limits.entry(*account).or_default().push((*day, of));
        }
        for (account, day) in &days {
            let Some(of) = limits.get(account) else { continue };
            let at = of.partition_point(|(on, _)| on <= day);
            let Some((_, of)) = at.checked_sub(1).map(|at| of[at]) else { continue };
            for (label, bound) in of.iter().filter(|(label, _)| self.shows(*label)) {
                bounds.insert((*account, *day, *label), *bound);
            }
        }
        self.side_by_side(|traced| self.plain_residuals(traced, &days), &bounds)
    }

    fn plain_residuals(
        &self,
        traced: &Traced,
        days: &BTreeSet<(u32, i32)>,
    ) -> Plain<(u32, i32, u32)> {
        let mut of: HashMap<u32, Vec<(i32, &[Part])>> = HashMap::default();
        for one in &traced.residuals {
            of.entry(one.account).or_default().push((one.day, &one.parts));
        }
        let mut plain = Plain::new();
        for (account, day) in days {
            let Some(of) = of.get(account) else { continue };
            let at = of.partition_point(|(on, _)| on <= day);
            let Some((_, parts)) = at.checked_sub(1).map(|at| of[at]) else { continue };
            for (label, minor) in parts {
                self.put(&mut plain, *label, *minor, |label| (*account, *day, label));
            }
        }
        plain
    }

    fn plain_ends(&self, traced: &Traced, channels: &[Channel]) -> Plain<EndKey> {
        let mut plain = Plain::new();
        for (account, parts) in traced.left() {
            for (label, minor) in parts {
                let at = Whereabouts::Held;
                self.put(&mut plain, *label, *minor, |label| EndKey {
                    label,
                    at,
                    account,
                    channel: "",
                });
            }
        }
        for one in &traced.in_transit {
            let account = self.of.ledger.to[one.movement as usize];
            let (at, channel) = (Whereabouts::InTransit, self.channel(one.movement, channels));
            self.put(&mut plain, one.label, one.minor, |label| EndKey {
                label,
                at,
                account,
                channel,
            });
        }
        for exit in &traced.exits {
            self.put(&mut plain, exit.label, exit.minor, |label| {
                self.exit_key(label, exit.kind, exit.account, exit.movement, channels)
            });
        }
        plain
    }

    fn exit_key(
        &self,
        label: u32,
        kind: ExitKind,
        account: u32,
        movement: u32,
        channels: &[Channel],
    ) -> EndKey {
        let at = Whereabouts::Exit(kind);
        match kind {
            ExitKind::Overdraft | ExitKind::Gap => EndKey { label, at, account, channel: "" },
            // What a conversion takes is told of the account that it leaves.
            ExitKind::Conversion => {
                let account = self.of.ledger.from[movement as usize];
                EndKey { label, at, account, channel: self.channel(movement, channels) }
            }
            _ => EndKey { label, at, account, channel: self.channel(movement, channels) },
        }
    }

    fn end_bounds(&self, channels: &[Channel]) -> BTreeMap<EndKey, Bound> {
        let mut bounds: BTreeMap<EndKey, Bound> = BTreeMap::new();
        let mut more = |key: EndKey, bound: Bound| {
            let sum = bounds.entry(key).or_default();
            sum.floor += bound.floor;
            sum.ceiling += bound.ceiling;
        };
        for (account, limits) in self.bounded.left() {
            for (label, bound) in limits {
                let at = Whereabouts::Held;
                more(EndKey { label: *label, at, account, channel: "" }, *bound);
            }
        }
        for exit in &self.bounded.exits {
            let (label, mut bound) = exit.limits;
            if let Some((undone, times)) = self.bounded.undone.get(&exit.movement)
                && exit.kind != ExitKind::Overdraft
            {
                let whole = self.of.ledger.amount[exit.movement as usize];
                bound = scaled(bound, whole - undone, whole);
                if *undone < whole {
                    // Each time, shares of what was left stray from shares of the whole by a unit.
                    bound.floor = (bound.floor - times).max(0);
                    bound.ceiling += times;
                }
            }
            more(self.exit_key(label, exit.kind, exit.account, exit.movement, channels), bound);
        }
        for (movement, (label, bound)) in &self.bounded.in_transit {
            let account = self.of.ledger.to[*movement as usize];
            let (at, channel) = (Whereabouts::InTransit, self.channel(*movement, channels));
            more(EndKey { label: *label, at, account, channel }, *bound);
        }
        bounds.retain(|key, _| self.shows(key.label));
        for (key, bound) in &mut bounds {
            let declared = self.declared_minor(key.label);
            bound.ceiling = bound.ceiling.min(declared);
        }
        bounds
    }

    /// What was declared of a label, or of all.
    pub fn declared_minor(&self, label: u32) -> i64 {
        let declared = &self.rules[0].declared;
        match label {
            0 => declared.iter().sum(),
            some => declared[some as usize],
        }
    }

    /// Word of the channel of a movement.
    fn channel(&self, movement: u32, channels: &[Channel]) -> &'static str {
        channels[self.of.row_of(movement) as usize].word()
    }

    /// All labels together are shown only beside several.
    fn shows(&self, label: u32) -> bool {
        label > 0 || self.sources.labels.len() > 1
    }

    fn put<K: Ord>(&self, to: &mut Plain<K>, label: u32, minor: i64, key: impl Fn(u32) -> K) {
        *to.entry(key(label)).or_default() += minor;
        if self.shows(0) {
            *to.entry(key(0)).or_default() += minor;
        }
    }

    /// The figures of all rules under each key that any of them or the bounds has, and whether
    /// another order changes them.
    fn side_by_side<K: Ord + Copy>(
        &self,
        plain: impl Fn(&Traced) -> Plain<K>,
        bounds: &BTreeMap<K, Bound>,
    ) -> Figures<K> {
        let mut figures: Figures<K> = Figures::new();
        let rules = self.rules.len();
        let blank = || Figure { rules: vec![0; rules], ..Figure::default() };
        for (at, traced) in self.rules.iter().enumerate() {
            for (key, minor) in plain(traced) {
                figures.entry(key).or_insert_with(blank).rules[at] = minor;
            }
        }
        for (key, bound) in bounds {
            figures.entry(*key).or_insert_with(blank).bound = *bound;
        }
        for (_, others) in &self.others {
            for (at, traced) in others.iter().enumerate() {
                let other = plain(traced);
                for (key, minor) in &other {
                    let figure = figures.entry(*key).or_insert_with(blank);
                    figure.changed |= figure.rules[at] != *minor;
                }
                for (key, figure) in &mut figures {
                    figure.changed |= figure.rules[at] != 0 && !other.contains_key(key);
                }
            }
        }
        figures.retain(|_, figure| figure.is_something());
        figures
    }

    /// The same figures in another order of the days, for the table of what that changes.
    pub fn ends_in(&self, others: &[Traced], channels: &[Channel]) -> Vec<BTreeMap<EndKey, i64>> {
        others.iter().map(|traced| self.plain_ends(traced, channels)).collect()
    }
}
