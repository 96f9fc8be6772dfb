//! Which days of each account are held, and what balances its statements open and close with.
//!
//! Held are the days that a statement or a list spans, no others: a day between two of them is a
//! gap, in which anything may have happened. One thing bridges it: [`Seam`].

use foldhash::HashMap;

use crate::analyses::tracing::ledger::{HeldDays, Movement, Seam, Stretch};
use crate::analyses::{Booked, month_after, month_of};
use crate::error::Result;
use crate::model::{Currency, NONE};
use crate::store::Case;

/// Days between two statements that state their periods, over which these may meet: no daily
/// statement is made for a long weekend.
const STATED_DAYS_MAX: i32 = 4;
/// Days between two statements of which one states no period: it ends with its last row, and a
/// quiet account has none for weeks. A month that none of them touches is a missing statement.
const UNSTATED_DAYS_MAX: i32 = 31;

/// A statement with its balances, and where its rows stand among those booked.
#[derive(Clone, Copy, Debug)]
struct Ends {
    account: u32,
    /// First civil day: stated, else that of its first row.
    first: i32,
    /// First and last civil day, where stated.
    stated: (Option<i32>, Option<i32>),
    opening: Option<i64>,
    closing: Option<i64>,
    /// Places of its first and last row among those booked.
    rows: Option<(usize, usize)>,
}

/// The balances that statements of one currency state at their ends.
#[derive(Debug, Default)]
pub struct StatedDays {
    /// By account, then first day.
    statements: Vec<Ends>,
    /// Balance after the row at a place, where a statement closes with it or the next opens.
    after: HashMap<usize, i64>,
}

impl StatedDays {
    /// Reads the statements. Cost: linear in booked rows, times the statements of an account.
    pub fn new(case: &Case, currency: Currency, booked: &[Booked]) -> Result<StatedDays> {
        let table = case.statements()?;
        let mut statements = Vec::new();
        for row in 0..table.account.len() {
            let account = table.account[row];
            if table.currency[row] != currency {
                continue;
            }
            let start = booked.partition_point(|one| one.account < account);
            let end = booked.partition_point(|one| one.account <= account);
            let lines = table.first_line[row]..=table.last_line[row];
            let mine = (start..end).filter(|at| {
                let at = booked[*at].at;
                table.first_line[row] != NONE
                    && at.source == table.source[row]
                    && lines.contains(&at.line)
            });
            let rows = mine.fold(None, |span: Option<(usize, usize)>, at| {
                Some(span.map_or((at, at), |(first, _)| (first, at)))
            });
            let of_rows = rows.map(|(first, _)| booked[first].day);
            let Some(first) = table.from_day[row].or(of_rows) else { continue };
            let (opening, closing) = (table.opening_minor[row], table.closing_minor[row]);
            let stated = (table.from_day[row], table.to_day[row]);
            statements.push(Ends { account, first, stated, opening, closing, rows });
        }
        statements.sort_by_key(|one| (one.account, one.first, one.rows));
        let mut after = HashMap::default();
        for one in &statements {
            if let (Some((_, last)), Some(closing)) = (one.rows, one.closing) {
                after.insert(last, closing);
            }
        }
        Ok(StatedDays { statements, after })
    }

    /// The balance after a booked row: its own running balance, else the closing one of the
    /// statement that it ends.
    pub fn after(&self, place: usize, booked: &Booked) -> Option<i64> {
        booked.balance_minor.or_else(|| self.after.get(&place).copied())
    }

    /// The days between two stretches of an account over which its statements meet, as far as
    /// `movements`, those of all records, show nothing of the account on them. Cost: one look at
    /// coverage and movements.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn seams(
        &self,
        case: &Case,
        booked: &[Booked],
        movements: &[Movement],
    ) -> Result<Vec<Seam>> {
        let mut seams: Vec<Seam> = Vec::new();
        let mut before: Option<(u32, i32)> = None;
        for (account, first, to) in case.covered_days()? {
            let last = before.filter(|(of, _)| *of == account).map(|(_, last)| last);
            if let Some(last) = last.filter(|last| first > last.saturating_add(1)) {
                let seam = Seam { account, first: last + 1, last: first - 1 };
                if self.meet(booked, seam) {
                    seams.push(seam);
                }
            }
            before = Some((account, last.map_or(to, |last| last.max(to))));
        }
        if seams.is_empty() {
            return Ok(seams);
        }
        let mut moved = vec![false; seams.len()];
        for one in movements {
            for (account, day) in [(one.from, one.debit.day), (one.to, one.credit.day)] {
                let at = seams.partition_point(|seam| (seam.account, seam.last) < (account, day));
                if seams.get(at).is_some_and(|seam| seam.account == account && seam.first <= day) {
                    moved[at] = true;
                }
            }
        }
        let mut moved = moved.into_iter();
        seams.retain(|_| !moved.next().expect("one for each"));
        Ok(seams)
    }

    /// Whether the balance stated before some days is stated after them too, and they are few
    /// enough.
    fn meet(&self, booked: &[Booked], seam: Seam) -> bool {
        let start = self.statements.partition_point(|one| one.account < seam.account);
        let end = self.statements.partition_point(|one| one.account <= seam.account);
        let mine = &self.statements[start..end];
        let ends: Vec<&Ends> =
            mine.iter().filter(|one| one.stated.1 == Some(seam.first - 1)).collect();
        let begin: Vec<&Ends> =
            mine.iter().filter(|one| one.stated.0 == Some(seam.last + 1)).collect();
        let days_max = match ends.is_empty() || begin.is_empty() {
            true => UNSTATED_DAYS_MAX,
            false => STATED_DAYS_MAX,
        };
        if seam.last - seam.first >= days_max || has_a_month(seam) {
            return false;
        }
        let place =
            |day: i32| booked.partition_point(|one| (one.account, one.day) < (seam.account, day));
        let of_row = |at: Option<usize>| {
            let at =
                at.filter(|at| booked.get(*at).is_some_and(|one| one.account == seam.account))?;
            Some((at, self.after(at, &booked[at])?))
        };
        let before = ends
            .iter()
            .rev()
            .find_map(|one| one.closing)
            .or_else(|| of_row(place(seam.first).checked_sub(1)).map(|(_, balance)| balance));
        let after = begin.iter().find_map(|one| one.opening).or_else(|| {
            let (at, balance) = of_row(Some(place(seam.last + 1)))?;
            balance.checked_sub(booked[at].signed_minor)
        });
        before.is_some() && before == after
    }

    /// Gives a stretch the opening of the statement that begins in it first, and the closing of
    /// its last one where that has no rows to state it.
    fn fill(&self, account: u32, stretch: &mut Stretch) {
        let start = self.statements.partition_point(|one| one.account < account);
        let mine = self.statements[start..].iter().take_while(|one| one.account == account);
        let mut inside = mine.filter(|one| (stretch.first..=stretch.last).contains(&one.first));
        let Some(first) = inside.next() else { return };
        // A statement that begins later opens with what other records have brought about.
        stretch.opening = first.opening.filter(|_| first.first == stretch.first);
        let last = inside.last().unwrap_or(first);
        if last.rows.is_none() {
            stretch.closing = last.closing;
        }
    }
}

/// Whether a calendar month lies within some days.
fn has_a_month(seam: Seam) -> bool {
    let begun = month_of(seam.first);
    let month = if begun == seam.first { begun } else { month_after(begun) };
    month_after(month) - 1 <= seam.last
}

/// The stretches of every account: the days that its records span, one stretch where none lies
/// between them or they meet over `seams`; with their balances.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn held_days(case: &Case, stated: &StatedDays, seams: Vec<Seam>) -> Result<HeldDays> {
    let mut held = HeldDays::none(case.account_rows()?);
    for (account, first, last_day) in case.covered_days()? {
        let goes_on = held.last(account).is_some_and(|last| {
            let seam = Seam { account, first: last.saturating_add(1), last: first - 1 };
            seam.first > seam.last || seams.binary_search(&seam).is_ok()
        });
        held.add(account, (first, last_day), goes_on);
    }
    for of_account in stated.statements.chunk_by(|one, other| one.account == other.account) {
        let account = of_account[0].account;
        held.state(account, |stretch| stated.fill(account, stretch));
    }
    held.meet_over(seams);
    Ok(held)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyses::tracing::ledger::{Half, Ledger};
    use crate::model::{SourceRef, day_text};
    use crate::store::{Accounts, Coverage, Manifest};

    const MINE: u32 = 1;

    /// A file of one account: days after the file before it, then its rows, each so many days
    /// after the one before it, with its amount and whether it states its balance.
    type File = (i32, Vec<(i32, i64, bool)>);

    /// The covered days of each file and its rows; the balance is off by `lost` between files.
    fn read(files: &[File], lost: &[i64]) -> (Vec<(i32, i32)>, Vec<Booked>) {
        let (mut day, mut balance, mut spans, mut booked) = (0, 0, Vec::new(), Vec::new());
        for (at, (apart, rows)) in files.iter().enumerate() {
            day += apart;
            balance += lost[at % lost.len()];
            let first = day;
            for (line, (later, signed_minor, states)) in rows.iter().enumerate() {
                day += if line == 0 { 0 } else { *later };
                balance += signed_minor;
                booked.push(Booked {
                    transfer: booked.len() as u32,
                    account: MINE,
                    currency: Currency::USD,
                    at: SourceRef { source: at as u32, line: line as u32 + 2 },
                    booked_ms: None,
                    day,
                    leaves: *signed_minor < 0,
                    signed_minor: *signed_minor,
                    balance_minor: states.then_some(balance),
                });
            }
            spans.push((first, day));
        }
        (spans, booked)
    }

    /// Day by day: spanned, or of a run of days between files whose balances meet, on which
    /// nothing is known to have moved.
    fn is_held(spans: &[(i32, i32)], booked: &[Booked], moved: &[i32], day: i32) -> bool {
        let spanned = |day: i32| spans.iter().any(|(first, last)| (*first..=*last).contains(&day));
        if spanned(day) {
            return true;
        }
        let end = spans.iter().map(|(_, last)| *last).max().unwrap();
        if day < spans[0].0 || day > end {
            return false;
        }
        let (mut first, mut last) = (day, day);
        while !spanned(first - 1) {
            first -= 1;
        }
        while !spanned(last + 1) {
            last += 1;
        }
        let begins = (first..=last + 1).filter(|day| day_text(*day).ends_with("-01")).count();
        if last - first + 1 > 31 || begins > 1 {
            return false;
        }
        let before = booked.iter().rfind(|one| one.day < first).unwrap().balance_minor;
        let behind = booked.iter().find(|one| one.day > last).unwrap();
        let after = behind.balance_minor.map(|balance| balance - behind.signed_minor);
        before.is_some() && before == after && !moved.iter().any(|of| (first..=last).contains(of))
    }

    proptest! {
        #[test]
        fn held_is_what_is_spanned_and_what_lies_where_balances_meet(
            files in prop::collection::vec(
                (0..40_i32, prop::collection::vec((0..9_i32, -3..4_i64, any::<bool>()), 1..4)),
                1..6,
            ),
            lost in prop::collection::vec(prop_oneof![3 => Just(0_i64), 1 => Just(5_i64)], 1..4),
            moved in prop::collection::vec(0..200_i32, 0..4),
        ) {
            let (spans, booked) = read(&files, &lost);
            let coverage = Coverage {
                account: vec![MINE; spans.len()],
                from_day: spans.iter().map(|span| span.0).collect(),
                to_day: spans.iter().map(|span| span.1).collect(),
                source: (0..spans.len() as u32).collect(),
                state: spans.iter().map(|_| "covers").collect(),
            };
            let account = ["A", "B"].into_iter().collect();
            let accounts = Accounts { account, ..Accounts::default() };
            let case = Case::in_memory(Manifest::default()).with(coverage).with(accounts);
            let movements: Vec<Movement> = moved
                .iter()
                .map(|day| {
                    let half = Half { day: *day, ..Half::default() };
                    let (debit, credit) = (half, half);
                    Movement { from: MINE, to: 0, amount: 1, debit, credit, reverses: None }
                })
                .collect();
            let stated = StatedDays::new(&case, Currency::USD, &booked).unwrap();
            let seams = stated.seams(&case, &booked, &movements).unwrap();
            let held = held_days(&case, &stated, seams).unwrap();
            let none = || (Vec::new().into(), Vec::new().into());
            let ledger = Ledger::unposted(held, none(), Vec::new().into());
            for day in -2..220 {
                let expected = is_held(&spans, &booked, &moved, day);
                prop_assert_eq!(ledger.covers(MINE, day), expected, "day {}", day);
            }
        }
    }
}
