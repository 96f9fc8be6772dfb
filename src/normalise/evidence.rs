//! What the values of a whole column say of how it is written.
//!
//! Answers: is `03/04/2026` the third of April or the fourth of March in this file, and is `1.200`
//! a thousand or one? One value cannot say; a file in which one column holds `03/31/2026` can.
//! Counts only, so that the order of rows never changes an answer; where no value decides, the
//! answer is that none does.

use std::collections::HashMap;

use crate::normalise::{CivilFormat, DecimalMark, epoch_time, parse_minor, read_iso};

/// Ways to write a time that are tried, most usual first. ISO 8601 needs no format.
const FORMS: &[&str] = &[
    "",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%m.%d.%Y",
    "%d.%m.%Y",
    "%m.%d.%y",
    "%d.%m.%y",
    "%m.%d.%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%m.%d.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%s",
    "%s%3f",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %B %Y",
];

/// Texts whose answer is remembered: a statement repeats its dates.
const REMEMBERED_MAX: usize = 1 << 16;
/// A column of times may hold so many percent of other texts: typing errors, `N/A`.
const OTHER_PERCENT_MAX: u64 = 20;

/// Reads every text of a column in every way.
#[derive(Debug)]
pub struct TimeEvidence {
    forms: Vec<Option<CivilFormat>>,
    known: HashMap<String, Marks>,
    texts: u64,
    /// Texts that each form reads.
    read: Vec<u64>,
    /// Texts that this form reads and its twin, with day and month the other way round, does not.
    only: Vec<u64>,
    clock: u64,
    offset: u64,
}

/// By form: whether it reads a text; then whether the text shows a clock time and an offset.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    read: u64,
    clock: bool,
    offset: bool,
}

/// How a column of times is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TimeForm {
    /// Not a column of times.
    None,
    /// One format reads it; empty for ISO 8601.
    One(TimeReading),
    /// Every text reads with the month first and with the day first.
    Either(TimeReading, TimeReading),
}

/// One format over a column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimeReading {
    /// strftime words; empty for ISO 8601.
    pub format: String,
    /// Texts it reads.
    pub read: u64,
    /// Texts of the column.
    pub texts: u64,
    /// Texts that it alone reads, where day and month could stand the other way round.
    pub only: Option<u64>,
    /// Texts that only the other order of day and month reads.
    pub against: u64,
    /// The texts show a clock time.
    pub timed: bool,
    /// They show its offset too.
    pub offset: bool,
}

impl Default for TimeEvidence {
    fn default() -> TimeEvidence {
        let forms = FORMS.iter().map(|words| CivilFormat::new(words).ok()).collect();
        TimeEvidence {
            forms,
            known: HashMap::new(),
            texts: 0,
            read: vec![0; FORMS.len()],
            only: vec![0; FORMS.len()],
            clock: 0,
            offset: 0,
        }
    }
}

/// The form with day and month the other way round.
fn twin(form: usize) -> Option<usize> {
    let words = FORMS[form];
    let other = if words.starts_with("%m") && words[3..].starts_with("%d") {
        format!("%d{}%m{}", &words[2..3], &words[5..])
    } else if words.starts_with("%d") && words[3..].starts_with("%m") {
        format!("%m{}%d{}", &words[2..3], &words[5..])
    } else {
        return None;
    };
    FORMS.iter().position(|words| *words == other)
}

impl TimeEvidence {
    /// Looks at one text; an empty one says nothing.
    pub fn add(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let marks = match self.known.get(text) {
            Some(marks) => *marks,
            None => {
                let marks = self.marks(text);
                if self.known.len() < REMEMBERED_MAX {
                    self.known.insert(text.to_owned(), marks);
                }
                marks
            }
        };
        self.texts += 1;
        self.clock += u64::from(marks.clock);
        self.offset += u64::from(marks.offset);
        for form in 0..FORMS.len() {
            let reads = marks.read >> form & 1;
            self.read[form] += reads;
            if let Some(other) = twin(form) {
                self.only[form] += reads & !(marks.read >> other);
            }
        }
    }

    fn marks(&self, text: &str) -> Marks {
        let mut marks = Marks::default();
        for (at, (words, form)) in FORMS.iter().zip(&self.forms).enumerate() {
            let civil = match (*words, form) {
                ("", _) => read_iso(text).ok(),
                ("%s", _) => epoch(text, 9..=10, 1_000),
                ("%s%3f", _) => epoch(text, 12..=13, 1),
                ("%Y%m%d" | "%Y%m%d%H%M%S", _) if !text.bytes().all(|b| b.is_ascii_digit()) => None,
                (_, Some(form)) => form.read(text).ok(),
                _ => None,
            };
            if let Some(civil) = civil {
                marks.read |= 1 << at;
                marks.clock |= civil.clock_ms.is_some();
                marks.offset |= civil.offset_seconds.is_some() || words.starts_with("%s");
            }
        }
        marks
    }

    /// What the texts so far say.
    pub fn form(&self) -> TimeForm {
        let most = self.read.iter().copied().max().unwrap_or(0);
        if most == 0 || (self.texts - most) * 100 > self.texts * OTHER_PERCENT_MAX {
            return TimeForm::None;
        }
        let best = self.read.iter().position(|read| *read == most).expect("one form reads most");
        let reading = |form: usize| TimeReading {
            format: FORMS[form].to_owned(),
            read: self.read[form],
            texts: self.texts,
            only: twin(form).map(|_| self.only[form]),
            against: twin(form).map_or(0, |other| self.only[other]),
            timed: self.clock > 0,
            offset: self.offset > 0 && self.offset >= self.clock,
        };
        match twin(best) {
            Some(other) if self.read[other] == most && self.only[best] == 0 => {
                TimeForm::Either(reading(best), reading(other))
            }
            _ => TimeForm::One(reading(best)),
        }
    }
}

/// A number of seconds or milliseconds since 1970, if the text has the digits of one of our days.
fn epoch(
    text: &str,
    digits: std::ops::RangeInclusive<usize>,
    unit_ms: i64,
) -> Option<crate::normalise::CivilTime> {
    let whole = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = whole.then(|| text.parse().ok())??;
    epoch_time(number.checked_mul(unit_ms)?).ok()
}

/// Decimals beyond any currency's, so that only the marks decide whether a text reads.
const ANY_DIGITS: u8 = 8;

/// Reads every amount of a file under both decimal marks.
#[derive(Clone, Debug, Default)]
pub struct AmountEvidence {
    /// Texts that are not empty.
    pub texts: u64,
    /// Texts that read only with a point before the decimals.
    pub point: u64,
    /// Texts that read only with a comma before the decimals.
    pub comma: u64,
    /// Texts that read alike under both, having neither.
    pub plain: u64,
    /// Texts that mean another amount under each, as `1.200` does.
    pub either: u64,
    /// The first text of each kind: point, comma, either.
    pub examples: [Option<String>; 3],
}

/// Which mark a file's amounts show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MarkForm {
    /// No amount reads at all.
    None,
    /// No amount has a mark: both readings are the same.
    Any,
    /// Every amount that decides says so.
    One(DecimalMark),
    /// Amounts mean other sums under each, and none decides.
    Undecided,
    /// Some decide for the one and some for the other.
    Mixed,
}

impl AmountEvidence {
    /// Looks at one text; an empty one says nothing.
    pub fn add(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.texts += 1;
        let point = parse_minor(text, DecimalMark::Point, ANY_DIGITS).ok();
        let comma = parse_minor(text, DecimalMark::Comma, ANY_DIGITS).ok();
        let (count, kind) = match (point, comma) {
            (None, None) => return,
            (Some(_), None) => (&mut self.point, Some(0)),
            (None, Some(_)) => (&mut self.comma, Some(1)),
            (Some(one), Some(other)) if one == other => (&mut self.plain, None),
            _ => (&mut self.either, Some(2)),
        };
        *count += 1;
        if let Some(kind) = kind {
            self.examples[kind].get_or_insert_with(|| text.to_owned());
        }
    }

    /// Adds the counts of another column of the same file.
    pub fn merge(&mut self, other: &AmountEvidence) {
        self.texts += other.texts;
        self.point += other.point;
        self.comma += other.comma;
        self.plain += other.plain;
        self.either += other.either;
        for (mine, theirs) in self.examples.iter_mut().zip(&other.examples) {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        }
    }

    /// Texts that read as an amount under at least one mark.
    pub fn read(&self) -> u64 {
        self.point + self.comma + self.plain + self.either
    }

    /// What the texts so far say.
    pub fn mark(&self) -> MarkForm {
        match (self.point, self.comma, self.either) {
            _ if self.read() == 0 => MarkForm::None,
            (0, 0, 0) => MarkForm::Any,
            (0, 0, _) => MarkForm::Undecided,
            (_, 0, _) => MarkForm::One(DecimalMark::Point),
            (0, ..) => MarkForm::One(DecimalMark::Comma),
            _ => MarkForm::Mixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn times(texts: &[&str], expected: &str) {
        let mut forward = TimeEvidence::default();
        texts.iter().for_each(|text| forward.add(text));
        let mut backward = TimeEvidence::default();
        texts.iter().rev().for_each(|text| backward.add(text));
        assert_eq!(forward.form(), backward.form(), "the order of rows changes nothing");
        let shown = match forward.form() {
            TimeForm::None => "none".to_owned(),
            TimeForm::One(one) => match one.only {
                Some(only) => format!("{} {only}:{}", one.format, one.against),
                None => one.format,
            },
            TimeForm::Either(one, other) => format!("{} or {}", one.format, other.format),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_column_decides_where_a_value_cannot() {
        times(&["03/04/2026", "03/31/2026", "05/06/2026"], "%m/%d/%Y 1:0");
        times(&["03/04/2026", "31/03/2026", "", "05/06/2026"], "%d/%m/%Y 1:0");
        times(&["03/04/2026", "05/06/2026"], "%m/%d/%Y or %d/%m/%Y");
        times(&["13/01/2026", "14/01/2026", "01/15/2026"], "%d/%m/%Y 2:1");
        times(&["03/04/26 1:05", "x", "y"], "none");
        times(&["2026-03-31", "2026-04-01T10:00:00Z"], "");
        times(&["20260331", "19081209"], "%Y%m%d");
        times(&["1711893900", "1711893901"], "%s");
        times(&["31.03.2026", "01.04.2026"], "%d.%m.%Y 1:0");
        times(&["31-Mar-26", "01-Apr-26"], "%d-%b-%y");
        times(&["1200.00", "7"], "none");
        times(&[], "none");
    }

    #[track_caller]
    fn marks(texts: &[&str], expected: MarkForm) {
        let mut evidence = AmountEvidence::default();
        texts.iter().for_each(|text| evidence.add(text));
        assert_eq!(evidence.mark(), expected, "{texts:?}");
    }

    #[test]
    fn a_file_decides_its_decimal_mark() {
        marks(&["1.200", "7,25"], MarkForm::One(DecimalMark::Comma));
        marks(&["1,200", "7.25"], MarkForm::One(DecimalMark::Point));
        marks(&["1,200.00", "x"], MarkForm::One(DecimalMark::Point));
        marks(&["1.200"], MarkForm::Undecided);
        marks(&["1200", "7"], MarkForm::Any);
        marks(&["7.25", "7,25"], MarkForm::Mixed);
        marks(&["x"], MarkForm::None);
    }
}
