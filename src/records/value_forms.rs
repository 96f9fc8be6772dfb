//! What a layout leaves to the values of a source: how its dates and its decimals are written.
//!
//! Says which fields are open and what was decided of them. Looking at the values, and deciding,
//! is `store::load`'s: a row at a time cannot.

use std::collections::BTreeMap;

use crate::records::fields::FieldType;
use crate::records::layout::{FieldSource, Layout};
use crate::records::reading::{Bound, Reading};

/// The word by which a layout leaves a decimal mark or a format to the values; absent means it.
pub const AUTO: &str = "auto";

/// What the values of a source decided.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Decided {
    /// The mark before the decimals, where an amount shows one.
    pub decimal_mark: Option<u8>,
    /// strftime words by number of the field; ISO 8601 where a field has none.
    pub formats: BTreeMap<usize, String>,
}

impl Layout {
    /// The mark before the decimals, if the layout states it.
    pub fn stated_mark(&self) -> Option<u8> {
        match self.csv.decimal_mark.as_str() {
            // A structured format has its own, and its reader writes a point.
            _ if self.format.is_some() => Some(b'.'),
            AUTO => None,
            stated => stated.bytes().next(),
        }
    }
}

impl FieldSource {
    /// The format, if the layout states one.
    pub fn stated_format(&self) -> Option<&str> {
        self.format.as_deref().filter(|words| *words != AUTO)
    }
}

impl Reading {
    /// The mark before the decimals: stated, else decided, else a point.
    pub fn decimal_mark(&self) -> u8 {
        let decided = || self.decided.as_ref().and_then(|decided| decided.decimal_mark);
        self.layout.stated_mark().or_else(decided).unwrap_or(b'.')
    }

    /// The format of a field: stated, else decided; `None` for ISO 8601.
    pub fn format(&self, field: usize) -> Option<&str> {
        let decided =
            || self.decided.as_ref().and_then(|one| one.formats.get(&field).map(String::as_str));
        self.source(field).and_then(FieldSource::stated_format).or_else(decided)
    }

    /// Fields of times in columns whose format the layout leaves to the values.
    pub fn open_times(&self) -> Vec<usize> {
        let open = |at: &usize| {
            let kind = self.layout.record.fields()[*at].kind;
            matches!(kind, FieldType::Time | FieldType::Day)
                && matches!(self.fields[*at], Bound::Slot(_) | Bound::Joined(..))
                && self.source(*at).is_some_and(|source| source.stated_format().is_none())
        };
        if self.layout.format.is_some() {
            return Vec::new();
        }
        (0..self.fields.len()).filter(open).collect()
    }

    /// Fields of amounts in columns whose mark the layout leaves to the values, with the columns
    /// of the batch in which they stand.
    pub fn open_amounts(&self) -> Vec<(usize, Vec<usize>)> {
        if self.layout.stated_mark().is_some() {
            return Vec::new();
        }
        let fields = self.layout.record.fields().iter().zip(&self.fields).enumerate();
        let amounts = fields.filter(|(_, (field, _))| field.kind == FieldType::Amount);
        amounts
            .filter_map(|(at, (_, bound))| match bound {
                Bound::Slot(slot) | Bound::Signed(slot, ..) => Some((at, vec![*slot])),
                Bound::DebitCredit(debit, credit) => Some((at, vec![*debit, *credit])),
                _ => None,
            })
            .collect()
    }
}
