//! Small leases: who is found to pay, by what evidence, and what is said of it.

use super::*;
use crate::analyses::sketch::{ALWAYS, Sketch};
use crate::model::Values;

fn let_to(tenant: &str, paid_from: &str) -> Sketch {
    let year = (Some(0), Some(364));
    Sketch::default()
        .holds("Flat Owner", "owner", "PB/F", ALWAYS)
        .holds("Ana", "owner", "PB/A", ALWAYS)
        .holds("Vera", "owner", "PB/V", ALWAYS)
        .lease("1 quay road", tenant, "Flat Owner", 80_000, paid_from, year)
}

fn texts(outcome: &Outcome, column: &str) -> Vec<String> {
    match outcome.tables[0].column(column) {
        Some(Values::Text(rows)) => rows.clone(),
        other => panic!("{column} is text: {other:?}"),
    }
}

/// Payer, evidence and number of payments of each row, and what the findings say.
#[track_caller]
fn check(sketch: Sketch, rows: &[(&str, &str, i64)], findings: &[&str]) {
    let case = sketch.case();
    let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
    let (payer, how) = (texts(&outcome, "payer"), texts(&outcome, "how"));
    let Some(Values::Count(payments)) = outcome.tables[0].column("payments") else {
        panic!("payments are counted")
    };
    let found: Vec<(&str, &str, i64)> = (0..payer.len())
        .map(|at| (payer[at].as_str(), how[at].as_str(), payments[at].unwrap()))
        .collect();
    assert_eq!(found, rows);
    let said: Vec<&str> =
        outcome.findings.iter().map(|finding| finding.statement.as_str()).collect();
    assert_eq!(said, findings);
}

#[test]
fn rent_leads_to_whoever_pays_it() {
    let paid = "rent paid to the landlord";
    check(
        let_to("Ana", "").transfer("PB/A", "PB/F", 1, 80_000).transfer("PB/A", "PB/F", 31, 80_000),
        &[("Ana", paid, 2)],
        &[],
    );
    check(
        let_to("Ana", "").transfer("PB/V", "PB/F", 1, 80_000).transfer("PB/V", "PB/F", 31, 80_000),
        &[("Vera", paid, 2)],
        &["The rent of 1 quay road, let to Ana, is paid from PB/V of Vera (rent paid to the \
           landlord; 2 payments, 1,600.00 USD in all), who is neither tenant nor guarantor."],
    );
    check(
        let_to("Ana", "PB/V").transfer("PB/V", "PB/F", 1, 79_999),
        &[("Vera", "stated in the lease", 0)],
        &["The rent of 1 quay road, let to Ana, is paid from PB/V of Vera (stated in the \
           lease; no payment seen in the returns), who is neither tenant nor guarantor."],
    );
}

#[test]
fn one_payment_another_amount_or_another_year_is_no_rent() {
    let none = &[("", "no repeated payment of the rent seen", 0)];
    check(let_to("Ana", "").transfer("PB/V", "PB/F", 1, 80_000), none, &[]);
    let near = let_to("Ana", "")
        .transfer("PB/V", "PB/F", 1, 80_001)
        .transfer("PB/V", "PB/F", 31, 79_999)
        .transfer("PB/V", "PB/F", 500, 80_000)
        .transfer("PB/V", "PB/F", 530, 80_000);
    check(near, none, &[]);
}

#[test]
fn payments_that_fit_several_leases_go_to_the_tenants_own() {
    let two = |payer: &str| {
        let_to("Ana", "")
            .lease("2 quay road", "Ben", "Flat Owner", 80_000, "", (Some(0), Some(364)))
            .transfer(payer, "PB/F", 1, 80_000)
            .transfer(payer, "PB/F", 31, 80_000)
    };
    let paid = "rent paid to the landlord";
    check(two("PB/A"), &[("Ana", paid, 2), ("", "no repeated payment of the rent seen", 0)], &[]);
    check(two("PB/V"), &[("Vera", paid, 2), ("Vera", paid, 2)], &[]);
}

#[test]
fn many_adults_in_few_bedrooms_are_counted_once_each() {
    let mut sketch = let_to("Ana", "");
    for at in 0..7 {
        let to = (EntityKind::Premises, "1 quay road");
        sketch = sketch.tie(&format!("Guest {at}"), "lives-at", to, (Some(10), None));
    }
    let said = "Records link 8 adults to 1 quay road during lease sketch.csv:4, which has 2 \
                bedrooms.";
    check(sketch, &[("", "no repeated payment of the rent seen", 0)], &[said]);
}
