//! Records between entities, grouped as a chart draws them: one group for each pair and kind.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::Inputs;
use crate::error::Result;
use crate::model::{Currency, EntityKind, EntityRef, day_text};
use crate::store::Table;

use super::{Params, Show};

/// What one line on a chart is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    Holding,
    Tie(String),
    Transfers(Currency),
    Calls,
}

/// Lines that can be compared by weight with one another.
pub(super) type Lane = (u8, Option<Currency>);

impl Kind {
    /// Where its weight counts.
    pub fn lane(&self) -> Lane {
        match self {
            Kind::Holding | Kind::Tie(_) => (0, None),
            Kind::Transfers(currency) => (1, Some(*currency)),
            Kind::Calls => (2, None),
        }
    }
}

/// The records behind one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Rows of the table that `Kind` names, ascending.
    pub rows: Vec<u32>,
    /// Sum of transfers.
    pub total_minor: i128,
    pub first: Option<i32>,
    pub last: Option<i32>,
}

impl Group {
    fn add(&mut self, row: u32, minor: i64, first: Option<i32>, last: Option<i32>) {
        self.rows.push(row);
        self.total_minor += i128::from(minor);
        self.first = self.first.into_iter().chain(first).min();
        self.last = self.last.into_iter().chain(last).max();
    }

    /// Heavier groups stay when a bound cuts: money by amount, all else by records.
    pub fn weight(&self, kind: &Kind) -> i128 {
        match kind {
            Kind::Transfers(_) => self.total_minor,
            _ => self.rows.len() as i128,
        }
    }
}

/// From, to and kind of a line.
pub(super) type Key = (EntityRef, EntityRef, Kind);
/// Lines in order of their ends and kind.
pub(super) type Groups = BTreeMap<Key, Group>;

/// Which records are looked at.
pub(super) struct Filter<'a> {
    /// Entities of which at least one stands at an end.
    pub around: &'a BTreeSet<EntityRef>,
    /// True when both ends must be of `around`.
    pub within: bool,
    pub params: &'a Params,
}

impl Filter<'_> {
    fn ends(&self, from: EntityRef, to: EntityRef) -> bool {
        let from_in = self.around.contains(&from);
        let to_in = self.around.contains(&to);
        if self.within { from_in && to_in } else { from_in || to_in }
    }

    /// True when some day from `first` to `last` is asked for; undated ends are open.
    fn days(&self, first: Option<i32>, last: Option<i32>) -> bool {
        let (from, to) = self.params.days();
        first.is_none_or(|first| first <= to) && last.is_none_or(|last| last >= from)
    }
}

/// Lines that pass the filter. Transfers whose pair totals less than the smallest amount come
/// back apart. Cost: transfers of the entities, and one pass over calls, holdings and ties.
pub(super) fn gather(inputs: &Inputs, filter: &Filter) -> Result<(Groups, Groups)> {
    let mut groups = Groups::new();
    if filter.params.shows(Show::Transfers) {
        transfers(inputs, filter, &mut groups)?;
    }
    if filter.params.shows(Show::Calls) {
        calls(inputs, filter, &mut groups)?;
    }
    if filter.params.shows(Show::Holdings) {
        holdings(inputs, filter, &mut groups)?;
    }
    if filter.params.shows(Show::Ties) {
        ties(inputs, filter, &mut groups)?;
    }
    for group in groups.values_mut() {
        group.rows.sort_unstable();
    }
    let least = i128::from(filter.params.min_amount_minor);
    Ok(groups.into_iter().partition(|((_, _, kind), group)| {
        !matches!(kind, Kind::Transfers(_)) || group.total_minor >= least
    }))
}

fn transfers(inputs: &Inputs, filter: &Filter, groups: &mut Groups) -> Result<()> {
    let graph = inputs.graph()?;
    let table = inputs.case.transfers()?;
    let mut add = |row: u32| {
        let at = row as usize;
        let from = EntityRef { kind: EntityKind::Account, row: table.from_account[at] };
        let to = EntityRef { kind: EntityKind::Account, row: table.to_account[at] };
        let day = Some(table.day[at]);
        if filter.ends(from, to) && filter.days(day, day) {
            let key = (from, to, Kind::Transfers(table.currency[at]));
            groups.entry(key).or_default().add(row, table.amount_minor[at], day, day);
        }
    };
    for account in filter.around.iter().filter(|entity| entity.kind == EntityKind::Account) {
        graph.out_edges(account.row).transfers().iter().for_each(|row| add(*row));
        let edges = graph.in_edges(account.row);
        for (row, payer) in edges.transfers().iter().zip(edges.neighbours()) {
            // What one of them paid has been seen from its own side.
            let payer = EntityRef { kind: EntityKind::Account, row: *payer };
            if !filter.around.contains(&payer) {
                add(*row);
            }
        }
    }
    Ok(())
}

fn calls(inputs: &Inputs, filter: &Filter, groups: &mut Groups) -> Result<()> {
    let table = inputs.case.calls()?;
    if !filter.around.iter().any(|entity| entity.kind == EntityKind::Phone) {
        return Ok(());
    }
    for at in 0..table.rows() {
        let from = EntityRef { kind: EntityKind::Phone, row: table.from_phone[at] };
        let to = EntityRef { kind: EntityKind::Phone, row: table.to_phone[at] };
        let day = Some(table.day[at]);
        if filter.ends(from, to) && filter.days(day, day) {
            let key = (from.min(to), from.max(to), Kind::Calls);
            groups.entry(key).or_default().add(at as u32, 0, day, day);
        }
    }
    Ok(())
}

fn holdings(inputs: &Inputs, filter: &Filter, groups: &mut Groups) -> Result<()> {
    let table = inputs.case.holdings()?;
    for at in 0..table.rows() {
        let from = EntityRef { kind: EntityKind::Party, row: table.party[at] };
        let to = EntityRef { kind: EntityKind::Account, row: table.account[at] };
        let (first, last) = (table.opened[at], table.closed[at]);
        if filter.ends(from, to) && filter.days(first, last) {
            groups.entry((from, to, Kind::Holding)).or_default().add(at as u32, 0, first, last);
        }
    }
    Ok(())
}

fn ties(inputs: &Inputs, filter: &Filter, groups: &mut Groups) -> Result<()> {
    let table = inputs.case.ties()?;
    for at in 0..table.rows() {
        let from = EntityRef { kind: table.from_kind[at], row: table.from_row[at] };
        let to = EntityRef { kind: table.to_kind[at], row: table.to_row[at] };
        let (first, last) = (table.start[at], table.end[at]);
        if filter.ends(from, to) && filter.days(first, last) {
            let key = (from, to, Kind::Tie(table.relation.get(at).to_owned()));
            groups.entry(key).or_default().add(at as u32, 0, first, last);
        }
    }
    Ok(())
}

/// The period asked for in words, if one was.
pub(super) fn period_words(params: &Params) -> Option<String> {
    let (from, to) = params.days();
    match (from, to) {
        (i32::MIN, i32::MAX) => None,
        (from, i32::MAX) => Some(format!("Only records from {} are shown.", day_text(from))),
        (i32::MIN, to) => Some(format!("Only records up to {} are shown.", day_text(to))),
        (from, to) => {
            Some(format!("Only records from {} to {} are shown.", day_text(from), day_text(to)))
        }
    }
}
