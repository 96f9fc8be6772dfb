//! Small cases, each through one `check`: what joins, what does not, and what the rows say.

use super::*;
use crate::analyses::sketch::{ALWAYS, Sketch};
use crate::model::{ResultTable, Values};

const PHONE: (EntityKind, &str) = (EntityKind::Phone, "+12025550143");
const HOUSE: (EntityKind, &str) = (EntityKind::Premises, "14 harbor street");

fn texts<'a>(table: &'a ResultTable, column: &str) -> Vec<&'a str> {
    match table.column(column) {
        Some(Values::Text(rows)) => rows.iter().map(String::as_str).collect(),
        other => panic!("{column} is text: {other:?}"),
    }
}

/// Members of each cluster, sorted, and the common identifiers.
#[track_caller]
fn check(sketch: Sketch, params: &Params, clusters: &[&[&str]], common: &[&str]) {
    let case = sketch.case();
    let outcome = run(&Inputs::new(&case), params).unwrap();
    let table = &outcome.tables[0];
    let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (cluster, member) in texts(table, "cluster").into_iter().zip(texts(table, "member")) {
        members.entry(cluster).or_default().insert(member);
    }
    let mut found: Vec<Vec<&str>> =
        members.values().map(|set| set.iter().copied().collect()).collect();
    found.sort();
    assert_eq!(found, clusters);
    assert_eq!(texts(&outcome.tables[1], "identifier"), common);
}

#[test]
fn holders_signers_and_identifiers_join() {
    let params = Params::default();
    check(
        Sketch::default()
            .holds("Ana", "owner", "PB/1", ALWAYS)
            .holds("Ana", "owner", "PB/2", ALWAYS),
        &params,
        &[&["Ana", "PB/1", "PB/2"]],
        &[],
    );
    check(
        Sketch::default()
            .holds("Ana", "owner", "PB/1", ALWAYS)
            .holds("Ben", "signer", "PB/1", ALWAYS)
            .holds("Cal", "beneficiary", "PB/1", ALWAYS),
        &params,
        &[&["Ana", "Ben", "PB/1"]],
        &[],
    );
    check(
        Sketch::default()
            .tie("Ana", "has-phone", PHONE, ALWAYS)
            .tie("Ben", "subscribes", PHONE, ALWAYS)
            .tie("Ben", "lives-at", HOUSE, ALWAYS)
            .tie("Cal", "tenant-of", HOUSE, ALWAYS)
            .tie("Dee", "landlord-of", HOUSE, ALWAYS)
            .tie("Eve", "guarantees", HOUSE, ALWAYS),
        &params,
        &[&["Ana", "Ben", "Cal"]],
        &[],
    );
}

#[test]
fn records_of_other_days_do_not_join() {
    let params = Params::default();
    let years = |first, last| (Some(first), last);
    check(
        Sketch::default().tie("Ana", "lives-at", HOUSE, years(0, Some(364))).tie(
            "Ben",
            "lives-at",
            HOUSE,
            years(365, None),
        ),
        &params,
        &[],
        &[],
    );
    // An account that changed hands belongs to both in turn, and joins neither to the other.
    check(
        Sketch::default()
            .holds("Ana", "owner", "PB/1", years(0, Some(9)))
            .holds("Ana", "owner", "PB/2", ALWAYS)
            .holds("Ben", "owner", "PB/1", years(10, None))
            .holds("Ben", "owner", "PB/3", ALWAYS),
        &params,
        &[&["Ana", "PB/1", "PB/2"], &["Ben", "PB/1", "PB/3"]],
        &[],
    );
}

#[test]
fn one_handset_joins_the_subscribers_of_two_numbers() {
    let other = (EntityKind::Phone, "+12025550187");
    let sketch = |second_day| {
        Sketch::default()
            .tie("Ana", "subscribes", PHONE, ALWAYS)
            .tie("Ben", "subscribes", other, ALWAYS)
            .call(PHONE.1, "+12025550100", 5, "352099001761481")
            .call(other.1, "+12025550100", second_day, "352099001761481")
    };
    let params = Params::default();
    check(sketch(35), &params, &[&["+12025550143", "+12025550187", "Ana", "Ben"]], &[]);
    check(sketch(36), &params, &[], &[]);
}

#[test]
fn fillers_institutions_and_crowds_are_common() {
    let params = Params { parties_sharing_max: 3, ..Params::default() };
    let nobody = (EntityKind::Phone, "0000000");
    check(
        Sketch::default().tie("Ana", "has-phone", nobody, ALWAYS).tie(
            "Ben",
            "has-phone",
            nobody,
            ALWAYS,
        ),
        &params,
        &[],
        &["0000000"],
    );
    check(
        Sketch::default()
            .tie("PELICAN BANK", "lives-at", HOUSE, ALWAYS)
            .tie("Ana", "lives-at", HOUSE, ALWAYS)
            .tie("Ben", "lives-at", HOUSE, ALWAYS),
        &params,
        &[],
        &[HOUSE.1],
    );
    let crowd = |mut sketch: Sketch, most| {
        for at in 0..most {
            sketch = sketch.tie(&format!("Party {at}"), "lives-at", HOUSE, ALWAYS);
        }
        sketch
    };
    check(crowd(Sketch::default(), 3), &params, &[&["Party 0", "Party 1", "Party 2"]], &[]);
    check(crowd(Sketch::default(), 4), &params, &[], &[HOUSE.1]);
    let asked = Params { common: true, ..params.clone() };
    let all: &[&str] = &["Party 0", "Party 1", "Party 2", "Party 3"];
    check(crowd(Sketch::default(), 4), &asked, &[all], &[HOUSE.1]);
    check(
        Sketch::default()
            .holds("Unknown", "owner", "PB/1", ALWAYS)
            .holds("Unknown", "owner", "PB/2", ALWAYS),
        &params,
        &[],
        &["Unknown"],
    );
}

#[test]
fn who_signs_for_very_many_does_not_join_them() {
    let params = Params { parties_sharing_max: 2, ..Params::default() };
    let mut sketch = Sketch::default().holds("Ledger Co", "owner", "PB/900", ALWAYS);
    sketch = sketch.holds("Ledger Co", "owner", "PB/901", ALWAYS);
    for at in 0..3 {
        sketch = sketch.holds(&format!("Client {at}"), "owner", &format!("PB/{at}"), ALWAYS).holds(
            "Ledger Co",
            "signer",
            &format!("PB/{at}"),
            ALWAYS,
        );
    }
    check(sketch, &params, &[&["Ledger Co", "PB/900", "PB/901"]], &["Ledger Co"]);
}

#[test]
fn rows_name_both_records_and_findings_say_what_joins() {
    let case = Sketch::default()
        .tie("Ana", "has-phone", PHONE, (Some(3), None))
        .tie("Ben", "has-phone", PHONE, ALWAYS)
        .holds("Ben", "owner", "PB/7", ALWAYS)
        .case();
    let inputs = Inputs::new(&case);
    let outcome = run(&inputs, &Params::default()).unwrap();
    let table = &outcome.tables[0];
    assert_eq!(texts(table, "member"), ["Ana", "Ben", "PB/7"]);
    assert_eq!(texts(table, "identifier_kind"), ["phone", "phone", "holder"]);
    assert_eq!(texts(table, "other_member"), ["Ben", "Ana", "Ben"]);
    assert_eq!(table.column("line"), Some(&Values::Count(vec![Some(1), Some(2), Some(3)])));
    assert_eq!(table.column("other_line"), Some(&Values::Count(vec![Some(2), Some(1), Some(3)])));
    assert_eq!(table.column("from"), Some(&Values::Day(vec![Some(3), None, None])));
    let finding = &outcome.findings[0];
    let name = texts(table, "cluster")[0];
    assert_eq!(
        finding.statement,
        format!(
            "Cluster {name}: 2 parties (Ana; Ben) and 1 account are joined by 1 shared phone \
             (+12025550143)."
        )
    );
    assert_eq!(finding.source_refs.len(), 2);
    let rows = memberships(&inputs, &Params::default()).unwrap();
    assert_eq!(rows.names, [name]);
    assert_eq!((rows.party, rows.account), (vec![0, 0], vec![0]));
}

#[test]
fn a_cluster_without_its_hub_falls_into_parts() {
    let case = Sketch::default()
        .holds("Ana", "owner", "PB/1", ALWAYS)
        .holds("Vera", "signer", "PB/1", ALWAYS)
        .holds("Ben", "owner", "PB/2", ALWAYS)
        .holds("Cal", "joint", "PB/2", ALWAYS)
        .holds("Vera", "signer", "PB/2", ALWAYS)
        .case();
    let rows = memberships(&Inputs::new(&case), &Params::default()).unwrap();
    let party = |name| case.find_one(name, &[EntityKind::Party]).unwrap();
    assert_eq!(rows.names.len(), 1);
    let without = rows.parts_without(party("Vera"));
    assert_eq!(without[&party("Ben")], without[&party("Cal")]);
    assert_ne!(without[&party("Ana")], without[&party("Ben")]);
    assert!(!without.contains_key(&party("Vera")));
    let without = rows.parts_without(party("Ana"));
    assert_eq!(without[&party("Vera")], without[&party("Cal")]);
}
