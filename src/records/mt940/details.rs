//! What `:86:` tells of an entry: purpose, the other end, its bank, the reference both ends share.
//!
//! Reads the subfields of German banks (`?20` to `?63`), the code words of SEPA (`EREF+`), those
//! between slashes (`/REMI/`), and the forms in which Dutch and Polish banks write an account and
//! a name. A form that is not known stays a text, and nothing is guessed from it.

use std::sync::LazyLock;

use regex::Regex;

/// Code words of SEPA that stand before a `+` in the purpose.
const PLUS_CODES: [&str; 19] = [
    "EREF", "KREF", "MREF", "CRED", "DEBT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC ", "PURP", "MDAT",
    "SQTP", "ORCR", "ORMR", "DDAT", "COAM", "OAMT", "BREF",
];
/// Code words that stand between slashes.
const SLASH_CODES: [&str; 32] = [
    "ACCW", "ADDR", "BENM", "BIC", "BO", "CDTR", "CHGS", "CNTP", "CSID", "DBTR", "EREF", "EXCH",
    "IBAN", "ID", "INIT", "ISDT", "MARF", "NAME", "NRTX", "OCMT", "ORDP", "PREF", "PURP", "REMI",
    "RTRN", "SVCL", "SWOC", "SWOD", "TRCD", "TRTP", "ULTB", "ULTC",
];

/// What the text tells.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Details {
    /// Code of the kind of business, three digits; empty outside the German form.
    pub business_code: String,
    /// Subfields by number, in the order found; empty outside the German form.
    pub subfields: Vec<(u8, String)>,
    /// Words of the purpose by code, in the order found; those before any under an empty one.
    pub codes: Vec<(String, String)>,
    /// The text for people.
    pub purpose: String,
    /// The other end's name.
    pub name: String,
    /// The other end's account.
    pub account: String,
    /// The other end's bank.
    pub bank: String,
    /// The reference that both ends share.
    pub reference: String,
}

impl Details {
    /// The texts of subfields in that range, joined.
    pub fn joined(&self, from: u8, to: u8) -> String {
        let inside = self.subfields.iter().filter(|(number, _)| (from..=to).contains(number));
        inside.map(|(_, text)| text.as_str()).collect()
    }

    /// The text under a code word.
    pub fn code(&self, word: &str) -> &str {
        let found = self.codes.iter().rev().find(|(code, _)| code == word);
        found.map_or("", |(_, text)| text.trim())
    }
}

/// Text without runs of spaces and line ends.
pub fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads the text of one entry.
pub fn read_details(text: &str) -> Details {
    let line: String = text.lines().collect();
    let mut details = Details::default();
    if let Some(mark) = subfield_mark(&line) {
        german(&line, mark, &mut details);
    } else if slash_codes(&line, &mut details) {
        between_slashes(&mut details);
    } else if plus_codes(&line, &mut details) {
        from_plus_codes(&mut details);
    } else {
        details.purpose = spaced(text);
        in_words(text, &line, &mut details);
    }
    for one in [&mut details.name, &mut details.purpose, &mut details.bank] {
        *one = spaced(one);
    }
    if details.account.chars().all(|letter| letter == '0') {
        details.account.clear();
    }
    if ["NOTPROVIDED", "NONREF"].contains(&details.reference.as_str()) {
        details.reference.clear();
    }
    details
}

/// The letter that parts subfields: behind three digits, and before two.
fn subfield_mark(line: &str) -> Option<char> {
    let bytes = line.as_bytes();
    let digits = |from: usize, to: usize| {
        bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let mark = char::from(*bytes.get(3)?);
    (digits(0, 3) && "?>".contains(mark) && digits(4, 6)).then_some(mark)
}

fn german(line: &str, mark: char, details: &mut Details) {
    line[..3].clone_into(&mut details.business_code);
    let rest = &line[3..];
    let starts: Vec<usize> = rest
        .match_indices(mark)
        .map(|(at, _)| at)
        .filter(|at| {
            let number = rest.as_bytes().get(at + 1..at + 3);
            number.is_some_and(|number| number.iter().all(u8::is_ascii_digit))
        })
        .collect();
    for (nth, at) in starts.iter().enumerate() {
        let end = starts.get(nth + 1).copied().unwrap_or(rest.len());
        let number = rest[at + 1..at + 3].parse().expect("two digits");
        details.subfields.push((number, rest[at + 3..end].to_owned()));
    }
    let purpose = details.joined(20, 29);
    if plus_codes(&purpose, details) {
        from_plus_codes(details);
    } else {
        details.purpose = purpose;
    }
    let posting = details.joined(0, 0);
    details.purpose = format!("{posting} {} {}", details.purpose, details.joined(60, 63));
    let stated = [details.joined(32, 33), details.joined(31, 31), details.joined(30, 30)];
    let [name, account, bank] = stated.map(|text| text.trim().to_owned());
    for (field, text) in
        [(&mut details.name, name), (&mut details.account, account), (&mut details.bank, bank)]
    {
        if !text.is_empty() {
            *field = text;
        }
    }
}

/// Splits a text at its code words before a plus; false when it has none.
fn plus_codes(text: &str, details: &mut Details) -> bool {
    let starts: Vec<usize> = text
        .match_indices('+')
        .map(|(at, _)| at)
        .filter(|at| {
            let word = at.checked_sub(4).and_then(|start| text.get(start..*at));
            word.is_some_and(|word| PLUS_CODES.contains(&word))
        })
        .collect();
    let Some(first) = starts.first() else { return false };
    if *first > 4 {
        details.codes.push((String::new(), text[..first - 4].to_owned()));
    }
    for (nth, at) in starts.iter().enumerate() {
        // The word of the next code may begin only behind this one's plus.
        let end = starts.get(nth + 1).map_or(text.len(), |next| (next - 4).max(at + 1));
        details.codes.push((text[at - 4..*at].to_owned(), text[at + 1..end].to_owned()));
    }
    true
}

fn from_plus_codes(details: &mut Details) {
    let words = ["", "SVWZ", "ABWA", "ABWE"].map(|word| details.code(word).to_owned());
    details.purpose = words.join(" ");
    details.reference = details.code("EREF").to_owned();
    details.account = details.code("IBAN").to_owned();
    details.bank = details.code("BIC ").to_owned();
}

/// Splits a text at its code words between slashes; false when it does not begin with one.
fn slash_codes(line: &str, details: &mut Details) -> bool {
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let marks: Vec<usize> = line.match_indices('/').map(|(at, _)| at).collect();
    let mut free_from = 0;
    for pair in marks.windows(2) {
        if pair[0] >= free_from && SLASH_CODES.contains(&&line[pair[0] + 1..pair[1]]) {
            starts.push((pair[0], pair[1]));
            free_from = pair[1];
        }
    }
    if starts.first().is_none_or(|first| first.0 != 0) {
        return false;
    }
    for (nth, (at, end)) in starts.iter().enumerate() {
        let next = starts.get(nth + 1).map_or(line.len(), |next| next.0);
        let text = line.get(end + 1..next).unwrap_or("");
        details.codes.push((line[at + 1..*end].to_owned(), text.to_owned()));
    }
    true
}

fn between_slashes(details: &mut Details) {
    let remitted = details.code("REMI");
    let remitted = ["USTD//", "STRD/CUR/", "USTD/", "STRD/"]
        .iter()
        .find_map(|lead| remitted.strip_prefix(lead))
        .unwrap_or(remitted);
    details.purpose = [details.code("TRTP"), remitted.trim_matches('/')].join(" ");
    details.reference = details.code("EREF").to_owned();
    let mut named = [details.code("IBAN"), details.code("BIC"), details.code("NAME")];
    let other = details.code("CNTP");
    if !other.is_empty() {
        let mut parts = other.split('/');
        named = [(); 3].map(|()| parts.next().unwrap_or(""));
    }
    let [account, bank, name] = named.map(|text| text.trim_matches('/').trim().to_owned());
    (details.account, details.bank, details.name) = (account, bank, name);
}

/// Forms that banks use without subfields: each names its parts, or is checked by its digits.
fn in_words(text: &str, line: &str, details: &mut Details) {
    static KNAB: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)\bREK: ?(\S+?)/NAAM: ?(.+)$"));
    static POLISH: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:Z|NA) RACH\.: ?([0-9]{26}); (?:OD|DLA): ?(.+?)(?:;|$)"));
    static ABN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(\d{2}\.\d{2}\.\d{2}\.\d{3}) +(\S.*)$"));
    static GIRO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^GIRO +(\d{3,9}) (.+?)(?:  |$)"));
    static SWISS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"AUFTRAGGEBER: (.+?)(?: MITTEILUNGEN:|$)"));
    let first = text.lines().next().unwrap_or("").trim();
    let spaced_line = spaced(text);
    let two = KNAB
        .captures(&spaced_line)
        .or_else(|| POLISH.captures(&spaced_line))
        .or_else(|| ABN.captures(first))
        .or_else(|| GIRO.captures(first));
    if let Some(found) = two {
        found[1].clone_into(&mut details.account);
        found[2].clone_into(&mut details.name);
    } else if let Some((account, name)) = first.split_once(' ').filter(|two| is_iban(two.0)) {
        account.clone_into(&mut details.account);
        name.clone_into(&mut details.name);
    } else if let Some(found) = SWISS.captures(line) {
        found[1].clone_into(&mut details.name);
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of the program is one")
}

/// Whether a text is an IBAN by its check digits.
pub fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let digits = bytes.iter().skip(4).chain(bytes.iter().take(4));
    let rest = digits.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    shaped && rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Purpose, name, account, bank, reference.
    #[track_caller]
    fn check(text: &str, expected: [&str; 5]) {
        let read = read_details(text);
        let found = [&read.purpose, &read.name, &read.account, &read.bank, &read.reference];
        assert_eq!(found.map(String::as_str), expected, "{text}");
    }

    #[test]
    fn german_subfields_are_joined_over_their_lines() {
        check(
            "166?00GUTSCHRIFT?20EREF+E-1?21SVWZ+Rent Ma?22rch?30TESTDEFF?31DE00TEST01?32Lena\n?33 Ortiz",
            ["GUTSCHRIFT Rent March", "Lena Ortiz", "DE00TEST01", "TESTDEFF", "E-1"],
        );
        check("051?00PAY?20Salary?3010020030?310000", ["PAY Salary", "", "", "10020030", ""]);
        check(
            "000>100987654321\n>20GENERAL KOS>21TS>310390123456",
            ["GENERAL KOSTS", "", "0390123456", "", ""],
        );
        check("105?00Debit?62ABWA+Sentinel?", ["Debit ABWA+Sentinel?", "", "", "", ""]);
        check("835?20EREF+NOTPROVIDED?21SVWZ+a+b", ["a+b", "", "", "", ""]);
    }

    #[test]
    fn codes_between_slashes_are_read() {
        check(
            "/EREF/E-2/BENM//NAME/CONTRA ACCOUN\nT HOLDER/REMI/Ref/12/ISDT/2026-07-11",
            ["Ref/12", "CONTRA ACCOUNT HOLDER", "", "", "E-2"],
        );
        check(
            "/CNTP/NL00TEST0000000001/TESTNL2A/Quay Store///REMI/USTD//Order 7/EREF/E-3",
            ["Order 7", "Quay Store", "NL00TEST0000000001", "TESTNL2A", "E-3"],
        );
        check("/TRTP/SEPA/NAME//REMI/", ["SEPA", "", "", "", ""]);
    }

    #[test]
    fn forms_in_words_are_read_and_others_stay_text() {
        check(
            "INVOICE 4\nREK: NL00TEST01/NAAM: QUAY STORE",
            ["INVOICE 4 REK: NL00TEST01/NAAM: QUAY STORE", "QUAY STORE", "NL00TEST01", "", ""],
        );
        check(
            "52.89.39.882     QUAY STORE",
            ["52.89.39.882 QUAY STORE", "QUAY STORE", "52.89.39.882", "", ""],
        );
        check(
            "GB82WEST12345698765432 l ortiz\nrent",
            ["GB82WEST12345698765432 l ortiz rent", "l ortiz", "GB82WEST12345698765432", "", ""],
        );
        check("GB82WEST12345698765433 l ortiz", ["GB82WEST12345698765433 l ortiz", "", "", "", ""]);
        check("Card payment at 14:23", ["Card payment at 14:23", "", "", "", ""]);
        check("SVWZ+rent EREF+E-4", ["rent", "", "", "", "E-4"]);
        check("", ["", "", "", "", ""]);
    }
}
