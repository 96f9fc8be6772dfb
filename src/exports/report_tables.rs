//! A result table as the report shows it: worded cells, the first rows, and where the rest is.

use minijinja::{Value, context};

use crate::exports::Wording;
use crate::model::{ResultColumn, ResultTable, Values};

/// Source lines of one cell that are shown before the rest is folded away.
const REFS_OPEN_MAX: usize = 3;

/// A table of more columns than this would be cut off on paper, so its long texts, hashes and
/// source lines stand on a line of their own below each row.
const COLUMNS_ABREAST_MAX: usize = 7;
/// A text longer than this is long.
const ABREAST_CHARS_MAX: usize = 40;

/// The first `rows_max` rows of `table`, whose whole is the file `file` beside the report.
pub fn view(table: &ResultTable, wording: &Wording, file: String, rows_max: usize) -> Value {
    let shown = table.rows().min(rows_max);
    let wide = table.columns.len() > COLUMNS_ABREAST_MAX;
    let (below, abreast): (Vec<&ResultColumn>, Vec<&ResultColumn>) =
        table.columns.iter().partition(|column| wide && is_long(column, shown));
    let heads = |columns: &[&ResultColumn]| -> Value {
        let head = |column: &&ResultColumn| {
            let label = column.name.replace('_', " ");
            context! { label, class => class(&column.name, &column.values) }
        };
        columns.iter().map(head).collect()
    };
    let cells = |columns: &[&ResultColumn], row: usize| -> Value {
        columns.iter().map(|column| cell(&column.values, row, wording)).collect()
    };
    let row = |row| context! { abreast => cells(&abreast, row), below => cells(&below, row) };
    context! {
        columns => heads(&abreast),
        below => heads(&below),
        rows => (0..shown).map(row).collect::<Vec<Value>>(),
        total => table.rows(),
        hidden => table.rows() - shown,
        file,
        notes => table.notes.clone(),
    }
}

fn is_long(column: &ResultColumn, shown: usize) -> bool {
    match &column.values {
        Values::Refs(_) => true,
        texts => (0..shown)
            .filter_map(|row| texts.text(row))
            .any(|text| text.chars().count() > ABREAST_CHARS_MAX),
    }
}

/// Splits a list of source lines into what is shown and what is folded away.
pub fn fold(mut refs: Vec<String>, open_max: usize) -> (Vec<String>, Vec<String>) {
    // One line folded away alone would hide more than it saves.
    let open = if refs.len() <= open_max + 1 { refs.len() } else { open_max };
    let folded = refs.split_off(open);
    (refs, folded)
}

/// How the cells of a column are set.
fn class(name: &str, values: &Values) -> &'static str {
    match (name, values) {
        (_, Values::Count(_) | Values::Score(_)) => "number",
        (_, money) if money.is_money() => "number",
        (_, Values::Day(_) | Values::Time(_)) => "day",
        (_, Values::Refs(_)) => "refs",
        ("sha256", _) => "hash",
        ("state", _) => "stated",
        _ => "text",
    }
}

fn cell(values: &Values, row: usize, wording: &Wording) -> Value {
    match values {
        Values::Refs(rows) => {
            let (refs, refs_folded) = fold(wording.places(&rows[row]), REFS_OPEN_MAX);
            context! { refs, refs_folded }
        }
        _ => context! { text => wording.people(values, row) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: usize, open: usize, folded: usize) {
        let refs = (0..lines).map(|line| format!("a.csv:{line}")).collect();
        let (shown, rest) = fold(refs, 3);
        assert_eq!((shown.len(), rest.len()), (open, folded));
    }

    #[test]
    fn long_lists_fold_and_short_ones_stay() {
        check(0, 0, 0);
        check(4, 4, 0);
        check(5, 3, 2);
    }
}
