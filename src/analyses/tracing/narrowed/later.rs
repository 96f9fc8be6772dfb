//! Who paid whom in a long list, from the day of the first source on, in the currency of the trace.
//!
//! The list is read a row group at a time, the columns that say where money can go and no others.

use rayon::prelude::*;

use crate::analyses::tracing::case_ledger::total;
use crate::analyses::tracing::sources::{SourceSpec, accounts_of, place_named};
use crate::analyses::tracing::subset::Marks;
use crate::error::Result;
use crate::model::Currency;
use crate::store::{Case, Paid, TransferGroups};

/// Row groups that are read before their sources are counted.
const GROUPS_AT_ONCE: usize = 8;

/// Transfers that the sources may name: more of them reach too much to leave out anything.
const SOURCES_MAX: usize = 1_000;

/// The list on disk.
pub(super) struct List<'a> {
    pub(super) groups: &'a TransferGroups,
    /// Whether it is of more than one currency: then a trace looks at the payments of its own.
    pub(super) several: bool,
}

/// Who paid whom in one row group, in the currency of the trace.
pub(super) struct Part {
    pub(super) paid: Paid,
    /// Their rows of the table, where some are left out; else they follow each other.
    rows: Option<Vec<u32>>,
    first: u32,
    pub(super) checked: Checked,
}

/// What has to hold of the whole list, found of one row group and of all its currencies.
pub(super) struct Checked {
    pub(super) total: i128,
    pub(super) is_sorted: bool,
    /// First and last day.
    pub(super) days: Option<(i32, i32)>,
}

impl List<'_> {
    /// The payments of a row group; of several currencies those of one, without any of zero, which
    /// move nothing in it.
    pub(super) fn part(&self, group: usize, currency: Option<Currency>) -> Result<Part> {
        let first = self.groups.spans()[group].0 as u32;
        let (paid, places, checked) =
            self.groups.paid(group, currency, |day, amount_minor| Checked {
                total: total(amount_minor),
                is_sorted: day.is_sorted(),
                days: day.first().copied().zip(day.last().copied()),
            })?;
        let rows = places.map(|mut places| {
            places.iter_mut().for_each(|at| *at += first);
            places
        });
        Ok(Part { paid, rows, first, checked })
    }

    /// The row group of a row.
    fn group_of(&self, row: u32) -> usize {
        let spans = self.groups.spans();
        spans.partition_point(|(first, _)| *first <= row as usize).saturating_sub(1)
    }

    /// The currencies of some rows, rising; nothing is read where the list is of one.
    fn currencies(&self, rows: &[u32]) -> Result<Vec<Currency>> {
        let mut found = Vec::new();
        let same_group = |one: &u32, other: &u32| self.group_of(*one) == self.group_of(*other);
        for rows in rows.chunk_by(same_group).filter(|_| self.several) {
            let group = self.group_of(rows[0]);
            let first = self.groups.spans()[group].0 as u32;
            let places: Vec<u32> = rows.iter().map(|row| row - first).collect();
            found.extend(self.groups.currencies(group, &places)?);
        }
        Ok(found)
    }
}

impl Part {
    /// The row of the table of a payment.
    #[inline]
    pub(super) fn row(&self, at: usize) -> u32 {
        self.rows.as_ref().map_or(self.first + at as u32, |rows| rows[at])
    }
}

/// The payments that the sources can name.
pub(super) struct Named {
    /// Their rows of the table, rising; at least one.
    pub(super) rows: Vec<u32>,
    /// That of all of them, where the list is of several.
    currency: Option<Currency>,
}

impl Named {
    /// None where they name no payment, too many, or several currencies.
    pub(super) fn by(case: &Case, list: &List, specs: &[SourceSpec]) -> Result<Option<Named>> {
        let spans = list.groups.spans();
        let all = spans.last().map_or(0, |(first, rows)| first + rows);
        let mut rows: Vec<u32> = Vec::new();
        for text in specs.iter().filter_map(|spec| spec.transfer.as_ref()) {
            match text.parse::<u32>() {
                Ok(row) if (row as usize) < all => rows.push(row),
                Ok(_) => return Ok(None),
                Err(_) => rows.extend(read_at(case, list.groups, text)?),
            }
        }
        if let Some(of_accounts) = OfAccounts::of(case, specs)? {
            for from in (0..spans.len()).step_by(GROUPS_AT_ONCE) {
                let some = from..spans.len().min(from + GROUPS_AT_ONCE);
                let in_group = |at: usize| -> Result<Vec<u32>> {
                    let (senders, receivers) = list.groups.ends(at)?;
                    Ok(of_accounts.rows(spans[at].0 as u32, &senders, &receivers).collect())
                };
                let found: Result<Vec<Vec<u32>>> = some.into_par_iter().map(in_group).collect();
                rows.extend(found?.concat());
                // Most questions that name too much are seen to do so early in the list.
                if rows.len() > SOURCES_MAX {
                    return Ok(None);
                }
            }
        }
        rows.sort_unstable();
        rows.dedup();
        let mut currencies = list.currencies(&rows)?;
        if let Some(code) = one_code(specs).filter(|_| list.several) {
            let mut of_row = currencies.iter();
            rows.retain(|_| of_row.next().expect("one for each").code() == code);
            currencies.retain(|of| of.code() == code);
        }
        let currency = currencies.first().copied();
        if rows.is_empty() || currencies.iter().any(|of| Some(*of) != currency) {
            return Ok(None);
        }
        Ok(Some(Named { rows, currency }))
    }
}

/// Who paid whom, of the payments that are held in memory: all from some row on, in the currency
/// of the trace.
pub(super) struct Later {
    /// The row of the first of them.
    start: usize,
    /// The row group that it is the first of.
    pub(super) group: usize,
    pub(super) paid: Paid,
    /// Their rows, rising, where the list is of several currencies; else they follow each other.
    rows: Option<Vec<u32>>,
    /// That of the trace, where the list is of several.
    pub(super) currency: Option<Currency>,
    /// The first day of any currency.
    pub(super) first_day: Option<i32>,
    /// Whether days of any currency never fall.
    pub(super) is_sorted: bool,
    /// Of all amounts in all currencies.
    pub(super) total: i128,
}

impl Later {
    /// Reads who paid whom from the day of the first source on.
    pub(super) fn with(list: &List, named: &Named) -> Result<Later> {
        let spans = list.groups.spans();
        let (row, currency) = (named.rows[0], named.currency);
        let mut group = list.group_of(row);
        let parts: Result<Vec<Part>> =
            (group..spans.len()).into_par_iter().map(|at| list.part(at, currency)).collect();
        let mut parts = parts?;
        let place = (0..parts[0].paid.day.len()).find(|at| parts[0].row(*at) == row);
        // A day is put in order whole.
        if let Some(day) = place.map(|at| parts[0].paid.day[at]) {
            while group > 0 && parts[0].checked.days.is_some_and(|(first, _)| first >= day) {
                group -= 1;
                parts.insert(0, list.part(group, currency)?);
            }
        }
        Ok(Later::of(spans[group].0, group, parts, currency))
    }

    fn of(start: usize, group: usize, parts: Vec<Part>, currency: Option<Currency>) -> Later {
        let ends: Vec<(i32, i32)> = parts.iter().filter_map(|part| part.checked.days).collect();
        let is_sorted = parts.iter().all(|part| part.checked.is_sorted)
            && ends.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        let total = parts.iter().map(|part| part.checked.total).sum();
        let mut paid = Paid::default();
        paid.reserve(parts.iter().map(|part| part.paid.day.len()).sum());
        let mut rows = currency.map(|_| Vec::new());
        for part in parts {
            paid.append(&part.paid);
            if let (Some(rows), Some(of_part)) = (&mut rows, part.rows) {
                rows.extend(of_part);
            }
        }
        let first_day = ends.first().map(|(first, _)| *first);
        Later { start, group, paid, rows, currency, first_day, is_sorted, total }
    }

    /// The row of the table of a payment.
    pub(super) fn row(&self, place: u32) -> u32 {
        self.rows.as_ref().map_or(place + self.start as u32, |rows| rows[place as usize])
    }

    /// The payment of a row of the table, where it is one of the trace.
    pub(super) fn place(&self, row: u32) -> Option<usize> {
        match &self.rows {
            None => (row as usize).checked_sub(self.start),
            Some(rows) => rows.binary_search(&row).ok(),
        }
    }
}

/// The currency that every source asks for, where each is a selector and all name one.
fn one_code(specs: &[SourceSpec]) -> Option<&str> {
    let mut codes = specs.iter().map(|spec| match spec.transfer {
        Some(_) => None,
        None => spec.currency.as_deref(),
    });
    let first = codes.next()??;
    codes.all(|code| code == Some(first)).then_some(first)
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

    /// Their rows among those from `first` on, those of zero among them: a source that names one is
    /// asked of the whole case.
    fn rows<'a>(
        &'a self,
        first: u32,
        senders: &'a [u32],
        receivers: &'a [u32],
    ) -> impl Iterator<Item = u32> + 'a {
        let ends = (first..).zip(senders.iter().zip(receivers));
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
