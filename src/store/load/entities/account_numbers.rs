//! The account numbers of records: which account of the book each names, and what is to be said of
//! a number that names none for certain.

use crate::model::NONE;
use crate::normalise::{
    AccountKind, is_broken_iban, is_routing_number, is_scant_number, write_identity,
};
use crate::store::load::entities::{AccountBook, AccountShape};
use crate::store::load::reading::values::Row;

/// The number of an account in a book, by institution and number; `None` for an empty number.
pub fn add_account(
    book: &mut AccountBook,
    institution: &str,
    number: &str,
    global: bool,
) -> Option<u32> {
    let (institution, number) = stated_ends(institution, number, global);
    let mut identity = String::with_capacity(institution.len() + number.len() + 1);
    let kind = write_identity(&mut identity, institution, number, global)?;
    // The first slash ends the institution; a number may hold slashes of its own.
    let within = kind != AccountKind::Iban && !global && !institution.trim().is_empty();
    let institution_len = if within { identity.find('/').unwrap_or(0) as u32 } else { 0 };
    let masked = matches!(kind, AccountKind::Masked | AccountKind::Scant);
    let kind = if masked { "masked" } else { "account" };
    Some(book.add(&identity, AccountShape { institution_len, kind, near: NONE }))
}

/// An account written as this program writes it, `BANK/NUMBER`, where no other column names the
/// bank. What stands before the slash must hold a letter or be a routing number: `12/345` is a
/// number.
fn stated_ends<'a>(institution: &'a str, number: &'a str, global: bool) -> (&'a str, &'a str) {
    match number.split_once('/') {
        Some((bank, rest))
            if institution.trim().is_empty()
                && !global
                && (bank.chars().any(char::is_alphabetic) || is_routing_number(bank))
                && !rest.is_empty() =>
        {
            (bank, rest)
        }
        _ => (institution, number),
    }
}

/// Notes an account number that has the form of an IBAN and check digits that do not hold; it is
/// kept as a number of its bank.
pub fn note_broken_iban(record: &mut Row<'_>, field: &str, number: &str) {
    if is_broken_iban(number) {
        let reason = "expected an IBAN whose check digits hold; a digit of it may be misread. It \
                      is kept as a number of its bank";
        record.note(field, number, reason);
    }
}

/// Notes an account whose own records write so little of its number that another's may read alike.
pub fn note_scant_number(record: &mut Row<'_>, field: &str) {
    let number = record.lent(field);
    if is_scant_number(&number) {
        let reason = "a masked number that shows fewer than four digits; whatever this bank writes \
                      in the same way is taken as one account, which it may not be";
        record.note(field, &number, reason);
    }
}

/// Notes a far end whose number shows so little that it names no account.
pub fn note_scant_far_end(record: &mut Row<'_>, field: &str, number: &str) {
    let reason = "a masked number that shows fewer than four digits names no account; it stands as \
                  an unidentified far end of the other account";
    record.note(field, number, reason);
}

/// A masked number as it stands in the name of a far end.
pub fn plain_number(number: &str) -> String {
    let mut plain = String::new();
    match write_identity(&mut plain, "", number, false) {
        Some(_) => plain,
        None => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(institution: &str, number: &str, global: bool, identity: &str, bank: &str) {
        let mut book = AccountBook::default();
        let id = add_account(&mut book, institution, number, global).unwrap();
        let cut = book.shapes[id as usize].institution_len as usize;
        assert_eq!((book.identities.get(id), &identity[..cut]), (identity, bank));
    }

    #[test]
    fn an_account_is_a_number_within_its_bank() {
        check("Harbor Bank", "44-10 01", false, "HARBOR BANK/441001", "HARBOR BANK");
        check("", "Harbor Bank/441001", false, "HARBOR BANK/441001", "HARBOR BANK");
        check("", "12/345", false, "12/345", "");
        check("", "021000021/4410-01", false, "021000021/441001", "021000021");
        check("", "021000022/441001", false, "021000022/441001", "");
        check("Harbor Bank", "12/345", false, "HARBOR BANK/12/345", "HARBOR BANK");
        check("Harbor Bank", "441001", true, "441001", "");
    }
}
