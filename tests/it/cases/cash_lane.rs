//! Cash below what is reported, and cash that crosses the country: what was planted is found, and
//! nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::cash_lane;

fn text(value: &Value) -> String {
    value.as_str().expect("a text of truth.toml").to_owned()
}

fn places(value: &Value) -> BTreeSet<String> {
    value.as_array().expect("a list of truth.toml").iter().map(text).collect()
}

/// The source refs of each instance's transfers.
fn records(table: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut records: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in cash_lane().rows(&format!("tables/{table}_steps.csv")) {
        let own = records.entry(row["instance"].clone()).or_default();
        own.extend(row["source_refs"].split("; ").map(str::to_owned));
    }
    records
}

/// Every instance of a table is planted with these columns, and every planted one is there.
#[track_caller]
fn check(table: &str, columns: &[&str]) {
    let truth = cash_lane().truth();
    let fact = |one: &Value, name: &&str| text(&one[*name]);
    let planted: BTreeSet<(Vec<String>, BTreeSet<String>)> = truth[table]
        .as_array()
        .expect("a list of truth.toml")
        .iter()
        .map(|one| (columns.iter().map(|it| fact(one, it)).collect(), places(&one["records"])))
        .collect();
    let records = records(table);
    let rows = cash_lane().rows(&format!("tables/{table}.csv"));
    let leading = rows.iter().filter(|row| !row["instance_transfers"].is_empty());
    let found: BTreeSet<(Vec<String>, BTreeSet<String>)> = leading
        .map(|row| {
            let values = columns.iter().map(|name| row[*name].clone()).collect();
            (values, records[&row["instance"]].clone())
        })
        .collect();
    assert_eq!(found, planted);
}

#[test]
fn every_record_is_counted() {
    let truth = cash_lane().truth();
    for name in ["read", "accepted", "rejected", "duplicate"] {
        let counts = cash_lane().rows("tables/sources.csv");
        let sum: i64 = counts.iter().map(|row| row[name].parse::<i64>().unwrap()).sum();
        assert_eq!(sum, truth["records"][name].as_integer().unwrap(), "{name}");
    }
}

#[test]
fn cash_that_together_is_reported_is_found_by_person_and_business_day() {
    let peak = ["days_over_threshold", "peak_day", "peak_day_total", "larger_transfers"];
    let joint = ["joint_total", "joint_named", "listed_before_total"];
    check("structuring", &[&["person", "way"], peak.as_slice(), joint.as_slice()].concat());
    let totals: BTreeSet<String> = cash_lane().truth()["structuring"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["total"]))
        .collect();
    for total in ["22500.00", "11000.00", "12000.00"] {
        assert!(totals.contains(total), "{total}");
    }
    let by_instance = cash_lane().rows("tables/structuring.csv");
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &by_instance {
        *sums.entry(&row["instance"]).or_default() +=
            row["total"].replace('.', "").parse::<i64>().unwrap();
    }
    let planted: BTreeSet<i64> =
        totals.iter().map(|it| it.replace('.', "").parse().unwrap()).collect();
    assert_eq!(sums.into_values().collect::<BTreeSet<_>>(), planted);
}

#[test]
fn cash_that_leaves_elsewhere_is_found_with_its_home() {
    let columns =
        ["account", "home", "home_from", "places_away", "deposited_total", "elsewhere_total"];
    check("funnel", &columns);
}

#[test]
fn what_only_looks_alike_is_in_no_finding() {
    let patterns = ["structuring", "funnel", "payroll-sweep", "chains"];
    let findings = cash_lane().rows("findings.csv");
    let found: BTreeSet<&str> = findings
        .iter()
        .filter(|row| patterns.contains(&row["analysis"].as_str()))
        .map(|row| row["candidate"].as_str())
        .collect();
    assert!(!found.is_empty());
    for one in cash_lane().truth()["lookalike"].as_array().unwrap() {
        assert!(!found.contains(one["account"].as_str().unwrap()), "{}", one["why"]);
    }
}
