//! The texts of a few records, read back from the table they were streamed into.
//!
//! Memory during a load does not grow with the texts of the input; matching needs them for the
//! records that amount, day and account do not tell apart, and for those alone they are read.

use std::collections::HashMap;

use polars::prelude::{PolarsResult, Series};
use rayon::prelude::*;

use crate::error::Result;
use crate::model::Texts;
use crate::normalise::{references_of, reversal_words};
use crate::store::case_store::CaseWriter;
use crate::store::tables::Details;

/// Records that may hold a reference before it is taken for a word of the business: a payment
/// has three readings, and each may be printed twice.
const HOLDERS_MAX: u32 = 6;

/// A record's place: source and line.
pub type Place = (u32, u32);

/// Texts by place.
#[derive(Clone, Debug, Default)]
pub struct RecordTexts {
    /// Ascending, each once.
    at: Vec<Place>,
    /// First and behind the last of each source; empty where two records share a place.
    of_source: Vec<(usize, usize)>,
    balance_minor: Vec<Option<i64>>,
    value_day: Vec<Option<i32>>,
    description: Texts,
    reference: Texts,
    counterparty: Texts,
    references: Vec<Vec<u64>>,
    /// Places of the records whose words say that a payment came back, ascending.
    pub reversals: Vec<Place>,
}

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
        self.of_source = vec![(0, 0); last];
        let mut start = 0;
        for block in self.at.chunk_by(|one, other| one.0 == other.0) {
            self.of_source[block[0].0 as usize] = (start, start + block.len());
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
        let mut found: Vec<Vec<u64>> = (0..self.at.len()).into_par_iter().map(of).collect();
        let mut holders: HashMap<u64, u32> = HashMap::new();
        for hash in found.iter().flatten() {
            *holders.entry(*hash).or_default() += 1;
        }
        found.par_iter_mut().for_each(|one| one.retain(|hash| holders[hash] <= HOLDERS_MAX));
        self.references = found;
    }

    /// Where records of one source stand nearly line by line, as they do when most are asked for,
    /// this looks at one or two places and not at all powers of two between.
    fn row(&self, at: Place) -> Option<usize> {
        if self.of_source.is_empty() {
            return self.at.binary_search(&at).ok();
        }
        let (start, end) = *self.of_source.get(at.0 as usize)?;
        let rows = self.at.get(start..end)?;
        let (first, last) = (rows.first()?.1, rows.last()?.1);
        if !(first..=last).contains(&at.1) {
            return None;
        }
        // Lines ascend without repeating, so that neither end is farther than its lines.
        let high = ((at.1 - first) as usize).min(rows.len() - 1);
        let low = (rows.len() - 1).saturating_sub((last - at.1) as usize);
        let near = rows.get(low..=high)?;
        near.binary_search(&at).ok().map(|found| start + low + found)
    }

    /// Hashes of the references that a record holds, ascending.
    pub fn references(&self, at: Place) -> Vec<u64> {
        self.row(at).map(|row| self.references[row].clone()).unwrap_or_default()
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
