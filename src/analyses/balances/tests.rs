//! Statements of one account, `TEST/1`, against a counterparty, through one `check`.

use jiff::civil::Date;

use super::*;
use crate::analyses::month_text;
use crate::model::{Channel, ResultTable, Values};
use crate::store::{
    Accounts, Conversions, Coverage, Details, Manifest, Refs, Side, Sources, Transfers,
};

/// A statement row: source, line, day, signed amount, balance.
type Row = (u32, u32, &'static str, i64, Option<i64>);

fn day(text: &str) -> i32 {
    (text.parse::<Date>().unwrap() - Date::constant(1970, 1, 1)).get_days()
}

fn case(rows: &[Row], covered: &[(&str, &str)]) -> Case {
    let mut transfers = Transfers::default();
    let mut details = Details::default();
    for (source, line, booked, signed, _) in rows {
        let out = *signed < 0;
        transfers.from_account.push(u32::from(!out));
        transfers.to_account.push(u32::from(out));
        transfers.booked_ms.push(0);
        transfers.day.push(day(booked));
        transfers.timed.push(false);
        transfers.amount_minor.push(signed.abs());
        transfers.currency.push(Currency::USD);
        transfers.channel.push(Channel::Other);
        transfers.side.push(if out { Side::Sender } else { Side::Receiver });
        transfers.source.push(*source);
        transfers.line.push(*line);
    }
    let mut sorted = rows.to_vec();
    sorted.sort_unstable();
    for (source, line, _, _, balance) in sorted {
        details.source.push(source);
        details.line.push(line);
        details.balance_minor.push(balance);
    }
    let mut coverage = Coverage::default();
    for (from, to) in covered {
        coverage.account.push(0);
        coverage.from_day.push(day(from));
        coverage.to_day.push(day(to));
        coverage.source.push(0);
        coverage.state.push("covers");
    }
    Case::in_memory(Manifest::default()).with(transfers).with(details).with(coverage).with(
        Accounts { account: ["TEST/1", "TEST/2"].into_iter().collect(), ..Accounts::default() },
    )
}

/// Months as `2024-01 proves 100 250 2`: month, state, opening, closing, records, and where the
/// first break stands.
fn told(case: &Case) -> Vec<String> {
    let amount = |minor: Option<i64>| minor.map_or("-".to_owned(), |minor| minor.to_string());
    let months = proofs(case).unwrap().months;
    let told = months.iter().map(|month| {
        let broken = month.first_break.map_or_else(String::new, |(difference, at)| {
            format!(" {difference} at {}:{}", at.source, at.line)
        });
        format!(
            "{} {} {} {} {}{broken}",
            month_text(month.month),
            month.state.word(),
            amount(month.opening_minor),
            amount(month.closing_minor),
            month.records
        )
    });
    told.collect()
}

#[track_caller]
fn check(rows: &[Row], covered: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(told(&case(rows, covered)), expected);
}

#[test]
fn balances_that_follow_prove() {
    let january: [Row; 2] =
        [(0, 2, "2024-01-05", 150, Some(250)), (0, 3, "2024-01-09", -50, Some(200))];
    check(&january, &[], &["2024-01 proves 100 200 2"]);
    check(&[], &[], &[]);
}

#[test]
fn a_row_that_does_not_follow_breaks_its_month_only() {
    check(
        &[
            (0, 2, "2024-01-05", 150, Some(250)),
            (0, 3, "2024-01-09", -50, Some(190)),
            (0, 4, "2024-01-10", -40, Some(150)),
            (0, 5, "2024-02-01", 5, Some(155)),
        ],
        &[],
        &["2024-01 breaks 100 150 3 -10 at 0:3", "2024-02 proves 150 155 1"],
    );
}

#[test]
fn a_statement_written_newest_first_is_read_from_its_end() {
    check(
        &[(0, 2, "2024-01-09", -50, Some(200)), (0, 3, "2024-01-05", 150, Some(250))],
        &[],
        &["2024-01 proves 100 200 2"],
    );
    // All on one day, so that the balances alone tell the order.
    check(
        &[(0, 2, "2024-01-05", -50, Some(200)), (0, 3, "2024-01-05", 150, Some(250))],
        &[],
        &["2024-01 proves 100 200 2"],
    );
    // One row is wrong either way; the order with fewer breaks is the one it was written in.
    check(
        &[
            (0, 2, "2024-01-09", -50, Some(175)),
            (0, 3, "2024-01-07", -20, Some(225)),
            (0, 4, "2024-01-06", -10, Some(240)),
            (0, 5, "2024-01-05", 150, Some(250)),
        ],
        &[],
        &["2024-01 breaks 100 175 4 5 at 0:3"],
    );
}

#[test]
fn months_without_rows_are_missing_unless_covered() {
    let rows: [Row; 2] =
        [(0, 2, "2024-01-05", 150, Some(250)), (1, 2, "2024-03-09", -50, Some(700))];
    check(
        &rows,
        &[("2024-01-05", "2024-01-31"), ("2024-03-01", "2024-03-09")],
        &["2024-01 proves 100 250 1", "2024-02 missing - - 0", "2024-03 proves 750 700 1"],
    );
    check(
        &rows,
        &[("2024-01-05", "2024-02-15"), ("2024-02-16", "2024-03-09")],
        &[
            "2024-01 proves 100 250 1",
            "2024-02 proves 250 250 0",
            "2024-03 breaks 250 700 1 500 at 1:2",
        ],
    );
}

#[test]
fn rows_without_a_balance_are_carried_to_the_next_that_states_one() {
    check(
        &[
            (0, 2, "2024-01-05", 150, None),
            (0, 3, "2024-01-05", -50, Some(200)),
            (0, 4, "2024-02-05", -20, None),
            (0, 5, "2024-03-05", -30, Some(150)),
        ],
        &[],
        &["2024-01 unstated 100 200 2", "2024-02 proves 200 180 1", "2024-03 proves 180 150 1"],
    );
    check(&[(0, 2, "2024-01-05", 150, None)], &[], &["2024-01 unstated - - 1"]);
}

#[test]
fn a_hole_left_by_repeated_records_is_filled_by_the_source_that_keeps_them() {
    check(
        &[
            (0, 2, "2024-02-05", 10, Some(110)),
            (0, 3, "2024-02-06", 10, Some(120)),
            (1, 2, "2024-01-05", 50, Some(100)),
            (1, 5, "2024-03-05", 30, Some(150)),
        ],
        &[],
        &["2024-01 proves 50 100 1", "2024-02 proves 100 120 2", "2024-03 proves 120 150 1"],
    );
}

#[test]
fn the_other_leg_counts_for_the_receivers_statement() {
    // TEST/2's own statement books the payment two days later, in euros.
    let euro: Currency = "EUR".parse().unwrap();
    let paid = case(&[(0, 2, "2024-01-30", -100, Some(0))], &[])
        .with(Refs {
            of: ["calls", "transfers"].into_iter().collect(),
            row: vec![0, 0],
            side: vec![Side::Sender, Side::Receiver],
            booked_ms: [0, day("2024-02-01")].map(|day| i64::from(day) * 86_400_000).to_vec(),
            day: vec![0, day("2024-02-01")],
            source: vec![9, 1],
            line: vec![9, 7],
            whole_minor: vec![None; 2],
        })
        .with(Details {
            source: vec![0, 1],
            line: vec![2, 7],
            balance_minor: vec![Some(0), Some(590)],
            ..Details::default()
        })
        .with(Conversions {
            transfer: vec![0],
            received_minor: vec![90],
            received_currency: vec![euro],
        });
    assert_eq!(told(&paid), ["2024-01 proves 100 0 1", "2024-02 proves 500 590 1"]);
    let months = proofs(&paid).unwrap().months;
    assert_eq!((months[1].account, months[1].currency), (1, euro));
}

#[test]
fn what_does_not_prove_is_said_in_one_sentence() {
    let broken = case(
        &[
            (0, 2, "2024-01-05", 150, Some(250)),
            (0, 3, "2024-01-09", -50, Some(190)),
            (0, 4, "2024-03-09", -50, Some(140)),
        ],
        &[],
    )
    .with(Sources {
        source: ["bank.csv"].into_iter().collect(),
        rejected: vec![1],
        ..Sources::default()
    });
    assert_eq!(
        unproved(&Inputs::new(&broken)).unwrap(),
        [(
            0,
            "TEST/1 does not prove: its balance breaks in 1 month, first at bank.csv:3 by -0.10 \
             USD, a file with 1 rejected record; 1 month missing, the first 2024-02."
                .to_owned()
        )]
    );
    let proved = case(&[(0, 2, "2024-01-05", 150, Some(250))], &[]);
    assert!(unproved(&Inputs::new(&proved)).unwrap().is_empty());
}

#[test]
fn a_mistyped_year_stays_where_its_statement_has_it() {
    let typed = case(
        &[
            (0, 2, "2024-01-05", 150, Some(250)),
            (0, 3, "2042-01-09", -50, Some(200)),
            (0, 4, "2024-01-12", -20, Some(180)),
            (0, 5, "2024-02-03", -30, Some(150)),
        ],
        &[],
    )
    .with(Sources { source: ["bank.csv"].into_iter().collect(), ..Sources::default() });
    assert_eq!(told(&typed), ["2024-01 proves 100 180 3", "2024-02 proves 180 150 1"]);
    let outcome = run(&Inputs::new(&typed), &Params::default()).unwrap();
    let notes = outcome.tables[0].notes.join(" ");
    assert!(notes.contains("bank.csv:3 (2042-01-09)"), "{notes}");
}

#[test]
fn years_of_silence_are_no_months() {
    check(
        &[(0, 2, "2004-01-05", 150, Some(250)), (1, 2, "2024-03-09", -50, Some(700))],
        &[],
        &["2004-01 proves 100 250 1", "2024-03 proves 750 700 1"],
    );
}

#[test]
fn a_day_proves_in_any_order_and_says_that_it_was_another() {
    let turned = case(
        &[
            (0, 2, "2024-01-05", 150, Some(250)),
            (0, 3, "2024-01-09", -20, Some(180)),
            (0, 4, "2024-01-09", -50, Some(200)),
            (0, 5, "2024-01-10", 5, Some(185)),
        ],
        &[],
    );
    assert_eq!(told(&turned), ["2024-01 proves 100 185 4"]);
    assert_eq!(proofs(&turned).unwrap().months[0].reordered_days, 1);
    // No order leads from 250 to these two.
    let broken: [Row; 3] = [
        (0, 2, "2024-01-05", 150, Some(250)),
        (0, 3, "2024-01-09", -20, Some(181)),
        (0, 4, "2024-01-09", -50, Some(200)),
    ];
    check(&broken, &[], &["2024-01 breaks 100 200 3 -49 at 0:3"]);
}

#[test]
fn every_money_table_says_on_what_it_rests() {
    let broken =
        case(&[(0, 2, "2024-01-05", 150, Some(250)), (0, 3, "2024-01-09", -50, Some(190))], &[])
            .with(Sources {
                source: ["bank.csv"].into_iter().collect(),
                rejected: vec![0],
                ..Sources::default()
            });
    let inputs = Inputs::new(&broken);
    let money = || Values::Money(vec![Some(Amount { minor: 5, currency: Currency::USD })]);
    let note = |account: &str| {
        let table = ResultTable::new("flows").with("account", Values::Text(vec![account.into()]));
        let table = table_with_unproved(&inputs, table.with("total", money())).unwrap();
        table.notes.join(" ")
    };
    let sentence = "1 of the accounts here does not prove: TEST/1 (1 month does not add up).";
    assert_eq!(note("TEST/1"), sentence);
    // A table that names no account may rest on any.
    assert_eq!(note("all"), sentence);
    // One without money may count payments of the account that it names.
    let bare = |account: &str| {
        let text = Values::Text(vec![account.into()]);
        table_with_unproved(&inputs, ResultTable::new("x").with("account", text)).unwrap().notes
    };
    assert_eq!(bare("TEST/1"), [sentence]);
    assert!(bare("all").is_empty());
    let ranked = |name: &str| {
        let table = ResultTable::new(name).with("candidate", Values::Text(vec!["TEST/1".into()]));
        let outcome = Outcome { tables: vec![table], findings: Vec::new() };
        with_unproved(&inputs, outcome).unwrap().tables.remove(0).notes
    };
    assert_eq!(ranked("facilitators"), [sentence]);
    assert!(ranked("contacts").is_empty());
}
