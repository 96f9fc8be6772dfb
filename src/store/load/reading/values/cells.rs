//! Cells of a record looked at without a word: whether they read, and as what.

use super::Row;
use super::amounts::is_blank;
use crate::model::Currency;
use crate::normalise::{other_currency, parse_minor};
use crate::records::{Bound, Reject};

/// What the cells of a record's amount hold, minor units without their signs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Figures {
    /// In the column of debits.
    pub debit: Option<i64>,
    /// In the column of credits.
    pub credit: Option<i64>,
    /// In a column that is both.
    pub either: Option<i64>,
}

impl Figures {
    /// Every figure that is there.
    pub fn all(self) -> impl Iterator<Item = i64> {
        [self.debit, self.credit, self.either].into_iter().flatten()
    }
}

impl Row<'_> {
    /// Whether a cell that should hold a time holds one.
    pub fn is_time(&self, field: &str) -> bool {
        let number = self.number(field);
        self.with_text(number, |text| self.values.read_time(number, text).is_some())
    }

    /// The amount of a cell as it is found, where it is one in that currency.
    pub fn plain_amount(&self, field: &str, currency: Currency) -> Option<i64> {
        let text = self.as_found(field);
        if is_blank(&text) { None } else { self.quiet_minor(&text, currency) }
    }

    /// What the cells of the amount hold; `None` where one of them reads as no amount, or where
    /// the amount does not stand in cells.
    pub fn figures(&self, currency: Currency) -> Option<Figures> {
        let cell = |slot: usize| {
            let text = self.batch.get(slot, self.row);
            if is_blank(text) { Some(None) } else { self.quiet_minor(text, currency).map(Some) }
        };
        let positive = |minor: Option<i64>| minor.map(|minor| minor.checked_abs()).unwrap_or(None);
        match &self.values.reading.fields[self.number("amount")] {
            Bound::Slot(slot) | Bound::Signed(slot, ..) => {
                Some(Figures { either: positive(cell(*slot)?), ..Figures::default() })
            }
            Bound::DebitCredit(debit, credit) => {
                let (debit, credit) = (positive(cell(*debit)?), positive(cell(*credit)?));
                Some(Figures { debit, credit, either: None })
            }
            _ => None,
        }
    }

    fn quiet_minor(&self, text: &str, currency: Currency) -> Option<i64> {
        let same = other_currency(text, currency).is_none();
        let digits = self.values.digits.of(currency);
        let read = parse_minor(text, self.values.mark, digits).ok();
        read.filter(|minor| same && *minor != i64::MIN)
    }

    /// Takes the reject of this record back, which was told last.
    pub fn take_back(&mut self) -> Option<Reject> {
        if self.rejects.len() > self.first_reject { self.rejects.pop() } else { None }
    }
}
