//! Columns of the case tables to and from polars series.
//!
//! A table is a struct of plain vectors (`tables.rs`); this file is the one place that knows
//! how each vector type lies in Parquet. Absent text is the empty text, absent `u32` is
//! [`NONE`]; both are nulls on disk.

mod words;

use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use crate::model::{Channel, Currency, EntityKind, NONE, Texts};
use crate::store::tables::Side;
use words::extend_words;
pub(super) use words::places_of_word;

/// A vector that can be a column of a case table.
pub trait TableColumn: Default {
    /// Type and unit as SCHEMA.md writes them.
    const TYPE: &'static str;

    /// Rows held.
    fn rows(&self) -> usize;

    /// Moves the values of another column behind its own.
    fn append_column(&mut self, more: Self);

    /// The values of the given rows, in that order.
    fn select_rows(self, order: &[u32]) -> Self;

    /// A series of the values of some rows.
    fn to_series(&self, name: &str, rows: Range<usize>) -> Series;

    /// Makes room for so many rows more, so that what is held never moves.
    fn reserve_rows(&mut self, more: usize);

    /// Bytes of its texts; none for a column of values.
    fn text_bytes(&self) -> usize {
        0
    }

    /// Puts the values of a series behind its own.
    ///
    /// # Errors
    ///
    /// If the series is of another type, or holds a word outside a closed list.
    fn extend_from(&mut self, series: &Series) -> PolarsResult<()>;
}

/// Visits a column of `u32` of a frame without a copy, some rows at a time and in order; absent
/// ones are [`NONE`].
///
/// # Errors
///
/// If there is no such column.
pub fn each_u32(frame: &DataFrame, name: &str, mut visit: impl FnMut(&[u32])) -> PolarsResult<()> {
    let numbers = frame.column(name)?.u32()?;
    match numbers.null_count() {
        0 => numbers.downcast_iter().for_each(|chunk| visit(chunk.values())),
        _ => return values(frame, name, visit),
    }
    Ok(())
}

/// As [`each_u32`], of a column of `i64`, none of them absent.
///
/// # Errors
///
/// If there is no such column, or a number is absent.
pub fn each_i64(frame: &DataFrame, name: &str, mut visit: impl FnMut(&[i64])) -> PolarsResult<()> {
    let numbers = frame.column(name)?.i64()?;
    polars_ensure!(numbers.null_count() == 0, ComputeError: "{name} has nulls");
    numbers.downcast_iter().for_each(|chunk| visit(chunk.values()));
    Ok(())
}

/// Visits what a column of a frame holds, of any type of column, all at once.
///
/// # Errors
///
/// As [`TableColumn::extend_from`]; if there is no such column.
pub fn values<T>(frame: &DataFrame, name: &str, mut visit: impl FnMut(&[T])) -> PolarsResult<()>
where
    Vec<T>: TableColumn,
{
    let mut all: Vec<T> = Vec::new();
    all.extend_from(frame.column(name)?.as_materialized_series())?;
    visit(&all);
    Ok(())
}

/// Adds the values of a column of numbers without nulls, copied a chunk at a time.
fn plain_values<T: PolarsNumericType>(all: &mut Vec<T::Native>, values: &ChunkedArray<T>) {
    values.downcast_iter().for_each(|chunk| all.extend_from_slice(chunk.values()));
}

macro_rules! plain_column {
    ($type:ty, $word:literal, $accessor:ident, $read:expr) => {
        impl TableColumn for Vec<$type> {
            const TYPE: &'static str = $word;

            fn rows(&self) -> usize {
                self.len()
            }

            fn append_column(&mut self, more: Self) {
                self.extend(more);
            }

            fn select_rows(self, order: &[u32]) -> Self {
                order.par_iter().map(|row| self[*row as usize]).collect()
            }

            fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
                Series::new(name.into(), &self[rows])
            }

            fn reserve_rows(&mut self, more: usize) {
                self.reserve_exact(more);
            }

            fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
                let values = series.$accessor()?;
                let name = series.name();
                polars_ensure!(values.null_count() == 0, ComputeError: "{name} has nulls");
                $read(self, values);
                Ok(())
            }
        }

        impl TableColumn for Vec<Option<$type>> {
            const TYPE: &'static str = concat!($word, ", may be absent");

            fn rows(&self) -> usize {
                self.len()
            }

            fn append_column(&mut self, more: Self) {
                self.extend(more);
            }

            fn select_rows(self, order: &[u32]) -> Self {
                order.par_iter().map(|row| self[*row as usize]).collect()
            }

            fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
                Series::new(name.into(), &self[rows])
            }

            fn reserve_rows(&mut self, more: usize) {
                self.reserve_exact(more);
            }

            fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
                self.extend(series.$accessor()?.iter());
                Ok(())
            }
        }
    };
}

plain_column!(i32, "i32", i32, plain_values);
plain_column!(i64, "i64", i64, plain_values);
plain_column!(f64, "f64", f64, plain_values);
plain_column!(bool, "bool", bool, |all: &mut Vec<bool>, values: &BooleanChunked| {
    all.reserve(values.len());
    values.downcast_iter().for_each(|chunk| all.extend(chunk.values().iter()));
});

impl TableColumn for Vec<u32> {
    const TYPE: &'static str = "u32, may be absent";

    fn rows(&self) -> usize {
        self.len()
    }

    fn append_column(&mut self, more: Self) {
        self.extend(more);
    }

    fn select_rows(self, order: &[u32]) -> Self {
        order.par_iter().map(|row| self[*row as usize]).collect()
    }

    fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
        let part = &self[rows];
        if part.contains(&NONE) {
            let values: UInt32Chunked =
                part.iter().map(|value| (*value != NONE).then_some(*value)).collect();
            values.with_name(name.into()).into_series()
        } else {
            Series::new(name.into(), part)
        }
    }

    fn reserve_rows(&mut self, more: usize) {
        self.reserve_exact(more);
    }

    fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
        let values = series.u32()?;
        match values.null_count() {
            0 => plain_values(self, values),
            _ => self.extend(values.iter().map(|value| value.unwrap_or(NONE))),
        }
        Ok(())
    }
}

impl TableColumn for Texts {
    const TYPE: &'static str = "text, may be absent";

    fn rows(&self) -> usize {
        self.len()
    }

    fn append_column(&mut self, more: Self) {
        self.append(&more);
    }

    fn select_rows(self, order: &[u32]) -> Self {
        order.iter().map(|row| self.get(*row as usize)).collect()
    }

    fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
        let mut builder = StringChunkedBuilder::new(name.into(), rows.len());
        for text in rows.map(|row| self.get(row)) {
            builder.append_option((!text.is_empty()).then_some(text));
        }
        builder.finish().into_series()
    }

    fn reserve_rows(&mut self, more: usize) {
        self.reserve(more);
    }

    fn text_bytes(&self) -> usize {
        self.bytes()
    }

    fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
        series.str()?.iter().for_each(|text| self.push(text.unwrap_or("")));
        Ok(())
    }
}

macro_rules! word_column {
    ($type:ty, $word:literal, $write:expr) => {
        impl TableColumn for Vec<$type> {
            const TYPE: &'static str = $word;

            fn rows(&self) -> usize {
                self.len()
            }

            fn append_column(&mut self, more: Self) {
                self.extend(more);
            }

            fn select_rows(self, order: &[u32]) -> Self {
                order.par_iter().map(|row| self[*row as usize]).collect()
            }

            fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
                let mut builder = StringChunkedBuilder::new(name.into(), rows.len());
                for value in &self[rows] {
                    builder.append_value($write(value));
                }
                builder.finish().into_series()
            }

            fn reserve_rows(&mut self, more: usize) {
                self.reserve_exact(more);
            }

            fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
                let name = series.name();
                extend_words(self, series.str()?, |text| {
                    let parsed = text.parse::<$type>();
                    parsed.map_err(|refused| polars_err!(ComputeError: "column {name}: {refused}"))
                })
            }
        }
    };
}

word_column!(Channel, "text of the channel list", |value: &Channel| value.word());
word_column!(Side, "text: `sender`, `receiver` or `list`", |value: &Side| value.word());
word_column!(EntityKind, "text of the entity kinds", |value: &EntityKind| value.word());

impl TableColumn for Vec<Option<Currency>> {
    const TYPE: &'static str = "text, ISO 4217 code, may be absent";

    fn rows(&self) -> usize {
        self.len()
    }

    fn append_column(&mut self, more: Self) {
        self.extend(more);
    }

    fn select_rows(self, order: &[u32]) -> Self {
        order.par_iter().map(|row| self[*row as usize]).collect()
    }

    fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
        let mut builder = StringChunkedBuilder::new(name.into(), rows.len());
        for value in &self[rows] {
            builder.append_option(value.as_ref().map(|currency| currency.code()));
        }
        builder.finish().into_series()
    }

    fn reserve_rows(&mut self, more: usize) {
        self.reserve_exact(more);
    }

    fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
        for text in series.str()?.iter() {
            self.push(text.map(parse_currency).transpose()?);
        }
        Ok(())
    }
}

impl TableColumn for Vec<Currency> {
    const TYPE: &'static str = "text, ISO 4217 code";

    fn rows(&self) -> usize {
        self.len()
    }

    fn append_column(&mut self, more: Self) {
        self.extend(more);
    }

    fn select_rows(self, order: &[u32]) -> Self {
        order.par_iter().map(|row| self[*row as usize]).collect()
    }

    fn to_series(&self, name: &str, rows: Range<usize>) -> Series {
        let mut builder = StringChunkedBuilder::new(name.into(), rows.len());
        self[rows].iter().for_each(|currency| builder.append_value(currency.code()));
        builder.finish().into_series()
    }

    fn reserve_rows(&mut self, more: usize) {
        self.reserve_exact(more);
    }

    fn extend_from(&mut self, series: &Series) -> PolarsResult<()> {
        extend_words(self, series.str()?, parse_currency)
    }
}

fn parse_currency(text: &str) -> PolarsResult<Currency> {
    text.parse::<Currency>().map_err(|refused| polars_err!(ComputeError: "{refused}"))
}
