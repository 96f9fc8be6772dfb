//! The answers of a run against those that were read and committed as `expected/`.
//!
//! A table too large for a repository is committed by its first lines and the hash of the whole.
//! `MONEYTRAIL_REWRITE_EXPECTED=1` writes them anew; what changed is then to be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use moneytrail::store::{FileEntry, files_below};

use super::{CaseRun, cash_lane, crossed_lanes, harbor_street, small_case, tide_pool, torn_pages};

const LINES_MAX: usize = 200;
const BYTES_MAX: usize = 40_000;
/// Lists the tables of which only the first lines are committed: SHA-256, bytes, name.
const HASHES: &str = "hashes.txt";

/// Every answer of a run that is compared, by its path below the run.
fn answers(run: &CaseRun) -> BTreeMap<String, String> {
    let names = files_below(&run.out, &run.out).unwrap();
    let compared = names.into_iter().filter(|name| name.ends_with(".csv"));
    compared.map(|name| (name.clone(), fs::read_to_string(run.out.join(name)).unwrap())).collect()
}

/// As many whole lines as are committed of a table.
fn head(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n').take(LINES_MAX) {
        if end + line.len() > BYTES_MAX && end > 0 {
            break;
        }
        end += line.len();
    }
    &text[..end]
}

fn hash_line(name: &str, text: &str) -> String {
    let entry = FileEntry::of_bytes(text.as_bytes());
    format!("{} {} {name}\n", entry.sha256, entry.bytes)
}

fn hashes(answers: &BTreeMap<String, String>) -> String {
    let large = answers.iter().filter(|(_, text)| head(text).len() < text.len());
    large.map(|(name, text)| hash_line(name, text)).collect()
}

/// Files of `expected/` that are answers of a run; the README's picture is drawn by another
/// command and held by another test.
fn golden_names(expected: &Path) -> Vec<String> {
    if !expected.exists() {
        return Vec::new();
    }
    let mut names = files_below(expected, expected).unwrap();
    names.retain(|name| !name.starts_with("readme/"));
    names
}

fn rewrite(answers: &BTreeMap<String, String>, expected: &Path) {
    for name in golden_names(expected) {
        fs::remove_file(expected.join(name)).unwrap();
    }
    for (name, text) in answers {
        let path = expected.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, head(text)).unwrap();
    }
    fs::write(expected.join(HASHES), hashes(answers)).unwrap();
}

/// The first line that differs, in words; `None` when the texts are equal.
fn first_difference(name: &str, expected: &str, found: &str) -> Option<String> {
    let (mut left, mut right) = (expected.lines(), found.lines());
    for line in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (expected, found) if expected == found => {}
            (expected, found) => {
                let shown = |text: Option<&str>| text.unwrap_or("the end").to_owned();
                return Some(format!(
                    "{name}:{line}: expected\n  {}\nfound\n  {}",
                    shown(expected),
                    shown(found)
                ));
            }
        }
    }
    (expected != found).then(|| format!("{name}: the line ends differ"))
}

#[track_caller]
fn check(run: &CaseRun) {
    let answers = answers(run);
    let expected = run.folder.join("expected");
    if std::env::var_os("MONEYTRAIL_REWRITE_EXPECTED").is_some() {
        rewrite(&answers, &expected);
    }
    let hint = "read the change; MONEYTRAIL_REWRITE_EXPECTED=1 takes it over";
    let mut names = golden_names(&expected);
    names.retain(|name| name != HASHES);
    assert_eq!(answers.keys().cloned().collect::<Vec<_>>(), names, "{hint}");
    for (name, text) in &answers {
        let golden = fs::read_to_string(expected.join(name)).unwrap();
        let cut = if golden.len() < text.len() { head(text) } else { text };
        if let Some(difference) = first_difference(name, &golden, cut) {
            panic!("{difference}\n{hint}");
        }
    }
    let golden = fs::read_to_string(expected.join(HASHES)).unwrap();
    if let Some(difference) = first_difference(HASHES, &golden, &hashes(&answers)) {
        panic!("{difference}\nthe table differs after the lines that are committed; {hint}");
    }
}

#[test]
fn harbor_street_gives_the_answers_that_were_read() {
    check(harbor_street());
}

#[test]
fn two_ledgers_gives_the_answers_that_were_read() {
    check(small_case());
}

#[test]
fn torn_pages_gives_the_answers_that_were_read() {
    check(torn_pages());
}

#[test]
fn tide_pool_gives_the_answers_that_were_read() {
    check(tide_pool());
}

#[test]
fn cash_lane_gives_the_answers_that_were_read() {
    check(cash_lane());
}

#[test]
fn crossed_lanes_gives_the_answers_that_were_read() {
    check(crossed_lanes());
}

#[test]
fn a_difference_is_named_by_its_line() {
    assert_eq!(first_difference("a.csv", "x\ny\n", "x\ny\n"), None);
    let said = first_difference("a.csv", "x\ny\n", "x\nz\n").unwrap();
    assert_eq!(said, "a.csv:2: expected\n  y\nfound\n  z");
    let said = first_difference("a.csv", "x\n", "x\nz\n").unwrap();
    assert_eq!(said, "a.csv:2: expected\n  the end\nfound\n  z");
    assert!(first_difference("a.csv", "x\n", "x").is_some());
}
