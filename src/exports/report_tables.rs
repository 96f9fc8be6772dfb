//! A result table as the report shows it: worded cells, the first rows, and where the rest is.

use minijinja::{Value, context};

use crate::exports::Wording;
use crate::model::{ResultTable, Values};

/// Source lines of one cell that are shown before the rest is folded away.
const REFS_OPEN_MAX: usize = 3;

/// The first `rows_max` rows of `table`, whose whole is the file `file` beside the report.
pub fn view(table: &ResultTable, wording: &Wording, file: String, rows_max: usize) -> Value {
    let shown = table.rows().min(rows_max);
    let column = |name: &str, values| {
        context! { label => name.replace('_', " "), class => class(name, values) }
    };
    let columns = table.columns.iter().map(|one| column(&one.name, &one.values));
    let row = |row: usize| -> Value {
        table.columns.iter().map(|column| cell(&column.values, row, wording)).collect()
    };
    context! {
        columns => columns.collect::<Vec<Value>>(),
        rows => (0..shown).map(row).collect::<Vec<Value>>(),
        total => table.rows(),
        hidden => table.rows() - shown,
        file,
        notes => table.notes.clone(),
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
        (_, Values::Count(_) | Values::Money(_) | Values::Score(_)) => "number",
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
