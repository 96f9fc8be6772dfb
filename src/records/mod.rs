//! Bytes to records: one file per format, and the layouts that say what a column means.
//!
//! Nothing here knows what a value means; texts leave as they were found, with their line.

mod delimited;
mod fields;
mod formats;
mod layout;
mod open;
mod parquet;
mod raw_batch;
mod reading;
mod recognise;
mod reject;
mod structured;

pub use delimited::{
    Block, Blocks, PlainRow, PlainRows, RAW_BYTES_MAX, Shape, ShortText, unquoted_fields,
};
pub use fields::{Field, FieldType, RecordKind};
pub use formats::{StructuredFormat, recognise_format, structured_format};
pub use layout::*;
pub use open::{
    Digested, Packing, SourceStream, content_hash, head_bytes, head_text, open_bytes, open_rows,
    open_rows_unhashed, packing,
};
pub use parquet::ParquetRows;
pub use raw_batch::RawBatch;
pub use reading::{Bound, Header, Reading};
pub use recognise::{built_in_layout, built_in_layouts, recognise};
pub use reject::{Reject, escape_raw};
pub use structured::{
    Item, SourceBytes, Statement, StructuredBatch, StructuredReader, StructuredRecord,
    next_structured,
};
