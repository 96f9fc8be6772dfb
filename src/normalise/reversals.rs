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

/// What no return of money is written as; a chargeback is one and is found before a charge.
const NOT_ONE: &str = r"(?i)\bCHARGE[ \-]?BACKS?\b|\b(?P<fee>(?:FEE|CHARGE|CHG|NOTICE)S?)\b";

/// What ties a reversal to the payment whose reference its record states.
pub const STATED: &str = "the reference that it states of its original, and the amount";
/// What ties a reversal to a payment that has nothing else in common with it.
pub const BY_AMOUNT: &str = "the same amount, no number or name in common";
/// Letters of a stated reference that is looked for within a text.
const WORD_MIN: usize = 6;

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
    let says_not = SAYS_NOT.captures_iter(text).any(|one| one.name("fee").is_some());
    (!says_not).then_some(found.as_str())
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
    /// Reference as found, several joined by `; `.
    pub reference: &'a str,
    /// Of a reversal: references that its record states of the payment it undoes, joined by `; `,
    /// the one that travels furthest first; empty where it states none.
    pub reverses: &'a str,
}

/// Which of the earlier movements of an account a reversal undoes: their indices, and what ties
/// them, the strongest tie only. The earlier ones move the same amount the other way.
///
/// The reference that the reversal's record states of its original ties most, then a cheque's or
/// trace number that both state, then the same other end, then the amount
/// alone, of which the latest within the days before is meant.
pub fn undone(reversal: &Movement<'_>, earlier: &[Movement<'_>]) -> (Vec<usize>, &'static str) {
    let stated = stated_original(reversal, earlier);
    if !stated.is_empty() {
        return (stated, STATED);
    }
    let numbers = numbers_of(reversal.texts);
    let tied = |by: &dyn Fn(&Movement<'_>) -> bool| -> Vec<usize> {
        (0..earlier.len()).filter(|at| by(&earlier[*at])).collect()
    };
    let numbered = tied(&|one| numbers_of(one.texts).iter().any(|number| numbers.contains(number)));
    if !numbered.is_empty() {
        return (numbered, "the same cheque, trace or reference number and amount");
    }
    let of_same_end = same_end(reversal, earlier);
    if !of_same_end.is_empty() {
        return (of_same_end, "the same counterparty and amount");
    }
    ((0..earlier.len()).collect(), BY_AMOUNT)
}

/// Which of the earlier, larger movements of an account a reversal undoes a part of, and what ties
/// them: the reference that its record states, else a cheque's, trace or reference number that both
/// state. A name ties no amounts that differ.
pub fn part_undone(
    reversal: &Movement<'_>,
    earlier: &[Movement<'_>],
) -> (Vec<usize>, &'static str) {
    let stated = stated_original(reversal, earlier);
    if !stated.is_empty() {
        return (stated, "the reference that it states of its original, a part of its amount");
    }
    let numbers = numbers_of(reversal.texts);
    let shared = |at: &usize| {
        !numbers.is_empty()
            && numbers_of(earlier[*at].texts).iter().any(|number| numbers.contains(number))
    };
    let numbered = (0..earlier.len()).filter(shared).collect();
    (numbered, "the same cheque, trace or reference number, a part of its amount")
}

/// The earlier movements whose other end is that of the reversal, by account or by name.
pub fn same_end(reversal: &Movement<'_>, earlier: &[Movement<'_>]) -> Vec<usize> {
    let same = |one: &Movement<'_>| {
        one.far == reversal.far || !reversal.name.is_empty() && one.name == reversal.name
    };
    (0..earlier.len()).filter(|at| same(&earlier[*at])).collect()
}

/// The earlier movements that hold the first of the stated references that any of them holds.
pub fn stated_original(reversal: &Movement<'_>, earlier: &[Movement<'_>]) -> Vec<usize> {
    for stated in reversal.reverses.split("; ").filter(|one| !one.is_empty()) {
        let holds = |one: &Movement<'_>| {
            one.reference.split("; ").any(|part| part.trim().eq_ignore_ascii_case(stated))
                || holds_word(one.texts, stated)
        };
        let found: Vec<usize> = (0..earlier.len()).filter(|at| holds(&earlier[*at])).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Whether a text holds a reference as a word of its own; short ones are words of the business.
fn holds_word(text: &str, reference: &str) -> bool {
    let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    reference.len() >= WORD_MIN
        && text.match_indices(reference).any(|(at, found)| {
            edge(text[..at].chars().next_back()) && edge(text[at + found.len()..].chars().next())
        })
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
        check("RETURNED ITEM CHARGE BACK 1042", Some("RETURNED ITEM"));
        check("RETURNED ITEM CHARGE BALANCE", None);
        check("RETURNED ITEM CHARGE\t12", None);
        check("CHARGE BACK FEE", None);
        check("REVERSAL ZELLE TO LENA ORTIZ", Some("REVERSAL"));
        check("WIRE REVERSAL TRN 88123", Some("WIRE REVERSAL"));
        check("STOP PAYMENT CK 991", Some("STOP PAYMENT"));
        check("RTN DEPOSIT", Some("RTN"));
        check("RETURNED CHECK CHARGE BACK", Some("RETURNED CHECK"));
        check("VISA CHARGE BACK 03/04", Some("CHARGE BACK"));
        check("CHARGE-BACK", Some("CHARGE-BACK"));
        check("CHARGE BACK FEE", None);
        check("RETURN ITEM CHARGES 2", None);
        check("NSF FEE", None);
        check("RETURNED ITEM CHARGE", None);
        check("STOP PAYMENT FEE", None);
        check("TAX RETURN PREPARERS LLC", None);
        check("PARTNERS UNITED", None);
        check("RENT", None);
        check("", None);
    }

    fn movement(day: i32, far: u32, texts: &'static str, name: &str) -> Movement<'static> {
        Movement { day, far, texts, name: name.to_owned(), reference: "", reverses: "" }
    }

    #[test]
    fn the_reference_that_a_record_states_of_its_original_decides() {
        let paid = |reference: &'static str, texts: &'static str| Movement {
            reference,
            ..movement(1, 7, texts, "LENA ORTIZ")
        };
        let earlier = [paid("E2E-1; B7", ""), paid("E2E-2", ""), paid("", "RETURN TRACE 0910001")];
        let check = |reverses: &'static str, found: &[usize]| {
            let reversal = Movement { reverses, ..movement(9, 7, "", "LENA ORTIZ") };
            assert_eq!(stated_original(&reversal, &earlier), found, "{reverses}");
        };
        check("e2e-2", &[1]);
        check("NEW-9; E2E-1", &[0]);
        check("0910001", &[2]);
        check("091000", &[]);
        check("", &[]);
        let tied = undone(&Movement { reverses: "E2E-1", ..movement(9, 7, "", "") }, &earlier);
        assert_eq!(tied, (vec![0], STATED));
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
