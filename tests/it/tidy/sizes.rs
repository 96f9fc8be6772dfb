//! Lengths of lines, functions and files.

use std::collections::BTreeSet;

use super::{none, rust_files};

const LINE_CHARS_MAX: usize = 100;
const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 500;

/// Files longer than the bound, each with what keeps it whole.
const LONG_FILES: &[(&str, &str)] = &[
    ("src/records/delimited.rs", "one scanner of rows, with the damage it must survive as tests"),
    ("src/records/layout.rs", "the keys of a layout file, with the refusal of each beside it"),
    ("src/store/load/people.rs", "the small record kinds, which share names and identifiers"),
];

/// Functions longer than the bound, as `path function`, each with what keeps it whole.
const LONG_FUNCTIONS: &[(&str, &str)] = &[];

/// Whether the bound falls inside a text: the formatter cannot break one, and a sentence broken
/// by hand is harder to search for. Counts the quotes before the bound, escaped ones left out.
fn bound_falls_in_text(line: &str) -> bool {
    let mut inside = false;
    // The closing quote and comma may stand behind it.
    let mut letters = line.chars().take(LINE_CHARS_MAX - 2);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => _ = letters.next(),
            '"' => inside = !inside,
            _ => {}
        }
    }
    inside
}

#[test]
fn lines_fit_the_page() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        let mut in_raw_text = false;
        for (at, line) in file.text.lines().enumerate() {
            let long = line.chars().count() > LINE_CHARS_MAX;
            // A line inside a text of several lines has quotes that count the other way round.
            if long && !in_raw_text && !bound_falls_in_text(line) && !continues_text(line) {
                breaches.push(format!("{}:{}", file.path, at + 1));
            }
            if let Some(open) = line.rfind("r#\"") {
                in_raw_text = !line[open..].contains("\"#");
            } else if line.contains("\"#") {
                in_raw_text = false;
            }
        }
    }
    none(&breaches, "a line has at most 100 characters, a text that stands on it left out");
}

/// The further lines of a text that goes on with `\` are spaces and text only.
fn continues_text(line: &str) -> bool {
    line.ends_with("n\\") || line.ends_with(" \\") || line.ends_with("\";")
}

#[test]
fn long_files_are_listed_with_their_reason() {
    let mut long = BTreeSet::new();
    for file in rust_files() {
        if file.text.lines().count() > FILE_LINES_MAX {
            long.insert(file.path);
        }
    }
    against(&long, LONG_FILES, "a file over 500 lines is split by concept or listed");
}

#[test]
fn long_functions_are_listed_with_their_reason() {
    let mut long = BTreeSet::new();
    for file in rust_files() {
        for (name, lines) in functions(&file.text) {
            if lines > FUNCTION_LINES_MAX {
                long.insert(format!("{} {name}", file.path));
            }
        }
    }
    against(&long, LONG_FUNCTIONS, "a function over 70 lines is split or listed");
}

#[track_caller]
fn against(found: &BTreeSet<String>, listed: &[(&str, &str)], rule: &str) {
    let unlisted = found.iter().filter(|one| !listed.iter().any(|(name, _)| name == one));
    none(&unlisted.cloned().collect::<Vec<_>>(), rule);
    let stale = listed.iter().filter(|(name, _)| !found.contains(*name));
    let stale: Vec<String> = stale.map(|(name, _)| (*name).to_owned()).collect();
    none(&stale, "these are short now, or gone: strike them from the list");
}

/// Every function of formatted code, with its lines from `fn` to the brace that closes it. The
/// formatter puts that brace under the first letter, so the indent finds it.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let Some((before, after)) = line.trim_start().split_once("fn ") else { continue };
        let qualifies = ["pub", "const", "async", "pub(crate)", "pub(super)"];
        if !before.split_whitespace().all(|word| qualifies.contains(&word)) {
            continue;
        }
        let name = after.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let close = format!("{indent}}}");
        let length = lines[at..].iter().position(|line| *line == close);
        let declared = lines[at..].iter().position(|line| line.ends_with(';'));
        let opened = lines[at..].iter().position(|line| line.ends_with(['{', '}']));
        // A function on one line, and one that a trait only declares, have no lines to count.
        if line.ends_with('}') || declared < opened {
            continue;
        }
        if let (Some(name), Some(length)) = (name.into_iter().next(), length) {
            found.push((name, length + 1));
        }
    }
    found
}

#[test]
fn functions_are_measured_from_name_to_brace() {
    let text = "fn one() -> u8 { 1 }\n\npub fn two(\n    a: u8,\n) -> u8 {\n    a\n}\n\
                trait T {\n    fn three();\n    fn four() {\n        3;\n    }\n}\n";
    assert_eq!(functions(text), [("two", 5), ("four", 3)]);
}
