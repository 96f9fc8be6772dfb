//! Currencies that a number's format shows: `[$€-407] #,##0.00` or `#,##0.00 "GBP"`.
//!
//! Answers: which currency does a person see beside a number that holds none itself? It goes with
//! the amount as a text's own sign does, to be compared with the currency of the record. A dollar
//! sign is not read: programs put it there by themselves, whatever the amounts are in.

use crate::model::Currency;

/// Signs of one currency, or of few.
const SIGNS: [char; 14] = ['€', '£', '¥', '₹', '₽', '₩', '₴', '₺', '₪', '₫', '₱', '₦', '₲', '₸'];

/// The sign or code that the format of that code shows; `None` for none, and for dollars.
pub(super) fn shown_currency(code: &str) -> Option<String> {
    // The part for positive numbers stands for the others.
    let code = code.split(';').next()?;
    let mut rest = code;
    let mut bare = String::new();
    while let Some(at) = rest.find(['[', '"']) {
        bare.push_str(&rest[..at]);
        let close = if rest[at..].starts_with('[') { ']' } else { '"' };
        let inner = &rest[at + 1..];
        let (inner, after) = inner.split_once(close)?;
        rest = after;
        let stated = match (close, inner.strip_prefix('$')) {
            // Behind the hyphen stands a language.
            (']', Some(symbol)) => symbol.split('-').next().unwrap_or_default(),
            (']', None) => continue,
            _ => inner,
        };
        if let Some(found) = currency_in(stated) {
            return Some(found);
        }
    }
    bare.push_str(rest);
    bare.chars().find(|letter| SIGNS.contains(letter)).map(String::from)
}

/// The currency that a currency's sign or code names, dollars aside.
fn currency_in(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains('$') {
        return None;
    }
    let code = |text: &str| text.parse::<Currency>().is_ok_and(|code| code != Currency::USD);
    let sign = text.chars().find(|letter| SIGNS.contains(letter)).map(String::from);
    sign.or_else(|| (text.len() == 3 && code(text)).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, shown: Option<&str>) {
        assert_eq!(shown_currency(code).as_deref(), shown, "{code}");
    }

    #[test]
    fn signs_and_codes_of_a_format_are_read_and_dollars_are_not() {
        check("[$€-407]\\ #,##0.00", Some("€"));
        check("#,##0.00\\ \"€\";[Red]\\-#,##0.00\\ \"€\"", Some("€"));
        check("_-* #,##0.00\\ [$€-40C]_-;\\-* #,##0.00\\ [$€-40C]_-", Some("€"));
        check("\"£\"#,##0.00", Some("£"));
        check("£#,##0.00", Some("£"));
        check("[$EUR]\\ #,##0.00", Some("EUR"));
        check("#,##0.00 \"GBP\"", Some("GBP"));
        for code in [
            "General",
            "#,##0.00",
            "\"$\"#,##0.00_);[Red](\"$\"#,##0.00)",
            "[$$-409]#,##0.00",
            "[$US$-409]#,##0.00",
            "[$USD] #,##0.00",
            "[$-409]d-mmm-yy",
            "[Red]0.00",
            "0.00 \"pcs\"",
            "[$€",
            "",
        ] {
            check(code, None);
        }
    }
}
