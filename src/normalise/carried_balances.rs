//! Lines of statements that state a balance or a total and move no money.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::normalise::{TIME_WORDS, order_of, readings_of};

/// What a line of a statement states in place of a payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatedSum {
    /// The balance before the rows that follow in time.
    Opening,
    /// The balance after the rows before it in time.
    Closing,
    /// What the rows take out, in all.
    Debits,
    /// What the rows bring in, in all.
    Credits,
    /// Both of these, each in its column.
    Both,
    /// A balance of no stated moment, or a sum of some of the rows.
    Other,
}

/// What a balance is called that a statement carries from page to page, or states at its ends.
const BALANCES: [(&str, StatedSum); 47] = [
    ("balance brought forward", StatedSum::Opening),
    ("balance carried forward", StatedSum::Closing),
    ("balance brought down", StatedSum::Opening),
    ("balance carried down", StatedSum::Closing),
    ("balance forward", StatedSum::Opening),
    ("brought forward", StatedSum::Opening),
    ("carried forward", StatedSum::Closing),
    ("previous balance", StatedSum::Opening),
    ("opening balance", StatedSum::Opening),
    ("closing balance", StatedSum::Closing),
    ("opening ledger balance", StatedSum::Opening),
    ("closing ledger balance", StatedSum::Closing),
    ("beginning balance", StatedSum::Opening),
    ("starting balance", StatedSum::Opening),
    ("ending balance", StatedSum::Closing),
    ("final balance", StatedSum::Closing),
    ("statement balance", StatedSum::Other),
    ("ledger balance", StatedSum::Other),
    ("available balance", StatedSum::Other),
    ("daily balance", StatedSum::Other),
    ("average daily balance", StatedSum::Other),
    ("balance as of", StatedSum::Other),
    ("balance as at", StatedSum::Other),
    ("balance b/f", StatedSum::Opening),
    ("balance c/f", StatedSum::Closing),
    ("balance b/fwd", StatedSum::Opening),
    ("balance c/fwd", StatedSum::Closing),
    ("b/f", StatedSum::Opening),
    ("c/f", StatedSum::Closing),
    ("saldo anterior", StatedSum::Opening),
    ("saldo inicial", StatedSum::Opening),
    ("saldo iniziale", StatedSum::Opening),
    ("saldo precedente", StatedSum::Opening),
    ("saldo final", StatedSum::Closing),
    ("saldo finale", StatedSum::Closing),
    ("saldovortrag", StatedSum::Opening),
    ("anfangssaldo", StatedSum::Opening),
    ("endsaldo", StatedSum::Closing),
    ("alter saldo", StatedSum::Opening),
    ("neuer saldo", StatedSum::Closing),
    ("alter kontostand", StatedSum::Opening),
    ("neuer kontostand", StatedSum::Closing),
    ("ancien solde", StatedSum::Opening),
    ("nouveau solde", StatedSum::Closing),
    ("solde initial", StatedSum::Opening),
    ("solde final", StatedSum::Closing),
    ("solde précédent", StatedSum::Opening),
];
/// What a sum of the rows is called.
const TOTALS: [(&str, StatedSum); 13] = [
    ("total debit", StatedSum::Debits),
    ("total debits", StatedSum::Debits),
    ("total credit", StatedSum::Credits),
    ("total credits", StatedSum::Credits),
    ("total deposits", StatedSum::Credits),
    ("total withdrawals", StatedSum::Debits),
    ("total deposits and credits", StatedSum::Credits),
    ("total withdrawals and debits", StatedSum::Debits),
    ("total checks", StatedSum::Other),
    ("total cheques", StatedSum::Other),
    ("total checks paid", StatedSum::Other),
    ("total payments", StatedSum::Other),
    ("total fees", StatedSum::Other),
];
/// The same where nothing at all stands beside it: with a number they may be names of shops.
const BARE_TOTALS: [(&str, StatedSum); 6] = [
    ("total", StatedSum::Both),
    ("totals", StatedSum::Both),
    ("subtotal", StatedSum::Other),
    ("sub-total", StatedSum::Other),
    ("sub total", StatedSum::Other),
    ("grand total", StatedSum::Both),
];
/// Words between such a name and its day.
const BEFORE_A_DAY: [&str; 7] = ["as", "of", "on", "at", "for", "from", "to"];
const MONTHS: &str = "jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?\
                      |juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?";
/// What stands between words.
const GAP: &str = r"[^\p{Alphabetic}\p{N}]";

/// Names with nothing beside them but a day, a number, and the words between those.
static STATED: LazyLock<Regex> = LazyLock::new(|| {
    let any = |names: &[(&str, StatedSum)]| {
        names.iter().map(|(name, _)| regex::escape(name)).collect::<Vec<_>>()
    };
    let named = [any(&BALANCES), any(&TOTALS)].concat().join("|");
    let (bare, before) = (any(&BARE_TOTALS).join("|"), BEFORE_A_DAY.join("|"));
    let day = format!("{GAP}+(?:[0-9]+|{before}|{MONTHS})");
    let whole = format!(r"(?i)^\s*(?:({bare})[:. *=]*|({named})(?:{day})*{GAP}*)$");
    Regex::new(&whole).expect("a pattern of this file")
});

/// What a line of a statement states by nothing but the words for it and a day or number beside
/// them; `None` for any other. Entered as a payment, all that an account holds would have moved.
pub fn stated_sum(text: &str) -> Option<StatedSum> {
    if !STATED.is_match(text) {
        return None;
    }
    let groups = STATED.captures(text)?;
    let name = groups.get(1).or(groups.get(2))?.as_str().to_lowercase();
    let mut known = BALANCES.iter().chain(&TOTALS).chain(&BARE_TOTALS);
    known.find(|(known, _)| *known == name).map(|(_, sum)| *sum)
}

/// The text of the day for which a balance is stated, as it stands behind the words for the
/// balance: `01/31/2026` of `Ending balance as of 01/31/2026`. `None` where a period or something
/// else stands there.
pub fn stated_day(text: &str) -> Option<&str> {
    let groups = STATED.captures(text)?;
    let mut rest = &text[groups.get(2)?.end()..];
    loop {
        rest = rest.trim_matches(|letter: char| !letter.is_alphanumeric());
        let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        let word = rest[..end].to_lowercase();
        if !["as", "of", "on", "at"].contains(&word.as_str()) {
            break;
        }
        rest = &rest[end..];
    }
    let mut words = rest.split(|letter: char| !letter.is_alphanumeric());
    let another = words.any(|word| BEFORE_A_DAY.contains(&word.to_lowercase().as_str()));
    (!rest.is_empty() && !another).then_some(rest)
}

/// The day that such a text names, by days since 1970: by the one way in which it reads, or by
/// that which puts first what `format`, of the days beside it, does. Digits alone are a number.
pub fn stated_day_of(text: &str, format: Option<&str>) -> Option<i32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let read: Vec<(&str, i32)> =
        readings_of(text).map(|(at, civil)| (TIME_WORDS[at].words.as_str(), civil.day)).collect();
    let one = |days: BTreeSet<i32>| days.first().copied().filter(|_| days.len() == 1);
    let all: BTreeSet<i32> = read.iter().map(|(_, day)| *day).collect();
    let order = order_of(format.unwrap_or_default());
    let alike = read.iter().filter(|(words, _)| order_of(words) == order).map(|(_, day)| *day);
    one(all).or_else(|| one(alike.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(description: &str, carried: bool) {
        assert_eq!(stated_sum(description).is_some(), carried, "{description}");
    }

    #[test]
    fn balances_and_totals_are_told_from_payments() {
        for text in [
            "Opening balance",
            "OPENING BALANCE AS OF 01 January 2026",
            "Ending Balance on 01/31/26",
            "Balance as of 01/31",
            "balance b/f",
            "Total debits (12)",
            "TOTAL WITHDRAWALS:",
            "Subtotal",
            "Total",
            "Saldo final 31.01.2026",
            "SOLDE PRÉCÉDENT",
            "Ending balance, 31 Dec 2026",
            "Total payments for October",
        ] {
            check(text, true);
        }
        for text in [
            "TOTAL FUELS 12",
            "TOTAL 4521",
            "TOTAL DEBIT SERVICES LLC",
            "NEW BALANCE 0123",
            "BALANCE OF PURCHASE PRICE",
            "OPENING BALANCES LTD",
            "B/F FOODS",
            "TOTAL PAYMENTS MARINA",
            "Total deposits Mayfair 12",
            "PAYMENT ON OPENING BALANCE",
            "",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn the_day_of_a_balance_stands_behind_its_words() {
        for (text, day) in [
            ("Beginning balance as of 01/01/2024", Some("01/01/2024")),
            ("ENDING BALANCE ON 31 Jan 2024:", Some("31 Jan 2024")),
            ("Ending balance, January 31, 2024", Some("January 31, 2024")),
            ("Saldo final 31.01.2026", Some("31.01.2026")),
            ("Opening balance", None),
            ("Opening balance from 01/01/2024 to 01/31/2024", None),
            ("Balance forward for January 2024", None),
            ("Coffee 01/31/2024", None),
        ] {
            assert_eq!(stated_day(text), day, "{text}");
        }
    }

    #[test]
    fn a_day_that_reads_two_ways_is_that_of_the_days_beside_it() {
        for (text, format, day) in [
            ("01/02/2024", Some("%m/%d/%Y"), Some(19_724)),
            ("01/02/2024", Some("%d/%m/%y"), Some(19_754)),
            ("01/02/2024", None, None),
            ("01/31/2024", None, Some(19_753)),
            ("January 2, 2024", Some("%d/%m/%Y"), Some(19_724)),
            ("2024-01-02", Some("%m/%d/%Y"), Some(19_724)),
            ("20240102", None, None),
            ("page 2", None, None),
        ] {
            assert_eq!(stated_day_of(text, format), day, "{text} {format:?}");
        }
    }

    #[test]
    fn every_name_is_told_for_what_it_is() {
        for (name, sum) in BALANCES.iter().chain(&TOTALS).chain(&BARE_TOTALS) {
            assert_eq!(stated_sum(name), Some(*sum), "{name}");
            assert_eq!(stated_sum(&format!(" {}: ", name.to_uppercase())), Some(*sum), "{name}");
        }
    }
}
