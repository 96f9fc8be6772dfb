//! A long list of payments read only as far as one question needs: the payments of the accounts
//! that its money can have reached, as `listed` finds them.
//!
//! Who paid whom is read of every payment from the day of the first source on, and the rest of a
//! payment only where declared money can have touched it. What is left out cannot carry any, so
//! that the answer is the same to the byte; a question that needs most of the list reads it whole.

mod later;

use std::borrow::Cow;

use rayon::prelude::*;

use self::later::{Later, List};
use super::Params;
use super::case_ledger::{Orders, StatedDays, held_days, total};
use super::ledger::{HeldDays, Ledger};
use super::listed::Listed;
use super::posting_order::{Posting, PostingOrder};
use super::sources::{SourceSpec, Sources};
use super::subset::{Marks, Ranks};
use super::sweep::Declared;
use crate::error::Result;
use crate::model::{Channel, Currency, NONE};
use crate::store::{Appends, Case, Paid, Side, TransferGroups, Transfers};

/// One in so many accounts may be reached, before all of the list is read.
const REACHED_SHARE: usize = 8;

/// What was found out while a case was narrowed, that its ledger need not find again.
#[derive(Debug)]
pub struct Narrowed {
    /// The days that are held of every account.
    pub(super) held: HeldDays,
    /// The transfers of the narrowed case in each order of days.
    pub(super) orders: Orders,
    /// How many transfers the whole case has: by that is decided how much is listed.
    pub(super) whole: usize,
}

/// The case with the transfers that the question needs, where these are few; else the case as it
/// was. Whatever keeps a question from being narrowed, a mistake in it among them, is left to the
/// reading of the whole case, which has the words for it.
pub fn narrowed(case: Case, params: &Params) -> (Case, Option<Narrowed>) {
    let of_all = params.destination.is_some()
        || params.reach.is_some()
        || params.explain.is_some()
        || params.into.is_some()
        || !params.restrain.is_empty();
    if of_all {
        return (case, None);
    }
    match few(&case, params) {
        Ok(Some((case, narrowed))) => (case, Some(narrowed)),
        Ok(None) | Err(_) => (case, None),
    }
}

fn few(case: &Case, params: &Params) -> Result<Option<(Case, Narrowed)>> {
    let only_listed = case.refs()?.row.is_empty()
        && case.reversals()?.transfer.is_empty()
        && case.statements()?.account.is_empty()
        && case.conversions()?.transfer.is_empty();
    let Some(groups) = case.transfer_groups()?.filter(|_| only_listed) else {
        return Ok(None);
    };
    if groups.one_word("side").is_none_or(|word| word != Side::List.word()) {
        return Ok(None);
    }
    let mut specs = Vec::new();
    for text in &params.source {
        specs.extend(SourceSpec::parse(text)?);
    }
    let few = case.reopened();
    if specs.iter().any(|spec| spec.transfer.is_none()) {
        few.name_accounts()?;
    }
    let listed = List { several: groups.one_word("currency").is_none(), groups: &groups };
    let (found, held) = rayon::join(
        || Later::with_sources(&few, &listed, &specs),
        || {
            few.name_accounts()?;
            held_days(&few, &StatedDays::default(), Vec::new())
        },
    );
    let Some((later, sources)) = found? else { return Ok(None) };
    let Some((transfers, numbers, narrowed)) = reached(&listed, &later, &sources, held?)? else {
        return Ok(None);
    };
    let few = few.of_transfers(transfers, numbers);
    // What a mistake is told by may be among what was left out.
    Ok(Sources::find(&few, &specs).is_ok().then_some((few, narrowed)))
}

/// Follows the sources, and looks up what touches the accounts that they reach: those transfers,
/// with their rows of the table, and their orders.
fn reached(
    list: &List,
    later: &Later,
    sources: &[u32],
    held: HeldDays,
) -> Result<Option<(Transfers, Vec<u32>, Narrowed)>> {
    let paid = &later.paid;
    let ends = (Cow::from(&paid.from_account), Cow::from(&paid.to_account));
    let ledger = Ledger::unposted(held, ends, Cow::from(&paid.amount_minor));
    let moves =
        |at: &usize| paid.amount_minor[*at] != 0 && paid.from_account[*at] != paid.to_account[*at];
    let places: Vec<usize> =
        sources.iter().filter_map(|row| later.place(*row)).filter(moves).collect();
    if places.len() < sources.len() || !later.is_sorted {
        return Ok(None);
    }
    let declared = Declared::new(places.iter().map(|at| (*at as u32, 1, 1)));
    let listed = Listed::new(&ledger, &paid.day, &declared);
    let reached = listed.reached();
    if reached.count() > ledger.accounts() / REACHED_SHARE {
        return Ok(None);
    }
    let Some(earlier) = Earlier::new(list, later, reached)? else { return Ok(None) };
    let kept = Ranks::from(Marks::of(paid.day.len(), |row| listed.is_kept(row)));
    let (transfers, numbers) = earlier.with(list.groups, later, &kept)?;
    let orders = listed.in_each_order(&listed.order(), |of| earlier.before(of, &kept));
    let whole = earlier.movements + paid.day.len();
    Ok(Some((transfers, numbers, Narrowed { held: ledger.into_held(), orders, whole })))
}

/// What touches a reached account before the days held in memory.
#[derive(Default)]
struct Earlier {
    /// Their rows of the table, rising.
    rows: Vec<u32>,
    paid: Paid,
    /// Every civil day of the list.
    days: Vec<i32>,
    /// How many payments of the trace's currency there are before.
    movements: usize,
}

/// What has to hold of the whole list, found of one row group.
struct Checked {
    total: i128,
    is_sorted: bool,
    /// First and last day.
    days: Option<(i32, i32)>,
}

impl Earlier {
    /// None where the list is not in order of days, or all of it together leaves 64 bits.
    fn new(list: &List, later: &Later, reached: &Marks) -> Result<Option<Earlier>> {
        let of_group = |group| Earlier::of_group(list, group, later.currency, reached);
        let found: Result<Vec<_>> = (0..later.group).into_par_iter().map(of_group).collect();
        let mut all = Earlier::default();
        let (mut sum, mut last_day) = (later.total, None);
        for (of_group, checked) in found? {
            if let Some((first, last)) = checked.days {
                if !checked.is_sorted || last_day.is_some_and(|before| first < before) {
                    return Ok(None);
                }
                last_day = Some(last);
            }
            all.rows.extend(of_group.rows);
            all.paid.append(&of_group.paid);
            all.days.extend(of_group.days);
            all.movements += of_group.movements;
            sum += checked.total;
        }
        if last_day > later.first_day || sum > i128::from(i64::MAX / 4) {
            return Ok(None);
        }
        all.days.extend_from_slice(&later.paid.day);
        all.days.dedup();
        Ok(Some(all))
    }

    fn of_group(
        list: &List,
        group: usize,
        currency: Option<Currency>,
        reached: &Marks,
    ) -> Result<(Earlier, Checked)> {
        let part = list.part(group)?;
        let all = &part.paid;
        let mut kept = Earlier::default();
        let ends = all.from_account.iter().zip(&all.to_account).enumerate();
        for (at, (from, to)) in ends {
            let touches = reached.has(*from) || reached.has(*to);
            if touches && from != to && all.amount_minor[at] != 0 && part.is_of(at, currency) {
                kept.rows.push((list.groups.spans()[group].0 + at) as u32);
                kept.paid.push(all, at);
            }
        }
        let checked = Checked {
            total: total(&all.amount_minor),
            is_sorted: all.day.is_sorted(),
            days: all.day.first().copied().zip(all.day.last().copied()),
        };
        if currency.is_none() {
            kept.movements = all.day.len();
            kept.days.extend_from_slice(&all.day);
        } else {
            let mine = (0..all.day.len()).filter(|at| part.is_of(*at, currency));
            kept.days.extend(mine.map(|at| all.day[at]));
            kept.movements = kept.days.len();
        }
        kept.days.dedup();
        Ok((kept, checked))
    }

    /// The transfers before and those of `later` that are kept, with their rows of the table.
    fn with(
        &self,
        groups: &TransferGroups,
        later: &Later,
        kept: &Ranks,
    ) -> Result<(Transfers, Vec<u32>)> {
        let mut numbers = self.rows.clone();
        numbers.extend(kept.numbers().map(|place| later.row(place)));
        let of_group = |group: usize| -> Result<Transfers> {
            let (first, rows) = groups.spans()[group];
            let inside = numbers.partition_point(|row| (*row as usize) < first)
                ..numbers.partition_point(|row| (*row as usize) < first + rows);
            let local: Vec<u32> = numbers[inside].iter().map(|row| row - first as u32).collect();
            if local.is_empty() {
                return Ok(Transfers::default());
            }
            Ok(groups.whole(group)?.select(&local))
        };
        let parts: Result<Vec<Transfers>> =
            (later.group..groups.spans().len()).into_par_iter().map(of_group).collect();
        let mut transfers = Transfers::default();
        for part in parts? {
            transfers.append(part);
        }
        if let Some(currency) = transfers.currency.first().copied() {
            let mut all = self.unplaced(currency);
            all.append(transfers);
            transfers = all;
        }
        Ok((transfers, numbers))
    }

    /// The earlier transfers: declared money was not there yet, so that no figure tells of one,
    /// and where and how they were paid is not read. Their place is none, which nothing can print.
    fn unplaced(&self, currency: Currency) -> Transfers {
        let rows = self.rows.len();
        Transfers {
            from_account: self.paid.from_account.clone(),
            to_account: self.paid.to_account.clone(),
            booked_ms: vec![0; rows],
            day: self.paid.day.clone(),
            timed: vec![false; rows],
            amount_minor: self.paid.amount_minor.clone(),
            currency: vec![currency; rows],
            channel: vec![Channel::Other; rows],
            side: vec![Side::List; rows],
            source: vec![NONE; rows],
            line: vec![NONE; rows],
        }
    }

    /// What is kept of an order of later postings, the earlier ones before it, by their place among
    /// all that is kept.
    fn before(&self, later: &PostingOrder, kept: &Ranks) -> PostingOrder {
        let mut order = PostingOrder::default();
        let mut days = later.days().peekable();
        let mut next = 0;
        for &day in &self.days {
            let start = next;
            next += self.paid.day[start..].partition_point(|of| *of <= day);
            let places = days.next_if(|(of, _)| *of == day).map_or(0..0, |(_, places)| places);
            let kept = places.filter_map(|at| kept.place(later.at(at).movement()));
            let behind = kept.map(|rank| Posting::Both((self.rows.len() + rank) as u32));
            let before = (start..next).map(|row| Posting::Both(row as u32));
            order.push_day(day, before.chain(behind));
        }
        order
    }
}

#[cfg(test)]
mod tests;
