//! Accounts by months: for which months statements are held, and whether they prove.
//!
//! Arranges what the `coverage` and `balances` tables say into one word a month. Whether a
//! balance proves is decided where statements are read, never here.

mod picture;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::exports::Wording;
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
    /// `proves`, `breaks`, `missing`, `covered`, `part`, `gap`; empty where nothing is held.
    pub state: &'static str,
    /// True when statements cover some days of the month and not all.
    pub part: bool,
}

/// The grid of a case: every account named in `coverage` or `balances`, in their text order,
/// with every year from the first to the last month that either table states, but for years of
/// long silence.
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
    gaps: BTreeSet<Month>,
    /// The worst state of the month.
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
    /// Arranges the tables `coverage` (account, from, to, state) and `balances` (account, month,
    /// state). Cost: one step a covered month.
    pub fn new(coverage: &ResultTable, balances: &ResultTable, wording: &Wording) -> CoverageGrid {
        let mut accounts: BTreeMap<String, AccountMonths> = BTreeMap::new();
        add_coverage(&mut accounts, coverage, wording);
        add_balances(&mut accounts, balances, wording);
        let years: BTreeSet<i16> = accounts
            .values()
            .flat_map(|one| one.covered.keys().chain(one.states.keys()).map(|(year, _)| *year))
            .collect();
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
        let whole = covered.count_ones() == days_in(month);
        let part = covered != 0 && !whole;
        let state = match self.states.get(&month).copied() {
            Some(state) if state != "unstated" => state,
            _ if whole => "covered",
            _ if part => "part",
            _ if self.gaps.contains(&month) => "gap",
            _ => "",
        };
        GridMonth { state, part: part && state != "part" }
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
            } else {
                months.gaps.insert(month);
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

    fn grid(
        coverage: &[(&str, &str, &str, &str)],
        balances: &[(&str, &str, &str)],
    ) -> CoverageGrid {
        let text =
            |values: Vec<&str>| Values::Text(values.into_iter().map(str::to_owned).collect());
        let coverage = ResultTable::new("coverage")
            .with("account", text(coverage.iter().map(|row| row.0).collect()))
            .with("from", Values::Day(coverage.iter().map(|row| day(row.1)).collect()))
            .with("to", Values::Day(coverage.iter().map(|row| day(row.2)).collect()))
            .with("state", text(coverage.iter().map(|row| row.3).collect()));
        let balances = ResultTable::new("balances")
            .with("account", text(balances.iter().map(|row| row.0).collect()))
            .with("month", text(balances.iter().map(|row| row.1).collect()))
            .with("state", text(balances.iter().map(|row| row.2).collect()));
        CoverageGrid::new(&coverage, &balances, &Wording::default())
    }

    /// `months` names the cells of the first row that are not empty: `1 proves, 2 part`.
    #[track_caller]
    fn check(coverage: &[(&str, &str, &str, &str)], balances: &[(&str, &str, &str)], months: &str) {
        let grid = grid(coverage, balances);
        let row = grid.rows.first().expect("the grid has a row");
        let shown: Vec<String> = row
            .months
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.state.is_empty())
            .map(|(at, cell)| {
                format!("{} {}{}", at + 1, cell.state, if cell.part { "+part" } else { "" })
            })
            .collect();
        assert_eq!(shown.join(", "), months);
    }

    #[test]
    fn a_month_is_covered_when_every_day_is() {
        let leap = ("A", "2024-02-01", "2024-02-29", "covers");
        check(&[leap], &[], "2 covered");
        check(&[("A", "2024-02-01", "2024-02-28", "covers")], &[], "2 part");
        let halves = [
            ("A", "2024-03-01", "2024-03-15", "covers"),
            ("A", "2024-03-16", "2024-03-31", "covers"),
        ];
        check(&halves, &[], "3 covered");
        check(&[("A", "2024-01-31", "2024-03-01", "covers")], &[], "1 part, 2 covered, 3 part");
    }

    #[test]
    fn balances_and_gaps_have_their_words() {
        let covers = ("A", "2024-01-01", "2024-02-10", "covers");
        let gap = ("A", "2024-02-11", "2024-04-30", "gap");
        let states =
            [("A", "2024-01", "proves"), ("A", "2024-02", "breaks"), ("A", "2024-05", "missing")];
        check(&[covers, gap], &states, "1 proves, 2 breaks+part, 3 gap, 4 gap, 5 missing");
        check(&[covers], &[("A", "2024-01", "unstated")], "1 covered, 2 part");
        // A month stated twice shows the worse of both.
        check(&[], &[("A", "2024-01", "breaks"), ("A", "2024-01", "proves")], "1 breaks");
    }

    #[test]
    fn accounts_are_sorted_by_what_they_prove() {
        let grid = grid(
            &[("C", "2023-12-31", "2024-01-01", "covers")],
            &[("A", "2024-01", "breaks"), ("B", "2024-01", "unstated"), ("D", "2024-01", "proves")],
        );
        assert_eq!(grid.broken, ["A"]);
        assert_eq!(grid.unstated, ["B"]);
        assert_eq!(grid.accounts(), 4);
        assert_eq!(grid.rows.len(), 8);
        let first: Vec<&str> =
            grid.first_accounts(2).iter().map(|row| row.account.as_str()).collect();
        assert_eq!(first, ["A", "A", "B", "B"]);
    }

    #[test]
    fn nothing_held_is_an_empty_grid() {
        assert_eq!(grid(&[], &[]), CoverageGrid::default());
        let empty = ResultTable::new("coverage");
        assert_eq!(CoverageGrid::new(&empty, &empty, &Wording::default()).accounts(), 0);
    }
}
