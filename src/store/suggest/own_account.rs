//! Whose statement it is: the column that names the account, the lines above the header, or a
//! person who knows.

use std::collections::BTreeSet;

use regex::Regex;

use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::last_digits::as_last_digits;
use crate::store::suggest::profile::quoted;
use crate::store::suggest::roles::Role;

/// An account number in a line that says so. A mask belongs to it, and the letters of an IBAN.
const PATTERN: &str = "(?i)(?:account|acct|a/c|konto|cuenta|compte|iban)\
                       (?:[^0-9*]*?[^0-9*a-z])??\
                       ([a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[0-9]{1,3})?|\
                       [0-9*x][0-9*x -]{2,}[0-9])";

/// The account of the statement.
pub fn own_account(draft: &mut Draft<'_>) {
    let columns = draft.free(Role::Account);
    let above = account_above(draft);
    match columns.as_slice() {
        [one] if is_other_end(draft, *one, above.as_deref()) => {
            draft.column("counterparty_account", &[*one]);
            let entry = draft.entry("counterparty_account").expect("it was just taken");
            entry.why.push(
                "nearly every row has another, beside the name of another: the other end, not \
                 whose statement it is"
                    .to_owned(),
            );
            let banks = draft.free(Role::Bank);
            draft.column("counterparty_bank", &banks);
            elsewhere(draft, above);
        }
        [] => elsewhere(draft, above),
        several => {
            // Of a card and the account behind it, the one that is written out.
            let mut several = several.to_vec();
            several.sort_by_key(|at| draft.profile(*at).masked > 0);
            draft.column("account", &several);
            as_last_digits(draft, "account");
        }
    }
}

/// Whether a column of accounts is the other end's: its numbers change from row to row, and either
/// a line above the header names another one or the name of another end stands beside them.
fn is_other_end(draft: &Draft<'_>, column: usize, above: Option<&str>) -> bool {
    let texts: Vec<&str> = draft
        .sample
        .rows
        .iter()
        .map(|row| row.cells[column].as_str())
        .filter(|text| !text.is_empty())
        .collect();
    let different: BTreeSet<&str> = texts.iter().copied().collect();
    let changes = different.len() > 1 && different.len() * 2 > texts.len();
    let bare = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    };
    let stated_here = above.is_some_and(|above| {
        let above = bare(above);
        different.iter().any(|text| bare(text).contains(&above) || above.contains(&bare(text)))
    });
    let other_named = !draft.free(Role::CounterpartyName).is_empty()
        && draft.free(Role::CounterpartyAccount).is_empty();
    changes && !stated_here && (above.is_some() || other_named)
}

/// The first account number that a line above the header names.
fn account_above(draft: &Draft<'_>) -> Option<String> {
    let regex = Regex::new(PATTERN).expect("the pattern is one");
    let mut lines = draft.sample.preamble.iter();
    lines.find_map(|line| Some(regex.captures(line)?.get(1)?.as_str().to_owned()))
}

/// The account of a statement that no column names: above the header, in the file's name, or
/// known to a person only.
fn elsewhere(draft: &mut Draft<'_>, above: Option<String>) {
    let from_name = Regex::new("[0-9]{4,}").expect("the pattern is one");
    let mut entry = Entry {
        key: "account".to_owned(),
        why: vec!["no column names the account".to_owned()],
        ask: None,
        taken: None,
        others: Vec::new(),
    };
    if let Some(above) = above {
        entry.why.push(format!("a line above the header says {}", quoted(&above)));
        entry.taken = Some(format!("{{ preamble = {} }}", quoted(PATTERN)));
    } else {
        entry.ask = Some("whose statement is this? Write the account's number".to_owned());
        if from_name.is_match(draft.stem) {
            entry.others.push("{ file_name = '([0-9]{4,})' }".to_owned());
        }
        entry.others.push("{ constant = \"the account's number\" }".to_owned());
    }
    draft.entries.insert(0, entry);
}
