//! Relays of a few transfers, and one of very many.

use super::*;
use crate::model::Currency;
use crate::store::{Accounts, Case, Conversions, Manifest, Side, Transfers};

const HOUR_MS: i64 = 3_600_000;

/// From, to, hour, minor units; accounts A to H, all of them known.
type Row = (u32, u32, i64, i64);

fn case(rows: &[Row]) -> Case {
    let accounts = Accounts {
        account: ["A", "B", "C", "D", "E", "F", "G", "H"].into_iter().collect(),
        kind: ["account"; 8].into_iter().collect(),
        ..Accounts::default()
    };
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(|row| row.2 * HOUR_MS).collect(),
        day: rows.iter().map(|row| (row.2 / 24) as i32).collect(),
        timed: vec![true; rows.len()],
        amount_minor: rows.iter().map(|row| row.3).collect(),
        currency: vec![Currency::USD; rows.len()],
        side: vec![Side::List; rows.len()],
        source: vec![0; rows.len()],
        line: (2..).take(rows.len()).collect(),
        ..Transfers::default()
    };
    Case::in_memory(Manifest::default()).with(accounts).with(transfers)
}

fn found(case: &Case, params: &Params) -> Vec<Vec<u32>> {
    relays(&Inputs::new(case), params).unwrap().found
}

fn params(hops_min: u32) -> Params {
    Params { hops_min, ..Params::default() }
}

#[test]
fn a_sum_is_followed_while_little_of_it_is_kept() {
    let rows = [(0, 1, 1, 1000), (1, 2, 2, 950), (2, 3, 3, 900), (3, 4, 4, 500), (3, 5, 90, 880)];
    assert_eq!(found(&case(&rows), &params(3)), [[0, 1, 2]]);
    let wide = Params { window_hours: 87, ..params(4) };
    assert_eq!(found(&case(&rows), &wide), [[0, 1, 2, 4]]);
    assert!(found(&case(&rows), &Params { tolerance_percent: 4, ..params(3) }).is_empty());
    // The way back, equal times, and a transfer to oneself are no hops.
    let rows = [(0, 1, 1, 1000), (1, 0, 2, 1000), (1, 2, 1, 1000), (1, 1, 3, 1000)];
    assert!(found(&case(&rows), &params(2)).is_empty());
}

#[test]
fn an_amount_is_compared_with_what_arrived() {
    let euro: Currency = "EUR".parse().unwrap();
    let rows = [(0, 1, 1, 1000), (1, 2, 2, 1000)];
    let conversions =
        Conversions { transfer: vec![0], received_minor: vec![900], received_currency: vec![euro] };
    let converted = case(&rows).with(conversions);
    assert!(found(&converted, &params(2)).is_empty(), "euros came and dollars left");
    let conversions = Conversions {
        transfer: vec![0],
        received_minor: vec![500],
        received_currency: vec![Currency::USD],
    };
    assert!(found(&case(&rows).with(conversions), &params(2)).is_empty(), "half of it arrived");
    assert_eq!(found(&case(&rows), &params(2)), [[0, 1]]);
}

#[test]
fn what_was_not_looked_at_is_told_by_account_and_number() {
    let rows = [(0, 1, 1, 1000), (2, 1, 2, 1), (3, 1, 3, 1), (1, 4, 4, 1000)];
    assert_eq!(found(&case(&rows), &params(2)), [[0, 3]]);
    let few = Params { candidates_max: 2, ..params(2) };
    let case = case(&rows);
    let outcome = run(&Inputs::new(&case), &few).unwrap();
    assert!(outcome.findings.is_empty());
    let notes = outcome.tables[0].notes.join(" ");
    assert!(notes.contains("B: 1 earlier credit was not compared"), "{notes}");
}

#[test]
fn a_long_relay_needs_no_stack() {
    let rows: Vec<Row> =
        (0..100_000).map(|at| (at % 7, (at + 1) % 7, i64::from(at), 1000)).collect();
    let found = found(&case(&rows), &params(4));
    assert_eq!((found.len(), found[0].len()), (1, 100_000));
}

#[test]
fn a_finding_says_what_left_and_what_arrived() {
    let case = case(&[(0, 1, 1, 1000), (1, 2, 2, 950), (2, 3, 3, 900), (3, 4, 4, 880)]);
    let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
    assert_eq!(
        outcome.findings[0].statement,
        "10.00 USD from A was handed on until 8.80 USD reached E, on 1970-01-01: 4 transfers, \
         in which the origin paid 10.00 USD."
    );
    assert!(matches!(run(&Inputs::new(&case), &params(1)), Err(Error::Usage(_))));
}
