//! Numbers by which records name accounts, and what of them cannot be one.
//!
//! A number that a spreadsheet rounded, `4.41E+11`, is that of ten thousand accounts: an own one is
//! refused with its record, a far one is left out and told.

use std::borrow::Cow;

use crate::normalise::{AccountKind, is_rounded, write_identity};
use crate::store::load::values::Row;

/// What would have been read of a rounded number, and what to do.
const NOT_ROUNDED: &str = "an account number; a spreadsheet rounded this one and its last digits \
                           are lost, so ask for the file as the bank wrote it";

/// Refuses the record whose number was rounded.
pub fn is_refused(record: &mut Row<'_>, field: &str, number: &str) -> bool {
    let rounded = is_rounded(number);
    if rounded {
        record.refuse_record(field, number, NOT_ROUNDED);
    }
    rounded
}

/// The number of a far end as stated; empty, with a note, where it was rounded.
pub fn far_number<'r>(record: &mut Row<'r>, field: &str) -> Cow<'r, str> {
    let number = record.lent(field);
    if is_rounded(&number) {
        record.note(field, &number, &format!("expected {NOT_ROUNDED}"));
        return Cow::Borrowed("");
    }
    number
}

/// Whether a number shows the last digits of an account only, at least four of them.
pub fn is_masked_number(number: &str) -> bool {
    // Nearly every number is all digits.
    if number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut plain = String::new();
    write_identity(&mut plain, "", number, false) == Some(AccountKind::Masked)
}
