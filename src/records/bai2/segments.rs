//! Splits a BAI2 file into its records, wherever the lines break.
//!
//! A record ends with a slash, and `88` continues it. Some banks leave the slash out, break a
//! line in the middle of a text, or write several records on one line; all of it is read.
//! What a record says is `mod.rs`'s.

use std::collections::VecDeque;
use std::io;

use crate::records::bounded_lines::{BoundedLines, RECORD_BYTES_MAX};
use crate::records::structured::SourceBytes;

/// The codes that begin a record.
const CODES: [&str; 8] = ["01", "02", "03", "16", "49", "88", "98", "99"];

/// A record with its continuations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Record {
    /// Its number among the records of the file, continuations counted, from 1. Where every line
    /// is one record it is the line's.
    pub number: u32,
    /// Physical line on which it starts.
    pub line: u32,
    /// Its code; empty for a line that is no record at all.
    pub code: String,
    /// Its text and that of each continuation, without the code and the slash.
    pub parts: Vec<String>,
    /// How many records of the file it is: itself and its continuations.
    pub records: u32,
    /// Whether it is longer than a record may be, so that its end was passed over.
    pub cut: bool,
    /// As found.
    pub raw: String,
}

impl Record {
    /// Everything between commas, continuations included.
    pub fn fields(&self) -> Vec<&str> {
        self.parts.iter().flat_map(|part| part.split(',')).map(str::trim).collect()
    }

    fn length(&self) -> usize {
        self.raw.len()
    }
}

/// Reads the records of a source.
pub struct Records {
    lines: BoundedLines,
    /// Pieces of the line last read, with its number, and whether the bound cut it.
    pieces: VecDeque<(u32, String, bool)>,
    open: Option<Record>,
    number: u32,
}

impl Records {
    /// Starts at the beginning of a source.
    pub fn new(bytes: SourceBytes) -> Records {
        let lines = BoundedLines::new(bytes);
        Records { lines, pieces: VecDeque::new(), open: None, number: 0 }
    }

    /// The next record with all its continuations; `None` at the end of the source.
    ///
    /// # Errors
    ///
    /// What the operating system or the decompressor says.
    pub fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some((line, piece, cut)) = self.pieces.pop_front() else {
                let Some(line) = self.lines.next_line()? else { return Ok(self.open.take()) };
                let text = line.text();
                let pieces = pieces(&text);
                let last = pieces.len();
                for (nth, piece) in pieces.into_iter().enumerate() {
                    let cut = line.cut && nth + 1 == last;
                    self.pieces.push_back((line.number, piece.to_owned(), cut));
                }
                continue;
            };
            let (code, text) = code_of(&piece);
            let continues = match (&self.open, code) {
                (Some(_), "88") => true,
                // A line broken inside the text of an entry; an unknown code is no such line.
                (Some(open), "") => open.code == "16" && !looks_coded(&piece),
                _ => false,
            };
            if let (true, Some(open)) = (continues, &mut self.open) {
                if code == "88" {
                    self.number = self.number.saturating_add(1);
                    open.records += 1;
                }
                if open.length() + piece.len() >= RECORD_BYTES_MAX || cut {
                    open.cut = true;
                } else {
                    open.parts.push(without_slash(text).to_owned());
                    open.raw.push('\n');
                    open.raw.push_str(&piece);
                }
                continue;
            }
            self.number = self.number.saturating_add(1);
            let record = Record {
                number: self.number,
                line,
                code: code.to_owned(),
                parts: vec![without_slash(text).to_owned()],
                records: 1,
                cut,
                raw: piece.clone(),
            };
            if let Some(before) = self.open.replace(record) {
                return Ok(Some(before));
            }
        }
    }
}

/// The records that one line holds. Only a slash with space behind it and then a code parts two:
/// a date in a text holds slashes too.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, _) in line.match_indices('/') {
        let behind = &line[at + 1..];
        let next = behind.trim_start();
        if next.len() < behind.len() && begins_record(next) {
            pieces.push(&line[start..=at]);
            start = line.len() - next.len();
        }
    }
    pieces.push(&line[start..]);
    pieces.into_iter().map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

fn begins_record(text: &str) -> bool {
    match code_of(text) {
        ("", _) => false,
        ("16", rest) => rest.as_bytes().get(..3).is_some_and(|c| c.iter().all(u8::is_ascii_digit)),
        _ => true,
    }
}

/// The code that a piece begins with, and what stands behind it.
fn code_of(piece: &str) -> (&str, &str) {
    match (piece.get(..2), piece.get(2..3)) {
        (Some(code), Some(",")) if CODES.contains(&code) => (code, &piece[3..]),
        (Some("88"), Some(":")) => ("88", &piece[3..]),
        _ => ("", piece),
    }
}

fn looks_coded(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    bytes.len() > 2 && bytes[..2].iter().all(u8::is_ascii_digit) && bytes[2] == b','
}

fn without_slash(text: &str) -> &str {
    let text = text.trim_end();
    text.strip_suffix('/').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &'static str, expected: &[(u32, u32, &str, &str)]) {
        let mut reader = Records::new(Box::new(text.as_bytes()));
        let mut found = Vec::new();
        while let Some(one) = reader.next_record().unwrap() {
            found.push((one.number, one.line, one.code.clone(), one.parts.join("|")));
        }
        let found: Vec<_> =
            found.iter().map(|one| (one.0, one.1, one.2.as_str(), one.3.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn records_are_found_wherever_lines_break() {
        check("01,A,/\r\n02,B/ \n", &[(1, 1, "01", "A,"), (2, 2, "02", "B")]);
        check("01,A/   02,B/\n03,C/", &[(1, 1, "01", "A"), (2, 1, "02", "B"), (3, 2, "03", "C")]);
        check("03,1,,190/\n88,5,,/\n49,1,2/", &[(1, 1, "03", "1,,190|5,,"), (3, 3, "49", "1,2")]);
        check(
            "16,115,5,,,,PAID 08/16,X\nmore/\n99,",
            &[(1, 1, "16", "115,5,,,,PAID 08/16,X|more"), (2, 3, "99", "")],
        );
        check("16,1,/\n88:E: 1", &[(1, 1, "16", "1,|E: 1")]);
        check("16,1,/\n00,x", &[(1, 1, "16", "1,"), (2, 2, "", "00,x")]);
        check("junk", &[(1, 1, "", "junk")]);
    }
}
