//! Words and lines: what may stand in a file that people read.

use super::{File, files, none};

/// What the records cannot say of anyone. Kept in halves, so that this file passes its own test.
const NOT_OURS_TO_SAY: [[&str; 2]; 7] = [
    ["sus", "pect"],
    ["sus", "pects"],
    ["cul", "prit"],
    ["cul", "prits"],
    ["laun", "derer"],
    ["laun", "derers"],
    ["perpe", "trator"],
];

/// Names that have a better one of ours.
const BETTER_NAMES: [([&str; 2], &str); 6] = [
    (["t", "x"], "transfer"),
    (["t", "xn"], "transfer"),
    (["t", "xs"], "transfers"),
    (["trans", "action"], "transfer"),
    (["trans", "actions"], "transfers"),
    (["d", "st"], "beneficiary, or to_account"),
];

/// Files that carry a producer's own words, which are data.
const PRODUCERS_WORDS: [(&str, &str); 6] = [
    ("src/store/suggest/roles.rs", "words of producers' headers"),
    ("tests/it/suggested_layouts.rs", "files of the published data that the test reads"),
    ("tests/it/mt940.rs", "keys of the expectations that the test reads"),
    ("tests/it/patterns.rs", "a key of the published attempts that the test reads"),
    ("tests/it/shared_data.rs", "keys and files of the published data that the test reads"),
    ("tests/shared/cases/amlworld-patterns.toml", "a file of the published data"),
];

const MARKERS: [[&str; 2]; 3] = [["TO", "DO"], ["FIX", "ME"], ["HA", "CK:"]];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [[&str; 2]; 5] =
    [["/wo", "rk/"], ["/ho", "me/"], ["/ro", "ot/"], ["/tm", "p/"], ["/Us", "ers/"]];

fn read_by_people() -> Vec<File> {
    let endings = [".rs", ".md", ".toml", ".sql", ".html", ".css", ".trycmd", ".mjs", ".csv"];
    let mut all = files(&["src", "queries", "tests", "benches", "fixtures"], &endings);
    for top in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml", ".deny.toml"] {
        if let Ok(text) = std::fs::read_to_string(super::root().join(top)) {
            all.push(File { path: top.to_owned(), text });
        }
    }
    all
}

/// Words as people see them: `from_account` holds two, whole ones only.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

#[test]
fn nobody_is_called_what_the_records_cannot_show() {
    let banned: Vec<String> = NOT_OURS_TO_SAY.iter().map(|halves| halves.concat()).collect();
    let mut breaches = Vec::new();
    for file in read_by_people() {
        for (line, text) in file.text.lines().enumerate() {
            if words(text).any(|word| banned.iter().any(|one| one.eq_ignore_ascii_case(word))) {
                breaches.push(format!("{}:{}: {}", file.path, line + 1, text.trim()));
            }
        }
    }
    none(&breaches, "accounts and parties are candidates; say what the records show");
}

#[test]
fn a_thing_has_one_name() {
    let better: Vec<(String, &str)> =
        BETTER_NAMES.iter().map(|(halves, name)| (halves.concat(), *name)).collect();
    let mut breaches = Vec::new();
    for file in read_by_people() {
        // Rows of a return are the producer's text.
        let data = file.path.ends_with(".csv");
        if data || PRODUCERS_WORDS.iter().any(|(path, _)| file.path == *path) {
            continue;
        }
        for (line, text) in file.text.lines().enumerate() {
            for (word, name) in &better {
                if words(text).any(|found| found.eq_ignore_ascii_case(word)) {
                    breaches.push(format!("{}:{}: {word}, say {name}", file.path, line + 1));
                }
            }
        }
    }
    none(&breaches, "field terms, whole words");
}

#[test]
fn nothing_is_left_for_later_and_no_machine_shows() {
    let marks: Vec<String> =
        MARKERS.iter().chain(&MACHINE_PATHS).map(|halves| halves.concat()).collect();
    let mut breaches = Vec::new();
    for file in read_by_people() {
        for (line, text) in file.text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| has_word(text, mark)) {
                breaches.push(format!("{}:{}: {mark}", file.path, line + 1));
            }
        }
    }
    none(&breaches, "no markers for later, no paths of one machine");
}

/// `mark` in `text`, not as a part of a longer word or path.
fn has_word(text: &str, mark: &str) -> bool {
    let joins = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '/' | '}');
    text.match_indices(mark).any(|(at, _)| !text[..at].ends_with(joins))
}

#[test]
fn every_file_opens_with_what_it_answers() {
    let silent = files(&["src", "tests/it", "benches"], &[".rs"]);
    let silent = silent.iter().filter(|file| !file.text.starts_with("//! "));
    let silent: Vec<String> = silent.map(|file| file.path.clone()).collect();
    none(&silent, "a file opens with `//!`: what it answers, what stays out");
}

#[test]
fn nothing_is_cut_off_with_a_banner() {
    let mut breaches = Vec::new();
    for file in super::rust_files() {
        for (line, text) in file.text.lines().enumerate() {
            let comment = text.trim_start().trim_start_matches('/').trim();
            let commented = text.trim_start().starts_with("//");
            let rule = ["----", "====", "****", "####"].iter().any(|one| comment.starts_with(one));
            if commented && rule {
                breaches.push(format!("{}:{}", file.path, line + 1));
            }
        }
    }
    none(&breaches, "comments are sentences, not section banners");
}
