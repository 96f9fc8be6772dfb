//! Two readings of one end of a transfer: may the account that one names be the one the other
//! means by a masked number, a cut name, or a number without its bank?
//!
//! Answers with what supports it, or that it cannot be. Whether the support is enough for a merge
//! is `named`'s to decide.

use std::borrow::Cow;

use crate::normalise::legs::stirred;

/// What is known of an account.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AccountFace<'a> {
    /// A whole number; false for a masked one and for an unidentified far end.
    pub whole: bool,
    /// The number, upper case, masking characters `*`; empty for an unidentified far end.
    pub number: &'a str,
    /// The bank, upper case; empty where none is stated.
    pub institution: &'a str,
    /// Name identities of those who hold it, and those that payment records put on it.
    pub names: Cow<'a, [String]>,
}

/// One reading of one end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct End<'a> {
    /// Row of the account.
    pub account: u32,
    /// What is known of it.
    pub face: AccountFace<'a>,
    /// Name identity that this record states for the end; may be empty.
    pub stated: &'a str,
}

/// What speaks for two readings of an end being of one account.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Support {
    /// 0 when nothing speaks for it and nothing against; more is better.
    pub score: u32,
    /// In words; empty for nothing, and for one and the same account.
    pub why: &'static str,
}

/// From here on a number speaks for itself.
pub const BY_NUMBER: u32 = 28;
/// From here on an end is supported.
pub const SUPPORTED: u32 = 16;

const SAME: Support = Support { score: 32, why: "" };
const NUMBER: Support =
    Support { score: BY_NUMBER, why: "the account number, bank not stated alike" };
const PADDED: Support =
    Support { score: BY_NUMBER, why: "the account number, zeros before it aside" };
const MASKED_NAMED: Support = Support { score: 30, why: "the last digits and the name" };
const MASKED: Support = Support { score: 20, why: "the last digits of a masked number" };
const NAMED: Support = Support { score: 18, why: "the name" };
const CUT_NAME: Support = Support { score: SUPPORTED, why: "a name cut short" };
const NOTHING: Support = Support { score: 0, why: "" };

/// Letters that a cut name has at least, spaces not counted.
const CUT_LETTERS_MIN: usize = 8;

/// What speaks for two readings of an end; `None` when they cannot be one account.
pub fn support(one: &End<'_>, other: &End<'_>) -> Option<Support> {
    if one.account == other.account {
        return Some(SAME);
    }
    if one.is_numberless() || other.is_numberless() {
        let shown = (one.face.number, other.face.number);
        let contradict =
            !shown.0.is_empty() && !shown.1.is_empty() && !digits_agree(shown.0, shown.1);
        return if contradict { None } else { name_support(one, other) };
    }
    if !banks_agree(one.face.institution, other.face.institution) {
        return None;
    }
    if one.face.whole && other.face.whole {
        let (left, right) = (one.face.number, other.face.number);
        return match left == right {
            true => Some(NUMBER),
            false => (without_padding(left) == without_padding(right)).then_some(PADDED),
        };
    }
    if !digits_agree(one.face.number, other.face.number) {
        return None;
    }
    Some(if name_support(one, other)? == NOTHING { MASKED } else { MASKED_NAMED })
}

impl End<'_> {
    /// Every name identity that is known for the end.
    fn names(&self) -> impl Iterator<Item = &str> {
        let stated = Some(self.stated).filter(|name| !name.is_empty());
        self.face.names.iter().map(String::as_str).chain(stated)
    }

    /// Whether no number supports it: there is none, or a masked one that shows fewer than four of
    /// its last digits, which may contradict and never says that two are one.
    pub(super) fn is_numberless(&self) -> bool {
        let number = self.face.number;
        number.is_empty() || number.contains('*') && !ends_in_four_digits(number)
    }

    /// Whether nobody names it.
    pub(super) fn is_nameless(&self) -> bool {
        self.stated.is_empty() && self.face.names.is_empty()
    }
}

fn ends_in_four_digits(number: &str) -> bool {
    number.len() >= 4 && number.bytes().rev().take(4).all(|byte| byte.is_ascii_digit())
}

/// Digits that a number has at least behind the zeros which banks put before it.
const PADDED_DIGITS_MIN: usize = 6;

/// A number without the zeros that a bank puts before it to the width of its field; as it is where
/// few digits would be left, or it has other letters.
///
/// ```
/// use moneytrail::normalise::without_padding;
///
/// assert_eq!(without_padding("00004410001234"), "4410001234");
/// assert_eq!(without_padding("0034"), "0034");
/// ```
pub fn without_padding(number: &str) -> &str {
    let rest = number.trim_start_matches('0');
    let whole = rest.len() >= PADDED_DIGITS_MIN && rest.bytes().all(|byte| byte.is_ascii_digit());
    if whole { rest } else { number }
}

/// How far the names agree that both sides put on an end.
fn name_support(one: &End<'_>, other: &End<'_>) -> Option<Support> {
    if one.is_nameless() || other.is_nameless() {
        return Some(NOTHING);
    }
    let pairs = one.names().flat_map(|left| other.names().map(move |right| (left, right)));
    pairs.filter_map(|(left, right)| names_agree(left, right)).max()
}

/// Whether two name identities may be one name, either of them cut short.
fn names_agree(one: &str, other: &str) -> Option<Support> {
    // The same words in another order are as many letters.
    if one == other || one.len() == other.len() && words(one) == words(other) {
        return Some(NAMED);
    }
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let letters = || short.chars().filter(|letter| *letter != ' ').count();
    (long.starts_with(short) && letters() >= CUT_LETTERS_MIN).then_some(CUT_NAME)
}

/// The words of a name in order of the alphabet: banks turn first and last names round.
fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split(' ').collect();
    words.sort_unstable();
    words
}

/// Two names of a bank agree when one is not stated or they share a word.
fn banks_agree(one: &str, other: &str) -> bool {
    one.is_empty()
        || other.is_empty()
        || one == other
        || one.split(' ').any(|word| word.len() > 2 && other.split(' ').any(|two| two == word))
}

/// The masked number by which an unidentified far end is known, behind the name where there is
/// one; empty where it is known by its text alone, in which no digits are kept.
///
/// ```
/// use moneytrail::normalise::shown_digits;
///
/// assert_eq!(shown_digits("HARBOR/7001 ~ LENA ORTIZ ****1234"), "****1234");
/// assert_eq!(shown_digits("HARBOR/7001 ~ LENA ORTIZ"), "");
/// ```
pub fn shown_digits(identity: &str) -> &str {
    let last = identity.rsplit(' ').next().unwrap_or_default();
    if last.contains('*') && last.ends_with(|end: char| end.is_ascii_digit()) { last } else { "" }
}

/// The digits that both show are equal: those before the mask, and those after it. A whole number
/// shows all of its digits, so that no mask that shows more of them can mean it.
fn digits_agree(one: &str, other: &str) -> bool {
    /// What stands before the mask and after it; `None` for a whole number.
    fn shown(number: &str) -> Option<(&str, &str)> {
        let (first, last) = (number.find('*')?, number.rfind('*')?);
        Some((&number[..first], &number[last + 1..]))
    }
    let within = |whole: &str, (head, tail): (&str, &str)| {
        whole.len() >= head.len() + tail.len() && whole.starts_with(head) && whole.ends_with(tail)
    };
    match (shown(one), shown(other)) {
        (None, None) => one == other,
        (None, Some(shown)) => within(one, shown),
        (Some(shown), None) => within(other, shown),
        (Some(left), Some(right)) => {
            (left.0.starts_with(right.0) || right.0.starts_with(left.0))
                && (left.1.ends_with(right.1) || right.1.ends_with(left.1))
        }
    }
}

/// Hashes under which an end is sought by others that may mean the same account: its account,
/// its last four digits, the beginning of each name. Whatever supports two ends being one account
/// beyond a reference, they share one of these.
pub fn keys_of(end: &End<'_>) -> Vec<u64> {
    let hash = |kind: u64, parts: &mut dyn Iterator<Item = u32>| {
        parts.fold(stirred(0, kind), |hash, part| stirred(hash, u64::from(part)))
    };
    let mut keys = vec![hash(0, &mut std::iter::once(end.account))];
    let number = end.face.number;
    let last_four = number.len().saturating_sub(4);
    if !end.is_numberless() && number.is_char_boundary(last_four) {
        keys.push(hash(1, &mut number[last_four..].chars().map(u32::from)));
    }
    for name in end.names() {
        let beginning = |name: &mut dyn Iterator<Item = char>| {
            let letters = name.filter(|one| *one != ' ').take(CUT_LETTERS_MIN);
            hash(2, &mut letters.map(u32::from))
        };
        keys.push(beginning(&mut name.chars()));
        if let Some((first, last)) = name.rsplit_once(' ') {
            keys.push(beginning(&mut last.chars().chain(first.chars())));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `number@bank names stated`, a number with `*` is masked, none is unidentified.
    fn end(
        account: u32,
        number: &'static str,
        bank: &'static str,
        names: &[&str],
        stated: &'static str,
    ) -> End<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let whole = !number.is_empty() && !number.contains('*');
        let face = AccountFace { whole, number, institution: bank, names: names.into() };
        End { account, face, stated }
    }

    #[track_caller]
    fn check(one: &End<'_>, other: &End<'_>, expected: Option<Support>) {
        assert_eq!(support(one, other), expected);
        assert_eq!(support(other, one), expected, "either way round");
        if expected.is_some_and(|support| support.score >= SUPPORTED) {
            let keys = keys_of(other);
            assert!(keys_of(one).iter().any(|key| keys.contains(key)), "they are found by a key");
        }
    }

    #[test]
    fn an_end_is_supported_by_what_two_records_say_of_it() {
        let held = end(1, "4410001234", "MERROW BANK", &["LENA ORTIZ"], "");
        check(&held, &held, Some(SAME));
        check(&held, &end(2, "4410001234", "", &[], ""), Some(NUMBER));
        check(&held, &end(2, "4410001234", "MERROW HARBOR BANK", &[], ""), Some(NUMBER));
        check(&held, &end(2, "4410001234", "CASTELLAN TRUST", &[], ""), None);
        check(&held, &end(2, "4410001235", "", &[], ""), None);
        check(&held, &end(2, "00004410001234", "", &[], ""), Some(PADDED));
        check(&end(1, "34", "A", &[], ""), &end(2, "0034", "", &[], ""), None);
        check(&held, &end(2, "****1234", "", &[], ""), Some(MASKED));
        check(&held, &end(2, "44****1234", "", &[], "LENA ORTIZ"), Some(MASKED_NAMED));
        check(&held, &end(2, "45****1234", "", &[], ""), None);
        check(&held, &end(2, "****1235", "", &[], "LENA ORTIZ"), None);
        check(&held, &end(2, "****1234", "", &[], "IVO STRAND"), None);
        check(&held, &end(2, "", "", &[], "ORTIZ LENA"), Some(NAMED));
        check(&held, &end(2, "", "", &[], "LENA ORTI"), Some(CUT_NAME));
        check(&held, &end(2, "", "", &[], "LENA OR"), None);
        check(&held, &end(2, "", "", &[], ""), Some(NOTHING));
        // Fewer digits than four contradict, and support nothing.
        check(&held, &end(2, "****34", "", &[], ""), Some(NOTHING));
        check(&held, &end(2, "****35", "", &[], "LENA ORTIZ"), None);
        check(&held, &end(2, "****34", "", &[], "LENA ORTIZ"), Some(NAMED));
        check(&held, &end(2, "****", "", &[], "LENA ORTIZ"), Some(NAMED));
        check(&end(1, "34", "", &[], ""), &end(2, "****1234", "", &[], ""), None);
        check(&end(1, "34", "A", &[], ""), &end(2, "34", "", &[], ""), Some(NUMBER));
        let nameless = end(1, "4410001234", "MERROW BANK", &[], "");
        check(&nameless, &end(2, "", "", &[], "LENA ORTIZ"), Some(NOTHING));
    }
}
