//! Currencies that a number's format shows: `[$€-407] #,##0.00` or `#,##0.00 "GBP"`.
//!
//! Answers: which currency does a person see beside a number that holds none itself? It goes with
//! the amount as a text's own sign does, to be compared with the currency of the record. A bare
//! dollar sign is not read: programs put it there by themselves, whatever the amounts are in. One
//! that names a country or its language, `[$CA$-1009]` or `[$$-409]`, somebody chose.

use crate::model::Currency;

/// Signs of one currency, or of few.
const SIGNS: [char; 14] = ['€', '£', '¥', '₹', '₽', '₩', '₴', '₺', '₪', '₫', '₱', '₦', '₲', '₸'];

/// Dollars and a real that are written with letters.
const LETTERED: [&str; 9] = ["US$", "CA$", "C$", "A$", "HK$", "NZ$", "MX$", "S$", "R$"];

/// The sign or code that the format of that code shows; `None` for none, and for bare dollars.
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
            (']', Some(symbol)) => {
                let (symbol, language) = symbol.split_once('-').unwrap_or((symbol, ""));
                if symbol.trim() == "$" && !language.is_empty() {
                    return Some("$".to_owned());
                }
                symbol
            }
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

/// The currency that a currency's sign or code names, bare dollars aside.
fn currency_in(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains('$') {
        return LETTERED.contains(&text).then(|| text.to_owned());
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
    fn signs_and_codes_of_a_format_are_read_and_bare_dollars_are_not() {
        check("[$€-407]\\ #,##0.00", Some("€"));
        check("#,##0.00\\ \"€\";[Red]\\-#,##0.00\\ \"€\"", Some("€"));
        check("_-* #,##0.00\\ [$€-40C]_-;\\-* #,##0.00\\ [$€-40C]_-", Some("€"));
        check("\"£\"#,##0.00", Some("£"));
        check("£#,##0.00", Some("£"));
        check("[$EUR]\\ #,##0.00", Some("EUR"));
        check("#,##0.00 \"GBP\"", Some("GBP"));
        check("[$$-409]#,##0.00", Some("$"));
        check("[$CA$-1009]#,##0.00", Some("CA$"));
        check("[$US$-409]#,##0.00", Some("US$"));
        for code in [
            "General",
            "#,##0.00",
            "\"$\"#,##0.00_);[Red](\"$\"#,##0.00)",
            "0.00 \"$/unit\"",
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
