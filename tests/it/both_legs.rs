//! Both legs of generated payments: how many are found, how many of those found are right, and
//! that every record read stands in exactly one transfer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use moneytrail::case::CaseFile;
use moneytrail::generate::{CaseName, Params};
use moneytrail::store::{Case, load};

type Place = (String, u32);

/// What the case's `truth.csv` says.
struct Truth {
    /// Places of the records of each payment.
    payments: Vec<Vec<Place>>,
    /// Records that only a bank's own reference tells apart share a text: equal amounts between
    /// the same accounts that stand on one day of one statement. Which of two such is whose is
    /// known to nobody, and changes no transfer.
    alike: BTreeMap<Place, String>,
}

fn truth(dir: &Path) -> Truth {
    let mut payments: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
    let mut alike = BTreeMap::new();
    for line in fs::read_to_string(dir.join("truth.csv")).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.splitn(4, ',').collect();
        let place = (fields[1].to_owned(), fields[2].parse().unwrap());
        alike.insert(place.clone(), fields[3].to_owned());
        payments.entry(fields[0].parse().unwrap()).or_default().push(place);
    }
    Truth { payments: payments.into_values().collect(), alike }
}

/// Places of the readings of each transfer.
fn found(case: &Case) -> Vec<Vec<Place>> {
    let (transfers, refs) = (case.transfers().unwrap(), case.refs().unwrap());
    let names = &case.sources().unwrap().source;
    let place = |source: u32, line: u32| (names.get(source as usize).to_owned(), line);
    let mut readings: Vec<Vec<Place>> = (0..transfers.line.len())
        .map(|row| vec![place(transfers.source[row], transfers.line[row])])
        .collect();
    for row in 0..refs.row.len() {
        readings[refs.row[row] as usize].push(place(refs.source[row], refs.line[row]));
    }
    readings
}

/// How many pairs of records of one payment there are, by what the records say.
fn pairs(groups: &[Vec<Place>], truth: &Truth) -> BTreeMap<(String, String), usize> {
    let mut pairs = BTreeMap::new();
    for group in groups {
        let mut texts: Vec<&String> = group.iter().map(|place| &truth.alike[place]).collect();
        texts.sort();
        for (at, one) in texts.iter().enumerate() {
            for other in &texts[at + 1..] {
                *pairs.entry(((*one).clone(), (*other).clone())).or_default() += 1;
            }
        }
    }
    pairs
}

/// Precision and recall over pairs of records of one payment, in thousandths, at least these.
#[track_caller]
fn check(rows: u64, noise: u8, seed: u64, precision_min: usize, recall_min: usize) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("case");
    let params =
        Params { case: CaseName::BothLegs, rows: Some(rows), noise, seed, ..Params::default() };
    params.write(&folder).unwrap();
    let plan = CaseFile::read(&folder.join("case.toml")).unwrap().plan;
    load(&plan, &dir.path().join("store"), &|_, _| {}).unwrap();
    let case = Case::open(&dir.path().join("store")).unwrap();

    let (planted, found) = (truth(&folder), found(&case));
    let mut records: Vec<&Place> = found.iter().flatten().collect();
    let read = records.len();
    records.sort();
    records.dedup();
    assert_eq!(records.len(), read, "no record stands in two transfers");
    let written: BTreeSet<&Place> = planted.payments.iter().flatten().collect();
    assert_eq!(written, records.into_iter().collect(), "no record is lost");

    let (planted, found) = (pairs(&planted.payments, &planted), pairs(&found, &planted));
    let right: usize =
        found.iter().map(|(pair, count)| planted.get(pair).map_or(0, |one| *count.min(one))).sum();
    for pair in found.keys().filter(|pair| !planted.contains_key(pair)).take(8) {
        println!("wrong: {} = {}", pair.0, pair.1);
    }
    for pair in planted.keys().filter(|pair| !found.contains_key(pair)).take(8) {
        println!("missed: {} = {}", pair.0, pair.1);
    }
    let (planted, found) = (planted.values().sum::<usize>(), found.values().sum::<usize>());
    let (precision, recall) = (right * 10_000 / found, right * 10_000 / planted);
    println!(
        "both legs of {rows} payments, noise {noise} %: {right} right of {} found of {} planted; \
         precision {:.4}, recall {:.4}; {} possible pairs",
        found,
        planted,
        precision as f64 / 10_000.0,
        recall as f64 / 10_000.0,
        case.possible_pairs().unwrap().transfer.len()
    );
    assert!(precision >= precision_min * 10, "precision {precision} of 10000");
    assert!(recall >= recall_min * 10, "recall {recall} of 10000");
}

#[test]
fn both_legs_are_found_when_far_ends_are_numbered() {
    check(2_000, 0, 1, 999, 990);
}

#[test]
fn both_legs_are_found_when_far_ends_are_masked_and_names_cut() {
    check(10_000, 40, 2, 999, 990);
    check(30_000, 20, 3, 999, 990);
}

#[test]
fn little_is_found_wrong_when_no_far_end_is_numbered() {
    check(10_000, 100, 4, 999, 980);
}
