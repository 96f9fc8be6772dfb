//! The beginning of an unknown table: how it is encoded, what separates its fields, which line is
//! its header.
//!
//! Bytes and columns only. What the columns mean is `store::suggest`'s, since it reads values.

mod sheet;

use std::collections::BTreeMap;
use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use crate::error::{Error, Result};
use crate::model::counted_as;
use crate::records::delimited::unquoted_fields;
use crate::records::open::{Packing, head_bytes, open_rows, packing, wide_encoding};
use crate::records::other_files::{other_file, other_text};
use crate::records::parquet::ParquetRows;
use crate::records::place::Place;
use crate::records::{quoted_list, whole_lines};

/// Bytes that are looked at, unpacked.
const SAMPLE_BYTES: usize = 4 << 20;
/// Rows that are looked at.
const SAMPLE_ROWS: usize = 20_000;
/// Lines by which the separator is found.
const SEPARATOR_LINES: usize = 200;
/// Separators that are tried; of two that fit alike, the first is meant.
const SEPARATORS: [u8; 5] = [b',', b';', b'\t', b'|', 0x1f];

/// One row of a sample.
#[derive(Clone, Debug)]
pub struct SampleRow {
    /// Physical line, from 1.
    pub line: usize,
    /// The row as found.
    pub raw: String,
    /// Its fields, trimmed.
    pub cells: Vec<String>,
    /// Which of them a workbook holds as a number or a date: how the producer writes those they do
    /// not show. Empty for rows of text.
    pub typed: Vec<bool>,
}

/// The beginning of a table.
#[derive(Clone, Debug)]
pub struct TableSample {
    /// A label of the Encoding Standard.
    pub encoding: &'static str,
    /// Whether the bytes say the encoding themselves, so that no layout need.
    pub encoding_marked: bool,
    /// What shows the encoding.
    pub encoding_why: String,
    /// Separates fields.
    pub delimiter: u8,
    /// Lines of the beginning that have as many fields as the header, and lines looked at.
    pub delimiter_lines: (usize, usize),
    /// Lines above the header.
    pub preamble: Vec<String>,
    /// Whether a line names the columns; else they are `column_1` and so on.
    pub has_header: bool,
    /// The columns' names.
    pub columns: Vec<String>,
    /// Rows with as many fields as the header.
    pub rows: Vec<SampleRow>,
    /// Lines below the header with another number of fields, and their number.
    pub odd: Vec<SampleRow>,
    /// Whether the sample is the whole file.
    pub whole: bool,
}

/// Reads the beginning of a table: of a file, of a member of an archive, of a sheet.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty, holds no text, or shows no
/// columns.
pub fn sample_table(place: &Place) -> Result<TableSample> {
    if let Some(sheet) = place.sheet() {
        if let Some(sample) = sheet::sheet_sample(place, &sheet.head)? {
            return Ok(sample);
        }
        let text = sheet.head.text(b',', b'"');
        return sample_text(place, &text, false, ("utf-8", true, "a sheet".to_owned()));
    }
    if packing(place)? == Packing::Parquet {
        return parquet_sample(place);
    }
    let bytes = head_bytes(place, SAMPLE_BYTES)?;
    if let Some(other) = other_file(&bytes) {
        return Err(other.refused(place));
    }
    let encoding = encoding_of(place, &bytes)?;
    let known = Encoding::for_label(encoding.0.as_bytes()).expect("the labels are known ones");
    let mut text = Vec::new();
    let stream = open_rows(place, known)?;
    let taken = stream.reader.take(SAMPLE_BYTES as u64 + 1).read_to_end(&mut text);
    taken.map_err(|source| place.failed(source))?;
    let whole = text.len() <= SAMPLE_BYTES;
    if !whole {
        // The last line at hand may be cut.
        let end = memchr::memrchr(b'\n', &text).map_or(text.len(), |at| at + 1);
        text.truncate(end);
    }
    let text = String::from_utf8_lossy(&text);
    if let Some(other) = other_text(&text) {
        return Err(other.refused(place));
    }
    sample_text(place, &text, whole, encoding)
}

fn sample_text(
    place: &Place,
    text: &str,
    mut whole: bool,
    (encoding, encoding_marked, encoding_why): (&'static str, bool, String),
) -> Result<TableSample> {
    if text.trim().is_empty() {
        let hint = "ask the producer for the file again";
        return Err(place.refused("holds no text", Some(hint.to_owned())));
    }
    let (delimiter, fields, delimiter_lines) = separator(place, text)?;
    let mut lines = text_lines(text, delimiter);
    whole &= lines.len() < SAMPLE_ROWS;
    lines.truncate(SAMPLE_ROWS);
    let full = |row: &SampleRow| row.cells.len() == fields && is_full(row);
    let of_width = lines.iter().position(|row| row.cells.len() == fields).unwrap_or(0);
    let first = lines.iter().position(full).unwrap_or(of_width);
    let has_header = is_header(&lines[first].cells);
    let columns = if has_header {
        // As `reading` names them, so that the layout finds them again.
        let names = lines[first].cells.iter();
        names.map(|name| name.replace("\r\n", " ").replace('\n', " ")).collect()
    } else {
        (1..=fields).map(|at| format!("column_{at}")).collect()
    };
    let preamble = lines[..first].iter().map(|row| row.raw.clone()).collect();
    let header = has_header.then(|| lines[first].raw.clone());
    let below = lines.split_off(first + usize::from(has_header));
    let records = below.into_iter().filter(|row| {
        Some(&row.raw) != header.as_ref() && row.cells.iter().any(|cell| !cell.is_empty())
    });
    let (rows, odd) = records.partition(|row| row.cells.len() == fields);
    Ok(TableSample {
        encoding,
        encoding_marked,
        encoding_why,
        delimiter,
        delimiter_lines,
        preamble,
        has_header,
        columns,
        rows,
        odd,
        whole,
    })
}

fn parquet_sample(place: &Place) -> Result<TableSample> {
    let mut file = ParquetRows::open(place)?;
    let columns = file.columns().to_vec();
    let wanted: Vec<usize> = (0..columns.len()).collect();
    let mut rows = Vec::new();
    if let Some(batch) = file.next_batch(&wanted)? {
        for row in 0..batch.rows().min(SAMPLE_ROWS) {
            let cells = wanted.iter().map(|column| batch.get(*column, row).to_owned()).collect();
            let line = batch.lines[row] as usize;
            let raw = batch.record(row).to_owned();
            rows.push(SampleRow { line, raw, cells, typed: Vec::new() });
        }
    }
    Ok(TableSample {
        encoding: "utf-8",
        encoding_marked: true,
        encoding_why: "Parquet".to_owned(),
        delimiter: b',',
        delimiter_lines: (0, 0),
        preamble: Vec::new(),
        has_header: true,
        columns,
        rows,
        odd: Vec::new(),
        whole: false,
    })
}

/// The encoding of the first bytes, whether they say it themselves, and by what it is known.
fn encoding_of(place: &Place, bytes: &[u8]) -> Result<(&'static str, bool, String)> {
    if let Some((marked, _)) = Encoding::for_bom(bytes) {
        let label = if marked == encoding_rs::UTF_8 { "utf-8" } else { marked.name() };
        return Ok((label, true, "a byte order mark says so".to_owned()));
    }
    if let Some(wide) = wide_encoding(bytes) {
        return Ok((wide, false, "every second byte of its beginning is empty".to_owned()));
    }
    let control =
        |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\n' | b'\r' | b'\t' | 0x0c | 0x1f);
    let odd = bytes.iter().take(1 << 16).filter(control).count();
    if odd * 50 > bytes.len().min(1 << 16) {
        let hint = "give a table of text, .gz and .zst included; a return in another form needs \
                    the program that wrote it to export it as CSV";
        return Err(place.refused("holds bytes that are no text", Some(hint.to_owned())));
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        // A letter of several bytes may be cut by the end of what was read.
        Err(bad) => bad.error_len().is_none() && bytes.len() - bad.valid_up_to() < 4,
    };
    if valid {
        let why =
            if bytes.is_ascii() { "its letters are all ASCII" } else { "its bytes are valid" };
        return Ok(("utf-8", false, why.to_owned()));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let mut guess = detector.guess(None, Utf8Detection::Deny);
    // Relatives of the commonest one differ in few letters; where none of those stands, it is
    // meant.
    let western = encoding_rs::WINDOWS_1252;
    if western.decode_without_bom_handling(bytes) == guess.decode_without_bom_handling(bytes) {
        guess = western;
    }
    let foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let bytes = counted_as(foreign, "byte is", "bytes are");
    let why = format!("{bytes} no UTF-8, and this encoding makes the likeliest letters");
    Ok((guess.name(), false, why))
}

/// The separator with which most lines have the same number of fields, two at least; that number;
/// and how many of the first lines have it.
fn separator(place: &Place, text: &str) -> Result<(u8, usize, (usize, usize))> {
    let mut best: Option<(usize, usize, u8)> = None;
    let mut looked_at = 0;
    let most_alike = |delimiter: u8| {
        let lines = text_lines_bounded(text, delimiter, SEPARATOR_LINES);
        let mut counts: Vec<usize> =
            lines.iter().map(|row| row.cells.len()).filter(|fields| *fields > 1).collect();
        counts.sort_unstable();
        let runs = counts.chunk_by(|one, other| one == other);
        (lines.len(), runs.map(|run| (run.len(), run[0], delimiter)).max())
    };
    for delimiter in SEPARATORS {
        let (lines, found) = most_alike(delimiter);
        looked_at = lines;
        if found.map(|found| (found.0, found.1)) > best.map(|best| (best.0, best.1)) {
            best = found;
        }
    }
    // Words of a sentence stand between spaces too: only where every line has as many is one meant.
    let by_space = || most_alike(b' ').1.filter(|found| found.0 == looked_at);
    let Some((lines, fields, delimiter)) = best.or_else(by_space) else {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let shown: String = first.chars().take(80).collect();
        return Err(Error::Columns {
            file: place.shown().to_owned(),
            what: "shows no columns: no separator makes two fields of its lines".to_owned(),
            found: quoted_list(&[shown]),
            hint: Some("a table of one column names nobody and nothing beside it".to_owned()),
        });
    };
    let (lines, fields) = table_width(text, delimiter).unwrap_or((lines, fields));
    Ok((delimiter, fields, (lines, looked_at)))
}

/// How many lines make the table and of how many fields, where lines above it have fields too: of
/// the widths whose first line could be a header, the one that holds most fields in all. A list of
/// details may be longer than the few payments below it.
fn table_width(text: &str, delimiter: u8) -> Option<(usize, usize)> {
    let lines = text_lines_bounded(text, delimiter, SEPARATOR_LINES);
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for row in lines.iter().filter(|row| row.cells.len() > 1) {
        *widths.entry(row.cells.len()).or_insert(0) += 1;
    }
    let headed = widths.into_iter().filter(|(fields, count)| {
        let mut of_width = lines.iter().filter(|row| row.cells.len() == *fields);
        *count > 1 && of_width.find(|row| is_full(row)).is_some_and(|row| is_header(&row.cells))
    });
    let best = headed.max_by_key(|(fields, count)| (count * (fields - 1), *count));
    best.map(|(fields, count)| (count, fields))
}

/// Whether a line fills most of its columns: one above the header may be padded to its width.
fn is_full(row: &SampleRow) -> bool {
    row.cells.iter().filter(|cell| !cell.is_empty()).count() * 2 > row.cells.len()
}

fn text_lines(text: &str, delimiter: u8) -> Vec<SampleRow> {
    text_lines_bounded(text, delimiter, SAMPLE_ROWS)
}

/// Lines that are not blank, those that a quoted line break joins as one.
fn text_lines_bounded(text: &str, delimiter: u8, most: usize) -> Vec<SampleRow> {
    let mut rows = Vec::new();
    let (mut rest, mut above) = (text, 0);
    while !rest.is_empty() && rows.len() < most {
        let mut passed = 0;
        for (at, lines, line) in whole_lines(rest, b'"') {
            passed = at + lines;
            if !line.trim().is_empty() {
                let cells = unquoted_fields(line.as_bytes(), delimiter, b'"');
                let (line, raw) = (above + at + 1, line.to_owned());
                rows.push(SampleRow { line, raw, cells, typed: Vec::new() });
            }
        }
        let end = rest.match_indices('\n').nth(passed.saturating_sub(1));
        above += passed;
        rest = end.map_or("", |(at, _)| &rest[at + 1..]);
    }
    rows.truncate(most);
    rows
}

/// Whether a line names columns: words and no values.
fn is_header(cells: &[String]) -> bool {
    let filled = cells.iter().filter(|cell| !cell.is_empty());
    let named = |cell: &String| cell.chars().any(char::is_alphabetic) && !cell.contains('@');
    let dated = |cell: &String| {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        digits >= 4 && digits * 2 > cell.len()
    };
    let names = filled.clone().filter(|cell| named(cell) && !dated(cell)).count();
    names > 0 && names == filled.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], encoding: &str, delimiter: u8, columns: &[&str], rows: usize) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("table");
        std::fs::write(&path, bytes).unwrap();
        let sample = sample_table(&Place::file(&path, "table")).unwrap();
        assert_eq!((sample.encoding, sample.delimiter), (encoding, delimiter));
        assert_eq!(sample.columns, columns);
        assert_eq!(sample.rows.len(), rows);
    }

    #[test]
    fn a_table_is_found_in_its_bytes() {
        check(b"a,b\n1,2\n\n3,4\n", "utf-8", b',', &["a", "b"], 2);
        check(b"Bank\nfor;1,5\na;b;c\n1,5;2;3\n4;5,5;6\n", "utf-8", b';', &["a", "b", "c"], 2);
        check(b"0\t1\t1\n0\t2\t1\n", "utf-8", b'\t', &["column_1", "column_2", "column_3"], 2);
        // More lines above the table have fields than the table has rows.
        let below = b"Report;of May\nIBAN;1\nBank;B\nName;N\nPeriod;P\n\na;b;c\n1;2;3\n4;5;6\n";
        check(below, "utf-8", b';', &["a", "b", "c"], 2);
        check(b"1 2\n3 4\n", "utf-8", b' ', &["column_1", "column_2"], 2);
        check(b"\"a\nb\",c\r\n1,2\r\n", "utf-8", b',', &["a b", "c"], 1);
        let western = b"name,amount\nCaf\xe9 Ren\xe9,1\nM\xfcller,2\n";
        check(western, "windows-1252", b',', &["name", "amount"], 2);
        let wide: Vec<u8> = "a|b\n1|2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wide, "utf-16le", b'|', &["a", "b"], 1);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("table");
        for (bytes, words) in [
            (&b""[..], "is empty"),
            (b" \n \n", "holds no text"),
            (b"PK\x03\x04\x00\x00\x01\x02\x00\x00\x07\x00", "bytes that are no text"),
            (b"one\ntwo\nthree\n", "shows no columns"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = sample_table(&Place::file(&path, "table")).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
