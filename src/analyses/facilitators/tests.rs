//! An invented town: a go-between beside a property manager, a payroll company and households.

use super::*;
use crate::analyses::sketch::{ALWAYS, Sketch};
use crate::model::{ResultTable, Values};

/// Five shops whose premises Vera rents and whose money she passes on; Tidewater lets flats to
/// ten tenants and pays their owner; Paylane pays twelve workers for two employers.
fn town() -> Sketch {
    let mut sketch = Sketch::default()
        .holds("Vera Quill", "owner", "PB/V", ALWAYS)
        .holds("Oswin Marsh", "owner", "PB/O", ALWAYS)
        .holds("Tidewater Homes", "owner", "PB/T", ALWAYS)
        .holds("Flat Owner", "owner", "PB/F", ALWAYS)
        .holds("Paylane", "owner", "PB/P", ALWAYS)
        .tie("Vera Quill", "subscribes", (EntityKind::Phone, "+12025550100"), ALWAYS)
        .tie("Tidewater Homes", "subscribes", (EntityKind::Phone, "+12025550101"), ALWAYS);
    for at in 0..5 {
        let (shop, account) = (format!("Shop {at}"), format!("PB/S{at}"));
        let (place, phone) = (format!("{at} harbor street"), format!("+1202555011{at}"));
        sketch = sketch
            .holds(&shop, "owner", &account, ALWAYS)
            .tie(&shop, "lives-at", (EntityKind::Premises, &place), ALWAYS)
            .tie(&shop, "subscribes", (EntityKind::Phone, &phone), ALWAYS)
            .lease(&place, "Vera Quill", "Flat Owner", 90_000, "PB/V", ALWAYS)
            .call("+12025550100", &phone, 3, "");
    }
    for at in 0..10 {
        let (tenant, account) = (format!("Tenant {at}"), format!("PB/H{at}"));
        let (place, phone) = (format!("{at} quay road"), format!("+1202555013{at}"));
        sketch = sketch
            .holds(&tenant, "owner", &account, ALWAYS)
            .tie(&tenant, "subscribes", (EntityKind::Phone, &phone), ALWAYS)
            .lease(&place, &tenant, "Tidewater Homes", 80_000, &account, ALWAYS)
            .call("+12025550101", &phone, 4, "");
    }
    for at in 0..12 {
        sketch = sketch.holds(&format!("Worker {at}"), "owner", &format!("PB/W{at}"), ALWAYS);
    }
    for month in 0..4 {
        sketch = month_of_transfers(sketch, month * 30);
    }
    sketch
}

fn month_of_transfers(mut sketch: Sketch, start: i32) -> Sketch {
    for at in 0..5 {
        sketch = sketch.transfer(&format!("PB/S{at}"), "PB/V", start + at, 300_000);
    }
    for at in 0..10 {
        sketch = sketch.transfer(&format!("PB/H{at}"), "PB/T", start + 5, 80_000);
    }
    sketch = sketch
        .transfer("PB/V", "PB/O", start + 6, 900_000)
        .transfer("PB/V", "PB/S0", start + 6, 200_000)
        .transfer("PB/V", "PB/F", start + 6, 350_000)
        .transfer("PB/T", "PB/F", start + 20, 700_000)
        .transfer("PB/S1", "PB/P", start + 21, 60_000)
        .transfer("PB/T", "PB/P", start + 21, 60_000);
    for at in 0..12 {
        sketch = sketch.transfer("PB/P", &format!("PB/W{at}"), start + 22, 9_000);
    }
    sketch
}

fn column<'a>(table: &'a ResultTable, name: &str) -> &'a Values {
    table.column(name).unwrap_or_else(|| panic!("{name} is a column"))
}

fn ranks(sketch: Sketch, params: &Params) -> Outcome {
    let case = sketch.case();
    run(&Inputs::new(&case), params).unwrap()
}

#[track_caller]
fn check(outcome: &Outcome, candidate: &str, measures: &[(&str, f64)]) {
    let table = &outcome.tables[0];
    let Values::Text(names) = column(table, "candidate") else { panic!("names are text") };
    let at = names.iter().position(|name| name == candidate).expect("the candidate is listed");
    for (measure, expected) in measures {
        let found = match column(table, measure) {
            Values::Count(rows) => rows[at].map(|count| count as f64),
            Values::Score(rows) => rows[at],
            Values::Flag(rows) => rows[at].map(|flag| f64::from(u8::from(flag))),
            other => panic!("{measure} is a number: {other:?}"),
        };
        assert_eq!(found, Some(*expected), "{measure} of {candidate}");
    }
}

#[test]
fn measures_say_what_the_records_show() {
    let outcome = ranks(town(), &Params::default());
    check(
        &outcome,
        "Vera Quill",
        &[
            ("rank", 1.0),
            ("dwell_median_days", 3.0),
            ("counterparties_in", 5.0),
            ("counterparties_out", 3.0),
            ("cut_vertex", 1.0),
            ("clusters_bridged", 5.0),
            ("kinds_bridged", 3.0),
            ("groups_by_two_kinds", 5.0),
            ("rents_for", 5.0),
            ("lets_for", 0.0),
        ],
    );
    check(
        &outcome,
        "Tidewater Homes",
        &[
            ("rank", 2.0),
            ("pass_through_share", 0.0),
            ("kinds_bridged", 2.0),
            ("rents_for", 0.0),
            ("lets_for", 10.0),
        ],
    );
    check(
        &outcome,
        "Paylane",
        &[
            ("rank", 3.0),
            ("counterparties_in", 2.0),
            ("counterparties_out", 12.0),
            ("lets_for", 0.0),
        ],
    );
    assert!(outcome.findings[0].statement.starts_with("Vera Quill ranks 1 of "));
    assert!(!outcome.findings[0].source_refs.is_empty());
}

#[test]
fn candidates_are_those_near_the_subjects() {
    let near = |hops| {
        let params = Params { hops, ..Params::default() };
        let outcome = ranks(town().subject(EntityKind::Party, "Vera Quill"), &params);
        let Values::Text(names) = column(&outcome.tables[0], "candidate").clone() else {
            panic!("names are text")
        };
        names
    };
    assert!(!near(1).contains(&"Tidewater Homes".to_owned()));
    assert!(near(2).contains(&"Tidewater Homes".to_owned()));
    assert_eq!(near(1)[0], "Vera Quill");
}

#[test]
fn an_account_without_a_holder_is_a_candidate_of_its_own() {
    let mut sketch = Sketch::default();
    for day in 0..4 {
        sketch = sketch.transfer("PB/1", "PB/2", day, 100).transfer("PB/2", "PB/3", day, 100);
    }
    let outcome = ranks(sketch, &Params::default());
    check(&outcome, "PB/2", &[("rank", 1.0), ("pass_through_share", 1.0), ("betweenness", 1.0)]);
    assert_eq!(ranks(Sketch::default(), &Params::default()).tables[0].rows(), 0);
}

#[test]
fn a_sample_says_how_far_off_it_may_be() {
    let exact = ranks(town(), &Params::default());
    let some = Params { sources_max: 5, ..Params::default() };
    let sampled = Params { betweenness_error: Some(0.05), ..some.clone() };
    let notes = |params: &Params| ranks(town(), params).tables[0].notes.join(" ");
    assert!(!notes(&Params::default()).contains("estimate"));
    assert!(notes(&some).contains("Betweenness is an estimate from 5 of "));
    let told = notes(&sampled);
    assert!(told.contains("with a probability of 0.99 no value is off by more than "), "{told}");
    assert!(told.contains("which is 0.05 of all pairs."), "{told}");
    let of = |outcome: &Outcome| -> BTreeMap<String, f64> {
        let table = &outcome.tables[0];
        let (Values::Text(names), Values::Score(scores)) =
            (column(table, "candidate"), column(table, "betweenness"))
        else {
            panic!("names are text and betweenness is a score")
        };
        names.iter().cloned().zip(scores.iter().map(|score| score.unwrap())).collect()
    };
    let outcome = ranks(town(), &sampled);
    assert!(outcome.findings.iter().all(|it| it.bound_met));
    let (exact, found) = (of(&exact), of(&outcome));
    let largest = exact.values().copied().fold(0.0, f64::max);
    for (name, value) in &found {
        assert!((value - exact[name]).abs() < largest / 3.0, "{name}: {value}");
    }
    for share in [0.0, 1.0, f64::NAN] {
        let params = Params { betweenness_error: Some(share), ..Params::default() };
        let case = town().case();
        assert!(matches!(run(&Inputs::new(&case), &params), Err(Error::Usage(_))), "{share}");
    }
}
