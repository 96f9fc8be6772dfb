//! Workbooks as banks and payment services send them, read by what is suggested for them: titles,
//! merged headers, dates of both kinds, hidden rows, errors, numbers that lost digits.

use std::path::Path;

use moneytrail::store::{Case, suggest_layout};

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};
use crate::suggested_layouts::answered;

/// The case of one workbook read by its suggested layout, and how many questions that asked.
fn suggested(name: &str) -> (Case, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/sheets/returns");
    let path = root.join(name);
    let (layout, answers) = answered(&suggest_layout(&path, None).unwrap());
    let book = std::fs::read(&path).unwrap();
    let dir = directory(&[(name, &book), ("own.toml", layout.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[(name, Some("own.toml"))]))
        .unwrap_or_else(|refused| panic!("{name}: {refused}\n{layout}"));
    let _ = (case.transfers().unwrap(), case.accounts().unwrap(), case.rejects().unwrap());
    let _ = (case.sources().unwrap(), case.members().unwrap(), case.statements().unwrap());
    (case, answers)
}

/// Transfers in order of row: row, day and signed minor units, negative when they leave `own`.
fn told(case: &Case, own: &str) -> Vec<(u32, String, i64)> {
    let mut rows: Vec<(u32, String, i64)> = transfers(case)
        .into_iter()
        .map(|row| {
            let day = moneytrail::model::day_text(row.2);
            (row.6, day, if row.0 == own { -row.3 } else { row.3 })
        })
        .collect();
    rows.sort();
    rows
}

#[track_caller]
fn check(case: &Case, own: &str, rows: &[(u32, &str, i64)], aside: &[u32], hidden: &[&str]) {
    let expected: Vec<(u32, String, i64)> =
        rows.iter().map(|(row, day, minor)| (*row, (*day).to_owned(), *minor)).collect();
    assert_eq!(told(case, own), expected);
    let lines: Vec<u32> = rejects(case).into_iter().filter(|one| !one.3).map(|one| one.0).collect();
    assert_eq!(lines, aside);
    let members = case.members().unwrap();
    assert_eq!(members.why.iter().collect::<Vec<_>>(), hidden);
    assert_eq!(
        counts(case, 0)[..3],
        [rows.len() + aside.len(), rows.len(), aside.len()].map(|n| n as i64)
    );
}

#[test]
fn a_statement_with_titles_totals_notes_and_hidden_rows() {
    let (case, answers) = suggested("statement.xlsx");
    let rows = [
        (7, "2026-01-05", -12_050),
        (8, "2026-01-06", -7_950),
        (9, "2026-01-09", 250_000),
        (10, "2026-01-12", -30_000),
    ];
    let hidden = "1 hidden row (9) and 1 hidden column (C), read like any other";
    check(&case, "4410000063", &rows, &[14], &[hidden]);
    assert_eq!(answers, 0);
    let table = case.statements().unwrap();
    assert_eq!(
        (&table.opening_minor[..], &table.closing_minor[..]),
        (&[Some(100_000)][..], &[Some(300_000)][..])
    );
}

#[test]
fn days_in_cells_and_in_text_are_one_column() {
    let (case, _) = suggested("mixed_dates.xls");
    let rows = [
        (5, "2026-03-05", -1_000),
        (6, "2026-03-17", 2_000),
        (7, "2026-04-03", -550),
        (8, "2026-04-05", 50),
    ];
    check(&case, "5550001234", &rows, &[], &["1 hidden row (6), read like any other"]);
}

#[test]
fn a_header_of_two_rows_names_the_columns_by_the_lower_one() {
    let (case, answers) = suggested("merged_header.xlsx");
    let rows = [(5, "2026-05-02", -500), (6, "2026-05-03", 1_000), (7, "2026-05-09", -125)];
    check(&case, "9980012", &rows, &[], &[]);
    assert_eq!(answers, 0, "a debit column is never taken for an amount without a sign");
}

#[test]
fn headings_of_pages_and_a_note_leave_the_columns_what_they_are() {
    let (case, answers) = suggested("pages.xlsx");
    let rows = [
        (3, "2026-06-01", -10_030),
        (4, "2026-06-02", 10_030),
        (7, "2026-06-11", -10_030),
        (8, "2026-06-12", 10_030),
    ];
    check(&case, "0001234", &rows, &[10], &[]);
    assert_eq!(answers, 0);
}

#[test]
fn what_a_filter_hides_is_read_and_said() {
    let (case, _) = suggested("service.ods");
    let rows = [(2, "2026-01-05", -1_550), (3, "2026-01-06", 4_000)];
    let hidden = "1 hidden row (3) and 1 hidden column (F), read like any other";
    check(&case, "W1", &rows, &[4], &[hidden]);
}

#[test]
fn numbers_that_lost_digits_and_errors_name_nobody() {
    let (case, _) = suggested("wires.xlsx");
    let rows: Vec<(u32, i64)> = transfers(&case).iter().map(|row| (row.6, row.3)).collect();
    let mut rows = rows;
    rows.sort_unstable();
    assert_eq!(rows, [(3, 2_025), (4, 500), (7, 800), (8, 900)]);
    let lines = |kept| -> Vec<u32> {
        rejects(&case).into_iter().filter(|one| one.3 == kept).map(|one| one.0).collect()
    };
    assert_eq!(lines(false), [2, 5, 6, 9], "rounded, an error, an error, sixteen digits");
    assert_eq!(lines(true), [3, 7, 8], "zeros lost, an exponent, an error beside the payment");
    let accounts = case.accounts().unwrap();
    let accounts: Vec<&str> = accounts.account.iter().collect();
    assert!(accounts.contains(&"0012345"), "an apostrophe is no part of a number: {accounts:?}");
}
