//! What the records of an ACH batch and file add up to, against what their controls state.
//!
//! Entries and addenda are counted by lines, the hash and the amounts over the entries that
//! could be read. A mismatch is a note with what was stated and what was found; the entries
//! stand.

use crate::records::nacha::blocks::Block;
use crate::records::reject::{Reject, escape_raw};

/// The hash keeps its last ten digits.
const HASH_MODULUS: u64 = 10_000_000_000;

/// Sums over entries and addenda.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    /// Lines of entries and addenda.
    pub entries: u64,
    /// Sum of the first eight digits of the receiving banks' routing numbers.
    pub hash: u64,
    /// Minor units of the debits.
    pub debit_minor: u128,
    /// Minor units of the credits.
    pub credit_minor: u128,
    /// Entries that could not be read, and so are in the count only.
    pub unread: u64,
}

impl Totals {
    /// Adds the sums of a batch to those of its file.
    pub fn add(&mut self, batch: &Totals) {
        self.entries += batch.entries;
        self.hash = (self.hash + batch.hash) % HASH_MODULUS;
        self.debit_minor += batch.debit_minor;
        self.credit_minor += batch.credit_minor;
        self.unread += batch.unread;
    }

    /// Adds an entry's bank, by its nine digits, and amount.
    pub fn entry(&mut self, routing: &str, amount_minor: u64, is_credit: bool) {
        let eight = routing.get(..8).and_then(|digits| digits.parse::<u64>().ok());
        self.hash = (self.hash + eight.unwrap_or(0)) % HASH_MODULUS;
        let side = if is_credit { &mut self.credit_minor } else { &mut self.debit_minor };
        *side += u128::from(amount_minor);
    }

    /// The four sums under their names, each with the digits a control gives to it.
    fn stated_as(
        &self,
        amount_digits: usize,
        entry_digits: usize,
    ) -> [(&'static str, u128, usize); 4] {
        [
            ("entry and addenda count", u128::from(self.entries), entry_digits),
            ("entry hash", u128::from(self.hash), 10),
            ("total debit", self.debit_minor, amount_digits),
            ("total credit", self.credit_minor, amount_digits),
        ]
    }

    /// Compares a control, whose entry count starts at position `first` and is followed by the
    /// hash and both totals, with these sums.
    pub fn compare(
        &self,
        block: &Block,
        first: usize,
        entry_digits: usize,
        amount_digits: usize,
        what: &str,
    ) -> Vec<Reject> {
        let mut at = first;
        let mut notes = Vec::new();
        for (name, found, digits) in self.stated_as(amount_digits, entry_digits) {
            let (from, to) = (at, at + digits - 1);
            at += digits;
            let text = block.at(from, to);
            let stated: Option<u128> = text.parse().ok();
            if stated == Some(found) {
                continue;
            }
            let mut reason = format!("expected {found:0digits$}, the {name} of the {what}");
            if self.unread > 0 {
                reason.push_str(&format!(
                    "; entries that could not be read, and are in its count only: {}",
                    self.unread
                ));
            }
            notes.push(note(block, &format!("{name} ({from}-{to})"), &text, reason));
        }
        notes
    }
}

/// A value that was noted while its record, or the records around it, stand.
pub fn note(block: &Block, column: &str, found: &str, reason: impl Into<String>) -> Reject {
    Reject {
        line: block.line,
        place: block.place.clone().into(),
        column: column.to_owned(),
        found: found.to_owned(),
        reason: reason.into(),
        kept: true,
        raw: raw(block),
    }
}

/// A record that is set aside.
pub fn aside(block: &Block, column: &str, found: &str, reason: impl Into<String>) -> Reject {
    Reject { kept: false, ..note(block, column, found, reason) }
}

fn raw(block: &Block) -> String {
    escape_raw(block.text.as_bytes(), crate::records::RAW_BYTES_MAX)
}
