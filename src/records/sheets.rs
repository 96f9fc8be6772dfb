//! Workbooks: which sheets they hold, and the cells of a sheet, row by row.
//!
//! A sheet is read like a file of rows: the same layouts, the sheet's own row as line. What a
//! cell's type says is kept: dates, numbers, errors. XLSX and XLS are read by calamine; XLSX a row
//! at a time, though its table of texts is held; XLS whole, within bounds that are checked first.
//! ODS is read here, a row at a time: repeated cells would have the library hold gigabytes.

mod cells;
mod compound;
mod currency_formats;
mod hidden;
mod nesting;
mod ods;
mod padded;
mod parts;
mod rows;
mod xls_formats;

use std::io::BufReader;
use std::sync::Arc;

use calamine::{Data, DataRef, Dimensions, Reader, SheetType, SheetVisible, Xls, Xlsx};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::records::archive::Region;
use crate::records::archive::RegionReader;
use crate::records::contain::{contained, ours};
pub use cells::Cell;
use currency_formats::shown_currency;
use hidden::Hidden;
use padded::Padded;
pub use rows::{SheetHead, SheetReading, sheet_line};
use xls_formats::{ShownCells, ShownFormats};

/// Beginning of the container of older workbooks.
pub const COMPOUND_MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Cells of one sheet that are read.
const CELLS_MAX: u64 = 200_000_000;
/// Bytes of text in one row.
const ROW_BYTES_MAX: usize = 1 << 20;
/// Rows of a sheet in which formulas are asked for their value.
const CALCULATED_ROWS: u32 = 1_000;
/// Columns a sheet can have.
const COLUMNS_MAX: u32 = 16_384;
/// Sheets of one workbook: each is opened anew from the beginning.
const SHEETS_MAX: usize = 1_000;
/// Bytes of an XLS workbook, which is held whole.
const XLS_BYTES_MAX: u64 = 128 << 20;

/// The workbook formats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BookKind {
    /// Office Open XML.
    Xlsx,
    /// Its binary variant, which is recognised and refused.
    Xlsb,
    /// The older binary format.
    Xls,
    /// OpenDocument.
    Ods,
}

/// A workbook that can be opened again for each of its sheets. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Book(Arc<BookFile>);

#[derive(Debug)]
struct BookFile {
    shown: String,
    region: Region,
    kind: BookKind,
    bytes: u64,
    sha256: String,
}

/// A sheet as its workbook lists it.
pub struct SheetEntry {
    /// Name as written.
    pub name: String,
    /// Whether the producer hid it.
    pub hidden: bool,
    /// Rows and columns of it that are hidden, in words.
    pub hidden_parts: Option<String>,
    /// Why it holds no records, if it does not.
    pub passed_over: Option<&'static str>,
    /// Its first rows.
    pub head: SheetHead,
}

/// One sheet of a workbook.
#[derive(Clone, Debug)]
pub struct Sheet {
    book: Book,
    name: String,
    /// Its first rows.
    pub head: SheetHead,
}

/// Takes a row, by its number from 1 and its cells by their column from 0; false ends the reading.
type OnRow<'a> = &'a mut dyn FnMut(u32, Vec<(u32, Cell)>) -> Result<bool>;

impl Book {
    /// A workbook whose bytes lie in `region`; `of` is its size and hash. Checks before any
    /// reader sees it that it unpacks within bounds and as its checksums say.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it is damaged, encrypted, beyond the bounds or an XLSB workbook.
    pub fn open(shown: &str, region: Region, kind: BookKind, of: (u64, String)) -> Result<Book> {
        match kind {
            BookKind::Xlsx => parts::check_xlsx(shown, &region)?,
            BookKind::Ods => parts::check_ods(shown, &region)?,
            BookKind::Xls => compound::check(shown, &region)?,
            BookKind::Xlsb => {
                let hint = "open it in a spreadsheet program and save it as .xlsx".to_owned();
                let what = "is a workbook in the binary format XLSB, which is not read";
                return Err(Error::named(shown, what, Some(hint)));
            }
        }
        let (bytes, sha256) = of;
        Ok(Book(Arc::new(BookFile { shown: shown.to_owned(), region, kind, bytes, sha256 })))
    }

    /// One sheet by its name.
    pub fn sheet(&self, name: &str, head: SheetHead) -> Sheet {
        Sheet { book: self.clone(), name: name.to_owned(), head }
    }

    /// Every sheet in the workbook's order. Cost: for ODS one pass over the workbook, else its
    /// texts and the first rows of each sheet.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it is damaged.
    pub fn sheets(&self) -> Result<Vec<SheetEntry>> {
        let book = &*self.0;
        let listed = contained(&book.shown, || match book.kind {
            BookKind::Ods => ods::sheets(book),
            BookKind::Xls => {
                let mut open = self.xls()?;
                let listed = open.sheets_metadata().to_vec();
                let formats = ShownFormats::of(&book.shown, &book.region)?;
                let heads = |name: &str| {
                    let mut head = SheetHead::default();
                    let formatted = shown_of(&formats, &listed, name);
                    xls_rows(&mut open, &formatted, (&book.shown, name), &mut |row, cells| {
                        Ok(head.take(row, &cells))
                    })?;
                    let merged = open.merge_cells_by_sheet_name(name).unwrap_or_default();
                    head.fill_down(&corners(&merged));
                    Ok(head)
                };
                let hidden = hidden::of_xls(&book.shown, &book.region)?;
                entries(&listed, heads, |at, _| hidden.get(at))
            }
            _ => {
                let mut open = self.xlsx()?;
                let listed = open.sheets_metadata().to_vec();
                check_count(&book.shown, listed.len())?;
                let hidden = hidden::of_xlsx(&book.shown, &book.region)?;
                let heads = |name: &str| {
                    self.check_calculated(&mut open, name)?;
                    let mut head = SheetHead::default();
                    self.xlsx_rows(&mut open, name, &mut |row, cells| Ok(head.take(row, &cells)))?;
                    let merged = open.merge_cells_by_sheet_name(name);
                    head.fill_down(&corners(&merged.map_err(|refused| self.damaged(refused))?));
                    Ok(head)
                };
                entries(&listed, heads, |_, name| hidden.get(name))
            }
        })?;
        for (at, sheet) in listed.iter().enumerate() {
            if listed[..at].iter().any(|other| other.name == sheet.name) {
                let what = format!("holds two sheets named {:?}", sheet.name);
                return Err(Error::named(&book.shown, what, None));
            }
        }
        Ok(listed)
    }

    fn damaged(&self, refused: impl std::fmt::Display) -> Error {
        damaged(&self.0.shown, refused)
    }

    fn reader(&self) -> Result<BufReader<RegionReader>> {
        let reader = self.0.region.reader();
        let failed = |source| Error::Io { path: self.0.shown.clone(), source };
        Ok(BufReader::with_capacity(1 << 16, reader.map_err(failed)?))
    }

    fn xlsx(&self) -> Result<Xlsx<BufReader<RegionReader>>> {
        Xlsx::new(self.reader()?).map_err(|refused| self.damaged(refused))
    }

    fn xls(&self) -> Result<Xls<BufReader<RegionReader>>> {
        Xls::new(self.reader()?).map_err(|refused| self.damaged(refused))
    }

    fn xlsx_rows(
        &self,
        open: &mut Xlsx<BufReader<RegionReader>>,
        name: &str,
        on_row: OnRow<'_>,
    ) -> Result<()> {
        let mut reader =
            open.worksheet_cells_reader(name).map_err(|refused| self.damaged(refused))?;
        let code = |style: &calamine::Style| {
            let code = &style.number_format.as_ref()?.format_code;
            Some((Padded::of(code), shown_currency(code)))
        };
        let formats: Vec<_> = reader.styles().iter().map(code).collect();
        let mut rows = rows::Gathered::new(&self.0.shown, name);
        loop {
            let next = reader.next_cell_with_style_id().map_err(|refused| self.damaged(refused))?;
            let Some((found, style)) = next else { break };
            let (row, column) = found.get_position();
            let mut cell = Cell::of(found.get_value());
            if let (Cell::Number(number), Some(Some((padded, currency)))) =
                (&cell, formats.get(style))
            {
                let number = *number;
                let text = padded.as_ref().and_then(|padded| padded.text(number)).map(Cell::Text);
                let money = || currency.clone().map(|currency| Cell::Money(number, currency));
                cell = text.or_else(money).unwrap_or(cell);
            }
            if !rows.take(row, column, cell, on_row)? {
                return Ok(());
            }
        }
        rows.finish(on_row)
    }

    /// Refuses a sheet among whose first rows a formula stands without its value, as programs
    /// write it that calculate nothing: an amount would be read as none.
    fn check_calculated(&self, open: &mut Xlsx<BufReader<RegionReader>>, name: &str) -> Result<()> {
        let mut reader =
            open.worksheet_cells_reader(name).map_err(|refused| self.damaged(refused))?;
        loop {
            let next = reader.next_cell_with_formula_metadata();
            let Some(cell) = next.map_err(|refused| self.damaged(refused))? else { return Ok(()) };
            if cell.pos.0 >= CALCULATED_ROWS {
                return Ok(());
            }
            if cell.formula.is_some() && cell.value == DataRef::Empty {
                let at = format!("{}{}", rows::column_letters(cell.pos.1), cell.pos.0 + 1);
                let what = format!(
                    "sheet {name:?}: the formula in {at} has no value, since no program has \
                     calculated it"
                );
                let hint = "open it in a spreadsheet program, save it, and keep both";
                return Err(Error::named(&self.0.shown, what, Some(hint.to_owned())));
            }
        }
    }
}

/// Refuses a workbook of more sheets than are read.
fn check_count(shown: &str, sheets: usize) -> Result<()> {
    if sheets <= SHEETS_MAX {
        return Ok(());
    }
    let hint = "ask the producer for the same as CSV".to_owned();
    let what = format!("holds more than {SHEETS_MAX} sheets, the most read");
    Err(Error::named(shown, what, Some(hint)))
}

fn damaged(shown: &str, refused: impl std::fmt::Display) -> Error {
    let hint = "open it in a spreadsheet program; if it opens, save it as .xlsx or CSV and keep \
                both, else ask the producer for it again";
    let what = format!("cannot be read as a workbook: {refused}");
    Error::named(shown, what, Some(hint.to_owned()))
}

/// First and last row and column of merged cells.
fn corners(merged: &[Dimensions]) -> Vec<rows::Merged> {
    merged.iter().map(|one| (one.start, one.end)).collect()
}

fn entries<'h>(
    listed: &[calamine::Sheet],
    mut head: impl FnMut(&str) -> Result<SheetHead>,
    hidden: impl Fn(usize, &str) -> Option<&'h Hidden>,
) -> Result<Vec<SheetEntry>> {
    let entry = |(at, sheet): (usize, &calamine::Sheet)| {
        let is_table = sheet.typ == SheetType::WorkSheet;
        let first = if is_table { head(&sheet.name)? } else { SheetHead::default() };
        Ok(SheetEntry {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
            hidden_parts: hidden(at, &sheet.name).and_then(|hidden| hidden.said(&first)),
            passed_over: match (is_table, first.is_empty()) {
                (false, _) => Some("a chart, dialog or macro, no sheet of cells"),
                (true, true) => Some("a sheet without cells"),
                (true, false) => None,
            },
            head: first,
        })
    };
    listed.iter().enumerate().map(entry).collect()
}

/// The cells of the sheet of that name that show leading zeros or a currency.
fn shown_of<'a>(
    formats: &'a ShownFormats,
    listed: &[calamine::Sheet],
    name: &str,
) -> ShownCells<'a> {
    let at = listed.iter().position(|sheet| sheet.name == name);
    at.map_or_else(ShownCells::default, |at| formats.cells(at))
}

fn xls_rows(
    open: &mut Xls<BufReader<RegionReader>>,
    formatted: &ShownCells<'_>,
    (shown, name): (&str, &str),
    on_row: OnRow<'_>,
) -> Result<()> {
    let range = open.worksheet_range(name).map_err(|refused| damaged(shown, refused))?;
    let Some((first_row, first_column)) = range.start() else { return Ok(()) };
    let mut rows = rows::Gathered::new(shown, name);
    for (down, row) in range.rows().enumerate() {
        for (across, cell) in row.iter().enumerate() {
            let (row, column) = (first_row + down as u32, first_column + across as u32);
            let shown = match cell {
                Data::Int(number) => formatted.cell(row, column, *number as f64),
                Data::Float(number) => formatted.cell(row, column, *number),
                _ => None,
            };
            let cell = shown.unwrap_or_else(|| Cell::of_data(cell));
            if cell.is_blank() {
                continue;
            }
            if !rows.take(row, column, cell, on_row)? {
                return Ok(());
            }
        }
    }
    rows.finish(on_row)
}

impl Sheet {
    /// Size and hexadecimal SHA-256 of the workbook: a sheet has no bytes of its own.
    pub fn book_bytes(&self) -> (u64, &str) {
        (self.book.0.bytes, &self.book.0.sha256)
    }

    /// Reads the sheet from its first row to its last; rows without cells are left out. Returns
    /// the hexadecimal SHA-256 of what its cells hold, by which two sheets are known for equal.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the workbook is damaged, and whatever `on_row` returns.
    pub fn rows(
        &self,
        on_row: &mut dyn FnMut(u32, Vec<(u32, Cell)>) -> Result<()>,
    ) -> Result<String> {
        let mut hasher = Sha256::new();
        // What takes the rows is not the library's: its panics are bugs of ours and stay panics.
        let mut panicked = None;
        let mut take = |row: u32, cells: Vec<(u32, Cell)>| {
            interrupt::check()?;
            for (column, cell) in &cells {
                hasher.update(format!("{row}\t{column}\t{cell:?}\n"));
            }
            match ours(|| on_row(row, cells)) {
                Ok(outcome) => outcome.map(|()| true),
                Err(panic) => {
                    panicked = Some(panic);
                    Ok(false)
                }
            }
        };
        let book = &self.book;
        contained(&book.0.shown, || match book.0.kind {
            BookKind::Ods => ods::rows(&book.0, &self.name, &mut take),
            BookKind::Xls => {
                let mut open = book.xls()?;
                let formats = ShownFormats::of(&book.0.shown, &book.0.region)?;
                let formatted = shown_of(&formats, open.sheets_metadata(), &self.name);
                xls_rows(&mut open, &formatted, (&book.0.shown, &self.name), &mut take)
            }
            _ => book.xlsx_rows(&mut book.xlsx()?, &self.name, &mut take),
        })?;
        if let Some(panic) = panicked {
            std::panic::resume_unwind(panic);
        }
        let hash = hasher.finalize();
        Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
