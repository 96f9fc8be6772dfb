//! Rows read in place against the way of every row: the same columns, rejects and counts.

use std::path::Path;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::model::Digits;
use crate::normalise::CounterpartyReader;
use crate::records::{Blocks, Marks, Reading, built_in_layout};
use crate::store::load::entities::AccountBook;
use crate::store::load::entities::raw_accounts::{Numbering, RawAccounts};
use crate::store::load::reading::values::CaseDefaults;

/// Its patterns take longer to compile than all rows of a test to read.
static COUNTERPARTIES: LazyLock<CounterpartyReader> =
    LazyLock::new(|| CounterpartyReader::new(&[]).expect("the built-in patterns compile"));

const CANONICAL: &str = "from_account,to_account,booked,amount,from_bank,currency,\
    received_amount,received_currency,channel,description,page,reference,to_name\n";
const IBM: &str = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,\
    Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering\n";

/// What a source's bytes become: each row in words, what was set aside, and the counts.
#[derive(Debug, Default, PartialEq)]
struct Found {
    rows: Vec<String>,
    received: Vec<(u32, i64, Currency)>,
    details: Vec<String>,
    rejects: Vec<String>,
    read: u64,
    ignored: u64,
}

fn found(layout: &str, zone: &str, body: &[u8], plainly: bool) -> (Found, usize) {
    let header = if layout == "ibm-aml" { IBM } else { CANONICAL };
    let layout = built_in_layout(layout).unwrap();
    let reading = Reading::bind(layout, Path::new("x.csv"), "x.csv", header).unwrap();
    let case = CaseDefaults {
        zone: TimeZone::get(zone).unwrap(),
        zone_stated: true,
        currency: Currency::USD,
        digits: Digits::default(),
    };
    let values = Values::new(&reading, &case).unwrap();
    let reader = BankReader { values: &values, counterparties: &COUNTERPARTIES };
    let mut found = Found::default();
    let mut in_place = 0;
    let mut caches = Caches::default();
    let mut marks = Marks::default();
    let mut blocks = Blocks::new(body, 2, reading.shape.clone());
    while let Some(block) = blocks.next_block().unwrap() {
        let plain = PlainTransfers::new(&values).expect("the layout's rows can be plain");
        let rows = if plainly {
            PlainRows::new(block, &reading.shape, &mut marks)
        } else {
            Err(Box::new(block))
        };
        let (out, split, read) = match rows {
            Ok(rows) => plain.read(&reader, rows, &mut caches, BankBatch::default()),
            Err(block) => {
                let split = block.split(&reading.shape);
                let lost = split.rejects.iter().filter(|reject| !reject.kept).count();
                let read = (split.rows() + lost) as u64;
                let mut out = BankBatch::default();
                reader.read_into(&split, &mut out);
                (out, split, read)
            }
        };
        in_place += out.keys.len() / 2;
        add(&mut found, out, split);
        found.read += read;
    }
    (found, in_place)
}

fn add(found: &mut Found, out: BankBatch, split: RawBatch) {
    let mut book = AccountBook::default();
    let mut raw = RawAccounts::new(Numbering { institution: String::new(), global: false });
    let long = raw.long_texts(&out.long);
    let mut keyed = raw.accounts(&out.keys, &long, &mut book).into_iter();
    let first = found.rows.len() as u32;
    for row in 0..out.line.len() {
        let name = |local: u32, keyed: &mut dyn Iterator<Item = u32>| match local {
            NONE => book.identities.get(keyed.next().unwrap()).to_owned(),
            local => out.accounts.identities.get(local).to_owned(),
        };
        let (from, to) = (name(out.from[row], &mut keyed), name(out.to[row], &mut keyed));
        found.rows.push(format!(
            "{} {from} {to} {:?} {} {} {} {:?}",
            out.line[row],
            out.booked[row],
            out.amount_minor[row],
            out.currency[row],
            out.channel[row],
            out.side[row],
        ));
    }
    found.received.extend(out.received.iter().map(|one| (one.0 + first, one.1, one.2)));
    found.details.push(format!("{:?}", out.details));
    let mut rejects = split.rejects;
    rejects.extend(out.rejects);
    rejects.sort_by_key(|one| one.line);
    found.rejects.extend(rejects.iter().map(|one| format!("{one:?}")));
    found.ignored += split.ignored;
}

#[track_caller]
fn check(layout: &str, body: &str, in_place: usize, rejects: usize) {
    let zone = "America/New_York";
    let (plain, plain_rows) = found(layout, zone, body.as_bytes(), true);
    let (slow, none) = found(layout, zone, body.as_bytes(), false);
    assert_eq!(plain, slow);
    assert_eq!((plain_rows, none, plain.rejects.len()), (in_place, 0, rejects));
}

#[test]
fn rows_with_nothing_to_say_of_them_are_read_in_place_and_others_alike() {
    let canonical = |body: &str, in_place, rejects| {
        check("moneytrail-bank-transfers", body, in_place, rejects);
    };
    canonical("1,2,2024-03-01,5.00,,,,,,,,,\n3,4,2024-03-01,5,HB,EUR,4,USD,wire,rent,,r1,\n", 2, 0);
    canonical("1,2,2024-03-01,5.00,,,,,,,p1,,\n1,2,2024-03-01,5.00,,,,,,,,,Lena\n", 0, 0);
    canonical("1,2,2024-02-30,5.00,,,,,,,,,\n1,2,2024-03-01,-5.00,,,,,,,,,\n", 0, 2);
    canonical("-,2,2024-03-01,5.00,,,,,,,,,\n1,2,2024-03-01,5.00,,ZZZ,,,,,,,\n", 0, 2);
    canonical("A/-,2,2024-03-01,5.00,,,,,,,,,\nA/1,2,2024-03-01,5.00,,,,,,,,,\n", 0, 1);
    canonical("A/-,2,2024-03-01,5.00,\u{a0},,,,,,,,\nA/1,2,2024-03-01,5.00,HB,,,,,,,,\n", 1, 1);
    canonical("1,2,2024-11-03T01:30:00,5.00,,,,,,,,,\n1,2,2024-03-01,$5,,,,,,,,,\n", 0, 1);
    canonical("1,2,2024-03-01,5.00,,,,,carrier pigeon,,,,\n", 0, 1);
    // Lost digits, words for none and for cash; two ends of which none is known.
    canonical("1,4.41E+09,2024-03-01,5.00,,,,,,,,,\nN/A,2,2024-03-01,5.00,,,,,,,,,\n", 0, 2);
    canonical("1,CASH,2024-03-01,5.00,,,,,,,,,\nN/A,****12,2024-03-01,5.00,,,,,,,,,\n", 0, 3);
    let ibm = "2022/09/01 00:20,010,8000EBD30,010,8000EBD30,3697.34,US Dollar,3697.34,US Dollar,Cash,0\n\
         2022/09/01 00:20,03208,8000F4580,001,8000F5340,0.01,Euro,0.02,US Dollar,Cheque,0\r\n\
         2022/09/01 00:20,03208,8000F4580,001,8000F5340,0.01,Australian Dollar,0.01,\
         Australian Dollar,Wire,0\n";
    check("ibm-aml", ibm, 3, 0);
}

proptest! {
    #[test]
    fn the_way_in_place_is_the_way_of_every_row(
        rows in prop::collection::vec(
            prop::collection::vec(
                prop::sample::select(vec![
                    "", "1", "22-3", "GB89TEST20051030405060", "HB/7", "-", "\u{a0}", " 4 ",
                    "2024-03-01", "2024-03-01T10:00:00Z", "2024-11-03T01:30:00", "5.00", "5",
                    "-1.00", "1,5", "$7", "USD", "eur", "ZZZ", "wire", "WIRE", "pigeon", "x\"y",
                    "\"q\"", "caf\u{e9}", "\u{fffd}", "12345678901234567890",
                    "4.41E+09", "N/A", "UNKNOWN", "****1234", "CASH",
                ]),
                12..15,
            ),
            0..12,
        ),
        good in 0..3_usize,
        ending in prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r"]),
    ) {
        let mut body = String::new();
        for row in rows {
            let mut fields = row.clone();
            // Most rows are near enough to a good one that something else decides.
            let usual = ["1", "2", "2024-03-01", "5.00"];
            for (field, usual) in fields.iter_mut().zip(usual).take(good + 2) {
                *field = usual;
            }
            body.push_str(&fields.join(","));
            body.push_str(ending);
        }
        let layout = "moneytrail-bank-transfers";
        let (plain, _) = found(layout, "UTC", body.as_bytes(), true);
        let (slow, _) = found(layout, "UTC", body.as_bytes(), false);
        prop_assert_eq!(plain, slow);
    }
}
