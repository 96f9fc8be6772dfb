//! A folder of returns as they come: nine formats, archives, a statement produced twice, a month
//! that is not there. Every figure is held against what was planted.

use std::collections::BTreeMap;

use moneytrail::model::{EntityKind, day_text};
use toml::Value;

use super::messy_case;

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_else(|| panic!("{key} is a text of truth.toml"))
}

#[test]
fn every_month_of_every_account_proves_to_the_cent_and_the_missing_one_is_named() {
    let truth = messy_case().truth();
    let mut months: BTreeMap<(String, String), BTreeMap<String, String>> = BTreeMap::new();
    for row in messy_case().rows("tables/balances.csv") {
        months.insert((row["account"].clone(), row["month"].clone()), row);
    }
    for planted in truth["month"].as_array().unwrap() {
        let key = (text(planted, "account").to_owned(), text(planted, "month").to_owned());
        let found = months.remove(&key).unwrap_or_else(|| panic!("{key:?} is not in balances"));
        assert_eq!(found["opening"], text(planted, "opening"), "{key:?}");
        assert_eq!(found["closing"], text(planted, "closing"), "{key:?}");
        let records = planted["records"].as_integer().unwrap();
        assert_eq!(found["records"], records.to_string(), "{key:?}");
        let state = planted.get("state").map_or("proves", |state| state.as_str().unwrap());
        assert_eq!(found["state"], state, "{key:?}");
    }
    let rest: Vec<_> =
        months.values().map(|row| (&row["account"], &row["month"], &row["state"])).collect();
    let iban = truth["iban"].as_str().unwrap();
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(
        (rest[0].0.as_str(), rest[0].1.as_str(), rest[0].2.as_str()),
        (iban, "2025-03", "missing")
    );
}

#[test]
fn a_wire_on_two_statements_and_a_list_of_wires_is_one_transfer() {
    let truth = messy_case().truth();
    let case = messy_case().case();
    let (transfers, refs) = (case.transfers().unwrap(), case.refs().unwrap());
    let accounts = case.names(EntityKind::Account).unwrap();
    for wire in truth["wire"].as_array().unwrap() {
        let ends = (text(wire, "from"), text(wire, "to"));
        let minor: i64 = text(wire, "amount").replace('.', "").parse().unwrap();
        let rows: Vec<usize> = (0..transfers.day.len())
            .filter(|&row| {
                let from = accounts.get(transfers.from_account[row] as usize);
                let to = accounts.get(transfers.to_account[row] as usize);
                transfers.amount_minor[row] == minor && (from, to) == ends
            })
            .collect();
        assert_eq!(rows.len(), 1, "{ends:?} {minor}");
        assert_eq!(day_text(transfers.day[rows[0]]), text(wire, "day"));
        let further = (0..refs.row.len())
            .filter(|&at| refs.of.get(at) == "transfers" && refs.row[at] as usize == rows[0]);
        assert_eq!(1 + further.count() as i64, wire["readings"].as_integer().unwrap(), "{ends:?}");
        let same = (0..transfers.day.len()).filter(|&row| transfers.amount_minor[row] == minor);
        assert_eq!(same.count(), 1, "no reading of {minor} is left over");
    }
}

#[test]
fn what_was_produced_twice_counts_once_and_one_line_is_set_aside() {
    let case = messy_case().case();
    let sources = case.sources().unwrap();
    let named = |end: &str| {
        let row = sources.source.iter().position(|source| source.ends_with(end));
        row.unwrap_or_else(|| panic!("no source ends with {end}"))
    };
    let again = named("again/pier_2025_01.ofx");
    assert_eq!((sources.accepted[again], sources.duplicate[again]), (0, sources.read[again]));
    assert!(sources.read[again] > 10);
    assert_eq!(sources.rejected.iter().sum::<i64>(), 1);
    assert_eq!(sources.rejected[named("quay_2025_q1.csv.gz")], 1);
    for row in 0..sources.read.len() {
        let counted = sources.accepted[row] + sources.rejected[row] + sources.duplicate[row];
        assert_eq!(sources.read[row], counted, "{}", sources.source.get(row));
    }
}

#[test]
fn a_call_in_both_returns_is_one_call() {
    let case = messy_case().case();
    let calls = case.calls().unwrap();
    assert_eq!(calls.day.len(), 4);
    let joined = case.refs().unwrap().of.iter().filter(|of| *of == "calls").count();
    assert_eq!(joined, 2);
}
