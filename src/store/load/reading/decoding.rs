//! A block of a source, decoded by the reader of its record kind; taking it over is `mod.rs`'s.

use std::sync::Mutex;

use crate::error::Result;
use crate::normalise::CounterpartyReader;
use crate::records::{Block, Marks, PlainRows, RawBatch, Reading, RecordKind, Reject};
use crate::store::load::Loader;
use crate::store::load::bank::plain_transfers::{Caches, PlainTransfers};
use crate::store::load::bank::{BankBatch, BankReader};
use crate::store::load::calls::{CallBatch, CallReader};
use crate::store::load::reading::values::Values;

/// A block decoded by its own reader, and how many records it held.
pub(in crate::store::load) struct Decoded {
    /// Records of the block.
    pub read: u64,
    /// Lines on which the header comes again.
    pub headers: Vec<u32>,
    /// What became of them.
    pub what: DecodedAs,
}

/// The records of a block in the columns of their kind, lines that are no records, and what was
/// set aside while it was split.
pub(in crate::store::load) enum DecodedAs {
    /// Payments.
    Bank(Box<BankBatch>, u64, Vec<Reject>),
    /// Calls.
    Calls(Box<CallBatch>, u64, Vec<Reject>),
    /// Records about people are few, and taken over as they are.
    People(RawBatch),
}

/// Batches whose rows were taken over, to be filled again.
#[derive(Default)]
pub(in crate::store::load) struct SpareBatches(Mutex<Vec<BankBatch>>);

impl SpareBatches {
    /// An empty batch; one that was used before has its room already.
    pub fn take(&self) -> BankBatch {
        self.0.lock().expect("nobody panics while holding the lock").pop().unwrap_or_default()
    }

    /// Keeps a batch whose rows are no longer needed.
    pub fn put(&self, batch: BankBatch) {
        self.0.lock().expect("nobody panics while holding the lock").push(batch.emptied());
    }
}

/// What the rows of one source repeat and room for their marks, for as many threads as decode it.
#[derive(Default)]
pub(in crate::store::load) struct SpareCaches(Mutex<Vec<(Caches, Marks)>>);

impl SpareCaches {
    fn take(&self) -> (Caches, Marks) {
        self.0.lock().expect("nobody panics while holding the lock").pop().unwrap_or_default()
    }

    fn put(&self, caches: (Caches, Marks)) {
        self.0.lock().expect("nobody panics while holding the lock").push(caches);
    }
}

impl Loader<'_> {
    /// Decodes a block by the reader of its record kind; `repeated` is of its source alone.
    pub(in crate::store::load) fn decode(
        &self,
        reading: &Reading,
        counterparties: &CounterpartyReader,
        repeated: &SpareCaches,
        block: RawBlock,
    ) -> Result<Decoded> {
        let values = Values::new(reading, &self.case)?;
        let (mut caches, mut marks) = repeated.take();
        let block = match plain_rows(&values, block, &mut marks) {
            Ok((plain, rows)) => {
                let reader = BankReader { values: &values, counterparties };
                let (bank, split, read) = plain.read(&reader, rows, &mut caches, self.spare.take());
                repeated.put((caches, marks));
                let what = DecodedAs::Bank(Box::new(bank), split.ignored, split.rejects);
                return Ok(Decoded { read, headers: split.headers, what });
            }
            Err(block) => {
                repeated.put((caches, marks));
                *block
            }
        };
        let mut batch = block.split(reading);
        // What only lacks an optional value is a row as well, and counted there.
        let set_aside = batch.rejects.iter().filter(|reject| !reject.kept).count();
        let read = (batch.rows() + set_aside) as u64;
        let headers = std::mem::take(&mut batch.headers);
        let what = match reading.layout.record {
            RecordKind::BankStatement | RecordKind::BankTransfers => {
                let reader = BankReader { values: &values, counterparties };
                let rejects = std::mem::take(&mut batch.rejects);
                let mut bank = self.spare.take();
                reader.read_into(&batch, &mut bank);
                // What states a balance is a record only where it turns out to state none.
                let read = read - bank.stated.len() as u64;
                let what = DecodedAs::Bank(Box::new(bank), batch.ignored, rejects);
                return Ok(Decoded { read, headers, what });
            }
            RecordKind::CallDetail => {
                let reader = CallReader { values: &values, phones: &self.phones };
                let rejects = std::mem::take(&mut batch.rejects);
                DecodedAs::Calls(Box::new(reader.read(&batch)), batch.ignored, rejects)
            }
            _ => DecodedAs::People(batch),
        };
        Ok(Decoded { read, headers, what })
    }
}

/// The plain rows of a block and what reads them, or the block itself where it holds others.
fn plain_rows<'a>(
    values: &'a Values<'a>,
    block: RawBlock,
    marks: &'a mut Marks,
) -> std::result::Result<(PlainTransfers<'a>, PlainRows<'a>), Box<RawBlock>> {
    match (PlainTransfers::new(values), block) {
        (Some(plain), RawBlock::Rows(block)) => {
            let rows = PlainRows::new(block, &values.reading.shape, marks);
            Ok((plain, rows.map_err(|block| Box::new(RawBlock::Rows(*block)))?))
        }
        (_, block) => Err(Box::new(block)),
    }
}

/// One block on its way to be decoded.
pub(in crate::store::load) enum RawBlock {
    /// Rows of text.
    Rows(Block),
    /// Records in columns.
    Batch(RawBatch),
}

impl RawBlock {
    /// Its records in columns.
    pub fn split(self, reading: &Reading) -> RawBatch {
        match self {
            RawBlock::Rows(block) => block.split(&reading.shape),
            RawBlock::Batch(batch) => batch,
        }
    }
}
