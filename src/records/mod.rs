//! Bytes to records: one file per format, and the layouts that say what a column means.
//!
//! Nothing here knows what a value means; texts leave as they were found, with their line.

mod archive;
mod bai2;
mod bounded_lines;
mod contain;
#[cfg(test)]
mod damage;
mod delimited;
mod elements;
mod fedwire;
mod fields;
mod formats;
mod iso20022;
mod layout;
mod markup;
mod mt940;
mod nacha;
mod ofx;
mod open;
mod other_files;
mod parquet;
mod place;
mod qif;
mod raw_batch;
mod reading;
mod recognise;
mod reject;
mod sample;
mod sheets;
mod statement_lines;
mod structured;
mod unchanged;
mod value_forms;

pub use archive::{
    Contents, Measured, Member, MemberNote, Method, Region, RegionReader, SEPARATOR,
    UNPACKED_BYTES_MAX, contents, shown_name, unpacked_file, zip_parts,
};
pub use bai2::BAI2_DEFAULT_CURRENCY;
pub use delimited::{
    Block, Blocks, Marks, NO_QUOTE, PlainRow, PlainRows, RAW_BYTES_MAX, Shape, ShortText,
    unquoted_fields,
};
pub use fields::{Field, FieldType, LINE_FIELDS, REPORTS, RecordKind, STATEMENT_FIELDS};
pub use formats::{FORMATS, StructuredFormat, recognise_format, structured_format};
pub use layout::*;
pub use mt940::{
    Mt940Balance, Mt940Details, Mt940Entry, Mt940Field, Mt940FloorLimit, Mt940Sum, Mt940Tag,
    Mt940Tags, read_mt940_details, read_mt940_field,
};
pub use open::{
    Digested, Packing, SourceStream, content_hash, head_bytes, head_text, open_bytes, open_rows,
    open_rows_unhashed, packing, packing_of, unpacked, wide_encoding,
};
pub use other_files::{OtherFile, other_file, other_text};
pub use parquet::ParquetRows;
pub use place::Place;
pub use raw_batch::RawBatch;
pub use reading::{Bound, Header, Reading, quoted_list};
pub(crate) use reading::{find_header, whole_lines};
pub use recognise::{built_in_layout, built_in_layouts, recognise, recognise_written};
pub use reject::{Reject, escape_raw};
pub use sample::{SampleRow, TableSample, sample_table};
pub(crate) use sheets::{Cell, sheet_line};
pub use sheets::{Sheet, SheetHead, SheetReading};
pub use statement_lines::{Section, StatementScan};
pub use structured::{
    Item, OutsideCurrency, SourceBytes, Statement, StructuredBatch, StructuredReader,
    StructuredRecord, next_structured,
};
pub use unchanged::FileStamp;
pub use value_forms::{AUTO, Decided};
