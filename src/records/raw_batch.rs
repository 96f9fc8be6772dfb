//! Some ten thousand records as columns of text spans, the form in which they leave `records`.

use crate::records::reject::Reject;

/// Records of one source in order, as spans into one buffer: no allocation a row.
#[derive(Clone, Debug, Default)]
pub struct RawBatch {
    /// Physical line of each record.
    pub lines: Vec<u32>,
    /// Texts of the batch, back to back.
    pub text: String,
    /// Records set aside.
    pub rejects: Vec<Reject>,
    /// Lines that are no records.
    pub ignored: u64,
    /// Those of them that the layout's patterns name, with their physical line.
    pub passed: Vec<(u32, String)>,
    /// Physical lines on which the header comes again.
    pub headers: Vec<u32>,
    spans: Vec<Vec<(u32, u32)>>,
    records: Vec<(u32, u32)>,
}

impl RawBatch {
    /// An empty batch of so many columns.
    pub fn new(columns: usize) -> RawBatch {
        RawBatch { spans: vec![Vec::new(); columns], ..RawBatch::default() }
    }

    /// Number of records.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The text of one column of one record, without spaces around it.
    pub fn get(&self, column: usize, row: usize) -> &str {
        let (start, end) = self.spans[column][row];
        &self.text[start as usize..end as usize]
    }

    /// The whole record as text, for a reject.
    pub fn record(&self, row: usize) -> &str {
        let (start, end) = self.records[row];
        &self.text[start as usize..end as usize]
    }

    /// Starts a record; returns where its bytes begin in `text`.
    ///
    /// # Panics
    ///
    /// If the bytes are not UTF-8: a splitter sets such a record aside first.
    pub fn begin(&mut self, line: u32, record: &[u8]) -> usize {
        let base = self.text.len();
        self.text.push_str(std::str::from_utf8(record).expect("a record's bytes are UTF-8"));
        self.lines.push(line);
        self.records.push((base as u32, self.text.len() as u32));
        base
    }

    /// Adds a field that stands in the record as it is.
    pub fn span(&mut self, column: usize, base: usize, record: &[u8], start: usize, end: usize) {
        let field = &record[start..end];
        let lead = field.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let kept = field[lead..].trim_ascii_end().len();
        let start = base + start + lead;
        self.spans[column].push((start as u32, (start + kept) as u32));
    }

    /// Adds a field whose text differs from the record's bytes.
    pub fn owned(&mut self, column: usize, field: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(field);
        self.spans[column].push((start, self.text.len() as u32));
    }

    /// Appends another batch of the same columns.
    pub fn append(&mut self, other: RawBatch) {
        let shift = self.text.len() as u32;
        self.text.push_str(&other.text);
        self.lines.extend(other.lines);
        self.rejects.extend(other.rejects);
        self.ignored += other.ignored;
        self.passed.extend(other.passed);
        self.headers.extend(other.headers);
        let moved = |span: (u32, u32)| (span.0 + shift, span.1 + shift);
        self.records.extend(other.records.into_iter().map(moved));
        for (mine, theirs) in self.spans.iter_mut().zip(other.spans) {
            mine.extend(theirs.into_iter().map(moved));
        }
    }
}
