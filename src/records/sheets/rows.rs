//! Rows of a sheet as records of a layout: where its table stands, and each cell as its text.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::records::delimited::{NO_QUOTE, RAW_BYTES_MAX};
use crate::records::fields::FieldType;
use crate::records::raw_batch::RawBatch;
use crate::records::reading::{Bound, Reading};
use crate::records::reject::{Reject, escape_raw};
use crate::records::sheets::cells::{Cell, Wanted};
use crate::records::sheets::{CELLS_MAX, COLUMNS_MAX, ROW_BYTES_MAX};

/// Rows of a sheet among which its header is looked for.
pub(super) const HEAD_ROWS: u32 = 200;
/// Bytes of text in them.
const HEAD_BYTES: usize = 1 << 18;

/// Fields that a record may lack without being read as another one.
const MAY_LACK: [&str; 10] = [
    "description",
    "reference",
    "balance",
    "value_date",
    "place",
    "page",
    "bates",
    "counterparty_name",
    "from_name",
    "to_name",
];
/// What is noted of the first account number of a column that stands in a cell as a number.
const ZEROS: &str = "a cell of text: as a number it shows no zeros that the account number may \
                     begin with; compare it with the producer's other files. Said of the first \
                     such cell of the column";

/// A cell over several rows or columns: the first of them and the last, from 0.
pub(super) type Merged = ((u32, u32), (u32, u32));

/// Cells in the order of a sheet, gathered into rows.
pub(super) struct Gathered<'a> {
    shown: &'a str,
    name: &'a str,
    row: u32,
    cells: Vec<(u32, Cell)>,
    bytes: usize,
    count: u64,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(shown: &'a str, name: &'a str) -> Gathered<'a> {
        Gathered { shown, name, row: 0, cells: Vec::new(), bytes: 0, count: 0 }
    }

    fn refused(&self, what: String) -> Error {
        let hint = "ask the producer for the same as CSV".to_owned();
        let what = format!("sheet {:?}: {what}", self.name);
        Error::named(self.shown, what, Some(hint))
    }

    /// Takes a cell by its place from 0; false when no more are wanted.
    pub(super) fn take(
        &mut self,
        row: u32,
        column: u32,
        cell: Cell,
        on_row: super::OnRow<'_>,
    ) -> Result<bool> {
        self.count += 1;
        if self.count > CELLS_MAX {
            return Err(self.refused(format!("has more than {CELLS_MAX} cells, the most read")));
        }
        if cell.is_blank() {
            return Ok(true);
        }
        let number = row.saturating_add(1);
        if number != self.row {
            if number < self.row {
                let what = format!("row {number} stands below row {}, out of order", self.row);
                return Err(self.refused(what));
            }
            if !self.hand_on(on_row)? {
                return Ok(false);
            }
            self.row = number;
        }
        self.bytes += cell.bytes();
        if self.bytes > ROW_BYTES_MAX || column >= COLUMNS_MAX {
            let what = format!("row {number} is longer than {ROW_BYTES_MAX} bytes, the most read");
            return Err(self.refused(what));
        }
        self.cells.push((column, cell));
        Ok(true)
    }

    fn hand_on(&mut self, on_row: super::OnRow<'_>) -> Result<bool> {
        self.bytes = 0;
        if self.cells.is_empty() {
            return Ok(true);
        }
        let mut cells = std::mem::take(&mut self.cells);
        cells.sort_by_key(|(column, _)| *column);
        if cells.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(self.refused(format!("row {} has two cells in one place", self.row)));
        }
        on_row(self.row, cells)
    }

    pub(super) fn finish(mut self, on_row: super::OnRow<'_>) -> Result<()> {
        self.hand_on(on_row).map(|_| ())
    }
}

/// The first rows of a sheet, by which its layout is recognised.
#[derive(Clone, Debug, Default)]
pub struct SheetHead {
    rows: Vec<(u32, Vec<(u32, Cell)>)>,
    bytes: usize,
}

impl SheetHead {
    /// The rows by their number from 1, with their cells by column from 0.
    pub fn rows(&self) -> &[(u32, Vec<(u32, Cell)>)] {
        &self.rows
    }

    /// Whether the sheet holds nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes a row; false once no more are wanted.
    pub(super) fn take(&mut self, row: u32, cells: &[(u32, Cell)]) -> bool {
        self.bytes += cells.iter().map(|(_, cell)| cell.bytes()).sum::<usize>();
        self.rows.push((row, cells.to_vec()));
        row < HEAD_ROWS && self.bytes < HEAD_BYTES
    }

    /// The rows as lines of delimited text, the sheet's first row as the first line. Each is
    /// written from its first cell that holds something: a table need not begin at the left.
    pub fn text(&self, delimiter: u8, quote: u8) -> String {
        let mut text = String::new();
        let mut next = 1;
        for (row, cells) in &self.rows {
            if *row > HEAD_ROWS {
                break;
            }
            while next < *row {
                text.push('\n');
                next += 1;
            }
            text.push_str(&header_line(cells, delimiter, quote));
            text.push('\n');
            next += 1;
        }
        text
    }

    /// Gives words of a header that stand in a cell over several rows to each of those rows: the
    /// lowest is the one that names all columns.
    pub(super) fn fill_down(&mut self, merged: &[Merged]) {
        let is_word = |cell: &Cell| match cell {
            Cell::Text(text) => !text.bytes().any(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        for ((top, column), (bottom, _)) in merged {
            let above = self.rows.iter().find(|(number, _)| *number == *top + 1);
            let words = above.filter(|(_, cells)| cells.iter().all(|(_, cell)| is_word(cell)));
            let own = words.and_then(|(_, cells)| cells.iter().find(|(at, _)| at == column));
            let Some((_, cell)) = own.cloned() else { continue };
            let below = |number: u32| number > *top + 1 && number <= bottom.saturating_add(1);
            for (_, cells) in self.rows.iter_mut().filter(|(number, _)| below(*number)) {
                let at = cells.partition_point(|(other, _)| other < column);
                if cells.get(at).is_none_or(|(other, _)| other != column) {
                    cells.insert(at, (*column, cell.clone()));
                }
            }
        }
    }

    /// The columns from 0 in which a cell holds something, each once.
    pub(super) fn columns(&self) -> BTreeSet<u32> {
        self.rows.iter().flat_map(|(_, cells)| cells.iter().map(|(column, _)| *column)).collect()
    }

    /// The column from 0 in which the given row begins.
    fn left_of(&self, row: u32) -> u32 {
        let found = self.rows.iter().find(|(number, _)| *number == row);
        found.and_then(|(_, cells)| cells.first()).map_or(0, |(column, _)| *column)
    }
}

fn header_line(cells: &[(u32, Cell)], delimiter: u8, quote: u8) -> String {
    let Some((left, _)) = cells.first() else { return String::new() };
    let right = cells.last().map_or(*left, |(column, _)| *column);
    let mut texts = vec![String::new(); (right - left) as usize + 1];
    for (column, cell) in cells {
        let seen = cell.seen(b'.');
        texts[(column - left) as usize] = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    sheet_line(&texts, delimiter, quote)
}

/// Texts as one line of delimited text.
pub fn sheet_line(texts: &[String], delimiter: u8, quote: u8) -> String {
    let mut out = String::new();
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(char::from(delimiter));
        }
        let quotes = text.bytes().any(|byte| [delimiter, quote, b'\n', b'\r'].contains(&byte));
        if quotes && quote != NO_QUOTE {
            let quote = char::from(quote).to_string();
            out.push_str(&format!("{quote}{}{quote}", text.replace(&quote, &quote.repeat(2))));
        } else {
            out.push_str(text);
        }
    }
    out
}

/// What is said of a cell: its slot, its text as found, and why.
type OfSlot = (usize, String, String);

/// A layout bound to a sheet.
pub struct SheetReading<'a> {
    reading: &'a Reading,
    left: u32,
    wanted: Vec<Wanted>,
    /// What is read from each column: whether a record may lack it, and whether it is an account
    /// of which nothing was said yet.
    slots: Vec<(bool, bool)>,
    next_row: u32,
}

impl<'a> SheetReading<'a> {
    /// Prepares to read the rows below the header of a sheet that begins with `head`.
    pub fn new(reading: &'a Reading, head: &SheetHead) -> SheetReading<'a> {
        let has_header = reading.layout.csv.columns.is_empty();
        let left = if has_header { head.left_of(reading.first_line - 1) } else { 0 };
        let mut wanted = vec![Wanted::Text; reading.shape.wanted.len()];
        for (at, field) in reading.layout.record.fields().iter().enumerate() {
            let words = reading.format(at).map(str::to_owned);
            let as_what = |words: Option<String>| match field.kind {
                FieldType::Time | FieldType::Day => Wanted::Time(words),
                FieldType::Duration => Wanted::Duration(words),
                FieldType::Account | FieldType::Phone | FieldType::Text | FieldType::Name => {
                    Wanted::Identifier
                }
                _ => Wanted::Text,
            };
            match &reading.fields[at] {
                Bound::Slot(slot) if wanted[*slot] == Wanted::Text => {
                    wanted[*slot] = as_what(words);
                }
                Bound::Joined(slots, join) => {
                    // `%m/%d/%Y %H:%M` over a column of days and one of times.
                    let words = words.unwrap_or_default();
                    let parts: Vec<&str> = words.split(join.as_str()).collect();
                    let split = parts.len() == slots.len() && !join.is_empty();
                    for (part, slot) in slots.iter().enumerate() {
                        let words = split.then(|| parts[part].to_owned());
                        wanted[*slot] = as_what(words.filter(|words| !words.is_empty()));
                    }
                }
                _ => {}
            }
        }
        if reading.decided.is_none() {
            let times =
                reading.open_times().into_iter().filter_map(|at| match reading.fields[at] {
                    Bound::Slot(slot) => Some(slot),
                    _ => None,
                });
            let amounts = reading.open_amounts().into_iter().flat_map(|(_, slots)| slots);
            for slot in times.chain(amounts) {
                wanted[slot] = Wanted::Written;
            }
        }
        let slots = (0..wanted.len()).map(|slot| of_slot(reading, slot)).collect();
        SheetReading { reading, left, wanted, slots, next_row: reading.first_line }
    }

    /// An empty batch for [`SheetReading::take`].
    pub fn batch(&self) -> RawBatch {
        RawBatch::new(self.reading.shape.wanted.len())
    }

    /// Takes one row into a batch: as a record, as a reject, or as a line that is neither.
    pub fn take(&mut self, row: u32, cells: &[(u32, Cell)], batch: &mut RawBatch) {
        if row < self.reading.first_line {
            return;
        }
        batch.ignored += u64::from(row - self.next_row);
        self.next_row = row + 1;
        let shape = &self.reading.shape;
        let mark = self.reading.decimal_mark();
        let mut record = vec![&Cell::Blank; shape.columns];
        let mut beside = None;
        for (column, cell) in cells {
            match column.checked_sub(self.left).map(|at| at as usize) {
                Some(at) if at < record.len() => record[at] = cell,
                _ => beside = Some((column, cell)),
            }
        }
        let seen: Vec<String> = record.iter().map(|cell| cell.seen(mark)).collect();
        let raw = sheet_line(&seen, shape.delimiter, shape.quote);
        let header = header_line(cells, shape.delimiter, shape.quote);
        let repeated = !shape.header.is_empty() && header == shape.header;
        let named = !repeated && shape.ignore.is_match(&raw);
        if repeated || named {
            batch.ignored += 1;
            if repeated {
                batch.headers.push(row);
            }
            if named {
                batch.passed.push((row, raw));
            }
            return;
        }
        let refused = |column: String, found: String, reason: String| Reject {
            line: row,
            place: Box::default(),
            column,
            found,
            reason,
            kept: false,
            raw: escape_raw(raw.as_bytes(), RAW_BYTES_MAX),
        };
        if let Some((column, cell)) = beside {
            let reason = format!(
                "expected nothing beside the {} columns of the header, not a cell in column {}",
                shape.columns,
                column_letters(*column)
            );
            batch.rejects.push(refused(String::new(), cell.seen(mark), reason));
            return;
        }
        let (texts, notes) = match self.texts(&record, mark) {
            Ok(read) => read,
            Err((slot, found, why)) => {
                batch.rejects.push(refused(self.shown_name(slot), found, why));
                return;
            }
        };
        batch.rejects.extend(notes.into_iter().map(|(slot, found, why)| Reject {
            kept: true,
            ..refused(self.shown_name(slot), found, why)
        }));
        batch.begin(row, raw.as_bytes());
        for (slot, text) in texts.iter().enumerate() {
            batch.owned(slot, text.trim());
        }
    }

    /// The texts of a record's cells and what is noted of them, or what sets the record aside.
    fn texts(
        &mut self,
        record: &[&Cell],
        mark: u8,
    ) -> std::result::Result<(Vec<String>, Vec<OfSlot>), OfSlot> {
        let wanted = &self.reading.shape.wanted;
        let (mut texts, mut notes) = (Vec::with_capacity(wanted.len()), Vec::new());
        for (slot, column) in wanted.iter().enumerate() {
            let text = record[*column].text(&self.wanted[slot], mark);
            let text = text.map_err(|refusal| (slot, refusal.found, refusal.why));
            texts.push(match text {
                Ok(text) => text,
                Err(note) if self.slots[slot].0 => {
                    notes.push(note);
                    String::new()
                }
                Err(refused) => return Err(refused),
            });
        }
        for (slot, column) in wanted.iter().enumerate() {
            let untold = &mut self.slots[slot].1;
            if *untold && matches!(record[*column], Cell::Number(_)) {
                notes.push((slot, texts[slot].clone(), ZEROS.to_owned()));
                *untold = false;
            }
        }
        Ok((texts, notes))
    }

    /// The producer's name of a column that is read, or its letters.
    fn shown_name(&self, slot: usize) -> String {
        let letters = || column_letters(self.left + self.reading.shape.wanted[slot] as u32);
        self.name_of(slot).unwrap_or_else(letters)
    }

    /// The producer's name of a column that is read.
    fn name_of(&self, slot: usize) -> Option<String> {
        let named = self.reading.fields.iter().position(|bound| match bound {
            Bound::Slot(one) => *one == slot,
            Bound::Joined(slots, _) => slots.contains(&slot),
            Bound::DebitCredit(debit, credit) => [*debit, *credit].contains(&slot),
            Bound::Signed(amount, sign, _) => [*amount, *sign].contains(&slot),
            _ => false,
        });
        let kept = || self.reading.attributes.iter().find(|(_, one)| *one == slot);
        named
            .map(|field| self.reading.column_name(field))
            .or_else(|| kept().map(|(name, _)| name.clone()))
    }
}

/// Whether a record may lack what a slot holds, and whether that is an account's number.
fn of_slot(reading: &Reading, slot: usize) -> (bool, bool) {
    let fields = reading.layout.record.fields().iter().zip(&reading.fields);
    let (mut may_lack, mut is_account) = (true, false);
    for (field, bound) in fields {
        let reads = match bound {
            Bound::Slot(one) => *one == slot,
            Bound::Joined(slots, _) => slots.contains(&slot),
            Bound::DebitCredit(one, other) | Bound::Signed(one, other, _) => {
                [*one, *other].contains(&slot)
            }
            _ => false,
        };
        may_lack &= !reads || MAY_LACK.contains(&field.name);
        is_account |= reads && field.kind == FieldType::Account;
    }
    (may_lack, is_account)
}

/// A column from 0 as spreadsheet programs name it.
pub(super) fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(b'A' + ((left - 1) % 26) as u8);
        left = (left - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_spreadsheet_programs() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16_383, "XFD")] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn a_head_keeps_the_rows_of_the_sheet() {
        let mut head = SheetHead::default();
        let text = |text: &str| Cell::Text(text.to_owned());
        head.take(1, &[(0, text("Harbor Bank"))]);
        head.take(4, &[(1, text("Posting\nDate")), (2, text("a,b")), (4, text("c"))]);
        assert_eq!(head.text(b',', b'"'), "Harbor Bank\n\n\nPosting Date,\"a,b\",,c\n");
        assert_eq!(head.left_of(4), 1);
    }
}
