//! Reading messages: small ones made up here, and what a hostile one must not do.

use std::io::{Cursor, Read};

use super::{open_camt, open_pacs, recognises_camt, recognises_pacs};
use crate::records::reject::Reject;
use crate::records::structured::{Item, SourceBytes, StructuredReader};

fn items(mut reader: Box<dyn StructuredReader>) -> Vec<Item> {
    std::iter::from_fn(|| reader.next_item().unwrap()).collect()
}

fn source(text: &str) -> SourceBytes {
    Box::new(Cursor::new(text.as_bytes().to_vec()))
}

/// A statement of one account with these elements in it.
fn statement(inside: &str) -> String {
    format!(
        "<Document><BkToCstmrStmt><GrpHdr/><Stmt><Id>S1</Id><Acct><Id><Othr><Id>77</Id></Othr></Id>\
         <Ccy>EUR</Ccy></Acct>{inside}</Stmt></BkToCstmrStmt></Document>"
    )
}

/// A booked entry with these elements in it.
fn entry(amount: &str, direction: &str, inside: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>BOOK</Sts>\
         <BookgDt><Dt>2026-03-05</Dt></BookgDt>{inside}</Ntry>"
    )
}

/// Every item in a line of its own: fields asked for, or why it was set aside.
fn told(text: &str, fields: &[&str]) -> Vec<String> {
    items(open_camt(source(text)))
        .into_iter()
        .map(|item| match item {
            Item::Record(record) => {
                let value = |field: &&str| {
                    let found = record.values.iter().find(|(name, _)| name == field);
                    found.map_or(String::new(), |(_, text)| text.clone())
                };
                fields.iter().map(value).collect::<Vec<_>>().join(" | ")
            }
            Item::Reject(reject) => {
                let kept = if reject.kept { "kept" } else { "set aside" };
                let Reject { column, found, reason, place, .. } = reject;
                format!("{kept} {column} {found:?}: {reason} ({place})")
            }
            Item::Statement(one) => format!(
                "statement {:?} {:?} {} {:?} {:?}",
                one.opening, one.closing, one.currency, one.days, one.records
            ),
        })
        .collect()
}

#[track_caller]
fn check(inside: &str, fields: &[&str], expected: &[&str]) {
    let found = told(&statement(inside), fields);
    assert_eq!(found.len(), expected.len() + 1, "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nwas expected to start with\n{expected}");
    }
}

fn details(parts: &[(&str, &str, &str)]) -> String {
    let one = |(amount, currency, direction): &(&str, &str, &str)| {
        format!(
            "<TxDtls><Amt Ccy=\"{currency}\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd></TxDtls>"
        )
    };
    format!("<NtryDtls>{}</NtryDtls>", parts.iter().map(one).collect::<String>())
}

#[test]
fn an_entry_is_split_only_where_its_payments_are_it() {
    let split = |amount: &str, direction: &str, parts: &[(&str, &str, &str)], expected: &[&str]| {
        check(&entry(amount, direction, &details(parts)), &["amount"], expected);
    };
    split("10.00", "DBIT", &[("4", "EUR", "DBIT"), ("6.0", "EUR", "DBIT")], &["-4", "-6.0"]);
    split("10.00", "CRDT", &[("14", "EUR", "CRDT"), ("4", "EUR", "DBIT")], &["14", "-4"]);
    split("10.00", "DBIT", &[("4", "EUR", "CRDT"), ("6", "EUR", "CRDT")], &["-4", "-6"]);
    split("10.00", "DBIT", &[("4", "EUR", ""), ("6", "EUR", "")], &["-4", "-6"]);
    split("10.00", "DBIT", &[("4", "EUR", "DBIT"), ("6", "USD", "DBIT")], &["-10.00"]);
    split("10.00", "DBIT", &[("4", "USD", "DBIT"), ("6", "USD", "DBIT")], &["-10.00"]);
    split("10.00", "DBIT", &[("9", "USD", "DBIT")], &["-10.00"]);
}

#[test]
fn payments_that_do_not_add_up_to_their_entry_are_noted_and_the_entry_counts() {
    let noted = |inside: &str, expected: &[&str]| {
        check(&entry("10.00", "DBIT", inside), &["amount"], expected);
    };
    let two = |second: &str| details(&[("4", "EUR", "DBIT"), (second, "EUR", "DBIT")]);
    let said = "kept TxDtls \"9\": the payments of the entry (2) add up to 9 EUR, and the entry is \
                10.00; it is one record and counts as it stands (line 1, \
                Document/BkToCstmrStmt/Stmt[1]/Ntry[1])";
    noted(&two("5"), &["-10.00", said]);
    noted(&two("6"), &["-4", "-6"]);
    let one = |amount: &str, charges: &str| {
        let amount = format!("<Amt Ccy=\"EUR\">{amount}</Amt>");
        format!("<NtryDtls><TxDtls>{amount}{charges}</TxDtls></NtryDtls>")
    };
    noted(&one("10", ""), &["-10.00"]);
    let said = "kept TxDtls \"9.5\": the payment of the entry (1) add";
    noted(&one("9.5", ""), &["-10.00", said]);
    let charged = "<Chrgs><Amt Ccy=\"EUR\">0.50</Amt></Chrgs>";
    noted(&one("9.5", charged), &["-10.00"]);
    noted(&one("9.4", charged), &["-10.00", "kept TxDtls \"9.4\""]);
}

#[test]
fn what_an_entry_of_one_record_is_made_of_is_kept_with_the_note() {
    let text = statement(&entry("10.00", "DBIT", &details(&[("4", "EUR", ""), ("5", "EUR", "")])));
    let found = items(open_camt(source(&text)));
    let Item::Reject(note) = &found[1] else { panic!("{found:?}") };
    assert!(note.raw.contains(">4</Amt>") && note.raw.contains(">5</Amt>"), "{}", note.raw);
}

#[test]
fn what_is_not_booked_or_not_stated_is_set_aside_with_its_place() {
    let at = "(line 1, Document/BkToCstmrStmt/Stmt[1]/Ntry[1])";
    let pending = entry("1", "DBIT", "").replace("BOOK", "PDNG");
    let reason = format!(
        "set aside Sts \"PDNG\": not booked (status PDNG): not a movement of money yet {at}"
    );
    check(&pending, &[], &[&reason]);
    check(&entry("-1", "DBIT", ""), &[], &["set aside Amt \"-1\": expected an amount"]);
    check(&entry("1", "", ""), &[], &["set aside CdtDbtInd \"\": expected CRDT or DBIT"]);
    let undated = entry("1", "DBIT", "").replace("<Dt>2026-03-05</Dt>", "");
    check(&undated, &[], &["set aside BookgDt \"\": neither"]);
    let valued = undated.replace("</Ntry>", "<ValDt><Dt>2026-03-06</Dt></ValDt></Ntry>");
    check(&valued, &["booked"], &["2026-03-06", "kept BookgDt \"\": no booking date is stated"]);
    check(
        &entry("1", "DBIT", "<AcctSvcrRef>&x;</AcctSvcrRef>"),
        &[],
        &["set aside Ntry \"\": entity &x;"],
    );
    let large = format!("<AddtlNtryInf>{}</AddtlNtryInf>", "x".repeat(2 << 20));
    check(&entry("1", "DBIT", &large), &[], &["set aside Ntry \"\": longer than"]);
    let next = format!("{}{}", entry("1", "DBIT", &large), entry("2", "CRDT", ""));
    check(&next, &["amount"], &["set aside", "2"]);
}

#[test]
fn a_reversal_moves_as_it_says_and_is_marked() {
    let parties = "<RvslInd>true</RvslInd><NtryDtls><TxDtls><RltdPties><Cdtr><Nm>Pier 9</Nm></Cdtr>\
                   </RltdPties></TxDtls></NtryDtls>";
    let fields = ["amount", "counterparty_name", "description"];
    check(&entry("5", "CRDT", parties), &fields, &["5 | Pier 9 | (reversal)"]);
    check(&entry("5", "DBIT", parties), &fields, &["-5 | Pier 9 | (reversal)"]);
    check(&entry("5", "CRDT", &parties.replace("true", "maybe")), &[], &["set aside RvslInd"]);
    let plain = parties.replace("<RvslInd>true</RvslInd>", "");
    check(&entry("5", "CRDT", &plain), &fields, &["5 |  | "]);
}

#[test]
fn the_far_end_is_never_the_account_itself() {
    let ends = |debtor: &str, creditor: &str| {
        format!(
            "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>D</Nm></Dbtr><DbtrAcct><Id><Othr><Id>{debtor}</Id>\
             </Othr></Id></DbtrAcct><Cdtr><Nm>C</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{creditor}</Id>\
             </Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls>"
        )
    };
    let fields = ["counterparty_account", "counterparty_name"];
    check(&entry("5", "DBIT", &ends("77", "88")), &fields, &["88 | C"]);
    check(&entry("5", "CRDT", &ends("88", "77")), &fields, &["88 | D"]);
    check(&entry("5", "CRDT", &ends("77", "88")), &fields, &["88 | C"]);
    check(&entry("5", "CRDT", &ends("77", "77")), &fields, &[" | "]);
}

#[test]
fn balances_are_the_booked_ones_of_a_statement() {
    let balance = |kind: &str, amount: &str, direction: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt>\
             <CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>"
        )
    };
    let check = |balances: &[String], expected: &str| {
        let found = told(&statement(&balances.concat()), &[]);
        assert!(found[0].starts_with(&format!("statement {expected}")), "{found:?}");
    };
    let (opbd, clbd) = (balance("OPBD", "9.50", "DBIT"), balance("CLBD", "3", "CRDT"));
    check(
        &[opbd.clone(), clbd.clone()],
        "Some(\"-9.50\") Some(\"3\") EUR (\"\", \"2026-03-31\") None",
    );
    check(&[balance("PRCD", "1", "CRDT"), clbd.clone()], "Some(\"1\") Some(\"3\")");
    let (first, last) = (balance("ITBD", "4", "CRDT"), balance("ITBD", "5", "CRDT"));
    check(&[opbd.clone(), first.clone()], "Some(\"-9.50\") Some(\"4\")");
    check(&[first.clone(), last], "Some(\"4\") Some(\"5\")");
    check(&[first, clbd.clone()], "Some(\"4\") Some(\"3\")");
    check(&[balance("OPAV", "1", "CRDT"), balance("CLAV", "2", "CRDT")], "None None");
    check(&[clbd.replace("\"EUR\"", "\"USD\"")], "None None EUR");
}

#[test]
fn reports_of_a_day_and_notices_are_no_statements() {
    for (root, part) in [("BkToCstmrAcctRpt", "Rpt"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn")] {
        let text = statement(&entry("1", "DBIT", ""));
        let text = text.replace("BkToCstmrStmt", root).replace("Stmt>", &format!("{part}>"));
        assert_eq!(told(&text, &["amount"]), ["-1"]);
    }
}

#[test]
fn cut_and_hostile_documents_end_with_a_reason() {
    let whole = statement(&format!("{}{}", entry("1", "DBIT", ""), entry("2", "DBIT", "")));
    let cut = &whole[..whole.rfind("<Sts>").unwrap()];
    let found = told(cut, &["amount"]);
    assert_eq!(found[..2], ["-1", "statement None None EUR (\"\", \"\") Some((1, 1))"]);
    assert!(found[2].contains("the file ends with 4 elements open: it was cut"), "{found:?}");
    assert!(found[2].contains("Stmt[1]/Ntry[2])"), "{found:?}");
    let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{whole}");
    let found = told(&bomb, &[]);
    assert!(found.len() == 1 && found[0].contains("declares entities of its own"), "{found:?}");
    // Within a document every element is a message, refused by its name before it is passed over.
    for (wrapper, refused) in [("<Envelope>", 0), ("<Document>", 1)] {
        let deep = format!("{}{}", wrapper.repeat(1_000), whole);
        let found = told(&deep, &[]);
        assert_eq!(found.len(), refused + 1, "{found:?}");
        assert!(found[refused].contains("nest more than 100 deep"), "{found:?}");
    }
    assert!(told("<Document></Document>", &[])[0].contains("holds no account report"));
    assert!(told("", &[])[0].contains("holds no account report"));
}

/// A text that repeats its middle without end in memory.
fn endless(head: &str, middle: &'static [u8], times: u64, tail: &str) -> SourceBytes {
    struct Repeat(&'static [u8], u64, usize);
    impl Read for Repeat {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.1 == 0 {
                return Ok(0);
            }
            let part = &self.0[self.2..];
            let bytes = part.len().min(buffer.len());
            buffer[..bytes].copy_from_slice(&part[..bytes]);
            self.2 += bytes;
            if self.2 == self.0.len() {
                (self.1, self.2) = (self.1 - 1, 0);
            }
            Ok(bytes)
        }
    }
    let head = Cursor::new(head.as_bytes().to_vec());
    Box::new(head.chain(Repeat(middle, times, 0)).chain(Cursor::new(tail.as_bytes().to_vec())))
}

#[test]
fn a_line_of_a_hundred_megabytes_costs_its_entry_alone() {
    static LETTERS: [u8; 1 << 20] = [b'x'; 1 << 20];
    let text = statement(&format!(
        "{}{}",
        entry("1", "DBIT", "<AddtlNtryInf>HERE</AddtlNtryInf>"),
        entry("2", "DBIT", "")
    ));
    let (head, tail) = text.split_once("HERE").unwrap();
    let found = items(open_camt(endless(head, &LETTERS, 100, tail)));
    assert!(matches!(&found[0], Item::Reject(one) if one.reason.starts_with("longer than")));
    assert!(matches!(&found[1], Item::Record(one) if one.line == 2));
    assert_eq!(found.len(), 3);
}

#[test]
fn messages_are_told_by_what_they_say() {
    let table = [
        (statement(""), true, true),
        (
            "<pacs:Document xmlns:pacs='urn:iso:std:iso:20022:tech:xsd:pacs.008.001.10'>".into(),
            false,
            true,
        ),
        (
            "\u{feff}<?xml version='1.0'?><Document><CstmrCdtTrfInitn/></Document>".into(),
            false,
            true,
        ),
        ("account,booked,amount\n".into(), false, false),
        ("<html><body>camt.053</body></html>".into(), true, false),
        ("<svg/>".into(), false, false),
    ];
    for (text, camt, pacs) in table {
        let found = (recognises_camt(text.as_bytes()), recognises_pacs(text.as_bytes()));
        assert_eq!(found, (camt, pacs), "{text}");
    }
    let wide: Vec<u8> = statement("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(recognises_camt(&wide));
    assert_eq!(items(open_pacs(source("<Document><RmtAdvc/></Document>"))).len(), 1);
}
