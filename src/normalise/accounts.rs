//! Which account a number names.
//!
//! Answers: do two texts name one account? A number is unique within its institution; an IBAN
//! whose check digits hold is unique everywhere. Deciding that a masked number belongs to a
//! whole one needs evidence beyond the texts and stays out.
//!
//! Source: ISO 13616-1 and the SWIFT IBAN registry (country codes and lengths), ISO 7064
//! (MOD 97-10); the American Bankers Association's routing numbers and their check digit.

/// How far an account number can be trusted to name one account.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AccountKind {
    /// A whole number, unique within its institution.
    Account,
    /// Only the last digits are known; equal texts need supporting evidence.
    Masked,
    /// Fewer than four of the last digits are known: one account in ten or a hundred shows the
    /// same, so that such a number joins nothing, whatever else agrees.
    Scant,
    /// An IBAN with the length of its country and valid check digits.
    Iban,
}

/// The one meaning of an account number as found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountIdentity {
    /// `INSTITUTION/NUMBER`, or the number alone when it is global or no institution is known.
    pub identity: String,
    /// Upper case, without spaces and hyphens; masking characters written `*`.
    pub number: String,
    /// Upper case, spaces collapsed; empty when unknown.
    pub institution: String,
    /// How far it can be trusted.
    pub kind: AccountKind,
}

/// Reads an account number; `None` when nothing of it is left.
///
/// `global` says that numbers are unique across institutions (`numbers = "global"` of a layout).
///
/// ```
/// use moneytrail::normalise::{AccountKind, account_identity};
///
/// let held = account_identity("Harbor Bank", "10-01 22", false).unwrap();
/// assert_eq!(held.identity, "HARBOR BANK/100122");
/// let iban = account_identity("Harbor Bank", "gb89 TEST 2005 1030 4050 60", false).unwrap();
/// assert_eq!((iban.kind, iban.identity.as_str()), (AccountKind::Iban, "GB89TEST20051030405060"));
/// ```
pub fn account_identity(institution: &str, number: &str, global: bool) -> Option<AccountIdentity> {
    let mut identity = String::new();
    let kind = write_identity(&mut identity, institution, number, global)?;
    let mut digits = String::new();
    push_number(&mut digits, number);
    mask_in_place(&mut digits, 0, number);
    let mut bank = String::new();
    push_institution(&mut bank, institution);
    Some(AccountIdentity { identity, number: digits, institution: bank, kind })
}

/// Appends the identity of an account to `buffer`, for callers that reuse one for many rows.
///
/// Returns `None`, with `buffer` as it was, when nothing is left of the number. Allocates only
/// when the buffer grows. What stands in `buffer` already is kept and not looked at.
pub fn write_identity(
    buffer: &mut String,
    institution: &str,
    number: &str,
    global: bool,
) -> Option<AccountKind> {
    let start = buffer.len();
    if !global && is_code(institution) && is_plain_number(number) {
        for part in [institution, "/", number] {
            buffer.push_str(part);
        }
        return Some(AccountKind::Account);
    }
    if !global {
        push_institution(buffer, institution);
        if buffer.len() > start {
            buffer.push('/');
        }
    }
    let number_start = buffer.len();
    push_number(buffer, number);
    if buffer.len() == number_start {
        buffer.truncate(start);
        return None;
    }
    if is_iban(&buffer.as_bytes()[number_start..]) {
        buffer.replace_range(start..number_start, "");
        return Some(AccountKind::Iban);
    }
    Some(mask_in_place(buffer, number_start, number))
}

/// A bank that stands for itself as it is written.
fn is_code(institution: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_uppercase() | byte.is_ascii_digit();
    !institution.is_empty() && institution.as_bytes().iter().all(plain)
}

/// A number that stands for itself as it is written: nothing to drop, nothing that may be a mask,
/// and too short for an IBAN.
fn is_plain_number(number: &str) -> bool {
    let plain = |byte: &u8| (byte.is_ascii_uppercase() & (*byte != b'X')) | byte.is_ascii_digit();
    (1..IBAN_BYTES_MIN).contains(&number.len()) && number.as_bytes().iter().all(plain)
}

/// Whether a number is masked and shows fewer than four of its last digits, `****12`: it names no
/// account.
///
/// ```
/// use moneytrail::normalise::is_scant_number;
///
/// assert!(is_scant_number("****12") && is_scant_number("X-123") && is_scant_number("XXXX"));
/// assert!(!is_scant_number("****1234") && !is_scant_number("12") && !is_scant_number("X123"));
/// ```
pub fn is_scant_number(number: &str) -> bool {
    // Nearly every number ends in four digits, and no such number is scant.
    let digits = number.bytes().rev().take(4).filter(u8::is_ascii_digit).count();
    if digits == 4 || number.is_empty() {
        return false;
    }
    let mut plain = String::new();
    write_identity(&mut plain, "", number, false) == Some(AccountKind::Scant)
}

/// A number without the apostrophe before it, by which a person told a spreadsheet program that it
/// is text.
fn without_apostrophe(number: &str) -> &str {
    match number.trim_start().strip_prefix(['\'', '\u{2019}']) {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_digit()) => rest,
        _ => number,
    }
}

/// Upper case, without white space, without hyphens of any kind and without a lone apostrophe
/// before it.
fn push_number(buffer: &mut String, number: &str) {
    let number = without_apostrophe(number);
    if number.is_ascii() {
        let kept = number.bytes().filter(|byte| {
            !matches!(byte, b'-') && !byte.is_ascii_whitespace() && !byte.is_ascii_control()
        });
        buffer.extend(kept.map(|byte| char::from(byte.to_ascii_uppercase())));
        return;
    }
    let dropped = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '-' | '\u{AD}' | '\u{200B}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    let kept = number.chars().filter(|letter| !dropped(*letter));
    buffer.extend(kept.flat_map(char::to_uppercase));
}

/// Upper case, spaces collapsed; a slash becomes a hyphen, since the slash ends an institution.
fn push_institution(buffer: &mut String, institution: &str) {
    // Most rows name a bank by a code.
    if institution.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        buffer.extend(institution.bytes().map(|byte| char::from(byte.to_ascii_uppercase())));
        return;
    }
    for (at, word) in institution.split_whitespace().enumerate() {
        if at > 0 {
            buffer.push(' ');
        }
        if word.is_ascii() {
            let start = buffer.len();
            buffer.push_str(word);
            buffer[start..].make_ascii_uppercase();
            if word.contains('/') {
                let plain = buffer[start..].replace('/', "-");
                buffer.replace_range(start.., &plain);
            }
            continue;
        }
        let letters = word.chars().map(|letter| if letter == '/' { '-' } else { letter });
        buffer.extend(letters.flat_map(char::to_uppercase));
    }
}

/// What the number from `start` is; if it is masked its masking characters become `*`, one for
/// one, so that `XXXX1234` and `••••1234` are written alike. `found` is the number as it was found.
///
/// A run of X, *, • or dots, then digits and nothing else. Digits may stand before a run of three
/// or more (a card number with its middle hidden). One X or one dot is not a mask: banks issue
/// numbers such as X4471234. It is one where at most four digits follow and a small x or a hyphen
/// behind it says so: `x1234`, `X-123`.
fn mask_in_place(buffer: &mut String, start: usize, found: &str) -> AccountKind {
    let number = &buffer[start..];
    let tail = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    let rest = &number[..number.len() - tail];
    let is_mask = |letter: char| {
        matches!(letter, 'X' | '*' | '.' | '\u{2022}' | '\u{25CF}' | '\u{B7}' | '\u{2026}' | '#')
    };
    let body = rest.trim_end_matches(is_mask);
    let run = &rest[body.len()..];
    let length = run.chars().count();
    let single = run.starts_with(['X', '.', '#']) && length == 1;
    let said = (1..=4).contains(&tail) && {
        let found = found.trim_start().as_bytes();
        found.first() == Some(&b'x') || matches!(found, [b'X', b'-' | b' ', ..])
    };
    let masked = length > 0
        && (!single || body.is_empty() && said)
        && (body.is_empty() || length >= 3 && body.bytes().all(|byte| byte.is_ascii_digit()));
    if !masked {
        return AccountKind::Account;
    }
    let kind = if tail >= 4 { AccountKind::Masked } else { AccountKind::Scant };
    // Nothing to rewrite in the usual case, so nothing is allocated for it.
    if run.bytes().any(|byte| byte != b'*') {
        let mask = start + body.len()..start + rest.len();
        buffer.replace_range(mask, &"*".repeat(length));
    }
    kind
}

/// Whether a number has the country and the length of an IBAN, and check digits that do not hold:
/// one digit of it was misread or mistyped. It stays an account number of its bank.
///
/// ```
/// use moneytrail::normalise::is_broken_iban;
///
/// assert!(is_broken_iban("GB98 TEST 2005 1030 4050 60"));
/// assert!(!is_broken_iban("GB89 TEST 2005 1030 4050 60"));
/// assert!(!is_broken_iban("4410000035"));
/// ```
pub fn is_broken_iban(number: &str) -> bool {
    // Nearly every number of a domestic return ends here.
    if !number.trim_start().starts_with(|first: char| first.is_ascii_alphabetic()) {
        return false;
    }
    let mut plain = String::new();
    push_number(&mut plain, number);
    has_iban_form(plain.as_bytes())
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !is_iban(plain.as_bytes())
}

/// Whether a text is a routing number of the American Bankers Association: nine digits whose
/// weighted sum, by 3, 7 and 1 in turn, ends in zero.
///
/// ```
/// use moneytrail::normalise::is_routing_number;
///
/// assert!(is_routing_number("021000021"));
/// assert!(!is_routing_number("021000022") && !is_routing_number("000000000"));
/// ```
pub fn is_routing_number(text: &str) -> bool {
    let digits = text.trim().as_bytes();
    if digits.len() != 9 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let weighted = digits.iter().zip([3, 7, 1].iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    sum > 0 && sum.is_multiple_of(10)
}

/// Whether `number` (upper case, no spaces) has the country and the length of an IBAN, and digits
/// where it has its check digits.
fn has_iban_form(number: &[u8]) -> bool {
    let country = match number {
        [first, second, check @ ..] if check.len() >= 11 => [*first, *second],
        _ => return false,
    };
    number[2..4].iter().all(u8::is_ascii_digit) && iban_length(country) == number.len()
}

/// Whether `number` (upper case, no spaces) has the country, the length and the check digits of
/// an IBAN.
fn is_iban(number: &[u8]) -> bool {
    if !has_iban_form(number) {
        return false;
    }
    let mut rest = 0_u32;
    for &byte in number[4..].iter().chain(&number[..4]) {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

/// Bytes of the shortest IBAN, that of Norway.
const IBAN_BYTES_MIN: usize = 15;

/// Length of an IBAN of a country by the SWIFT registry; 0 for a country that has none.
fn iban_length(country: [u8; 2]) -> usize {
    match &country {
        b"NO" => 15,
        b"BE" => 16,
        b"DK" | b"FI" | b"FK" | b"FO" | b"GL" | b"NL" | b"SD" => 18,
        b"MK" | b"SI" => 19,
        b"AT" | b"BA" | b"EE" | b"KZ" | b"LT" | b"LU" | b"MN" | b"XK" => 20,
        b"CH" | b"HR" | b"LI" | b"LV" => 21,
        b"BG" | b"BH" | b"CR" | b"DE" | b"GB" | b"GE" | b"IE" | b"ME" | b"RS" | b"VA" => 22,
        b"AE" | b"GI" | b"IL" | b"IQ" | b"OM" | b"SO" | b"TL" => 23,
        b"AD" | b"CZ" | b"ES" | b"MD" | b"PK" | b"RO" | b"SA" | b"SE" | b"SK" | b"TN" | b"VG" => 24,
        b"LY" | b"PT" | b"ST" => 25,
        b"IS" | b"TR" => 26,
        b"BI" | b"DJ" | b"FR" | b"GR" | b"IT" | b"MC" | b"MR" | b"SM" => 27,
        b"AL" | b"AZ" | b"BY" | b"CY" | b"DO" | b"GT" | b"HN" | b"HU" | b"LB" | b"NI" | b"PL"
        | b"SV" => 28,
        b"BR" | b"EG" | b"PS" | b"QA" | b"UA" => 29,
        b"JO" | b"KW" | b"MU" | b"YE" => 30,
        b"MT" | b"SC" => 31,
        b"LC" => 32,
        b"RU" => 33,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(bank: &str, number: &str, global: bool, identity: &str, kind: AccountKind) {
        let read = account_identity(bank, number, global).expect(number);
        assert_eq!((read.identity.as_str(), read.kind), (identity, kind), "{number:?}");
    }

    #[test]
    fn numbers_have_one_identity_within_their_institution() {
        use AccountKind::{Account, Iban, Masked, Scant};
        check("", "1001", false, "1001", Account);
        check("", "'0012345", false, "0012345", Account);
        check("Harbor  Bank", " 10 01-a ", false, "HARBOR BANK/1001A", Account);
        check("Harbor Bank", "1001", true, "1001", Account);
        check("A/B", "C", false, "A-B/C", Account);
        check("HB", "10\u{A0}01\u{2010}2", false, "HB/10012", Account);
        check("HB", "GB89 TEST 2005 1030 4050 60", false, "GB89TEST20051030405060", Iban);
        check("HB", "GB00TEST20051030405060", false, "HB/GB00TEST20051030405060", Account);
        check("HB", "GB89TEST2005103040506", false, "HB/GB89TEST2005103040506", Account);
        check("HB", "XXXX-1234", false, "HB/****1234", Masked);
        check("HB", "\u{2022}\u{2022}1234", false, "HB/**1234", Masked);
        check("HB", "...1234", true, "***1234", Masked);
        check("HB", "*1234", false, "HB/*1234", Masked);
        check("HB", "411111xxxxxx1234", false, "HB/411111******1234", Masked);
        check("HB", "X1234", false, "HB/X1234", Account);
        check("HB", "AXX1234", false, "HB/AXX1234", Account);
        check("HB", "x4471234", false, "HB/X4471234", Account);
        check("HB", "x1234", false, "HB/*1234", Masked);
        check("HB", "X-1234", false, "HB/*1234", Masked);
        check("HB", "X-447", false, "HB/*447", Scant);
        check("HB", "X447", false, "HB/X447", Account);
        check("HB", "XXXX123", false, "HB/****123", Scant);
        check("HB", "****12", false, "HB/****12", Scant);
        check("HB", "411111xxxxxx12", false, "HB/411111******12", Scant);
        check("HB", "XXXX", false, "HB/****", Scant);
        check("HB", "AXX12", false, "HB/AXX12", Account);
        check("HB", "12", false, "HB/12", Account);
    }

    #[test]
    fn nothing_left_of_a_number_is_no_account() {
        let mut buffer = String::from("kept");
        for number in ["", "  ", "-", "--\u{A0}"] {
            assert_eq!(account_identity("HB", number, false), None, "{number:?}");
            assert_eq!(write_identity(&mut buffer, "HB", number, false), None);
            assert_eq!(buffer, "kept");
        }
        assert_eq!(write_identity(&mut buffer, "HB", "7", false), Some(AccountKind::Account));
        assert_eq!(buffer, "keptHB/7");
    }

    proptest! {
        /// A space around the bank means nothing, and such a bank takes the way of every text.
        #[test]
        fn a_plain_number_of_a_code_is_read_as_any_other(
            bank in "[A-Z0-9a /.-]{0,6}",
            number in "[A-Z]{0,2}[0-9X]{0,4}[0-9A-Z*a./ -]{0,14}",
            global: bool,
        ) {
            let (mut plain, mut whole) = (String::new(), String::new());
            let kind = write_identity(&mut plain, &bank, &number, global);
            let same = write_identity(&mut whole, &format!(" {bank} "), &number, global);
            prop_assert_eq!((plain, kind), (whole, same));
        }

        #[test]
        fn an_identity_reads_as_itself(number in ".*", global: bool) {
            if let Some(once) = account_identity("", &number, global) {
                let twice = account_identity("", &once.number, global).expect("it stays a number");
                prop_assert_eq!(&once.identity, &twice.identity);
                prop_assert_eq!(once.identity, once.number);
            }
        }
    }
}
