//! A table in aligned columns, written a row at a time: one cell may list hundreds of records.
//!
//! What a value is in words is `wording.rs`'s, and what is said below the table its caller's.

use std::io::{self, Write};

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use unicode_width::UnicodeWidthStr;

use super::going_on;
use crate::exports::Wording;
use crate::model::{ResultTable, Values};

/// Rows that are laid out together where cells are wrapped.
const WRAPPED_ROWS: usize = 1_000;

/// Writes a table as wide as its content: once for the widths, once for the lines.
pub(super) fn write_as_wide(
    wording: &Wording,
    table: &ResultTable,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names: Vec<String> = table.columns.iter().map(|column| visible(&column.name)).collect();
    let mut widths: Vec<usize> = names.iter().map(|name| name.width()).collect();
    for row in 0..table.rows() {
        going_on()?;
        for (at, width) in widths.iter_mut().enumerate() {
            *width = (*width).max(cell_text(wording, table, at, row).width());
        }
    }
    let last = widths.len() - 1;
    let aligned = |texts: Vec<String>| {
        let mut line = String::new();
        for (at, text) in texts.iter().enumerate() {
            let room = " ".repeat(widths[at] - text.width());
            match alignment(&table.columns[at].values) {
                CellAlignment::Right => line.extend([room.as_str(), text]),
                _ => line.extend([text, room.as_str()]),
            }
            line.push_str(if at == last { "" } else { "  " });
        }
        line.truncate(line.trim_end().len());
        line
    };
    writeln!(out, "{}", aligned(names))?;
    // The first of the two spaces between columns is ruled.
    let ruled = |(at, width): (usize, &usize)| "-".repeat(width + usize::from(at != last));
    writeln!(out, "{}", widths.iter().enumerate().map(ruled).collect::<Vec<_>>().join(" "))?;
    for row in 0..table.rows() {
        going_on()?;
        let texts = (0..=last).map(|at| cell_text(wording, table, at, row)).collect();
        writeln!(out, "{}", aligned(texts))?;
    }
    Ok(())
}

/// Writes a table with its cells wrapped so that no line is longer than `columns`. In a long table
/// the first rows and the widest ones decide how wide each column is, and only so many rows are
/// laid out at a time.
pub(super) fn write_wrapped(
    wording: &Wording,
    table: &ResultTable,
    columns: u16,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = |drawn: &mut Table| {
        drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    };
    if table.rows() <= WRAPPED_ROWS {
        let mut all = drawn(wording, table, 0..table.rows());
        width(&mut all);
        return writeln!(out, "{}", all.trim_fmt());
    }
    let mut widest = vec![(0, 0); table.columns.len()];
    for row in 0..table.rows() {
        going_on()?;
        for (at, widest) in widest.iter_mut().enumerate() {
            *widest = (*widest).max((cell_text(wording, table, at, row).width(), row));
        }
    }
    let widest = widest.into_iter().map(|(_, row)| row);
    let mut first = drawn(wording, table, (0..WRAPPED_ROWS).chain(widest));
    width(&mut first);
    let lines = first.trim_fmt();
    let is_rule = |line: &&str| line.starts_with('-');
    let rule = lines.lines().find(is_rule).unwrap_or_default();
    let widths: Vec<u16> = rule.split(' ').map(|part| part.len() as u16).collect();
    for start in (0..table.rows()).step_by(WRAPPED_ROWS) {
        going_on()?;
        let mut some = drawn(wording, table, start..table.rows().min(start + WRAPPED_ROWS));
        width(&mut some);
        for (column, width) in some.column_iter_mut().zip(&widths) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(*width)));
        }
        let lines = some.trim_fmt();
        // The names and their rule stand above the first rows only.
        let head = lines.lines().position(|line| is_rule(&line)).map_or(0, |rule| rule + 1);
        for line in lines.lines().skip(if start == 0 { 0 } else { head }) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn drawn(wording: &Wording, table: &ResultTable, rows: impl Iterator<Item = usize>) -> Table {
    let rule = LineStyle::none().fill('-').junction(' ');
    let mut drawn = Table::new();
    drawn.load_style(TableStyle::new().header_separator(rule));
    drawn.set_header(table.columns.iter().map(|column| {
        Cell::new_owned(visible(&column.name)).set_alignment(alignment(&column.values))
    }));
    for row in rows {
        drawn.add_row((0..table.columns.len()).map(|at| {
            let text = cell_text(wording, table, at, row);
            Cell::new_owned(text).set_alignment(alignment(&table.columns[at].values))
        }));
    }
    let last = table.columns.len().saturating_sub(1);
    for at in 0..=last {
        if let Some(column) = drawn.column_mut(at) {
            column.set_padding((0, u16::from(at != last)));
        }
    }
    drawn
}

fn cell_text(wording: &Wording, table: &ResultTable, at: usize, row: usize) -> String {
    let column = &table.columns[at];
    let text = visible(&wording.people(&column.values, row));
    match matches!(column.values, Values::Refs(_)) || column.name == "place" {
        true => short_places(&text),
        false => text,
    }
}

fn alignment(values: &Values) -> CellAlignment {
    match values {
        Values::Count(_) | Values::Score(_) => CellAlignment::Right,
        money if money.is_money() => CellAlignment::Right,
        _ => CellAlignment::Left,
    }
}

/// Letters of one element path that a terminal is given.
const PATH_LETTERS_MAX: usize = 48;

/// Element paths cut in their middle: `line 12, Document/BkToCs…/TxDtls[2]`. Who needs all of one
/// takes another format, which leaves them whole.
fn short_places(text: &str) -> String {
    let cut = |word: &str| {
        let letters = word.chars().count();
        if word.matches('/').count() < 3 || !word.contains('[') || letters <= PATH_LETTERS_MAX {
            return word.to_owned();
        }
        let half = (PATH_LETTERS_MAX - 1) / 2;
        let begin: String = word.chars().take(half).collect();
        let end: String = word.chars().skip(letters - half).collect();
        format!("{begin}…{end}")
    };
    text.split(' ').map(cut).collect::<Vec<_>>().join(" ")
}

/// Control and direction characters as `\u{1b}`, so that a record can neither steer the terminal
/// nor show its letters in another order than they stand in.
pub(super) fn visible(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if steers(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(
        table: &ResultTable,
        write: impl Fn(&Wording, &ResultTable, &mut dyn Write) -> io::Result<()>,
    ) -> String {
        let mut out = Vec::new();
        write(&Wording::default(), table, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn many_wrapped_rows_keep_the_columns_of_the_first() {
        let rows = 2_500;
        let words = |row: usize| "harbor premises rent ".repeat(row % 5 + 1);
        let table = ResultTable::new("t")
            .with("n", Values::Count((0..rows).map(|row| Some(row as i64)).collect()))
            .with("text", Values::Text((0..rows).map(words).collect()));
        let text = written(&table, |wording, table, out| write_wrapped(wording, table, 60, out));
        assert!(text.lines().all(|line| line.width() <= 60));
        assert_eq!(text.lines().filter(|line| line.starts_with('-')).count(), 1);
        let numbers = text.lines().skip(2).filter_map(|line| line.get(..5)?.trim().parse().ok());
        assert_eq!(numbers.collect::<Vec<usize>>(), (0..rows).collect::<Vec<_>>());
        let whole = written(&table, |wording, table, out| {
            let mut drawn = drawn(wording, table, 0..rows);
            drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(60);
            writeln!(out, "{}", drawn.trim_fmt())
        });
        assert_eq!(text, whole);
    }

    proptest! {
        #[test]
        fn rows_written_one_by_one_are_those_of_the_whole_table(
            cells in prop::collection::vec(
                (".{0,9}", any::<Option<i64>>(), "[a-z 漢é]{0,12}"),
                0..9,
            ),
        ) {
            let table = ResultTable::new("t")
                .with("name", Values::Text(cells.iter().map(|it| it.0.clone()).collect()))
                .with("n", Values::Count(cells.iter().map(|it| it.1).collect()))
                .with("last one", Values::Text(cells.iter().map(|it| it.2.clone()).collect()));
            let whole = written(&table, |wording, table, out| {
                writeln!(out, "{}", drawn(wording, table, 0..table.rows()).trim_fmt())
            });
            prop_assert_eq!(written(&table, write_as_wide), whole);
        }
    }
}
