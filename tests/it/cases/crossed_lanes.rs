//! The case of layered patterns: each is found with the accounts and payments planted, and none
//! of what only looks like it.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::crossed_lanes;

fn list(value: &Value) -> BTreeSet<String> {
    let texts = value.as_array().expect("a list of truth.toml").iter();
    texts.map(|text| text.as_str().expect("a text of truth.toml").to_owned()).collect()
}

fn cents(text: &str) -> i64 {
    text.replace('.', "").parse().expect("an amount with two decimals")
}

#[test]
fn every_record_is_read_as_a_transfer() {
    let truth = crossed_lanes().truth();
    let case = crossed_lanes().case();
    let sources = case.sources().unwrap();
    assert_eq!(sources.read.iter().sum::<i64>(), truth["records"]["read"].as_integer().unwrap());
    assert_eq!(sources.accepted, sources.read);
}

/// The instance of a pattern whose accounts are those planted, in their roles, and its transfers.
#[track_caller]
fn check(pattern: &str, roles: &[&str]) -> Vec<BTreeMap<String, String>> {
    let truth = crossed_lanes().truth();
    let planted = truth[pattern].as_table().unwrap();
    let mut found: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for row in crossed_lanes().rows(&format!("tables/{pattern}.csv")) {
        let instance = found.entry(row["instance"].clone()).or_default();
        let account = row["account"].replace("FERNBANK/", "");
        instance.entry(row["role_in_pattern"].clone()).or_default().insert(account);
    }
    let expected: BTreeMap<String, BTreeSet<String>> =
        roles.iter().map(|role| ((*role).to_owned(), list(&planted[*role]))).collect();
    assert_eq!(found.into_values().collect::<Vec<_>>(), [expected], "{pattern}");

    let transfers = crossed_lanes().rows(&format!("tables/{pattern}_steps.csv"));
    let count = planted["transfers"].as_integer().unwrap();
    assert_eq!(transfers.len() as i64, count, "{pattern}");
    let passed_over = list(&planted["not_in_it"]);
    assert!(transfers.iter().all(|row| !passed_over.contains(&row["source_refs"])), "{pattern}");
    let file = passed_over.first().unwrap().split(':').next().unwrap();
    let lines = std::fs::read_to_string(crossed_lanes().folder.join(file)).unwrap();
    let rows = lines.lines().count() - 1;
    assert_eq!(transfers.len() + passed_over.len(), rows, "every line of {file} is spoken for");
    transfers
}

/// What moved to, or from, the accounts of a role.
#[track_caller]
fn check_sum(pattern: &str, role: &str, end: &str, key: &str) {
    let truth = crossed_lanes().truth();
    let accounts = list(&truth[pattern][role]);
    let transfers = crossed_lanes().rows(&format!("tables/{pattern}_steps.csv"));
    let is_theirs =
        |row: &&BTreeMap<String, String>| accounts.contains(&row[end].replace("FERNBANK/", ""));
    let total: i64 = transfers.iter().filter(is_theirs).map(|row| cents(&row["amount"])).sum();
    assert_eq!(total, truth[pattern][key].as_integer().unwrap(), "{pattern}: {key}");
}

#[test]
fn scatter_gather_is_the_planted_one() {
    check("scatter-gather", &["source", "middle", "sink"]);
    check_sum("scatter-gather", "source", "from_account", "out_of_source_minor");
    check_sum("scatter-gather", "sink", "to_account", "into_sink_minor");
}

#[test]
fn gather_scatter_is_the_planted_one() {
    check("gather-scatter", &["hub", "sender", "sender and receiver", "receiver"]);
    check_sum("gather-scatter", "hub", "to_account", "into_hub_minor");
    check_sum("gather-scatter", "hub", "from_account", "out_of_hub_minor");
}

#[test]
fn bipartite_layer_is_the_planted_one() {
    check("bipartite", &["source", "sink"]);
    check_sum("bipartite", "sink", "to_account", "moved_minor");
}

#[test]
fn stack_is_the_planted_one() {
    let transfers = check("stack", &["source", "middle", "sink"]);
    let moved: i64 = transfers.iter().map(|row| cents(&row["amount"])).sum();
    let truth = crossed_lanes().truth();
    assert_eq!(moved, truth["stack"]["moved_minor"].as_integer().unwrap());
}
