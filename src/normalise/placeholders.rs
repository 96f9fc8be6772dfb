//! Texts that fill a required box without naming anything: `N/A`, `0000000`, `555-0000`.
//!
//! Answers: would two records that share this text share anything? Works on one text alone;
//! how many parties share it, and whether it is a bank's own number, is `clusters`' question.
//! Numbers 555-0100 to 555-0199 are not placeholders here: they are what invented cases use.

/// Words that stand for an absent value, folded: lower case, letters and digits, single spaces.
const WORDS: [&str; 38] = [
    "anonymous",
    "as above",
    "blank",
    "declined",
    "default",
    "dummy",
    "empty",
    "general delivery",
    "missing",
    "n a",
    "na",
    "nan",
    "nil",
    "no address",
    "no email",
    "no fixed address",
    "no phone",
    "noemail",
    "none",
    "none given",
    "noreply",
    "no reply",
    "not applicable",
    "not available",
    "not given",
    "not known",
    "not provided",
    "null",
    "private",
    "refused",
    "same",
    "see above",
    "tbd",
    "test",
    "unavailable",
    "undefined",
    "unk",
    "unknown",
];

/// Words that stand in place of an account where money came as cash or cheques or went to many.
const WORDS_OF_MANY: [&str; 30] = [
    "atm",
    "branch",
    "cash",
    "cash deposit",
    "cash in",
    "cash out",
    "cash withdrawal",
    "cashier",
    "check",
    "checks",
    "cheque",
    "cheques",
    "coin",
    "counter",
    "currency",
    "deposit",
    "misc",
    "miscellaneous",
    "multiple",
    "multiple accounts",
    "other",
    "others",
    "over the counter",
    "several",
    "sundry",
    "teller",
    "various",
    "various accounts",
    "walk in",
    "withdrawal",
];

/// Subscriber numbers, last seven digits, that forms and clerks use as fillers.
const FILLER_NUMBERS: [&str; 4] = ["5550000", "5551212", "5551234", "5555555"];

/// Why a text identifies nobody, in words that stand in a table; `None` when it may identify.
///
/// Takes any identifier as normalised or as found: phone, e-mail, document, handset, address,
/// account number, name. Cost: the length of the text.
///
/// ```
/// use moneytrail::normalise::placeholder;
///
/// assert_eq!(placeholder("N/A"), Some("a word for an absent value"));
/// assert_eq!(placeholder("+15550000000"), Some("one digit repeated"));
/// assert_eq!(placeholder("14 Harbor Street"), None);
/// ```
pub fn placeholder(text: &str) -> Option<&'static str> {
    let local = match text.split_once('@') {
        Some((local, domain)) if domain.contains('.') => local,
        _ => text,
    };
    let folded = fold(local);
    if folded.is_empty() {
        return Some("no letter and no digit");
    }
    if WORDS.contains(&folded.as_str()) {
        return Some("a word for an absent value");
    }
    let solid: String = folded.chars().filter(|letter| *letter != ' ').collect();
    if solid.chars().all(|letter| letter.is_ascii_digit()) {
        return filler_digits(&solid);
    }
    // An `x` repeated is how forms are crossed out; two letters may still be initials.
    (solid.len() >= 3 && one_repeated(&solid)).then_some("one letter repeated")
}

/// Whether an account is written as a word that any number of records share without sharing an
/// account: `CASH`, `CHECKS`, `VARIOUS`.
///
/// ```
/// use moneytrail::normalise::is_word_of_many;
///
/// assert!(is_word_of_many("Checks"));
/// assert!(!is_word_of_many("CASH-01"));
/// ```
pub fn is_word_of_many(number: &str) -> bool {
    // Nearly every number holds a digit, and no such word does.
    !number.bytes().any(|byte| byte.is_ascii_digit())
        && WORDS_OF_MANY.contains(&fold(number).as_str())
}

fn filler_digits(digits: &str) -> Option<&'static str> {
    if digits.len() < 4 {
        return one_repeated(digits).then_some("one digit repeated").filter(|_| digits.len() > 1);
    }
    // A country code and area code may stand before a subscriber number of one digit.
    let repeated =
        one_repeated(digits) || (digits.len() >= 10 && one_repeated(&digits[digits.len() - 7..]));
    if repeated {
        return Some("one digit repeated");
    }
    if digits.len() >= 5 && counts_on(digits) {
        return Some("digits counted up or down");
    }
    let subscriber = &digits[digits.len().saturating_sub(7)..];
    let phone_sized = matches!(digits.len(), 7 | 10 | 11);
    (phone_sized && FILLER_NUMBERS.contains(&subscriber)).then_some("a filler phone number")
}

fn one_repeated(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| letters.all(|letter| letter == first))
}

/// `12345`, `0123456789`, `987654321`, `1234567890`: each digit one on from the last, all in
/// one direction, nine followed by nought.
fn counts_on(digits: &str) -> bool {
    let digits: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
    let steps = |step: u8| digits.windows(2).all(|pair| (pair[0] + step) % 10 == pair[1]);
    steps(1) || steps(9)
}

fn fold(text: &str) -> String {
    let words: String = text
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], expected: bool) {
        for text in texts {
            assert_eq!(placeholder(text).is_some(), expected, "{text:?}: {:?}", placeholder(text));
        }
    }

    #[test]
    fn fillers_identify_nobody() {
        check(&["", " ", "-", "N/A", "n.a.", "NULL", "None", "Unknown", "not provided"], true);
        check(&["0000000", "999-99-9999", "000-00-0000", "+10000000000", "123456789"], true);
        check(&["555-0000", "(212) 555-0000", "+1 212 555 1234", "+12125555555"], true);
        check(&["none@example.com", "no-reply@example.com", "xxx", "00", "987654321"], true);
        check(&["000000000000000", "1234567890"], true);
    }

    #[test]
    fn real_identifiers_stay() {
        check(&["+12025550143", "555-0199", "5550100", "2125550187"], false);
        check(&["lena.ortiz@example.com", "test.pilot@example.com", "Nunn", "Na Li"], false);
        check(&["14 Harbor Street", "352099001761481", "TEST0001", "A1234567", "7", "1001"], false);
        check(&["XY", "Unknown Pleasures Ltd", "GB29TEST60161331926819"], false);
    }
}
