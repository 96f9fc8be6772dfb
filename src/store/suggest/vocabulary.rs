//! Words of producers for kinds of call, currencies and channels.

use crate::model::Currency;
use crate::records::Direction;
use crate::store::suggest::profile::words_of;

/// The kind of call that a producer's word means.
pub fn call_kind(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["sms", "mms", "text", "message"]) {
        Some("sms")
    } else if has(&["data", "gprs", "internet", "lte"]) {
        Some("data")
    } else if has(&["voice", "call", "moc", "mtc", "speech", "sprach", "anruf"]) {
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

/// The currency of a code by which exchanges name what is held: `ZUSD` of one of them, `XXBT`.
/// Most of their codes are of tokens, and some of these are those of currencies: only the
/// currencies that exchanges deal in are known.
pub fn asset_word(text: &str) -> Option<Currency> {
    let upper = text.trim().to_ascii_uppercase();
    let bare = upper.strip_prefix('Z').unwrap_or(&upper);
    let code = match (upper.as_str(), bare) {
        ("BTC" | "XBT" | "XXBT" | "BITCOIN", _) => "XBT",
        (_, "USD" | "EUR" | "GBP" | "CAD" | "JPY" | "AUD" | "CHF") => bare,
        _ => return None,
    };
    code.parse().ok()
}

/// Whether the texts of a column say what an exchange holds: all are codes, and one of them is
/// known.
pub fn is_assets(few: &std::collections::BTreeMap<String, u64>) -> bool {
    const TOKENS: [&str; 10] =
        ["ETH", "XETH", "ETH2", "USDT", "USDC", "SOL", "ADA", "LTC", "XRP", "DOGE"];
    let known = |text: &String| {
        asset_word(text).is_some() || TOKENS.contains(&text.to_ascii_uppercase().as_str())
    };
    let code = |text: &String| (2..=8).contains(&text.len()) && !text.contains(' ');
    !few.is_empty() && few.keys().all(code) && few.keys().any(known)
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

/// Which way money goes by a word of a column that signs amounts, seen from the account. `among`
/// are all words of the column: beside withdrawals a `D` is a deposit.
pub fn sign_word<'t>(text: &str, among: impl IntoIterator<Item = &'t String>) -> Option<Direction> {
    const LEAVES: [&str; 24] = [
        "d",
        "dr",
        "db",
        "dbt",
        "dbit",
        "debit",
        "deb",
        "s",
        "-",
        "w",
        "wd",
        "w/d",
        "withdrawal",
        "withdrawals",
        "out",
        "outgoing",
        "paid out",
        "money out",
        "sent",
        "soll",
        "belastung",
        "cargo",
        "debito",
        "débit",
    ];
    const REACHES: [&str; 20] = [
        "c",
        "cr",
        "crdt",
        "credit",
        "cred",
        "h",
        "+",
        "in",
        "incoming",
        "deposit",
        "deposits",
        "dep",
        "paid in",
        "money in",
        "received",
        "haben",
        "gutschrift",
        "abono",
        "credito",
        "crédit",
    ];
    let lower = text.trim().to_lowercase();
    if lower == "d" && among.into_iter().any(|one| one.trim().eq_ignore_ascii_case("w")) {
        return Some(Direction::Credit);
    }
    if LEAVES.contains(&lower.as_str()) {
        return Some(Direction::Debit);
    }
    REACHES.contains(&lower.as_str()).then_some(Direction::Credit)
}

/// The channel that a producer's word means. Whole words only: a deposit is no `POS`.
pub fn channel_word(text: &str) -> Option<&'static str> {
    let said = format!(" {} ", words_of(text).join(" "));
    let parts: [(&[&str], &str); 10] = [
        (&["fee", "charge"], "fee"),
        (&["interest"], "interest"),
        (&["wire", "swift", "fedwire", "chaps"], "wire"),
        (&["zelle", "venmo", "cash app", "p2p"], "p2p"),
        (&["ach", "direct debit", "direct dep", "direct deposit", "sepa", "payroll", "eft"], "ach"),
        (&["atm", "cash"], "cash"),
        (&["card", "checkcard", "pos", "purchase", "visa", "mastercard"], "card"),
        (&["check", "cheque", "chk"], "cheque"),
        (&["bitcoin", "crypto"], "crypto"),
        (&["transfer", "xfer", "book", "book transfer"], "book"),
    ];
    let says =
        |word: &&str| said.contains(&format!(" {word} ")) || said.contains(&format!(" {word}s "));
    let words = parts.iter().find(|(words, _)| words.iter().any(&says));
    words.map(|(_, channel)| *channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_told_by_whole_words() {
        for (text, channel) in [
            ("ACH_CREDIT", Some("ach")),
            ("WIRE OUT", Some("wire")),
            ("ATM W/D", Some("cash")),
            ("DirectDeposit", Some("ach")),
            ("Service charges", Some("fee")),
            ("Deposit", None),
            ("Coffee", None),
            ("Treatment", None),
        ] {
            assert_eq!(channel_word(text), channel, "{text}");
        }
    }

    #[test]
    fn a_sign_is_told_by_its_word_and_those_beside_it() {
        let words = ["W".to_owned(), "D".to_owned()];
        assert_eq!(sign_word("D", &words), Some(Direction::Credit));
        assert_eq!(sign_word("D", []), Some(Direction::Debit));
        assert_eq!(sign_word("Withdrawal", []), Some(Direction::Debit));
        assert_eq!(sign_word("CRDT", []), Some(Direction::Credit));
        assert_eq!(sign_word("Reversal", []), None);
    }
}
