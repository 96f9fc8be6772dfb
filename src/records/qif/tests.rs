//! What a file becomes, in small.

use proptest::prelude::*;

use super::*;
use crate::records::damage::{check_order, damaged, damages};

const WHOLE: &str = include_str!("../../../fixtures/formats/household.qif");

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
        Item::Statement(one) => {
            format!("{} {} {} {}", one.line, one.account, one.days.0, one.opening.unwrap())
        }
        Item::Reject(one) => {
            let state = if one.kept { "noted" } else { "out" };
            format!("{} {state} {} {:?}: {}", one.line, one.column, one.found, one.reason)
        }
    };
    items(text.as_bytes()).into_iter().map(short).collect()
}

#[test]
fn a_file_is_records_and_an_opening_balance() {
    let expected = [
        "2 Checking 2026-01-02 1000.00",
        "7 2026-01-03|-800.00|Harbor Quay Estates Rent January|1001|cheque|Harbor Quay Estates",
        "14 2026-01-31|-120.50|Tidewater Market; Food Groceries -100.50; Household -20.00|Tidewater \
         Market",
        "23 2026-02-01|-200.00|To savings|TXFR|book|Savings|To savings",
    ];
    assert_eq!(said(WHOLE), expected);
}

#[test]
fn dates_that_tell_no_order_are_refused_one_by_one() {
    let out = said("!Type:CCard\nD1/2'26\nT-5.00\n^\nD3/3'26\nT-6.00\n^\n");
    assert!(
        out[0].starts_with("2 out D \"1/2'26\": expected a date whose day and month"),
        "{out:?}"
    );
    assert_eq!(out[1], "5 2026-03-03|-6.00|card");
    let out = said("!Type:Bank\nD1/2'26\nT1.00\n^\nD13/1'26\nT1.00\n^\nD1/13'26\nT1.00\n^\n");
    assert!(out[0].starts_with("2 out D"), "{out:?}");
    assert_eq!(out[1..], ["5 2026-01-13|1.00", "8 2026-01-13|1.00"]);
    let text = b"!Type:Bank\nD1/2'26\nT1.00\n^\nD1/13'26\nT1.00\n^\n";
    let mut reader = open_day_first(Box::new(&text[..]));
    let Some(Item::Record(record)) = reader.next_item().unwrap() else { panic!("a record") };
    assert_eq!(record.values[0].1, "2026-02-01");
    assert!(matches!(reader.next_item().unwrap(), Some(Item::Reject(one)) if !one.kept));
}

#[test]
fn what_cannot_be_read_is_set_aside_with_its_line() {
    let out = said(
        "D1/31'26\nT1.00\n^\n!Account\nNChecking\n^\n!Type:Bank\nDx\nT1.00\n^\nD1/31'26\nT1,200\n^\n\
         !Type:Invst\nD1/31'26\nNBuy\n^\n!Type:Cat\nNFood\n^\n!Type:Bank\n\
         D1/31'26\nT-5.00\n$-4.00\n",
    );
    let expected = [
        "1 out  \"\": expected a header such as !Type:Bank before the first record",
        "8 out D \"x\": expected a date such as 1/31'26 or 31.01.2026",
        "11 out T \"1,200\": expected an amount such as -1,200.00",
        "15 out  \"\": expected an entry of a bank, card or cash account",
        "22 Checking|2026-01-31|-5.00| -4.00",
        "22 noted $ \"-4.00\": the parts of the split do not make -5.00, which is kept",
        "22 noted ^ \"\": the file ends inside a record; ask the producer whether it was cut",
    ];
    assert_eq!(out, expected);
    assert!(said("")[0].contains("expected a header"));
}

#[test]
fn files_are_told_by_their_header() {
    assert!(recognises(WHOLE.as_bytes()));
    assert!(recognises(b"\xef\xbb\xbf\n!Account\nNx\n^\n"));
    assert!(!recognises(b"D1/31'26\n"));
    assert!(!recognises(b"!important\n"));
}

#[test]
fn an_endless_record_is_set_aside() {
    let mut text = b"!Type:Bank\nD1/31'26\nT1.00\n".to_vec();
    text.extend(std::iter::repeat_n(&b"Mmore and more and more and more\n"[..], 50_000).flatten());
    text.extend_from_slice(b"^\nD1/31'26\nT1.00\n^\n");
    let out = items(&text);
    let Item::Reject(reject) = &out[0] else { panic!("{:?}", out[0]) };
    assert_eq!((reject.line, reject.kept), (2, false));
    assert!(matches!(out[1], Item::Record(_)));
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
