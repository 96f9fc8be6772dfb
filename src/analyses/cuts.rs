//! What the budget of a search left out, in words: which accounts, and how much of each.

use crate::analyses::{account_name, counted};
use crate::error::Result;
use crate::store::Case;

/// Accounts that are named; a note of thousands tells nothing more than their number.
const NAMED_MAX: usize = 10;

/// A note for each of the first accounts that a bound kept out of a search, with a number of
/// steps, and one for all others; none where nothing was cut.
///
/// `tell` words one account's note from its name and its steps.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn cut_notes(
    case: &Case,
    cut: &[(u32, u64)],
    tell: impl Fn(&str, u64) -> String,
) -> Result<Vec<String>> {
    let (named, others) = cut.split_at(cut.len().min(NAMED_MAX));
    let mut notes = Vec::new();
    for &(account, steps) in named {
        notes.push(tell(account_name(case, account)?, steps));
    }
    if !others.is_empty() {
        let steps = others.iter().fold(0_u64, |sum, (_, steps)| sum.saturating_add(*steps));
        let more = counted(others.len() as u64, "further account");
        notes.push(format!("The same holds of {more}, with {steps} steps together."));
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
        let notes =
            |cut: &[(u32, u64)]| cut_notes(&case, cut, |name, steps| format!("{name}: {steps}"));
        assert_eq!(notes(&[]).unwrap(), [] as [String; 0]);
        assert_eq!(notes(&[(1, 7)]).unwrap(), ["B: 7"]);
        let all: Vec<(u32, u64)> = (0..12).map(|account| (account, 5)).collect();
        let told = notes(&all).unwrap();
        assert_eq!(told.len(), 11);
        assert_eq!(told[10], "The same holds of 2 further accounts, with 10 steps together.");
    }
}
