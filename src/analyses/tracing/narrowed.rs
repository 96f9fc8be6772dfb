//! A long list of payments read only as far as one question needs: the payments of the accounts
//! that its money can have reached, as `listed` finds them.
//!
//! Who paid whom is read of every payment from the day of the first source on, and the rest of a
//! payment only where declared money can have touched it. What is left out cannot carry any, so
//! that the answer is the same to the byte; a question that needs most of the list reads it whole.

mod later;

use std::borrow::Cow;

use rayon::prelude::*;

use self::later::{Checked, Later, List, Named};
use super::Params;
use super::case_ledger::{Orders, StatedDays, held_days};
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
        || match Named::by(&few, &listed, &specs)? {
            Some(named) => Ok(Some((Later::with(&listed, &named)?, named.rows))),
            None => Ok(None),
        },
        || held_days(&few, &StatedDays::default(), Vec::new()),
    );
    let Some((later, sources)) = found? else { return Ok(None) };
    let Some((transfers, numbers, narrowed)) = reached(&listed, &later, &sources, held?)? else {
        return Ok(None);
    };
    let mut ends = [&transfers.from_account[..], &transfers.to_account[..]].concat();
    ends.sort_unstable();
    ends.dedup();
    few.name_some_accounts(&ends)?;
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
    let Some((transfers, numbers)) = earlier.with(list.groups, later, &kept)? else {
        return Ok(None);
    };
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
        let part = list.part(group, currency)?;
        let all = &part.paid;
        let mut kept = Earlier { movements: all.day.len(), ..Earlier::default() };
        for (at, (from, to)) in all.from_account.iter().zip(&all.to_account).enumerate() {
            let touches = reached.has(*from) || reached.has(*to);
            if touches && from != to && all.amount_minor[at] != 0 {
                kept.rows.push(part.row(at));
                kept.paid.push(all, at);
            }
        }
        kept.days.extend_from_slice(&all.day);
        kept.days.dedup();
        Ok((kept, part.checked))
    }

    /// The transfers before and those of `later` that are kept, with their rows of the table; none
    /// where no currency is known.
    fn with(
        &self,
        groups: &TransferGroups,
        later: &Later,
        kept: &Ranks,
    ) -> Result<Option<(Transfers, Vec<u32>)>> {
        let places: Vec<u32> = kept.numbers().collect();
        let rows: Vec<u32> = places.iter().map(|place| later.row(*place)).collect();
        let Some(currency) = later.currency.or_else(|| groups.one_word("currency")?.parse().ok())
        else {
            return Ok(None);
        };
        let of_group = |group: usize| -> Result<Transfers> {
            let (first, many) = groups.spans()[group];
            let inside = rows.partition_point(|row| (*row as usize) < first)
                ..rows.partition_point(|row| (*row as usize) < first + many);
            if inside.is_empty() {
                return Ok(Transfers::default());
            }
            let local: Vec<u32> =
                rows[inside.clone()].iter().map(|row| row - first as u32).collect();
            groups.transfers(group, &local, later.paid.picked(&places[inside]), currency)
        };
        let parts: Result<Vec<Transfers>> =
            (later.group..groups.spans().len()).into_par_iter().map(of_group).collect();
        let mut transfers = self.unplaced(currency);
        for part in parts? {
            transfers.append(part);
        }
        Ok(Some((transfers, [&self.rows[..], &rows].concat())))
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
