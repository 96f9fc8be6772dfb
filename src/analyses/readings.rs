//! Every reading of a transfer: the first one, which stands in its row, and its other legs.
//!
//! Answers: where was this transfer read, and whose statement says what about it? Matching the
//! readings of one transfer is `normalise`'s.

use crate::error::Result;
use crate::model::SourceRef;
use crate::store::{Case, Details, Refs, Side, TransferRows};

/// The readings of a case's transfers.
#[derive(Debug)]
pub struct Readings<'a> {
    transfers: TransferRows<'a>,
    refs: &'a Refs,
    /// Transfer and row of `refs`, sorted.
    further: Vec<(u32, u32)>,
}

/// One reading of a transfer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Whose record it is.
    pub side: Side,
    /// When that record books it: milliseconds since 1970 UTC, the start of the day where it
    /// states no time.
    pub booked_ms: i64,
    /// Civil day of the same.
    pub day: i32,
    /// Where it was read.
    pub at: SourceRef,
    /// Amount of that record, minor units, where it books several transfers in one sum.
    pub whole_minor: Option<i64>,
}

impl<'a> Readings<'a> {
    /// Indexes the further readings. Cost: rows of `refs`, sorted.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn new(case: &'a Case) -> Result<Readings<'a>> {
        let refs = case.refs()?;
        let mut further: Vec<(u32, u32)> = (0..refs.row.len() as u32)
            .filter(|row| refs.of.get(*row as usize) == "transfers")
            .map(|row| (refs.row[row as usize], row))
            .collect();
        further.sort_unstable();
        Ok(Readings { transfers: case.transfer_rows()?, refs, further })
    }

    /// The readings of a transfer, the one of its row first.
    pub fn of(&self, transfer: u32) -> impl Iterator<Item = Reading> + '_ {
        let first = Reading {
            side: self.transfers.side(transfer),
            booked_ms: self.transfers.booked_ms(transfer),
            day: self.transfers.day(transfer),
            at: self.transfers.place(transfer),
            whole_minor: None,
        };
        std::iter::once(first).chain(self.further_of(transfer).map(|row| Reading {
            side: self.refs.side[row],
            booked_ms: self.refs.booked_ms[row],
            day: self.refs.day[row],
            at: SourceRef { source: self.refs.source[row], line: self.refs.line[row] },
            whole_minor: self.refs.whole_minor[row],
        }))
    }

    /// Rows of `refs`.
    fn further_of(&self, transfer: u32) -> impl Iterator<Item = usize> + '_ {
        let start = self.further.partition_point(|(of, _)| *of < transfer);
        let further = self.further[start..].iter().take_while(move |(of, _)| *of == transfer);
        further.map(|(_, row)| *row as usize)
    }

    /// Where a transfer was read, the place of its row first; nothing else of it is looked up.
    pub fn at(&self, transfer: u32) -> impl Iterator<Item = SourceRef> + '_ {
        let further = self
            .further_of(transfer)
            .map(|row| SourceRef { source: self.refs.source[row], line: self.refs.line[row] });
        std::iter::once(self.transfers.place(transfer)).chain(further)
    }

    /// Where a transfer was read, sorted.
    pub fn places(&self, transfer: u32) -> Vec<SourceRef> {
        let mut places: Vec<SourceRef> = self.at(transfer).collect();
        places.sort_unstable();
        places
    }
}

/// The row of `details` that a record has, if it has one. Cost: a search in order of source and
/// line, in which the table stands.
pub fn detail_row(details: &Details, at: SourceRef) -> Option<usize> {
    let (mut low, mut high) = (0, details.source.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if (details.source[middle], details.line[middle]) < (at.source, at.line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let found = low < details.source.len()
        && (details.source[low], details.line[low]) == (at.source, at.line);
    found.then_some(low)
}
