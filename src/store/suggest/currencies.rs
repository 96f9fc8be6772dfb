//! Currencies that the names of columns of money state: `Betrag (EUR)`, `Send Amount USD`.

use crate::model::Currency;
use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::payments::MONEY;
use crate::store::suggest::profile::quoted;
use crate::store::suggest::vocabulary::currency_word;

/// Codes that are no words of a column's name otherwise, as `ALL` and `TOP` are.
const CODES: [&str; 20] = [
    "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "MXN", "CNY", "INR", "SEK", "NOK", "DKK",
    "PLN", "CZK", "HUF", "BRL", "SGD", "HKD", "NZD",
];

/// What the name of a column of money says of its currency. A dollar sign is many currencies'.
fn stated(name: &str) -> Option<Currency> {
    let words = name.split(|letter: char| !letter.is_alphanumeric() && !"€£".contains(letter));
    let named = |word: &str| {
        let lower = word.to_lowercase();
        let spelled = ["euro", "euros", "€", "£", "sterling"].contains(&lower.as_str());
        (spelled || CODES.contains(&word)).then(|| currency_word(word)).flatten()
    };
    words.into_iter().find_map(named)
}

/// The currency that names of columns of money state, where they agree and no column has it.
pub fn currency_of_names(draft: &mut Draft<'_>, key: &str) {
    let amounts = draft.columns.iter().filter(|one| one.role.is_some_and(|r| MONEY.contains(&r)));
    let told: Vec<(&str, Currency)> = amounts
        .filter_map(|one| Some((one.profile.name.as_str(), stated(&one.profile.name)?)))
        .collect();
    let Some((name, currency)) = told.first() else { return };
    if told.iter().any(|(_, other)| other != currency) {
        return;
    }
    draft.entries.push(Entry {
        key: key.to_owned(),
        why: vec![format!("the column {} says so", quoted(name))],
        ask: None,
        taken: Some(format!("{{ constant = \"{currency}\" }}")),
        others: Vec::new(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_state_currencies() {
        for (name, code) in [
            ("Betrag (EUR)", Some("EUR")),
            ("Débit euros", Some("EUR")),
            ("Amount (£)", Some("GBP")),
            ("Send Amount USD", Some("USD")),
            ("Amount ($)", None),
            ("ALL AMOUNTS", None),
            ("Amount", None),
        ] {
            assert_eq!(stated(name).map(|one| one.to_string()).as_deref(), code, "{name}");
        }
    }
}
