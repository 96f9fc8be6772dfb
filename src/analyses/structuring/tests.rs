//! Small sums of cash around one weekend.

use super::*;
use crate::model::{Values, day_text};
use crate::store::{Accounts, Case, Manifest, Side, Transfers};

/// From, to, day, whole dollars. Account 0 is an unidentified far end, 1 and 2 are known.
type Row = (u32, u32, i32, i64);

/// The eighth of March 2024, a Friday.
const FRIDAY: i32 = 19_790;

fn case(rows: &[Row]) -> Case {
    let accounts = Accounts {
        account: ["?", "A", "B"].into_iter().collect(),
        kind: ["unidentified", "account", "account"].into_iter().collect(),
        ..Accounts::default()
    };
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(|row| i64::from(row.2) * 86_400_000).collect(),
        day: rows.iter().map(|row| row.2).collect(),
        timed: vec![false; rows.len()],
        amount_minor: rows.iter().map(|row| row.3 * 100).collect(),
        currency: vec![Currency::USD; rows.len()],
        channel: vec![Channel::Cash; rows.len()],
        side: vec![Side::List; rows.len()],
        source: vec![0; rows.len()],
        line: (2..).take(rows.len()).collect(),
    };
    let manifest = Manifest { currency: "USD".to_owned(), ..Manifest::default() };
    Case::in_memory(manifest).with(accounts).with(transfers)
}

/// Way, days over the threshold, transfers and larger amounts of each instance.
#[track_caller]
fn check(rows: &[Row], params: &Params, expected: &[(&str, i64, i64, i64)]) {
    let case = case(rows);
    let outcome = run(&Inputs::new(&case), params).unwrap();
    let table = &outcome.tables[0];
    let counts = |name| match table.column(name) {
        Some(Values::Count(counts)) => counts.iter().flatten().copied().collect::<Vec<i64>>(),
        _ => panic!("a column of counts"),
    };
    let Some(Values::Text(ways)) = table.column("way") else { panic!("a column of words") };
    let (over, transfers) = (counts("days_over_threshold"), counts("instance_transfers"));
    let larger = counts("larger_transfers");
    let found: Vec<(&str, i64, i64, i64)> = (0..ways.len())
        .map(|row| (ways[row].as_str(), over[row], transfers[row], larger[row]))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn amounts_of_one_business_day_add_up_and_exactly_the_threshold_does_not() {
    assert_eq!(day_text(FRIDAY), "2024-03-08");
    let day = Params { window_business_days: 1, ..Params::default() };
    check(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY, 4_000)], &day, &[]);
    check(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY, 4_001)], &day, &[("cash in", 1, 2, 0)]);
    check(&[(0, 1, FRIDAY, 10_001)], &day, &[]);
    // Saturday and Sunday count on Monday.
    let weekend = [(0, 1, FRIDAY + 1, 6_000), (0, 1, FRIDAY + 3, 5_000)];
    check(&weekend, &day, &[("cash in", 1, 2, 0)]);
    check(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY + 1, 5_000)], &day, &[]);
    // In and out are added up apart, and so are two accounts of nobody known.
    check(&[(0, 1, FRIDAY, 6_000), (1, 0, FRIDAY, 6_000)], &day, &[]);
    check(&[(0, 1, FRIDAY, 6_000), (0, 2, FRIDAY, 6_000)], &day, &[]);
    check(&[(1, 1, FRIDAY, 6_000), (1, 1, FRIDAY, 6_000)], &day, &[]);
}

#[test]
fn smaller_amounts_add_up_within_five_business_days() {
    let rows = |last| [(0, 1, FRIDAY, 4_000), (0, 1, FRIDAY + 3, 4_000), (0, 1, last, 4_000)];
    let params = Params::default();
    check(&rows(FRIDAY + 6), &params, &[("cash in", 0, 3, 0)]);
    check(&rows(FRIDAY + 7), &params, &[]);
    let small = [(0, 1, FRIDAY, 4_000), (0, 1, FRIDAY, 4_000), (0, 1, FRIDAY + 3, 2_999)];
    check(&small, &params, &[]);
    let larger = [rows(FRIDAY + 4).as_slice(), &[(0, 1, FRIDAY + 4, 12_000)]].concat();
    check(&larger, &params, &[("cash in", 0, 3, 1)]);
}

#[test]
fn a_finding_names_the_person_the_days_and_what_was_reported() {
    let case = case(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY, 5_500)]);
    let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
    assert_eq!(
        outcome.findings[0].statement,
        "Cash paid in for account A (no holder on record) in amounts of at most 10,000.00 USD \
         comes to more on 1 business day, at most 11,500.00 USD on 2024-03-08 (no larger amount \
         was moved in those days), on 2024-03-08: 2 transfers, in which the \
         account was paid 11,500.00 USD. 2 transfers are dated without a time."
    );
}

#[test]
fn what_is_out_of_range_is_refused_and_other_currencies_are_counted() {
    let case = case(&[(0, 1, FRIDAY, 6_000)]);
    let inputs = Inputs::new(&case);
    for params in [
        Params { threshold: 0, ..Params::default() },
        Params { window_business_days: 0, ..Params::default() },
        Params { currency: Some("dollars".to_owned()), ..Params::default() },
        Params { holidays: vec!["Easter".to_owned()], ..Params::default() },
    ] {
        assert!(matches!(run(&inputs, &params), Err(Error::Usage(_))), "{params:?}");
    }
    let params = Params { currency: Some("EUR".to_owned()), ..Params::default() };
    let notes = run(&inputs, &params).unwrap().tables[0].notes.join(" ");
    assert!(notes.contains("1 cash movement in other currencies than EUR"), "{notes}");
}
