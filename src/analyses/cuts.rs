//! What the budget of a search left out, in words: which accounts, and how much of each.

use crate::analyses::account_name;
use crate::error::Result;
use crate::store::Case;

/// Accounts that are named; a note of thousands tells nothing more than their number.
const NAMED_MAX: usize = 10;

/// A note for each of the first accounts that a bound kept out of a search, with the steps that
/// were saved, and one for all others; none where nothing was cut.
///
/// `what` says what the account was kept from, `bound` is the parameter's name.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn cut_notes(case: &Case, cut: &[(u32, u64)], what: &str, bound: &str) -> Result<Vec<String>> {
    let (named, others) = cut.split_at(cut.len().min(NAMED_MAX));
    let mut notes = Vec::new();
    for &(account, steps) in named {
        let name = account_name(case, account)?;
        notes.push(format!("{name} {what}: {steps} steps were left out ({bound})."));
    }
    let more = others.len();
    if more > 0 {
        let steps = others.iter().fold(0_u64, |sum, (_, steps)| sum.saturating_add(*steps));
        notes.push(format!("So were {more} further accounts, with {steps} steps ({bound})."));
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Accounts, Manifest};

    #[test]
    fn the_first_are_named_and_the_others_counted() {
        let accounts = Accounts {
            account: ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"]
                .into_iter()
                .collect(),
            ..Accounts::default()
        };
        let case = Case::in_memory(Manifest::default()).with(accounts);
        let notes = |cut: &[(u32, u64)]| cut_notes(&case, cut, "was no middle", "steps_max");
        assert_eq!(notes(&[]).unwrap(), [] as [String; 0]);
        assert_eq!(
            notes(&[(1, 7)]).unwrap(),
            ["B was no middle: 7 steps were left out (steps_max)."]
        );
        let all: Vec<(u32, u64)> = (0..12).map(|account| (account, 5)).collect();
        let told = notes(&all).unwrap();
        assert_eq!(told.len(), 11);
        assert_eq!(told[10], "So were 2 further accounts, with 10 steps (steps_max).");
    }
}
