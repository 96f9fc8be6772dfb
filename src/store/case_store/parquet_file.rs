//! One Parquet file of the store, a row group at a time.
//!
//! Which values stand in it is the tables'; here is only how each column is encoded. Whole numbers
//! that span much are written as differences: to look for the repeated ones among them, as the
//! library does of its own accord, took a sixth of a load.

use std::fs::File;

use polars::prelude::*;
use polars_io::parquet::write::{ParquetCompression, get_encodings};
use polars_parquet::read::ParquetError;
use polars_parquet::write::{
    Compressor, DynIter, DynStreamingIterator, Encoding, FileWriter, StatisticsOptions, Version,
    WriteOptions, array_to_columns,
};

/// Beyond this, values are not numbered by a table of all between the least and the greatest.
const SPAN_MAX: i128 = 1 << 16;

/// A file that is being written.
pub(super) struct ParquetFile {
    writer: FileWriter<File>,
    encodings: Vec<Vec<Encoding>>,
}

impl ParquetFile {
    /// Starts a file of such columns.
    ///
    /// # Errors
    ///
    /// [`PolarsError`] for a column that Parquet has no type for.
    pub fn new(file: File, schema: &Schema) -> PolarsResult<ParquetFile> {
        let newest = CompatLevel::newest();
        let schema: ArrowSchema = schema
            .iter()
            .map(|(name, dtype)| (name.clone(), dtype.to_arrow_field(name.clone(), newest)))
            .collect();
        let encodings = get_encodings(&schema).to_vec();
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            // A third larger than with Zstandard, and written in a fifth of the time.
            compression: ParquetCompression::Lz4Raw.into(),
            version: Version::V1,
            data_page_size: None,
        };
        Ok(ParquetFile { writer: FileWriter::try_new(file, schema, options)?, encodings })
    }

    /// Writes rows as a row group of their own. One thread, so that the bytes never depend on
    /// their number.
    ///
    /// # Errors
    ///
    /// [`PolarsError`] if the disk refuses.
    pub fn write(&mut self, rows: &DataFrame) -> PolarsResult<()> {
        let options = self.writer.options();
        let encodings: Vec<Vec<Encoding>> = rows
            .columns()
            .iter()
            .zip(&self.encodings)
            .map(|(column, usual)| match spans_much(column) {
                true => vec![Encoding::DeltaBinaryPacked],
                false => usual.clone(),
            })
            .collect();
        for batch in rows.iter_chunks(CompatLevel::newest(), false) {
            if batch.is_empty() {
                continue;
            }
            let types = self.writer.parquet_schema().fields().to_vec();
            let mut columns = Vec::new();
            for ((array, parquet_type), encoding) in
                batch.columns().iter().zip(types).zip(&encodings)
            {
                for pages in array_to_columns(array, parquet_type, options, encoding)? {
                    let pages = pages.map(|page| {
                        page.map_err(|refused| {
                            ParquetError::FeatureNotSupported(refused.to_string())
                        })
                    });
                    let pages = Compressor::new(pages, options.compression, Vec::new());
                    columns.push(Ok(DynStreamingIterator::new(
                        polars_parquet::write::FallibleStreamingIterator::map_err(
                            pages,
                            PolarsError::from,
                        ),
                    )));
                }
            }
            self.writer.write(batch.len() as u64, DynIter::new(columns.into_iter()))?;
        }
        Ok(())
    }

    /// Writes the footer.
    ///
    /// # Errors
    ///
    /// [`PolarsError`] if the disk refuses.
    pub fn finish(mut self) -> PolarsResult<()> {
        self.writer.end(None).map(|_| ())
    }
}

/// Whether a column holds whole numbers of 32 or 64 bits with more between the least and the
/// greatest than a table is made for.
fn spans_much(column: &Column) -> bool {
    let wide = |dtype: &DataType| {
        matches!(dtype, DataType::Int32 | DataType::UInt32 | DataType::Int64 | DataType::UInt64)
    };
    let physical = column.to_physical_repr();
    if !wide(physical.dtype()) {
        return false;
    }
    let whole = |found: PolarsResult<Scalar>| found.ok()?.value().extract::<i128>();
    match (whole(physical.min_reduce()), whole(physical.max_reduce())) {
        (Some(least), Some(greatest)) => greatest - least > SPAN_MAX,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use polars_io::SerReader;
    use polars_io::parquet::read::ParquetReader;
    use proptest::prelude::*;

    use super::*;
    use crate::store::case_store::writing::write_parquet;

    fn written_and_read(frame: &DataFrame) -> DataFrame {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.parquet");
        write_parquet(&path, &mut frame.clone()).unwrap();
        ParquetReader::new(File::open(&path).unwrap()).finish().unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(
                (
                    prop_oneof![any::<i64>(), -9..9_i64, Just(i64::MIN), Just(i64::MAX)],
                    prop::option::of(prop_oneof![any::<i64>(), 0..100_000_i64]),
                    prop_oneof![any::<u32>(), 0..9_u32],
                    prop::option::of(any::<i32>()),
                    "[a-c]{0,2}",
                ),
                0..400,
            ),
        ) {
            let frame = df!(
                "whole" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
                "perhaps" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
                "number" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
                "day" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
                "text" => rows.iter().map(|row| row.4.as_str()).collect::<Vec<_>>(),
            )
            .unwrap();
            prop_assert!(written_and_read(&frame).equals_missing(&frame));
        }
    }

    #[test]
    fn more_rows_than_a_group_are_read_in_order() {
        let rows = crate::store::case_store::ROW_GROUP_ROWS as i64 + 7;
        let frame = df!("row" => (0..rows).map(|row| row * 31 % 1_000_003).collect::<Vec<_>>());
        let frame = frame.unwrap();
        assert!(written_and_read(&frame).equals(&frame));
    }
}
