//! Rows and columns of a sheet that its producer hid: they are read like any other, and counted,
//! since whoever opens the workbook to compare does not see them.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::compound::{number16, number32, records, workbook_stream};
use super::damaged;
use super::parts::Runs;
use super::rows::{SheetHead, column_letters};
use crate::error::{Error, Result};
use crate::model::counted_as;
use crate::records::archive::{Member, Region, zip_parts};

/// Rows and columns that a note names.
const NAMED_MAX: usize = 10;
/// Columns of a sheet that are told apart here.
const COLUMNS_MAX: u32 = 16_384;

/// What is hidden in one sheet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Hidden {
    rows: u64,
    /// Numbers of the first of them, from 1.
    first: Vec<u32>,
    /// First and last column from 0, as the sheet states them.
    columns: Vec<(u32, u32)>,
}

impl Hidden {
    /// Notes a hidden row that holds something, by its number from 1.
    pub fn row(&mut self, number: u32) {
        self.rows += 1;
        if self.first.len() < NAMED_MAX {
            self.first.push(number);
        }
    }

    /// Notes hidden columns, from 0.
    pub fn columns(&mut self, first: u32, last: u32) {
        if first <= last && self.columns.len() < COLUMNS_MAX as usize {
            self.columns.push((first, last));
        }
    }

    /// What is to be said of a sheet that begins with `head`; `None` where nothing that holds a
    /// cell is hidden.
    pub fn said(&self, head: &SheetHead) -> Option<String> {
        let within = |column: &u32| {
            self.columns.iter().any(|(first, last)| (first..=last).contains(&column))
        };
        let columns: Vec<u32> = head.columns().into_iter().filter(within).collect();
        let mut parts = Vec::new();
        if self.rows > 0 {
            let names = self.first.iter().map(u32::to_string).collect();
            parts.push(told(self.rows as usize, "hidden row", "hidden rows", names));
        }
        if !columns.is_empty() {
            let names = columns.iter().take(NAMED_MAX).map(|one| column_letters(*one)).collect();
            parts.push(told(columns.len(), "hidden column", "hidden columns", names));
        }
        (!parts.is_empty()).then(|| format!("{}, read like any other", parts.join(" and ")))
    }
}

fn told(count: usize, one: &str, several: &str, names: Vec<String>) -> String {
    let more = if count > names.len() { " and others" } else { "" };
    format!("{} ({}{more})", counted_as(count, one, several), names.join(", "))
}

/// What is hidden in the sheets of an XLSX workbook, by name. Cost: one pass over the parts of its
/// sheets, and another over those that hide anything.
pub(super) fn of_xlsx(shown: &str, region: &Region) -> Result<BTreeMap<String, Hidden>> {
    let parts = zip_parts(shown, region)?;
    let part = |name: &str| parts.iter().find(|part| part.name.eq_ignore_ascii_case(name));
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    let (Some(book), Some(rels)) = (part("xl/workbook.xml"), part("xl/_rels/workbook.xml.rels"))
    else {
        return Ok(BTreeMap::new());
    };
    each_start(shown, rels, &mut |tag| {
        if tag.local_name().as_ref() == "Relationship" {
            let ends = attribute(tag, "Id").zip(attribute(tag, "Target"));
            targets.extend(ends);
        }
        true
    })?;
    let mut sheets: Vec<(String, String)> = Vec::new();
    each_start(shown, book, &mut |tag| {
        if tag.local_name().as_ref() == "sheet" {
            sheets.extend(attribute(tag, "name").zip(attribute(tag, "id")));
        }
        true
    })?;
    let mut found = BTreeMap::new();
    for (name, id) in sheets {
        let Some(target) = targets.get(&id) else { continue };
        let path = match target.strip_prefix('/') {
            Some(path) => path.to_owned(),
            None => format!("xl/{target}"),
        };
        let Some(sheet) = part(&path) else { continue };
        if hides_something(shown, sheet)? {
            found.insert(name, of_sheet(shown, sheet)?);
        }
    }
    Ok(found)
}

/// Whether the attribute stands anywhere in a part: most sheets hide nothing, and are not read
/// element by element for it.
fn hides_something(shown: &str, part: &Member) -> Result<bool> {
    const WORD: &[u8] = b"hidden=";
    let failed = |source| Error::Io { path: shown.to_owned(), source };
    let mut reader = part.open().map_err(failed)?;
    let mut block = vec![0; 1 << 18];
    let mut kept = 0;
    loop {
        let read = reader.read(&mut block[kept..]).map_err(failed)?;
        if read == 0 {
            return Ok(false);
        }
        let end = kept + read;
        if memmem::find(&block[..end], WORD).is_some() {
            return Ok(true);
        }
        // The word may be cut by the end of what was read.
        kept = end.min(WORD.len() - 1);
        block.copy_within(end - kept..end, 0);
    }
}

fn of_sheet(shown: &str, part: &Member) -> Result<Hidden> {
    let mut hidden = Hidden::default();
    let mut row: Option<u32> = None;
    let mut next = 1_u32;
    each_start(shown, part, &mut |tag| {
        let is_hidden =
            || attribute(tag, "hidden").is_some_and(|text| text == "1" || text == "true");
        match tag.local_name().as_ref() {
            "col" if is_hidden() => {
                let at = |name| attribute(tag, name).and_then(|text| text.parse::<u32>().ok());
                if let (Some(first @ 1..), Some(last @ 1..)) = (at("min"), at("max")) {
                    hidden.columns(first - 1, last - 1);
                }
            }
            "row" => {
                let stated = attribute(tag, "r").and_then(|text| text.parse().ok());
                let number = stated.unwrap_or(next);
                next = number.saturating_add(1);
                row = is_hidden().then_some(number);
            }
            // A row without a value is nothing that anyone could miss.
            "v" | "is" => row.take().into_iter().for_each(|number| hidden.row(number)),
            _ => {}
        }
        true
    })?;
    Ok(hidden)
}

/// Hands on each element of a part of XML until no more are wanted.
fn each_start(
    shown: &str,
    part: &Member,
    on_start: &mut dyn FnMut(&BytesStart<'_>) -> bool,
) -> Result<()> {
    let failed = |source| Error::Io { path: shown.to_owned(), source };
    let bytes = Runs::new(part.open().map_err(failed)?);
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, bytes));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|refused| damaged(shown, refused))? {
            Event::Start(tag) | Event::Empty(tag) if !on_start(&tag) => return Ok(()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The text of an attribute, whatever stands before its name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(|text| text.into_owned())
}

/// What is hidden in the sheets of an XLS workbook, in the order of its list.
pub(super) fn of_xls(shown: &str, region: &Region) -> Result<Vec<Hidden>> {
    let Some(stream) = workbook_stream(shown, region)? else { return Ok(Vec::new()) };
    let globals = records(&stream, 0).take_while(|(kind, _)| *kind != 0x000A);
    let starts: Vec<usize> = globals
        .filter(|(kind, _)| *kind == 0x0085)
        .filter_map(|(_, data)| number32(data, 0).map(|at| at as usize))
        .collect();
    let of_sheet = |start: usize| {
        let mut hidden = Hidden::default();
        let mut depth = 0_u32;
        for (kind, data) in records(&stream, start) {
            let number = |at| number16(data, at).map(u32::from);
            match kind {
                0x0809 => depth += 1,
                0x000A if depth <= 1 => break,
                0x000A => depth -= 1,
                0x0208 => {
                    let held = number(2).zip(number(4)).is_some_and(|(first, end)| first < end);
                    let is_hidden = number(12).is_some_and(|flags| flags & 0x20 != 0);
                    if let Some(row) = number(0).filter(|_| held && is_hidden) {
                        hidden.row(row + 1);
                    }
                }
                0x007D if number(8).is_some_and(|flags| flags & 1 != 0) => {
                    if let (Some(first), Some(last)) = (number(0), number(2)) {
                        hidden.columns(first, last);
                    }
                }
                _ => {}
            }
        }
        hidden
    };
    Ok(starts.into_iter().map(of_sheet).collect())
}
