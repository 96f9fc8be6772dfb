//! Records whose source states, by more than their words, that they undo an earlier one.

use crate::model::Currency;
use crate::store::load::bank::BankBatch;
use crate::store::load::reading::values::Row;

/// A record whose source states, by more than its words, that it undoes an earlier one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Flagged {
    /// Its physical line, or number.
    pub line: u32,
    /// Which flag, and where it stands.
    pub flag: String,
    /// References of the payment that it undoes, as stated, joined by `; `; may be empty.
    pub reverses: String,
    /// Charges that were kept back from what came back, positive minor units of its currency.
    pub charges_minor: Option<i64>,
}

/// Keeps what the source states of a record that undoes an earlier one.
pub fn flag(record: &mut Row<'_>, currency: Currency, out: &mut BankBatch) {
    if !record.has("reversal") {
        return;
    }
    let flag = record.text("reversal");
    if ["", "false", "no", "n", "0"].contains(&flag.to_lowercase().as_str()) {
        return;
    }
    let (line, reverses) = (record.line(), record.text("reverses"));
    let charges = record.amount("reversal_charges", currency);
    let charges_minor = charges.map(i64::abs).filter(|minor| *minor > 0);
    out.flagged.push(Flagged { line, flag, reverses, charges_minor });
}
