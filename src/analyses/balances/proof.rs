//! One account walked from stated balance to stated balance, in the order of booking.
//!
//! A balance is stated after a row, before a statement's first row, or after its last. Between
//! two of them stand the rows whose sum must lead from one to the other; where it does not, the
//! account breaks there, and the reader goes on from the balance that was found.

use std::collections::BTreeMap;

use super::chain::Entry;
use super::stated::Summed;
use super::{BalanceState, Covered, MonthBalance, order};
use crate::analyses::{month_after, month_of};
use crate::error::{Error, Result};
use crate::model::{Currency, SourceRef};

/// Months without any row that are walked one by one; a longer silence is one gap, as a
/// mistyped year would otherwise make hundreds of missing months.
pub(super) const SILENT_MONTHS_MAX: usize = 60;

/// What states the balance that does not follow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BreakKind {
    /// A row's running balance.
    Row,
    /// A statement's closing balance.
    Closing,
    /// A statement's opening balance, against the closing before it.
    Opening,
    /// The first balance after months that no statement covers: no break of what is held, but
    /// what the missing statements moved.
    Unheld,
}

/// A balance that does not follow from the one before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Break {
    pub account: u32,
    pub currency: Currency,
    pub kind: BreakKind,
    /// The row, or the statement.
    pub at: SourceRef,
    /// Day on which it shows.
    pub day: i32,
    /// The last day known before it.
    pub day_before: Option<i32>,
    /// Balance stated less the one that follows, minor units, never zero.
    pub difference_minor: i64,
    /// Rows since the balance before: positions in the account's rows.
    pub rows: (usize, usize),
    /// The row before those, if there is one.
    pub row_before: Option<usize>,
}

/// What one account's walk found.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub months: Vec<MonthBalance>,
    pub breaks: Vec<Break>,
    /// First day of each silence too long for its months to be listed, and the day after it.
    pub silences: Vec<(i32, i32)>,
}

#[derive(Clone, Copy)]
enum Anchor {
    Opening(usize),
    Closing(usize),
}

struct Walk<'a> {
    chain: &'a [Entry],
    key: (u32, Currency),
    balance: Option<i128>,
    /// First row after the last stated balance.
    since: usize,
    /// First row of the month at hand.
    month_start: usize,
    /// The last day known so far.
    day: Option<i32>,
    /// The balance before months that are not held.
    unheld: Option<i128>,
    /// The last day that is held before those.
    unheld_since: Option<i32>,
    months: BTreeMap<i32, MonthBalance>,
    /// Months with rows between two balances that agree.
    agreed: Vec<i32>,
    breaks: Vec<Break>,
    silences: Vec<(i32, i32)>,
}

/// Walks the rows and statements of one account and currency. Cost: its rows, and a sort of
/// those of a day whose balances follow in another order only.
pub(super) fn prove(
    key: (u32, Currency),
    chain: &[Entry],
    summed: &[Summed],
    covered: &Covered,
) -> Result<Proof> {
    let mut anchors: Vec<(usize, Anchor)> = Vec::new();
    for (at, one) in summed.iter().enumerate() {
        let Some((from, to)) = one.span else { continue };
        anchors.push((from, Anchor::Opening(at)));
        anchors.push((to, Anchor::Closing(at)));
    }
    // Stable: of two at one place, the earlier statement's closing comes first.
    anchors.sort_by_key(|(position, _)| *position);
    let mut walk = Walk {
        chain,
        key,
        balance: None,
        since: 0,
        month_start: 0,
        day: None,
        unheld: None,
        unheld_since: None,
        months: BTreeMap::new(),
        agreed: Vec::new(),
        breaks: Vec::new(),
        silences: Vec::new(),
    };
    let mut next = anchors.iter().peekable();
    let mut at = 0;
    loop {
        while let Some((_, anchor)) = next.next_if(|(position, _)| *position <= at) {
            walk.anchor(*anchor, summed, at, covered)?;
        }
        if at == chain.len() {
            break;
        }
        let limit = next.peek().map_or(chain.len(), |(position, _)| *position);
        let day = chain[at].placed;
        let rows = chain[at..limit].iter().take_while(|row| row.placed == day).count();
        walk.day(at, at + rows, covered)?;
        at += rows;
    }
    walk.finish()
}

impl Walk<'_> {
    fn month(&mut self, month: i32) -> &mut MonthBalance {
        let (account, currency) = self.key;
        self.months.entry(month).or_insert(MonthBalance {
            account,
            currency,
            month,
            opening_minor: None,
            closing_minor: None,
            records: 0,
            state: BalanceState::Unstated,
            breaks: 0,
            first_break: None,
            reordered_days: 0,
        })
    }

    /// Goes on to a day; months passed on the way are held without rows, or missing.
    fn go_to(&mut self, day: i32, covered: &Covered) -> Result<()> {
        let month = month_of(day);
        if let Some(before) = self.day.map(month_of) {
            let mut passed = Vec::new();
            let mut between = month_after(before);
            while between < month && passed.len() <= SILENT_MONTHS_MAX {
                passed.push(between);
                between = month_after(between);
            }
            if passed.len() > SILENT_MONTHS_MAX {
                self.silences.push((month_after(before), month));
                passed.clear();
                self.leave_unheld();
            }
            for one in passed {
                let held = covered.whole_month(self.key.0, one);
                if !held {
                    self.leave_unheld();
                }
                let balance = minor(self.balance)?;
                let known = self.month(one);
                known.state = match (held, balance) {
                    (false, _) => BalanceState::Missing,
                    (true, None) => BalanceState::Unstated,
                    (true, Some(_)) => BalanceState::Proves,
                };
                (known.opening_minor, known.closing_minor) = (balance, balance);
            }
        }
        self.day = Some(self.day.map_or(day, |before| before.max(day)));
        Ok(())
    }

    /// What is not covered says nothing about the next balance.
    fn leave_unheld(&mut self) {
        if let Some(balance) = self.balance.take() {
            (self.unheld, self.unheld_since) = (Some(balance), self.day);
        }
    }

    /// The rows of one day, in the order as printed or in one in which every balance follows.
    fn day(&mut self, from: usize, to: usize, covered: &Covered) -> Result<()> {
        let chain = self.chain;
        let rows = &chain[from..to];
        self.go_to(rows[0].placed, covered)?;
        let month = month_of(rows[0].placed);
        if self.months.get(&month).is_none_or(|known| known.records == 0) {
            self.month_start = from;
            let opening = minor(self.balance)?;
            self.month(month).opening_minor = opening;
        }
        let ordered = order::of_day(self.balance, rows);
        self.month(month).reordered_days += u64::from(ordered.is_some());
        let printed: Vec<usize> = (0..rows.len()).collect();
        let mut moved = 0_i128;
        for at in ordered.as_ref().unwrap_or(&printed) {
            let row = &rows[*at];
            moved += i128::from(row.signed_minor);
            self.balance = self.balance.map(|before| before + i128::from(row.signed_minor));
            self.month(month).records += 1;
            if let Some(found) = row.balance_minor {
                if self.month(month).opening_minor.is_none() {
                    let before = self.sum(self.month_start, from) + moved;
                    self.month(month).opening_minor = minor(Some(i128::from(found) - before))?;
                }
                let end = if ordered.is_some() { to } else { from + at + 1 };
                self.stated(BreakKind::Row, row.at, found, end)?;
            }
        }
        if ordered.is_some() {
            self.since = to;
        }
        let closing = minor(self.balance)?;
        self.month(month).closing_minor = closing;
        Ok(())
    }

    fn sum(&self, from: usize, to: usize) -> i128 {
        let rows = self.chain[from.min(to)..to].iter();
        rows.map(|row| i128::from(row.signed_minor)).sum()
    }

    fn anchor(
        &mut self,
        anchor: Anchor,
        summed: &[Summed],
        at: usize,
        covered: &Covered,
    ) -> Result<()> {
        let (one, kind) = match anchor {
            Anchor::Opening(one) => (&summed[one], BreakKind::Opening),
            Anchor::Closing(one) => (&summed[one], BreakKind::Closing),
        };
        let day = match kind {
            // A closing belongs to the rows before it, however long the statement still ran.
            BreakKind::Closing => self.day.or(one.stated.days.1),
            _ => one.stated.days.0.or_else(|| self.chain.get(at).map(|row| row.placed)),
        };
        let last = one.stated.days.1;
        let stated = if kind == BreakKind::Closing {
            one.stated.closing_minor
        } else {
            one.stated.opening_minor
        };
        if let Some(day) = day {
            self.go_to(day, covered)?;
        }
        if let Some(found) = stated {
            let month = self.day.map(month_of);
            if kind == BreakKind::Opening && self.balance.is_none() {
                // Rows before it that no balance bounds stay as they are.
                self.since = at;
            }
            self.stated(kind, one.stated.at(), found, at)?;
            if let Some(month) = month {
                let known = self.month(month);
                if known.records == 0 {
                    known.opening_minor = Some(found);
                }
                known.closing_minor = Some(found);
            }
        }
        if kind == BreakKind::Closing
            && let Some(last) = last
        {
            self.go_to(last, covered)?;
            let (balance, month) = (minor(self.balance)?, month_of(last));
            if balance.is_some() && self.month(month).records == 0 {
                let known = self.month(month);
                known.closing_minor = balance;
                known.opening_minor = known.opening_minor.or(balance);
                self.agreed.push(month);
            }
        }
        Ok(())
    }

    /// Holds a stated balance against the one that follows, and goes on from it.
    fn stated(&mut self, kind: BreakKind, at: SourceRef, found: i64, end: usize) -> Result<()> {
        let found = i128::from(found);
        let first = self.since.min(end);
        let rows = (first, end);
        let (day, row_before) = (self.day.unwrap_or(0), first.checked_sub(1));
        let last_row = row_before.map(|row| self.chain[row].placed);
        let unheld_since = self.unheld_since;
        let mut add = |kind, difference: i128| -> Result<()> {
            let difference_minor = i64::try_from(difference).map_err(|_| Error::AmountOverflow)?;
            let (account, currency) = self.key;
            self.breaks.push(Break {
                account,
                currency,
                kind,
                at,
                day,
                day_before: if kind == BreakKind::Unheld { unheld_since } else { last_row },
                difference_minor,
                rows,
                row_before,
            });
            Ok(())
        };
        let mut broken = None;
        match self.balance {
            Some(follows) if follows != found => {
                add(kind, found - follows)?;
                broken = Some(i64::try_from(found - follows).map_err(|_| Error::AmountOverflow)?);
            }
            Some(_) => {}
            None => {
                let moved: i128 =
                    self.chain[first..end].iter().map(|row| i128::from(row.signed_minor)).sum();
                if let Some(before) = self.unheld.filter(|before| before + moved != found) {
                    add(BreakKind::Unheld, found - moved - before)?;
                }
            }
        }
        self.unheld = None;
        let mut months: Vec<i32> =
            self.chain[first..end].iter().map(|row| month_of(row.placed)).collect();
        if months.is_empty() {
            months.extend(self.day.map(month_of));
        }
        months.dedup();
        if self.balance.is_none() {
            // Rows that no balance stands before are bounded on one side only: nothing tests them.
            // One row alone carries the balance it states.
            months = if end - first > 1 { Vec::new() } else { months };
        }
        for month in &months {
            if broken.is_some() {
                self.month(*month).state = BalanceState::Breaks;
            } else if self.month(*month).state != BalanceState::Breaks {
                self.agreed.push(*month);
            }
        }
        if let (Some(difference), Some(last)) = (broken, months.last()) {
            let known = self.month(*last);
            known.breaks += 1;
            known.first_break = known.first_break.or(Some((difference, at)));
        }
        self.balance = Some(found);
        self.since = end;
        Ok(())
    }

    fn finish(mut self) -> Result<Proof> {
        for month in std::mem::take(&mut self.agreed) {
            let known = self.month(month);
            if known.state == BalanceState::Unstated {
                known.state = BalanceState::Proves;
            }
        }
        Ok(Proof {
            months: self.months.into_values().collect(),
            breaks: self.breaks,
            silences: self.silences,
        })
    }
}

fn minor(balance: Option<i128>) -> Result<Option<i64>> {
    balance.map(|minor| i64::try_from(minor).map_err(|_| Error::AmountOverflow)).transpose()
}
