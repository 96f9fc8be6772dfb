//! Statements with the balances they open and close with, and whether their own rows add up.
//!
//! Opening + credits − debits = closing, from the rows of the statement alone. Whether one
//! statement follows from the one before is asked in `proof.rs`, along the account.

use rayon::prelude::*;

use super::BalanceState;
use super::chain::Entry;
use crate::error::{Error, Result};
use crate::model::{Currency, NONE, SourceRef};
use crate::store::Case;

/// A statement as its table has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stated {
    pub account: u32,
    pub currency: Currency,
    pub source: u32,
    /// Lines of its first and last record.
    pub lines: Option<(u32, u32)>,
    /// Line on which it begins.
    pub line: u32,
    pub number: String,
    pub days: (Option<i32>, Option<i32>),
    pub opening_minor: Option<i64>,
    pub closing_minor: Option<i64>,
}

impl Stated {
    /// Where it is cited.
    pub fn at(&self) -> SourceRef {
        SourceRef { source: self.source, line: self.line }
    }

    /// The line by which its records are found; its own where it has none.
    pub fn first_line(&self) -> u32 {
        self.lines.map_or(self.line, |(first, _)| first)
    }

    /// Whether a row is one of its records.
    pub fn holds(&self, entry: &Entry) -> bool {
        let Some((first, last)) = self.lines else { return false };
        (self.account, self.currency, self.source)
            == (entry.account, entry.currency, entry.at.source)
            && (first..=last).contains(&entry.at.line)
    }
}

/// Where a record stood that was left out, and where the one stands that it repeats.
pub(super) type Twin = (SourceRef, SourceRef);

/// Every record that was left out because another tells the same, in order of its place.
pub(super) fn twins(case: &Case) -> Result<Vec<Twin>> {
    let table = case.duplicates()?;
    let twin = |row: usize| {
        let of = |source: &[u32], line: &[u32]| SourceRef { source: source[row], line: line[row] };
        (of(&table.source, &table.line), of(&table.twin_source, &table.twin_line))
    };
    let mut all: Vec<Twin> = (0..table.line.len()).map(twin).collect();
    all.par_sort_unstable();
    Ok(all)
}

/// Every statement, by account, currency, source and first record.
pub(super) fn stated(case: &Case) -> Result<Vec<Stated>> {
    let table = case.statements()?;
    let mut all: Vec<Stated> = (0..table.account.len())
        .map(|row| Stated {
            account: table.account[row],
            currency: table.currency[row],
            source: table.source[row],
            lines: (table.first_line[row] != NONE)
                .then(|| (table.first_line[row], table.last_line[row])),
            line: table.line[row],
            number: table.number.get(row).to_owned(),
            days: (table.from_day[row], table.to_day[row]),
            opening_minor: table.opening_minor[row],
            closing_minor: table.closing_minor[row],
        })
        .collect();
    all.par_sort_by_key(|one| (one.account, one.currency, one.source, one.first_line(), one.line));
    Ok(all)
}

/// A statement, the sum of its rows, and where it stands among its account's rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Summed {
    pub stated: Stated,
    /// Its records.
    pub records: u64,
    /// What its rows bring in and take out, minor units, both positive.
    pub credits_minor: i128,
    pub debits_minor: i128,
    /// Whether opening + credits − debits = closing; never `missing`.
    pub state: BalanceState,
    /// Closing as stated less the closing that follows, minor units, where both ends are stated.
    pub difference_minor: Option<i64>,
    /// Its opening less the closing of the statement before it, where both are stated.
    pub before_minor: Option<i64>,
    /// Positions in the account's rows before its first row and after its last; absent when
    /// nothing tells them.
    pub span: Option<(usize, usize)>,
}

/// Adds up each statement of one account and currency over `chain`, its rows in order of
/// booking; in order of their places there. Cost: statements × log(rows), and their rows.
pub(super) fn sums(chain: &[Entry], stated: &[Stated], twins: &[Twin]) -> Result<Vec<Summed>> {
    let mut by_line: Vec<usize> = (0..chain.len()).collect();
    if !stated.is_empty() {
        by_line.sort_unstable_by_key(|at| chain[*at].at);
    }
    let mut summed = Vec::new();
    for one in stated {
        let own = own_rows(chain, &by_line, one);
        let with_twins = with_twins(chain, &by_line, one, &own, twins);
        summed.push(sum(chain, one, &own, &with_twins)?);
    }
    summed.sort_by_key(|one| {
        let stated = &one.stated;
        (one.span.unwrap_or((usize::MAX, usize::MAX)), stated.days, stated.source, stated.line)
    });
    for at in 1..summed.len() {
        let closing = summed[at - 1].stated.closing_minor;
        let ends = closing.zip(summed[at].stated.opening_minor);
        summed[at].before_minor = ends.map(|(before, after)| less(after, before)).transpose()?;
    }
    Ok(summed)
}

fn own_rows(chain: &[Entry], by_line: &[usize], one: &Stated) -> Vec<usize> {
    let Some((first, last)) = one.lines else { return Vec::new() };
    let place = |line| SourceRef { source: one.source, line };
    let from = by_line.partition_point(|at| chain[*at].at < place(first));
    let to = by_line.partition_point(|at| chain[*at].at <= place(last));
    by_line[from..to].to_vec()
}

/// The rows of a statement, and for each of its records that another source repeats the row that
/// stands for it; empty where no record of it was left out.
fn with_twins(
    chain: &[Entry],
    by_line: &[usize],
    one: &Stated,
    own: &[usize],
    twins: &[Twin],
) -> Vec<usize> {
    let Some((first, last)) = one.lines else { return Vec::new() };
    let place = |line| SourceRef { source: one.source, line };
    let from = twins.partition_point(|twin| twin.0 < place(first));
    let to = twins.partition_point(|twin| twin.0 <= place(last));
    let row = |twin: &Twin| {
        let at = by_line.partition_point(|at| chain[*at].at < twin.1);
        by_line.get(at).copied().filter(|at| chain[*at].at == twin.1)
    };
    let mut rows: Vec<usize> = twins[from..to].iter().filter_map(row).collect();
    if !rows.is_empty() {
        rows.extend(own);
        rows.sort_unstable();
        rows.dedup();
    }
    rows
}

fn sum(chain: &[Entry], one: &Stated, own: &[usize], with_twins: &[usize]) -> Result<Summed> {
    let ends = one.opening_minor.zip(one.closing_minor);
    let held = own.iter().min().zip(own.iter().max()).map(|(first, last)| (*first, *last + 1));
    // By its days where it has no row, and where rows of it are counted in another source that
    // repeats them, which shows in that the rows of those days add up and its own do not.
    let by_days = one.days.0.zip(one.days.1).map(|(from, to)| {
        let start = chain.partition_point(|row| row.placed < from);
        (start, chain.partition_point(|row| row.placed <= to).max(start))
    });
    let moved = |rows: &mut dyn Iterator<Item = usize>| -> i128 {
        rows.map(|at| i128::from(chain[at].signed_minor)).sum()
    };
    let off =
        |sum: i128| ends.map(|(opening, closing)| i128::from(closing) - i128::from(opening) - sum);
    let by_own = off(moved(&mut own.iter().copied()));
    let repeated = by_days.filter(|(from, to)| {
        by_own.is_some_and(|difference| difference != 0) && off(moved(&mut (*from..*to))) == Some(0)
    });
    // Whose days nobody states is known by the records that stand for its own.
    let by_twins = with_twins.first().zip(with_twins.last()).filter(|_| {
        repeated.is_none()
            && by_own.is_some_and(|difference| difference != 0)
            && off(moved(&mut with_twins.iter().copied())) == Some(0)
    });
    let by_twins = by_twins.map(|(first, last)| (*first, *last + 1));
    let rows: Vec<usize> = match (repeated, by_twins) {
        (Some((from, to)), _) => (from..to).collect(),
        (None, Some(_)) => with_twins.to_vec(),
        (None, None) => own.to_vec(),
    };
    let amounts = || rows.iter().map(|at| i128::from(chain[*at].signed_minor));
    let credits_minor: i128 = amounts().filter(|minor| *minor > 0).sum();
    let debits_minor: i128 = -amounts().filter(|minor| *minor < 0).sum::<i128>();
    let difference_minor = off(credits_minor - debits_minor)
        .map(|minor| i64::try_from(minor).map_err(|_| Error::AmountOverflow))
        .transpose()?;
    Ok(Summed {
        stated: one.clone(),
        records: rows.len() as u64,
        credits_minor,
        debits_minor,
        state: match difference_minor {
            None => BalanceState::Unstated,
            Some(0) => BalanceState::Proves,
            Some(_) => BalanceState::Breaks,
        },
        difference_minor,
        before_minor: None,
        span: repeated.or(by_twins).or(held).or(by_days),
    })
}

/// `left` less `right`, minor units.
pub(super) fn less(left: i64, right: i64) -> Result<i64> {
    left.checked_sub(right).ok_or(Error::AmountOverflow)
}
