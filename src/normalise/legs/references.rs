//! References that tell one payment from all others: trace numbers, confirmations, wire ids.
//!
//! Answers: which words of a record's texts can only be a reference? Two records that share one
//! are of one payment. Words such as `RENT`, days and short numbers are shared by many.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Letters and digits that a reference has at least.
const LENGTH_MIN: usize = 6;
/// Digits that a reference has at least.
const DIGITS_MIN: usize = 4;

/// Hashes of the references in a text, ascending, each once. Cost: its length.
///
/// ```
/// use moneytrail::normalise::references_of;
///
/// let sent = references_of("WIRE OUT TRN 20A4417733 03/04/2024");
/// assert_eq!(sent, references_of("trn: 20a4417733"));
/// assert!(references_of("RENT MARCH 2024, PAID 20240304").is_empty());
/// ```
pub fn references_of(text: &str) -> Vec<u64> {
    let mut found: Vec<u64> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| is_reference(word))
        .map(|word| {
            let mut hasher = DefaultHasher::new();
            word.to_uppercase().hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn is_reference(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() >= LENGTH_MIN && digits >= DIGITS_MIN && !(digits == word.len() && is_day(word))
}

/// Six or eight digits that are a day in any of the usual orders.
fn is_day(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits[from..to].parse::<u32>().unwrap_or(0);
    let month_and_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    let either = |one: u32, other: u32| month_and_day(one, other) || month_and_day(other, one);
    match digits.len() {
        6 => month_and_day(number(2, 4), number(4, 6)) || either(number(0, 2), number(2, 4)),
        8 => {
            let year = |year: u32| (1950..2100).contains(&year);
            year(number(0, 4)) && month_and_day(number(4, 6), number(6, 8))
                || year(number(4, 8)) && either(number(0, 2), number(2, 4))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, references: usize) {
        assert_eq!(references_of(text).len(), references, "{text:?}");
    }

    #[test]
    fn only_what_tells_payments_apart_is_a_reference() {
        check("", 0);
        check("RENT", 0);
        check("CHECK 1042", 0);
        check("INV 4711", 0);
        check("20240304", 0);
        check("03042024", 0);
        check("240304", 0);
        check("031524", 0);
        check("99999999", 1);
        check("M0008488", 1);
        check("TRACE 021000021234567 TRACE 021000021234567", 1);
        check("FT24-0711-99812", 0);
        check("FT240711998 / 7712345678", 2);
    }
}
