//! The currency that stands beside the digits of an amount.
//!
//! Answers: does `12.00 EUR` say that it is not dollars? The record's own currency is what its
//! layout or case file states; what the text of the amount states is believed only so far that an
//! amount of another currency is not counted as one of this.

use crate::model::Currency;

/// Signs of which each is written for these currencies and no others.
const SIGNS: &[(&str, &[&str])] = &[
    ("US$", &["USD"]),
    ("CA$", &["CAD"]),
    ("HK$", &["HKD"]),
    ("NZ$", &["NZD"]),
    ("MX$", &["MXN"]),
    ("C$", &["CAD", "NIO"]),
    ("A$", &["AUD"]),
    ("S$", &["SGD"]),
    ("R$", &["BRL"]),
    ("\u{20AC}", &["EUR"]),
    ("\u{20B9}", &["INR"]),
    ("\u{20BD}", &["RUB"]),
    ("\u{20A9}", &["KRW", "KPW"]),
    ("\u{A5}", &["JPY", "CNY"]),
];
/// Currencies that are written with neither a dollar's sign nor a pound's, or not with both.
const NO_DOLLARS: &[&str] = &["EUR", "GBP", "CHF", "JPY", "CNY", "SEK", "NOK", "DKK", "PLN"];
const NO_POUNDS: &[&str] = &["USD", "EUR", "CHF", "JPY", "CNY", "CAD", "AUD", "MXN"];

/// The sign or code in the text of an amount that is of another currency than `currency`.
///
/// ```
/// use moneytrail::model::Currency;
/// use moneytrail::normalise::other_currency;
///
/// assert_eq!(other_currency("12.00 EUR", Currency::USD), Some("EUR"));
/// assert_eq!(other_currency("£12.00", Currency::USD), Some("£"));
/// assert_eq!(other_currency("$12.00 DR", Currency::USD), None);
/// ```
pub fn other_currency(text: &str, currency: Currency) -> Option<&str> {
    // Nearly every amount is digits and marks.
    if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b',' | b'-' | b' ')) {
        return None;
    }
    let own = currency.code();
    for word in text.split(|letter: char| !letter.is_ascii_alphabetic()) {
        if word.len() == 3
            && let Ok(stated) = word.to_ascii_uppercase().parse::<Currency>()
        {
            return (stated != currency).then_some(word);
        }
    }
    for (sign, currencies) in SIGNS {
        if let Some(at) = text.find(sign) {
            return (!currencies.contains(&own)).then(|| &text[at..at + sign.len()]);
        }
    }
    let [dollar, pound] = ['$', '\u{A3}'].map(|sign| text.find(sign));
    match (dollar, pound) {
        (Some(at), _) if NO_DOLLARS.contains(&own) => Some(&text[at..=at]),
        (_, Some(at)) if NO_POUNDS.contains(&own) => Some(&text[at..at + '\u{A3}'.len_utf8()]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_of_another_currency_says_so() {
        let check = |text: &str, code: &str, expected: Option<&str>| {
            assert_eq!(other_currency(text, code.parse().unwrap()), expected, "{text} {code}");
        };
        check("12.00", "USD", None);
        check("(1'200.00)", "CHF", None);
        check("12.00 usd", "USD", None);
        check("USD 12.00", "EUR", Some("USD"));
        check("12.00 CR", "USD", None);
        check("\u{20AC}12,00", "EUR", None);
        check("\u{20AC}12,00", "USD", Some("\u{20AC}"));
        check("\u{A3}12.00", "GBP", None);
        check("\u{A3}12.00", "EGP", None);
        check("$12.00", "MXN", None);
        check("$12.00", "GBP", Some("$"));
        check("US$12.00", "CAD", Some("US$"));
        check("\u{2212}12.00", "USD", None);
        check("\u{A0}12.00", "USD", None);
    }
}
