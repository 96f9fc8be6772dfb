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

/// Who paid whom in one row group.
pub(super) struct Part {
    pub(super) paid: Paid,
    /// By payment, where the list is of several.
    currency: Vec<Currency>,
}

impl List<'_> {
    pub(super) fn part(&self, group: usize) -> Result<Part> {
        let currency = if self.several { self.groups.currencies(group)? } else { Vec::new() };
        Ok(Part { paid: self.groups.paid(group)?, currency })
    }

    /// The row group of a row.
    fn group_of(&self, row: u32) -> usize {
        let spans = self.groups.spans();
        spans.partition_point(|(first, _)| *first <= row as usize).saturating_sub(1)
    }
}

impl Part {
    /// Whether a payment is one of the trace: of several currencies, those of zero move nothing
    /// in any.
    #[inline]
    pub(super) fn is_of(&self, at: usize, currency: Option<Currency>) -> bool {
        currency.is_none_or(|of| self.currency[at] == of && self.paid.amount_minor[at] != 0)
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
    /// Reads who paid whom from the day of the first source on, and gives the rows that the
    /// sources can name, rising; none where they name none, too many, or several currencies.
    pub(super) fn with_sources(
        case: &Case,
        list: &List,
        specs: &[SourceSpec],
    ) -> Result<Option<(Later, Vec<u32>)>> {
        let spans = list.groups.spans();
        let rows = spans.last().map_or(0, |(first, rows)| first + rows);
        let mut sources: Vec<u32> = Vec::new();
        for text in specs.iter().filter_map(|spec| spec.transfer.as_ref()) {
            match text.parse::<u32>() {
                Ok(row) if (row as usize) < rows => sources.push(row),
                Ok(_) => return Ok(None),
                Err(_) => sources.extend(read_at(case, list.groups, text)?),
            }
        }
        let of_accounts = OfAccounts::of(case, specs)?;
        let mut group = match (sources.iter().min(), &of_accounts) {
            (_, Some(_)) => 0,
            (Some(row), None) => list.group_of(*row),
            (None, None) => return Ok(None),
        };
        let mut parts: Vec<Part> = Vec::new();
        for from in (group..spans.len()).step_by(GROUPS_AT_ONCE) {
            let some = from..spans.len().min(from + GROUPS_AT_ONCE);
            let some: Result<Vec<Part>> = some.into_par_iter().map(|at| list.part(at)).collect();
            parts.extend(some?);
            // Most questions that name too much are seen to do so early in the list.
            let named = parts[from - group..].iter().zip(&spans[from..]);
            for (part, (first, _)) in named {
                let rows = of_accounts.iter().flat_map(|of| of.rows(&part.paid));
                sources.extend(rows.map(|row| row + *first as u32));
            }
            if sources.len() > SOURCES_MAX {
                return Ok(None);
            }
        }
        let first_day =
            |parts: &[Part]| parts.first().and_then(|part| part.paid.day.first().copied());
        if let Some(row) = sources.iter().min().filter(|_| of_accounts.is_none()) {
            let day = parts[0].paid.day[*row as usize - spans[group].0];
            // A day is put in order whole.
            while group > 0 && first_day(&parts).is_some_and(|first| first >= day) {
                group -= 1;
                parts.insert(0, list.part(group)?);
            }
        }
        sources.sort_unstable();
        sources.dedup();
        let of_row = |row: u32| {
            let of = list.group_of(row);
            parts[of - group].currency[row as usize - spans[of].0]
        };
        if let Some(code) = one_code(specs).filter(|_| list.several) {
            sources.retain(|row| of_row(*row).code() == code);
        }
        let mut currency = None;
        for of in sources.iter().filter(|_| list.several).map(|row| of_row(*row)) {
            if currency.is_some_and(|currency| currency != of) {
                return Ok(None);
            }
            currency = Some(of);
        }
        if sources.is_empty() {
            return Ok(None);
        }
        Ok(Some((Later::of(spans[group].0, group, parts, currency), sources)))
    }

    fn of(start: usize, group: usize, parts: Vec<Part>, currency: Option<Currency>) -> Later {
        let days = || parts.iter().map(|part| &part.paid.day).filter(|day| !day.is_empty());
        let first_day = days().next().map(|day| day[0]);
        let ends: Vec<(i32, i32)> = days().map(|day| (day[0], day[day.len() - 1])).collect();
        let is_sorted =
            days().all(|day| day.is_sorted()) && ends.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        let total = parts.iter().map(|part| total(&part.paid.amount_minor)).sum();
        let mut paid = Paid::default();
        let mut rows = currency.map(|_| Vec::new());
        let mut first = start;
        for part in parts {
            let count = part.paid.day.len();
            match &mut rows {
                None => paid.append(&part.paid),
                Some(rows) => {
                    let mine = (0..count).filter(|at| part.is_of(*at, currency));
                    mine.for_each(|at| {
                        rows.push((first + at) as u32);
                        paid.push(&part.paid, at);
                    });
                }
            }
            first += count;
        }
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
