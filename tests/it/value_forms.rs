//! Dates and decimals whose form the layout leaves to the values: what all of a source shows holds
//! for every row of it, and what it does not show is refused.

use moneytrail::store::Case;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// A layout of one account's statement over the columns Date, Value and Amount.
fn layout(csv: &str, booked: &str) -> String {
    format!(
        "name = \"own\"\nrecord = \"bank-statement\"\n[csv]\ndelimiter = \";\"\n{csv}\n[fields]\n\
         account = {{ constant = \"1\" }}\nbooked = {{ column = \"Date\"{booked} }}\n\
         value_date = {{ column = \"Value\" }}\namount = {{ column = \"Amount\" }}\n"
    )
}

fn read(rows: &str, layout: &str) -> moneytrail::Result<Case> {
    let text = format!("Date;Value;Amount\n{rows}");
    let dir = directory(&[("own.toml", layout.as_bytes()), ("bank.csv", text.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", Some("own.toml"))]))?;
    // The directory goes with this function, so every table is read before it does.
    let (_, _, _) = (case.transfers()?, case.accounts()?, case.rejects()?);
    let (_, _) = (case.sources()?, case.value_forms()?);
    Ok(case)
}

/// Rows as `line: day minor`, then what was told as `field form deciding line found`.
#[track_caller]
fn check(rows: &str, layout: &str, read_as: &[&str], told: &[&str]) -> Case {
    let case = read(rows, layout)
        .unwrap_or_else(|refused| panic!("{refused} {}", refused.hint().unwrap_or_default()));
    let mut found: Vec<(u32, String)> = transfers(&case)
        .iter()
        .map(|row| (row.6, format!("{} {}", moneytrail::model::day_text(row.2), row.3)))
        .collect();
    found.sort_unstable();
    let found: Vec<String> = found.iter().map(|(line, row)| format!("{line}: {row}")).collect();
    assert_eq!(found, read_as, "{:?}", rejects(&case));
    let forms = case.value_forms().unwrap();
    let shown = (0..forms.line.len()).map(|row| {
        let (field, form) = (forms.field.get(row), forms.form.get(row));
        let (deciding, line) = (forms.deciding[row], forms.line[row]);
        format!("{field} {form} {deciding} {line} {}", forms.found.get(row))
    });
    assert_eq!(shown.collect::<Vec<_>>(), told);
    case
}

#[track_caller]
fn refused(rows: &str, layout: &str, words: &[&str]) {
    let error = read(rows, layout).expect_err("the source is refused");
    let said = format!("{error} {}", error.hint().unwrap_or_default());
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said:?}");
    }
}

#[test]
fn one_value_decides_for_all_of_its_column() {
    let silent = layout("", "");
    let rows = "03/04/2026;;1.200\n31/03/2026;;7,50\n";
    let read_as = ["2: 2026-04-03 120000", "3: 2026-03-31 750"];
    let told = ["booked %d/%m/%Y 1 3 31/03/2026", "decimal_mark , 1 3 7,50"];
    check(rows, &silent, &read_as, &told);
    // The word says what a silent layout means.
    let auto = layout("decimal_mark = \"auto\"", ", format = \"auto\"");
    check(rows, &auto, &read_as, &told);
    let rows = "03/04/2026;;1,200\n03/31/2026;;7.50\n";
    let read_as = ["2: 2026-03-04 120000", "3: 2026-03-31 750"];
    let told = ["booked %m/%d/%Y 1 3 03/31/2026", "decimal_mark . 1 3 7.50"];
    check(rows, &silent, &read_as, &told);
    // What needs no telling is not told.
    check(
        "2026-03-04;;12\n2026-03-31;;7\n",
        &silent,
        &["2: 2026-03-04 1200", "3: 2026-03-31 700"],
        &[],
    );
}

#[test]
fn the_value_that_decides_may_stand_at_the_end_of_a_long_source() {
    let mut rows = String::new();
    for _ in 0..120_000 {
        rows.push_str("03/04/2026;;1.000\n");
    }
    rows.push_str("13/04/2026;;0,50\n");
    let case = read(&rows, &layout("", "")).unwrap();
    let table = case.transfers().unwrap();
    assert_eq!(table.line.len(), 120_001);
    let days: std::collections::BTreeSet<i32> = table.day.iter().copied().collect();
    let days: Vec<String> = days.into_iter().map(moneytrail::model::day_text).collect();
    assert_eq!(days, ["2026-04-03", "2026-04-13"]);
    assert_eq!(table.amount_minor.iter().sum::<i64>(), 120_000 * 100_000 + 50);
    let forms = case.value_forms().unwrap();
    assert_eq!(forms.line, [120_002, 120_002]);
    assert_eq!((&forms.values[..], &forms.deciding[..]), (&[120_001, 120_001][..], &[1, 1][..]));
}

#[test]
fn a_column_without_evidence_takes_the_order_of_its_neighbour_and_says_so() {
    let rows = "01/04/2026;30/04/2026;1,50\n01/05/2026;31/05/2026;1,50\n";
    let told = [
        "booked %d/%m/%Y 0 2 30/04/2026",
        "value_date %d/%m/%Y 2 2 30/04/2026",
        "decimal_mark , 2 2 1,50",
    ];
    let case = check(rows, &layout("", ""), &["2: 2026-04-01 150", "3: 2026-05-01 150"], &told);
    assert!(case.value_forms().unwrap().why.get(0).contains("column \"Value\""));
}

#[test]
fn values_that_contradict_each_other_end_the_load_with_both_lines() {
    let silent = layout("", "");
    let words = [
        "column \"Date\"",
        "\"13/01/2026\" on line 2",
        "\"01/13/2026\" on line 4",
        "set format = ",
    ];
    refused("13/01/2026;;1\n02/01/2026;;1\n01/13/2026;;1\n", &silent, &words);
    let words = ["\"1.200,00\"", "on line 3", "\"1,200.00\"", "on line 2", "set decimal_mark = "];
    refused("2026-01-13;;1,200.00\n2026-01-14;;1.200,00\n", &silent, &words);
    // Once the layout states the form, the row that it does not fit is set aside.
    let stated = layout("decimal_mark = \".\"", ", format = \"%d/%m/%Y\"");
    let rows = "13/01/2026;;1,200.00\n02/01/2026;;1.200,00\n01/13/2026;;1\n";
    let case = check(rows, &stated, &["2: 2026-01-13 120000"], &[]);
    assert_eq!(counts(&case, 0)[..3], [3, 1, 2]);
}

#[test]
fn what_no_value_shows_is_refused_with_what_to_write() {
    let silent = layout("", "");
    let both = "set format = \"%m/%d/%Y\" or \"%d/%m/%Y\" for `booked` in layout \"own\"";
    refused("03/04/2026;;1\n04/05/2026;;2\n", &silent, &["\"03/04/2026\" on line 2", both]);
    let year = "set format = \"%d/%m/%y\" or \"%y/%m/%d\" for `booked`";
    refused("31/03/26;;1\n", &silent, &["the day or the year stands first", year]);
    let words = ["\"1.200\" in column \"Amount\" on line 2", "set decimal_mark = \".\" or \",\""];
    refused("2026-03-04;;1.200\n2026-03-05;;2.500\n", &silent, &words);
}

#[test]
fn what_reads_no_way_is_set_aside_and_decides_nothing() {
    let rows = "13/01/2026;;7.50\nsoon;;1.00\n31/02/2026;;1.00\n14/01/2026;;n/a\n";
    let told = ["booked %d/%m/%Y 2 2 13/01/2026", "decimal_mark . 3 2 7.50"];
    let case = check(rows, &layout("", ""), &["2: 2026-01-13 750"], &told);
    let lines: Vec<u32> = rejects(&case).iter().map(|one| one.0).collect();
    assert_eq!((lines, counts(&case, 0)[0]), (vec![3, 4, 5], 4));
}

#[test]
fn our_own_columns_without_a_layout_are_told_as_well() {
    let text = "account,booked,amount\n1,31/03/2026,\"1.200,00\"\n1,01/04/2026,5\n";
    let dir = directory(&[("bank.csv", text.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", None)])).unwrap();
    assert_eq!(case.transfers().unwrap().amount_minor, [120_000, 500]);
    let text = "account,booked,amount\n1,01/03/2026,1.00\n";
    let dir = directory(&[("bank.csv", text.as_bytes())]);
    let error = load_in(dir.path(), &case_text(&[("bank.csv", None)])).unwrap_err();
    assert!(error.hint().unwrap().contains("layout suggest"), "{error}");
}

#[test]
fn only_columns_of_dates_take_the_word() {
    let text = layout("", "").replace("column = \"Date\"", "constant = \"x\", format = \"auto\"");
    refused("", &text, &["does not take format = \"auto\""]);
    refused("", &layout("decimal_mark = \"?\"", ""), &["none of \".\", \",\" and \"auto\""]);
}
