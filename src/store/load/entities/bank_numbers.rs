//! Banks that are named by nine digits which no routing number has.
//!
//! Answers: which of the routing numbers that records state was misread or mistyped? Such a bank
//! is kept as it stands, with its accounts, and is listed once, at the first record in dollars
//! that names it: a list of millions of rows may write it in each.

use std::collections::BTreeMap;

use crate::model::{Currency, NONE, counted};
use crate::normalise::is_routing_number;
use crate::records::Reject;
use crate::store::tables::{Accounts, Transfers};

/// Whether an institution has the form of a routing number and not its check digit.
fn is_broken(institution: &str) -> bool {
    institution.len() == 9
        && institution.bytes().all(|byte| byte.is_ascii_digit())
        && !is_routing_number(institution)
        // Zeros fill a box that has to be filled.
        && institution.bytes().any(|byte| byte != b'0')
}

/// What is to be said of such banks, each with the source of its record, in order of bank. Cost: a
/// look at each account, and one at each transfer where there is any such bank.
pub fn broken_routing_numbers(accounts: &Accounts, transfers: &Transfers) -> Vec<(u32, Reject)> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut banks: Vec<Bank> = Vec::new();
    // A list of millions of payments asks for its accounts by their place.
    let mut of_account: Vec<u32> = Vec::new();
    for account in 0..accounts.account.len() {
        let institution = accounts.institution.get(account);
        if is_broken(institution) {
            let number = *numbers.entry(institution).or_insert(banks.len() as u32);
            if number as usize == banks.len() {
                banks.push(Bank::default());
            }
            banks[number as usize].accounts += 1;
            of_account.resize(account + 1, NONE);
            of_account[account] = number;
        }
    }
    if banks.is_empty() {
        return Vec::new();
    }
    for row in 0..transfers.line.len() {
        let at = (transfers.source[row], transfers.line[row]);
        if transfers.currency[row] != Currency::USD || at.0 == NONE {
            continue;
        }
        for account in [transfers.from_account[row], transfers.to_account[row]] {
            let bank = of_account.get(account as usize).filter(|bank| **bank != NONE);
            if let Some(bank) = bank.map(|bank| &mut banks[*bank as usize]) {
                bank.first = Some(bank.first.map_or(at, |known| known.min(at)));
            }
        }
    }
    let note = |(institution, number): (&str, u32)| {
        let bank = banks[number as usize];
        let (source, line) = bank.first?;
        let reason = format!(
            "nine digits whose last is not the check digit of a routing number; if the bank is \
             named by one, a digit of it may be misread. It is kept as it stands, with {}",
            counted(bank.accounts, "account")
        );
        let (column, found) = ("bank".to_owned(), institution.to_owned());
        Some((source, Reject { line, column, found, reason, kept: true, ..Reject::default() }))
    };
    numbers.into_iter().filter_map(note).collect()
}

/// Accounts of a bank, and where the first record in dollars stands that names it.
#[derive(Clone, Copy, Debug, Default)]
struct Bank {
    accounts: u64,
    first: Option<(u32, u32)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nine_digits_without_their_check_digit_are_told() {
        for (institution, expected) in [
            ("021000021", false),
            ("021000022", true),
            ("061100017", false),
            ("061100071", true),
            ("000000000", false),
            ("02100002", false),
            ("HARBOR BANK", false),
            ("", false),
        ] {
            assert_eq!(is_broken(institution), expected, "{institution}");
        }
    }
}
