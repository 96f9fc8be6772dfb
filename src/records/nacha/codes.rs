//! The codes of an ACH file: what an entry does, what a return gives as its reason, dates.
//!
//! Source: Nacha Operating Rules, Appendix Three (ACH Record Format Specifications) and
//! Appendix Four (Return Entries).

use crate::records::nacha::blocks::Block;

/// What an entry code says of its entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// Money that moves.
    Live,
    /// A return or a notification of change.
    Return,
    /// A test of the receiver's account before the first payment.
    Prenote,
    /// Carries remittance text or an acknowledgement only.
    ZeroDollar,
    /// An operator's sum of entries that stand elsewhere.
    Advice,
}

/// An entry code: its kind, and whether it is a credit to the receiver.
pub fn entry_code(code: u64) -> Option<(EntryKind, bool)> {
    use EntryKind::{Advice, Live, Prenote, Return, ZeroDollar};
    let (account, action) = (code / 10, code % 10);
    match (account, action) {
        (2..=5, 1) => Some((Return, true)),
        (2..=5, 2) => Some((Live, true)),
        (2..=5, 3) => Some((Prenote, true)),
        (2..=5, 4) => Some((ZeroDollar, true)),
        // A loan account knows one debit, the reversal of a credit, and its return.
        (5, 5) => Some((Live, false)),
        (2..=5, 6) => Some((Return, false)),
        (2..=4, 7) => Some((Live, false)),
        (2..=4, 8) => Some((Prenote, false)),
        (2..=4, 9) => Some((ZeroDollar, false)),
        (8, 1..=8) => Some((Advice, action % 2 == 1)),
        _ => None,
    }
}

/// The classes of entries that the rules define.
pub const ENTRY_CLASSES: [&str; 22] = [
    "ACK", "ADV", "ARC", "ATX", "BOC", "CCD", "CIE", "COR", "CTX", "DNE", "ENR", "IAT", "MTE",
    "POP", "POS", "PPD", "RCK", "SHR", "TEL", "TRC", "TRX", "WEB",
];

/// A class of entries, `XCK` included, which stands apart since it is no longer exchanged.
pub fn is_entry_class(class: &str) -> bool {
    class == "XCK" || ENTRY_CLASSES.contains(&class)
}

/// How a return stands to the entry whose trace number it gives, in the order of the steps.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reversal {
    /// The receiver's bank sends the entry back.
    Return,
    /// The originator's bank sends the return back, so the entry stands again.
    Dishonoured,
    /// The receiver's bank sends it back for good.
    Contested,
}

/// What a return reason code does.
pub fn reversal(code: &str) -> Reversal {
    match code.strip_prefix('R').and_then(|digits| digits.parse().ok()) {
        Some(61..=70_u8) => Reversal::Dishonoured,
        Some(71..=77) => Reversal::Contested,
        _ => Reversal::Return,
    }
}

/// The reasons most met, in the rules' words; empty for the others.
pub fn reason_words(code: &str) -> &'static str {
    match code {
        "R01" => "insufficient funds",
        "R02" => "account closed",
        "R03" => "no account or unable to locate account",
        "R04" => "invalid account number",
        "R05" => "unauthorized debit to consumer account using corporate code",
        "R06" => "returned at the originating bank's request",
        "R07" => "authorization revoked by customer",
        "R08" => "payment stopped",
        "R09" => "uncollected funds",
        "R10" => "customer advises originator is not known or not authorized",
        "R11" => "customer advises entry not in accordance with the authorization",
        "R12" => "branch sold to another bank",
        "R13" => "receiving bank not qualified to participate",
        "R14" => "representative payee deceased",
        "R15" => "beneficiary or account holder deceased",
        "R16" => "account frozen or entry returned per OFAC instruction",
        "R17" => "file record edit criteria",
        "R20" => "non-transaction account",
        "R21" => "invalid company identification",
        "R22" => "invalid individual ID number",
        "R23" => "credit entry refused by receiver",
        "R24" => "duplicate entry",
        "R29" => "corporate customer advises not authorized",
        "R31" => "permissible return entry",
        "R33" => "return of XCK entry",
        "R61" => "misrouted return",
        "R62" => "return of erroneous or reversing debit",
        "R67" => "duplicate return",
        "R68" => "untimely return",
        "R69" => "field error",
        "R70" => "permissible return entry not accepted",
        "R71" => "misrouted dishonored return",
        "R72" => "untimely dishonored return",
        "R73" => "timely original return",
        "R74" => "corrected return",
        "R75" => "return not a duplicate",
        "R76" => "no errors found",
        "R77" => "non-acceptance of R62 dishonored return",
        _ => "",
    }
}

/// The check digit that makes eight digits a routing number.
pub fn check_digit(routing: &str) -> u64 {
    let weights = [3, 7, 1].iter().cycle();
    let digits = routing.bytes().map(|byte| u64::from(byte.wrapping_sub(b'0')));
    let sum: u64 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    (10 - sum % 10) % 10
}

/// Eight digits of a routing number at these positions, as the nine that name the bank.
pub fn routing(block: &Block, first: usize) -> Option<String> {
    let eight = block.exact(first, first + 7);
    let digits = eight.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{eight}{}", check_digit(&eight)))
}

/// A date as year, month, day of `YYMMDD`; years from 70 are of the last century, since the
/// network began in 1972. `None` when it is no date.
pub fn six_digit_date(text: &str) -> Option<jiff::civil::Date> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| text[at..at + 2].parse::<i16>().ok();
    let (year, month, day) = (part(0)?, part(2)?, part(4)?);
    let century = if year >= 70 { 1900 } else { 2000 };
    jiff::civil::Date::new(century + year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The day of the year `text` that is nearest to `near`: an operator writes no year, and a batch
/// of December settles in January. `None` when it is no day of a year.
pub fn settlement_date(text: &str, near: jiff::civil::Date) -> Option<jiff::civil::Date> {
    if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let day: i16 = text.parse().ok()?;
    let in_year = |year: i16| {
        let first = jiff::civil::Date::new(year, 1, 1).ok()?;
        let within = (1..=first.days_in_year()).contains(&day);
        within.then(|| first + jiff::Span::new().days(day - 1))
    };
    let years = [near.year() - 1, near.year(), near.year() + 1];
    years
        .into_iter()
        .filter_map(in_year)
        .min_by_key(|date| date.since(near).map_or(0, |span| span.get_days().abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_credit_or_debit_and_whether_money_moves() {
        let check = |code, expected| assert_eq!(entry_code(code), expected, "{code}");
        check(22, Some((EntryKind::Live, true)));
        check(37, Some((EntryKind::Live, false)));
        check(26, Some((EntryKind::Return, false)));
        check(33, Some((EntryKind::Prenote, true)));
        check(49, Some((EntryKind::ZeroDollar, false)));
        check(55, Some((EntryKind::Live, false)));
        check(57, None);
        check(82, Some((EntryKind::Advice, false)));
        check(20, None);
        check(99, None);
    }

    #[test]
    fn a_routing_number_ends_in_its_check_digit() {
        assert_eq!((check_digit("23138010"), check_digit("12104288")), (4, 2));
    }

    #[test]
    fn dates_without_a_century_or_a_year_are_the_likely_ones() {
        let date = |text: &str| six_digit_date(text).map(|date| date.to_string());
        assert_eq!(date("190625").as_deref(), Some("2019-06-25"));
        assert_eq!(date("990228").as_deref(), Some("1999-02-28"));
        assert_eq!((date("190229"), date("000000"), date("19 625")), (None, None, None));
        let settles = |day: &str, near: &str| {
            settlement_date(day, near.parse().unwrap()).map(|date| date.to_string())
        };
        assert_eq!(settles("002", "2019-12-31").as_deref(), Some("2020-01-02"));
        assert_eq!(settles("365", "2020-01-02").as_deref(), Some("2019-12-31"));
        assert_eq!(settles("091", "2020-03-27").as_deref(), Some("2020-03-31"));
        assert_eq!((settles("000", "2020-01-02"), settles("367", "2020-01-02")), (None, None));
    }
}
