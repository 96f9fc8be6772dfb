//! One small ACH file after the other through one function.

use std::io::Cursor;

use super::{open, recognises};
use crate::records::structured::Item;

const FILE: &str = "101 031300012 2313801041908161055A094101Harbor Clearing        Harbor Bank";
const BATCH: &str = "5200Castellan Yards                     1234567890PPDRENT      190816190816   1031300010000001";

/// A line of 94 characters with texts put at positions counted from 1.
fn line(parts: &[(usize, &str)]) -> String {
    let mut letters = vec![' '; 94];
    for (at, text) in parts {
        for (offset, letter) in text.chars().enumerate() {
            letters[at - 1 + offset] = letter;
        }
    }
    letters.into_iter().collect::<String>().trim_end().to_owned()
}

fn entry(code: &str, amount: &str, name: &str) -> String {
    line(&[
        (1, "6"),
        (2, code),
        (4, "231380104"),
        (13, "555001"),
        (30, amount),
        (40, "ID1"),
        (55, name),
        (79, "0"),
        (80, "031300010000001"),
    ])
}

fn read(text: &str) -> Vec<Item> {
    let mut reader = open(Box::new(Cursor::new(text.as_bytes().to_vec())));
    let mut items = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        items.push(item);
    }
    items
}

/// One entry with its addenda in a batch under `batch`; how it reads.
fn one(batch: &str, lines: &[String]) -> Vec<String> {
    let text = format!("{FILE}\n{batch}\n{}\n", lines.join("\n"));
    let items = read(&text);
    let told = |item: &Item| match item {
        Item::Record(record) => {
            let value = |name: &str| {
                record.values.iter().find(|(field, _)| *field == name).map_or("", |(_, text)| text)
            };
            format!(
                "{}: {}@{} {:?} > {}@{} {:?} {} {} {} ref {} | {}",
                record.line,
                value("from_account"),
                value("from_bank"),
                value("from_name"),
                value("to_account"),
                value("to_bank"),
                value("to_name"),
                value("amount"),
                value("currency"),
                value("booked"),
                value("reference"),
                value("description"),
            )
        }
        Item::Reject(reject) => {
            format!(
                "{} {} {:?} {} kept {}",
                reject.line, reject.column, reject.found, reject.reason, reject.kept
            )
        }
        Item::Statement(_) => "a statement".to_owned(),
    };
    // Every such file lacks its controls; what is said of that is another test's.
    let controls = |text: &String| !text.contains("the source ends before");
    items.iter().map(told).filter(controls).collect()
}

#[track_caller]
fn check(batch: &str, lines: &[String], expected: &[&str]) {
    assert_eq!(one(batch, lines), expected);
}

#[test]
fn a_credit_pays_the_receiver_and_a_debit_the_company() {
    check(
        BATCH,
        &[entry("22", "0000012345", "Lena Ortiz")],
        &[
            "3: ACH-ID:1234567890@031300012 \"Castellan Yards\" > 555001@231380104 \"Lena Ortiz\" 123.45 USD 2019-08-16 ref 031300010000001 | ACH PPD credit RENT; id ID1",
        ],
    );
    check(
        BATCH,
        &[entry("37", "0000000005", "Lena Ortiz")],
        &[
            "3: 555001@231380104 \"Lena Ortiz\" > ACH-ID:1234567890@031300012 \"Castellan Yards\" 0.05 USD 2019-08-16 ref 031300010000001 | ACH PPD debit RENT; id ID1",
        ],
    );
    let addenda = line(&[(1, "705March rent")]);
    check(
        BATCH,
        &[entry("22", "0000000100", ""), addenda.clone(), addenda],
        &[
            "3: ACH-ID:1234567890@031300012 \"Castellan Yards\" > 555001@231380104 \"\" 1.00 USD 2019-08-16 ref 031300010000001 | ACH PPD credit RENT; id ID1; March rent | March rent",
        ],
    );
}

#[test]
fn the_operators_day_comes_before_the_day_asked_for() {
    let settled = line(&[(1, BATCH), (76, "231")]);
    let found = one(&settled, &[entry("22", "0000000100", "")]).concat();
    assert!(found.contains(" 2019-08-19 ") && found.contains("effective 2019-08-16"), "{found}");
    let undated = line(&[(1, BATCH), (70, "      ")]);
    let found = one(&undated, &[entry("22", "0000000100", "")]);
    assert!(found[0].contains("the day the file was made, 2019-08-16, is that of the batch"));
    assert!(found[1].contains(" 2019-08-16 "), "{found:?}");
}

#[test]
fn a_return_is_the_entry_on_its_way_back() {
    // The receiver's bank, 03130001, sends the debit back to the company's bank, 23138010.
    let back = |reason: &str| {
        line(&[
            (1, "799"),
            (4, reason),
            (7, "231380100000077"),
            (28, "03130001"),
            (80, "031300010000009"),
        ])
    };
    check(
        BATCH,
        &[entry("26", "0000005000", "Lena Ortiz"), back("R01")],
        &[
            "3: ACH-ID:1234567890@231380104 \"Castellan Yards\" > 555001@031300012 \"Lena Ortiz\" 50.00 USD 2019-08-16 ref 231380100000077 | ACH return R01 insufficient funds of entry 231380100000077; return trace 031300010000009; ACH PPD debit RENT; id ID1",
        ],
    );
    check(
        BATCH,
        &[entry("21", "0000005000", "Lena Ortiz"), back("R03")],
        &[
            "3: 555001@031300012 \"Lena Ortiz\" > ACH-ID:1234567890@231380104 \"Castellan Yards\" 50.00 USD 2019-08-16 ref 231380100000077 | ACH return R03 no account or unable to locate account of entry 231380100000077; return trace 031300010000009; ACH PPD credit RENT; id ID1",
        ],
    );
    // A dishonored return is sent by the company's bank, so the credit goes out again.
    let again = one(BATCH, &[entry("21", "0000005000", "Lena Ortiz"), back("R68")]).concat();
    assert!(
        again.starts_with("3: ACH-ID:1234567890@031300012 \"Castellan Yards\" > 555001@231380104"),
        "{again}"
    );
    let bare = one(BATCH, &[entry("21", "0000005000", "")]);
    assert!(bare[0].contains("ACH return; return trace 031300010000001"), "{bare:?}");
    assert!(bare[1].contains("a return without its addenda 99") && bare[1].ends_with("kept true"));
}

#[test]
fn what_moves_no_money_is_set_aside_with_its_reason() {
    let aside = |lines: &[String], reason: &str| {
        let found = one(BATCH, lines);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(reason) && found[0].ends_with("kept false"), "{found:?}");
    };
    aside(
        &[entry("23", "0000000000", "")],
        "a prenote that tests account 555001 at 231380104 and Castellan Yards; it moves no money kept",
    );
    aside(&[entry("28", "0000000100", "")], "it moves no money, though it states 1.00");
    aside(&[entry("24", "0000000000", "")], "an entry that carries text only");
    aside(&[entry("22", "0000000000", "")], "an entry of no amount");
    let change = line(&[(1, "798C01"), (7, "231380100000077"), (28, "03130001"), (36, "555009")]);
    aside(
        &[entry("21", "0000000000", ""), change],
        "a notification of change C01 to entry 231380100000077, corrected data \"555009\"",
    );
}

#[test]
fn unreadable_entries_are_set_aside_with_the_field() {
    let broken = |text: String, expected: &str| {
        let found = one(BATCH, &[text]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected) && found[0].ends_with("kept false"), "{found:?}");
    };
    broken(entry("22", "00000 2345", ""), "3 amount (30-39) \"00000 2345\" expected digits");
    broken(entry("99", "0000012345", ""), "3 entry code (2-3) \"99\" expected a code");
    broken(
        line(&[(1, &entry("22", "0000012345", "")), (4, "2313A")]),
        "3 receiving bank (4-11) \"2313A010\"",
    );
    broken(line(&[(1, &entry("22", "0000012345", "")), (13, "      ")]), "3 account (13-29) \"\"");
    broken("4".to_owned(), "3 record type (1) \"4\" expected a record that begins");
    broken("705 text".to_owned(), "3 record type (1) \"7\" an addenda without an entry");
    broken(
        format!("{}x", entry("22", "0000012345", "")),
        "3  \"95 characters\" expected a record of 94",
    );
    let headless = line(&[(1, BATCH), (80, "0313A001")]);
    let found = one(&headless, &[entry("22", "0000012345", "")]);
    assert!(found[0].starts_with("2 originating bank (80-87)"), "{found:?}");
    assert!(found[1].contains("the header of its batch, line 2, could not be read"), "{found:?}");
}

#[test]
fn names_stand_where_the_class_puts_them() {
    let class = |class: &str, parts: &[(usize, &str)]| {
        let batch = line(&[(1, BATCH), (51, class)]);
        let blank = line(&[(1, &entry("27", "0000000100", "")), (40, "   ")]);
        let mut all = vec![(1, blank.as_str())];
        all.extend(parts);
        one(&batch, &[line(&all)]).concat()
    };
    let found = class("CTX", &[(40, "INV7"), (55, "0002"), (59, "Merrow Supplies")]);
    assert!(found.contains("\"Merrow Supplies\" >") && found.ends_with("id INV7"), "{found}");
    let found = class("POP", &[(40, "1001"), (49, "PHIL"), (53, "PA"), (55, "Lena Ortiz")]);
    assert!(
        found.contains("\"Lena Ortiz\" >") && found.ends_with("check 1001; terminal in PHILPA"),
        "{found}"
    );
    let found = class("CIE", &[(40, "Lena Ortiz"), (55, "CARD 7")]);
    assert!(found.contains("\"Lena Ortiz\" >") && found.ends_with("id CARD 7"), "{found}");
    let found = class("CIE", &[(40, "Lena Maria Ortiz-Merrow")]);
    assert!(found.contains("\"Lena Maria Ortiz-Merrow\" >"), "{found}");
    let found = class("RCK", &[(40, "1002"), (55, "Lena Ortiz")]);
    assert!(found.ends_with("check 1002"), "{found}");
}

#[test]
fn a_foreign_amount_arrives_where_the_company_pays_in_dollars() {
    let batch = line(&[
        (1, "5220"),
        (21, "FF3"),
        (39, "CA"),
        (41, "1234567890"),
        (51, "IAT"),
        (54, "TRADE"),
        (64, "USDCAD"),
        (70, "190816"),
        (79, "1"),
        (80, "03130001"),
        (88, "0000001"),
    ]);
    let entry = line(&[
        (1, "622"),
        (4, "231380104"),
        (13, "0007"),
        (30, "0000010000"),
        (40, "CA55500001"),
        (79, "1"),
        (80, "031300010000001"),
    ]);
    let addenda = [
        line(&[(1, "710ANN"), (7, "000000000000013500"), (47, "Merrow Nord")]),
        line(&[(1, "711Castellan Yards"), (39, "1 Quay")]),
        line(&[(1, "714Nord Bank"), (39, "02"), (41, "TESTCATT"), (75, "CA")]),
    ];
    let mut lines = vec![entry];
    lines.extend(addenda);
    check(
        &batch,
        &lines,
        &[
            "3: ACH-ID:1234567890@031300012 \"Castellan Yards\" > CA55500001@TESTCATT \"Merrow Nord\" 100.00 USD 2019-08-16 ref 031300010000001 | ACH IAT credit TRADE; foreign amount 135.00 to CAD; originator at 1 Quay; receiver's bank Nord Bank TESTCATT CA",
        ],
    );
    let text = format!("{FILE}\n{batch}\n{}\n", lines.join("\n"));
    let Item::Record(record) = &read(&text)[0] else { panic!("the entry is a record") };
    assert!(record.values.contains(&("received_amount", "135.00".to_owned())));
    assert!(record.values.contains(&("received_currency", "CAD".to_owned())));
}

/// The notes of a file on its controls, after its one entry of 123.45.
fn controls(batch: &str, file: &str) -> Vec<String> {
    let text = format!("{FILE}\n{BATCH}\n{}\n{batch}\n{file}\n", entry("22", "0000012345", ""));
    let items = read(&text);
    assert!(matches!(items[0], Item::Record(_)));
    let told = |item: &Item| match item {
        Item::Reject(one) => format!("{} {} {:?} {}", one.line, one.column, one.found, one.reason),
        other => panic!("{other:?}"),
    };
    items[1..].iter().map(told).collect()
}

#[test]
fn controls_that_do_not_agree_are_noted_and_the_entries_stand() {
    let batch = line(&[
        (1, "820000000100231380100000000000000000000123451234567890"),
        (80, "031300010000001"),
    ]);
    let file = "9000001000001000000010023138010000000000000000000012345";
    assert_eq!(controls(&batch, file), Vec::<String>::new());
    let other = line(&[
        (1, "820000000200231380110000000000010000000123441234567891"),
        (80, "031300010000002"),
    ]);
    assert_eq!(
        controls(&other, file),
        [
            "4 entry and addenda count (5-10) \"000002\" expected 000001, the entry and addenda count of the batch that starts on line 2",
            "4 entry hash (11-20) \"0023138011\" expected 0023138010, the entry hash of the batch that starts on line 2",
            "4 total debit (21-32) \"000000000001\" expected 000000000000, the total debit of the batch that starts on line 2",
            "4 total credit (33-44) \"000000012344\" expected 000000012345, the total credit of the batch that starts on line 2",
            "4 company identification (45-54) \"1234567891\" expected \"1234567890\", the company identification of the batch that starts on line 2",
            "4 batch number (88-94) \"0000002\" expected \"0000001\", the batch number of the batch that starts on line 2",
        ]
    );
    let file = "9000002000002000000010023138010000000000000000000012345";
    assert_eq!(
        controls(&batch, file),
        [
            "5 batch count (2-7) \"000002\" expected 000001, the batch count of the file",
            "5 block count (8-13) \"000002\" expected 000001, the block count of the file",
        ]
    );
}

#[test]
fn missing_and_misplaced_records_are_said() {
    let said = |text: &str, line: u32, part: &str| {
        let items = read(text);
        let found = items.iter().any(|item| match item {
            Item::Reject(one) => one.line == line && one.reason.contains(part),
            _ => false,
        });
        assert!(found, "{part}: {items:?}");
    };
    let entry = entry("22", "0000012345", "");
    said(&format!("{BATCH}\n{entry}\n"), 1, "expected a file header before it");
    said(&format!("{FILE}\n{entry}\n"), 2, "an entry outside a batch");
    said(
        &format!("{FILE}\n{BATCH}\n{entry}\n"),
        3,
        "the source ends before the control of the batch",
    );
    said(&format!("{FILE}\n{BATCH}\n{entry}\n"), 3, "the source ends before the file control");
    said(
        &format!("{FILE}\n{BATCH}\n{entry}\n{BATCH}\n"),
        4,
        "expected a control of the batch that starts on line 2",
    );
    said(&format!("{FILE}\n8200\n"), 2, "a batch control without a batch");
}

#[test]
fn files_that_follow_each_other_are_each_read() {
    let batch = line(&[
        (1, "820000000100231380100000000000000000000123451234567890"),
        (80, "031300010000001"),
    ]);
    let file = "9000001000001000000010023138010000000000000000000012345";
    let filler = "9".repeat(94);
    let one =
        format!("{FILE}\n{BATCH}\n{}\n{batch}\n{file}\n{filler}\n", entry("22", "0000012345", ""));
    let items = read(&format!("{one}{one}"));
    assert_eq!(items.len(), 2, "{items:?}");
    let unbroken: String = one.repeat(2).lines().map(|text| format!("{text:<94}")).collect();
    let lines: Vec<(u32, String)> = read(&unbroken)
        .into_iter()
        .map(|item| match item {
            Item::Record(one) => (one.line, one.place),
            other => panic!("{other:?}"),
        })
        .collect();
    let place = |from: u32| format!("line 1, characters {from} to {}", from + 93);
    assert_eq!(lines, [(3, place(189)), (9, place(753))]);
}

#[test]
fn a_file_is_told_by_its_first_record() {
    assert!(recognises(FILE.as_bytes()) && recognises(BATCH.as_bytes()));
    for other in ["", "1", "01,SENDER,RECEIVER/", "{1500}30", "5225", "100,200,300"] {
        assert!(!recognises(other.as_bytes()), "{other}");
    }
}

#[test]
fn damage_that_repeats_itself_is_counted() {
    const RECORDS: usize = 20_000;
    let header = format!("{FILE:<94}");
    let last = format!("line 1, characters {} to {}", 94 * (RECORDS + 1) + 1, 94 * (RECORDS + 2));
    for letter in ["\0", "1", "5", "6", "7", "8", "x"] {
        let run = letter.repeat(94 * RECORDS);
        let items = read(&format!("{header}{header}{run}{header}"));
        assert!(items.len() < 3_000, "{letter:?}: {} items", items.len());
        let mut set_aside = 0;
        for item in &items {
            let Item::Reject(one) = item else { panic!("{item:?}") };
            let counted = one.reason.split_once("this stands for ").map(|(_, rest)| rest);
            assert!(counted.is_none_or(|rest| rest.ends_with(&last) || letter == "6"), "{one:?}");
            let count = counted.map_or(1, |rest| rest.split(' ').next().unwrap().parse().unwrap());
            set_aside += if one.kept { 0 } else { count };
        }
        if ["\0", "6", "7", "8", "x"].contains(&letter) {
            assert_eq!(set_aside, RECORDS, "{letter:?}");
        }
    }
}

#[test]
fn a_run_of_damage_ends_where_something_else_stands() {
    let zeros = "\0\n".repeat(150);
    let text = format!("{FILE}\n{zeros}0\n{zeros}{BATCH}\n{}\n", entry("22", "0000010000", "LENA"));
    let items = read(&text);
    let aside: Vec<(u32, bool)> = items
        .iter()
        .filter_map(|item| match item {
            Item::Reject(one) if !one.kept => Some((one.line, one.reason.contains("50 records"))),
            _ => None,
        })
        .collect();
    let expected: Vec<(u32, bool)> = (2..=101)
        .map(|line| (line, false))
        .chain([(102, true)])
        .chain((152..=252).map(|line| (line, false)))
        .chain([(253, true)])
        .collect();
    assert_eq!(aside, expected);
    assert!(items.iter().any(|item| matches!(item, Item::Record(one) if one.line == 304)));
}
