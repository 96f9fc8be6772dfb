//! What a file becomes, in small.

use proptest::prelude::*;

use super::*;
use crate::records::damage::{check_order, damaged, damages};

const WHOLE: &str = include_str!("../../../fixtures/formats/tidewater.bai");

fn items(text: &[u8]) -> Vec<Item> {
    let mut reader = open(Box::new(io::Cursor::new(text.to_vec())));
    std::iter::from_fn(|| reader.next_item().unwrap()).collect()
}

fn said(text: &str) -> Vec<String> {
    let short = |item: Item| match item {
        Item::Record(one) => {
            let values: Vec<String> = one.values.into_iter().map(|(_, text)| text).collect();
            format!("{} {}", one.line, values.join("|"))
        }
        Item::Statement(one) => format!(
            "{} {} {} {:?} {:?} {:?}",
            one.account, one.currency, one.days.1, one.opening, one.closing, one.records
        ),
        Item::Reject(one) => {
            let state = if one.kept { "noted" } else { "out" };
            format!("{} {state} {}: {}", one.line, one.column, one.reason)
        }
    };
    items(text.as_bytes()).into_iter().map(short).collect()
}

#[test]
fn a_file_is_records_and_statements() {
    let expected = [
        "4 5550100|2026-03-31|500.00|2026-03-31|WIRE FROM DBNM: Quay Store DACT: 77001 EREF: \
         E-100|E-100|wire|77001|Quay Store|USD",
        "8 5550100|2026-03-31|200.00|LOCK BOX 12|cheque|USD",
        "9 5550100|2026-03-31|-84.00|CHECK PAID|1001|cheque|USD",
        "10 5550100|2026-03-31|-0.50|FEE 03/31/26|fee|USD",
        "5550100 USD 2026-03-31 Some(\"1000.00\") Some(\"1615.50\") Some((4, 10))",
        "13 5550101|2026-03-31|-200|WIRE OUT|B-9|wire|JPY",
        "5550101 JPY 2026-03-31 Some(\"1200\") Some(\"1000\") Some((13, 13))",
    ];
    assert_eq!(said(WHOLE), expected);
}

/// The one thing said of a file that differs from the whole one in one place.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    let text = WHOLE.replacen(from, to, 1);
    assert_ne!(text, WHOLE);
    let problems: Vec<String> = said(&text)
        .into_iter()
        .filter(|one| one.contains(" noted ") || one.contains(" out "))
        .collect();
    assert_eq!(problems, expected, "{from} -> {to}");
}

#[test]
fn every_difference_is_told_once_with_its_record() {
    check(
        "49,418450,9/",
        "49,418451,9/",
        &[
            "11 noted control total: the account's trailer states 418451; what was read makes 418450",
            "15 noted control total: the group's trailer states 420850; what was read makes 420851",
        ],
    );
    check(
        "98,420850,2,14/",
        "98,420850,3,14/",
        &["15 noted number of accounts: the group's trailer states 3; what was read makes 2"],
    );
    check(
        "99,420850,1,16/",
        "99,420850,1,17/",
        &["16 noted number of records: the file's trailer states 17; what was read makes 16"],
    );
    check(
        "99,420850,1,16/\n",
        "",
        &["16 out : the file ends without its trailer (code 99); ask the bank whether it was cut"],
    );
    check(
        "16,475,8400,Z",
        "16,475,84.00,Z",
        &[
            "9 out record 16: expected an amount in minor units, such as 120000 for 1200.00, and a \
         currency",
            "11 noted control total: the account's trailer states 418450; what was read makes 410050",
        ],
    );
    check(
        "16,475,8400,Z",
        "16,775,8400,Z",
        &["9 out record 16: expected a type code of a credit (101 to 399) or debit (401 to 699)"],
    );
    check(
        "16,698,",
        "00,698,",
        &[
            "10 out record: expected a record code, one of 01, 02, 03, 16, 49, 88, 98, 99",
            "11 noted control total: the account's trailer states 418450; what was read makes 418400",
            "11 noted number of records: the account's trailer states 9; what was read makes 8",
            "15 noted number of records: the group's trailer states 14; what was read makes 13",
            "16 noted number of records: the file's trailer states 16; what was read makes 15",
        ],
    );
}

#[test]
fn groups_that_delete_are_not_taken() {
    let out = said(&WHOLE.replacen("021000099,1,", "021000099,2,", 1));
    assert_eq!(out.iter().filter(|one| one.contains(" out record 16: ")).count(), 5, "{out:?}");
    assert_eq!(out.len(), 5);
}

#[test]
fn files_are_told_by_their_header() {
    assert!(recognises(WHOLE.as_bytes()));
    assert!(recognises(b"01,A,B,260331,2112,4,,,2/   02,"));
    assert!(!recognises(b"01,A,B,269931,2112,4,,,2/"));
    assert!(!recognises(b"00,A,B,260331,2112,4,,,2/"));
    assert!(!recognises(b"101 02"));
}

#[test]
fn an_endless_record_is_set_aside() {
    let mut text =
        b"01,A,B,260331,0,1,,,2/\n02,A,B,1,260331,,USD,/\n03,1,/\n16,195,5,,,,x\n".to_vec();
    for _ in 0..30_000 {
        text.extend_from_slice(b"88,more and more and more and more and more and more\n");
    }
    let out = items(&text);
    let Item::Reject(reject) = &out[0] else { panic!("{:?}", out[0]) };
    assert_eq!((reject.line, reject.kept), (4, false));
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check_order(&items(&bytes))?;
    }

    #[test]
    fn a_damaged_file_is_read_to_its_end(damages in damages()) {
        check_order(&items(&damaged(WHOLE.as_bytes(), &damages)))?;
    }
}
