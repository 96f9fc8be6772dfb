//! A case of one held account, `HB/1`, and what its records leave open.

use super::*;
use crate::store::{Accounts, Coverage, Details, Manifest, Side, Sources, Transfers};

/// HB/1 is held, QB/7 is named only, the third is an unidentified far end seen from HB/1.
fn accounts() -> Accounts {
    Accounts {
        account: ["HB/1", "QB/7", "far end of HB/1"].into_iter().collect(),
        institution: ["HB", "QB", "HB"].into_iter().collect(),
        kind: ["account", "account", "unidentified"].into_iter().collect(),
        near_account: vec![NONE, NONE, 0],
        currency: vec![None; 3],
        ..Accounts::default()
    }
}

/// A transfer on a day of 2024 counted from 19,723, 1 January: from, to, day, amount, channel,
/// balance after it. Rows that HB/1 does not see stand in a list that is nobody's own.
type Row = (u32, u32, i32, i64, Channel, Option<i64>);

fn case(rows: &[Row], coverage: &[(i32, i32, &str)]) -> Case {
    let mut transfers = Transfers::default();
    let mut details = Details::default();
    for (at, (from, to, day, amount, channel, balance)) in rows.iter().enumerate() {
        let line = at as u32 + 2;
        transfers.from_account.push(*from);
        transfers.to_account.push(*to);
        transfers.booked_ms.push(0);
        transfers.day.push(19_723 + day);
        transfers.timed.push(false);
        transfers.amount_minor.push(*amount);
        transfers.currency.push(Currency::USD);
        transfers.channel.push(*channel);
        transfers.side.push(match (from, to) {
            _ if balance.is_none() => Side::List,
            (0, _) => Side::Sender,
            _ => Side::Receiver,
        });
        transfers.source.push(0);
        transfers.line.push(line);
        details.source.push(0);
        details.line.push(line);
        details.balance_minor.push(*balance);
    }
    let mut held = Coverage::default();
    for (from, to, state) in coverage {
        held.account.push(0);
        held.from_day.push(19_723 + from);
        held.to_day.push(19_723 + to);
        held.source.push(if *state == "covers" { 0 } else { NONE });
        held.state.push(state);
    }
    let sources = Sources { source: ["hb.csv"].into_iter().collect(), ..Sources::default() };
    Case::in_memory(Manifest::default())
        .with(transfers)
        .with(details)
        .with(held)
        .with(accounts())
        .with(sources)
}

/// Requests as `institution account from..to total reason`, days counted as in [`Row`], the
/// reason cut after its first three words.
fn told(case: &Case, params: &Params) -> Vec<String> {
    let table = run(&Inputs::new(case), params).unwrap().tables.remove(0);
    let text = |name, at: usize| match table.column(name) {
        Some(Values::Text(values)) => values[at].clone(),
        _ => panic!("{name} is text"),
    };
    let day = |name, at: usize| match table.column(name) {
        Some(Values::Day(values)) => values[at].unwrap() - 19_723,
        _ => panic!("{name} is a day"),
    };
    let total = |at: usize| match table.column("total_at_stake") {
        Some(Values::Money(values)) => values[at].unwrap().minor,
        _ => panic!("the total is money"),
    };
    let line = |at| {
        let why = text("why", at);
        let why: Vec<&str> = why.split(' ').take(3).collect();
        format!(
            "{} {} {}..{} {} {}",
            text("institution", at),
            text("account", at),
            day("from", at),
            day("to", at),
            total(at),
            why.join(" ")
        )
    };
    (0..table.rows()).map(line).collect()
}

#[track_caller]
fn check(rows: &[Row], coverage: &[(i32, i32, &str)], expected: &[&str]) {
    assert_eq!(told(&case(rows, coverage), &Params::default()), expected);
}

const HELD: (i32, i32, &str) = (0, 30, "covers");

#[test]
fn accounts_that_are_only_named_are_asked_for_by_money() {
    check(&[], &[], &[]);
    check(
        &[(0, 1, 3, 500, Channel::Wire, None), (1, 0, 9, 70, Channel::Wire, None)],
        &[HELD],
        &["QB QB/7 3..9 570 named in other"],
    );
    // A transfer of an account to itself counts once.
    check(&[(1, 1, 3, 500, Channel::Book, None)], &[HELD], &["QB QB/7 3..3 500 named in other"]);
}

#[test]
fn unnamed_ends_are_asked_of_the_near_bank_but_fees_are_not() {
    check(
        &[
            (0, 2, 3, 500, Channel::Cheque, None),
            (2, 0, 5, 40, Channel::Cash, None),
            (0, 2, 9, 7, Channel::Fee, None),
        ],
        &[HELD],
        &["HB HB/1 3..5 540 0.40 USD came"],
    );
}

#[test]
fn a_side_without_money_is_not_spoken_of() {
    let said = |rows: &[Row]| {
        let case = case(rows, &[HELD]);
        let table = run(&Inputs::new(&case), &Params::default()).unwrap().tables.remove(0);
        let Some(Values::Text(why)) = table.column("why") else { panic!("the reason is text") };
        why[0].split(" that ").next().unwrap_or_default().to_owned()
    };
    let out = (0, 2, 3, 500, Channel::Cheque, None);
    let into = (2, 0, 5, 40, Channel::Cash, None);
    assert_eq!(said(&[out]), "5.00 USD went to ends");
    assert_eq!(said(&[into]), "0.40 USD came from ends");
    assert_eq!(said(&[out, into]), "0.40 USD came from and 5.00 USD went to ends");
}

#[test]
fn stretches_between_statements_are_asked_for_with_what_others_show() {
    let coverage = [HELD, (31, 59, "gap"), (60, 90, "covers")];
    check(&[], &coverage, &["HB HB/1 31..59 0 statements before and"]);
    check(
        &[(1, 0, 40, 900, Channel::Wire, None), (1, 0, 20, 1, Channel::Wire, None)],
        &coverage,
        &["QB QB/7 20..40 901 named in other", "HB HB/1 31..59 900 statements before and"],
    );
    // A month that the balances miss and a gap of the coverage are one request.
    check(
        &[(1, 0, 20, 5, Channel::Wire, Some(5)), (1, 0, 70, 5, Channel::Wire, Some(10))],
        &[HELD, (31, 59, "gap"), (60, 90, "covers")],
        &["QB QB/7 20..70 10 named in other", "HB HB/1 31..59 0 statements before and"],
    );
}

#[test]
fn a_broken_month_is_asked_for_whole() {
    check(
        &[(0, 1, 3, 5, Channel::Wire, Some(100)), (0, 1, 4, 5, Channel::Wire, Some(15))],
        &[HELD],
        &["HB HB/1 0..30 80 the balance of", "QB QB/7 3..4 10 named in other"],
    );
}

#[test]
fn one_bank_alone_is_listed_and_an_unknown_one_refused() {
    let case =
        case(&[(0, 1, 3, 500, Channel::Wire, None), (0, 2, 3, 900, Channel::Cash, None)], &[HELD]);
    let of = |name: &str| Params { institution: Some(name.to_owned()) };
    assert_eq!(told(&case, &of("QB")), ["QB QB/7 3..3 500 named in other"]);
    let refused = run(&Inputs::new(&case), &of("ZZ")).unwrap_err();
    assert!(matches!(refused, Error::Unknown { kind: "institution", .. }), "{refused}");
}
