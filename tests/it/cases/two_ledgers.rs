//! The small case: what the run says against figures that were worked out by hand.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::model::{SourceRef, day_text};
use moneytrail::store::Case;
use toml::Value;

use super::small_case;

fn text(value: &Value) -> &str {
    value.as_str().expect("a text of truth.toml")
}

fn number(value: &Value) -> i64 {
    value.as_integer().expect("a number of truth.toml")
}

/// The row of `transfers` whose first or further reading stands there.
fn transfer_at(case: &Case, place: &str) -> usize {
    let (transfers, refs) = (case.transfers().unwrap(), case.refs().unwrap());
    let is = |source: u32, line: u32| case.place(SourceRef { source, line }).unwrap() == place;
    let first =
        (0..transfers.line.len()).find(|row| is(transfers.source[*row], transfers.line[*row]));
    let further = || {
        let row = (0..refs.row.len())
            .find(|row| refs.of.get(*row) == "transfers" && is(refs.source[*row], refs.line[*row]));
        row.map(|row| refs.row[row] as usize)
    };
    first.or_else(further).unwrap_or_else(|| panic!("no transfer stands at {place}"))
}

#[test]
fn every_record_is_counted_once_and_the_second_copy_is_all_repeats() {
    let truth = small_case().truth();
    let case = small_case().case();
    let sources = case.sources().unwrap();
    let columns = [
        ("read", &sources.read),
        ("accepted", &sources.accepted),
        ("rejected", &sources.rejected),
        ("duplicate", &sources.duplicate),
    ];
    for (name, column) in columns {
        assert_eq!(column.iter().sum::<i64>(), number(&truth["records"][name]), "{name}");
    }
    let again = sources.source.iter().position(|source| source == "wires_again.csv").unwrap();
    assert_eq!((sources.accepted[again], sources.duplicate[again]), (0, 3));
    assert!(small_case().said.ends_with("report.html\n"), "{}", small_case().said);
}

#[test]
fn both_ledgers_tell_of_one_transfer_and_each_currency_has_its_own_total() {
    let truth = small_case().truth();
    let planted = &truth["transfers"];
    let case = small_case().case();
    let (transfers, refs) = (case.transfers().unwrap(), case.refs().unwrap());
    assert_eq!(transfers.line.len() as i64, number(&planted["count"]));
    let pairs = planted["pairs"].as_array().unwrap();
    assert_eq!(refs.row.len(), pairs.len());
    for pair in pairs {
        assert_eq!(transfer_at(&case, text(&pair[0])), transfer_at(&case, text(&pair[1])));
    }
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for (amount, currency) in transfers.amount_minor.iter().zip(&transfers.currency) {
        *totals.entry(currency.code()).or_default() += amount;
    }
    let stated = [("EUR", "total_eur_minor"), ("JPY", "total_jpy_minor")];
    let stated = stated.map(|(currency, key)| (currency, number(&planted[key])));
    assert_eq!(totals, BTreeMap::from(stated));

    let conversions = case.conversions().unwrap();
    let row = transfer_at(&case, text(&truth["conversion"]["at"])) as u32;
    assert_eq!(conversions.transfer, [row]);
    assert_eq!(conversions.received_minor, [number(&truth["conversion"]["received_minor"])]);
    let received = conversions.received_currency[0].code();
    assert_eq!(received, text(&truth["conversion"]["received_currency"]));
}

#[test]
fn times_keep_their_instant_and_dates_stay_dates() {
    let truth = small_case().truth();
    let case = small_case().case();
    let transfers = case.transfers().unwrap();
    for (name, timed) in [("timed", true), ("tokyo", true), ("dated", false)] {
        let one = &truth["times"][name];
        let row = transfer_at(&case, text(&one["at"]));
        assert_eq!(transfers.timed[row], timed, "{name}");
        let day = one["day"].as_datetime().unwrap().to_string();
        assert_eq!(day_text(transfers.day[row]), day, "{name}");
        if let Some(booked_ms) = one.get("booked_ms") {
            assert_eq!(transfers.booked_ms[row], number(booked_ms), "{name}");
        }
    }
}

/// Every key of a planted row stands in one row of the file with the same text.
#[track_caller]
fn check_rows(file: &str, planted: &Value) {
    let rows = small_case().rows(file);
    for one in planted.as_array().unwrap() {
        let one = one.as_table().unwrap();
        let same =
            |row: &BTreeMap<String, String>| one.iter().all(|(key, value)| row[key] == text(value));
        assert_eq!(rows.iter().filter(|row| same(row)).count(), 1, "{file}: {one:?}");
    }
}

#[test]
fn balances_and_flows_are_the_sums_on_paper() {
    let truth = small_case().truth();
    check_rows("tables/balances.csv", &truth["balances"]);
    check_rows("tables/flows.csv", &truth["flows"]);
    let states: BTreeSet<String> =
        small_case().rows("tables/balances.csv").iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, BTreeSet::from(["proves".to_owned()]));
}

#[test]
fn one_cluster_and_two_pairs_of_phones() {
    let truth = small_case().truth();
    let rows = small_case().rows("tables/clusters.csv");
    let clusters: BTreeSet<&String> = rows.iter().map(|row| &row["cluster"]).collect();
    assert_eq!(clusters.len(), 1);
    let parties: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row["kind"] == "party")
        .map(|row| row["member"].as_str())
        .collect();
    let planted = truth["cluster"]["parties"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(parties, planted);
    let phone = text(&truth["cluster"]["phone"]);
    assert!(rows.iter().any(|row| row["identifier"] == phone && row["parties_sharing"] == "2"));

    let contacts = small_case().rows("tables/contacts.csv");
    let planted = truth["contacts"].as_array().unwrap();
    assert_eq!(contacts.len(), planted.len());
    for (row, one) in contacts.iter().zip(planted) {
        assert_eq!(
            [row["phone"].as_str(), row["other_phone"].as_str()],
            [text(&one["phones"][0]), text(&one["phones"][1])]
        );
        for key in ["calls", "texts", "seconds"] {
            assert_eq!(row[key], number(&one[key]).to_string(), "{key}");
        }
    }
}
