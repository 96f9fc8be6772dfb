//! The ways to write a time that are known without anybody naming them.
//!
//! Answers: in which of them does a text read, and which of them read the same texts as other
//! days? The one list behind the evidence of a column and the remedy that a refusal names.

use std::sync::LazyLock;

use crate::normalise::{
    BareTime, CivilFormat, CivilTime, ZoneWord, epoch_time, month_respelled, read_iso, weekday_on,
};

/// Days, most usual first. Those of equal marks and equal length of year stand together: they
/// read the same texts as different days. `%b` reads months in full too.
const DAYS: [&str; 21] = [
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%y/%m/%d",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%m-%d-%y",
    "%d-%m-%y",
    "%y-%m-%d",
    "%m.%d.%Y",
    "%d.%m.%Y",
    "%m.%d.%y",
    "%d.%m.%y",
    "%y.%m.%d",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%Y.%m.%d",
];
/// Ways that stand alone: a set of 128 has no room for every day with every clock.
const ALONE: [&str; 16] = [
    "%d%b%Y",
    "%d%b%y",
    "%d %b %y",
    "%b %d %Y",
    "%Y-%b-%d",
    "%d/%b/%Y",
    "%Y-%m-%d %I:%M %p",
    "%Y-%m-%d %I:%M:%S %p",
    "%b %d %Y %H:%M:%S",
    "%b %d %Y %I:%M %p",
    "%b %d %Y %I:%M:%S %p",
    "%d%b%Y:%H:%M:%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%m/%d/%Y %H:%M:%S.%f",
    "%d/%m/%Y %H:%M:%S.%f",
];
/// Clock times that may follow a day.
const CLOCKS: [&str; 5] = ["", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"];
/// What is written without any mark; ISO 8601, which needs no format, is the empty one.
const BARE: [&str; 5] = ["", "%Y%m%d", "%Y%m%d%H%M%S", "%s", "%s%3f"];

/// Letters of the longest text that is looked at: a weekday and a month in full, a clock, a zone.
const LETTERS_MAX: usize = 64;

/// One way to write a time.
pub(crate) struct TimeWords {
    /// strftime words; empty for ISO 8601.
    pub(crate) words: String,
    /// Others that read some of the same texts as another day, as a set of numbers.
    pub(crate) rivals: u128,
    /// None where the words are no format of days and clocks: epochs.
    civil: Option<CivilFormat>,
    marks: u16,
}

/// Every known way, ISO 8601 first; one is meant by its number, which fits a set of 128.
pub(crate) static TIME_WORDS: LazyLock<Vec<TimeWords>> = LazyLock::new(|| {
    let marked =
        DAYS.iter().flat_map(|day| CLOCKS.iter().map(move |clock| format!("{day}{clock}")));
    let alone = BARE.iter().chain(&ALONE).map(|words| (*words).to_owned());
    let words: Vec<String> = alone.chain(marked).collect();
    assert!(words.len() <= 128, "a set of 128 holds every way to write a time");
    let shapes: Vec<String> = words.iter().map(|one| shape(one)).collect();
    let rivals = |at: usize| {
        let alike = |other: &usize| *other != at && shapes[*other] == shapes[at];
        (0..words.len()).filter(alike).fold(0, |set, other| set | 1_u128 << other)
    };
    let known = |at: usize| TimeWords {
        words: words[at].clone(),
        rivals: rivals(at),
        civil: CivilFormat::new(&words[at]).ok(),
        marks: marks_of_words(&words[at]),
    };
    (0..words.len()).map(known).collect()
});

/// The words with day, month and a year of two digits alike: what reads the same texts.
fn shape(words: &str) -> String {
    ["%d", "%m", "%y"].iter().fold(words.to_owned(), |shape, word| shape.replace(word, "#"))
}

/// The marks that a text of a format has.
fn marks_of_words(words: &str) -> u16 {
    let between: String = words.split('%').map(|piece| piece.get(1..).unwrap_or("")).collect();
    let named = ["%b", "%B", "%p"].iter().any(|word| words.contains(word));
    marks(between.as_bytes()) | if named { LETTERS } else { 0 }
}

/// Set in [`marks`] where a text holds letters.
const LETTERS: u16 = 1 << 8;

/// The marks between the numbers of a text, as a set: two ways that differ in it never read the
/// same text, so that most need not be tried.
fn marks(text: &[u8]) -> u16 {
    let (mut set, mut colons) = (0, 0);
    for byte in text {
        set |= match byte {
            b'0'..=b'9' => 0,
            b'/' => 1,
            b'-' => 1 << 1,
            b'.' => 1 << 2,
            b',' => 1 << 3,
            b':' => {
                colons += 1;
                if colons == 1 { 1 << 4 } else { 1 << 5 }
            }
            byte if byte.is_ascii_whitespace() => 1 << 6,
            byte if byte.is_ascii_alphabetic() || *byte >= 0x80 => LETTERS,
            _ => 1 << 9,
        };
    }
    set
}

/// Every known way in which a text reads, by number with what it then says, in order. A weekday
/// beside it rules out the ways by which its day is another.
pub(crate) fn readings_of(text: &str) -> impl Iterator<Item = (usize, CivilTime)> + '_ {
    let bare = BareTime::of(text);
    let (weekday, zone) = bare.as_ref().map_or((None, None), |bare| (bare.weekday, bare.zone));
    let text = bare.map_or(text, |bare| bare.text);
    // The point of an abbreviated month is no mark between numbers.
    let spelled = text.contains(|letter: char| letter.is_alphabetic());
    let spelled = spelled.then(|| month_respelled("%b", text)).flatten();
    let marks = marks(spelled.as_deref().unwrap_or(text).as_bytes());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // No way has fewer: names and sentences are told apart without trying any.
    let possible = digits >= 3 && text.len() <= LETTERS_MAX;
    let all = TIME_WORDS.iter().enumerate().filter(move |_| possible);
    all.filter_map(move |(at, known)| {
        let civil = match known.words.as_str() {
            "" => read_iso(text).ok(),
            "%s" => epoch(text, 9..=10, 1_000),
            "%s%3f" => epoch(text, 12..=13, 1),
            _ if known.marks != marks => None,
            _ => known.civil.as_ref()?.read(text).ok(),
        };
        let mut civil = civil.filter(|one| weekday.is_none_or(|day| day == weekday_on(one.day)))?;
        if let (Some(ZoneWord::Offset(seconds)), None) = (zone, civil.offset_seconds) {
            civil.offset_seconds = Some(seconds);
        }
        Some((at, civil))
    })
}

/// A number of seconds or milliseconds since 1970, if the text has the digits of one of our days.
fn epoch(text: &str, digits: std::ops::RangeInclusive<usize>, unit_ms: i64) -> Option<CivilTime> {
    let whole = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = whole.then(|| text.parse().ok())??;
    epoch_time(number.checked_mul(unit_ms)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> =
            readings_of(text).map(|(at, _)| TIME_WORDS[at].words.as_str()).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_text_reads_in_every_way_that_it_could_be_meant() {
        check("2026-03-31", &[""]);
        check("20260331", &["", "%Y%m%d"]);
        check("20260331140509", &["%Y%m%d%H%M%S"]);
        check("1711893900", &["%s"]);
        check("1711893900250", &["%s%3f"]);
        check("03/04/2026", &["%m/%d/%Y", "%d/%m/%Y"]);
        check("31/03/2026", &["%d/%m/%Y"]);
        check("31/03/26", &["%d/%m/%y", "%y/%m/%d"]);
        check("03/31/26 14:05", &["%m/%d/%y %H:%M"]);
        check("3/4/2026 1:05:09 PM", &["%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p"]);
        check("31.03.2026", &["%d.%m.%Y"]);
        check("31-Mar-26", &["%d-%b-%y"]);
        check("Mar 31, 2026", &["%b %d, %Y"]);
        check("March 31, 2026", &["%b %d, %Y"]);
        check("Sept. 2, 2026", &["%b %d, %Y"]);
        check("Tuesday, March 31, 2026", &["%b %d, %Y"]);
        // Of two orders of day and month only one falls on that weekday.
        check("Wed 03/04/2026", &["%m/%d/%Y"]);
        check("Fri 03/04/2026", &["%d/%m/%Y"]);
        check("Mon 03/04/2026", &[]);
        check("03/31/2026 10:15:00 AM EST", &["%m/%d/%Y %I:%M:%S %p"]);
        check("2026-03-31 10:15:00 UTC", &[""]);
        check("2026-03-31 10:15:00 PM", &["%Y-%m-%d %I:%M:%S %p"]);
        check("Mar  3 2026 10:15AM", &["%b %d %Y %I:%M %p"]);
        check("03/31/2026 10:15:00.250", &["%m/%d/%Y %H:%M:%S.%f"]);
        check("31MAR2026:10:15:00", &["%d%b%Y:%H:%M:%S"]);
        check("20260331 101500", &["%Y%m%d %H%M%S"]);
        check("03APR2026", &["%d%b%Y"]);
        check("03apr26", &["%d%b%y"]);
        check("3 Apr 26", &["%d %b %y"]);
        check("Apr 3 2026", &["%b %d %Y"]);
        check("03/Apr/2026", &["%d/%b/%Y"]);
        check("3-April-2026", &["%d-%b-%Y"]);
        check("2026.03.31", &["%Y.%m.%d"]);
        check("2026.03.31 14:05", &["%Y.%m.%d %H:%M"]);
        check("APR2026", &[]);
        check("46112", &[]);
        check("12.50", &[]);
        check("soon", &[]);
        check("", &[]);
    }

    #[test]
    fn rivals_name_each_other_and_read_other_days() {
        for (at, one) in TIME_WORDS.iter().enumerate() {
            for other in (0..TIME_WORDS.len()).filter(|other| one.rivals >> other & 1 == 1) {
                assert_eq!(TIME_WORDS[other].rivals >> at & 1, 1, "{}", one.words);
                assert_eq!(TIME_WORDS[other].words.len(), one.words.len());
            }
            let numeric = one.words.starts_with(['%']) && !one.words.contains(['b', 'B', 's']);
            let ordered = numeric && one.words.len() > 6 && !one.words.starts_with("%Y");
            assert_eq!(one.rivals != 0, ordered, "{}", one.words);
        }
    }
}
