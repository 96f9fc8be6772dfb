//! The currency that the text of an amount names beside its digits.
//!
//! Answers: may `€1.200,00` be dollars? A sign that several currencies share contradicts only the
//! others. Which currency a record is in stays the layout's word: a text can speak against it and
//! never replaces it.

use crate::model::Currency;

/// Signs and the codes of those that use them; a sign that holds another stands before it.
const SIGNS: [(&str, &str); 25] = [
    ("US$", "USD"),
    ("CA$", "CAD"),
    ("HK$", "HKD"),
    ("NZ$", "NZD"),
    ("MX$", "MXN"),
    ("C$", "CAD NIO"),
    ("A$", "AUD"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    ("$", DOLLARS_AND_PESOS),
    ("\u{FF04}", DOLLARS_AND_PESOS),
    ("€", "EUR"),
    ("£", "GBP EGP FKP GIP IEP LBP SDG SHP SSP SYP"),
    ("¥", "JPY CNY"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₩", "KRW KPW"),
    ("₴", "UAH"),
    ("₺", "TRY"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("₱", "PHP"),
    ("₦", "NGN"),
    ("₲", "PYG"),
    ("₸", "KZT"),
];
const DOLLARS_AND_PESOS: &str = "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD \
                                 SBD SGD SRD TTD TWD XCD ZWL ARS BOB BRL CLP COP CUP CVE DOP MOP \
                                 MXN NIO PAB SVC TOP UYU WST";

/// What the text of an amount names instead of `currency`: an ISO code, or a sign that this
/// currency is not written with. Cost: one pass over plain numbers, some more over others.
///
/// ```
/// use moneytrail::model::Currency;
/// use moneytrail::normalise::other_currency;
///
/// assert_eq!(other_currency("€1.200,00", Currency::USD), Some("€"));
/// assert_eq!(other_currency("1,200.00 EUR", Currency::USD), Some("EUR"));
/// assert_eq!(other_currency("$1,200.00 CR", Currency::USD), None);
/// ```
pub fn other_currency(text: &str, currency: Currency) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_digit() || b".,-+() '".contains(&byte);
    if text.bytes().all(plain) {
        return None;
    }
    let sign = SIGNS.iter().find_map(|(sign, codes)| {
        let at = text.find(sign)?;
        // `EC$5` is none of those that are written `C$5`.
        let lettered = |part: &str| part.ends_with(|letter: char| letter.is_ascii_alphabetic());
        let inner = lettered(&text[..at]) && !sign.starts_with('$') && lettered(&sign[..1]);
        (!inner).then_some((at, sign.len(), codes))
    });
    if let Some((at, length, codes)) = sign
        && !codes.split(' ').any(|code| code == currency.code())
    {
        return Some(&text[at..at + length]);
    }
    let words = text.split(|letter: char| !letter.is_ascii_alphabetic());
    let mut codes = words.filter(|word| word.len() == 3);
    codes.find(|word| word.parse::<Currency>().is_ok_and(|named| named != currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str, other: Option<&str>) {
        assert_eq!(other_currency(text, code.parse().unwrap()), other, "{text} in {code}");
    }

    #[test]
    fn a_sign_speaks_only_against_those_that_are_written_without_it() {
        for (text, code) in [
            ("1,200.00", "EUR"),
            ("(1 200,00)", "EUR"),
            ("$5", "USD"),
            ("$5", "MXN"),
            ("C$5", "CAD"),
            ("US$5", "USD"),
            ("EC$5", "XCD"),
            ("BDS$5", "BBD"),
            ("AU$5", "AUD"),
            ("£5", "GBP"),
            ("¥5", "CNY"),
            ("5 usd DR", "USD"),
            ("5.00 CR", "EUR"),
        ] {
            check(text, code, None);
        }
        check("$5", "EUR", Some("$"));
        check("US$5", "CAD", Some("US$"));
        check("-£5", "USD", Some("£"));
        check("GBP 5", "USD", Some("GBP"));
        check("5.00gbp", "USD", Some("gbp"));
        check("¥500", "USD", Some("¥"));
    }
}
