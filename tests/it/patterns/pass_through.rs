//! Pass-through against a search that looks at every pair of a credit and a debit.

use std::collections::BTreeMap;

use moneytrail::analyses::{Inputs, pass_through};
use moneytrail::model::Values;
use proptest::prelude::*;

use super::small_cases::{
    DAY_MS, HOUR_MS, NAMES, Row, Shape, case, finds, first_in_first_out, is_known, rows,
};

/// Credits, matched and order-unstated minor units, and the dwell in milliseconds.
type Measured = (i64, i64, i64, i64);

/// The time at or before which half of the money had left, minor unit by minor unit.
fn median(stays: &[(i64, i64)]) -> i64 {
    let mut each: Vec<i64> =
        stays.iter().flat_map(|(stay, minor)| vec![*stay; *minor as usize]).collect();
    each.sort_unstable();
    each.get(each.len().div_ceil(2) - 1).copied().unwrap_or_default()
}

fn slow(rows: &[Row], params: &pass_through::Params) -> BTreeMap<String, Measured> {
    let mut found = BTreeMap::new();
    for account in (0..8).filter(|account| is_known(*account)) {
        let all = |of: fn(&Row) -> u32| -> Vec<usize> {
            let own = |at: &usize| rows[*at].from != rows[*at].to && of(&rows[*at]) == account;
            (0..rows.len()).filter(own).collect()
        };
        let (credits, debits) = (all(|row| row.to), all(|row| row.from));
        let both = (&credits[..], &debits[..]);
        let taken = first_in_first_out(rows, account, both, |came, left| {
            came.day + params.window_days as i32 >= left.day && !left.is_before(account, came)
        });
        let total: i64 = credits.iter().map(|at| rows[*at].minor).sum();
        let matched: i64 = taken.iter().map(|it| it.2).sum();
        let unstated = taken.iter().filter(|it| !rows[it.0].is_before(account, &rows[it.1]));
        let unstated = unstated.map(|it| it.2).sum();
        let enough = matched * 100 >= total * i64::from(params.share_out_min_percent);
        if credits.len() >= params.credits_min as usize && total > 0 && enough {
            let stays: Vec<(i64, i64)> =
                taken.iter().map(|it| (rows[it.0].apart_ms(&rows[it.1]), it.2)).collect();
            let name = NAMES[account as usize].to_owned();
            found.insert(name, (total, matched, unstated, median(&stays)));
        }
    }
    found
}

fn shape() -> Shape {
    Shape { days: 5, rows: 30, minor: 1..9, said: &[""] }
}

#[test]
fn the_small_cases_hold_some() {
    let found = finds(shape(), |rows| slow(rows, &pass_through::Params::default()).len());
    assert!(found >= 5, "{found} of 100");
}

proptest! {
    #[test]
    fn what_passed_through_equals_a_slow_search(
        rows in rows(shape()),
        window_days in 0..4_u32,
        share_out_min_percent in prop::sample::select(vec![1_u8, 50, 80]),
        credits_min in 1..4_u32,
    ) {
        let params = pass_through::Params { window_days, share_out_min_percent, credits_min };
        let case = case(&rows);
        let outcome = pass_through::run(&Inputs::new(&case), &params).unwrap();
        let table = &outcome.tables[0];
        let money = |name, row| table.column(name).unwrap().amount(row).unwrap().minor;
        let Some(Values::Score(dwell)) = table.column("dwell_hours_median") else {
            panic!("a column of hours")
        };
        let found: BTreeMap<String, Measured> = (0..table.rows())
            .map(|row| {
                let name = table.column("account").unwrap().text(row).unwrap().to_owned();
                let dwell_ms = (dwell[row].unwrap() * HOUR_MS as f64).round() as i64;
                let totals = (
                    money("credits_total", row),
                    money("matched_total", row),
                    money("order_unstated_total", row),
                    dwell_ms,
                );
                (name, totals)
            })
            .collect();
        prop_assert!(found.values().all(|it| it.3 % HOUR_MS == 0 && it.3 <= 4 * DAY_MS));
        prop_assert_eq!(found, slow(&rows, &params));
    }
}
