//! Words of producers for kinds of call, currencies and channels.

use crate::model::Currency;

/// The kind of call that a producer's word means.
pub fn call_kind(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["sms", "mms", "text", "message"]) {
        Some("sms")
    } else if has(&["data", "gprs", "internet", "lte"]) {
        Some("data")
    } else if has(&["voice", "call", "moc", "mtc", "speech"]) {
        Some("voice")
    } else {
        None
    }
}

/// The currency that a word or code means.
pub fn currency_word(text: &str) -> Option<Currency> {
    let lower = text.trim().to_lowercase();
    let named = CURRENCY_WORDS.iter().find(|(words, _)| words.contains(&lower.as_str()));
    named.map_or_else(|| text.parse().ok(), |(_, code)| code.parse().ok())
}

const CURRENCY_WORDS: &[(&[&str], &str)] = &[
    (&["us dollar", "dollar", "us dollars", "$", "us$"], "USD"),
    (&["euro", "euros", "€"], "EUR"),
    (&["uk pound", "pound", "pound sterling", "sterling", "£"], "GBP"),
    (&["swiss franc", "sfr"], "CHF"),
    (&["yuan", "renminbi", "rmb"], "CNY"),
    (&["rupee", "indian rupee"], "INR"),
    (&["yen", "japanese yen"], "JPY"),
    (&["bitcoin"], "XBT"),
    (&["ruble", "rouble"], "RUB"),
    (&["shekel"], "ILS"),
    (&["brazil real", "real"], "BRL"),
    (&["canadian dollar"], "CAD"),
    (&["mexican peso", "peso"], "MXN"),
    (&["saudi riyal"], "SAR"),
    (&["australian dollar"], "AUD"),
];

/// The channel that a producer's word means.
pub fn channel_word(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let parts: [(&[&str], &str); 10] = [
        (&["fee", "charge"], "fee"),
        (&["interest"], "interest"),
        (&["wire", "swift", "fedwire", "chaps"], "wire"),
        (&["zelle", "venmo", "cash app", "p2p"], "p2p"),
        (&["ach", "direct dep", "sepa", "payroll", "eft"], "ach"),
        (&["atm", "cash"], "cash"),
        (&["card", "pos", "purchase", "visa"], "card"),
        (&["check", "cheque", "chk"], "cheque"),
        (&["bitcoin", "crypto"], "crypto"),
        (&["transfer", "xfer", "book"], "book"),
    ];
    let words = parts.iter().find(|(words, _)| words.iter().any(|word| lower.contains(word)));
    words.map(|(_, channel)| *channel)
}
