//! What holds for any input: no bytes make a reader panic or lose a record, damage costs what it
//! touches, and neither threads nor the order of the sources change what a store holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use moneytrail::case::CaseFile;
use moneytrail::model::EntityKind;
use moneytrail::records::{Blocks, RawBatch, Reading, Shape, built_in_layout};
use moneytrail::store::{Case, files_below, load};
use proptest::prelude::*;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

const HEADER: &str = "account,booked,amount,description\n";

/// Cases of a property that are usual; `PROPTEST_CASES` asks for more.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    asked.unwrap_or(usual)
}

/// Bytes among which those that mean something to a reader are frequent.
fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b"\",\n\r\t ;-.()0123456789aA\\$\0".to_vec()),
        1 => prop::sample::select(vec![0xef, 0xbb, 0xbf, 0xff, 0xfe, 0xc3, 0xa9, 0x80]),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..most)
}

/// All records of some bytes after the header of the canonical statement.
fn split(bytes: &[u8]) -> RawBatch {
    let layout = built_in_layout("moneytrail-bank-statement").unwrap();
    let reading = Reading::bind(layout, Path::new("x.csv"), "x.csv", HEADER).unwrap();
    let shape: Shape = reading.shape;
    let mut blocks = Blocks::new(bytes, 2, shape.clone());
    let mut all = RawBatch::new(shape.wanted.len());
    while let Some(block) = blocks.next_block().unwrap() {
        all.append(block.split(&shape));
    }
    all
}

/// A statement of ten good lines, none of which holds a quote.
fn statement() -> Vec<String> {
    (0..10)
        .map(|row| format!("77{row},2024-03-{:02},{}.{:02},line {row}\n", row + 1, row * 7, row))
        .collect()
}

/// Puts `patch` in the place of the bytes from `start` to `end` of the lines; also the lines that
/// were not touched, each by its new physical number below a header.
fn damaged(start: usize, end: usize, patch: &[u8]) -> (Vec<u8>, BTreeMap<u32, String>) {
    let lines = statement();
    let text = lines.concat();
    let (start, end) = (start.min(text.len()), end.min(text.len()));
    let (start, end) = (start.min(end), start.max(end));
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend_from_slice(&text.as_bytes()[..start]);
    bytes.extend_from_slice(patch);
    bytes.extend_from_slice(&text.as_bytes()[end..]);
    let breaks = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    let (gone, new) = (breaks(&text.as_bytes()[start..end]), breaks(patch));
    let (mut at, mut untouched) = (0, BTreeMap::new());
    for (row, line) in lines.iter().enumerate() {
        if at + line.len() <= start {
            untouched.insert(row as u32 + 2, line.trim().to_owned());
        } else if at > end {
            untouched.insert((row + 2 + new - gone) as u32, line.trim().to_owned());
        }
        at += line.len();
    }
    (bytes, untouched)
}

fn check_lines(batch: &RawBatch, last_line: u32) -> Result<(), TestCaseError> {
    let mut lines: Vec<u32> = batch.lines.clone();
    prop_assert!(lines.is_sorted());
    lines.extend(batch.rejects.iter().map(|reject| reject.line));
    let distinct: BTreeSet<u32> = lines.iter().copied().collect();
    prop_assert_eq!(distinct.len(), lines.len(), "no line starts two records");
    prop_assert!(lines.iter().all(|line| (2..=last_line).contains(line)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(512)))]

    #[test]
    fn no_bytes_make_the_splitter_panic_or_start_two_records_on_a_line(bytes in bytes(400)) {
        let breaks = bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
        let batch = split(&bytes);
        check_lines(&batch, breaks + 2)?;
        for row in 0..batch.rows() {
            (0..4).for_each(|column| { batch.get(column, row); });
        }
        let starts = batch.rows() + batch.rejects.len() + batch.ignored as usize;
        prop_assert!(starts <= breaks as usize + 1);
    }

    #[test]
    fn damage_costs_the_lines_it_touches(
        start in 0..300_usize, length in 0..120_usize, patch in bytes(60),
    ) {
        let (bytes, untouched) = damaged(start, start + length, &patch);
        let batch = split(&bytes[HEADER.len()..]);
        let found: BTreeMap<u32, String> = (0..batch.rows())
            .map(|row| (batch.lines[row], batch.record(row).to_owned()))
            .collect();
        for (line, text) in untouched {
            prop_assert_eq!(found.get(&line), Some(&text));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(24)))]

    #[test]
    fn a_damaged_source_loads_with_every_untouched_row(
        start in 0..300_usize, length in 0..60_usize, patch in bytes(80),
    ) {
        let (bytes, untouched) = damaged(start, start + length, &patch);
        let dir = directory(&[("bank.csv", &bytes)]);
        let text = case_text(&[("bank.csv", Some("moneytrail-bank-statement"))]);
        let case = load_in(dir.path(), &text).unwrap();
        let [read, accepted, rejected, ..] = counts(&case, 0);
        let rows = transfers(&case);
        prop_assert_eq!(rows.len() as i64, accepted);
        prop_assert_eq!(read, accepted + rejected);
        let out = rejects(&case).iter().filter(|reject| !reject.3).count() as i64;
        prop_assert_eq!(out, rejected);
        for (line, text) in untouched {
            let cents: i64 = text.split(',').nth(2).unwrap().replace('.', "").parse().unwrap();
            prop_assert!(rows.iter().any(|row| row.6 == line && row.3 == cents), "{}", text);
        }
    }

    #[test]
    fn any_file_is_loaded_or_refused_and_never_panics(bytes in bytes(300), named: bool) {
        let dir = directory(&[("bank.csv", &bytes)]);
        let layout = named.then_some("moneytrail-bank-statement");
        let loaded = load_in(dir.path(), &case_text(&[("bank.csv", layout)]));
        prop_assert_eq!(loaded.is_ok(), dir.path().join("store").exists());
    }
}

/// Every file of a store with its bytes.
fn bytes_of(store: &Path) -> Vec<(String, Vec<u8>)> {
    let names = files_below(store, store).unwrap();
    names.into_iter().map(|name| (name.clone(), fs::read(store.join(name)).unwrap())).collect()
}

fn loaded_with_threads(case: &Path, store: &Path, threads: usize) -> Vec<(String, Vec<u8>)> {
    let plan = CaseFile::read(case).unwrap().plan;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| load(&plan, store, &|_, _| {})).unwrap();
    bytes_of(store)
}

#[track_caller]
fn check_threads(case: &Path) {
    let dir = tempfile::tempdir().unwrap();
    let one = loaded_with_threads(case, &dir.path().join("one"), 1);
    let two = loaded_with_threads(case, &dir.path().join("two"), 2);
    let differing: Vec<&str> =
        one.iter().zip(&two).filter(|(a, b)| a != b).map(|(a, _)| a.0.as_str()).collect();
    assert_eq!(differing, Vec::<&str>::new());
    assert_eq!(one.len(), two.len());
}

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    check_threads(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/harbor-street/case.toml"),
    );
    // Seven megabytes are two blocks, so that two threads do share the work.
    let mut text = HEADER.to_owned();
    for row in 0..14_000_u32 {
        let words = "paid at the counter ".repeat(25);
        let (day, cents) = (row % 28 + 1, row % 97);
        text.push_str(&match row % 1_000 {
            3 => format!("{},2024-01-99,1.00,{words}\n", row % 13),
            5 => format!("{},2024-01-{day:02},5.00,\"{words}\nover two lines\"\n", row % 13),
            8 => format!("{},2024-01-{day:02},1.00,\"{words}\n", row % 13),
            _ => format!("{},2024-01-{day:02},-{row}.{cents:02},{words}{}\n", row % 13, row % 101),
        });
    }
    let dir = directory(&[("bank.csv", text.as_bytes())]);
    let case = dir.path().join("case.toml");
    fs::write(&case, case_text(&[("bank.csv", Some("moneytrail-bank-statement"))])).unwrap();
    check_threads(&case);
}

/// What a case says, in no order: transfers by their readings, calls, holdings, ties, rejects;
/// sources by name.
fn contents(case: &Case) -> Vec<Vec<String>> {
    let sources = &case.sources().unwrap().source;
    let place = |source: u32, line: u32| format!("{}:{line}", sources.get(source as usize));
    let account = |row: u32| case.names(EntityKind::Account).unwrap().get(row as usize);
    let party = |row: u32| case.names(EntityKind::Party).unwrap().get(row as usize);
    let phone = |row: u32| case.names(EntityKind::Phone).unwrap().get(row as usize);
    let (table, refs) = (case.transfers().unwrap(), case.refs().unwrap());
    // Which reading stands first follows the case file; which readings there are does not.
    let readings = |of: &str, source: &[u32], line: &[u32]| -> Vec<Vec<String>> {
        let mut readings: Vec<Vec<String>> =
            source.iter().zip(line).map(|(source, line)| vec![place(*source, *line)]).collect();
        for at in (0..refs.row.len()).filter(|at| refs.of.get(*at) == of) {
            readings[refs.row[at] as usize].push(place(refs.source[at], refs.line[at]));
        }
        readings.iter_mut().for_each(|places| places.sort());
        readings
    };
    let of_transfers = readings("transfers", &table.source, &table.line);
    let transfers = of_transfers.into_iter().enumerate().map(|(row, places)| {
        let (from, to) = (account(table.from_account[row]), account(table.to_account[row]));
        format!("{from} > {to} {} {places:?}", table.amount_minor[row])
    });
    let holdings = case.holdings().unwrap();
    let holdings = (0..holdings.line.len()).map(|row| {
        let (holder, held) = (party(holdings.party[row]), account(holdings.account[row]));
        let at = place(holdings.source[row], holdings.line[row]);
        format!("{holder} {} {held} {at}", holdings.role.get(row))
    });
    let calls = case.calls().unwrap();
    let of_calls = readings("calls", &calls.source, &calls.line);
    let calls = of_calls.into_iter().enumerate().map(|(row, places)| {
        let (from, to) = (phone(calls.from_phone[row]), phone(calls.to_phone[row]));
        format!("{from} > {to} {} {places:?}", calls.start_ms[row])
    });
    let out = case.rejects().unwrap();
    let out = (0..out.line.len()).map(|row| {
        format!(
            "{} {} {}",
            place(out.source[row], out.line[row]),
            out.column.get(row),
            out.kept[row]
        )
    });
    let sorted = |texts: &mut dyn Iterator<Item = String>| {
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        texts
    };
    vec![
        sorted(&mut { transfers }),
        sorted(&mut { holdings }),
        sorted(&mut { calls }),
        sorted(&mut { out }),
    ]
}

/// Sources that name the same few people, accounts and phones in different ways.
fn sources() -> impl Strategy<Value = Vec<(String, &'static str, String)>> {
    let pick = |words: &[&'static str]| prop::sample::select(words.to_vec());
    let line = (
        pick(&["1001", "1002", "10-03", "x"]),
        1..9_u32,
        pick(&["-5.00", "5.00", "7.25", "(7.25)", "?"]),
        pick(&["1001", "1002", "1003", ""]),
    )
        .prop_map(|(account, day, amount, far)| format!("{account},2024-01-0{day},{amount},{far}"));
    let holder = (
        pick(&["1001", "1002", "1003"]),
        pick(&[
            "Ada Pike",
            "ADA PIKE",
            "Pike, Ada",
            "Rook Holdings LLC",
            "ROOK HOLDINGS L.L.C.",
            "",
        ]),
        pick(&["", "1970-01-02", "1980-03-04"]),
        pick(&["", "P-1", "P 1", "P-2"]),
        pick(&["owner", "signer", ""]),
    )
        .prop_map(|(account, name, born, document, role)| {
            format!("{account},\"{name}\",{born},{document},{role}")
        });
    let call = (pick(&["+12025550101", "(202) 555-0101", "202.555.0102"]), 1..9_u32)
        .prop_map(|(caller, day)| format!("2024-01-0{day}T10:00:00Z,{caller},+12025550103"));
    let file = |header: &'static str, row: BoxedStrategy<String>, layout: &'static str| {
        prop::collection::vec(row, 1..6)
            .prop_map(move |rows| (format!("{header}\n{}\n", rows.join("\n")), layout))
            .boxed()
    };
    let banks = file(
        "account,booked,amount,counterparty_account",
        line.boxed(),
        "moneytrail-bank-statement",
    );
    let cards =
        file("account,name,born,document,role", holder.boxed(), "moneytrail-account-holders");
    let calls = file("start,caller,called", call.boxed(), "moneytrail-call-detail");
    prop::collection::vec(prop_oneof![2 => banks, 2 => cards, 1 => calls], 2..5).prop_map(|files| {
        let named = files.into_iter().enumerate();
        // A line of its own keeps two files from having the same bytes.
        named
            .map(|(at, (text, layout))| {
                (format!("{at}.csv"), layout, format!("{text}{}", "\n".repeat(at)))
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_order_of_the_sources_changes_no_fact(
        (files, turned) in sources().prop_flat_map(|files| {
            let turned = Just(files.clone()).prop_shuffle();
            (Just(files), turned)
        }),
    ) {
        let load_as = |files: &[(String, &'static str, String)]| {
            let bytes: Vec<(&str, &[u8])> =
                files.iter().map(|file| (file.0.as_str(), file.2.as_bytes())).collect();
            let named: Vec<(&str, Option<&str>)> =
                files.iter().map(|file| (file.0.as_str(), Some(file.1))).collect();
            let dir = directory(&bytes);
            let text = case_text(&named).replace("\"UTC\"", "\"America/New_York\"");
            let case = load_in(dir.path(), &text).unwrap();
            let entities = ["accounts", "parties", "phones", "premises", "devices", "identifiers"];
            let bytes = entities.map(|table| {
                fs::read(dir.path().join("store").join(format!("{table}.parquet"))).unwrap()
            });
            let (accounts, parties) = (case.accounts().unwrap(), case.parties().unwrap());
            (contents(&case), accounts.clone(), parties.clone(), bytes)
        };
        let (one, other) = (load_as(&files), load_as(&turned));
        prop_assert_eq!(one.0, other.0);
        prop_assert_eq!(one.1, other.1);
        prop_assert_eq!(one.2, other.2);
        prop_assert!(one.3 == other.3, "entity tables have the same bytes");
    }
}
