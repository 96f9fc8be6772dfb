//! Numbers that name no account, phone or handset, and what is said of them: those of which a mask
//! shows too little, of which a spreadsheet program kept only the first digits, and words for an
//! absent value, for cash and cheques, or for several accounts. Which texts are such is
//! `normalise`'s.

use crate::normalise::{has_lost_digits, is_scant_number, is_word_of_many, placeholder};
use crate::store::load::entities::account_numbers::{note_scant_far_end, plain_number};
use crate::store::load::reading::values::Row;

/// What is expected of a number that a spreadsheet program wrote as a quantity.
pub const LOST_DIGITS: &str = "all digits of the number: a spreadsheet program kept only the first \
                               ones, and other numbers are written in the same way; ask for the \
                               return as it was produced";

/// Whether a number is a word for an absent one, as `N/A` is: every record may say so.
pub fn is_absent(number: &str) -> bool {
    /// Words that people call their accounts by.
    const ALSO_NAMES: [&str; 5] = ["default", "dummy", "private", "same", "test"];
    // Nearly every number holds a digit, and no such word does.
    !number.bytes().any(|byte| byte.is_ascii_digit())
        && placeholder(number) == Some("a word for an absent value")
        && !ALSO_NAMES.iter().any(|name| number.trim().eq_ignore_ascii_case(name))
}

/// Whether so many digits of a number are masked, lost or not there that it names no account.
pub fn names_nothing(number: &str) -> bool {
    has_lost_digits(number)
        || is_scant_number(number)
        || is_absent(number)
        || is_word_of_many(number)
}

/// What a far end is known by whose number names no account: the name beside it, and as much of the
/// number as tells two of them apart. Of a name, that it was paid in cash tells nothing.
pub fn far_text(named: &str, number: &str) -> String {
    match named {
        "" => plain_number(number),
        _ if is_word_of_many(number) => named.to_owned(),
        _ => format!("{named} {}", plain_number(number)),
    }
}

/// Notes a far end whose number names no account.
pub fn note_nameless_far_end(record: &mut Row<'_>, field: &str, number: &str) {
    let stands = "it stands as an unidentified far end of the other account";
    if has_lost_digits(number) {
        record.note(field, number, &format!("expected {LOST_DIGITS}; {stands}"));
    } else if is_absent(number) {
        record.note(field, number, &format!("a word for an absent number; {stands}"));
    } else if is_word_of_many(number) {
        let what = "a word for cash, for cheques or for several accounts, which names none of them";
        record.note(field, number, &format!("{what}; {stands}"));
    } else {
        note_scant_far_end(record, field, number);
    }
}
