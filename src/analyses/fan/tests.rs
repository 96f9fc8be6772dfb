//! Fans over small cases, against trying every set of days.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::model::{Currency, Values};
use crate::store::{Accounts, Case, Conversions, Manifest, Side, Transfers};

/// From, to, day, hour if the record states one, minor units.
type Row = (u32, u32, i32, Option<i64>, i64);

const NAMES: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// Accounts A to F, and G and H, unidentified far ends.
fn case(rows: &[Row]) -> Case {
    let kinds = (0..8).map(|node| if node < 6 { "account" } else { "unidentified" });
    let accounts = Accounts {
        account: NAMES.into_iter().collect(),
        kind: kinds.collect(),
        ..Accounts::default()
    };
    // New York's midnight in winter, so that the start of a day is not that of UTC.
    let ms = |row: &Row| i64::from(row.2) * DAY_MS + (5 + row.3.unwrap_or(0)) * HOUR_MS;
    let mut rows = rows.to_vec();
    rows.sort_by_key(ms);
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(ms).collect(),
        day: rows.iter().map(|row| row.2).collect(),
        timed: rows.iter().map(|row| row.3.is_some()).collect(),
        amount_minor: rows.iter().map(|row| row.4).collect(),
        currency: vec![Currency::USD; rows.len()],
        side: vec![Side::List; rows.len()],
        source: vec![0; rows.len()],
        line: (1..=rows.len() as u32).collect(),
        ..Transfers::default()
    };
    Case::in_memory(Manifest::default()).with(accounts).with(transfers)
}

fn params(counterparties_min: u32, window_hours: u32) -> Params {
    Params { counterparties_min, window_hours, ..Params::default() }
}

/// Hub, peak counterparties, transfers, total of each finding.
fn found(outcome: &Outcome) -> Vec<(&str, usize, u64, i64)> {
    let told = outcome.findings.iter();
    told.map(|it| {
        let minor = it.amount.map_or(0, |amount| amount.minor);
        (it.candidate_name.as_str(), it.score as usize, it.records, minor)
    })
    .collect()
}

#[track_caller]
fn check_in(rows: &[Row], bounds: &Params, expected: &[(&str, usize, u64, i64)]) {
    let case = case(rows);
    assert_eq!(found(&fan_in(&Inputs::new(&case), bounds).unwrap()), expected);
    let turned: Vec<Row> = rows.iter().map(|row| (row.1, row.0, row.2, row.3, row.4)).collect();
    let case = self::case(&turned);
    assert_eq!(found(&fan_out(&Inputs::new(&case), bounds).unwrap()), expected);
}

#[test]
fn many_within_a_window_are_found_either_way() {
    let rows = [(1, 0, 1, None, 10), (2, 0, 2, None, 20), (3, 0, 4, None, 40)];
    check_in(&rows, &params(3, 72), &[("A", 3, 3, 70)]);
    check_in(&rows, &params(3, 71), &[]);
    check_in(&rows, &params(2, 24), &[("A", 2, 2, 30)]);
    check_in(&[], &params(2, 24), &[]);
}

#[test]
fn self_transfers_and_repeats_are_no_counterparties() {
    let rows = [(0, 0, 1, None, 10), (1, 0, 1, None, 20), (1, 0, 1, None, 40)];
    check_in(&rows, &params(2, 24), &[]);
}

#[test]
fn unidentified_ends_count_by_their_own_node_and_are_no_hubs() {
    let rows = [(6, 0, 1, None, 1), (7, 0, 1, None, 2), (7, 0, 1, None, 4), (1, 0, 1, None, 8)];
    check_in(&rows, &params(3, 24), &[("A", 3, 4, 15)]);
    check_in(&[(0, 6, 1, None, 1), (1, 6, 1, None, 2)], &params(2, 24), &[]);
}

#[test]
fn the_answer_names_members_and_what_is_not_known() {
    let rows = [(1, 0, 1, None, 100), (2, 0, 2, Some(9), 200), (6, 0, 2, None, 400)];
    let case = case(&rows);
    let outcome = run(&Inputs::new(&case), &params(3, 48)).unwrap();
    assert_eq!(
        outcome.findings[0].statement,
        "3 senders paid A within 48 hours, from 1970-01-02 to 1970-01-03: 7.00 USD in 3 \
         transfers. The records do not identify 1 of the 3 senders. 2 of the transfers are \
         dated without a time and stand at the start of their day."
    );
    let [fan_in, fan_out] = outcome.tables.as_slice() else { panic!("two tables") };
    assert_eq!((fan_in.name.as_str(), fan_out.name.as_str()), ("fan-in", "fan-out"));
    assert_eq!(fan_out.rows(), 0);
    let text = |column| match fan_in.column(column) {
        Some(Values::Text(rows)) => rows.join(" "),
        _ => panic!("a column of words"),
    };
    assert_eq!(text("account"), "A B C G");
    assert_eq!(text("role_in_pattern"), "hub sender sender sender");
    let one = |values: &[Option<i64>]| values[0].is_some() && values[1..] == [None; 3];
    let Some(Values::Count(peaks)) = fan_in.column("peak_counterparties") else {
        panic!("a column of counts")
    };
    assert!(one(peaks), "said of the instance once");
}

#[test]
fn a_hub_has_one_finding_and_a_row_for_each_time() {
    let on = |day| [(1, 0, day, None, 10), (2, 0, day, None, 10)];
    let rows = [on(1), on(11), on(21)].concat();
    let case = case(&rows);
    let outcome = fan_in(&Inputs::new(&case), &params(2, 24)).unwrap();
    assert_eq!(found(&outcome), [("A", 2, 2, 20)]);
    assert_eq!(
        outcome.findings[0].statement,
        "2 senders paid A within 24 hours, on 1970-01-02: 0.20 USD in 2 transfers. The records \
         give dates without times. The like happened 2 more times from 1970-01-12 to \
         1970-01-22."
    );
    assert_eq!(outcome.tables[0].rows(), 9);
}

#[test]
fn a_bound_that_was_met_is_told() {
    let rows: Vec<Row> = (1..6).map(|from| (from, 0, from as i32, None, 10_i64)).collect();
    let case = case(&rows);
    let bounds = Params { transfers_max: 4, ..params(2, 24) };
    let outcome = fan_in(&Inputs::new(&case), &bounds).unwrap();
    assert_eq!(found(&outcome), [("A", 2, 4, 40)]);
    assert!(outcome.findings[0].bound_met);
    assert_eq!(
        outcome.findings[0].statement,
        "2 senders paid A within 24 hours, from 1970-01-02 to 1970-01-03. With the windows \
         that overlap, 4 senders from 1970-01-02 to 1970-01-05: 0.40 USD in 4 transfers. The \
         records give dates without times. Only the first 4 transfers of the account were read."
    );
    assert!(outcome.tables[0].notes.iter().any(|note| note.contains("transfers_max")));
    let refused = fan_in(&Inputs::new(&case), &params(1, 24));
    assert!(matches!(refused, Err(Error::Usage(_))));
}

#[test]
fn currencies_have_rows_of_their_own_and_no_common_total() {
    let conversions = Conversions {
        transfer: vec![0],
        received_minor: vec![90],
        received_currency: vec!["EUR".parse().unwrap()],
    };
    let rows = [(1, 0, 1, None, 100), (2, 0, 1, None, 200)];
    let case = case(&rows).with(conversions);
    let outcome = fan_in(&Inputs::new(&case), &params(2, 24)).unwrap();
    assert_eq!(outcome.findings[0].amount, None);
    assert!(outcome.findings[0].statement.contains("0.90 EUR and 2.00 USD"));
    assert_eq!(outcome.tables[0].rows(), 4);
}

/// Hubs with a closed window of enough distinct senders, by trying every pair of transfers.
fn slow_hubs(rows: &[Row], bounds: &Params) -> Vec<(usize, &'static str)> {
    let at = |row: &Row| i64::from(row.2) * 24 + row.3.unwrap_or(0);
    let senders = |hub: u32, first: &Row| {
        let reach = at(first)..=at(first) + i64::from(bounds.window_hours);
        let inside = rows.iter().filter(|row| row.1 == hub && row.0 != hub);
        let others: BTreeSet<u32> =
            inside.filter(|row| reach.contains(&at(row))).map(|row| row.0).collect();
        others.len()
    };
    (0..6_u32)
        .filter_map(|hub| {
            let most = rows.iter().map(|first| senders(hub, first)).max().unwrap_or(0);
            let name = NAMES[hub as usize];
            (most >= bounds.counterparties_min as usize).then_some((most, name))
        })
        .collect()
}

proptest! {
    #[test]
    fn hubs_and_peaks_equal_trying_every_window(
        rows in prop::collection::vec(
            (0..8_u32, 0..8_u32, 0..5_i32, prop::option::of(0..24_i64), 1..50_i64),
            0..30,
        ),
        counterparties_min in 2..5_u32,
        window_hours in 0..50_u32,
    ) {
        let case = case(&rows);
        let bounds = params(counterparties_min, window_hours);
        let outcome = fan_in(&Inputs::new(&case), &bounds).unwrap();
        let mut peaks: BTreeMap<&str, usize> = BTreeMap::new();
        for (hub, counterparties, ..) in found(&outcome) {
            let peak = peaks.entry(hub).or_default();
            *peak = (*peak).max(counterparties);
        }
        let slow: BTreeMap<&str, usize> =
            slow_hubs(&rows, &bounds).into_iter().map(|(most, hub)| (hub, most)).collect();
        prop_assert_eq!(peaks, slow);
        for table in &outcome.tables {
            assert_members_add_up(table);
        }
    }
}

/// The members' totals of an instance add up to its hub's, currency by currency.
fn assert_members_add_up(table: &crate::model::ResultTable) {
    let (Some(Values::Count(instances)), Some(Values::Text(roles)), Some(Values::Money(totals))) =
        (table.column("instance"), table.column("role_in_pattern"), table.column("total"))
    else {
        panic!("leading columns")
    };
    let mut sums: BTreeMap<(i64, Currency), [i64; 2]> = BTreeMap::new();
    for ((instance, role), total) in instances.iter().zip(roles).zip(totals) {
        let total = total.unwrap();
        let sum = sums.entry((instance.unwrap(), total.currency)).or_default();
        sum[usize::from(role == "hub")] += total.minor;
    }
    assert!(sums.values().all(|[members, hub]| members == hub), "{sums:?}");
}
