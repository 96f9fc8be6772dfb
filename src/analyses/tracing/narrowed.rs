//! A long list of payments read only as far as one question needs: the payments of the accounts
//! that its money can have reached, as `listed` finds them.
//!
//! Who paid whom is read of every payment from the day of the first source on, and the rest of a
//! payment only where declared money can have touched it. What is left out cannot carry any, so
//! that the answer is the same to the byte; a question that needs most of the list reads it whole.

use std::borrow::Cow;

use rayon::prelude::*;

use super::Params;
use super::case_ledger::{Orders, StatedDays, held_days, total};
use super::ledger::{HeldDays, Ledger};
use super::listed::Listed;
use super::posting_order::{Posting, PostingOrder};
use super::sources::{SourceSpec, accounts_of, place_named};
use super::subset::{Marks, Ranks};
use super::sweep::Declared;
use crate::error::Result;
use crate::model::{Channel, Currency, NONE};
use crate::store::{Appends, Case, Paid, Side, TransferGroups, Transfers};

/// Transfers that the sources may name: more of them reach too much to leave out anything.
const SOURCES_MAX: usize = 1_000;

/// Row groups that are read before their sources are counted.
const GROUPS_AT_ONCE: usize = 8;

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
    let one_side = groups.one_word("side").is_some_and(|word| word == Side::List.word());
    if !one_side || groups.one_word("currency").is_none() {
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
    let (found, held) = rayon::join(
        || Later::with_sources(&few, &groups, &specs),
        || {
            few.name_accounts()?;
            held_days(&few, &StatedDays::default(), Vec::new())
        },
    );
    let Some((later, sources)) = found? else { return Ok(None) };
    let Some((transfers, numbers, narrowed)) = reached(&groups, &later, &sources, held?)? else {
        return Ok(None);
    };
    Ok(Some((few.of_transfers(transfers, numbers), narrowed)))
}

/// Follows the sources, and looks up what touches the accounts that they reach: those transfers,
/// with their rows of the table, and their orders.
fn reached(
    groups: &TransferGroups,
    later: &Later,
    sources: &[u32],
    held: HeldDays,
) -> Result<Option<(Transfers, Vec<u32>, Narrowed)>> {
    let paid = &later.paid;
    let ends = (Cow::from(&paid.from_account), Cow::from(&paid.to_account));
    let ledger = Ledger::unposted(held, ends, Cow::from(&paid.amount_minor));
    let first = later.start as u32;
    let declared = Declared::new(sources.iter().map(|row| (row - first, 1, 1)));
    let moves = |row: &u32| {
        let at = (row - first) as usize;
        paid.amount_minor[at] != 0 && paid.from_account[at] != paid.to_account[at]
    };
    if !sources.iter().all(moves) || !paid.day.is_sorted() {
        return Ok(None);
    }
    let listed = Listed::new(&ledger, &paid.day, &declared);
    let reached = listed.reached();
    if reached.count() > ledger.accounts() / REACHED_SHARE {
        return Ok(None);
    }
    let Some(earlier) = Earlier::new(groups, later, reached)? else { return Ok(None) };
    let kept = Ranks::from(Marks::of(paid.day.len(), |row| listed.is_kept(row)));
    let (transfers, numbers) = earlier.with(groups, later, &kept)?;
    let orders = listed.in_each_order(&listed.order(), |of| earlier.before(of, &kept));
    let whole = later.start + paid.day.len();
    Ok(Some((transfers, numbers, Narrowed { held: ledger.into_held(), orders, whole })))
}

/// Who paid whom, of the payments that are held in memory: all from some row on.
struct Later {
    /// The row of the first of them.
    start: usize,
    /// The row group that it is the first of.
    group: usize,
    paid: Paid,
}

impl Later {
    /// Reads who paid whom from the day of the first source on, and gives the rows that the
    /// sources can name, rising; none where they name none, or too many.
    fn with_sources(
        case: &Case,
        groups: &TransferGroups,
        specs: &[SourceSpec],
    ) -> Result<Option<(Later, Vec<u32>)>> {
        let rows = groups.spans().last().map_or(0, |(first, rows)| first + rows);
        let mut sources: Vec<u32> = Vec::new();
        for text in specs.iter().filter_map(|spec| spec.transfer.as_ref()) {
            match text.parse::<u32>() {
                Ok(row) if (row as usize) < rows => sources.push(row),
                Ok(_) => return Ok(None),
                Err(_) => sources.extend(read_at(case, groups, text)?),
            }
        }
        let of_accounts = OfAccounts::of(case, specs)?;
        let group_of = |row: u32| {
            groups.spans().partition_point(|(first, _)| *first <= row as usize).saturating_sub(1)
        };
        let mut group = match (sources.iter().min(), &of_accounts) {
            (_, Some(_)) => 0,
            (Some(row), None) => group_of(*row),
            (None, None) => return Ok(None),
        };
        let mut parts: Vec<Paid> = Vec::new();
        for from in (group..groups.spans().len()).step_by(GROUPS_AT_ONCE) {
            let some = from..groups.spans().len().min(from + GROUPS_AT_ONCE);
            let some: Result<Vec<Paid>> = some.into_par_iter().map(|at| groups.paid(at)).collect();
            parts.extend(some?);
            // Most questions that name too much are seen to do so early in the list.
            let named = parts[from - group..].iter().zip(&groups.spans()[from..]);
            for (part, (first, _)) in named {
                let rows = of_accounts.iter().flat_map(|of| of.rows(part));
                sources.extend(rows.map(|row| row + *first as u32));
            }
            if sources.len() > SOURCES_MAX {
                return Ok(None);
            }
        }
        let first_day = |parts: &[Paid]| parts.first().and_then(|part| part.day.first().copied());
        if let Some(row) = sources.iter().min().filter(|_| of_accounts.is_none()) {
            let day = parts[0].day[*row as usize - groups.spans()[group].0];
            // A day is put in order whole.
            while group > 0 && first_day(&parts).is_some_and(|first| first >= day) {
                group -= 1;
                parts.insert(0, groups.paid(group)?);
            }
        }
        sources.sort_unstable();
        sources.dedup();
        if sources.is_empty() {
            return Ok(None);
        }
        let mut paid = Paid::default();
        parts.into_iter().for_each(|part| paid.append(&part));
        let start = groups.spans()[group].0;
        Ok(Some((Later { start, group, paid }, sources)))
    }
}

/// The accounts whose payments are sources, all labels together: what they name may be fewer.
struct OfAccounts {
    /// Whatever they are paid.
    paid: Marks,
    /// Whatever they pay.
    pay: Marks,
}

impl OfAccounts {
    /// None where every source names one transfer.
    fn of(case: &Case, specs: &[SourceSpec]) -> Result<Option<OfAccounts>> {
        if specs.iter().all(|spec| spec.transfer.is_some()) {
            return Ok(None);
        }
        let accounts = case.accounts()?.account.len();
        let mut all = OfAccounts { paid: Marks::new(accounts), pay: Marks::new(accounts) };
        for (accounts, inward) in accounts_of(case, specs)? {
            let marks = if inward { &mut all.paid } else { &mut all.pay };
            for account in accounts {
                marks.mark(account);
            }
        }
        Ok(Some(all))
    }

    /// Their rows, those of zero among them: a source that names one is asked of the whole case.
    fn rows<'a>(&'a self, paid: &'a Paid) -> impl Iterator<Item = u32> + 'a {
        let ends = (0..).zip(paid.from_account.iter().zip(&paid.to_account));
        let named = ends
            .filter(|(_, (from, to))| from != to && (self.paid.has(**to) || self.pay.has(**from)));
        named.map(|(row, _)| row)
    }
}

/// The rows that were read at a place, whatever the number of them.
fn read_at(case: &Case, groups: &TransferGroups, text: &str) -> Result<Vec<u32>> {
    let at = place_named(case, text)?;
    let found: Result<Vec<Vec<u32>>> =
        (0..groups.spans().len()).into_par_iter().map(|group| groups.read_at(group, at)).collect();
    Ok(found?.concat())
}

/// What touches a reached account before the days held in memory.
struct Earlier {
    /// Their rows of the table, rising.
    rows: Vec<u32>,
    paid: Paid,
    /// Every civil day of the list.
    days: Vec<i32>,
}

impl Earlier {
    /// None where the list is not in order of days, or all of it together leaves 64 bits.
    fn new(groups: &TransferGroups, later: &Later, reached: &Marks) -> Result<Option<Earlier>> {
        let of_group = |group: usize| -> Result<(Earlier, i128, bool)> {
            let all = groups.paid(group)?;
            let (mut rows, mut paid) = (Vec::new(), Paid::default());
            let ends = all.from_account.iter().zip(&all.to_account).enumerate();
            for (at, (from, to)) in ends {
                let touches = reached.has(*from) || reached.has(*to);
                if touches && from != to && all.amount_minor[at] != 0 {
                    rows.push((groups.spans()[group].0 + at) as u32);
                    paid.from_account.push(*from);
                    paid.to_account.push(*to);
                    paid.day.push(all.day[at]);
                    paid.amount_minor.push(all.amount_minor[at]);
                }
            }
            let total = total(&all.amount_minor);
            let sorted = all.day.is_sorted();
            let mut days = all.day;
            days.dedup();
            Ok((Earlier { rows, paid, days }, total, sorted))
        };
        let found: Result<Vec<_>> = (0..later.group).into_par_iter().map(of_group).collect();
        let mut all = Earlier { rows: Vec::new(), paid: Paid::default(), days: Vec::new() };
        let mut sum = total(&later.paid.amount_minor);
        for (Earlier { rows, paid, days }, total, sorted) in found? {
            let follows = all.days.last().is_none_or(|last| days.first() >= Some(last));
            if !sorted || !follows {
                return Ok(None);
            }
            all.rows.extend(rows);
            all.paid.append(&paid);
            all.days.extend(days);
            sum += total;
        }
        if all.days.last() > later.paid.day.first() || sum > i128::from(i64::MAX / 4) {
            return Ok(None);
        }
        all.days.extend_from_slice(&later.paid.day);
        all.days.dedup();
        Ok(Some(all))
    }

    /// The transfers before and those of `later` that are kept, with their rows of the table.
    fn with(
        &self,
        groups: &TransferGroups,
        later: &Later,
        kept: &Ranks,
    ) -> Result<(Transfers, Vec<u32>)> {
        let mut numbers = self.rows.clone();
        numbers.extend(kept.numbers().map(|row| row + later.start as u32));
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
