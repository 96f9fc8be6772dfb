//! The other end of a statement line, read out of its text.
//!
//! Answers: to whom or from whom, by what channel, through which bank, does `ZELLE TO LENA ORTIZ
//! ON 03/04` say the money went? A layout's own patterns come first, then a built-in set of
//! common wordings of statements; the first match wins. What is read is a guess, marked as
//! such by the pattern that made it; the columns of a record always come before it.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use regex::{Captures, Regex, RegexSet, RegexSetBuilder};
use serde::{Deserialize, Serialize};

use crate::model::Channel;
use crate::normalise::{WORDINGS, alike_digits, name_identity};

/// A `[[counterparty]]` of a layout.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Regular expression that may name the groups name, account, bank, reference, place, phone.
    pub pattern: String,
    /// What a match says of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// What a description says of the other end.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Guess<'a> {
    /// The pattern that matched: a built-in one's name, or a layout's own text.
    pub pattern: &'a str,
    /// Whether it is one of the built-in patterns.
    pub is_built_in: bool,
    /// How the money moved.
    pub channel: Option<Channel>,
    /// The party.
    pub name: Option<&'a str>,
    /// Its account.
    pub account: Option<&'a str>,
    /// Its bank.
    pub bank: Option<&'a str>,
    /// Reference, confirmation or cheque number.
    pub reference: Option<&'a str>,
    /// Where a machine or shop stands.
    pub place: Option<&'a str>,
    /// Its phone.
    pub phone: Option<&'a str>,
}

impl<'a> Guess<'a> {
    /// The account as a number. A bank that writes `CHK 2222` into a line means an account that
    /// ends in these digits, so that they are masked; what a layout's own pattern reads is taken
    /// as its author means it.
    ///
    /// ```
    /// use moneytrail::normalise::CounterpartyReader;
    ///
    /// let reader = CounterpartyReader::new(&[]).unwrap();
    /// let number = |text| reader.read(text).unwrap().account_number().unwrap().into_owned();
    /// assert_eq!(number("ONLINE TRANSFER TO CHK 2222"), "*2222");
    /// assert_eq!(number("ONLINE TRANSFER TO CHK 4410002222"), "4410002222");
    /// ```
    pub fn account_number(&self) -> Option<Cow<'a, str>> {
        let account = self.account?;
        let few = account.len() <= LAST_DIGITS && account.bytes().all(|byte| byte.is_ascii_digit());
        Some(match self.is_built_in && few {
            true => Cow::Owned(format!("*{account}")),
            false => Cow::Borrowed(account),
        })
    }
}

/// Digits of an account number that banks show where they do not show all.
const LAST_DIGITS: usize = 4;

/// The groups a pattern may name.
const GROUPS: [&str; 6] = ["name", "account", "bank", "reference", "place", "phone"];

/// Reads counterparties out of descriptions. Built once for a layout and shared by threads.
#[derive(Clone, Debug)]
pub struct CounterpartyReader {
    any: RegexSet,
    readings: Vec<Reading>,
    /// How many of them are the layout's own.
    own: usize,
    /// Each digit, or the least of those that no pattern tells from it.
    digits: [u8; 10],
}

/// Bytes of the automaton that says which patterns match, for each thread. Sixty patterns with
/// any letters do not fit the usual two million: the states are then made anew at every line, and
/// a search takes fifty times as long.
const AUTOMATON_BYTES_MAX: usize = 16 << 20;

/// Texts kept before they are forgotten and kept anew.
const STEMS_MAX: usize = 8_192;

/// What was read of the texts so far, which statements repeat with other numbers and dates.
#[derive(Clone, Debug, Default)]
pub struct SeenTexts {
    stem: Vec<u8>,
    known: HashMap<Box<[u8]>, Option<Found>, FixedState>,
}

/// A pattern by its number, and where each of its groups stands in the text.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    reading: usize,
    groups: [Option<(u32, u32)>; GROUPS.len()],
}

#[derive(Clone, Debug)]
struct Reading {
    label: String,
    regex: Regex,
    channel: Option<Channel>,
}

impl CounterpartyReader {
    /// A reader with a layout's own patterns first, then the built-in ones.
    ///
    /// # Errors
    ///
    /// Index of the pattern that is refused, and why: it is no regular expression, or names a
    /// group that means nothing.
    pub fn new(patterns: &[Pattern]) -> Result<CounterpartyReader, (usize, String)> {
        let mut readings = Vec::with_capacity(patterns.len() + WORDINGS.len());
        for (at, own) in patterns.iter().enumerate() {
            let regex = Regex::new(&own.pattern).map_err(|bad| (at, last_line(&bad)))?;
            if let Some(odd) = regex.capture_names().flatten().find(|name| !GROUPS.contains(name)) {
                let known = GROUPS.join(", ");
                return Err((at, format!("group {odd:?} is not one of {known}")));
            }
            readings.push(Reading { label: own.pattern.clone(), regex, channel: own.channel });
        }
        for (name, pattern, channel) in WORDINGS {
            let regex = Regex::new(pattern).expect("the built-in patterns are tested to compile");
            readings.push(Reading { label: (*name).to_owned(), regex, channel: *channel });
        }
        let any = RegexSetBuilder::new(readings.iter().map(|reading| reading.regex.as_str()))
            .dfa_size_limit(AUTOMATON_BYTES_MAX)
            .build()
            .map_err(|bad| (0, last_line(&bad)))?;
        let digits = alike_digits(readings.iter().map(|reading| reading.regex.as_str()));
        Ok(CounterpartyReader { any, readings, own: patterns.len(), digits })
    }

    /// What a description says of the other end; `None` when no pattern matches.
    ///
    /// ```
    /// use moneytrail::normalise::CounterpartyReader;
    ///
    /// let reader = CounterpartyReader::new(&[]).unwrap();
    /// let guess = reader.read("ZELLE TO LENA ORTIZ ON 03/04").unwrap();
    /// assert_eq!(guess.name, Some("LENA ORTIZ"));
    /// ```
    pub fn read<'a>(&'a self, text: &'a str) -> Option<Guess<'a>> {
        let found = self.find(text)?;
        Some(self.guess(text, found))
    }

    /// As [`CounterpartyReader::read`], without a search for a text that differs from one of `seen`
    /// in digits alone, which no pattern tells apart. `seen` is of this reader only.
    pub fn read_again<'a>(&'a self, text: &'a str, seen: &mut SeenTexts) -> Option<Guess<'a>> {
        seen.stem.clear();
        let alike = |byte: &u8| match byte {
            b'0'..=b'9' => self.digits[usize::from(byte - b'0')],
            other => *other,
        };
        seen.stem.extend(text.as_bytes().iter().map(alike));
        let found = match seen.known.get(seen.stem.as_slice()) {
            Some(known) => *known,
            None => {
                if seen.known.len() == STEMS_MAX {
                    seen.known.clear();
                }
                let found = self.find(text);
                seen.known.insert(seen.stem.as_slice().into(), found);
                found
            }
        };
        found.map(|found| self.guess(text, found))
    }

    fn find(&self, text: &str) -> Option<Found> {
        if text.is_empty() {
            return None;
        }
        let reading = self.any.matches(text).into_iter().next()?;
        let found = self.readings[reading].regex.captures(text)?;
        let group = |name: &str| stated(&found, name);
        let groups = GROUPS.map(|name| match name {
            "name" => group(name).or_else(|| group("name2")),
            _ => group(name),
        });
        Some(Found { reading, groups })
    }

    fn guess<'a>(&'a self, text: &'a str, found: Found) -> Guess<'a> {
        let reading = &self.readings[found.reading];
        let [name, account, bank, reference, place, phone] =
            found.groups.map(|group| group.map(|(start, end)| &text[start as usize..end as usize]));
        let (pattern, channel) = (reading.label.as_str(), reading.channel);
        let is_built_in = found.reading >= self.own;
        Guess { pattern, is_built_in, channel, name, account, bank, reference, place, phone }
    }
}

/// Where a group stands, without spaces around it.
fn stated(found: &Captures<'_>, name: &str) -> Option<(u32, u32)> {
    let group = found.name(name)?;
    let text = group.as_str();
    let start = group.start() + (text.len() - text.trim_start().len());
    let length = text.trim().len();
    (length > 0).then_some((start as u32, (start + length) as u32))
}

/// regex draws the place of an error over several lines; the last one says what is wrong.
fn last_line(bad: &regex::Error) -> String {
    let text = bad.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").trim().to_owned()
}

/// The text an unidentified far end is known by.
///
/// The name identity of the counterparty where one is stated; else `CASH` for cash; else the
/// description in upper case without digits, so that `CHECK 1042` and `CHECK 1043` are one; else
/// the channel's word. Never empty.
pub fn unidentified_text(channel: Channel, counterparty: &str, description: &str) -> String {
    let named = name_identity(counterparty);
    if !named.is_empty() {
        return named;
    }
    if channel == Channel::Cash {
        return "CASH".to_owned();
    }
    let mut text = String::with_capacity(description.len());
    for word in description.split_whitespace() {
        // A word without letters is a date, a number or a dash: it tells lines apart, not ends.
        if !word.contains(char::is_alphabetic) {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        let letters = word.chars().filter(|letter| !letter.is_numeric());
        text.extend(letters.flat_map(char::to_uppercase));
    }
    if text.is_empty() { channel.word().to_uppercase() } else { text }
}

#[cfg(test)]
mod tests;
