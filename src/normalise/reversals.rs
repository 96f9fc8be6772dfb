//! Reversals: payments that came back, and the payment that each undoes.
//!
//! Answers: does this text say that money was returned, reversed or charged back, and which
//! earlier payment is it? Both stay in every total: what came back is a movement of its own.

use std::sync::LazyLock;

use regex::Regex;

use crate::normalise::legs::references_of;

/// How banks write that a payment came back. A fee for it, or a notice of it, is no return of
/// money; a return of goods in a shop is one.
const WORDINGS: &str = r"(?ix)
    \b(?:RETURN(?:ED)?\ (?:ITEM|DEPOSIT(?:ED)?|CHE(?:CK|QUE)|ACH|PAYMENT|WIRE|DEBIT|CREDIT
        |DIRECT\ DEBIT)
    |(?:CHE(?:CK|QUE)|ITEM|ACH|WIRE|PAYMENT|DEPOSIT(?:ED\ ITEM)?|TRANSFER|DEBIT|CREDIT)
        \ (?:RETURN(?:ED)?|REVERSAL|REVERSED)
    |DEPOSITED\ ITEM\ RETURN(?:ED)?
    |REVERSAL|REVERSED|REVERSE|REVERSING
    |CHARGE[\ \-]?BACK
    |NSF|NON[\ \-]?SUFFICIENT\ FUNDS|INSUFFICIENT\ FUNDS|UNPAID|DISHONOU?RED
    |RTN|RTND|R/T|RET\ ITEM
    |STOP\ PAYMENT|REFUSED|REJECTED|RECALL(?:ED)?
    |R(?:0[1-9]|[1-7][0-9]|8[0-5])\ (?:RETURN|INSUFFICIENT|NO\ ACCOUNT|ACCOUNT\ CLOSED))\b";

/// What no return of money is written as.
const NOT_ONE: &str = r"(?ix)\b(?:FEE|CHARGE|CHG|NOTICE)S?\b";

static SAYS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(WORDINGS).expect("the built-in wording is tested to compile"));
static SAYS_NOT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(NOT_ONE).expect("the built-in wording is tested to compile"));

/// The words that say a payment came back; `None` when the text does not. Cost: one search.
///
/// ```
/// use moneytrail::normalise::reversal_words;
///
/// assert_eq!(reversal_words("RETURNED ITEM CHECK 1042"), Some("RETURNED ITEM"));
/// assert_eq!(reversal_words("RETURNED ITEM FEE"), None);
/// ```
pub fn reversal_words(text: &str) -> Option<&str> {
    let found = SAYS.find(text)?;
    (!SAYS_NOT.is_match(text)).then_some(found.as_str())
}

/// One movement on an account, as a reversal or what it may undo.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Movement<'a> {
    /// Civil day, days since 1970.
    pub day: i32,
    /// The other account.
    pub far: u32,
    /// Description and reference as found, one space between.
    pub texts: &'a str,
    /// Name identity of the other end, may be empty.
    pub name: String,
}

/// Which of the earlier movements of an account a reversal undoes: their indices, and what ties
/// them, the strongest tie only. The earlier ones move the same amount the other way.
///
/// A cheque's or trace number that both state ties most, then the same other end, then the amount
/// alone, of which the latest within the days before is meant.
pub fn undone(reversal: &Movement<'_>, earlier: &[Movement<'_>]) -> (Vec<usize>, &'static str) {
    let numbers = numbers_of(reversal.texts);
    let tied = |by: &dyn Fn(&Movement<'_>) -> bool| -> Vec<usize> {
        (0..earlier.len()).filter(|at| by(&earlier[*at])).collect()
    };
    let numbered = tied(&|one| numbers_of(one.texts).iter().any(|number| numbers.contains(number)));
    if !numbered.is_empty() {
        return (numbered, "the same cheque, trace or reference number and amount");
    }
    let same_end = tied(&|one| {
        one.far == reversal.far || !reversal.name.is_empty() && one.name == reversal.name
    });
    if !same_end.is_empty() {
        return (same_end, "the same counterparty and amount");
    }
    ((0..earlier.len()).collect(), "the same amount, no number or name in common")
}

/// References, and shorter numbers that follow a word for a cheque.
fn numbers_of(text: &str) -> Vec<u64> {
    static CHEQUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:CHE(?:CK|QUE)|CHK|CK|ITEM)\b[^0-9]{0,12}0*([0-9]{2,10})\b")
            .expect("the built-in wording is tested to compile")
    });
    let mut numbers = references_of(text);
    let cheques =
        CHEQUE.captures_iter(text).filter_map(|found| found.get(1)?.as_str().parse().ok());
    numbers.extend(cheques.map(|number: u64| number));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, words: Option<&str>) {
        assert_eq!(reversal_words(text), words, "{text:?}");
    }

    #[test]
    fn wordings_of_returns_are_known_and_fees_for_them_are_not() {
        check("RETURNED ITEM CHECK 1042", Some("RETURNED ITEM"));
        check("Deposited item returned", Some("Deposited item returned"));
        check("NSF CHECK 211", Some("NSF"));
        check("ACH RETURN R01 INSUFFICIENT FUNDS", Some("ACH RETURN"));
        check("CHARGEBACK VISA 03/04", Some("CHARGEBACK"));
        check("REVERSAL ZELLE TO LENA ORTIZ", Some("REVERSAL"));
        check("WIRE REVERSAL TRN 88123", Some("WIRE REVERSAL"));
        check("STOP PAYMENT CK 991", Some("STOP PAYMENT"));
        check("RTN DEPOSIT", Some("RTN"));
        check("NSF FEE", None);
        check("RETURNED ITEM CHARGE", None);
        check("STOP PAYMENT FEE", None);
        check("TAX RETURN PREPARERS LLC", None);
        check("PARTNERS UNITED", None);
        check("RENT", None);
        check("", None);
    }

    fn movement(day: i32, far: u32, texts: &'static str, name: &str) -> Movement<'static> {
        Movement { day, far, texts, name: name.to_owned() }
    }

    #[test]
    fn a_number_ties_before_a_name_and_a_name_before_an_amount() {
        let earlier = [
            movement(1, 7, "CHECK 1041", "IVO STRAND"),
            movement(2, 8, "CHECK 1042", "LENA ORTIZ"),
            movement(3, 9, "DEPOSIT", ""),
        ];
        let check = |reversal: Movement<'static>, found: &[usize], word: &str| {
            let (undoes, why) = undone(&reversal, &earlier);
            assert_eq!(undoes, found);
            assert!(why.contains(word), "{why}");
        };
        check(movement(4, 1, "RETURNED ITEM CHECK #001042", ""), &[1], "cheque");
        check(movement(4, 7, "REVERSAL", ""), &[0], "counterparty");
        check(movement(4, 1, "REVERSAL", "LENA ORTIZ"), &[1], "counterparty");
        check(movement(4, 1, "REVERSAL", ""), &[0, 1, 2], "amount");
    }
}
