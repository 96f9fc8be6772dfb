//! Lines of a source in tagged text, whatever it holds: how long a line may be, and which
//! letters its bytes are when nobody states an encoding.
//!
//! What a line means is the formats' own.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader};

use crate::records::structured::SourceBytes;

/// Bytes of one record, and of one line, that are held; what goes beyond is passed over.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// One physical line, without its end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BoundedLine {
    /// Its number, from 1.
    pub number: u32,
    /// Its bytes, at most [`RECORD_BYTES_MAX`].
    pub bytes: Vec<u8>,
    /// Whether bytes beyond the bound were passed over.
    pub cut: bool,
}

impl BoundedLine {
    /// The line as text.
    pub fn text(&self) -> Cow<'_, str> {
        letters(&self.bytes)
    }
}

/// Reads lines of any length in bounded memory.
pub struct BoundedLines {
    inner: BufReader<SourceBytes>,
    number: u32,
}

impl BoundedLines {
    /// Starts at the first line; a UTF-8 byte order mark is passed over.
    pub fn new(bytes: SourceBytes) -> BoundedLines {
        BoundedLines { inner: BufReader::with_capacity(1 << 16, bytes), number: 0 }
    }

    /// The next line; `None` at the end of the source, or past the last number of 32 bits.
    ///
    /// # Errors
    ///
    /// What the operating system or the decompressor says.
    pub fn next_line(&mut self) -> io::Result<Option<BoundedLine>> {
        let Some(number) = self.number.checked_add(1) else { return Ok(None) };
        let mut line = BoundedLine { number, ..BoundedLine::default() };
        let mut any = false;
        loop {
            let held = self.inner.fill_buf()?;
            if held.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', held);
            let part = &held[..end.unwrap_or(held.len())];
            let room = RECORD_BYTES_MAX - line.bytes.len();
            line.bytes.extend_from_slice(&part[..part.len().min(room)]);
            line.cut |= part.len() > room;
            let taken = end.map_or(held.len(), |end| end + 1);
            self.inner.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number = number;
        if line.bytes.last() == Some(&b'\r') {
            line.bytes.pop();
        }
        if number == 1 && line.bytes.starts_with(b"\xef\xbb\xbf") {
            line.bytes.drain(..3);
        }
        Ok(Some(line))
    }
}

/// Bytes as text: UTF-8; else, when every other byte is a letter of the code pages 437, 850 and
/// 852 alike, those pages; else windows-1252. Between capital and small letters of western
/// alphabets the two families have no byte in common, so that a line tells which it is.
pub fn letters(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let dos: Option<String> = bytes
        .iter()
        .map(|byte| if byte.is_ascii() { Some(char::from(*byte)) } else { dos_letter(*byte) })
        .collect();
    dos.map_or_else(|| encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0, Cow::Owned)
}

/// The letter of a byte in the code pages 437, 850 and 852, where they agree.
fn dos_letter(byte: u8) -> Option<char> {
    Some(match byte {
        0x80 => 'Ç',
        0x81 => 'ü',
        0x82 => 'é',
        0x83 => 'â',
        0x84 => 'ä',
        0x87 => 'ç',
        0x89 => 'ë',
        0x8c => 'î',
        0x8e => 'Ä',
        0x90 => 'É',
        0x93 => 'ô',
        0x94 => 'ö',
        0x99 => 'Ö',
        0x9a => 'Ü',
        0xa0 => 'á',
        0xa1 => 'í',
        0xa2 => 'ó',
        0xa3 => 'ú',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &'static [u8], lines: &[(u32, &str, bool)]) {
        let mut reader = BoundedLines::new(Box::new(bytes));
        let mut found = Vec::new();
        while let Some(line) = reader.next_line().unwrap() {
            found.push((line.number, line.text().into_owned(), line.cut));
        }
        let found: Vec<_> = found.iter().map(|one| (one.0, one.1.as_str(), one.2)).collect();
        assert_eq!(found, lines);
    }

    #[test]
    fn lines_end_as_they_may() {
        check(b"", &[]);
        check(b"a", &[(1, "a", false)]);
        check(b"\xef\xbb\xbfa\r\n\nb\n", &[(1, "a", false), (2, "", false), (3, "b", false)]);
    }

    #[test]
    fn letters_are_told_by_their_bytes() {
        check(b"j\xa2v\xa0\xa1r\xa0sa", &[(1, "jóváírása", false)]);
        check(b"M\xfcller", &[(1, "Müller", false)]);
        check("Müller".as_bytes(), &[(1, "Müller", false)]);
        check(b"\xa0\xfc", &[(1, "\u{a0}ü", false)]);
    }

    #[test]
    fn an_endless_line_is_passed_over() {
        let long = Box::new(io::Read::take(io::repeat(b'x'), 5 << 20));
        let mut reader = BoundedLines::new(Box::new(io::Read::chain(long, &b"\nnext"[..])));
        let line = reader.next_line().unwrap().unwrap();
        assert_eq!((line.bytes.len(), line.cut), (RECORD_BYTES_MAX, true));
        assert_eq!(reader.next_line().unwrap().unwrap().bytes, b"next");
    }
}
