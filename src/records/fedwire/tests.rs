//! One small Fedwire message after the other through one function.

use std::io::Cursor;

use super::{open, recognises};
use crate::records::structured::Item;

const HEAD: &str = "{1500}30HARBOR  P {1510}1000{1520}20240315HARBOR01000017";
const BANKS: &str = "{3100}031300012Harbor Bank*{3400}121042882Castellan Bank*{3600}CTR*";
const PARTIES: &str = "{4200}D777001*Castellan Yards*{5000}D555001*Lena Ortiz*";

fn read(text: &str) -> Vec<Item> {
    let mut reader = open(Box::new(Cursor::new(text.as_bytes().to_vec())));
    let mut items = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        items.push(item);
    }
    items
}

fn told(items: &[Item]) -> Vec<String> {
    let told = |item: &Item| match item {
        Item::Record(record) => {
            let value = |name: &str| {
                record.values.iter().find(|(field, _)| *field == name).map_or("", |(_, text)| text)
            };
            format!(
                "{} {}@{} > {}@{} {} {} ref {} | {}",
                record.line,
                value("from_account"),
                value("from_bank"),
                value("to_account"),
                value("to_bank"),
                value("amount"),
                value("booked"),
                value("reference"),
                value("description"),
            )
        }
        Item::Reject(one) => {
            format!("{} {} {:?} {} kept {}", one.line, one.column, one.found, one.reason, one.kept)
        }
        Item::Statement(_) => "a statement".to_owned(),
    };
    items.iter().map(told).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(told(&read(text)), expected);
}

#[test]
fn a_message_is_a_transfer_between_its_parties() {
    check(
        &format!("{HEAD}{{2000}}000001234567{BANKS}{PARTIES}{{6000}}Lot 7*Pier 2*"),
        &[
            "1 555001@031300012 > 777001@121042882 12345.67 2024-03-15 ref 20240315HARBOR01000017 | Fedwire CTR customer transfer; Lot 7 Pier 2",
        ],
    );
    check(
        &format!("{HEAD}{{2000}}000000000005{BANKS}{{3710}}EUR0,05*"),
        &[
            "1 FED:031300012@031300012 > FED:121042882@121042882 0.05 2024-03-15 ref 20240315HARBOR01000017 | Fedwire CTR customer transfer; instructed EUR0,05",
        ],
    );
}

#[test]
fn reversals_are_marked_and_requests_set_aside() {
    let typed = |subtype: &str| {
        let text = format!("{HEAD}{{2000}}000000000100{BANKS}{{3500}}20240314CASTEL01000003");
        told(&read(&text.replace("{1510}1000", &format!("{{1510}}10{subtype}")))).concat()
    };
    for subtype in ["02", "08"] {
        let found = typed(subtype);
        assert!(
            found.contains("| reversal of message 20240314CASTEL01000003; Fedwire CTR"),
            "{found}"
        );
    }
    for (subtype, words) in [
        ("01", "a request to reverse a transfer"),
        ("07", "a request to reverse a transfer"),
        ("31", "a request for credit"),
        ("33", "a refusal"),
        ("90", "a service message"),
    ] {
        let found = typed(subtype);
        let whole = format!("1 {{1510}} \"10{subtype}\" {words}");
        assert!(
            found.starts_with(&whole) && found.ends_with("1.00 USD; it moves no money kept false"),
            "{found}"
        );
    }
    assert!(typed("99").contains("expected a type 10, 15 or 16"));
}

#[test]
fn what_cannot_be_read_names_its_tag() {
    let good = format!("{HEAD}\n{{2000}}000001234567\n{BANKS}{PARTIES}");
    let broken = |from: &str, to: &str, expected: &str| {
        let found = told(&read(&good.replace(from, to))).concat();
        assert!(found.starts_with(expected) && found.ends_with("kept false"), "{found}");
    };
    broken(
        "{2000}000001234567",
        "{2000}12345.67",
        "1 {2000} line 2 \"12345.67\" expected twelve digits",
    );
    broken("{2000}000001234567", "", "1 {2000} \"\" expected twelve digits");
    broken(
        "{2000}000001234567",
        "{2000}000000000000",
        "1 {2000} line 2 \"000000000000\" a message of no amount",
    );
    broken(
        "20240315HARBOR",
        "20240230HARBOR",
        "1 {1520} \"20240230HARBOR01000017\" expected a date",
    );
    broken(
        "{3100}031300012",
        "{3100}03130001X",
        "1 {3100} line 3 \"03130001XHarbor Bank*\" expected nine digits",
    );
    broken("{1510}1000", "{1510}", "1 {1510} \"\" expected a type");
    let noted = |from: &str, to: &str, expected: &str| {
        let items = read(&good.replace(from, to));
        assert!(matches!(items[0], Item::Record(_)), "{items:?}");
        let found = told(&items[1..]).concat();
        assert!(found.contains(expected) && found.ends_with("kept true"), "{found}");
    };
    noted("HARBOR  P ", "HARBOR  T ", "a message marked as a test");
    noted("HARBOR  P ", "HARBOR  PP", "a message marked as a copy");
    noted("{3600}CTR*", "{3600}CTR*{1599}", "{1599} line 3 \"\" expected a tag of the format");
    noted(
        "{1520}20240315HARBOR01000017",
        "{1120}20240316CASTEL01000004",
        "that of {1120}, 2024-03-16, is used",
    );
}

#[test]
fn messages_follow_each_other_on_lines_or_on_one() {
    let one = format!("{HEAD}\n{{2000}}000000000100\n{BANKS}{PARTIES}\n");
    let lines = |text: &str| {
        let line = |item: &Item| match item {
            Item::Record(one) => (one.line, one.place.clone()),
            other => panic!("{other:?}"),
        };
        read(text).iter().map(line).collect::<Vec<_>>()
    };
    let none = String::new();
    assert_eq!(lines(&one.repeat(3)), [(1, none.clone()), (4, none.clone()), (7, none.clone())]);
    let unbroken = one.replace('\n', "").repeat(2);
    assert_eq!(lines(&unbroken), [(1, none.clone()), (2, "message 2 on line 1".to_owned())]);
    // What the Fed appends stands behind its message, or before it.
    let appended = "{1100}30P 2\n{1110}05021230A123\n";
    assert_eq!(
        lines(&format!("{one}{appended}{one}{appended}")),
        [(1, none.clone()), (6, none.clone())]
    );
    assert_eq!(lines(&format!("{appended}{one}{appended}{one}")), [(1, none.clone()), (6, none)]);
}

#[test]
fn a_second_amount_never_joins_the_message_before() {
    let first = format!("{HEAD}{{2000}}000000000100{BANKS}{PARTIES}\n");
    let second = first.replace("{1500}30HARBOR  P ", "").replace("00017", "00018");
    let items = read(&format!("{first}{second}"));
    let found = told(&items);
    assert_eq!(items.len(), 3, "{found:?}");
    assert!(found[1].contains("ref 20240315HARBOR01000018"), "{found:?}");
    assert!(found[2].contains("{1500} \"\" expected the tag that begins a message"), "{found:?}");
}

#[test]
fn text_without_tags_is_refused() {
    check(
        "hello\n{{1500",
        &[
            "1  \"hello\\n{{1500\" expected a message that begins with a tag such as {1500} kept false",
        ],
    );
    assert_eq!(read(""), []);
    assert!(recognises(b"{1500}30") && recognises(b"\n{1100}30P"));
    assert!(!recognises(b"{1:F01TEST}") && !recognises(b"{2000}1") && !recognises(b""));
}

#[test]
fn a_message_beyond_the_limit_is_passed_over() {
    let good = format!("{HEAD}{{2000}}000000000100{BANKS}{PARTIES}\n");
    let large = format!("{HEAD}{{6000}}{}\n", "x".repeat(3 << 20));
    let found = told(&read(&format!("{good}{large}{good}")));
    assert_eq!(found.len(), 3);
    assert!(
        found[1].starts_with("2 ") && found[1].contains("more than 1048576 bytes"),
        "{found:?}"
    );
    assert!(found[2].starts_with("3 "));
    let tags = format!("{HEAD}{}", "{6000}".repeat(1 << 16));
    assert!(told(&read(&tags)).concat().contains("more than 1048576 bytes"));
}
