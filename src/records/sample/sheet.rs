//! The beginning of a sheet as a sample: its header, and its rows under the columns of it.
//!
//! A sheet has cells, not fields: a row may end before the last column or begin behind the first
//! one, and stands under the header all the same.

use super::{SampleRow, TableSample, is_header};
use crate::error::Result;
use crate::records::place::Place;
use crate::records::{Cell, SheetHead, sheet_line};

/// A row of the sheet: its number from 1, and its cells by column from 0.
type Cells = (u32, Vec<(u32, Cell)>);

/// The beginning of a sheet; `None` where none of its rows names columns.
pub(super) fn sheet_sample(place: &Place, head: &SheetHead) -> Result<Option<TableSample>> {
    let rows: Vec<&Cells> = head.rows().iter().collect();
    if rows.is_empty() {
        return Err(place.refused("holds no text", None));
    }
    let Some(at) = header_of(&rows) else { return Ok(None) };
    let (left, right) = ends(&rows[at].1);
    let width = (right - left) as usize + 1;
    let under = |cells: &[(u32, Cell)]| -> Option<(Vec<String>, Vec<bool>)> {
        let (mut texts, mut typed) = (vec![String::new(); width], vec![false; width]);
        for (column, cell) in cells {
            let slot = column.checked_sub(left).map(|at| at as usize).filter(|at| *at < width)?;
            texts[slot] = one_line(cell);
            typed[slot] = !matches!(cell, Cell::Text(_));
        }
        Some((texts, typed))
    };
    let (columns, _) = under(&rows[at].1).expect("a row fits its own columns");
    let (mut table, mut odd) = (Vec::new(), Vec::new());
    for (number, cells) in rows[at + 1..].iter().map(|row| (row.0, &row.1)) {
        let row = |cells: Vec<String>, typed| {
            let raw = sheet_line(&cells, b',', b'"');
            SampleRow { line: number as usize, raw, cells, typed }
        };
        match under(cells) {
            Some((texts, _)) if texts == columns => {}
            // A note or the heading of a page: one cell under a table of several columns.
            Some((texts, _)) if cells.len() == 1 && width > 2 => {
                let raw = sheet_line(&texts, b',', b'"');
                let cells = cells.iter().map(|(_, cell)| one_line(cell)).collect();
                odd.push(SampleRow { line: number as usize, raw, cells, typed: Vec::new() });
            }
            Some((texts, typed)) => table.push(row(texts, typed)),
            // Its cells from the first one on, since they stand under no header.
            None => odd.push(row(cells.iter().map(|(_, cell)| one_line(cell)).collect(), vec![])),
        }
    }
    let text = |row: &&Cells| {
        let (first, last) = ends(&row.1);
        let mut texts = vec![String::new(); (last - first) as usize + 1];
        row.1.iter().for_each(|(column, cell)| texts[(column - first) as usize] = one_line(cell));
        sheet_line(&texts, b',', b'"')
    };
    Ok(Some(TableSample {
        encoding: "utf-8",
        encoding_marked: true,
        encoding_why: "a sheet".to_owned(),
        delimiter: b',',
        delimiter_lines: (table.len(), table.len() + odd.len()),
        preamble: rows[..at].iter().map(text).collect(),
        has_header: true,
        columns,
        rows: table,
        odd,
        whole: false,
    }))
}

/// The row that names the columns of most cells below it: each row of words, down to the next one,
/// heads as many as stand in its columns. It must name most columns of the sheet, and something
/// below it must be no word.
fn header_of(rows: &[&Cells]) -> Option<usize> {
    let texts =
        |row: &Cells| -> Vec<String> { row.1.iter().map(|(_, cell)| one_line(cell)).collect() };
    let named: Vec<bool> = rows
        .iter()
        .map(|row| {
            row.1.len() > 1
                && row.1.iter().all(|(_, cell)| matches!(cell, Cell::Text(_)))
                && is_header(&texts(row))
        })
        .collect();
    let widest = rows.iter().map(|row| row.1.len()).max()?;
    let mut best: Option<(usize, usize)> = None;
    for at in (0..rows.len()).filter(|at| named[*at] && rows[*at].1.len() * 5 >= widest * 3) {
        let own: Vec<u32> = rows[at].1.iter().map(|(column, _)| *column).collect();
        // The same header again, on the next page, ends nothing.
        let ends = |row: &usize| named[*row] && texts(rows[*row]) != texts(rows[at]);
        let end = (at + 1..rows.len()).find(ends).unwrap_or(rows.len());
        let below = || rows[at + 1..end].iter().filter(|row| texts(row) != texts(rows[at]));
        let cells = below().flat_map(|row| row.1.iter().filter(|(column, _)| own.contains(column)));
        let valued = below().any(|row| !is_header(&texts(row)));
        let score = cells.count();
        if valued && best.is_none_or(|(known, _)| score > known) {
            best = Some((score, at));
        }
    }
    let first = || named.iter().zip(rows).position(|(named, row)| *named && row.1.len() == widest);
    best.map(|(_, at)| at).or_else(first)
}

/// First and last column that hold something.
fn ends(cells: &[(u32, Cell)]) -> (u32, u32) {
    let first = cells.first().map_or(0, |(column, _)| *column);
    (first, cells.last().map_or(first, |(column, _)| *column))
}

fn one_line(cell: &Cell) -> String {
    cell.seen(b'.').split_whitespace().collect::<Vec<_>>().join(" ")
}
