//! Parquet files to raw batches: every value as text, the record's number as its line.

use std::fs::File;
use std::path::Path;

use polars::prelude::*;
use polars_io::parquet::read::ParquetReader;

use crate::error::{Error, Result};
use crate::model::day_text;
use crate::records::raw_batch::RawBatch;

/// Rows read at a time.
const BATCH_ROWS: usize = 65_536;

/// A Parquet source, read in slices.
pub struct ParquetRows {
    path: std::path::PathBuf,
    columns: Vec<String>,
    rows: usize,
    next: usize,
}

impl ParquetRows {
    /// Reads the file's footer.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it is damaged.
    pub fn open(path: &Path) -> Result<ParquetRows> {
        let mut reader = ParquetReader::new(open(path)?);
        let schema = reader.schema().map_err(|refused| damaged(path, &refused))?;
        let rows = reader.num_rows().map_err(|refused| damaged(path, &refused))?;
        let columns = schema.iter_names().map(|name| name.to_string()).collect();
        Ok(ParquetRows { path: path.to_path_buf(), columns, rows, next: 0 })
    }

    /// Column names in file order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The next rows with the wanted columns, by position; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the file is damaged or a column's type has no text.
    pub fn next_batch(&mut self, wanted: &[usize]) -> Result<Option<RawBatch>> {
        if self.next >= self.rows {
            return Ok(None);
        }
        let names: Vec<String> = wanted.iter().map(|at| self.columns[*at].clone()).collect();
        let frame = ParquetReader::new(open(&self.path)?)
            .with_columns(Some(names.clone()))
            .with_slice(Some((self.next, BATCH_ROWS)))
            .finish()
            .map_err(|refused| damaged(&self.path, &refused))?;
        let texts: Result<Vec<Vec<String>>> =
            names.iter().map(|name| self.texts(&frame, name)).collect();
        let texts = texts?;
        let mut batch = RawBatch::new(wanted.len());
        for row in 0..frame.height() {
            let record: Vec<&str> = texts.iter().map(|column| column[row].as_str()).collect();
            batch.begin((self.next + row + 1) as u32, record.join(",").as_bytes());
            for (slot, text) in record.iter().enumerate() {
                batch.owned(slot, text.trim());
            }
        }
        self.next += frame.height();
        Ok(Some(batch))
    }

    fn texts(&self, frame: &DataFrame, name: &str) -> Result<Vec<String>> {
        let column = frame.column(name).map_err(|refused| damaged(&self.path, &refused))?;
        let series = column.as_materialized_series();
        let mut texts = Vec::with_capacity(series.len());
        for value in series.iter() {
            texts.push(match value {
                AnyValue::Null => String::new(),
                AnyValue::String(text) => text.to_owned(),
                AnyValue::Date(day) => day_text(day),
                AnyValue::Datetime(count, unit, _) => instant_text(count, unit),
                AnyValue::Boolean(flag) => flag.to_string(),
                value if value.is_primitive_numeric() => value.to_string(),
                other => {
                    let what =
                        format!("column {name:?} holds {}, which has no text", other.dtype());
                    return Err(Error::file(&self.path, what, None));
                }
            });
        }
        Ok(texts)
    }
}

/// A stored instant as RFC 3339 in UTC.
fn instant_text(count: i64, unit: TimeUnit) -> String {
    let ms = match unit {
        TimeUnit::Nanoseconds => count.div_euclid(1_000_000),
        TimeUnit::Microseconds => count.div_euclid(1_000),
        TimeUnit::Milliseconds => count,
    };
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|source| Error::io(path, source))
}

fn damaged(path: &Path, refused: &PolarsError) -> Error {
    Error::file(path, format!("cannot be read as Parquet: {refused}"), None)
}
