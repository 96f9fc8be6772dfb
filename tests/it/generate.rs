//! The generator: the fixture is its output byte for byte, and what `truth.toml` says of it is
//! so. The files are read here by hand, so that an error of the readers cannot hide one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use moneytrail::generate::{Params, harbor_street};
use toml::{Table, Value};

const MERROW: &str = "Merrow Harbor Bank";
const CASTELLAN: &str = "Castellan Trust";
const BYTES_MAX: u64 = 3_000_000;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/harbor-street")
}

/// Every file below `root` with its bytes, but for the expected answers.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            if name == "expected" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn generated(params: &Params) -> BTreeMap<String, Vec<u8>> {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("case");
    harbor_street(params, &out).unwrap();
    tree(&out)
}

#[track_caller]
fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right));
    for (name, bytes) in left {
        assert!(bytes == &right[name], "{name} differs");
    }
}

#[test]
fn fixture_is_the_output_with_default_parameters() {
    let files = tree(&fixture());
    assert_same(&generated(&Params::default()), &files);
    let bytes: usize = files.values().map(Vec::len).sum();
    assert!((bytes as u64) < BYTES_MAX, "{bytes} bytes are too many for a repository");
}

#[test]
fn bytes_depend_on_the_parameters_only() {
    let params = Params { seed: 5, scale: 2, ..Params::default() };
    let first = generated(&params);
    assert_same(&first, &generated(&params));
    let other = generated(&Params { seed: 6, ..params.clone() });
    assert!(first["bayline/calls.csv"] != other["bayline/calls.csv"]);
}

#[test]
fn rows_asked_for_are_there() {
    let files = generated(&Params { rows: Some(12_000), ..Params::default() });
    let legs = legs(&files);
    let truth: Table = toml::from_str(text(&files, "truth.toml")).unwrap();
    assert!(truth["scale"].as_integer().unwrap() > 1);
    let transfers = legs.iter().filter(|leg| !leg.second).count();
    assert!(transfers >= 12_000, "{transfers} transfers were written");
}

#[test]
fn an_existing_folder_is_not_overwritten() {
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("notes.txt"), "mine").unwrap();
    assert!(harbor_street(&Params::default(), out.path()).is_err());
    assert_eq!(fs::read(out.path().join("notes.txt")).unwrap(), b"mine");
}

/// A row of a bank's return that can be read.
#[derive(Debug)]
struct Leg {
    at: String,
    /// Bank and number.
    from: Option<String>,
    to: Option<String>,
    /// Whether this is the payee's side of a transfer whose payer's side is held too.
    second: bool,
    minor: i64,
    /// Days since the year began.
    day: i64,
    own: String,
    debit: bool,
}

fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    std::str::from_utf8(&files[name]).unwrap()
}

/// Rows of a file from its header on, each with the physical line it starts on.
fn rows(bytes: &[u8], delimiter: u8, preamble: usize) -> Vec<(u64, Vec<String>)> {
    let (text, _, bad) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), encoding_rs::UTF_8, false),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes),
    };
    assert!(!bad);
    let body: String = text.split_inclusive('\n').skip(preamble).collect();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let line = record.position().unwrap().line() + preamble as u64;
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    rows.remove(0);
    rows
}

fn minor(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|digit| !matches!(digit, ',' | '.')).collect();
    digits.parse().ok()
}

fn day(year: &str, month: &str, day: &str) -> Option<i64> {
    let [year, month, day] = [year, month, day].map(|part| part.parse::<i16>().ok());
    let date = jiff::civil::Date::new(year?, month? as i8, day? as i8).ok()?;
    Some(i64::from(date.day_of_year()))
}

fn far(bank: &str, number: &str) -> Option<String> {
    (!number.is_empty()).then(|| format!("{bank}/{number}"))
}

fn merrow_leg(at: String, row: &[String]) -> Leg {
    let own = format!("{MERROW}/{}", row[0]);
    let debit = !row[5].is_empty();
    let other = far(&row[9], &row[8]);
    let (from, to) = if debit { (Some(own.clone()), other) } else { (other, Some(own.clone())) };
    Leg {
        at,
        from,
        to,
        second: false,
        minor: minor(if debit { &row[5] } else { &row[6] }).unwrap(),
        day: day(&row[1][6..], &row[1][..2], &row[1][3..5]).unwrap(),
        own,
        debit,
    }
}

fn castellan_leg(at: String, row: &[String], debit: bool) -> Option<Leg> {
    let own = format!("{CASTELLAN}/{}", row[3]);
    let other = far(&row[7], &row[5]);
    let (from, to) = if debit { (Some(own.clone()), other) } else { (other, Some(own.clone())) };
    Some(Leg {
        at,
        from,
        to,
        second: false,
        minor: minor(&row[8])?,
        day: day(&row[1][..4], &row[1][5..7], &row[1][8..10])?,
        own,
        debit,
    })
}

fn activity_leg(at: String, row: &[String]) -> Option<Leg> {
    let own = format!("{CASTELLAN}/{}", row[0]);
    let signed = minor(&row[3])?;
    let debit = signed < 0;
    let (from, to) = if debit { (Some(own.clone()), None) } else { (None, Some(own.clone())) };
    Some(Leg { at, from, to, second: false, minor: signed.abs(), day: 0, own, debit })
}

/// Every readable bank row of a case, in order of file and line.
fn legs(files: &BTreeMap<String, Vec<u8>>) -> Vec<Leg> {
    let mut legs = Vec::new();
    for (name, bytes) in files {
        let at = |line: u64| format!("{name}:{line}");
        if name.starts_with("merrow/statement_") {
            legs.extend(
                rows(bytes, b',', 0).into_iter().map(|(line, row)| merrow_leg(at(line), &row)),
            );
        } else if name == "castellan/activity.csv" {
            let rows = rows(bytes, b',', 0);
            legs.extend(rows.into_iter().filter_map(|(line, row)| activity_leg(at(line), &row)));
        } else if name == "castellan/payments_received.csv" {
            let rows = rows(bytes, b'|', 0);
            legs.extend(
                rows.into_iter().filter_map(|(line, row)| castellan_leg(at(line), &row, false)),
            );
        } else if name == "castellan/payments_sent.csv" {
            let rows = rows(bytes, b'|', 4);
            let rows = rows.into_iter().filter(|(_, row)| !row[0].starts_with("Totals"));
            legs.extend(rows.filter_map(|(line, row)| castellan_leg(at(line), &row, true)));
        }
    }
    let own: BTreeSet<String> = legs.iter().map(|leg| leg.own.clone()).collect();
    for leg in &mut legs {
        leg.second = !leg.debit && leg.from.as_ref().is_some_and(|from| own.contains(from));
    }
    legs
}

fn truth(files: &BTreeMap<String, Vec<u8>>) -> Table {
    toml::from_str(text(files, "truth.toml")).unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap().to_owned()).collect()
}

#[test]
fn running_balances_prove_but_for_the_row_left_out() {
    let files = tree(&fixture());
    let missing = &truth(&files)["missing_row"];
    let mut breaks = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("merrow/statement_")) {
        let mut before: Option<i64> = None;
        for (line, row) in rows(bytes, b',', 0) {
            let amount = |cell: &str| if cell.is_empty() { 0 } else { minor(cell).unwrap() };
            let change = amount(&row[6]) - amount(&row[5]);
            let balance = amount(&row[7]);
            assert!(balance >= 0, "{name}:{line} is overdrawn");
            let left_out = before.map_or(0, |before| balance - before - change);
            if left_out != 0 {
                breaks.push((format!("{MERROW}/{}", row[0]), row[1][..2].to_owned(), left_out));
            }
            before = Some(balance);
        }
    }
    let account = missing["account"].as_str().unwrap().to_owned();
    let month = missing["month"].as_str().unwrap()[5..].to_owned();
    assert_eq!(breaks, [(account, month, missing["amount_minor"].as_integer().unwrap())]);
}

#[test]
fn records_rejects_and_totals_are_those_of_the_truth() {
    let files = tree(&fixture());
    let truth = truth(&files);
    let mut sources = 0;
    for count in truth["counts"].as_array().unwrap() {
        let name = count["source"].as_str().unwrap();
        let bytes = &files[name];
        let (delimiter, preamble) = match name {
            "castellan/payments_sent.csv" => (b'|', 4),
            "castellan/payments_received.csv" => (b'|', 0),
            "castellan/customers.csv" => (b';', 0),
            _ if name.ends_with(".tsv") => (b'\t', 0),
            _ => (b',', 0),
        };
        let rows = rows(bytes, delimiter, preamble);
        let records = rows.iter().filter(|(_, row)| !row[0].starts_with("Totals")).count();
        assert_eq!(count["records"].as_integer().unwrap(), records as i64, "{name}");
        sources += 1;
    }
    let data = files.keys().filter(|name| name.ends_with("sv")).count();
    assert_eq!(sources, data, "every file of the returns is counted");

    let mut totals: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    for leg in legs(&files) {
        let sums = totals.entry(leg.own).or_default();
        sums[0] += 1;
        sums[if leg.debit { 1 } else { 2 }] += leg.minor;
    }
    let stated: BTreeMap<String, [i64; 3]> = truth["totals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|total| {
            let sums = ["records", "debits_minor", "credits_minor"];
            let account = total["account"].as_str().unwrap().to_owned();
            (account, sums.map(|key| total[key].as_integer().unwrap()))
        })
        .collect();
    assert_eq!(totals, stated);
}

#[test]
fn damaged_records_stand_where_the_truth_says() {
    let files = tree(&fixture());
    let truth = truth(&files);
    let rejects = truth["rejects"].as_array().unwrap();
    let mut rejected: BTreeMap<&str, i64> = BTreeMap::new();
    for reject in rejects {
        let (name, line) = reject["at"].as_str().unwrap().rsplit_once(':').unwrap();
        let line: usize = line.parse().unwrap();
        let found = reject["found"].as_str().unwrap();
        let written = text(&files, name).split('\n').nth(line - 1).unwrap();
        assert!(written.contains(found), "{name}:{line} reads {written:?}");
        if !reject["kept"].as_bool().unwrap() {
            *rejected.entry(name).or_default() += 1;
        }
    }
    let kinds: BTreeSet<&str> =
        rejects.iter().map(|reject| reject["kind"].as_str().unwrap()).collect();
    assert_eq!(Vec::from_iter(kinds), ["amount", "date", "duration", "fields", "name"]);
    for count in truth["counts"].as_array().unwrap() {
        let name = count["source"].as_str().unwrap();
        let expected = rejected.get(name).copied().unwrap_or(0);
        assert_eq!(count["rejects"].as_integer().unwrap(), expected, "{name}");
    }
}

/// Pairs every leg with its possible counterparts by the plain rule: equal accounts and amount,
/// within three days, from different sources.
#[test]
fn legs_pair_uniquely_unless_planted_as_ambiguous() {
    let files = tree(&fixture());
    let truth = truth(&files);
    let legs = legs(&files);
    let source = |leg: &Leg| leg.at.rsplit_once(':').unwrap().0.to_owned();
    let mut alike: BTreeMap<(&str, &str, i64), Vec<&Leg>> = BTreeMap::new();
    for leg in &legs {
        if let (Some(from), Some(to)) = (&leg.from, &leg.to) {
            alike.entry((from, to, leg.minor)).or_default().push(leg);
        }
    }
    let mut possible: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for group in alike.values() {
        for left in group {
            for right in group {
                if source(left) != source(right) && (left.day - right.day).abs() <= 3 {
                    possible.entry(&left.at).or_default().push(&right.at);
                }
            }
        }
    }
    let (unique, unsure): (Vec<_>, Vec<_>) = possible
        .iter()
        .partition(|(at, others)| others.len() == 1 && possible[others[0]].as_slice() == [**at]);
    let found: BTreeSet<(String, String)> = unique
        .iter()
        .map(|(at, others)| (at.to_string(), others[0].to_owned()))
        .flat_map(|(left, right)| [(left.clone(), right.clone()), (right, left)])
        .collect();
    let planted: BTreeSet<(String, String)> = truth["both_legs"]["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(strings)
        .flat_map(|pair| [(pair[0].clone(), pair[1].clone()), (pair[1].clone(), pair[0].clone())])
        .collect();
    assert!(planted.len() > 3_000);
    assert_eq!(found, planted);
    let unsure: BTreeSet<String> = unsure.iter().map(|(at, _)| at.to_string()).collect();
    let ambiguous: BTreeSet<String> = truth["ambiguous"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| strings(&group["records"]))
        .collect();
    assert_eq!(ambiguous.len(), 16, "four groups of two departures and two arrivals");
    assert_eq!(unsure, ambiguous);
}

#[test]
fn placeholders_stand_on_cards_of_many() {
    let files = tree(&fixture());
    let check = |written: [&str; 2], columns: [usize; 2], more_than: usize| {
        let merrow = rows(&files["merrow/signature_cards.csv"], b',', 0);
        let castellan = rows(&files["castellan/customers.csv"], b';', 0);
        let mut names: BTreeSet<String> = BTreeSet::new();
        let merrow = merrow.into_iter().filter(|(_, row)| row[columns[0]] == written[0]);
        names.extend(merrow.map(|(_, row)| row[2].clone()));
        let castellan = castellan.into_iter().filter(|(_, row)| row[columns[1]] == written[1]);
        names.extend(castellan.map(|(_, row)| row[1].clone()));
        assert!(names.len() > more_than, "{written:?} stands for {} parties", names.len());
    };
    check(["(207) 555-0100", "207-555-0100"], [5, 5], 25);
    check(["(000) 000-0000", "000-000-0000"], [5, 5], 10);
    check(["N/A", "N/A"], [4, 4], 10);
    check(["unknown", "unknown"], [6, 6], 15);
}

/// Ten digits of every phone the case shows, as written anywhere in it.
fn phones(files: &BTreeMap<String, Vec<u8>>) -> BTreeSet<String> {
    let columns: [(&str, u8, &[usize]); 6] = [
        ("merrow/signature_cards.csv", b',', &[5]),
        ("castellan/customers.csv", b';', &[5]),
        ("bayline/calls.csv", b',', &[3, 4]),
        ("bayline/subscribers.csv", b',', &[0]),
        ("kestrel/events.tsv", b'\t', &[1, 3]),
        ("kestrel/subscribers.tsv", b'\t', &[0]),
    ];
    let mut phones = BTreeSet::new();
    for (name, delimiter, columns) in columns {
        for (_, row) in rows(&files[name], delimiter, 0) {
            for &column in columns {
                let digits: String = row[column].chars().filter(char::is_ascii_digit).collect();
                if !digits.is_empty() {
                    phones.insert(digits[digits.len() - 10..].to_owned());
                }
            }
        }
    }
    phones
}

#[test]
fn every_phone_is_reserved_for_fiction_and_valid_in_form() {
    let mut phones = phones(&tree(&fixture()));
    assert!(phones.remove("0000000000"), "the phone of zeros is planted");
    assert!(phones.len() > 90);
    for digits in phones {
        assert!(digits[3..].starts_with("55501"), "{digits}");
        let parsed = rlibphonenumber::PHONE_NUMBER_UTIL.parse(format!("+1{digits}"), None);
        assert!(rlibphonenumber::PHONE_NUMBER_UTIL.is_valid_number(&parsed.unwrap()), "{digits}");
    }
}

#[test]
fn no_two_people_share_a_name() {
    let files = tree(&fixture());
    let mut born: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, row) in rows(&files["merrow/signature_cards.csv"], b',', 0) {
        let date = &row[3];
        if !date.is_empty() {
            let date = format!("{}-{}-{}", &date[6..], &date[..2], &date[3..5]);
            born.entry(row[2].clone()).or_default().insert(date);
        }
    }
    for (_, row) in rows(&files["castellan/customers.csv"], b';', 0) {
        if !row[3].is_empty() {
            born.entry(row[1].clone()).or_default().insert(row[3].clone());
        }
    }
    assert!(born.len() > 100);
    for (name, dates) in born {
        assert_eq!(dates.len(), 1, "{name} was born on {dates:?}");
    }
}

#[test]
fn planted_parties_stand_on_the_records() {
    let files = tree(&fixture());
    let truth = truth(&files);
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(
        rows(&files["merrow/signature_cards.csv"], b',', 0)
            .into_iter()
            .map(|(_, row)| row[2].clone()),
    );
    names.extend(
        rows(&files["castellan/customers.csv"], b';', 0).into_iter().map(|(_, row)| row[1].clone()),
    );
    let mut planted = strings(&truth["ring"]["parties"]);
    planted.extend(strings(&truth["payroll_sweep"]["workers"]));
    planted.extend(strings(&truth["shared_phone"]["parties"]));
    for table in ["facilitator", "controller"] {
        planted.push(truth[table]["party"].as_str().unwrap().to_owned());
    }
    for lookalike in truth["lookalike"].as_array().unwrap() {
        planted.push(lookalike["party"].as_str().unwrap().to_owned());
    }
    for name in planted {
        assert!(names.contains(&name), "{name} is on no signature card");
    }
}
