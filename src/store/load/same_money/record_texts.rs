//! The texts of a few records, read back from the table they were streamed into.
//!
//! Memory during a load does not grow with the texts of the input; matching needs them for the
//! records that amount, day and account do not tell apart, and for those alone they are read.

use polars::prelude::{PolarsResult, Series};
use rayon::prelude::*;

use crate::error::Result;
use crate::model::{NONE, Texts};
use crate::normalise::{references_of, reversal_words};
use crate::store::case_store::CaseWriter;
use crate::store::tables::Details;

/// Records that may hold a reference before it is taken for a word of the business: a payment
/// has three readings, and each may be printed twice.
const HOLDERS_MAX: usize = 6;

/// Records whose references are found by one thread at a time.
const ROWS_AT_A_TIME: usize = 1 << 14;

/// A record's place: source and line.
pub type Place = (u32, u32);

/// Texts by place.
#[derive(Clone, Debug, Default)]
pub struct RecordTexts {
    /// Ascending, each once.
    at: Vec<Place>,
    /// Where the records of each source stand; empty where two records share a place.
    of_source: Vec<SourceRows>,
    balance_minor: Vec<Option<i64>>,
    value_day: Vec<Option<i32>>,
    description: Texts,
    reference: Texts,
    counterparty: Texts,
    /// Hashes of the references of all records, one record's behind the other's.
    references: Vec<u64>,
    /// Behind the last of each record.
    reference_ends: Vec<u32>,
    /// Places of the records whose words say that a payment came back, ascending.
    pub reversals: Vec<Place>,
}

/// Rows of one source.
#[derive(Clone, Debug, Default)]
struct SourceRows {
    /// Its first row, and behind its last.
    rows: (usize, usize),
    /// The line of its first.
    first_line: u32,
    /// The row of each line from there on, or [`NONE`]; empty where most lines are not asked for.
    of_line: Vec<u32>,
}

/// Lines of a source for each one asked for, up to which each line has its place in memory.
const LINES_PER_ROW_MAX: usize = 4;

impl RecordTexts {
    /// Reads the texts of the records at `wanted`, which is ascending, and where `look` is set
    /// finds those that tell of a reversal. Cost: one pass over the table's columns.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table cannot be read back.
    pub fn read(writer: &CaseWriter, wanted: &[Place], look: bool) -> Result<RecordTexts> {
        let mut texts = RecordTexts::default();
        if wanted.is_empty() && !look {
            return Ok(texts);
        }
        let columns = [
            "source",
            "line",
            "description",
            "balance_minor",
            "value_day",
            "reference",
            "counterparty",
        ];
        let columns = if wanted.is_empty() { &columns[..3] } else { &columns[..] };
        writer.read_back::<Details>(columns, |frame| {
            let column = |name: &str| -> PolarsResult<&Series> {
                Ok(frame.column(name)?.as_materialized_series())
            };
            let whole = |name: &str| -> PolarsResult<Vec<u32>> {
                Ok(column(name)?.u32()?.iter().flatten().collect())
            };
            let text = |name: &str| -> PolarsResult<Texts> {
                Ok(column(name)?.str()?.iter().map(Option::unwrap_or_default).collect())
            };
            let (source, line) = (whole("source")?, whole("line")?);
            let description = text("description")?;
            let place = |row: &usize| (source[*row], line[*row]);
            if look {
                let says = |row: &usize| reversal_words(description.get(*row)).is_some();
                let found: Vec<usize> = (0..source.len()).into_par_iter().filter(says).collect();
                texts.reversals.extend(found.iter().map(place));
            }
            let kept = |row: &usize| wanted.binary_search(&place(row)).is_ok();
            let kept: Vec<usize> = (0..source.len()).filter(kept).collect();
            if kept.is_empty() {
                return Ok(());
            }
            let balance: Vec<Option<i64>> = column("balance_minor")?.i64()?.iter().collect();
            let value_day =
                column("value_day")?.to_physical_repr().i32()?.iter().collect::<Vec<_>>();
            let (reference, counterparty) = (text("reference")?, text("counterparty")?);
            for row in kept {
                texts.at.push(place(&row));
                texts.balance_minor.push(balance[row]);
                texts.value_day.push(value_day[row]);
                texts.description.push(description.get(row));
                texts.reference.push(reference.get(row));
                texts.counterparty.push(counterparty.get(row));
            }
            Ok(())
        })?;
        texts.find_sources();
        texts.find_references();
        texts.reversals.sort_unstable();
        Ok(texts)
    }

    fn find_sources(&mut self) {
        if !self.at.windows(2).all(|pair| pair[0] < pair[1]) {
            return;
        }
        let last = self.at.last().map_or(0, |place| place.0 as usize + 1);
        self.of_source = vec![SourceRows::default(); last];
        let mut start = 0;
        for block in self.at.chunk_by(|one, other| one.0 == other.0) {
            let first_line = block[0].1;
            let lines = (block[block.len() - 1].1 - first_line) as usize + 1;
            let mut of_line = Vec::new();
            if lines <= block.len() * LINES_PER_ROW_MAX {
                of_line = vec![NONE; lines];
                for (row, (_, line)) in block.iter().enumerate() {
                    of_line[(line - first_line) as usize] = (start + row) as u32;
                }
            }
            let rows = (start, start + block.len());
            self.of_source[block[0].0 as usize] = SourceRows { rows, first_line, of_line };
            start += block.len();
        }
    }

    fn find_references(&mut self) {
        let of = |row: usize| {
            let mut found = references_of(self.reference.get(row));
            found.extend(references_of(self.description.get(row)));
            found.sort_unstable();
            found.dedup();
            found
        };
        let rows: Vec<usize> = (0..self.at.len()).collect();
        let found: Vec<(Vec<u64>, Vec<u32>)> = rows
            .par_chunks(ROWS_AT_A_TIME)
            .map(|rows| {
                let (mut hashes, mut ends) = (Vec::new(), Vec::with_capacity(rows.len()));
                for row in rows {
                    hashes.extend(of(*row));
                    ends.push(hashes.len() as u32);
                }
                (hashes, ends)
            })
            .collect();
        let mut all: Vec<u64> = found.iter().flat_map(|part| &part.0).copied().collect();
        all.par_sort_unstable();
        // What more records hold is no reference; there are few of those, and they are looked up.
        let common: Vec<u64> = all
            .chunk_by(|one, other| one == other)
            .filter(|holders| holders.len() > HOLDERS_MAX)
            .map(|holders| holders[0])
            .collect();
        drop(all);
        for (hashes, ends) in found {
            let mut start = 0;
            for end in ends {
                let one = &hashes[start..end as usize];
                self.references
                    .extend(one.iter().filter(|hash| common.binary_search(hash).is_err()));
                self.reference_ends.push(self.references.len() as u32);
                start = end as usize;
            }
        }
    }

    /// Where most lines of a source are asked for, one look tells the row of each.
    fn row(&self, at: Place) -> Option<usize> {
        if self.of_source.is_empty() {
            return self.at.binary_search(&at).ok();
        }
        let source = self.of_source.get(at.0 as usize)?;
        if !source.of_line.is_empty() {
            let row = *source.of_line.get(at.1.checked_sub(source.first_line)? as usize)?;
            return (row != NONE).then_some(row as usize);
        }
        let (start, end) = source.rows;
        self.at[start..end].binary_search(&at).ok().map(|found| start + found)
    }

    /// Whether no record's texts were read.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Hashes of the references that a record holds, ascending.
    pub fn references(&self, at: Place) -> &[u64] {
        let Some(row) = self.row(at) else { return &[] };
        let start = if row == 0 { 0 } else { self.reference_ends[row - 1] };
        &self.references[start as usize..self.reference_ends[row] as usize]
    }

    /// The other end as found.
    pub fn counterparty(&self, at: Place) -> &str {
        self.row(at).map_or("", |row| self.counterparty.get(row))
    }

    /// Description as found.
    pub fn description(&self, at: Place) -> &str {
        self.row(at).map_or("", |row| self.description.get(row))
    }

    /// Reference as found.
    pub fn reference(&self, at: Place) -> &str {
        self.row(at).map_or("", |row| self.reference.get(row))
    }

    /// Value date, where stated.
    pub fn value_day(&self, at: Place) -> Option<i32> {
        self.row(at).and_then(|row| self.value_day[row])
    }

    /// Running balance, minor units.
    pub fn balance_minor(&self, at: Place) -> Option<i64> {
        self.row(at).and_then(|row| self.balance_minor[row])
    }
}
