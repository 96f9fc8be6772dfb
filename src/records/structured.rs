//! Sources whose records are not rows of a table: XML messages, tagged text, fixed-width batches.
//!
//! Each such format is one file beside this one. It turns bytes into records under the field
//! names of a record kind, so that from here on they are read like the rows of a canonical
//! layout. What a format fixes itself is put into that layout's form here and nowhere later:
//! dates as `2026-03-31`, amounts with a point and a minus for what leaves the account.

use std::io::{self, Read};

use crate::model::Currency;
use crate::records::fields::RecordKind;
use crate::records::raw_batch::RawBatch;
use crate::records::reject::Reject;

/// A source's bytes, unpacked and in the encoding they came in.
pub type SourceBytes = Box<dyn Read + Send>;

/// Records of one batch.
const BATCH_RECORDS: usize = 16_384;
/// Bytes of text in one batch before it is handed on.
const BATCH_BYTES: usize = 16 << 20;

/// One thing read from a structured source.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A record.
    Record(StructuredRecord),
    /// A statement, after its records.
    Statement(Statement),
    /// A record that could not be read.
    Reject(Reject),
}

/// One record of a structured source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StructuredRecord {
    /// What names the record in its source: the physical line on which it starts where no two
    /// can start on one, else its number from 1. Strictly ascending within a source, rejects
    /// counted too.
    pub line: u32,
    /// Where it stands, when the line alone does not say: an element path with its line.
    pub place: String,
    /// Texts under the names of the record kind's fields, each at most once; absent is empty.
    pub values: Vec<(&'static str, String)>,
    /// The record as found, for `rejects.csv`.
    pub raw: String,
}

/// What a statement says of its account beside its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// Line or number of its beginning, in the count of the records.
    pub line: u32,
    /// Account number as found.
    pub account: String,
    /// The bank, where stated.
    pub bank: String,
    /// ISO 4217 code; empty where none is stated.
    pub currency: String,
    /// The statement's own number.
    pub number: String,
    /// First and last day as `2026-03-31`, each empty where not stated.
    pub days: (String, String),
    /// Booked balance before its first row, decimal text.
    pub opening: Option<String>,
    /// Booked balance after its last row, decimal text.
    pub closing: Option<String>,
    /// Lines of its first and last record; `None` when it has none.
    pub records: Option<(u32, u32)>,
}

/// The currency of amounts whose source states none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct OutsideCurrency {
    /// What the layout states for every amount, whatever the source says.
    pub layout: Option<Currency>,
    /// What the case file states for amounts without a currency of their own.
    pub case: Option<Currency>,
}

/// Reads one structured source from its beginning to its end.
pub trait StructuredReader: Send {
    /// Told before the first item, for formats that leave the currency out where both sides know
    /// it, and whose amounts have no decimal mark.
    fn outside_currency(&mut self, _: OutsideCurrency) {}

    /// The next item; `None` at the end of the source.
    ///
    /// Input that is no longer the format at all, a cut file for one, is a [`Item::Reject`] with
    /// its line, after which the source ends.
    ///
    /// # Errors
    ///
    /// What the operating system or the decompressor says.
    fn next_item(&mut self) -> io::Result<Option<Item>>;
}

/// Some thousand records of a structured source.
#[derive(Clone, Debug, Default)]
pub struct StructuredBatch {
    /// The records, one column for each field of the kind in its order; rejects with them.
    pub batch: RawBatch,
    /// Line and place of the records whose line alone does not say where they stand.
    pub places: Vec<(u32, String)>,
    /// Statements that ended in the batch.
    pub statements: Vec<Statement>,
}

/// The next records of a source; `None` at its end.
///
/// # Errors
///
/// As [`StructuredReader::next_item`].
///
/// # Panics
///
/// If a reader names a field that the kind does not have.
pub fn next_structured(
    reader: &mut dyn StructuredReader,
    kind: RecordKind,
) -> io::Result<Option<StructuredBatch>> {
    let fields = kind.fields().len();
    let mut out = StructuredBatch { batch: RawBatch::new(fields), ..StructuredBatch::default() };
    let mut ended = true;
    while let Some(item) = reader.next_item()? {
        ended = false;
        match item {
            Item::Record(record) => push(&mut out, record, kind),
            Item::Statement(statement) => out.statements.push(statement),
            Item::Reject(reject) => out.batch.rejects.push(reject),
        }
        let items = out.batch.rows() + out.batch.rejects.len() + out.statements.len();
        if items >= BATCH_RECORDS || out.batch.text.len() >= BATCH_BYTES {
            break;
        }
    }
    Ok((!ended).then_some(out))
}

fn push(out: &mut StructuredBatch, record: StructuredRecord, kind: RecordKind) {
    let mut texts = vec![""; kind.fields().len()];
    for (name, text) in &record.values {
        let at = kind.field(name).unwrap_or_else(|| panic!("{} has no {name}", kind.word()));
        texts[at] = text.trim();
    }
    out.batch.begin(record.line, record.raw.as_bytes());
    for (column, text) in texts.iter().enumerate() {
        out.batch.owned(column, text);
    }
    if !record.place.is_empty() {
        out.places.push((record.line, record.place));
    }
}
