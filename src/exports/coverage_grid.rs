//! Accounts by months: for which months statements are held, and whether they prove.
//!
//! Arranges what the `status`, `coverage` and `balances` tables say. Whether a balance proves, and
//! which word a month has, is decided where statements are read, never here.

mod picture;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::exports::{MONTH_MARKS, Wording};
use crate::model::{ResultTable, Values};

/// One row of the grid: one account in one calendar year.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GridRow {
    /// The account as the tables name it.
    pub account: String,
    /// Calendar year.
    pub year: i16,
    /// January to December.
    pub months: Vec<GridMonth>,
}

/// One account in one month.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GridMonth {
    /// The word of the `status` table: `proves`, `breaks`, `missing`, `unstated`, `part`, `covers`,
    /// `gap`; empty where nothing is held.
    pub state: &'static str,
    /// True when statements cover some days of the month and not all.
    pub part: bool,
}

/// The grid of a case: every account of `status`, in text order, with every year from its first
/// month to its last, but for years of long silence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoverageGrid {
    /// By account, then year.
    pub rows: Vec<GridRow>,
    /// Accounts with a month that breaks or is missing, in text order.
    pub broken: Vec<String>,
    /// Other accounts with a month that states no balance to check, in text order. With
    /// `broken` they are the accounts that do not prove.
    pub unstated: Vec<String>,
}

type Month = (i16, i8);

#[derive(Default)]
struct AccountMonths {
    /// A bit a day that statements cover.
    covered: BTreeMap<Month, u32>,
    /// The word of the month.
    words: BTreeMap<Month, &'static str>,
    /// The worst state of the month's balances.
    states: BTreeMap<Month, &'static str>,
}

/// Years without any record that still have rows of their own; more of them are one silence,
/// which the tables tell in words.
const SILENT_YEARS_MAX: i16 = 5;

/// Every year from the first to the last, but for those of a silence that is too long.
fn without_long_silences(held: &BTreeSet<i16>) -> Vec<i16> {
    let mut years: Vec<i16> = Vec::new();
    for &year in held {
        let before = years.last().copied().unwrap_or(year - 1);
        let silent = year - before - 1;
        if silent <= SILENT_YEARS_MAX {
            years.extend(before + 1..year);
        }
        years.push(year);
    }
    years
}

/// Worst first: a month that breaks once is shown as breaking.
const STATES: [&str; 4] = ["breaks", "missing", "unstated", "proves"];

impl CoverageGrid {
    /// Arranges the tables `status` with every month, `coverage` (account, from, to, state) and
    /// `balances` (account, month, state). Cost: one step a month of an account.
    pub fn new(
        months: &ResultTable,
        coverage: &ResultTable,
        balances: &ResultTable,
        wording: &Wording,
    ) -> CoverageGrid {
        let mut accounts: BTreeMap<String, AccountMonths> = BTreeMap::new();
        add_words(&mut accounts, months, wording);
        add_coverage(&mut accounts, coverage, wording);
        add_balances(&mut accounts, balances, wording);
        let years: BTreeSet<i16> =
            accounts.values().flat_map(|one| one.words.keys().map(|(year, _)| *year)).collect();
        let years = without_long_silences(&years);
        let mut grid = CoverageGrid::default();
        for (account, months) in &accounts {
            let mut states = months.states.values();
            if states.clone().any(|state| matches!(*state, "breaks" | "missing")) {
                grid.broken.push(account.clone());
            } else if states.any(|state| *state == "unstated") {
                grid.unstated.push(account.clone());
            }
            for &year in &years {
                let row = (1..=12).map(|month| months.cell((year, month))).collect();
                grid.rows.push(GridRow { account: account.clone(), year, months: row });
            }
        }
        grid
    }

    /// Accounts in the grid.
    pub fn accounts(&self) -> usize {
        let names: BTreeSet<&str> = self.rows.iter().map(|row| row.account.as_str()).collect();
        names.len()
    }

    /// The rows of at most `most` accounts, those with something amiss before the others, shown
    /// in account order.
    pub fn first_accounts(&self, most: usize) -> Vec<&GridRow> {
        let mut amiss: BTreeMap<&str, bool> = BTreeMap::new();
        for row in &self.rows {
            let bad =
                row.months.iter().any(|one| matches!(one.state, "breaks" | "missing" | "gap"));
            *amiss.entry(&row.account).or_default() |= bad;
        }
        let mut order: Vec<(bool, &str)> =
            amiss.into_iter().map(|(account, bad)| (!bad, account)).collect();
        order.sort();
        let kept: BTreeSet<&str> = order.into_iter().take(most).map(|(_, name)| name).collect();
        self.rows.iter().filter(|row| kept.contains(row.account.as_str())).collect()
    }
}

impl AccountMonths {
    fn cell(&self, month: Month) -> GridMonth {
        let covered = self.covered.get(&month).copied().unwrap_or(0);
        let state = self.words.get(&month).copied().unwrap_or("");
        let whole = covered.count_ones() == days_in(month);
        GridMonth { state, part: covered != 0 && !whole && state != "part" }
    }
}

/// The word of each account and month of a `status` table.
fn add_words(
    accounts: &mut BTreeMap<String, AccountMonths>,
    months: &ResultTable,
    wording: &Wording,
) {
    let Some(account) = months.column("account") else { return };
    for column in &months.columns {
        let (Some(month), Values::Text(words)) = (month_of(&column.name), &column.values) else {
            continue;
        };
        for (row, word) in words.iter().enumerate() {
            let known = MONTH_MARKS.iter().find(|(one, ..)| one == word && !one.is_empty());
            let of_account = accounts.entry(wording.exact(account, row)).or_default();
            of_account.words.extend(known.map(|(word, ..)| (month, *word)));
        }
    }
}

fn add_coverage(
    accounts: &mut BTreeMap<String, AccountMonths>,
    coverage: &ResultTable,
    wording: &Wording,
) {
    let columns = ["account", "from", "to", "state"].map(|name| coverage.column(name));
    let [Some(account), Some(Values::Day(from)), Some(Values::Day(to)), Some(state)] = columns
    else {
        return;
    };
    for row in 0..coverage.rows() {
        let months = accounts.entry(wording.exact(account, row)).or_default();
        let (Some(from), Some(to)) = (from[row].and_then(date), to[row].and_then(date)) else {
            continue;
        };
        let covers = wording.exact(state, row) == "covers";
        let mut start = from;
        while start <= to {
            let end = start.last_of_month().min(to);
            let month = (start.year(), start.month());
            if covers {
                *months.covered.entry(month).or_default() |= day_bits(start.day(), end.day());
            }
            match end.checked_add(1.day()) {
                Ok(next) => start = next,
                Err(_) => break,
            }
        }
    }
}

fn add_balances(
    accounts: &mut BTreeMap<String, AccountMonths>,
    balances: &ResultTable,
    wording: &Wording,
) {
    let columns = ["account", "month", "state"].map(|name| balances.column(name));
    let [Some(account), Some(month), Some(state)] = columns else {
        return;
    };
    let severity = |state: &str| STATES.iter().position(|known| *known == state);
    for row in 0..balances.rows() {
        let months = accounts.entry(wording.exact(account, row)).or_default();
        let Some(month) = month_of(&wording.exact(month, row)) else {
            continue;
        };
        let Some(now) = severity(&wording.exact(state, row)) else {
            continue;
        };
        let worst = months.states.get(&month).and_then(|state| severity(state));
        months.states.insert(month, STATES[worst.map_or(now, |before| before.min(now))]);
    }
}

/// `2024-03`, or a day of that month.
fn month_of(text: &str) -> Option<Month> {
    let mut parts = text.split('-');
    let (year, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}

fn date(day: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(Span::new().try_days(day).ok()?).ok()
}

fn days_in((year, month): Month) -> u32 {
    Date::new(year, month, 1).map_or(0, |first| first.days_in_month().unsigned_abs().into())
}

/// Bits of the days `first` to `last`, both included, both from 1.
fn day_bits(first: i8, last: i8) -> u32 {
    let upto = |day: i8| (1_u64 << day) as u32;
    (upto(last) - 1) & !(upto(first - 1) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<i32> {
        let date: Date = text.parse().unwrap();
        let span = Date::constant(1970, 1, 1).until(date).unwrap();
        Some(span.get_days())
    }

    /// `months` holds the word of each month of 2024 for one account.
    fn grid(
        months: &[(&str, [&str; 12])],
        coverage: &[(&str, &str, &str, &str)],
        balances: &[(&str, &str, &str)],
    ) -> CoverageGrid {
        let text =
            |values: Vec<&str>| Values::Text(values.into_iter().map(str::to_owned).collect());
        let mut status = ResultTable::new("status")
            .with("account", text(months.iter().map(|row| row.0).collect()));
        for at in 0..12 {
            let words = months.iter().map(|row| row.1[at]).collect();
            status = status.with(format!("2024-{:02}", at + 1), text(words));
        }
        let coverage = ResultTable::new("coverage")
            .with("account", text(coverage.iter().map(|row| row.0).collect()))
            .with("from", Values::Day(coverage.iter().map(|row| day(row.1)).collect()))
            .with("to", Values::Day(coverage.iter().map(|row| day(row.2)).collect()))
            .with("state", text(coverage.iter().map(|row| row.3).collect()));
        let balances = ResultTable::new("balances")
            .with("account", text(balances.iter().map(|row| row.0).collect()))
            .with("month", text(balances.iter().map(|row| row.1).collect()))
            .with("state", text(balances.iter().map(|row| row.2).collect()));
        CoverageGrid::new(&status, &coverage, &balances, &Wording::default())
    }

    fn year(words: &[&'static str]) -> [&'static str; 12] {
        let mut year = [""; 12];
        year[..words.len()].copy_from_slice(words);
        year
    }

    #[test]
    fn a_month_has_the_word_of_the_status_table_and_says_what_is_not_held_of_it() {
        let words = year(&["proves", "breaks", "part", "covers", "unstated", "gap"]);
        let coverage = [("A", "2024-01-01", "2024-02-10", "covers")];
        let grid = grid(&[("A", words)], &coverage, &[]);
        let shown: Vec<(&str, bool)> =
            grid.rows[0].months.iter().map(|cell| (cell.state, cell.part)).collect();
        let expected: Vec<(&str, bool)> =
            words.iter().enumerate().map(|(at, word)| (*word, at == 1)).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn accounts_are_sorted_by_what_they_prove() {
        let months = ["A", "B", "C", "D"].map(|name| (name, year(&["gap"])));
        let grid = grid(
            &months,
            &[("C", "2023-12-31", "2024-01-01", "covers")],
            &[("A", "2024-01", "breaks"), ("B", "2024-01", "unstated"), ("D", "2024-01", "proves")],
        );
        assert_eq!(grid.broken, ["A"]);
        assert_eq!(grid.unstated, ["B"]);
        assert_eq!((grid.accounts(), grid.rows.len()), (4, 4));
        let first: Vec<&str> =
            grid.first_accounts(2).iter().map(|row| row.account.as_str()).collect();
        assert_eq!(first, ["A", "B"]);
    }

    #[test]
    fn the_picture_has_the_marks_of_the_text() {
        let words = MONTH_MARKS.map(|(word, ..)| word);
        let grid = grid(&[("A", year(&words))], &[], &[]);
        let picture = grid.picture(9);
        let mut status =
            ResultTable::new("status").with("account", Values::Text(vec!["A".to_owned()]));
        for (at, word) in words.iter().enumerate() {
            let cell = Values::Text(vec![(*word).to_owned()]);
            status = status.with(format!("2024-{:02}", at + 1), cell);
        }
        let text = crate::exports::month_grid(&status);
        for (_, mark, meaning) in MONTH_MARKS {
            assert!(text.contains(&format!("{mark} {meaning}")), "{text}");
            assert!(picture.contains(&format!(">{mark}</text>")), "{mark} in {picture}");
            assert!(picture.contains(&format!(">{meaning}</text>")), "{meaning} in {picture}");
        }
    }

    #[test]
    fn nothing_held_is_an_empty_grid() {
        assert_eq!(grid(&[], &[], &[]), CoverageGrid::default());
        let empty = ResultTable::new("coverage");
        let none = CoverageGrid::new(&empty, &empty, &empty, &Wording::default());
        assert_eq!(none.accounts(), 0);
    }
}
