//! Delimited files as producers really write them: separators, quotes, encodings, line ends,
//! lines that are no records, and amounts and dates in their many dresses.

use moneytrail::store::Case;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// A layout of one account's statement; `csv` and `fields` are lines of those tables.
fn layout(csv: &str, fields: &str) -> String {
    let account =
        if fields.contains("account =") { "" } else { "account = { constant = \"1\" }\n" };
    format!(
        "name = \"own\"\nrecord = \"bank-statement\"\n[csv]\n{csv}\n[fields]\n{account}{fields}\n"
    )
}

const SIMPLE: &str = "booked = { column = \"Date\" }\namount = { column = \"Amount\" }\n\
                      description = { column = \"Text\" }";

fn read(bytes: &[u8], layout: &str) -> moneytrail::Result<Case> {
    let dir = directory(&[("own.toml", layout.as_bytes()), ("bank.csv", bytes)]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", Some("own.toml"))]))?;
    // The directory goes with this function, so every table is read before it does.
    let (_, _, _) = (case.transfers()?, case.accounts()?, case.details()?);
    let (_, _) = (case.sources()?, case.rejects()?);
    Ok(case)
}

/// What was read, as `line: minor units with the sign of the account`; then the lines of rejects.
#[track_caller]
fn check(bytes: &[u8], layout: &str, rows: &[(u32, i64)], out: &[u32]) -> Case {
    let case = read(bytes, layout).unwrap_or_else(|refused| panic!("{refused}"));
    let mut found: Vec<(u32, i64)> = transfers(&case)
        .iter()
        .map(|row| (row.6, if row.0 == "1" { -row.3 } else { row.3 }))
        .collect();
    found.sort_unstable();
    assert_eq!(found, rows, "{:?}", rejects(&case));
    let set_aside: Vec<u32> =
        rejects(&case).into_iter().filter(|one| !one.3).map(|one| one.0).collect();
    assert_eq!(set_aside, out, "{:?}", rejects(&case));
    assert_eq!(counts(&case, 0)[0], (rows.len() + out.len()) as i64);
    case
}

#[track_caller]
fn refused(bytes: &[u8], layout: &str, words: &[&str]) {
    let error = read(bytes, layout).expect_err("the file is refused");
    let said = format!("{error} {}", error.hint().unwrap_or_default());
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said:?}");
    }
}

#[test]
fn any_one_byte_separates_fields() {
    for (mark, written) in [(';', ";"), ('\t', "\\t"), ('|', "|"), ('\u{1f}', "\\u001f")] {
        let text = "Date,Amount,Text\n2026-03-31,-12.50,a\n2026-04-01,7.00,b\n";
        let csv = format!("delimiter = \"{written}\"");
        let bytes = text.replace(',', &mark.to_string());
        check(bytes.as_bytes(), &layout(&csv, SIMPLE), &[(2, -1_250), (3, 700)], &[]);
    }
}

#[test]
fn quotes_are_what_the_layout_says() {
    let single = b"Date,Amount,Text\n2026-03-31,'1,250.00','it''s \"so\"'\n";
    let case = check(single, &layout("quote = \"'\"", SIMPLE), &[(2, 125_000)], &[]);
    assert_eq!(case.details().unwrap().description.get(0), "it's \"so\"");
    let none = b"Date|Amount|Text\n2026-03-31|5.00|\"QUAY\" FOODS\n2026-03-31|6.00|\"open\n";
    let csv = "delimiter = \"|\"\nquote = \"\"";
    let case = check(none, &layout(csv, SIMPLE), &[(2, 500), (3, 600)], &[]);
    assert_eq!(case.details().unwrap().description.get(0), "\"QUAY\" FOODS");
    refused(none, &layout("quote = \"ab\"", SIMPLE), &["quote \"ab\" is not one ASCII character"]);
}

#[test]
fn encodings_and_line_ends_are_told_apart() {
    let rows = [(2, -1_250), (3, 700)];
    let text = "Date,Amount,Text\n2026-03-31,-12.50,Caf\u{e9}\n2026-04-01,7.00,b\n";
    let plain = layout("", SIMPLE);
    for ends in ["\n", "\r\n", "\r"] {
        let bytes = text.replace('\n', ends);
        let case = check(bytes.as_bytes(), &plain, &rows, &[]);
        assert_eq!(case.details().unwrap().description.get(0), "Caf\u{e9}");
    }
    let western: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
    let case = check(&western, &layout("encoding = \"windows-1252\"", SIMPLE), &rows, &[]);
    assert_eq!(case.details().unwrap().description.get(0), "Caf\u{e9}");
    // Without the encoding, the one line that is not UTF-8 is set aside.
    check(&western, &plain, &rows[1..], &[2]);
    for (label, mark) in [("utf-16le", true), ("utf-16le", false), ("utf-16be", false)] {
        let marked = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
        let bytes = marked.encode_utf16().flat_map(|unit| match label {
            "utf-16le" => unit.to_le_bytes(),
            _ => unit.to_be_bytes(),
        });
        let bytes: Vec<u8> = bytes.collect();
        let csv = if mark { String::new() } else { format!("encoding = {label:?}") };
        check(&bytes, &layout(&csv, SIMPLE), &rows, &[]);
        if !mark {
            refused(&bytes, &plain, &[&format!("set encoding = {label:?}")]);
        }
    }
}

#[test]
fn lines_that_are_no_records_are_passed_over_and_counted() {
    let paged = b"Harbor Bank;;\nAccount: 1;;\nDate;Amount;Text\n2026-03-31;1,00;a\n\
                  Page 2;;\nDate;Amount;Text\n2026-04-01;2,00;b\n;;\nTotal;3,00;\n";
    let csv = "delimiter = \";\"\ndecimal_mark = \",\"\nignore = [\"^Page\", \"^Total\", \"^;+$\"]";
    let case = check(paged, &layout(csv, SIMPLE), &[(4, 100), (7, 200)], &[]);
    assert_eq!(counts(&case, 0)[4], 7, "three lines above the first record and four between");
    let preamble = "account = { preamble = \"Account: ([0-9]+)\" }\n";
    check(paged, &layout(csv, &format!("{preamble}{SIMPLE}")), &[(4, 100), (7, 200)], &[]);
}

#[test]
fn totals_and_carried_balances_are_never_payments() {
    let text = b"Date;Amount;Text\n01.03.2026;500,00;Balance brought forward\n\
                 14.03.2026;-1,50;FEE\n;498,50;Carried forward:\nPage 2;;\n\
                 15.03.2026;498,50;BROUGHT FORWARD\n16.03.2026;2,00;TOTAL FUELS 12\n\
                 Total;;\n;500,50;Total\n31.03.2026;500,50;Closing balance\n";
    // Each is set aside with its line where the layout does not name it.
    let case = check(
        text,
        &layout("delimiter = \";\"", SIMPLE),
        &[(3, -150), (7, 200)],
        &[2, 4, 5, 6, 8, 9, 10],
    );
    let reasons = case.rejects().unwrap();
    let reason = |row: usize| reasons.reason.get(row).to_owned();
    assert!(reason(0).contains("a balance carried on, which moves no money"), "{}", reason(0));
    for row in [1, 2, 4, 5] {
        assert!(reason(row).contains("ignore = [\"^Total\"]"), "{}", reason(row));
    }
    let named = "delimiter = \";\"\nignore = [\"(?i)(brought|carried) forward:?$\", \"^Page\", \"Total;?;?$\", \
                 \"Closing balance$\"]";
    let case = check(text, &layout(named, SIMPLE), &[(3, -150), (7, 200)], &[]);
    assert_eq!(counts(&case, 0)[4], 8, "the header and seven lines that are no records");
}

#[test]
fn digits_are_grouped_by_whatever_stands_between_them() {
    for group in [".", " ", "'", "\u{2019}", "\u{a0}", "\u{2009}", "\u{202f}", "\u{2007}"] {
        let text = format!(
            "Date;Amount;Text\n2026-03-31;-1{group}234{group}567,80;a\n2026-04-01;1{group}200,00 $;b\n\
             2026-04-02;12 34,00;c\n"
        );
        let rows = [(2, -123_456_780), (3, 120_000)];
        check(text.as_bytes(), &layout("delimiter = \";\"", SIMPLE), &rows, &[4]);
    }
    let lakhs = b"Date;Amount;Text\n2026-03-31;12,34,567.80;a\n";
    check(lakhs, &layout("delimiter = \";\"", SIMPLE), &[(2, 123_456_780)], &[]);
}

#[test]
fn a_header_may_hold_a_line_break() {
    let text = b"Bank\n\"Date\r\nposted\",Amount,\"Text\"\n2026-03-31,1.00,a\n\
                 \"Date\r\nposted\",Amount,\"Text\"\n2026-04-01,2.00,b\n";
    let fields = SIMPLE.replace("\"Date\"", "\"Date posted\"");
    let case = check(text, &layout("", &fields), &[(4, 100), (7, 200)], &[]);
    assert_eq!(counts(&case, 0)[4], 4, "the bank, the header of two lines, and its repeat");
}

#[test]
fn which_of_two_columns_of_a_name_is_meant_is_said_or_the_file_refused() {
    let bytes = b"Date,Amount,Amount,Text\n2026-03-31,-12.50,99.00,a\n";
    let words = ["has 2 columns \"Amount\"", "does not say which", "nth = 1"];
    refused(bytes, &layout("", SIMPLE), &words);
    let second = SIMPLE.replace("\"Amount\" }", "\"Amount\", nth = 2 }");
    check(bytes, &layout("", &second), &[(2, 9900)], &[]);
    let canonical = "account,booked,amount,amount\n1,2026-03-31,-12.50,99.00\n";
    let dir = directory(&[("bank.csv", canonical.as_bytes())]);
    let case = case_text(&[("bank.csv", Some("moneytrail-bank-statement"))]);
    let refused = load_in(dir.path(), &case).unwrap_err();
    assert!(refused.to_string().contains("has 2 columns \"amount\""), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_link_that_points_nowhere_is_no_return_that_a_pattern_passes_over() {
    let text = "account,booked,amount\n1,2026-03-31,-12.50\n";
    let dir = directory(&[("bank.csv", text.as_bytes())]);
    std::os::unix::fs::symlink("gone.csv", dir.path().join("bank2.csv")).unwrap();
    let refused = load_in(dir.path(), &case_text(&[("bank*.csv", None)])).unwrap_err();
    assert!(refused.to_string().contains("bank2.csv: is no file"), "{refused}");
}

#[test]
fn a_directory_of_returns_is_no_return_that_a_pattern_passes_over() {
    let text = "account,booked,amount\n1,2026-03-31,-12.50\n";
    let dir = directory(&[]);
    let april = text.replace("-03-31", "-04-30");
    std::fs::create_dir_all(dir.path().join("bank/more")).unwrap();
    std::fs::write(dir.path().join("bank/march.csv"), text).unwrap();
    std::fs::write(dir.path().join("bank/more/april.csv"), april).unwrap();
    let refused = load_in(dir.path(), &case_text(&[("bank/*", None)])).unwrap_err();
    assert!(refused.to_string().contains("more: is a directory"), "{refused}");
    let case = load_in(dir.path(), &case_text(&[("bank/**/*", None)])).unwrap();
    assert_eq!(transfers(&case).len(), 2);
}

#[test]
fn signs_are_read_as_they_are_printed() {
    let text = "Date,Amount,Text\n2026-01-01,(1.00),a\n2026-01-02,2.00-,b\n2026-01-03,3.00 DR,c\n\
                2026-01-04,4.00CR,d\n2026-01-05,$5.00 Cr,e\n2026-01-06,-$6.00,f\n\
                2026-01-07,7.00 Dr.,g\n2026-01-08,(8.00) DR,h\n2026-01-09,-9.00 CR,i\n";
    let rows = [(2, -100), (3, -200), (4, -300), (5, 400), (6, 500), (7, -600), (8, -700)];
    // A number signed twice does not say which sign is meant.
    check(text.as_bytes(), &layout("", SIMPLE), &rows, &[9, 10]);
    let columns =
        b"Date,Out,In,Text\n2026-01-01,1.00,,a\n2026-01-02,,2.00,b\n2026-01-03,(3.00),,c\n\
                    2026-01-04,0.00,4.00,d\n2026-01-05,5.00,5.00,e\n2026-01-06,,,f\n";
    let fields = "booked = { column = \"Date\" }\namount = { debit = \"Out\", credit = \"In\" }";
    let rows = [(2, -100), (3, 200), (4, -300), (5, 400)];
    check(columns, &layout("", fields), &rows, &[6, 7]);
    let flagged = b"Date,Amount,DC\n2026-01-01,1.00,D\n2026-01-02,2.00,C\n2026-01-03,3.00,X\n";
    let fields = "booked = { column = \"Date\" }\namount = { column = \"Amount\", sign = \
                  { column = \"DC\", values = { D = \"debit\", C = \"credit\" } } }";
    check(flagged, &layout("", fields), &[(2, -100), (3, 200)], &[4]);
}

#[test]
fn nul_bytes_cost_their_record_at_most() {
    let text = b"Date,Amount,Text\n2026-01-01,1.00,a\0b\n2026-01-02,2\0.00,c\n2026-01-03,3.00,d\n";
    check(text, &layout("", SIMPLE), &[(2, 100), (4, 300)], &[3]);
}

#[test]
fn a_broken_iban_is_kept_and_flagged() {
    let text = b"Account,Date,Amount,Other\nGB89TEST20051030405060,2026-01-01,1.00,\n\
                 1,2026-01-02,-2.00,GB98 TEST 2005 1030 4050 60\n1,2026-01-03,3.00,DE00 12\n";
    let fields = "account = { column = \"Account\" }\nbooked = { column = \"Date\" }\n\
                  amount = { column = \"Amount\" }\n\
                  counterparty_account = { column = \"Other\" }";
    let case = read(text, &layout("", fields)).unwrap();
    assert_eq!(counts(&case, 0)[..3], [3, 3, 0]);
    let expected = (3, "Other".to_owned(), "GB98 TEST 2005 1030 4050 60".to_owned(), true);
    assert_eq!(rejects(&case), [expected]);
}
