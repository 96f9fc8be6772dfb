//! Delimited text to raw batches: blocks cut at record boundaries, fields as spans.
//!
//! A block that holds no quote splits at line ends alone; one that does is scanned record by
//! record. A quote that never closes costs the line it stands on and no other: counting quotes
//! across a whole file would swallow everything after the first stray one.

mod plain_rows;
mod recycled;

use std::io::Read;

pub use plain_rows::{Marks, PlainRow, PlainRows, ShortText};

use memchr::{memchr, memchr_iter};
use regex::RegexSet;

use crate::records::raw_batch::RawBatch;
use crate::records::reject::{Reject, escape_raw};
use recycled::{Pool, Recycled};

/// Bytes of one block: some two thousand rows, which stay close to the thread that reads them from
/// the first look at their bytes to their columns.
const BLOCK_BYTES: usize = 1 << 18;
/// Bytes kept free behind a block.
const SPARE_BYTES: usize = 256;
/// A record longer than this is set aside; its bytes are passed over and never held.
const RECORD_BYTES_MAX: usize = 1 << 20;
/// A quoted field over more lines than this is taken for one that never closes.
const RECORD_LINES_MAX: usize = 1_000;
/// Bytes of a rejected record that are kept.
pub const RAW_BYTES_MAX: usize = 4_096;

/// A byte that no UTF-8 text holds: a producer who encloses nothing has quotes that are text.
pub const NO_QUOTE: u8 = 0xff;

/// How a file's rows become fields.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Field separator.
    pub delimiter: u8,
    /// What encloses a field that holds separators; [`NO_QUOTE`] where nothing does.
    pub quote: u8,
    /// Columns a record must have.
    pub columns: usize,
    /// Columns that are read, by position; the batch's spans stand in this order.
    pub wanted: Vec<usize>,
    /// The header line, passed over wherever it is repeated; empty when there is none.
    pub header: String,
    /// Lines that match are no records.
    pub ignore: RegexSet,
}

/// Whole records of a source, in order.
#[derive(Debug)]
pub struct Block {
    bytes: Recycled,
    first_line: u32,
    /// Whether a quote stands anywhere in it.
    quoted: bool,
    /// A record that was too long to hold: its first bytes and its line.
    oversized: Option<(u32, Vec<u8>)>,
}

/// Cuts a stream into blocks of whole records.
pub struct Blocks<R> {
    reader: R,
    pending: Vec<u8>,
    pool: Pool,
    line: u32,
    ended: bool,
    shape: Shape,
}

impl<R: Read> Blocks<R> {
    /// Starts at `line` of the source; `reader` stands at the beginning of that line.
    pub fn new(reader: R, line: u32, shape: Shape) -> Blocks<R> {
        Blocks { reader, pending: Vec::new(), pool: Pool::default(), line, ended: false, shape }
    }

    /// The next block; `None` at the end of the source.
    ///
    /// # Errors
    ///
    /// What the operating system, the decompressor or the decoder says.
    pub fn next_block(&mut self) -> std::io::Result<Option<Block>> {
        self.fill(BLOCK_BYTES)?;
        if self.pending.is_empty() {
            return Ok(None);
        }
        let first_line = self.line;
        let mut quoted = memchr(self.shape.quote, &self.pending).is_some();
        let mut cut = self.last_boundary(quoted);
        if cut == 0 && !self.ended {
            // One record fills the block: let it grow to the bound, then pass over it.
            self.fill(BLOCK_BYTES + RECORD_BYTES_MAX)?;
            quoted = memchr(self.shape.quote, &self.pending).is_some();
            cut = self.last_boundary(quoted);
        }
        if cut == 0 {
            return self.oversized(first_line).map(Some);
        }
        let mut rest = self.pool.take();
        rest.extend_from_slice(&self.pending[cut..]);
        self.pending.truncate(cut);
        let bytes = std::mem::replace(&mut self.pending, rest);
        self.pass_lines(memchr_iter(b'\n', &bytes).count())?;
        let bytes = self.pool.lend(bytes);
        Ok(Some(Block { bytes, first_line, quoted, oversized: None }))
    }

    /// Counts lines passed; a line number that wrapped would cite the wrong record.
    fn pass_lines(&mut self, lines: usize) -> std::io::Result<()> {
        let next = u32::try_from(lines).ok().and_then(|lines| self.line.checked_add(lines));
        self.line = next.ok_or_else(|| {
            std::io::Error::other("has more than 4,294,967,295 lines; split it into several files")
        })?;
        Ok(())
    }

    fn fill(&mut self, wanted: usize) -> std::io::Result<()> {
        if self.ended || self.pending.len() >= wanted {
            return Ok(());
        }
        let missing = (wanted - self.pending.len()) as u64;
        // Room for what a reader of the block puts behind it, so that it is not moved for it.
        self.pending.reserve_exact(missing as usize + SPARE_BYTES);
        let read = self.reader.by_ref().take(missing).read_to_end(&mut self.pending)?;
        self.ended = (read as u64) < missing;
        Ok(())
    }

    /// End of the last whole record that is pending; 0 when there is none.
    fn last_boundary(&self, quoted: bool) -> usize {
        if self.ended {
            return self.pending.len();
        }
        if !quoted {
            return memchr::memrchr(b'\n', &self.pending).map_or(0, |at| at + 1);
        }
        let mut at = 0;
        while let Some(taken) = take_record(&self.pending, at, &self.shape) {
            // Bytes not yet read may still change what this record is.
            if !taken.settled {
                break;
            }
            at = taken.end;
        }
        at
    }

    /// Passes over a record longer than the bound, keeping its first bytes.
    fn oversized(&mut self, line: u32) -> std::io::Result<Block> {
        let kept = self.pending[..self.pending.len().min(RAW_BYTES_MAX + 1)].to_vec();
        loop {
            if let Some(end) = memchr(b'\n', &self.pending) {
                self.pending.drain(..=end);
                self.pass_lines(1)?;
                break;
            }
            self.pending.clear();
            if self.ended {
                break;
            }
            self.fill(BLOCK_BYTES)?;
        }
        let oversized = Some((line, kept));
        let bytes = Recycled::default();
        Ok(Block { bytes, first_line: line, quoted: false, oversized })
    }
}

/// How the bytes at one place are taken. Cutting blocks and splitting them ask the same question,
/// so that where a block happens to end never changes what a record is.
struct Taken {
    end: usize,
    /// No bytes behind those at hand could change it.
    settled: bool,
    /// Holds quotes that are to be taken off.
    quoted: bool,
    /// Why only this line is set aside, when a quote on it is at fault.
    stray: Option<&'static str>,
}

/// Takes the record that starts at `start`; a quote that never closes, or that joins the line to
/// the next ones, costs its line and no other.
fn take_record(bytes: &[u8], start: usize, shape: &Shape) -> Option<Taken> {
    if start >= bytes.len() {
        return None;
    }
    let newline = memchr(b'\n', &bytes[start..]);
    let line_end = newline.map_or(bytes.len(), |at| start + at + 1);
    let line = Taken { end: line_end, settled: newline.is_some(), quoted: false, stray: None };
    if memchr(shape.quote, &bytes[start..line_end]).is_none() {
        return Some(line);
    }
    let record = next_record(bytes, start, shape);
    if record.open {
        let stray = Some("a quote that is never closed");
        return Some(Taken { settled: line.settled && record.bounded, stray, ..line });
    }
    let settled = bytes[record.end - 1] == b'\n';
    if record.end > line_end && (record.ragged || record.fields != shape.columns) {
        let stray = Some("a quote that joins this line to the next");
        return Some(Taken { settled, stray, ..line });
    }
    Some(Taken { end: record.end, settled, quoted: true, stray: None })
}

/// One record inside a block, its quotes believed.
struct Record {
    end: usize,
    /// Ends inside a quoted field.
    open: bool,
    /// The quoted field met the bounds of a record, whatever follows.
    bounded: bool,
    fields: usize,
    lines: usize,
    /// A closing quote is followed by more text.
    ragged: bool,
}

/// The record that starts at `start`: quotes open a field only at its first byte, a doubled
/// quote inside one is a quote.
fn next_record(bytes: &[u8], start: usize, shape: &Shape) -> Record {
    let mut record = Record {
        end: bytes.len(),
        open: false,
        bounded: false,
        fields: 1,
        lines: 1,
        ragged: false,
    };
    let mut field_start = true;
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == shape.quote && field_start => {
                let Some(close) = closing_quote(bytes, at + 1, start, shape.quote, &mut record)
                else {
                    record.open = true;
                    return record;
                };
                at = close;
                field_start = false;
                let after = bytes.get(close + 1).copied().unwrap_or(b'\n');
                record.ragged |= ![b'\r', b'\n', shape.delimiter].contains(&after);
            }
            b'\n' => {
                record.end = at + 1;
                return record;
            }
            byte => {
                field_start = byte == shape.delimiter;
                record.fields += usize::from(field_start);
            }
        }
        at += 1;
    }
    record
}

/// Position of the quote that closes the field opened before `from`.
fn closing_quote(
    bytes: &[u8],
    from: usize,
    start: usize,
    quote: u8,
    record: &mut Record,
) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        if at - start > RECORD_BYTES_MAX || record.lines > RECORD_LINES_MAX {
            record.bounded = true;
            return None;
        }
        match bytes[at] {
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return Some(at),
            b'\n' => record.lines += 1,
            _ => {}
        }
        at += 1;
    }
    None
}

impl Block {
    /// Splits the block into fields. Cost: one pass, and one more over records with quotes.
    pub fn split(self, shape: &Shape) -> RawBatch {
        let mut splitter = Splitter::new(shape, &self);
        if let Some((line, kept)) = &self.oversized {
            splitter.reject(*line, kept, too_long());
            return splitter.batch;
        }
        let mut line = self.first_line;
        let mut at = 0;
        while at < self.bytes.len() {
            let (end, lines) = splitter.record(&self.bytes, at, line);
            at = end;
            line += lines;
        }
        splitter.batch
    }
}

struct Splitter<'a> {
    shape: &'a Shape,
    batch: RawBatch,
    delimiters: Vec<usize>,
    valid: bool,
}

impl<'a> Splitter<'a> {
    fn new(shape: &'a Shape, block: &Block) -> Splitter<'a> {
        // A decoder writes U+FFFD where bytes were invalid in the stated encoding.
        let valid = std::str::from_utf8(&block.bytes).is_ok_and(|text| {
            memchr::memmem::find(text.as_bytes(), "\u{fffd}".as_bytes()).is_none()
        });
        let mut batch = RawBatch::new(shape.wanted.len());
        batch.text.reserve(block.bytes.len());
        Splitter { shape, batch, delimiters: Vec::new(), valid }
    }

    /// Takes the record at `start`; returns its end and how many physical lines it spans.
    fn record(&mut self, bytes: &[u8], start: usize, line: u32) -> (usize, u32) {
        let taken = take_record(bytes, start, self.shape).expect("the block goes on");
        let record = trimmed_line(&bytes[start..taken.end]);
        let lines = memchr_iter(b'\n', &bytes[start..taken.end]).count().max(1);
        if record.len() > RECORD_BYTES_MAX {
            self.reject(line, record, too_long());
        } else if let Some(reason) = taken.stray {
            if !self.passed_over(record, line) {
                self.reject(line, record, reason.to_owned());
            }
        } else if taken.quoted {
            self.quoted(record, line);
        } else {
            self.plain(record, line);
        }
        (taken.end, lines as u32)
    }

    fn passed_over(&mut self, record: &[u8], line: u32) -> bool {
        let named = !self.shape.ignore.is_empty()
            && self.shape.ignore.is_match(&String::from_utf8_lossy(record));
        if named {
            self.batch.passed.push((line, String::from_utf8_lossy(record).into_owned()));
        }
        let header = !self.shape.header.is_empty() && record == self.shape.header.as_bytes();
        if header {
            self.batch.headers.push(line);
        }
        let over = named || header || record.iter().all(|byte| byte.is_ascii_whitespace());
        self.batch.ignored += u64::from(over);
        over
    }

    fn usable(&mut self, record: &[u8], line: u32) -> bool {
        if self.passed_over(record, line) {
            return false;
        }
        let valid =
            self.valid || std::str::from_utf8(record).is_ok_and(|text| !text.contains('\u{fffd}'));
        if !valid {
            self.reject(line, record, "text that is valid in the stated encoding".to_owned());
        }
        valid
    }

    fn plain(&mut self, record: &[u8], line: u32) {
        if !self.usable(record, line) {
            return;
        }
        self.delimiters.clear();
        self.delimiters.extend(memchr_iter(self.shape.delimiter, record));
        let fields = self.delimiters.len() + 1;
        if fields != self.shape.columns {
            return self.wrong_count(record, line, fields);
        }
        let base = self.batch.begin(line, record);
        for (slot, &column) in self.shape.wanted.iter().enumerate() {
            let start = if column == 0 { 0 } else { self.delimiters[column - 1] + 1 };
            let end = self.delimiters.get(column).copied().unwrap_or(record.len());
            self.batch.span(slot, base, record, start, end);
        }
    }

    fn quoted(&mut self, record: &[u8], line: u32) {
        if !self.usable(record, line) {
            return;
        }
        let fields = unquoted_fields(record, self.shape.delimiter, self.shape.quote);
        if fields.len() != self.shape.columns {
            return self.wrong_count(record, line, fields.len());
        }
        self.batch.begin(line, record);
        for (slot, &column) in self.shape.wanted.iter().enumerate() {
            self.batch.owned(slot, &fields[column]);
        }
    }

    fn wrong_count(&mut self, record: &[u8], line: u32, fields: usize) {
        let reason = format!("{} fields as in the header, not {fields}", self.shape.columns);
        self.reject(line, record, reason);
    }

    fn reject(&mut self, line: u32, record: &[u8], reason: String) {
        let raw = escape_raw(record, RAW_BYTES_MAX);
        self.batch.rejects.push(Reject {
            line,
            place: Box::default(),
            column: String::new(),
            found: escape_raw(record, 200),
            reason,
            kept: false,
            raw,
        });
    }
}

fn too_long() -> String {
    format!("a record of at most {RECORD_BYTES_MAX} bytes")
}

fn trimmed_line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What stands in `="0042"`, which producers write so that a spreadsheet program keeps the zeros.
fn without_formula(field: &str) -> &str {
    let inner = field.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).map_or(field, str::trim)
}

/// The fields of one record with their quotes taken off; text after a closing quote is kept.
pub fn unquoted_fields(record: &[u8], delimiter: u8, quote: u8) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = Vec::new();
    let mut at = 0;
    loop {
        if record.get(at) == Some(&quote) {
            at += 1;
            while at < record.len() {
                match (record[at], record.get(at + 1)) {
                    (byte, Some(&next)) if byte == quote && next == quote => {
                        field.push(quote);
                        at += 2;
                    }
                    (byte, _) if byte == quote => {
                        at += 1;
                        break;
                    }
                    (byte, _) => {
                        field.push(byte);
                        at += 1;
                    }
                }
            }
        }
        let end = memchr(delimiter, &record[at.min(record.len())..]);
        let stop = end.map_or(record.len(), |offset| at + offset);
        field.extend_from_slice(&record[at.min(stop)..stop]);
        fields.push(without_formula(String::from_utf8_lossy(&field).trim()).to_owned());
        field.clear();
        match end {
            Some(_) => at = stop + 1,
            None => return fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(columns: usize) -> Shape {
        Shape {
            delimiter: b',',
            quote: b'"',
            columns,
            wanted: (0..columns).collect(),
            header: "a,b".to_owned(),
            ignore: RegexSet::new(["^Total"]).unwrap(),
        }
    }

    fn read(bytes: &[u8], columns: usize) -> RawBatch {
        let mut blocks = Blocks::new(bytes, 2, shape(columns));
        let mut all = RawBatch::new(columns);
        while let Some(block) = blocks.next_block().unwrap() {
            all.append(block.split(&shape(columns)));
        }
        all
    }

    #[track_caller]
    fn check(text: &str, rows: &[(u32, &str, &str)], rejects: &[u32], ignored: u64) {
        let batch = read(text.as_bytes(), 2);
        let found: Vec<(u32, &str, &str)> = (0..batch.rows())
            .map(|row| (batch.lines[row], batch.get(0, row), batch.get(1, row)))
            .collect();
        assert_eq!(found, rows);
        let lines: Vec<u32> = batch.rejects.iter().map(|reject| reject.line).collect();
        assert_eq!(lines, rejects);
        assert_eq!(batch.ignored, ignored);
    }

    #[test]
    fn rows_keep_their_physical_line() {
        check("1,2\r\n\r\n3, 4 \n", &[(2, "1", "2"), (4, "3", "4")], &[], 1);
        check("1,\"x\ny\"\n3,4", &[(2, "1", "x\ny"), (4, "3", "4")], &[], 0);
        check("a,b\nTotals,9\n1,2\n", &[(4, "1", "2")], &[], 2);
        check("\"a \"\"q\"\"\",b\n", &[(2, "a \"q\"", "b")], &[], 0);
        check("5\" pipe,b\n", &[(2, "5\" pipe", "b")], &[], 0);
        check("", &[], &[], 0);
    }

    #[test]
    fn a_broken_record_costs_itself_alone() {
        check("1\n3,4\n1,2,3\n", &[(3, "3", "4")], &[2, 4], 0);
        check("\"open,2\n3,4\n5,6\n", &[(3, "3", "4"), (4, "5", "6")], &[2], 0);
        check("\"stray,2\n3,4\n\"x\",6\n", &[(3, "3", "4"), (4, "x", "6")], &[2], 0);
    }

    #[test]
    fn invalid_bytes_set_aside_their_record_only() {
        let batch = read(b"1,caf\xe9\n3,4\n", 2);
        assert_eq!((batch.rows(), batch.rejects.len()), (1, 1));
        assert_eq!(batch.rejects[0].raw, "1,caf\\xe9");
        assert_eq!(batch.get(0, 0), "3");
    }

    #[test]
    fn a_record_beyond_the_bound_is_passed_over() {
        let mut bytes = vec![b'x'; BLOCK_BYTES + 3 * RECORD_BYTES_MAX];
        bytes.extend_from_slice(b"\n3,4\n");
        let batch = read(&bytes, 2);
        assert_eq!((batch.rows(), batch.rejects.len(), batch.lines[0]), (1, 1, 3));
    }

    #[test]
    fn a_stray_quote_costs_its_line_wherever_the_block_is_cut() {
        // Cut after the joined lines, the next block would begin inside the last record.
        let bytes = b"\"stray,2\n3,4\n\"x\ny\",6\n7,8\n";
        let mut blocks = Blocks::new(&bytes[..], 2, shape(2));
        let mut at = 0;
        blocks.pending = bytes[..18].to_vec();
        while let Some(taken) = take_record(&blocks.pending, at, &blocks.shape) {
            if !taken.settled {
                break;
            }
            at = taken.end;
        }
        assert_eq!(at, 13, "the quoted record that is not whole yet stays behind");
        let rows = [(3, "3", "4"), (4, "x\ny", "6"), (6, "7", "8")];
        check(std::str::from_utf8(bytes).unwrap(), &rows, &[2], 0);
    }

    #[test]
    fn a_quote_that_never_closes_costs_one_line_of_a_long_file() {
        let mut text = "\"open,2\n".to_owned();
        for row in 0..900_000 {
            text.push_str(&format!("{row},3\n"));
        }
        let batch = read(text.as_bytes(), 2);
        assert_eq!((batch.rows(), batch.rejects.len(), batch.lines[0]), (900_000, 1, 3));
        assert_eq!(batch.rejects[0].reason, "a quote that is never closed");
    }

    #[test]
    fn blocks_cut_between_records_whatever_their_size() {
        let mut text = String::new();
        for row in 0..400_000 {
            let quote = if row % 1000 == 7 { "\"l\n1\"" } else { "plain text" };
            text.push_str(&format!("{row},{quote}\n"));
        }
        let batch = read(text.as_bytes(), 2);
        assert_eq!((batch.rows(), batch.rejects.len()), (400_000, 0));
        let last = batch.rows() - 1;
        assert_eq!((batch.get(0, last), batch.lines[last]), ("399999", 2 + 399_999 + 400));
    }
}
