//! What a message becomes, in small.

use proptest::prelude::*;

use super::*;
use crate::records::damage::{check_order, damaged, damages};

fn items(text: &[u8]) -> Vec<Item> {
    let mut reader = open(Box::new(io::Cursor::new(text.to_vec())));
    std::iter::from_fn(|| reader.next_item().unwrap()).collect()
}

/// Records as `line: values`, statements and rejects in short.
fn said(text: &str) -> Vec<String> {
    items(text.as_bytes())
        .into_iter()
        .map(|item| match item {
            Item::Record(record) => {
                let values: Vec<String> =
                    record.values.iter().map(|(name, text)| format!("{name}={text}")).collect();
                format!("{}: {}", record.line, values.join(" "))
            }
            Item::Statement(one) => format!(
                "{} {} {} {} {}..{} {} {} {:?}",
                one.bank,
                one.account,
                one.currency,
                one.number,
                one.days.0,
                one.days.1,
                one.opening.unwrap_or_default(),
                one.closing.unwrap_or_default(),
                one.records,
            ),
            Item::Reject(one) => {
                format!("{} {} {:?} {} {}", one.line, one.column, one.found, one.reason, one.kept)
            }
        })
        .collect()
}

#[test]
fn a_message_is_records_and_a_statement() {
    let text = ":20:STARTUMS\n:25:10020030/1234567\n:28C:5/1\n:60F:C260331EUR100,00\n\
                :61:2604010401D30,NTRFNONREF//B1\n:86:166?00PAY?20SVWZ+Rent?31DE1?32Lena Ortiz\n\
                :61:2604020402C5,5NINTR-1\n:62F:C260402EUR75,50\n:86:of the statement\n-";
    let said = said(text);
    assert_eq!(said.len(), 3, "{said:?}");
    let first = "5: account=1234567 bank=10020030 booked=2026-04-01 value_date=2026-04-01 \
                 amount=-30 currency=EUR description=PAY Rent reference=B1 channel=ach \
                 counterparty_account=DE1 counterparty_name=Lena Ortiz";
    assert_eq!(said[0], first);
    let second = "7: account=1234567 bank=10020030 booked=2026-04-02 value_date=2026-04-02 \
                  amount=5.5 currency=EUR reference=R-1 channel=interest";
    assert_eq!(said[1], second);
    let third = "10020030 1234567 EUR 5/1 2026-04-01..2026-04-02 100.00 75.50 Some((5, 7))";
    assert_eq!(said[2], third);
}

#[test]
fn what_cannot_be_read_is_set_aside_with_its_line() {
    let said = said(
        ":20:A\n:25:1\n:60F:X\n:61:260331X1,\n:86:lost\n:61:260331EC1,NTRF\n:61:260230D1,NCHG\n\
         :62F:C260331EUR1,\n:62F:C260331EUR2,\n:25:2",
    );
    let expected = [
        "3 :60F: \"X\" expected a balance such as C260331EUR1200,00 true",
        "4 :61: \"260331X1,\" expected an entry such as 2603310331D1200,00NTRFNONREF//0001 false",
        "6 :61: \"260331EC1,NTRF\" the bank expects this entry and has not booked it false",
        "7: account=1 booked=2026-02-28 value_date=2026-02-28 amount=-1 channel=fee currency=EUR",
        "7 :61: \"260230\" no day of the calendar; read as the last one of its month true",
        "9 :62F: \"C260331EUR2,\" a second such balance in one statement; the first is kept true",
        "10 :25: \"2\" a second account in one statement; the first is kept true",
        " 1 EUR  2026-02-28..2026-03-31  1 Some((7, 7))",
    ];
    assert_eq!(said, expected);
    let none = "1  \"\" expected the tags of a SWIFT statement, such as :20: and :60F:; the file \
                holds none false";
    assert_eq!(super::tests::said("1\n2\n"), [none]);
}

#[test]
fn a_currency_that_comes_late_is_that_of_its_own_message_only() {
    let said =
        said(":20:A\n:25:1\n:61:260331C1,NMSC\n:20:B\n:25:2\n:61:260331C2,NMSC\n:62F:C260331EUR2,");
    assert!(!said[0].contains("currency"), "{said:?}");
    assert!(said[2].ends_with("amount=2 currency=EUR"), "{said:?}");
}

#[track_caller]
fn check_account(found: &str, bank: &str, number: &str, currency: &str) {
    let (found_bank, found_number, found_currency) = account_parts(found);
    assert_eq!([found_bank.as_str(), &found_number, &found_currency], [bank, number, currency]);
}

#[test]
fn accounts_are_read_in_every_banks_way() {
    check_account("45050050/76198810", "45050050", "76198810", "");
    check_account("70011110/4005287001EUR", "70011110", "4005287001", "EUR");
    check_account("TESTHUHB/123456789150ABCDEF002/HUF", "TESTHUHB", "123456789150ABCDEF002", "HUF");
    check_account("1291.99.348EUR", "", "1291.99.348", "EUR");
    check_account("GB82WEST12345698765432", "", "GB82WEST12345698765432", "");
    check_account("0390123456", "", "0390123456", "");
}

#[track_caller]
fn check_recognised(head: &str, yes: bool) {
    assert_eq!(recognises(head.as_bytes()), yes, "{head}");
}

#[test]
fn reports_are_told_from_payments_and_tables() {
    check_recognised(":20:A\n:25:1\n", true);
    check_recognised("{1:F01TEST}{2:O940TESTX}{4:\n:20:A\n", true);
    check_recognised("{1:F01TEST}{2:I103TESTX}{4:\n:20:A\n", false);
    check_recognised(":20:A\n:23B:CRED\n:32A:260331USD1,\n", false);
    check_recognised("0000 01INGBNL2AXXXX00001\n940 00\n:20:A\n", true);
    check_recognised("account,booked,amount\n1,2,3\n", false);
    check_recognised("", false);
}

#[test]
fn a_record_beyond_the_bound_is_set_aside() {
    let mut text = b":20:A\n:25:1\n:61:260331C1,NTRFX".to_vec();
    for _ in 0..40_000 {
        text.extend_from_slice(b"\nmore and more and more and more and more");
    }
    text.extend_from_slice(b"\n:61:260331C1,NTRFX");
    let found = items(&text);
    let Item::Reject(reject) = &found[0] else { panic!("{:?}", found[0]) };
    assert_eq!((reject.line, reject.kept), (3, false));
    assert!(matches!(&found[1], Item::Record(record) if record.line == 40_004));
}

const WHOLE: &str = include_str!("../../../fixtures/formats/harbor.sta");

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
