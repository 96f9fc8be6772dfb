//! Structuring against a search that tries every business day as the start of a window.

use std::collections::BTreeSet;

use moneytrail::analyses::{Inputs, structuring};
use proptest::prelude::*;

use super::small_cases::{
    NAMES, Row, Shape, Told, case, finds, holder, is_known, joined, rows, told_each,
};

/// New Year's Day of 1970, and the weekends after it.
const CLOSED: [i32; 9] = [0, 2, 3, 9, 10, 16, 17, 23, 24];

fn business_day(day: i32) -> i32 {
    (day..).find(|day| !CLOSED.contains(day)).unwrap()
}

/// Business days from one to another, 0 for the same.
fn steps(from: i32, to: i32) -> i32 {
    (from..to).filter(|day| !CLOSED.contains(day)).count() as i32
}

struct Part {
    days: BTreeSet<i32>,
    rows: BTreeSet<usize>,
}

fn slow(rows: &[Row], params: &structuring::Params) -> BTreeSet<Told> {
    let window = params.window_business_days as i32;
    let threshold = i64::from(params.threshold);
    let mut found = BTreeSet::new();
    for incoming in [true, false] {
        let near = |row: &Row| if incoming { row.to } else { row.from };
        let whose = |at: usize| holder(near(&rows[at]), rows[at].day);
        let counts = |at: &usize| {
            let row = &rows[*at];
            row.cash && row.from != row.to && is_known(near(row)) && row.minor <= threshold
        };
        let all: Vec<usize> = (0..rows.len()).filter(counts).collect();
        let people: BTreeSet<u32> = all.iter().map(|at| whose(*at)).collect();
        for person in people {
            let own: Vec<usize> = all.iter().copied().filter(|at| whose(*at) == person).collect();
            let mut parts = Vec::new();
            let mut consider = |rows_of: Vec<usize>, fewest: usize| {
                let total: i64 = rows_of.iter().map(|at| rows[*at].minor).sum();
                if rows_of.len() >= fewest && total > threshold {
                    let days = rows_of.iter().map(|at| business_day(rows[*at].day)).collect();
                    parts.push(Part { days, rows: rows_of.into_iter().collect() });
                }
            };
            for start in (0..30).filter(|day| !CLOSED.contains(day)) {
                let day = |at: usize| business_day(rows[at].day);
                consider(own.iter().copied().filter(|at| day(*at) == start).collect(), 1);
                let within = |at: &usize| {
                    day(*at) >= start
                        && steps(start, day(*at)) < window
                        && rows[*at].minor >= i64::from(params.amount_min)
                };
                let of_window = own.iter().copied().filter(within).collect();
                consider(of_window, params.transfers_min as usize);
            }
            let close = |one: &Part, two: &Part| {
                let apart = |early: &Part, late: &Part| {
                    steps(*early.days.last().unwrap(), *late.days.first().unwrap()) < window
                };
                match one.days.first() <= two.days.first() {
                    true => apart(one, two),
                    false => apart(two, one),
                }
            };
            let instances = joined(parts, close, |one, two| {
                one.days.extend(two.days);
                one.rows.extend(two.rows);
            });
            for instance in instances {
                let accounts = instance.rows.iter().map(|at| near(&rows[*at]));
                let name =
                    |account: u32| ("account".to_owned(), NAMES[account as usize].to_owned());
                found.insert((accounts.map(name).collect(), instance.rows.into_iter().collect()));
            }
        }
    }
    found
}

fn shape() -> Shape {
    Shape { days: 20, rows: 30, minor: 1..14, said: &[""] }
}

#[test]
fn the_small_cases_hold_some() {
    let params =
        structuring::Params { threshold: 10, amount_min: 3, ..structuring::Params::default() };
    let found = finds(shape(), |rows| slow(rows, &params).len());
    assert!(found >= 10, "{found} of 100");
}

proptest! {
    #[test]
    fn runs_of_cash_equal_a_slow_search(
        rows in rows(shape()),
        window_business_days in 1..6_u32,
        transfers_min in 2..4_u32,
        amount_min in 0..6_u32,
    ) {
        let params = structuring::Params {
            threshold: 10,
            amount_min,
            window_business_days,
            transfers_min,
            ..structuring::Params::default()
        };
        let case = case(&rows);
        let outcome = structuring::run(&Inputs::new(&case), &params).unwrap();
        // Cash between a person's own accounts is one instance each way, of the same transfers.
        let told: BTreeSet<_> = told_each(&outcome, &rows).into_iter().collect();
        prop_assert_eq!(told, slow(&rows, &params));
    }
}
