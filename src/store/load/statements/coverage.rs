//! The days for which an account's own records are held.
//!
//! A statement that states its days covers those. Any other covers its account from its first to
//! its last record, a list of transfers what its layout says. Two stretches of one account with
//! days between them are a gap only when more than [`GAP_DAYS`] pass: statements rarely end on a
//! day with a record. Between stretches that both state their days, any day is a gap if the
//! balance moved in between, and more than a long weekend if nothing tells.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EntityKind, NONE, Stamp};
use crate::records::Covers;
use crate::store::load::entities::EntityRows;
use crate::store::load::statements::StatementRow;
use crate::store::tables::{Coverage, Side, Sources, Transfers};

/// Days without any record between two stretches that are still one: a monthly statement of a
/// quiet account may hold nothing for weeks.
pub const GAP_DAYS: i32 = 31;
/// Days between two stated periods that are no gap of their own: a long weekend, over which
/// daily statements are not made.
const WEEKEND_DAYS: i32 = 4;
/// Days of one source without any record after which it covers two stretches: a mistyped year
/// must not cover the years before it.
const SILENCE_DAYS: i32 = 5 * 366;

/// Stretches of days, told apart by more than [`SILENCE_DAYS`] without a record.
#[derive(Clone, Debug, Default)]
struct Spans(Vec<(i32, i32)>);

impl Spans {
    fn add(&mut self, (mut first, mut last): (i32, i32)) {
        let near = |span: &(i32, i32), first: i32, last: i32| {
            span.0 <= last.saturating_add(SILENCE_DAYS)
                && first <= span.1.saturating_add(SILENCE_DAYS)
        };
        // Widened by one, it may reach others.
        while let Some(at) = self.0.iter().position(|span| near(span, first, last)) {
            let (from, to) = self.0.swap_remove(at);
            (first, last) = (first.min(from), last.max(to));
        }
        self.0.push((first, last));
    }
}

/// First and last day of each account's own records in each source.
#[derive(Clone, Debug, Default)]
pub struct Stretches {
    own: BTreeMap<(u32, u32), Spans>,
    /// A source and, by account, whether its list covers it: marked for every row of a list.
    listed: Vec<(u32, Vec<bool>)>,
    last: Option<((u32, u32), (i32, i32))>,
}

impl Stretches {
    /// Notes the records of a block, in order; accounts are numbers of the book, which holds
    /// `accounts` by now.
    pub fn note(&mut self, source: u32, covers: Covers, rows: Noted<'_>, accounts: usize) {
        match covers {
            Covers::Own => {
                for (((stamp, side), from), to) in
                    rows.booked.iter().zip(rows.side).zip(rows.from).zip(rows.to)
                {
                    let own = if *side == Side::Sender { *from } else { *to };
                    self.own(source, own, stamp.day);
                }
            }
            Covers::Sender => self.list(source, &[rows.from], accounts),
            Covers::Receiver => self.list(source, &[rows.to], accounts),
            Covers::Both => self.list(source, &[rows.from, rows.to], accounts),
            Covers::None => {}
        }
    }

    fn own(&mut self, source: u32, account: u32, day: i32) {
        let key = (account, source);
        // Statement lines of one account stand together: the map is touched once a change.
        match &mut self.last {
            Some((last, span))
                if *last == key
                    && day >= span.0.saturating_sub(SILENCE_DAYS)
                    && day <= span.1.saturating_add(SILENCE_DAYS) =>
            {
                *span = (span.0.min(day), span.1.max(day));
            }
            _ => {
                self.flush();
                self.last = Some((key, (day, day)));
            }
        }
    }

    /// Account of the book and source, with the first and last day of each stretch of the
    /// account's own statement there. In order of account, source and day.
    pub fn own_statements(&self) -> impl Iterator<Item = ((u32, u32), (i32, i32))> + '_ {
        let mut own = self.own.clone();
        if let Some((key, span)) = self.last {
            own.entry(key).or_default().add(span);
        }
        own.into_iter().flat_map(|(key, spans)| spans.0.into_iter().map(move |span| (key, span)))
    }

    fn flush(&mut self) {
        if let Some((key, span)) = self.last.take() {
            self.own.entry(key).or_default().add(span);
        }
    }

    fn list(&mut self, source: u32, ends: &[&[u32]], accounts: usize) {
        if self.listed.last().is_none_or(|(last, _)| *last != source) {
            self.listed.push((source, Vec::new()));
        }
        let (_, marks) = self.listed.last_mut().expect("the source was just pushed");
        if marks.len() < accounts {
            marks.resize(accounts, false);
        }
        for account in ends.iter().copied().flatten() {
            marks[*account as usize] = true;
        }
    }
}

/// Columns of a block of records, of equal length.
#[derive(Clone, Copy, Debug)]
pub struct Noted<'a> {
    /// When booked.
    pub booked: &'a [Stamp],
    /// Whose record it is.
    pub side: &'a [Side],
    /// Sender.
    pub from: &'a [u32],
    /// Receiver.
    pub to: &'a [u32],
}

/// Days that are held of an account, from one source.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Stretch {
    account: u32,
    first: i32,
    last: i32,
    source: u32,
    /// What the balance was before and after, where the statement states its days.
    stated: Option<(Option<i64>, Option<i64>)>,
}

/// The coverage table: stretches in order of account and day, gaps between them. Cost: one sort.
pub fn coverage_table(
    mut stretches: Stretches,
    stated: Vec<Held>,
    sources: &Sources,
    rows: &EntityRows,
) -> Coverage {
    stretches.flush();
    let mut all = Vec::new();
    let accounts = rows.of(EntityKind::Account);
    let mut push = |account: u32, (first, last): (i32, i32), source: u32, stated| {
        let account = accounts[account as usize];
        all.push(Stretch { account, first, last, source, stated });
    };
    for (account, span, source, stated) in stated {
        stretches.own.remove(&(account, source));
        push(account, span, source, stated);
    }
    for ((account, source), spans) in &stretches.own {
        spans.0.iter().for_each(|span| push(*account, *span, *source, None));
    }
    for (source, marks) in &stretches.listed {
        let at = *source as usize;
        let Some(span) = sources.first[at].zip(sources.last[at]) else { continue };
        for (account, _) in marks.iter().enumerate().filter(|(_, covered)| **covered) {
            push(account as u32, span, *source, None);
        }
    }
    all.sort_unstable();
    all.dedup();
    let mut table = Coverage::default();
    let mut push = |account: u32, from: i32, to: i32, source: u32, state: &str| {
        table.account.push(account);
        table.from_day.push(from);
        table.to_day.push(to);
        table.source.push(source);
        table.state.push(state);
    };
    let mut reached: Option<Stretch> = None;
    for one in all {
        let Stretch { account, first, last, source, .. } = one;
        match reached.filter(|before| before.account == account) {
            Some(before) => {
                let between = i64::from(first) - i64::from(before.last) - 1;
                if between > i64::from(gap_days(&before, &one)) {
                    push(account, before.last + 1, first - 1, NONE, "gap");
                }
                if last >= before.last {
                    reached = Some(one);
                }
            }
            None => reached = Some(one),
        }
        push(account, first, last, source, "covers");
    }
    table
}

/// Days that may pass between two stretches of an account without a gap.
fn gap_days(before: &Stretch, after: &Stretch) -> i32 {
    let Some(((_, closing), (opening, _))) = before.stated.zip(after.stated) else {
        return GAP_DAYS;
    };
    match closing.zip(opening) {
        Some((closing, opening)) if closing == opening => GAP_DAYS,
        Some(_) => 0,
        None => WEEKEND_DAYS,
    }
}

/// Account of the book, first and last day, source, and what the balance was before and after.
pub type Held = (u32, (i32, i32), u32, Option<(Option<i64>, Option<i64>)>);

/// Stretches of the accounts and sources that have statements: the days each states, else those
/// of its rows; and the days of rows outside them. Both name accounts by their number in the book.
pub fn stated_stretches(statements: &[StatementRow], transfers: &Transfers) -> Vec<Held> {
    if statements.is_empty() {
        return Vec::new();
    }
    let key = |one: &StatementRow| {
        (one.account, one.at.0, one.records.map_or(one.at.1, |(first, _)| first))
    };
    let mut sorted: Vec<&StatementRow> = statements.iter().collect();
    sorted.sort_by_key(|one| key(one));
    let of_sources: BTreeSet<(u32, u32)> =
        sorted.iter().map(|one| (one.account, one.at.0)).collect();
    let mut of_rows: Vec<Spans> = vec![Spans::default(); sorted.len()];
    let mut outside: BTreeMap<(u32, u32), BTreeSet<i32>> = BTreeMap::new();
    for row in 0..transfers.line.len() {
        let account = match transfers.side[row] {
            Side::Sender => transfers.from_account[row],
            Side::Receiver => transfers.to_account[row],
            Side::List => continue,
        };
        let (source, line) = (transfers.source[row], transfers.line[row]);
        if !of_sources.contains(&(account, source)) {
            continue;
        }
        let day = transfers.day[row];
        let after = sorted.partition_point(|one| key(one) <= (account, source, line));
        let found = after.checked_sub(1).filter(|at| {
            let one = sorted[*at];
            (one.account, one.at.0) == (account, source)
                && one.records.is_some_and(|(_, last)| line <= last)
        });
        let stated = found.and_then(|at| sorted[at].days.0.zip(sorted[at].days.1));
        match (found, stated) {
            (_, Some((from, to))) if (from..=to).contains(&day) => {}
            (Some(at), None) => of_rows[at].add((day, day)),
            _ => {
                outside.entry((account, source)).or_default().insert(day);
            }
        }
    }
    let mut held = Vec::new();
    for (one, mut spans) in sorted.into_iter().zip(of_rows) {
        let ends = Some((one.opening_minor, one.closing_minor));
        match one.days {
            (Some(from), Some(to)) if from <= to => {
                held.push((one.account, (from, to), one.at.0, ends));
                continue;
            }
            (from, to) => from.into_iter().chain(to).for_each(|day| spans.add((day, day))),
        }
        held.extend(spans.0.into_iter().map(|span| (one.account, span, one.at.0, None)));
    }
    for ((account, source), days) in outside {
        held.extend(days.into_iter().map(|day| (account, (day, day), source, None)));
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_year_covers_only_itself() {
        let mut spans = Spans::default();
        for day in [19_000, 26_000, 19_100, 19_050] {
            spans.add((day, day));
        }
        spans.0.sort_unstable();
        assert_eq!(spans.0, [(19_000, 19_100), (26_000, 26_000)]);
        // What comes between joins what it reaches.
        spans.add((20_900, 24_300));
        assert_eq!(spans.0, [(19_000, 26_000)]);
    }

    #[test]
    fn stated_days_leave_no_room_where_the_balance_moved() {
        let one = |stated| Stretch { account: 0, first: 0, last: 0, source: 0, stated };
        let check = |before, after, days| assert_eq!(gap_days(&one(before), &one(after)), days);
        check(None, None, GAP_DAYS);
        check(Some((None, Some(5))), None, GAP_DAYS);
        check(Some((None, Some(5))), Some((Some(5), None)), GAP_DAYS);
        check(Some((None, Some(5))), Some((Some(6), None)), 0);
        check(Some((None, None)), Some((Some(6), None)), WEEKEND_DAYS);
    }
}
