//! ACH and Fedwire files that others made, and any bytes at all: what is read equals a plain
//! count of the same files, what is broken is said with its line, and nothing makes a reader
//! panic, hang or hold more than a record.

mod any_bytes;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use moneytrail::records::{Item, Reject, StructuredRecord, recognise_format, structured_format};
use moneytrail::store::Case;
use serde_json::Value;

use crate::loaded::{case_text, counts, directory, rejects, transfers};
use crate::shared_data::data;

/// What one source gave.
#[derive(Default)]
struct Found {
    records: Vec<StructuredRecord>,
    aside: Vec<Reject>,
    notes: Vec<Reject>,
}

/// Reads a source to its end; its lines ascend, and those of its records strictly.
fn read_from(format: &str, bytes: impl Read + Send + 'static) -> Found {
    let mut reader = (structured_format(format).unwrap().open)(Box::new(bytes));
    let (mut found, mut last, mut last_record) = (Found::default(), 0, 0);
    while let Some(item) = reader.next_item().unwrap() {
        let line = match &item {
            Item::Record(one) => one.line,
            Item::Reject(one) => one.line,
            Item::Statement(_) => panic!("these formats state no balances"),
        };
        assert!(line >= last, "{format}: line {line} after {last}");
        last = line;
        match item {
            Item::Reject(one) if one.kept => found.notes.push(one),
            item => {
                assert!(line > last_record, "{format}: line {line} starts two records");
                last_record = line;
                match item {
                    Item::Record(one) => found.records.push(one),
                    Item::Reject(one) => found.aside.push(one),
                    Item::Statement(_) => {}
                }
            }
        }
    }
    found
}

fn read(format: &str, bytes: &[u8]) -> Found {
    read_from(format, Cursor::new(bytes.to_vec()))
}

fn value<'a>(record: &'a StructuredRecord, name: &str) -> &'a str {
    record.values.iter().find(|(field, _)| *field == name).map_or("", |(_, text)| text)
}

fn minor(record: &StructuredRecord) -> u64 {
    value(record, "amount").replace('.', "").parse().unwrap()
}

/// Every file below a folder, in order of path.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Bytes as letters, whatever they are.
fn letters(bytes: &[u8]) -> Vec<char> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().collect(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The file cut into records by hand: lines, and lines of several records every 94 letters.
fn cut(bytes: &[u8]) -> Vec<String> {
    let lines = bytes.split(|byte| *byte == b'\n').map(letters);
    let cut = lines.flat_map(|line| {
        let pieces: Vec<String> = line.chunks(94).map(|piece| piece.iter().collect()).collect();
        pieces
    });
    cut.map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// What a plain count of the entries' positions says: how many, and their debits and credits.
fn plain_totals(records: &[String]) -> (usize, u64, u64) {
    let entries: Vec<&String> = records.iter().filter(|one| one.starts_with('6')).collect();
    let (mut debit, mut credit) = (0, 0);
    for entry in &entries {
        let text: Vec<char> = entry.chars().collect();
        let field: String = text.iter().skip(29).take(10).collect();
        let amount: u64 = field.parse().unwrap_or(0);
        match text.get(2) {
            Some('1'..='4') => credit += amount,
            _ => debit += amount,
        }
    }
    (entries.len(), debit, credit)
}

/// Files made to be wrong, by the words their makers put into their names.
fn is_broken(path: &Path) -> bool {
    let name = path.display().to_string();
    [
        "nvalid",
        "crashers",
        "fuzz",
        "issue1600",
        "no-",
        "noFile",
        "no_",
        "neither",
        "missing",
        "Err",
        "issue702",
        "issue751",
        "bh-ed",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Faults that files made to be good have all the same: the words of a name, and the notes there.
const KNOWN_FAULTS: [(&str, usize); 8] = [
    ("20110805A.ach", 1),
    ("flattenADVBatchesMultipleBatchHeaders.ach", 1),
    ("issue1620.ach", 1),
    ("moov-ids.ach", 1),
    ("nonascii-utf8.ach", 2),
    ("nonascii.ach", 2),
    ("shr-credit.ach", 6),
    ("txp-debit.ach", 1),
];

fn moves_nothing(one: &Reject) -> bool {
    one.reason.contains("moves no money") || one.reason.contains("an operator's advice")
}

/// Notes on counts, hashes and totals: the dates are left out, which returns need not give.
fn on_controls(one: &Reject) -> bool {
    ["count", "hash", "total"].iter().any(|word| one.column.contains(word))
}

/// Minor units of the debits or the credits that were read.
fn of_side(found: &Found, side: &str) -> u64 {
    let word = format!(" {side} ");
    let of_side = found.records.iter().filter(|one| value(one, "description").contains(&word));
    of_side.map(minor).sum()
}

#[test]
fn every_ach_file_is_read_or_said_to_be_broken() {
    let Some(folder) = data("bank-formats") else { return };
    let (mut files, mut broken) = (0, 0);
    let (mut transfers, mut aside, mut refused, mut notes) = (0, 0, 0, 0);
    for path in files_below(&folder.join("ach")) {
        let name = path.display().to_string();
        let other = [".json", ".tar", ".md", "LICENSE"].iter().any(|end| name.ends_with(end));
        if other || name.contains("JSON") {
            continue;
        }
        files += 1;
        let bytes = fs::read(&path).unwrap();
        let found = read("nacha", &bytes);
        let nothing = found.aside.iter().filter(|one| moves_nothing(one)).count();
        transfers += found.records.len();
        aside += nothing;
        refused += found.aside.len() - nothing;
        notes += found.notes.len();
        if is_broken(&path) {
            broken += 1;
            continue;
        }
        assert!(recognise_format(&bytes).is_some_and(|format| format.word == "nacha"), "{name}");
        let (entries, debit, credit) = plain_totals(&cut(&bytes));
        assert_eq!(found.records.len() + nothing, entries, "{name}: {:?}", found.aside);
        assert_eq!(found.aside.len(), nothing, "{name}: {:?}", found.aside);
        if nothing == 0 {
            assert_eq!(
                (of_side(&found, "debit"), of_side(&found, "credit")),
                (debit, credit),
                "{name}"
            );
        }
        let known = KNOWN_FAULTS.iter().find(|(end, _)| name.ends_with(end));
        let stated: Vec<&Reject> = found.notes.iter().filter(|one| on_controls(one)).collect();
        assert_eq!(stated.len(), known.map_or(0, |(_, notes)| *notes), "{name}: {stated:?}");
    }
    println!(
        "{files} ACH files, {broken} of them broken: {transfers} transfers, {aside} entries that \
         move no money, {refused} records refused, {notes} notes"
    );
    assert_eq!((files, broken, transfers, aside), (164, 55, 381, 69));
}

#[test]
fn broken_ach_files_name_line_and_reason() {
    let Some(folder) = data("bank-formats") else { return };
    let said = |name: &str, line: u32, part: &str| {
        let found = read("nacha", &fs::read(folder.join("ach/test").join(name)).unwrap());
        let mut all = found.aside.iter().chain(&found.notes);
        let hit = all.any(|one| one.line == line && one.reason.contains(part));
        assert!(hit, "{name}: {:?} {:?}", found.aside, found.notes);
    };
    said("testdata/20110729A-invalid.ach", 3, "expected an effective entry date");
    said("testdata/iat-invalidEntryDetail.ach", 3, "expected a code of the rules");
    said("testdata/iat-invalidBatchHeader.ach", 2, "expected 200, 220, 225 or 280");
    said("testdata/iat-invalidBatchControl.ach", 11, "expected \"23138010\", the originating bank");
    said(
        "testdata/invalid-two-micro-deposits.ach",
        15,
        "expected digits, the last two of them cents",
    );
    said("testdata/ppd-debit-invalid-entryDetail-checkDigit.ach", 3, "expected 4, which makes");
    said("testdata/ppd-debit-fixedLengthInvalid.ach", 1, "expected 094, the record size");
    said("testdata/return-no-batch-header.ach", 1, "an entry outside a batch");
    said("testdata/return-no-batch-controls.ach", 4, "expected a control of the batch");
    said("testdata/adv-noFileControl.ach", 5, "the source ends before the file control");
    said(
        "testdata/adv-invalidFileControl.ach",
        6,
        "expected 00000002, the entry and addenda count",
    );
    said("testdata/crashers/4.ach", 18, "expected eight digits of a routing number");
    said("issues/testdata/issue1378/no_header.txt", 1, "expected a file header before it");
    said("issues/testdata/issue1378/no_control.txt", 29, "the source ends before the file control");
    said("issues/testdata/issue1600/1e5RecordBefore1or8.txt", 4, "expected a control of the batch");
    said("issues/testdata/issue1600/1k8RecordFollowing9Record.txt", 11, "a batch control without");
    said("issues/testdata/issue1600/1qFormatCodeIncorrect.txt", 1, "expected 1, the format code");
    said("issues/testdata/issue1600/2lCompanyNameAllZeros.txt", 2, "expected words, not zeros");
    said(
        "issues/testdata/issue1600/2mCompanyEntryDescAllZeros.txt",
        2,
        "expected words, not zeros",
    );
    said("issues/testdata/issue1600/3fTELIndvNameAllBlank.txt", 8, "expected the receiver's name");
    said("issues/testdata/issue1600/3fTELIndvNameAllZeros.txt", 8, "expected the receiver's name");
}

/// Account, bank, amount and trace number of every entry that moves money, as the file's makers
/// write them in JSON.
fn expected_entries(file: &Value) -> Vec<(String, String, u64, String)> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut batches = list(file, "batches");
    batches.extend(list(file, "IATBatches"));
    let mut entries: Vec<Value> = Vec::new();
    for batch in &batches {
        entries.extend(list(batch, "entryDetails"));
        entries.extend(list(batch, "IATEntryDetails"));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let mut read: Vec<_> = entries
        .iter()
        .filter(|one| one["amount"].as_u64().unwrap_or(0) > 0)
        .map(|one| {
            let bank = text(&one["RDFIIdentification"]) + &text(&one["checkDigit"]);
            let trace = format!("{:0>15}", text(&one["traceNumber"]));
            (text(&one["DFIAccountNumber"]), bank, one["amount"].as_u64().unwrap(), trace)
        })
        .collect();
    read.sort();
    read
}

/// The same of what was read: the receiver's end is the one that is no company's.
fn read_entries(found: &Found) -> Vec<(String, String, u64, String)> {
    let mut read: Vec<_> = found
        .records
        .iter()
        .map(|one| {
            let side = if value(one, "to_account").starts_with("ACH-ID") { "from" } else { "to" };
            let of = |what: &str| value(one, &format!("{side}_{what}")).to_owned();
            let trace = format!("{:0>15}", value(one, "reference"));
            (of("account"), of("bank"), minor(one), trace)
        })
        .collect();
    read.sort();
    read
}

#[test]
fn ach_entries_equal_what_their_makers_state() {
    let Some(folder) = data("bank-formats") else { return };
    let mut pairs: BTreeMap<String, (Vec<u8>, Vec<u8>)> = BTreeMap::new();
    let mut put = |path: &Path, bytes: Vec<u8>| {
        let stem = path.with_extension("").display().to_string();
        match path.extension().and_then(|one| one.to_str()) {
            Some("json") => pairs.entry(stem).or_default().0 = bytes,
            Some("ach") => pairs.entry(stem).or_default().1 = bytes,
            _ => {}
        }
    };
    for path in files_below(&folder.join("ach")) {
        put(&path, fs::read(&path).unwrap());
    }
    let packed = fs::File::open(folder.join("ach/test/issues/testdata/storage.tar")).unwrap();
    for member in tar::Archive::new(packed).entries().unwrap() {
        let mut member = member.unwrap();
        let path = member.path().unwrap().into_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        put(&path, bytes);
    }
    let (mut equal, mut stated_sums) = (0, 0);
    for (stem, (json, ach)) in &pairs {
        let stated: Option<Value> = serde_json::from_slice(json).ok();
        let (Some(stated), false) = (stated, ach.is_empty()) else { continue };
        let found = read("nacha", ach);
        if let Some(cents) = stated["amount"]["value"].as_u64() {
            // A balanced file credits what it debits.
            let (debit, credit) = (of_side(&found, "debit"), of_side(&found, "credit"));
            assert_eq!(debit.max(credit), cents, "{stem}");
            stated_sums += 1;
        } else if stated["fileHeader"].is_object() && !is_broken(Path::new(stem)) {
            assert_eq!(read_entries(&found), expected_entries(&stated), "{stem}");
            equal += 1;
        }
    }
    println!("{equal} ACH files equal to their JSON entry by entry, {stated_sums} in their sums");
    assert_eq!((equal, stated_sums), (1, 11));
}

#[test]
fn every_fedwire_file_is_read_and_equals_its_json() {
    let Some(folder) = data("bank-formats") else { return };
    let (mut files, mut transfers, mut nothing, mut equal) = (0, 0, 0, 0);
    for path in files_below(&folder.join("wire")) {
        let name = path.display().to_string();
        if !name.ends_with(".txt") {
            continue;
        }
        files += 1;
        let bytes = fs::read(&path).unwrap();
        let found = read("fedwire", &bytes);
        if bytes.is_empty() {
            assert!(found.records.is_empty() && found.aside.is_empty());
            continue;
        }
        assert_eq!(found.records.len() + found.aside.len(), 1, "{name}");
        transfers += found.records.len();
        nothing += found.aside.iter().filter(|one| moves_nothing(one)).count();
        let Ok(json) = fs::read(path.with_extension("json")) else { continue };
        let stated: Value = serde_json::from_slice(&json).unwrap();
        let message = &stated["fedWireMessage"];
        let Some(record) = found.records.first() else { continue };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let amount: u64 = text(&message["amount"]["amount"]).parse().unwrap();
        assert_eq!(minor(record), amount, "{name}");
        let number = &message["inputMessageAccountabilityData"];
        let parts = ["inputCycleDate", "inputSource", "inputSequenceNumber"];
        let number: String = parts.iter().map(|part| text(&number[*part])).collect();
        // Text and JSON were made on different days.
        assert_eq!(value(record, "reference")[8..], number[8..], "{name}");
        assert_eq!(value(record, "booked").replace('-', ""), value(record, "reference")[..8]);
        for (field, key) in [("from_name", "originator"), ("to_name", "beneficiary")] {
            if message[key].is_object() {
                assert_eq!(value(record, field), text(&message[key]["personal"]["name"]), "{name}");
                let number = text(&message[key]["personal"]["identifier"]);
                let account = field.replace("name", "account");
                assert!(value(record, &account).ends_with(&number), "{name} {account}");
            }
        }
        equal += 1;
    }
    println!(
        "{files} Fedwire files: {transfers} transfers, {nothing} messages that move no money, {equal} equal to their JSON"
    );
    assert_eq!((files, transfers + nothing), (34, 33));
}

/// A good file of ours.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/ach");
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn ach_and_fedwire_files_load_end_to_end() {
    let names = ["castellan.ach", "castellan-returns.ach", "harbor-wires.txt"];
    let files = names.map(|name| (name, fixture(name)));
    let files = files.each_ref().map(|(name, bytes)| (*name, &bytes[..]));
    let dir = directory(&files);
    fs::write(dir.path().join("case.toml"), case_text(&names.map(|name| (name, None)))).unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_moneytrail"))
        .args(["load", "case.toml", "--store", "store"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let case = Case::open(&dir.path().join("store")).unwrap();
    let layouts: Vec<&str> = case.sources().unwrap().layout.iter().collect();
    assert_eq!(layouts, ["nacha", "nacha", "fedwire"]);
    let all = [counts(&case, 0), counts(&case, 1), counts(&case, 2)];
    assert_eq!(all, [[5, 4, 1, 0, 0], [2, 1, 1, 0, 0], [4, 3, 1, 0, 0]]);
    let found: Vec<_> = transfers(&case)
        .into_iter()
        .map(|(from, to, _, minor, currency, source, line)| {
            format!("{source}:{line} {from} > {to} {minor} {currency}")
        })
        .collect();
    let expected = [
        "0:10 031300012/5550100004 > 061100017/ACHID:1550100777 95000 USD",
        "2:22 031300012/5550100004 > 061100017/PASSPORT:X5550199 480000 USD",
        "2:1 061100017/5550100777 > 031300012/5550100004 1250000 USD",
        "0:4 061100017/ACHID:1550100777 > 031300012/5550100002 180050 USD",
        // The returned rent goes back the way it came.
        "1:3 061100017/ACHID:1550100777 > 031300012/5550100004 95000 USD",
        "0:3 061100017/ACHID:1550100777 > 091200042/5550100001 250000 USD",
        "2:12 061100017/PASSPORT:X5550199 > 031300012/5550100004 480000 USD",
        "0:8 091200042/5550100001 > 061100017/ACHID:1550100777 120000 USD",
    ];
    assert_eq!(found, expected);
    let aside: Vec<_> = rejects(&case)
        .into_iter()
        .map(|(line, column, found, kept)| format!("{line} {column} {found:?} {kept}"))
        .collect();
    let expected = [
        "5 entry code (2-3) \"23\" false",
        "5 entry code (2-3) \"21\" false",
        "33 {1510} line 34 \"1031\" false",
    ];
    assert_eq!(aside, expected);
    let parties = case.parties().unwrap();
    let names: Vec<&str> = parties.name.iter().collect();
    for name in ["CASTELLAN YARDS", "LENA ORTIZ", "MERROW SUPPLIES LLC"] {
        assert!(names.contains(&name), "{names:?}");
    }
}
