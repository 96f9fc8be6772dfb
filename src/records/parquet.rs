//! Parquet files to raw batches: every value as text, the record's number as its line.

use polars::prelude::*;
use polars_io::parquet::read::ParquetReader;
use std::fs::File;

use crate::error::{Error, Result};
use crate::model::day_text;
use crate::records::contain::contained;
use crate::records::place::Place;
use crate::records::raw_batch::RawBatch;
use crate::records::unpacked_file;

/// Rows read at a time.
const BATCH_ROWS: usize = 65_536;

/// A Parquet source, read in slices.
pub struct ParquetRows {
    place: Place,
    /// The file, or what the member of an archive unpacks to.
    file: File,
    columns: Vec<String>,
    rows: usize,
    next: usize,
}

impl ParquetRows {
    /// Reads the file's footer. A member of an archive is unpacked into a file without a name,
    /// since the footer stands at its end.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it is damaged; [`Error::Io`] if it cannot be read or unpacked.
    pub fn open(place: &Place) -> Result<ParquetRows> {
        let file = match place.is_file() {
            true => File::open(place.path()).map_err(|source| place.failed(source))?,
            false => unpacked_file(place)?,
        };
        let (schema, rows) = contained(place.shown(), || {
            let mut reader = ParquetReader::new(again(&file, place)?);
            let schema = reader.schema().map_err(|refused| damaged(place, &refused))?;
            Ok((schema, reader.num_rows().map_err(|refused| damaged(place, &refused))?))
        })?;
        if u32::try_from(rows).is_err() {
            let hint = "split it into several files".to_owned();
            return Err(place.refused("has more than 4,294,967,295 rows", Some(hint)));
        }
        let columns = schema.iter_names().map(|name| name.to_string()).collect();
        Ok(ParquetRows { place: place.clone(), file, columns, rows, next: 0 })
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
        let frame = contained(self.place.shown(), || {
            ParquetReader::new(again(&self.file, &self.place)?)
                .with_columns(Some(names.clone()))
                .with_slice(Some((self.next, BATCH_ROWS)))
                .finish()
                .map_err(|refused| damaged(&self.place, &refused))
        })?;
        if frame.height() == 0 {
            let what = format!("states {} rows and holds {}", self.rows, self.next);
            return Err(self.place.refused(what, None));
        }
        let texts: Result<Vec<Vec<String>>> =
            names.iter().map(|name| self.texts(&frame, name)).collect();
        let texts = texts?;
        let mut batch = RawBatch::new(wanted.len());
        for row in 0..frame.height() {
            let record: Vec<&str> = texts.iter().map(|column| column[row].as_str()).collect();
            let bytes: usize = record.iter().map(|text| text.len() + 1).sum();
            // Places in a batch are 32 bits; both the record and its fields are kept in it.
            if batch.text.len() + 2 * bytes > u32::MAX as usize {
                let what = format!("{BATCH_ROWS} of its rows hold more than 2 GiB of text");
                return Err(self.place.refused(what, None));
            }
            batch.begin((self.next + row + 1) as u32, record.join(",").as_bytes());
            for (slot, text) in record.iter().enumerate() {
                batch.owned(slot, text.trim());
            }
        }
        self.next += frame.height();
        Ok(Some(batch))
    }

    fn texts(&self, frame: &DataFrame, name: &str) -> Result<Vec<String>> {
        let column = frame.column(name).map_err(|refused| damaged(&self.place, &refused))?;
        let series = column.as_materialized_series();
        let mut texts = Vec::with_capacity(series.len());
        for value in series.iter() {
            texts.push(match value {
                AnyValue::Null => String::new(),
                AnyValue::String(text) => text.to_owned(),
                AnyValue::Date(day) => day_text(day),
                AnyValue::Datetime(count, unit, zone) => time_text(count, unit, zone.is_some()),
                AnyValue::Boolean(flag) => flag.to_string(),
                // The engine's own words for numbers round them and group their digits.
                AnyValue::Float32(number) => number.to_string(),
                AnyValue::Float64(number) => number.to_string(),
                value if value.is_integer() => {
                    value.extract::<i128>().expect("128 bits hold every integer").to_string()
                }
                other => {
                    let what =
                        format!("column {name:?} holds {}, which has no text", other.dtype());
                    return Err(self.place.refused(what, None));
                }
            });
        }
        Ok(texts)
    }
}

/// A stored time: an instant as RFC 3339 in UTC; without a zone as the civil time it is, so that
/// the layout or the case says which zone's.
fn time_text(count: i64, unit: TimeUnit, is_instant: bool) -> String {
    let ms = match unit {
        TimeUnit::Nanoseconds => count.div_euclid(1_000_000),
        TimeUnit::Microseconds => count.div_euclid(1_000),
        TimeUnit::Milliseconds => count,
    };
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(at) if is_instant => at.to_string(),
        Ok(at) => at.to_zoned(jiff::tz::TimeZone::UTC).datetime().to_string(),
        Err(_) => ms.to_string(),
    }
}

/// The same open file once more: a reader takes one, and reads it from wherever it asks for.
fn again(file: &File, place: &Place) -> Result<File> {
    file.try_clone().map_err(|source| place.failed(source))
}

fn damaged(place: &Place, refused: &PolarsError) -> Error {
    place.refused(format!("cannot be read as Parquet: {refused}"), None)
}

#[cfg(test)]
mod tests {
    use polars_io::parquet::write::ParquetWriter;
    use proptest::prelude::*;

    use super::*;
    use crate::records::damage::{damaged as broken, damages};

    /// A file of three columns and forty rows.
    fn good() -> Vec<u8> {
        let text = |row: i64| format!("paid {row}");
        let columns = vec![
            Column::new("a".into(), (0..40).map(text).collect::<Vec<String>>()),
            Column::new("b".into(), (0..40_i64).collect::<Vec<i64>>()),
            Column::new("c".into(), (0..40).map(|row| row as f64 / 4.0).collect::<Vec<f64>>()),
        ];
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut DataFrame::new(40, columns).unwrap()).unwrap();
        bytes
    }

    /// Rows of a file up to its end, or up to where it is refused.
    fn rows_of(bytes: &[u8]) -> usize {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let Ok(mut rows) = ParquetRows::open(&Place::file(file.path(), "x.parquet")) else {
            return 0;
        };
        let wanted: Vec<usize> = (0..rows.columns().len()).collect();
        let mut read = 0;
        while let Ok(Some(batch)) = rows.next_batch(&wanted) {
            assert!(batch.rows() > 0, "each batch goes on");
            read += batch.rows();
        }
        read
    }

    proptest! {
        #[test]
        fn a_damaged_file_is_read_or_refused(damages in damages(), any in any::<bool>()) {
            let whole = good();
            prop_assert_eq!(rows_of(&whole), 40);
            rows_of(&broken(&whole, &damages));
            // What counts stands at the end.
            let footer = whole.len() - whole.len() / 3;
            let mut behind = whole[..footer].to_vec();
            behind.extend(broken(&whole[footer..], &damages));
            if any {
                rows_of(&behind);
            }
            behind.truncate(whole.len() - 8);
            behind.extend(&whole[whole.len() - 8..]);
            rows_of(&behind);
        }
    }

    #[test]
    fn numbers_and_times_become_the_text_that_a_person_would_write() {
        let times = Series::new("t".into(), [1_709_287_200_000_i64, 0, -1]);
        let civil = DataType::Datetime(TimeUnit::Milliseconds, None);
        let columns = vec![
            Column::new("f".into(), [12_345_678.91_f64, 0.000_000_1, -1_234.5]),
            Column::new("g".into(), [12.1_f32, 0.5, 7.0]),
            Column::new("i".into(), [i64::MIN, 1_234_567, 0]),
            times.cast(&civil).unwrap().into(),
            Column::new("s".into(), [Some(" a,\"b "), None, Some("é")]),
        ];
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut frame = DataFrame::new(3, columns).unwrap();
        ParquetWriter::new(file.reopen().unwrap()).finish(&mut frame).unwrap();
        let mut rows = ParquetRows::open(&Place::file(file.path(), "x.parquet")).unwrap();
        let batch = rows.next_batch(&[0, 1, 2, 3, 4]).unwrap().unwrap();
        let row = |row: usize| (0..5).map(|at| batch.get(at, row)).collect::<Vec<_>>();
        let first = ["12345678.91", "12.1", "-9223372036854775808", "2024-03-01T10:00:00", "a,\"b"];
        assert_eq!(row(0), first);
        assert_eq!(row(1), ["0.0000001", "0.5", "1234567", "1970-01-01T00:00:00", ""]);
        assert_eq!(row(2), ["-1234.5", "7", "0", "1969-12-31T23:59:59.999", "é"]);
        assert_eq!(batch.lines, [1, 2, 3]);
        assert!(rows.next_batch(&[0]).unwrap().is_none());
    }
}
