//! Lines of a table that are no records: totals, page feet, and those of other columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::counted_as;
use crate::normalise::{StatedSum, stated_sum};
use crate::records::SampleRow;
use crate::store::suggest::draft::Draft;
use crate::store::suggest::profile::quoted;
use crate::store::suggest::roles::{Role, names_columns};
use crate::store::suggest::write::comment;

/// Rows that a question shows, at most.
const SHOWN_MAX: usize = 3;

/// Words with which a line that is no record begins.
const NO_RECORD: [&str; 20] = [
    "total",
    "totals",
    "subtotal",
    "sub total",
    "grand total",
    "page",
    "opening balance",
    "beginning balance",
    "starting balance",
    "previous balance",
    "closing balance",
    "ending balance",
    "balance forward",
    "balance brought forward",
    "balance carried forward",
    "daily balance",
    "end of",
    "continued",
    "certified",
    "***",
];

/// The word of [`NO_RECORD`] with which a text begins.
fn begins_no_record(text: &str) -> bool {
    let text = text.to_lowercase();
    NO_RECORD.iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

/// The column in which a record has a time, as a total has not.
fn time_column(draft: &Draft<'_>) -> Option<usize> {
    let timed = [Role::Booked, Role::Start, Role::ValueDate];
    let at = |role: &Role| draft.columns.iter().position(|one| one.role == Some(*role));
    timed.iter().find_map(at)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Lines that are no records: totals, page feet, and those with another number of fields.
pub fn ignored(draft: &Draft<'_>, out: &mut String) {
    let sample = draft.sample;
    let mut patterns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut odd = Vec::new();
    let timed = time_column(draft);
    let alone = |row: &SampleRow| row.cells.iter().filter(|cell| !cell.is_empty()).count() == 1;
    let dateless = sample
        .rows
        .iter()
        .filter(|row| timed.is_some_and(|at| alone(row) || !has_digit(&row.cells[at])));
    for row in dateless.chain(&sample.odd) {
        let first = row.cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty());
        if reads_as_balance(row, draft) {
            continue;
        }
        match first.filter(|text| begins_no_record(text)) {
            Some(text) => {
                let pattern = pattern_of(row, text, draft, timed);
                patterns.entry(pattern).or_default().push(row.line);
            }
            None if row.cells.len() != sample.columns.len() => odd.push(row),
            None => {}
        }
    }
    patterns.retain(|pattern, _| !pattern.is_empty());
    if !patterns.is_empty() {
        let lines: usize = patterns.values().map(Vec::len).sum();
        comment(
            out,
            &format!(
                "{} no records",
                counted_as(
                    lines,
                    "line is a total or a page line and",
                    "lines are totals or page lines and"
                )
            ),
        );
        let list: Vec<String> = patterns.keys().map(|one| quoted(one)).collect();
        let _ = writeln!(out, "ignore = [{}]", list.join(", "));
    }
    if !odd.is_empty() {
        odd_lines(&odd, out);
    }
}

/// Whether a row states the balance that a statement opens or closes with, in the column of
/// balances and with no amount beside it: it is read as that, and passed over by no pattern.
fn reads_as_balance(row: &SampleRow, draft: &Draft<'_>) -> bool {
    let cells = |roles: &[Role]| -> Vec<&str> {
        let columns = draft.columns.iter().zip(&row.cells);
        let of_roles =
            columns.filter(|(one, _)| one.role.is_some_and(|role| roles.contains(&role)));
        of_roles.map(|(_, cell)| cell.as_str()).filter(|cell| !cell.is_empty()).collect()
    };
    let stated =
        |text: &&str| matches!(stated_sum(text), Some(StatedSum::Opening | StatedSum::Closing));
    row.cells.len() == draft.columns.len()
        && cells(&[Role::Description, Role::Booked]).iter().any(stated)
        && cells(&[Role::Amount, Role::Debit, Role::Credit]).is_empty()
        && !cells(&[Role::Balance]).is_empty()
}

/// What is said of a line that heads other columns than the first header.
pub fn second_tables(draft: &mut Draft<'_>) {
    let sample = draft.sample;
    let plain = |cells: &[String]| -> Vec<String> {
        cells
            .iter()
            .map(|name| name.split_whitespace().collect::<String>().to_lowercase())
            .collect()
    };
    let first = plain(&sample.columns);
    let heads = |row: &&SampleRow| names_columns(&row.cells) && plain(&row.cells) != first;
    let mut others: Vec<&SampleRow> = sample.rows.iter().chain(&sample.odd).filter(heads).collect();
    others.sort_by_key(|row| row.line);
    for row in others.into_iter().take(SHOWN_MAX) {
        draft.notes.push(format!(
            "Line {} heads other columns, {}: a second table begins there, which this layout does \
             not read. Split the file at that line, and suggest a layout for each part.",
            row.line,
            quoted(&clipped(&row.raw))
        ));
    }
}

fn odd_lines(odd: &[&SampleRow], out: &mut String) {
    let shown = odd.iter().take(SHOWN_MAX);
    let shown: Vec<String> =
        shown.map(|row| format!("line {}: {}", row.line, quoted(&clipped(&row.raw)))).collect();
    comment(
        out,
        &format!(
            "{} set aside as rejects; name what is no record under ignore. {}",
            counted_as(
                odd.len(),
                "line has another number of fields and is",
                "lines have another number of fields and are"
            ),
            shown.join("; ")
        ),
    );
}

/// A pattern for a line that is no record, by the first words of its first filled field and, where
/// a payment begins with them too, by what follows them; empty where even that is a payment's.
fn pattern_of(row: &SampleRow, text: &str, draft: &Draft<'_>, timed: Option<usize>) -> String {
    let words: String =
        text.chars().take_while(|letter| letter.is_alphabetic() || *letter == ' ').collect();
    let words = words.trim_end();
    let words = if words.is_empty() { text.get(..3).unwrap_or(text) } else { words };
    let Some(start) = row.raw.find(words) else { return String::new() };
    // What stands before the words: marks between fields and quotes.
    let lead = match start {
        0 => String::new(),
        _ => {
            let mark = regex::escape(&sample_mark(draft).to_string());
            format!("[{mark}\" ]*")
        }
    };
    let next = row.raw[start + words.len()..].chars().next();
    let longer = next.map_or_else(|| words.to_owned(), |next| format!("{words}{next}"));
    let patterns = [words, &longer].map(|text| format!("^{lead}{}", regex::escape(text)));
    let is_payment = |pattern: &String| {
        let regex = regex::Regex::new(pattern).expect("the pattern was made here");
        let filled = |row: &SampleRow| row.cells.iter().filter(|one| !one.is_empty()).count();
        let dated =
            |row: &&SampleRow| filled(row) > 1 && timed.is_some_and(|at| has_digit(&row.cells[at]));
        draft.sample.rows.iter().filter(dated).any(|row| regex.is_match(&row.raw))
    };
    patterns.into_iter().find(|pattern| !is_payment(pattern)).unwrap_or_default()
}

fn sample_mark(draft: &Draft<'_>) -> char {
    char::from(draft.sample.delimiter)
}

fn clipped(text: &str) -> String {
    text.chars().take(60).collect()
}
