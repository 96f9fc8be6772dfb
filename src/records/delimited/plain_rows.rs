//! Rows of a block without quotes, field by field and without a copy.
//!
//! Nearly every row of a large return is plain: as many delimiters as the header and a line end.
//! Only such rows are told apart here; whatever else stands in a block is handed back and taken
//! by the splitter that every other row goes through, so a record means the same on both ways.

use wide::u8x16;

use super::{Block, RECORD_BYTES_MAX, Recycled, Shape, Splitter};
use crate::records::raw_batch::RawBatch;

/// Bytes looked at together for delimiters and line ends, one bit of a word each.
const STRIDE: usize = 64;
/// Bytes behind the last row, so that a field's first bytes are read at once, and what they are: no
/// white space, no letter of more bytes, and no delimiter of rows that are read here.
const PADDING: usize = 2 * STRIDE;
const FILLER: u8 = 0x7f;
/// Bytes of a field that [`PlainRows::short`] reads.
const SHORT_BYTES_MAX: usize = 16;

/// Bytes that are compared at once.
const LANES: usize = 16;

/// The lowest bytes of a text of so many bytes.
const KEPT: [u128; SHORT_BYTES_MAX + 1] = {
    let mut kept = [0; SHORT_BYTES_MAX + 1];
    let mut length = 1;
    while length <= SHORT_BYTES_MAX {
        kept[length] = u128::MAX >> (8 * (SHORT_BYTES_MAX - length));
        length += 1;
    }
    kept
};

/// The mark before the first byte of a block: what follows a mark begins one byte behind it.
const BEFORE: u32 = u32::MAX;

/// Where the delimiters and the line ends of a block stand, in order. Kept from block to block for
/// the room that it has.
#[derive(Debug, Default)]
pub struct Marks {
    /// Room for delimiters and line ends, and for line ends alone.
    all: Vec<u32>,
    lines: Vec<u32>,
}

/// The rows of one block, in order.
pub struct PlainRows<'s> {
    bytes: Recycled,
    length: usize,
    shape: &'s Shape,
    /// Delimiters and line ends, [`BEFORE`] first.
    marks: &'s [u32],
    line_ends: &'s [u32],
    /// Some field may begin or end with white space.
    padded: bool,
    /// The mark before the next row, and how many lines are passed.
    passed: usize,
    lines_passed: usize,
    start: usize,
    line: u32,
    /// The row at hand: where it starts and ends, and the marks around its fields.
    row_start: usize,
    row_end: usize,
    around: &'s [u32],
}

/// A row, by its line and its bytes within the block.
#[derive(Clone, Copy, Debug)]
pub struct PlainRow {
    /// Physical line.
    pub line: u32,
    /// Has the header's number of fields and is not the header itself: its fields may be read.
    pub regular: bool,
    /// Nothing stands on it: it is passed over.
    pub blank: bool,
    start: usize,
    end: usize,
}

/// A field's text in a form that is compared and hashed in a few instructions.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub struct ShortText {
    /// The bytes, the first one lowest, zeros behind the last.
    pub bytes: u128,
    /// How many bytes; 0 to 16.
    pub length: u32,
}

impl PartialEq for ShortText {
    /// All at once: where two texts differ cannot be guessed.
    #[inline(always)]
    fn eq(&self, other: &ShortText) -> bool {
        (self.bytes ^ other.bytes) | u128::from(self.length ^ other.length) == 0
    }
}

impl<'s> PlainRows<'s> {
    /// The rows of a block, or the block itself where its rows need a closer look: quotes,
    /// bytes that are not valid text, lines that a pattern passes over, a record over the bound.
    pub fn new(
        block: Block,
        shape: &'s Shape,
        marks: &'s mut Marks,
    ) -> Result<PlainRows<'s>, Box<Block>> {
        let special = [b'\n', b'\r', shape.quote, FILLER].contains(&shape.delimiter);
        if special
            || shape.columns == 0
            || !shape.ignore.is_empty()
            || block.oversized.is_some()
            || block.quoted
        {
            return Err(Box::new(block));
        }
        let mut block = block;
        let length = block.bytes.len();
        block.bytes.resize(length.next_multiple_of(STRIDE) + PADDING, FILLER);
        let found = match ends_with_return(&block.bytes) {
            true => marks.find::<true>(&block.bytes, length, shape.delimiter),
            false => marks.find::<false>(&block.bytes, length, shape.delimiter),
        };
        if !found.ascii && !is_sound(&block.bytes[..length]) {
            block.bytes.truncate(length);
            return Err(Box::new(block));
        }
        let Block { bytes, first_line, .. } = block;
        Ok(PlainRows {
            bytes,
            length,
            shape,
            marks: found.all,
            line_ends: found.lines,
            padded: found.padded,
            passed: 0,
            lines_passed: 0,
            start: 0,
            line: first_line,
            row_start: 0,
            row_end: 0,
            around: &[],
        })
    }

    /// The next row; its fields can be asked for until the one after it is.
    pub fn next_row(&mut self) -> Option<PlainRow> {
        let end = *self.line_ends.get(self.lines_passed)? as usize;
        let start = self.start;
        let around = self.marks.get(self.passed..=self.passed + self.shape.columns);
        self.around = around.unwrap_or_default();
        let whole = self.around.last().is_some_and(|mark| *mark as usize == end);
        self.passed = if whole { self.passed + self.shape.columns } else { self.mark_at(end) };
        self.lines_passed += 1;
        self.start = end + 1;
        let line = self.line;
        self.line += 1;
        self.row_start = start;
        let carriage = end > start && self.bytes[end - 1] == b'\r';
        self.row_end = end - usize::from(carriage);
        let regular = whole
            && end - start <= RECORD_BYTES_MAX
            && (self.row_end - start != self.shape.header.len()
                || self.bytes[start..self.row_end] != *self.shape.header.as_bytes());
        let blank = self.row_end == start;
        Some(PlainRow { line, regular, blank, start, end: self.start.min(self.length) })
    }

    /// The number of the mark at the end of the row at hand. Cost: the marks of the row.
    #[cold]
    fn mark_at(&self, end: usize) -> usize {
        let of_row = self.marks[self.passed + 1..].iter();
        self.passed + 1 + of_row.take_while(|mark| (**mark as usize) < end).count()
    }

    /// First and last byte of a column of the row at hand, without white space around it.
    #[inline(always)]
    pub fn span(&self, column: usize) -> (usize, usize) {
        let start = self.around[column].wrapping_add(1) as usize;
        // A carriage return is no part of the last field.
        let end = (self.around[column + 1] as usize).min(self.row_end);
        if self.padded { self.trimmed(start, end) } else { (start, end) }
    }

    #[inline(never)]
    fn trimmed(&self, start: usize, end: usize) -> (usize, usize) {
        let field = &self.bytes[start..end];
        let lead = field.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let kept = field[lead..].trim_ascii_end().len();
        (start + lead, start + lead + kept)
    }

    /// The bytes between two places of the block.
    #[inline(always)]
    pub fn bytes(&self, (start, end): (usize, usize)) -> &[u8] {
        &self.bytes[start..end]
    }

    /// Whether two fields hold the same bytes.
    #[inline(always)]
    pub fn same(&self, one: (usize, usize), other: (usize, usize)) -> bool {
        match (self.short(one), self.short(other)) {
            (Some(one), Some(other)) => one == other,
            _ => self.bytes(one) == self.bytes(other),
        }
    }

    /// The text between two places of the block.
    ///
    /// # Panics
    ///
    /// If they cut a letter.
    pub fn text(&self, span: (usize, usize)) -> &str {
        std::str::from_utf8(self.bytes(span)).expect("a block of plain rows is valid text")
    }

    /// The text between two places, if it is of at most 16 bytes.
    #[inline(always)]
    pub fn short(&self, (start, end): (usize, usize)) -> Option<ShortText> {
        let length = end - start;
        if length > SHORT_BYTES_MAX {
            return None;
        }
        let window = self.bytes[start..start + SHORT_BYTES_MAX].try_into().expect("16 bytes");
        let bytes = u128::from_le_bytes(window) & KEPT[length];
        Some(ShortText { bytes, length: length as u32 })
    }

    /// A row as the splitter of every other block takes it: a batch of at most one record, with
    /// what was set aside or passed over.
    pub fn split(&self, row: PlainRow) -> RawBatch {
        let mut splitter = Splitter {
            shape: self.shape,
            batch: RawBatch::new(self.shape.wanted.len()),
            delimiters: Vec::new(),
            valid: true,
        };
        splitter.record(&self.bytes[row.start..row.end], 0, row.line);
        splitter.batch
    }
}

impl Marks {
    /// Marks written at once, more of them than most strides hold.
    const AT_ONCE: usize = 12;
    const LINES_AT_ONCE: usize = 2;

    /// Finds the marks of the first `length` bytes, which [`FILLER`] follows. `RETURNS` says that
    /// lines end with a carriage return: those are then no white space. Cost: one pass.
    fn find<const RETURNS: bool>(
        &mut self,
        bytes: &[u8],
        length: usize,
        delimiter: u8,
    ) -> Found<'_> {
        let (delimiters, line_ends) = (u8x16::splat(delimiter), u8x16::splat(b'\n'));
        let (space, carriage) = (u8x16::splat(b' '), u8x16::splat(b'\r'));
        let (mut marks, mut lines) = (put_one(&mut self.all, 0, BEFORE), 0);
        let mut letters = u8x16::ZERO;
        let mut beside = Beside::default();
        for at in (0..length).step_by(STRIDE) {
            let stride: &[u8; STRIDE] = bytes[at..at + STRIDE].try_into().expect("64 bytes");
            let (mut found, mut ends, mut white, mut returns) = (0_u64, 0_u64, 0_u64, 0_u64);
            for (nth, lanes) in stride.chunks_exact(LANES).enumerate() {
                let lanes = u8x16::new(lanes.try_into().expect("16 bytes"));
                letters |= lanes;
                let bits = |lanes: u8x16| u64::from(lanes.to_bitmask()) << (LANES * nth);
                let of_lines = lanes.simd_eq(line_ends);
                found |= bits(lanes.simd_eq(delimiters) | of_lines);
                ends |= bits(of_lines);
                white |= bits(lanes.min(space).simd_eq(lanes));
                if RETURNS {
                    returns |= bits(lanes.simd_eq(carriage));
                }
            }
            beside.look(found, ends, white & !found, returns);
            marks = put::<{ Marks::AT_ONCE }>(&mut self.all, marks, at, found);
            lines = put::<{ Marks::LINES_AT_ONCE }>(&mut self.lines, lines, at, ends);
        }
        // The last line may lack its end.
        if length > 0 && bytes[length - 1] != b'\n' {
            marks = put_one(&mut self.all, marks, length as u32);
            lines = put_one(&mut self.lines, lines, length as u32);
        }
        let last_is_white = length > 0 && bytes[length - 1] <= b' ' && bytes[length - 1] != b'\n';
        let padded = beside.found != 0 || last_is_white;
        let ascii = letters.to_bitmask() == 0;
        Found { all: &self.all[..marks], lines: &self.lines[..lines], ascii, padded }
    }
}

/// Whether white space stands beside a mark, looked for a stride at a time.
struct Beside {
    /// Where it does.
    found: u64,
    /// The last bits of the stride before, as the lowest ones.
    mark: u64,
    white: u64,
    carriage: u64,
}

impl Default for Beside {
    /// A block begins as if behind a line end.
    fn default() -> Beside {
        Beside { found: 0, mark: 1, white: 0, carriage: 0 }
    }
}

impl Beside {
    /// `returns` are carriage returns that end a line: white space is looked for before them, and
    /// any that ends none counts as such itself.
    #[inline(always)]
    fn look(&mut self, marks: u64, line_ends: u64, white: u64, returns: u64) {
        let (marks, white) = (marks | returns, white & !returns);
        self.found |= white & (marks << 1 | self.mark) | (white << 1 | self.white) & marks;
        self.found |= (returns << 1 | self.carriage) & !line_ends;
        (self.mark, self.white, self.carriage) = (marks >> 63, white >> 63, returns >> 63);
    }
}

/// The marks of a block, whether all its bytes are ASCII, and whether a field may begin or end with
/// white space.
struct Found<'a> {
    all: &'a [u32],
    lines: &'a [u32],
    ascii: bool,
    padded: bool,
}

/// Writes one mark behind the first `filled` of a list and returns how many are filled then.
fn put_one(list: &mut Vec<u32>, filled: usize, mark: u32) -> usize {
    match list.get_mut(filled) {
        Some(place) => *place = mark,
        None => list.push(mark),
    }
    filled + 1
}

/// Writes the places of the bits of a stride behind the first `filled` of a list and returns how
/// many are filled then. Some are written whether or not there are as many bits: to ask each time
/// costs more.
#[inline(always)]
fn put<const AT_ONCE: usize>(list: &mut Vec<u32>, filled: usize, at: usize, bits: u64) -> usize {
    if list.len() < filled + STRIDE {
        list.resize((filled + STRIDE) * 2, 0);
    }
    let room: &mut [u32; STRIDE] =
        (&mut list[filled..filled + STRIDE]).try_into().expect("as many as a stride holds");
    let mut left = bits;
    for place in &mut room[..AT_ONCE] {
        *place = at as u32 + left.trailing_zeros();
        left &= left.wrapping_sub(1);
    }
    let count = bits.count_ones() as usize;
    if count > AT_ONCE {
        for place in &mut room[AT_ONCE..count] {
            *place = at as u32 + left.trailing_zeros();
            left &= left.wrapping_sub(1);
        }
    }
    filled + count
}

/// Whether the first line ends with a carriage return.
fn ends_with_return(bytes: &[u8]) -> bool {
    memchr::memchr(b'\n', bytes).is_some_and(|end| end > 0 && bytes[end - 1] == b'\r')
}

/// Valid text without the mark that a decoder leaves where bytes were invalid.
fn is_sound(bytes: &[u8]) -> bool {
    bytes.is_ascii()
        || std::str::from_utf8(bytes).is_ok_and(|text| {
            memchr::memmem::find(text.as_bytes(), "\u{fffd}".as_bytes()).is_none()
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::RegexSet;

    use super::*;
    use crate::records::delimited::Blocks;

    /// Line, fields; and the rejects' lines and reasons, and how many lines were passed over.
    type Read = (Vec<(u32, Vec<String>)>, Vec<(u32, String)>, u64);

    fn shape(delimiter: u8) -> Shape {
        Shape {
            delimiter,
            quote: b'"',
            columns: 3,
            wanted: vec![2, 0],
            header: "a,b,c".to_owned(),
            ignore: RegexSet::empty(),
        }
    }

    fn add(read: &mut Read, batch: RawBatch) {
        for row in 0..batch.rows() {
            let fields = (0..2).map(|slot| batch.get(slot, row).to_owned()).collect();
            read.0.push((batch.lines[row], fields));
        }
        read.1.extend(batch.rejects.into_iter().map(|one| (one.line, one.reason)));
        read.2 += batch.ignored;
    }

    fn read(bytes: &[u8], shape: &Shape, plainly: bool) -> Read {
        let mut blocks = Blocks::new(bytes, 2, shape.clone());
        let mut read = Read::default();
        let mut marks = Marks::default();
        while let Some(block) = blocks.next_block().unwrap() {
            let mut rows = match PlainRows::new(block, shape, &mut marks) {
                Ok(rows) if plainly => rows,
                Ok(rows) => {
                    let PlainRows { mut bytes, length, .. } = rows;
                    bytes.truncate(length);
                    let block = Block { bytes, first_line: 2, oversized: None, quoted: false };
                    add(&mut read, block.split(shape));
                    continue;
                }
                Err(block) => {
                    add(&mut read, block.split(shape));
                    continue;
                }
            };
            while let Some(row) = rows.next_row() {
                if row.blank {
                    read.2 += 1;
                    continue;
                }
                if !row.regular
                    || [2, 0].iter().all(|column| rows.span(*column).0 == rows.span(*column).1)
                {
                    add(&mut read, rows.split(row));
                    continue;
                }
                let texts = [rows.span(2), rows.span(0)];
                for span in texts {
                    let short = rows.short(span);
                    assert_eq!(short.is_some(), span.1 - span.0 <= 16);
                    if let Some(short) = short {
                        let bytes = short.bytes.to_le_bytes();
                        assert_eq!(&bytes[..short.length as usize], rows.bytes(span));
                        assert!(bytes[short.length as usize..].iter().all(|byte| *byte == 0));
                    }
                }
                read.0.push((row.line, texts.map(|span| rows.text(span).to_owned()).to_vec()));
            }
        }
        read
    }

    #[test]
    fn rows_without_quotes_are_read_in_place() {
        let bytes = b"1,2,3\r\na,b,c\n\n 4 ,5, six\n7,8\n9,,";
        let rows = vec![
            (2, vec!["3".to_owned(), "1".to_owned()]),
            (5, vec!["six".to_owned(), "4".to_owned()]),
            (7, vec![String::new(), "9".to_owned()]),
        ];
        let found = read(bytes, &shape(b','), true);
        assert_eq!((found.0, found.1.len(), found.2), (rows, 1, 2));
    }

    proptest! {
        #[test]
        fn plain_rows_are_the_splitters_rows(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    &b","[..], b"\n", b"\r\n", b"\"", b" ", b"a,b,c\n", b"1,2,3\n", b"x;y\tz",
                    b"caf\xc3\xa9", b"\xff", b"\xef\xbf\xbd", b"\r", b"0123456789abcdefgh", b",,\n",
                    b"\x0b", b"\0",
                ]),
                0..60,
            ),
            delimiter in prop::sample::select(vec![b',', b';', b'\t', b' ']),
        ) {
            let bytes = pieces.concat();
            let shape = shape(delimiter);
            prop_assert_eq!(read(&bytes, &shape, true), read(&bytes, &shape, false));
        }
    }
}
