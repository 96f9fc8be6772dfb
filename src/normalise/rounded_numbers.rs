//! Numbers of phones and accounts that a spreadsheet took for amounts and rounded.
//!
//! Answers: were digits of this number lost? `4.41E+11` is what a table program writes for any of
//! ten thousand account numbers; two of them that read alike are rarely one.

/// Whether a text is a number in scientific notation, whose last digits are not known.
///
/// ```
/// use moneytrail::normalise::is_rounded;
///
/// assert!(is_rounded("4.41001E+11") && is_rounded(" 2,02555e+09 ") && is_rounded("5E+12"));
/// assert!(!is_rounded("441001") && !is_rounded("5E12") && !is_rounded("441.001") && !is_rounded(""));
/// ```
pub fn is_rounded(text: &str) -> bool {
    let text = text.trim().as_bytes();
    // No other text has this sign, so that nearly every one ends here.
    let Some(sign) = text.iter().position(|byte| *byte == b'+') else { return false };
    let [head @ .., b'E' | b'e'] = &text[..sign] else { return false };
    let power = &text[sign + 1..];
    let is_digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let significand = match head {
        [first, b'.' | b',', rest @ ..] => {
            first.is_ascii_digit() && !rest.is_empty() && is_digits(rest)
        }
        [first] => first.is_ascii_digit(),
        _ => false,
    };
    significand && (1..=2).contains(&power.len()) && is_digits(power)
}
