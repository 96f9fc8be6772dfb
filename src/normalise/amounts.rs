//! The text of an amount, read as minor units of one currency.
//!
//! Answers: how many cents does `(1,200.50)` say? Debit, credit and the currency of the record
//! are the layout's; a currency sign is accepted and dropped, never believed. Nothing is ever
//! rounded: what does not fit the currency's decimals is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Currency;

/// Which character separates the decimals; the other one may group digits by three.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub enum DecimalMark {
    /// `1,200.50`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.200,50`
    #[serde(rename = ",")]
    Comma,
}

impl DecimalMark {
    /// The mark of a byte; a point for any but a comma.
    pub fn of(byte: u8) -> DecimalMark {
        if byte == b',' { DecimalMark::Comma } else { DecimalMark::Point }
    }

    /// The mark as it is written.
    pub fn byte(self) -> u8 {
        match self {
            DecimalMark::Point => b'.',
            DecimalMark::Comma => b',',
        }
    }

    /// The one that may group digits.
    pub fn other(self) -> DecimalMark {
        match self {
            DecimalMark::Point => DecimalMark::Comma,
            DecimalMark::Comma => DecimalMark::Point,
        }
    }
}

/// Why an amount was refused. Its `Display` reads as the `expected` of an `Error::Field`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AmountProblem {
    /// What is wrong with the text.
    pub kind: AmountProblemKind,
    /// The mark under which the same text reads, when it does.
    reads_under: Option<DecimalMark>,
}

/// What is wrong with the text of an amount.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AmountProblemKind {
    /// No text at all.
    Empty,
    /// Not a number, or one whose groups are not of three digits.
    NotAnAmount,
    /// Decimals other than zero beyond the currency's; holds how many it has.
    TooManyDecimals(u8),
    /// Beyond 64 bits of minor units.
    Overflow,
}

impl AmountProblem {
    /// What to do about it, when there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match (self.reads_under, self.kind) {
            (Some(DecimalMark::Comma), _) => Some("set decimal_mark = \",\" in the layout file"),
            (Some(DecimalMark::Point), _) => Some("set decimal_mark = \".\" in the layout file"),
            (None, AmountProblemKind::TooManyDecimals(_)) => {
                Some("set minor_digits in the layout file if the producer writes more decimals")
            }
            _ => None,
        }
    }
}

impl fmt::Display for AmountProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            AmountProblemKind::Empty => out.write_str("an amount, not an empty field"),
            AmountProblemKind::NotAnAmount => out.write_str("an amount such as 1200.00"),
            AmountProblemKind::TooManyDecimals(0) => out.write_str("an amount without decimals"),
            AmountProblemKind::TooManyDecimals(1) => {
                out.write_str("an amount with at most 1 decimal")
            }
            AmountProblemKind::TooManyDecimals(digits) => {
                write!(out, "an amount with at most {digits} decimals")
            }
            AmountProblemKind::Overflow => out.write_str("an amount within 64 bits of minor units"),
        }
    }
}

/// Reads an amount as minor units of a currency with `digits` decimals (0 to 8).
///
/// Accepts a sign before or after, the Unicode minus, brackets or `DR` behind it for negative, `CR`
/// for positive, a currency sign or ISO code on either side, and groups of three (or of two above
/// the thousands, as in India) by the other mark, a space or an apostrophe.
/// Allocates nothing for plain decimals.
///
/// # Errors
///
/// [`AmountProblem`]; surplus decimals are refused unless they are zeros.
///
/// ```
/// use moneytrail::normalise::{DecimalMark, parse_minor};
///
/// assert_eq!(parse_minor("($1,200.50)", DecimalMark::Point, 2), Ok(-120_050));
/// assert!(parse_minor("1,20", DecimalMark::Point, 2).is_err());
/// ```
pub fn parse_minor(text: &str, mark: DecimalMark, digits: u8) -> Result<i64, AmountProblem> {
    if let Some(minor) = plain_minor(text.as_bytes(), mark, digits) {
        return Ok(minor);
    }
    parse_dressed(text, mark, digits).map_err(|kind| {
        let other = mark.other();
        let reads = kind != AmountProblemKind::Empty
            && kind != AmountProblemKind::Overflow
            && parse_dressed(text, other, digits).is_ok();
        AmountProblem { kind, reads_under: reads.then_some(other) }
    })
}

/// As [`parse_minor`], with surplus decimals rounded to the nearest minor unit, halves away from
/// zero: for a producer whose layout says that it writes more decimals than are money.
///
/// # Errors
///
/// [`AmountProblem`] for all else that [`parse_minor`] refuses.
///
/// ```
/// use moneytrail::normalise::{DecimalMark, parse_minor_rounded};
///
/// assert_eq!(parse_minor_rounded("-0.0149", DecimalMark::Point, 2), Ok(-1));
/// assert_eq!(parse_minor_rounded("-0.015", DecimalMark::Point, 2), Ok(-2));
/// ```
pub fn parse_minor_rounded(
    text: &str,
    mark: DecimalMark,
    digits: u8,
) -> Result<i64, AmountProblem> {
    let exact = parse_minor(text, mark, digits);
    let surplus =
        exact.is_err_and(|refused| matches!(refused.kind, AmountProblemKind::TooManyDecimals(_)));
    let Some(point) = text.find(char::from(mark.byte())).filter(|_| surplus) else {
        return exact;
    };
    // The first digit beyond decides; those behind it cannot change which unit is nearest.
    let decimals = text[point + 1..].bytes().take_while(u8::is_ascii_digit).count();
    let kept = decimals.min(usize::from(digits) + 1);
    let shortened = format!("{}{}", &text[..=point + kept], &text[point + 1 + decimals..]);
    let tenths = parse_minor(&shortened, mark, digits + 1)?;
    Ok(tenths / 10 + tenths % 10 / 5)
}

/// `-1200.50` and no more: at most 15 digits, at most `digits` decimals. Anything else is left
/// to [`parse_minor`], so `None` says nothing about the text.
#[inline]
pub(crate) fn plain_minor(text: &[u8], mark: DecimalMark, digits: u8) -> Option<i64> {
    const TENS: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let mark = mark.byte();
    let (negative, body) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    if body.len() > 15 || body.is_empty() {
        return None;
    }
    let mut minor = 0_i64;
    let mut point = None;
    for (at, &byte) in body.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            minor = minor * 10 + i64::from(digit);
        } else if byte == mark && point.is_none() {
            point = Some(at);
        } else {
            return None;
        }
    }
    if body.len() == 1 && point.is_some() {
        return None;
    }
    let decimals = point.map_or(0, |at| body.len() - 1 - at);
    let missing = usize::from(digits).checked_sub(decimals)?;
    let minor = minor.checked_mul(*TENS.get(missing)?)?;
    Some(if negative { -minor } else { minor })
}

fn parse_dressed(text: &str, mark: DecimalMark, digits: u8) -> Result<i64, AmountProblemKind> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AmountProblemKind::Empty);
    }
    let (negative, body) = undress(text);
    let magnitude = number(body, mark, digits)?;
    let signed = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
    i64::try_from(signed).map_err(|_| AmountProblemKind::Overflow)
}

/// Takes off at most one sign (or pair of brackets) and one currency, in any order.
fn undress(text: &str) -> (bool, &str) {
    let mut body = text;
    let mut sign = None;
    let mut currency = false;
    loop {
        if sign.is_none()
            && let Some((negative, rest)) = without_sign(body)
        {
            sign = Some(negative);
            body = rest.trim();
            continue;
        }
        if !currency && let Some(rest) = without_currency(body) {
            currency = true;
            body = rest.trim();
            continue;
        }
        return (sign.unwrap_or(false), body);
    }
}

fn without_sign(body: &str) -> Option<(bool, &str)> {
    if let Some(inner) = body.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return Some((true, inner));
    }
    let minus = ['-', '\u{2212}', '\u{2013}', '\u{FE63}', '\u{FF0D}'];
    if let Some(rest) = body.strip_prefix(minus).or_else(|| body.strip_suffix(minus)) {
        return Some((true, rest));
    }
    if let Some(rest) = body.strip_prefix('+').or_else(|| body.strip_suffix('+')) {
        return Some((false, rest));
    }
    let undotted = body.strip_suffix('.').unwrap_or(body);
    let (rest, word) = undotted.split_at_checked(undotted.len().checked_sub(2)?)?;
    // Behind a digit or a bracket only: DR is no sign of what is no number.
    let behind = rest.trim_end().ends_with(|last: char| last.is_ascii_digit() || last == '.');
    match word.to_ascii_uppercase().as_str() {
        "DR" if behind => Some((true, rest)),
        "CR" if behind => Some((false, rest)),
        _ => None,
    }
}

fn without_currency(body: &str) -> Option<&str> {
    // The cent sign stays out: 50¢ is half a dollar, not fifty.
    let sign =
        |letter: char| matches!(letter, '$' | '£' | '¥' | '\u{FF04}' | '\u{20A0}'..='\u{20CF}');
    for prefix in ["US$", "CA$", "C$", "A$", "HK$", "NZ$", "MX$", "S$", "R$"] {
        if let Some(rest) = body.strip_prefix(prefix).or_else(|| body.strip_suffix(prefix)) {
            return Some(rest);
        }
    }
    if let Some(rest) = body.strip_prefix(sign).or_else(|| body.strip_suffix(sign)) {
        return Some(rest);
    }
    let known = |code: &str| {
        code.bytes().all(|byte| byte.is_ascii_alphabetic()) && code.parse::<Currency>().is_ok()
    };
    if let Some((code, rest)) = body.split_at_checked(3)
        && known(code)
        && !rest.starts_with(char::is_alphabetic)
    {
        return Some(rest);
    }
    let (rest, code) = body.split_at_checked(body.len().checked_sub(3)?)?;
    (known(code) && !rest.ends_with(char::is_alphabetic)).then_some(rest)
}

fn number(body: &str, mark: DecimalMark, digits: u8) -> Result<u64, AmountProblemKind> {
    let (whole, decimals) = match body.split_once(char::from(mark.byte())) {
        Some((whole, decimals)) => (whole, decimals),
        None => (body, ""),
    };
    if whole.is_empty() && decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AmountProblemKind::NotAnAmount);
    }
    let mut minor = 0_u64;
    let push = |minor: u64, digit: u8| {
        let tens = minor.checked_mul(10).ok_or(AmountProblemKind::Overflow)?;
        tens.checked_add(u64::from(digit)).ok_or(AmountProblemKind::Overflow)
    };
    grouped_digits(whole, mark)?;
    let kept = decimals.len().min(usize::from(digits));
    if decimals.as_bytes()[kept..].iter().any(|&byte| byte != b'0') {
        return Err(AmountProblemKind::TooManyDecimals(digits));
    }
    for byte in whole.bytes().filter(u8::is_ascii_digit) {
        minor = push(minor, byte - b'0')?;
    }
    for at in 0..usize::from(digits) {
        minor = push(minor, decimals.as_bytes().get(at).map_or(0, |byte| byte - b'0'))?;
    }
    Ok(minor)
}

/// Refuses groups that are not of three digits or not separated by one and the same character:
/// `1,20` is more often a decimal comma than a misprinted 120. Above the thousands all groups may
/// be of two, `12,34,567`.
fn grouped_digits(whole: &str, mark: DecimalMark) -> Result<(), AmountProblemKind> {
    let other = char::from(mark.other().byte());
    let mut separator = None;
    let mut run = 0_usize;
    // Digits of the groups between the first separator and the last.
    let mut inner = None;
    for letter in whole.chars() {
        if letter.is_ascii_digit() {
            run += 1;
            continue;
        }
        let groups = letter == other
            || matches!(letter, ' ' | '\u{A0}' | '\u{2007}'..='\u{2009}' | '\u{202F}')
            || matches!(letter, '\'' | '\u{2019}');
        let fits = match (separator, inner) {
            (None, _) => (1..=3).contains(&run),
            (Some(_), None) => run == 2 || run == 3,
            (Some(_), Some(digits)) => run == digits,
        };
        if !groups || !fits || separator.is_some_and(|first| first != letter) {
            return Err(AmountProblemKind::NotAnAmount);
        }
        if separator.is_some() {
            inner = Some(run);
        }
        separator = Some(letter);
        run = 0;
    }
    let lead = whole.bytes().take_while(u8::is_ascii_digit).count();
    let ends = separator.is_none() || run == 3 && (inner != Some(2) || lead <= 2);
    if ends { Ok(()) } else { Err(AmountProblemKind::NotAnAmount) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Amount;

    #[track_caller]
    fn check(text: &str, mark: DecimalMark, digits: u8, minor: i64) {
        assert_eq!(parse_minor(text, mark, digits), Ok(minor), "{text:?}");
    }

    #[track_caller]
    fn refused(text: &str, mark: DecimalMark, digits: u8, expected: &str, hint: Option<&str>) {
        let problem = parse_minor(text, mark, digits).expect_err(text);
        assert_eq!(problem.to_string(), expected, "{text:?}");
        assert_eq!(problem.hint(), hint, "{text:?}");
    }

    const POINT: DecimalMark = DecimalMark::Point;
    const COMMA: DecimalMark = DecimalMark::Comma;

    #[test]
    fn plain_and_dressed_amounts_read() {
        check("1200", POINT, 2, 120_000);
        check("1200.5", POINT, 2, 120_050);
        check("-0.01", POINT, 2, -1);
        check(".50", POINT, 2, 50);
        check("5.", POINT, 2, 500);
        check("+5", POINT, 0, 5);
        check(" 1,200.00 ", POINT, 2, 120_000);
        check("1.200,00", COMMA, 2, 120_000);
        check("1 200,00", COMMA, 2, 120_000);
        check("1\u{A0}234\u{A0}567,8", COMMA, 2, 123_456_780);
        check("1'200.00", POINT, 2, 120_000);
        check("$1,200.00", POINT, 2, 120_000);
        check("-$1,200.00", POINT, 2, -120_000);
        check("$-1,200.00", POINT, 2, -120_000);
        check("1,200.00-", POINT, 2, -120_000);
        check("\u{2212}7.25", POINT, 2, -725);
        check("($7.25)", POINT, 2, -725);
        check("$(7.25)", POINT, 2, -725);
        check("USD 7.25", POINT, 2, 725);
        check("7,25 €", COMMA, 2, 725);
        check("7.25EUR", POINT, 2, 725);
        check("US$7", POINT, 2, 700);
        check("7.25 CA$", POINT, 2, 725);
        check("R$ 1.200,00", COMMA, 2, 120_000);
        check("1,200.00 CR", POINT, 2, 120_000);
        check("1,200.00DR", POINT, 2, -120_000);
        check("$7.25 Dr.", POINT, 2, -725);
        check("USD 7.25 cr", POINT, 2, 725);
        check("7.25 DR EUR", POINT, 2, -725);
        check("12,34,567.89", POINT, 2, 123_456_789);
        check("1,23,45,678", POINT, 0, 12_345_678);
        check("0.00000150", POINT, 8, 150);
        check("12.3400", POINT, 2, 1_234);
        check("100.00", POINT, 0, 100);
        check("-92233720368547758.08", POINT, 2, i64::MIN);
    }

    #[test]
    fn what_is_not_exactly_an_amount_is_refused() {
        let such = "an amount such as 1200.00";
        let comma = Some("set decimal_mark = \",\" in the layout file");
        refused("", POINT, 2, "an amount, not an empty field", None);
        refused("  ", POINT, 2, "an amount, not an empty field", None);
        refused("1,20", POINT, 2, such, comma);
        refused("1.200,00", POINT, 2, such, comma);
        let point = Some("set decimal_mark = \".\" in the layout file");
        refused("1,200.00", COMMA, 2, such, point);
        refused("1,2,3", POINT, 2, such, None);
        refused("12 34", POINT, 2, such, None);
        refused("1,234 567.00", POINT, 2, such, None);
        refused("1,,234", POINT, 2, such, None);
        refused(",234", POINT, 2, such, None);
        refused("--5", POINT, 2, such, None);
        refused("(-5)", POINT, 2, such, None);
        refused("$", POINT, 2, such, None);
        refused(".", POINT, 2, such, None);
        refused("-", POINT, 2, such, None);
        refused("1e5", POINT, 2, such, None);
        refused("50¢", POINT, 2, such, None);
        refused("ABC 5", POINT, 2, such, None);
        refused("DR", POINT, 2, such, None);
        refused("-5 DR", POINT, 2, such, None);
        refused("(5.00) CR", POINT, 2, such, None);
        refused("123,45,678", POINT, 2, such, None);
        refused("1,23,456,789", POINT, 2, such, None);
        refused("12,34", POINT, 2, such, comma);
        refused("n/a", POINT, 2, such, None);
        let digits =
            Some("set minor_digits in the layout file if the producer writes more decimals");
        refused("12.347", POINT, 2, "an amount with at most 2 decimals", comma);
        refused("12.3478", POINT, 2, "an amount with at most 2 decimals", digits);
        refused("5.5", POINT, 0, "an amount without decimals", digits);
        let wide = "an amount within 64 bits of minor units";
        refused("92233720368547758.08", POINT, 2, wide, None);
        refused("99999999999999999999999", POINT, 2, wide, None);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*", digits in 0..9_u8) {
            let _ = parse_minor(&text, POINT, digits);
            let _ = parse_minor(&text, COMMA, digits);
        }

        #[test]
        fn what_is_written_reads_back(minor: i64, digits in 0..9_u8) {
            let plain = Amount::decimal(minor, digits);
            prop_assert_eq!(parse_minor(&plain, POINT, digits), Ok(minor));
            let grouped = Amount::grouped(minor, digits);
            prop_assert_eq!(parse_minor(&grouped, POINT, digits), Ok(minor));
        }

        #[test]
        fn the_fast_reader_agrees_with_the_slow_one(
            text in "-?[0-9]{0,16}[.,]?[0-9]{0,9}",
            digits in 0..9_u8,
        ) {
            if let Some(minor) = plain_minor(text.as_bytes(), POINT, digits) {
                prop_assert_eq!(parse_dressed(&text, POINT, digits), Ok(minor));
            }
        }
    }
}
