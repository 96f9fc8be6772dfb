//! Lines of statements that state a balance or a total and move no money.

use std::sync::LazyLock;

use regex::Regex;

/// What is said of such a line in place of a record.
pub const NO_PAYMENT: &str = "a payment, not a total or a balance carried on, which moves no \
                              money; name such lines in the layout: ignore = [\"…\"]";

/// What a balance is called that a statement carries from page to page, or states at its ends.
const BALANCES: [&str; 40] = [
    "balance brought forward",
    "balance carried forward",
    "balance brought down",
    "balance carried down",
    "balance forward",
    "brought forward",
    "carried forward",
    "previous balance",
    "opening balance",
    "closing balance",
    "beginning balance",
    "starting balance",
    "ending balance",
    "final balance",
    "statement balance",
    "ledger balance",
    "available balance",
    "daily balance",
    "average daily balance",
    "balance as of",
    "balance as at",
    "balance b/f",
    "balance c/f",
    "balance b/fwd",
    "balance c/fwd",
    "b/f",
    "c/f",
    "saldo anterior",
    "saldo inicial",
    "saldo final",
    "saldovortrag",
    "anfangssaldo",
    "endsaldo",
    "alter saldo",
    "neuer saldo",
    "ancien solde",
    "nouveau solde",
    "solde initial",
    "solde final",
    "solde précédent",
];
/// What a sum of the rows is called.
const TOTALS: [&str; 13] = [
    "total debit",
    "total debits",
    "total credit",
    "total credits",
    "total deposits",
    "total withdrawals",
    "total deposits and credits",
    "total withdrawals and debits",
    "total checks",
    "total cheques",
    "total checks paid",
    "total payments",
    "total fees",
];
/// The same where nothing at all stands beside it: with a number they may be names of shops.
const BARE_TOTALS: [&str; 6] =
    ["total", "totals", "subtotal", "sub-total", "sub total", "grand total"];
/// Words between such a name and its day.
const BEFORE_A_DAY: [&str; 7] = ["as", "of", "on", "at", "for", "from", "to"];
const MONTHS: &str = "jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?\
                      |juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?";
/// What stands between words.
const GAP: &str = r"[^\p{Alphabetic}\p{N}]";

/// Names with nothing beside them but a day, a number, and the words between those.
static STATED: LazyLock<Regex> = LazyLock::new(|| {
    let any = |names: &[&str]| names.iter().map(|name| regex::escape(name)).collect::<Vec<_>>();
    let named = [any(&BALANCES), any(&TOTALS)].concat().join("|");
    let (bare, before) = (any(&BARE_TOTALS).join("|"), any(&BEFORE_A_DAY).join("|"));
    let day = format!("{GAP}+(?:[0-9]+|{before}|{MONTHS})");
    let whole = format!(r"(?i)^\s*(?:(?:{bare})[:. *=]*|(?:{named})(?:{day})*{GAP}*)$");
    Regex::new(&whole).expect("a pattern of this file")
});

/// Whether a line of a statement states a balance or a total, by nothing but the words for it and a
/// day or number beside them: entered as a payment, all that an account holds would have moved.
pub fn is_carried_balance(description: &str) -> bool {
    STATED.is_match(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(description: &str, carried: bool) {
        assert_eq!(is_carried_balance(description), carried, "{description}");
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
}
