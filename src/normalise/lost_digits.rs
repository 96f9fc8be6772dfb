//! Numbers that a spreadsheet program wrote back as quantities.
//!
//! Answers: does this text still hold the digits of an account, a phone or a handset? A program
//! that takes `4410000035` for a quantity may write `4.41E+09`, which hundreds of numbers share, or
//! `4410000035.0`, which still holds them all.

/// Whether a text is a number of which a spreadsheet program kept only the first digits. What is
/// written so names nothing: other numbers are written in the same way.
///
/// ```
/// use moneytrail::normalise::has_lost_digits;
///
/// assert!(has_lost_digits("4.41E+09") && has_lost_digits("3,53012e+14"));
/// assert!(!has_lost_digits("4410000035") && !has_lost_digits("4E09"));
/// ```
pub fn has_lost_digits(text: &str) -> bool {
    let text = text.trim();
    let Some((kept, power)) = text.split_once(['E', 'e']) else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = kept.split(['.', ',']);
    let whole = parts.next().unwrap_or("");
    let behind = parts.next().unwrap_or("");
    let power = power.strip_prefix('+').unwrap_or("");
    whole.len() == 1
        && parts.next().is_none()
        && digits(whole)
        && digits(behind)
        && (1..=3).contains(&power.len())
        && digits(power)
}

/// A whole number without the empty decimal that a program put behind it; any other text as it is.
///
/// ```
/// use moneytrail::normalise::without_empty_decimal;
///
/// assert_eq!(without_empty_decimal("12025550173.0"), "12025550173");
/// assert_eq!(without_empty_decimal("555.0"), "555.0");
/// ```
pub fn without_empty_decimal(text: &str) -> &str {
    match text.trim().strip_suffix(".0") {
        Some(whole) if whole.len() >= 7 && whole.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => text,
    }
}
