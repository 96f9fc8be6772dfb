//! OpenDocument sheets, a row at a time: names, and cells by their type.

use std::collections::BTreeSet;
use std::io::BufReader;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::cells::{Cell, of_iso, of_iso_span};
use super::currency_formats::shown_currency;
use super::hidden::Hidden;
use super::parts::Runs;
use super::rows::{Gathered, HEAD_ROWS, Merged, SheetHead};
use super::{BookFile, COLUMNS_MAX, OnRow, ROW_BYTES_MAX, SheetEntry, check_count, damaged};
use crate::error::{Error, Result};
use crate::records::archive::zip_parts;

/// Rows a sheet can have.
const ROWS_MAX: u32 = 1_048_576;
/// Bytes that rows said to repeat come to: a few letters can claim terabytes.
const REPEATED_BYTES_MAX: u64 = 256 << 20;

/// Every sheet with its first rows.
pub(super) fn sheets(book: &BookFile) -> Result<Vec<SheetEntry>> {
    let mut scan = Scan::open(book)?;
    let mut listed = Vec::new();
    while let Some((name, hidden)) = scan.next_table()? {
        check_count(&book.shown, listed.len() + 1)?;
        let mut head = SheetHead::default();
        let mut wanted = true;
        scan.table(&name, &mut |row, cells| {
            wanted = wanted && head.take(row, &cells);
            Ok(wanted)
        })?;
        let passed_over = head.is_empty().then_some("a sheet without cells");
        head.fill_down(&std::mem::take(&mut scan.merged));
        let hidden_parts = std::mem::take(&mut scan.hidden).said(&head);
        listed.push(SheetEntry { name, hidden, hidden_parts, passed_over, head });
    }
    Ok(listed)
}

/// The rows of one sheet.
pub(super) fn rows(book: &BookFile, wanted: &str, on_row: OnRow<'_>) -> Result<()> {
    let mut scan = Scan::open(book)?;
    while let Some((name, _)) = scan.next_table()? {
        if name == wanted {
            return scan.table(&name, on_row);
        }
        scan.table(&name, &mut |_, _| Ok(false))?;
    }
    Err(damaged(&book.shown, format!("it has lost its sheet {wanted:?}")))
}

struct Scan<'a> {
    shown: &'a str,
    reader: Reader<BufReader<Runs>>,
    buffer: Vec<u8>,
    /// Styles of sheets that are not shown.
    hidden_styles: BTreeSet<String>,
    /// Rows and columns that are not shown, of the sheets since it was last taken.
    hidden: Hidden,
    /// Cells over several rows of them: first and last row and column from 0.
    merged: Vec<Merged>,
}

impl<'a> Scan<'a> {
    fn open(book: &'a BookFile) -> Result<Scan<'a>> {
        let parts = zip_parts(&book.shown, &book.region)?;
        let content = parts.iter().find(|part| part.name == "content.xml");
        let content = content.ok_or_else(|| damaged(&book.shown, "it holds no content.xml"))?;
        let failed = |source| Error::Io { path: book.shown.clone(), source };
        let bytes = Runs::new(content.open().map_err(failed)?);
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, bytes));
        reader.config_mut().expand_empty_elements = true;
        let hidden_styles = BTreeSet::new();
        let shown = &book.shown;
        let (buffer, hidden, merged) = (Vec::new(), Hidden::default(), Vec::new());
        Ok(Scan { shown, reader, buffer, hidden_styles, hidden, merged })
    }

    /// The next sheet's name, and whether it is hidden.
    fn next_table(&mut self) -> Result<Option<(String, bool)>> {
        let mut style = String::new();
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|refused| damaged(self.shown, refused))? {
                Event::Eof => return Ok(None),
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => {
                        style = attribute(self.shown, &tag, "style:name")?.unwrap_or_default();
                    }
                    "style:table-properties" => {
                        let display = attribute(self.shown, &tag, "table:display")?;
                        if display.as_deref() == Some("false") {
                            self.hidden_styles.insert(style.clone());
                        }
                    }
                    "table:table" => {
                        let name = attribute(self.shown, &tag, "table:name")?.unwrap_or_default();
                        let style = attribute(self.shown, &tag, "table:style-name")?;
                        let hidden = style.is_some_and(|style| self.hidden_styles.contains(&style));
                        return Ok(Some((name, hidden)));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Reads to the end of the table just begun; rows go to `on_row` until it wants no more.
    fn table(&mut self, name: &str, on_row: OnRow<'_>) -> Result<()> {
        let mut rows = Gathered::new(self.shown, name);
        let (mut next, mut next_column, mut repeated_bytes) = (0_u32, 0_u32, 0_u64);
        let mut wanted = true;
        // A table may stand within a cell of this one, or in a drawing of it.
        let mut inner = 0_u32;
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|refused| damaged(self.shown, refused))? {
                Event::Eof => return Err(damaged(self.shown, "it ends within a sheet")),
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table" => inner += 1,
                    "table:table-column" if inner == 0 => {
                        let repeated = count(self.shown, &tag, "table:number-columns-repeated")?;
                        let end = next_column.saturating_add(repeated);
                        if is_hidden(self.shown, &tag)? {
                            self.hidden.columns(next_column, end.saturating_sub(1));
                        }
                        next_column = end;
                    }
                    "table:table-row" if inner == 0 => {
                        let repeated = count(self.shown, &tag, "table:number-rows-repeated")?;
                        let is_hidden = is_hidden(self.shown, &tag)?;
                        let cells = self.row(next)?;
                        if is_hidden && !cells.is_empty() {
                            self.hidden.row(next.saturating_add(1));
                        }
                        // Rows of nothing reach to the end of the sheet; they cost nothing.
                        if cells.is_empty() || !wanted {
                            next = next.saturating_add(repeated);
                            continue;
                        }
                        let bytes: usize = cells.iter().map(|(_, cell)| cell.bytes()).sum();
                        repeated_bytes += bytes as u64 * u64::from(repeated.saturating_sub(1));
                        if repeated_bytes > REPEATED_BYTES_MAX {
                            let what = format!(
                                "rows of its sheet {name:?} are said to repeat up to more than \
                                 {REPEATED_BYTES_MAX} bytes, the most read"
                            );
                            return Err(damaged(self.shown, what));
                        }
                        for row in next..next.saturating_add(repeated) {
                            if row >= ROWS_MAX {
                                let what = format!("its sheet {name:?} has over {ROWS_MAX} rows");
                                return Err(damaged(self.shown, what));
                            }
                            for (column, cell) in &cells {
                                wanted = wanted && rows.take(row, *column, cell.clone(), on_row)?;
                            }
                        }
                        next = next.saturating_add(repeated);
                    }
                    _ => {}
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => {
                    if inner == 0 {
                        return if wanted { rows.finish(on_row) } else { Ok(()) };
                    }
                    inner -= 1;
                }
                _ => {}
            }
        }
    }

    /// The cells of the row just begun that hold something.
    fn row(&mut self, row: u32) -> Result<Vec<(u32, Cell)>> {
        let mut cells: Vec<(u32, Cell)> = Vec::new();
        let (mut column, mut bytes) = (0_u32, 0);
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|refused| damaged(self.shown, refused))? {
                Event::Eof => return Err(damaged(self.shown, "it ends within a row")),
                Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(cells),
                Event::Start(tag)
                    if ["table:table-cell", "table:covered-table-cell"]
                        .contains(&tag.name().as_ref()) =>
                {
                    let repeated = count(self.shown, &tag, "table:number-columns-repeated")?;
                    let over = count(self.shown, &tag, "table:number-rows-spanned")?;
                    if over > 1 && row < HEAD_ROWS {
                        let last = row.saturating_add(over - 1);
                        self.merged.push(((row, column), (last, column)));
                    }
                    let typed = Typed::of(self.shown, &tag)?;
                    let text = self.cell_text()?;
                    let cell = typed.cell(self.shown, text)?;
                    for _ in 0..repeated {
                        if cell.is_blank() {
                            column = column.saturating_add(repeated);
                            break;
                        }
                        bytes += cell.bytes();
                        if column >= COLUMNS_MAX || bytes > ROW_BYTES_MAX {
                            let what = "a row is longer than any sheet allows";
                            return Err(damaged(self.shown, what));
                        }
                        cells.push((column, cell.clone()));
                        column += 1;
                    }
                }
                _ => {}
            }
        }
    }

    /// The paragraphs of the cell just begun, without the notes beside it.
    fn cell_text(&mut self) -> Result<String> {
        let mut text = String::new();
        let (mut depth, mut aside, mut paragraphs) = (0_u32, None, 0_u32);
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|refused| damaged(self.shown, refused))? {
                Event::Eof => return Err(damaged(self.shown, "it ends within a cell")),
                Event::Start(tag) => {
                    depth += 1;
                    match tag.name().as_ref() {
                        "office:annotation" | "table:table" | "draw:frame" => {
                            aside = aside.or(Some(depth));
                        }
                        _ if aside.is_some() => {}
                        "text:p" => {
                            paragraphs += 1;
                            text.push_str(if paragraphs > 1 { "\n" } else { "" });
                        }
                        "text:s" => {
                            let spaces = count(self.shown, &tag, "text:c")?.min(COLUMNS_MAX);
                            text.push_str(&" ".repeat(spaces as usize));
                        }
                        "text:tab" => text.push('\t'),
                        "text:line-break" => text.push('\n'),
                        _ => {}
                    }
                }
                Event::End(_) => {
                    if depth == 0 {
                        return Ok(text);
                    }
                    if aside == Some(depth) {
                        aside = None;
                    }
                    depth -= 1;
                }
                // What stands between paragraphs is how the file is written.
                Event::Text(part) if aside.is_none() && depth > 0 => {
                    text.push_str(&part.xml10_content());
                }
                Event::CData(part) if aside.is_none() && depth > 0 => {
                    text.push_str(&part.xml10_content());
                }
                Event::GeneralRef(name) if aside.is_none() => {
                    let letter = name.resolve_char_ref().ok().flatten().map(String::from);
                    let known = quick_xml::escape::resolve_predefined_entity(name.as_ref());
                    let Some(letters) = letter.or(known.map(str::to_owned)) else {
                        let what = format!("it names &{};, which nothing defines", name.as_ref());
                        return Err(damaged(self.shown, what));
                    };
                    text.push_str(&letters);
                }
                _ => {}
            }
            if text.len() > ROW_BYTES_MAX {
                return Err(damaged(self.shown, "a cell is longer than any sheet allows"));
            }
        }
    }
}

/// What a cell's element says of its value.
#[derive(Default)]
struct Typed {
    kind: String,
    value: Option<String>,
    /// ISO 4217 code that the cell states; empty for none.
    currency: String,
    is_error: bool,
}

impl Typed {
    fn of(shown: &str, tag: &BytesStart<'_>) -> Result<Typed> {
        let kind = attribute(shown, tag, "office:value-type")?.unwrap_or_default();
        let name = match kind.as_str() {
            "date" => "office:date-value",
            "time" => "office:time-value",
            "boolean" => "office:boolean-value",
            "string" => "office:string-value",
            _ => "office:value",
        };
        let value = attribute(shown, tag, name)?;
        let own = attribute(shown, tag, "calcext:value-type")?;
        let currency = attribute(shown, tag, "office:currency")?.unwrap_or_default();
        Ok(Typed { kind, value, currency, is_error: own.as_deref() == Some("error") })
    }

    fn cell(self, shown: &str, text: String) -> Result<Cell> {
        // Programs that know no errors write them as text of a formula.
        if self.is_error {
            return Ok(Cell::Failed(text));
        }
        let Some(value) = self.value else {
            return Ok(if text.is_empty() { Cell::Blank } else { Cell::Text(text) });
        };
        Ok(match self.kind.as_str() {
            "float" | "currency" | "percentage" => {
                let number = value.trim().parse::<f64>();
                let not = |_| damaged(shown, format!("a cell's number is {value:?}"));
                let number = number.map_err(not)?;
                // What is shown keeps the zeros of an account number or a ZIP code.
                let padded = text.len() > 1
                    && text.starts_with('0')
                    && text.bytes().all(|byte| byte.is_ascii_digit())
                    && text.parse() == Ok(number);
                match shown_currency(&format!("[${}]", self.currency)) {
                    _ if padded => Cell::Text(text),
                    Some(currency) => Cell::Money(number, currency),
                    None => Cell::Number(number),
                }
            }
            "date" => of_iso(&value),
            "time" => of_iso_span(&value),
            "boolean" => Cell::Flag(value == "true"),
            _ if value.is_empty() && text.is_empty() => Cell::Blank,
            "string" => Cell::Text(if value.is_empty() { text } else { value }),
            _ => Cell::Text(text),
        })
    }
}

fn attribute(shown: &str, tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
    let found = tag.try_get_attribute(name).map_err(|refused| damaged(shown, refused))?;
    let Some(found) = found else { return Ok(None) };
    let value = quick_xml::escape::unescape(&found.value);
    Ok(Some(value.map_err(|refused| damaged(shown, refused))?.into_owned()))
}

/// Whether a row or column is not shown, by hand or by a filter.
fn is_hidden(shown: &str, tag: &BytesStart<'_>) -> Result<bool> {
    let visibility = attribute(shown, tag, "table:visibility")?;
    Ok(visibility.is_some_and(|word| word == "collapse" || word == "filter"))
}

/// How often an element stands for itself; once where it does not say.
fn count(shown: &str, tag: &BytesStart<'_>, name: &str) -> Result<u32> {
    match attribute(shown, tag, name)? {
        None => Ok(1),
        Some(text) => text.parse().map_err(|_| damaged(shown, format!("{name} is {text:?}"))),
    }
}
