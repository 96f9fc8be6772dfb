//! Which phone a number names.
//!
//! Answers: do `(202) 555-0173` and `+1 202-555-0173` name one phone? Numbers are read with the
//! numbering plans of libphonenumber; short codes, dialled star codes and local numbers without
//! area code stay as found, since completing them would be a guess. What hides or shows the
//! caller before a whole number, as `*67` does, is no part of it. Which text means a voicemail
//! is told here too; whose it is, the record has to say.

use rlibphonenumber::enums::Region;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat};

/// A phone number as read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Phone {
    /// E.164 (`+12025550173`, with `x12` behind it for an extension) when the number is possible
    /// in its plan; else its digits and letters as found. Empty when there are none.
    pub identity: String,
    /// Its plan has assigned the range; a possible number outside one is not valid.
    pub valid: bool,
}

/// Reads phone numbers of one region. Costs some microseconds a number: callers keep what they
/// have read.
#[derive(Clone, Copy, Debug)]
pub struct PhoneReader {
    region: Option<Region>,
}

impl PhoneReader {
    /// A reader for numbers written as within `region` (ISO 3166 code, `US`); without one, or
    /// with one that has no numbering plan, only numbers that start with `+` are completed.
    pub fn new(region: Option<&str>) -> PhoneReader {
        let region = region.and_then(|code| Region::try_from(code).ok());
        PhoneReader { region }
    }

    /// Reads one number.
    ///
    /// ```
    /// use moneytrail::normalise::PhoneReader;
    ///
    /// let reader = PhoneReader::new(Some("US"));
    /// assert_eq!(reader.read("(202) 555-0173").identity, "+12025550173");
    /// assert_eq!(reader.read("555-0173").identity, "5550173");
    /// ```
    pub fn read(&self, text: &str) -> Phone {
        let inner = user_of_address(text).trim();
        let plain = |letter: char| letter.is_ascii_digit() || " +-.()*#".contains(letter);
        let text = match !inner.is_empty() && inner.chars().all(plain) {
            true => without_caller_code(inner),
            false => without_caller_code(text),
        };
        let found = as_found(text);
        let digits = found.bytes().filter(u8::is_ascii_digit).count();
        // A star or hash is dialled to an exchange, not to a phone.
        if digits < 7 && !text.bytes().any(|byte| byte.is_ascii_alphabetic())
            || found.contains(['*', '#'])
        {
            return Phone { identity: found, valid: false };
        }
        let read = |text: &str| {
            let number = PHONE_NUMBER_UTIL.parse(text, self.region).ok()?;
            let whole = number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible);
            whole.then_some(number)
        };
        let Some(number) = read(text.trim()).or_else(|| {
            // Networks write 00 before a country's code in regions that dial something else.
            let abroad = found.strip_prefix("00")?;
            read(&format!("+{abroad}")).filter(|number| number.is_valid())
        }) else {
            return Phone { identity: found, valid: false };
        };
        let mut identity = number.format_as(PhoneNumberFormat::E164).into_owned();
        let extension = number.extension.as_deref().unwrap_or_default();
        if !extension.is_empty() {
            identity.push('x');
            identity.push_str(extension);
        }
        Phone { identity, valid: number.is_valid() }
    }
}

/// The user of an address as networks that carry calls over the internet write it, without scheme,
/// host and parameters; any other text as it is.
///
/// ```
/// use moneytrail::normalise::user_of_address;
///
/// assert_eq!(user_of_address("<sip:+12025550173@ims.example.org;user=phone>"), "+12025550173");
/// assert_eq!(user_of_address("tel:+1-202-555-0173;npdi"), "+1-202-555-0173");
/// assert_eq!(user_of_address("sip:anonymous@anonymous.invalid"), "anonymous");
/// assert_eq!(user_of_address("+12025550173"), "+12025550173");
/// ```
pub fn user_of_address(text: &str) -> &str {
    let bracketed = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    let address = bracketed.map_or(text, |(inner, _)| inner).trim();
    let scheme = ["tel:", "sip:", "sips:"].into_iter().find(|scheme| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    match scheme {
        // An extension is part of which phone it is.
        Some(_) if address.to_ascii_lowercase().contains(";ext=") => text,
        Some(scheme) => {
            let rest = &address[scheme.len()..];
            rest.split(['@', ';', '?']).next().unwrap_or(rest)
        }
        None => text,
    }
}

/// Codes dialled before a number that hide or show the caller, or hold off a second call: those of
/// the North American plan and of GSM (3GPP TS 22.030).
const CALLER_CODES: [&str; 5] = ["*67", "*82", "*70", "#31#", "*31#"];

/// A text without such codes, where a whole number follows.
fn without_caller_code(text: &str) -> &str {
    let mut rest = text.trim();
    while let Some(after) = CALLER_CODES.iter().find_map(|code| rest.strip_prefix(code)) {
        rest = after.trim_start_matches([' ', '-', '.', ',']);
    }
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 7 { rest } else { text }
}

/// What follows the mark of a voicemail: the number whose voicemail it is, or nothing. `None` for
/// a text that is no voicemail's. Carriers write `VM:2025550173`, `Voicemail`, or the code that a
/// subscriber dials to hear the own one.
///
/// ```
/// use moneytrail::normalise::voicemail;
///
/// assert_eq!(voicemail("VM: 202-555-0173"), Some("202-555-0173"));
/// assert_eq!(voicemail("*86"), Some(""));
/// assert_eq!(voicemail("Mailbox"), Some(""));
/// assert_eq!(voicemail("VMX Freight"), None);
/// ```
pub fn voicemail(text: &str) -> Option<&str> {
    let text = text.trim();
    if matches!(text, "*86" | "*98") {
        return Some("");
    }
    for mark in ["VOICE MAIL", "VOICE-MAIL", "VOICEMAIL", "MAILBOX", "VMAIL", "VM"] {
        let Some(start) = text.get(..mark.len()) else { continue };
        let rest = &text[mark.len()..];
        if start.eq_ignore_ascii_case(mark) && !rest.starts_with(char::is_alphabetic) {
            return Some(rest.trim_start_matches([' ', ':', '-', '_', '/', '(']).trim_end());
        }
    }
    None
}

/// ASCII digits, letters, `*`, `#` and a leading `+` of a text, in upper case.
fn as_found(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '*' | '#') {
            found.push(letter.to_ascii_uppercase());
        } else if letter == '+' && found.is_empty() {
            found.push('+');
        }
    }
    if found == "+" || found == "NULL" || found == "NA" || found == "NONE" || found == "UNKNOWN" {
        found.clear();
    }
    found
}

/// Regions and their zones, by tz's `zone1970.tab`: those most returns come from.
const ZONES: &[(&str, &[&str])] = &[
    (
        "CA",
        &[
            "America/Toronto",
            "America/Vancouver",
            "America/Edmonton",
            "America/Winnipeg",
            "America/Halifax",
            "America/St_Johns",
            "America/Regina",
            "America/Montreal",
        ],
    ),
    (
        "US",
        &[
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Los_Angeles",
            "America/Phoenix",
            "America/Anchorage",
            "America/Detroit",
            "America/Boise",
            "America/Juneau",
            "Pacific/Honolulu",
        ],
    ),
    ("PR", &["America/Puerto_Rico"]),
    ("MX", &["America/Mexico_City", "America/Tijuana", "America/Monterrey", "America/Cancun"]),
    ("CO", &["America/Bogota"]),
    ("PE", &["America/Lima"]),
    ("CL", &["America/Santiago"]),
    ("BR", &["America/Sao_Paulo"]),
    ("AR", &["America/Argentina/Buenos_Aires", "America/Buenos_Aires"]),
    ("GT", &["America/Guatemala"]),
    ("SV", &["America/El_Salvador"]),
    ("HN", &["America/Tegucigalpa"]),
    ("PA", &["America/Panama"]),
    ("DO", &["America/Santo_Domingo"]),
    ("GB", &["Europe/London"]),
    ("IE", &["Europe/Dublin"]),
    ("FR", &["Europe/Paris"]),
    ("DE", &["Europe/Berlin"]),
    ("IT", &["Europe/Rome"]),
    ("ES", &["Europe/Madrid"]),
    ("PT", &["Europe/Lisbon"]),
    ("NL", &["Europe/Amsterdam"]),
    ("BE", &["Europe/Brussels"]),
    ("CH", &["Europe/Zurich"]),
    ("AT", &["Europe/Vienna"]),
    ("PL", &["Europe/Warsaw"]),
    ("CZ", &["Europe/Prague"]),
    ("SE", &["Europe/Stockholm"]),
    ("NO", &["Europe/Oslo"]),
    ("DK", &["Europe/Copenhagen"]),
    ("FI", &["Europe/Helsinki"]),
    ("RO", &["Europe/Bucharest"]),
    ("GR", &["Europe/Athens"]),
    ("UA", &["Europe/Kyiv", "Europe/Kiev"]),
    ("TR", &["Europe/Istanbul"]),
    ("IN", &["Asia/Kolkata", "Asia/Calcutta"]),
    ("PH", &["Asia/Manila"]),
    ("TH", &["Asia/Bangkok"]),
    ("VN", &["Asia/Ho_Chi_Minh"]),
    ("HK", &["Asia/Hong_Kong"]),
    ("SG", &["Asia/Singapore"]),
    ("CN", &["Asia/Shanghai"]),
    ("JP", &["Asia/Tokyo"]),
    ("KR", &["Asia/Seoul"]),
    ("AE", &["Asia/Dubai"]),
    ("IL", &["Asia/Jerusalem"]),
    (
        "AU",
        &[
            "Australia/Sydney",
            "Australia/Melbourne",
            "Australia/Brisbane",
            "Australia/Perth",
            "Australia/Adelaide",
        ],
    ),
    ("NZ", &["Pacific/Auckland"]),
    ("ZA", &["Africa/Johannesburg"]),
    ("NG", &["Africa/Lagos"]),
    ("KE", &["Africa/Nairobi"]),
];

/// The region whose numbering plan is meant by a case kept in an IANA time zone.
///
/// Neither jiff nor libphonenumber relates zones to regions; this holds the zones of the regions
/// most returns come from, by tz's `zone1970.tab`. `None` for any other: numbers without `+`
/// then stay as found.
pub fn region_of_zone(iana: &str) -> Option<&'static str> {
    let parts = ["America/Indiana/", "America/Kentucky/", "America/North_Dakota/", "US/"];
    if parts.iter().any(|part| iana.starts_with(part)) {
        return Some("US");
    }
    ZONES.iter().find(|(_, zones)| zones.contains(&iana)).map(|(region, _)| *region)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(region: Option<&str>, text: &str, identity: &str, valid: bool) {
        let phone = PhoneReader::new(region).read(text);
        assert_eq!(phone, Phone { identity: identity.to_owned(), valid }, "{text:?}");
    }

    #[test]
    fn numbers_of_a_plan_are_completed() {
        check(Some("US"), "(202) 555-0173", "+12025550173", true);
        check(Some("US"), "1-202-555-0173", "+12025550173", true);
        check(Some("US"), "12025550173", "+12025550173", true);
        check(Some("US"), "+1 202.555.0173", "+12025550173", true);
        check(None, "+1 202 555 0173", "+12025550173", true);
        check(Some("US"), "011 44 20 7946 0123", "+442079460123", true);
        check(Some("GB"), "020 7946 0123", "+442079460123", true);
        check(Some("US"), "0044 20 7946 0123", "+442079460123", true);
        check(Some("US"), "00442079460123", "+442079460123", true);
        check(Some("US"), "0012025550173", "+12025550173", true);
        check(None, "00442079460123", "+442079460123", true);
        check(Some("US"), "202-555-0173 ext. 12", "+12025550173x12", true);
        check(Some("US"), "*67 202 555 0173", "+12025550173", true);
        check(Some("US"), "*82*671-202-555-0173", "+12025550173", true);
        check(Some("US"), "#31#2025550173", "+12025550173", true);
        check(None, "#31#2025550173", "2025550173", false);
        check(Some("US"), "tel:+1-202-555-0173", "+12025550173", true);
        check(None, "tel:+12025550173;npdi;rn=+12025550199", "+12025550173", true);
        check(Some("US"), "sip:2025550173@ims.example.org;user=phone", "+12025550173", true);
        check(None, "\"Lena\" <SIP:+12025550173;cpc=ordinary@10.0.0.1:5060>", "+12025550173", true);
        check(Some("US"), "sip:*67@example.org", "*67", false);
        check(Some("US"), "sip:911@example.org", "911", false);
    }

    #[test]
    fn what_is_no_whole_number_stays_as_found() {
        check(Some("US"), "555-0173", "5550173", false);
        check(Some("US"), "911", "911", false);
        check(Some("US"), "*67 12", "*6712", false);
        check(Some("US"), "*69", "*69", false);
        check(Some("US"), "#06#2025550173", "#06#2025550173", false);
        check(None, "202-555-0173", "2025550173", false);
        check(Some("QQ"), "202-555-0173", "2025550173", false);
        check(Some("US"), "2025550173202555017320", "2025550173202555017320", false);
        check(Some("US"), "HARBORBK", "HARBORBK", false);
        check(Some("US"), "sip:lena@example.org", "SIPLENAEXAMPLEORG", false);
        check(Some("US"), "", "", false);
        check(Some("US"), "null", "", false);
        check(Some("US"), "0000000000", "+10000000000", false);
        check(Some("US"), "00000000", "00000000", false);
        check(Some("US"), "+", "", false);
    }

    #[test]
    fn zones_name_regions_that_have_a_plan() {
        assert_eq!(region_of_zone("America/New_York"), Some("US"));
        assert_eq!(region_of_zone("America/Indiana/Knox"), Some("US"));
        assert_eq!(region_of_zone("UTC"), None);
        for zone in ["Europe/Kyiv", "Asia/Dubai", "America/Puerto_Rico"] {
            let region = region_of_zone(zone).unwrap();
            assert!(PhoneReader::new(Some(region)).region.is_some(), "{region}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn arbitrary_text_never_panics_and_an_identity_reads_as_itself(
            text in "[+0-9() .x*#-]{0,20}|.*",
        ) {
            let reader = PhoneReader::new(Some("US"));
            let once = reader.read(&text);
            if once.valid {
                prop_assert_eq!(&reader.read(&once.identity), &once);
            }
        }
    }
}
