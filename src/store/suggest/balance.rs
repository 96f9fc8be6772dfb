//! Whether a running balance proves how amounts are signed and in which order rows stand.

use std::collections::BTreeMap;

use crate::normalise::DecimalMark;
use crate::records::Direction;
use crate::store::suggest::draft::Draft;
use crate::store::suggest::payments::{decimal_mark, exact};
use crate::store::suggest::roles::Role;
use crate::store::suggest::vocabulary::sign_word;

/// Decimals that a text shows behind the mark.
pub fn decimals(text: &str, mark: char) -> u8 {
    let digits = text.rsplit_once(mark).map_or("", |(_, behind)| behind);
    digits.bytes().take_while(u8::is_ascii_digit).count() as u8
}

/// The same, without the zeros at their end, which cost nothing to leave out.
pub fn telling_decimals(text: &str, mark: char) -> u8 {
    let digits = text.rsplit_once(mark).map_or("", |(_, behind)| behind);
    let end = digits.bytes().take_while(u8::is_ascii_digit).count();
    digits[..end].trim_end_matches('0').len().min(usize::from(u8::MAX)) as u8
}

/// How rows could follow from one another: oldest or newest first, the amount as signed or the
/// other way round.
const ORDERS: [(&str, bool, i64); 4] = [
    ("oldest first", true, 1),
    ("newest first", false, 1),
    ("oldest first, with amounts signed the other way round", true, -1),
    ("newest first, with amounts signed the other way round", false, -1),
];

/// The evidence of a balance column, if there is one: how many rows follow from their neighbour
/// under the order that explains most. `amounts` are columns with the sign that they give;
/// `sign` is a column that signs them instead.
pub fn balance_evidence(
    draft: &Draft<'_>,
    amounts: &[(usize, i64)],
    sign: Option<usize>,
) -> Vec<String> {
    let at = |role: Role| draft.columns.iter().position(|one| one.role == Some(role));
    let Some(balance) = at(Role::Balance) else { return Vec::new() };
    let mark = decimal_mark(draft).unwrap_or(DecimalMark::Point);
    let mut by_account: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for row in &draft.sample.rows {
        let account = at(Role::Account).map_or("", |column| row.cells[column].as_str());
        let signed = amounts.iter().find_map(|(column, way)| {
            let text = row.cells[*column].as_str();
            let minor = exact(text, mark).filter(|minor| *minor != 0)?;
            // In a column of debits the sign is how the producer prints it.
            let minor = if amounts.len() > 1 || sign.is_some() { minor.abs() } else { minor };
            Some(minor * way * sign.map_or(1, |column| way_of(&row.cells[column], draft, column)))
        });
        if let (Some(signed), Some(balance)) = (signed, exact(&row.cells[balance], mark)) {
            by_account.entry(account).or_default().push((signed, balance));
        }
    }
    let pairs: usize = by_account.values().map(|rows| rows.len().saturating_sub(1)).sum();
    if pairs == 0 {
        return Vec::new();
    }
    let follow = |oldest_first: bool, way: i64| -> usize {
        by_account
            .values()
            .flat_map(|rows| rows.windows(2))
            .filter(|pair| {
                let ((earlier, later), moved) = if oldest_first {
                    ((pair[0].1, pair[1].1), pair[1].0)
                } else {
                    ((pair[1].1, pair[0].1), pair[0].0)
                };
                later.checked_sub(earlier) == moved.checked_mul(way)
            })
            .count()
    };
    let counts = ORDERS.map(|(_, oldest_first, way)| follow(oldest_first, way));
    let most = *counts.iter().max().expect("there are four orders");
    let best = counts.iter().position(|count| *count == most).expect("one has the most");
    let (order, _, way) = ORDERS[best];
    let mut said = vec![format!(
        "the running balance follows from the row beside it in {most} of {pairs} rows, {order}"
    )];
    if way < 0 && most * 2 > pairs {
        said.push(
            "so a plain amount here leaves the account: name it as debit and credit columns, or \
             ask the producer for a column that says which way"
                .to_owned(),
        );
    }
    said
}

/// The sign of a row by the word that signs it; what the words do not tell reaches the account, and
/// then fails the balance.
fn way_of(text: &str, draft: &Draft<'_>, column: usize) -> i64 {
    let among = draft.profile(column).few.iter().flat_map(|few| few.keys());
    if sign_word(text, among) == Some(Direction::Debit) { -1 } else { 1 }
}
