//! An ACH file as records of 94 characters, however its lines end.
//!
//! Answers: where does the next record begin, and what are its characters? Files come with one
//! record a line, short lines whose spaces were cut off, or no line ends at all. What a record
//! means stays out. Holds one record at a time; a line without an end is passed over.

use std::io::{self, BufRead, BufReader};

use crate::records::structured::SourceBytes;

/// Characters of a record.
pub const WIDTH: usize = 94;
/// Bytes read ahead.
const BUFFER_BYTES: usize = 1 << 16;

/// One record's characters and where they stand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Block {
    /// The physical line, or the one after the last record's where a line holds several.
    pub line: u32,
    /// Line and characters, where the line alone does not say.
    pub place: String,
    /// At most 94 characters, without the spaces at the end.
    pub text: String,
    /// Characters of the line, when they are more than 94.
    pub too_long: Option<u64>,
}

impl Block {
    /// Characters of the positions from `first` to `last`, counted from 1 as the rules do;
    /// what was cut off at the end reads as spaces.
    pub fn exact(&self, first: usize, last: usize) -> String {
        let spaces = std::iter::repeat(' ');
        self.text.chars().chain(spaces).skip(first - 1).take(last + 1 - first).collect()
    }

    /// As [`Block::exact`], without the spaces around it.
    pub fn at(&self, first: usize, last: usize) -> String {
        self.exact(first, last).trim().to_owned()
    }

    /// A number of digits only; `None` for anything else, spaces around it aside.
    pub fn number(&self, first: usize, last: usize) -> Option<u64> {
        let text = self.at(first, last);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    }
}

/// Reads records one after the other.
pub struct Blocks {
    reader: BufReader<SourceBytes>,
    /// Physical line of the next byte.
    physical: u32,
    /// Characters before the next byte on its line.
    passed: u64,
    /// Line of the last record.
    last: u32,
    /// Whether several records stand on a line; the first record decides for the file.
    unbroken: Option<bool>,
}

/// Counts characters byte by byte: UTF-8 where it is, else a byte is a character.
#[derive(Default)]
struct Letters {
    count: usize,
    waiting: usize,
    taken: usize,
}

impl Letters {
    /// Whether the byte belongs to the letter before it.
    fn continues(&self, byte: u8) -> bool {
        self.waiting > 0 && matches!(byte, 0x80..=0xBF)
    }

    fn push(&mut self, byte: u8) {
        if self.continues(byte) {
            self.waiting -= 1;
            self.taken += 1;
            return;
        }
        if self.waiting > 0 {
            // The letter broke off, so each of its bytes is a letter of its own.
            self.count += self.taken;
        }
        self.count += 1;
        self.taken = 0;
        self.waiting = match byte {
            0xC2..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF4 => 3,
            _ => 0,
        };
    }
}

impl Blocks {
    /// Starts at the first byte of a source.
    pub fn new(bytes: SourceBytes) -> Blocks {
        let reader = BufReader::with_capacity(BUFFER_BYTES, bytes);
        Blocks { reader, physical: 1, passed: 0, last: 0, unbroken: None }
    }

    /// Line of the last record, or 1.
    pub fn last_line(&self) -> u32 {
        self.last.max(1)
    }

    /// The next record; `None` at the end. Blank lines are none.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        loop {
            match self.peek()? {
                None => return Ok(None),
                Some(b'\n') => self.end_line(),
                // A mark of byte order, the end mark of old systems, or half a line end.
                Some(b'\r' | 0x1A | 0xEF | 0xBB | 0xBF) if self.passed == 0 => self.bump(),
                Some(b' ' | b'\r' | 0x1A) if self.passed > 0 => self.bump(),
                Some(_) => break,
            }
        }
        let (physical, before) = (self.physical, self.passed);
        let text = self.letters()?;
        let too_long = self.rest_of_line()?;
        let line = physical.max(self.last.saturating_add(1));
        self.last = line;
        let several = self.unbroken == Some(true);
        let place = if several {
            format!("line {physical}, characters {} to {}", before + 1, before + WIDTH as u64)
        } else {
            String::new()
        };
        let text = text.trim_end().to_owned();
        let block = Block { line, place, text, too_long };
        Ok(Some(block))
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
                Err(problem) => return Err(problem),
            }
        }
    }

    fn bump(&mut self) {
        self.reader.consume(1);
    }

    fn end_line(&mut self) {
        self.bump();
        self.physical = self.physical.saturating_add(1);
        self.passed = 0;
    }

    /// The characters up to the line's end, at most [`WIDTH`].
    fn letters(&mut self) -> io::Result<String> {
        let mut letters = Letters::default();
        let mut bytes = Vec::with_capacity(WIDTH);
        while let Some(byte) = self.peek()? {
            let full = letters.count >= WIDTH && !letters.continues(byte);
            if byte == b'\n' || full {
                break;
            }
            letters.push(byte);
            bytes.push(byte);
            self.bump();
        }
        self.passed += letters.count as u64;
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
        }
        Ok(text)
    }

    /// Goes to where the next record begins; the line's characters when they are too many.
    fn rest_of_line(&mut self) -> io::Result<Option<u64>> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'\n' => {
                    self.unbroken.get_or_insert(false);
                    return Ok(None);
                }
                b' ' | b'\r' | 0x1A => {
                    self.passed += 1;
                    self.bump();
                }
                _ => break,
            }
        }
        let Some(byte) = self.peek()? else {
            return Ok(None);
        };
        let begins_a_record = matches!(byte, b'1' | b'5'..=b'9');
        if *self.unbroken.get_or_insert(begins_a_record) {
            return Ok(None);
        }
        let mut length = self.passed;
        while let Some(byte) = self.peek()? {
            if byte == b'\n' {
                break;
            }
            // What follows a lead byte belongs to its letter.
            length += u64::from(!matches!(byte, 0x80..=0xBF | b'\r'));
            self.bump();
        }
        Ok(Some(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[(u32, usize, Option<u64>)]) {
        let mut blocks = Blocks::new(Box::new(io::Cursor::new(bytes.to_vec())));
        let mut found = Vec::new();
        while let Some(block) = blocks.next_block().unwrap() {
            found.push((block.line, block.text.chars().count(), block.too_long));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn a_record_is_a_line_or_the_next_94_characters() {
        let record = "1".repeat(WIDTH);
        check(b"", &[]);
        check(b"\xef\xbb\xbf6 short \r\n\r\n\n7\n", &[(1, 7, None), (4, 1, None)]);
        check(record.repeat(3).as_bytes(), &[(1, 94, None), (2, 94, None), (3, 94, None)]);
        let padded = format!("{record}   \r\n{record}\n");
        check(padded.as_bytes(), &[(1, 94, None), (2, 94, None)]);
        let long = format!("{record}\n{record}x12\n9\n");
        check(long.as_bytes(), &[(1, 94, None), (2, 94, Some(97)), (3, 1, None)]);
        // The first line holds no second record, so the others hold one each.
        let mixed = format!("{record}{record}\n{record}\n");
        check(mixed.as_bytes(), &[(1, 94, None), (2, 94, None), (3, 94, None)]);
    }

    #[test]
    fn a_letter_counts_once_in_any_encoding() {
        let tail = "1".repeat(WIDTH - 2);
        check(format!("1é{tail}\n").as_bytes(), &[(1, 94, None)]);
        let latin = [b"1\xe9".as_slice(), tail.as_bytes(), b"\n"].concat();
        check(&latin, &[(1, 94, None)]);
        check(&[b"1\xe9".as_slice(), tail.as_bytes(), b"\xa6z\n"].concat(), &[(1, 94, Some(95))]);
    }

    #[test]
    fn positions_count_from_one() {
        let block = Block { text: "6221".to_owned(), ..Block::default() };
        assert_eq!((block.at(2, 3).as_str(), block.exact(4, 6).as_str()), ("22", "1  "));
        assert_eq!((block.number(2, 3), block.number(5, 6)), (Some(22), None));
    }
}
