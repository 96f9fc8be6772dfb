//! E-mail addresses, documents, handsets and subscriber cards.
//!
//! Answers: do two texts name one identifier? Placeholders beyond the plainest are found by
//! their spread over parties, not here.
//!
//! Source: RFC 5321 (mailboxes), 3GPP TS 23.003 section 6 (IMEI and IMEISV).

/// One text for each mailbox; empty when the text is none.
///
/// Lower case on both sides: hosts ignore case, and so does every mail service in wide use.
/// Points and `+tags` stay, since only some services ignore them.
///
/// ```
/// use moneytrail::normalise::email_identity;
///
/// assert_eq!(email_identity(" <Lena.Ortiz@Example.ORG> "), "lena.ortiz@example.org");
/// assert_eq!(email_identity("none"), "");
/// ```
pub fn email_identity(text: &str) -> String {
    let text = without_brackets(text);
    let scheme = text.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:"));
    // Brackets stand around the link or within it.
    let address = without_brackets(if scheme.is_some() { &text[7..] } else { text });
    let whole = match address.rsplit_once('@') {
        Some((mailbox, host)) => {
            !mailbox.is_empty()
                && !mailbox.contains('@')
                && host.contains(|letter: char| letter.is_alphanumeric())
                && !address.contains(char::is_whitespace)
        }
        None => false,
    };
    if whole { address.to_lowercase() } else { String::new() }
}

fn without_brackets(text: &str) -> &str {
    text.trim().trim_start_matches('<').trim_end_matches('>').trim()
}

/// One text for each document number: its letters and digits in upper case; empty when nothing
/// is left or it stands for nothing.
pub fn document_identity(text: &str) -> String {
    // Some letters have a capital of several characters, of which accents are no letters.
    let capitals = text.chars().flat_map(char::to_uppercase);
    let identity: String = capitals.filter(|letter| letter.is_alphanumeric()).collect();
    let none = ["NA", "NONE", "NULL", "NIL", "UNKNOWN", "UNK", "NOTPROVIDED", "NOTAVAILABLE"];
    if none.contains(&identity.as_str()) { String::new() } else { identity }
}

/// One text for each subscriber card (IMSI, ICCID): like a document number. Not cut as a
/// handset's number is, since its last digit tells cards apart.
pub fn subscriber_card_identity(text: &str) -> String {
    document_identity(text)
}

/// One text for each handset or sign-in device.
///
/// An IMEI is 14 digits that name the handset, and a 15th that checks them or is sent as 0; an
/// IMEISV is the same 14 and two of its software. Carriers write any of the three, so the
/// identity is the 14. Fifteen digits whose last one is neither are no IMEI and stay whole, as
/// does everything else, like a document number.
///
/// ```
/// use moneytrail::normalise::device_identity;
///
/// assert_eq!(device_identity("49-015420-323751-8"), "49015420323751");
/// assert_eq!(device_identity("490154203237517"), "490154203237517");
/// ```
pub fn device_identity(text: &str) -> String {
    let mut identity = document_identity(text);
    let digits = identity.bytes().all(|byte| byte.is_ascii_digit());
    let body = match identity.len() {
        16 => digits,
        15 => digits && (identity.ends_with('0') || luhn_holds(&identity)),
        _ => false,
    };
    // Zeros alone stand for an unknown handset in many exports, and naming it by fewer of them
    // would hide that from whoever looks for placeholders.
    if body && identity.bytes().any(|byte| byte != b'0') {
        identity.truncate(14);
    }
    identity
}

/// One text for a device that a list names, by the word the list gives for its kind: a handset
/// or a card is that of the call records, whatever separators and check digit it is written with.
/// Where the kind does not say, only a number that can be nothing else is read as a handset's;
/// any other text stays as found, since a list's own numbers are no one's to shorten.
///
/// ```
/// use moneytrail::normalise::listed_device_identity;
///
/// assert_eq!(listed_device_identity("handset", "49-015420-323751-8"), "49015420323751");
/// assert_eq!(listed_device_identity("", "49-015420-323751-8"), "49015420323751");
/// assert_eq!(listed_device_identity("", "terminal 7"), "terminal 7");
/// ```
pub fn listed_device_identity(kind: &str, text: &str) -> String {
    let kind = kind.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let digits = document_identity(text);
    let separated =
        text.trim().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b' ' | b'-' | b'/' | b'.'));
    let is_handset = says(&["imei", "handset", "phone", "mobile"])
        || separated && digits.len() == 15 && luhn_holds(&digits) && has_reporting_body(&digits);
    let identity = if says(&["imsi", "sim", "iccid"]) {
        subscriber_card_identity(text)
    } else if is_handset {
        device_identity(text)
    } else {
        text.trim().to_owned()
    };
    if identity.is_empty() { text.trim().to_owned() } else { identity }
}

/// Whether a number begins with a body that gives out handset numbers (GSMA TS.06). Subscriber
/// cards of few countries begin so too, and of those one in ten passes for a handset; no two
/// cards become one by it, since the digit that is cut off follows from the others.
fn has_reporting_body(digits: &str) -> bool {
    const BODIES: [&str; 18] = [
        "01", "10", "30", "33", "35", "44", "45", "49", "50", "51", "52", "53", "54", "86", "91",
        "98", "99", "00",
    ];
    BODIES.iter().any(|body| digits.starts_with(body)) && digits.bytes().any(|byte| byte != b'0')
}

/// Whether the last digit checks those before it, by the rule of ISO/IEC 7812-1 annex B.
fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            match (at % 2 == 1, digit * 2) {
                (false, _) => digit,
                (true, double) => double / 10 + double % 10,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mailboxes_are_read_and_other_texts_are_none() {
        let check = |text: &str, identity: &str| assert_eq!(email_identity(text), identity);
        check("Lena@Example.org", "lena@example.org");
        check("mailto:lena+rent@example.org", "lena+rent@example.org");
        for text in [
            "mailto:<lena@example.org>",
            "<mailto:lena@example.org>",
            "< MAILTO: <Lena@example.org> >",
            " <lena@example.org> ",
        ] {
            check(text, "lena@example.org");
        }
        for text in ["", "n/a", "lena", "@example.org", "lena@", "a b@example.org", "a@b@c.org"] {
            check(text, "");
        }
    }

    #[test]
    fn documents_lose_what_is_layout_only() {
        let check = |text: &str, identity: &str| assert_eq!(document_identity(text), identity);
        check("p 123-456/a", "P123456A");
        check("000-00-0000", "000000000");
        check("\u{1fe2}7", "\u{3a5}7");
        for text in ["", "-", "N/A", "null", "Not provided"] {
            check(text, "");
        }
    }

    #[test]
    fn three_writings_of_an_imei_are_one_and_cards_stay_whole() {
        for text in ["49015420323751", "490154203237518", "490154203237510", "4901542032375102"] {
            assert_eq!(device_identity(text), "49015420323751");
        }
        assert_eq!(device_identity("490154203237517"), "490154203237517");
        assert_eq!(device_identity("000000000000000"), "000000000000000");
        assert_eq!(device_identity("a1:b2:c3"), "A1B2C3");
        assert_eq!(subscriber_card_identity("310150123456789"), "310150123456789");
    }

    #[test]
    fn a_listed_device_is_that_of_the_call_records() {
        let check = |kind: &str, text: &str, identity: &str| {
            assert_eq!(listed_device_identity(kind, text), identity, "{kind} {text}");
        };
        check("IMEI", "4901542032375102", "49015420323751");
        check("", "490154203237518", "49015420323751");
        check("", "490154203237517", "490154203237517");
        check("", "4901542032375102", "4901542032375102");
        check("imsi", "310-150-123456789", "310150123456789");
        check("SIM card", "310150 123456789", "310150123456789");
        check("", "310150123456789", "310150123456789");
        check("token", "a1:b2", "a1:b2");
        check("handset", "n/a", "n/a");
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_identities_read_as_themselves(text in ".*") {
            let email = email_identity(&text);
            prop_assert_eq!(email_identity(&email), email);
            let device = device_identity(&text);
            prop_assert_eq!(device_identity(&device), device);
        }
    }
}
