//! Identifiers of which a spreadsheet program kept only the first digits: what is said of them.
//! Which texts are such is `normalise`'s.

use crate::normalise::has_lost_digits;
use crate::store::load::account_numbers::note_scant_far_end;
use crate::store::load::values::Row;

/// What is expected of a number that a spreadsheet program wrote as a quantity.
pub const LOST_DIGITS: &str = "all digits of the number: a spreadsheet program kept only the first \
                               ones, and other numbers are written in the same way; ask for the \
                               return as it was produced";

/// Notes a far end whose number names no account: too many digits of it are masked or lost.
pub fn note_nameless_far_end(record: &mut Row<'_>, field: &str, number: &str) {
    if has_lost_digits(number) {
        let reason = format!(
            "expected {LOST_DIGITS}; it stands as an unidentified far end of the other account"
        );
        return record.note(field, number, &reason);
    }
    note_scant_far_end(record, field, number);
}
