//! Dates and clock times as texts show them, before any zone is applied.
//!
//! Answers: which digits of this text are the year, the month, the hour? Formats made of numbers
//! are read by position; words (`%b`, `%A`, `%j` ...) are left to jiff, which reads more and
//! costs more.

use jiff::fmt::strtime::{BrokenDownTime, format};

use crate::normalise::month_respelled;

/// A date as shown, with the clock time and the offset that stand beside it, if they do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CivilTime {
    /// Days since 1970-01-01.
    pub(crate) day: i32,
    /// Milliseconds since the clock showed midnight; `None` for a date alone.
    pub(crate) clock_ms: Option<i64>,
    /// Seconds east of UTC, where the text states them.
    pub(crate) offset_seconds: Option<i32>,
}

/// Why a text is not a time of a format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CivilProblem {
    /// The text is built otherwise.
    Form,
    /// The 30th of February, or the 61st minute.
    NotInCalendar,
    /// Before 1900 or after 2199.
    Year,
}

/// How a field writes its times.
#[derive(Clone, Debug)]
pub(crate) enum CivilFormat {
    /// Numbers by position.
    Numeric(Vec<Item>),
    /// Anything else of strftime.
    Words(String),
}

/// One piece of a numeric format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    /// `%Y`, four digits.
    Year,
    /// `%y`: 69 to 99 are of the 1900s, 00 to 68 of the 2000s, as POSIX has it.
    ShortYear,
    /// `%m`, one or two digits.
    Month,
    /// `%d`, one or two digits.
    Day,
    /// `%H`, 0 to 23.
    Hour,
    /// `%I`, 1 to 12.
    HalfDayHour,
    /// `%M`.
    Minute,
    /// `%S`.
    Second,
    /// `%f`: one to nine digits of a second.
    Fraction,
    /// `%.f`: the same with its point, or nothing.
    PointFraction,
    /// `%p`: AM or PM in any case.
    HalfDay,
    /// `%z`: `Z`, `+05`, `+0530` or `+05:30`.
    Offset,
    /// A byte that stands for itself.
    Literal(u8),
    /// White space: one space or more, or none.
    Space,
}

impl CivilFormat {
    /// Compiles strftime words.
    ///
    /// # Errors
    ///
    /// What is wrong with the format, in words for the person who wrote it.
    pub(crate) fn new(words: &str) -> Result<CivilFormat, String> {
        let sample = jiff::civil::date(2024, 3, 31).at(14, 5, 6, 0);
        let sample = sample.to_zoned(jiff::tz::TimeZone::UTC).map_err(|bad| bad.to_string())?;
        let compiled = match numeric_items(words) {
            Some(items) => CivilFormat::Numeric(items),
            None => {
                let shown = format(words, &sample).map_err(|bad| bad.to_string())?;
                let read = BrokenDownTime::parse(words, &shown).map_err(|bad| bad.to_string())?;
                if read.to_date().is_err() && read.timestamp().is_none() {
                    return Err("it has no year, month and day".to_owned());
                }
                return Ok(CivilFormat::Words(words.to_owned()));
            }
        };
        if let CivilFormat::Numeric(items) = &compiled {
            let has = |item| items.contains(&item);
            if !(has(Item::Year) || has(Item::ShortYear)) || !has(Item::Month) || !has(Item::Day) {
                return Err("it has no year, month and day".to_owned());
            }
            let clock = has(Item::Hour) || has(Item::HalfDayHour);
            if !clock && (has(Item::Minute) || has(Item::Second) || has(Item::HalfDay)) {
                return Err("it has minutes or seconds and no hour".to_owned());
            }
            if has(Item::HalfDayHour) && !has(Item::HalfDay) {
                return Err("%I needs %p beside it; %H takes hours of 24".to_owned());
            }
        }
        Ok(compiled)
    }

    /// Reads a text without leading or trailing spaces.
    pub(crate) fn read(&self, text: &str) -> Result<CivilTime, CivilProblem> {
        match self {
            CivilFormat::Numeric(items) => read_numeric(items, text.as_bytes()),
            CivilFormat::Words(words) => match month_respelled(words, text) {
                // One column has `Aug. 30` beside `June 3` and `Sept. 2`.
                Some(respelled) => read_words(words, &respelled),
                None => read_words(words, text),
            },
        }
    }
}

/// The items of a format made of numbers only; `None` when it has others.
fn numeric_items(words: &str) -> Option<Vec<Item>> {
    let expanded = words
        .replace("%F", "%Y-%m-%d")
        .replace("%T", "%H:%M:%S")
        .replace("%R", "%H:%M")
        .replace("%D", "%m/%d/%y")
        .replace(".%f", "%.f");
    let mut items = Vec::new();
    let mut rest = expanded.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte.is_ascii_whitespace() {
            items.push(Item::Space);
            continue;
        }
        if byte != b'%' {
            items.push(Item::Literal(byte));
            continue;
        }
        let (&word, after) = rest.split_first()?;
        rest = after;
        items.push(match word {
            b'Y' => Item::Year,
            b'y' => Item::ShortYear,
            b'm' => Item::Month,
            b'd' | b'e' => Item::Day,
            b'H' | b'k' => Item::Hour,
            b'I' | b'l' => Item::HalfDayHour,
            b'M' => Item::Minute,
            b'S' => Item::Second,
            b'f' => Item::Fraction,
            b'p' | b'P' => Item::HalfDay,
            b'z' => Item::Offset,
            b'%' => Item::Literal(b'%'),
            b'.' => match rest.split_first()? {
                (b'f', after) => {
                    rest = after;
                    Item::PointFraction
                }
                _ => return None,
            },
            _ => return None,
        });
    }
    Some(items)
}

/// What has been read of a numeric format so far.
#[derive(Default)]
struct Parts {
    year: i32,
    month: u32,
    date: u32,
    hour: Option<u32>,
    half_day: Option<u32>,
    minute: u32,
    second: u32,
    millis: u32,
    offset_seconds: Option<i32>,
}

fn read_numeric(items: &[Item], text: &[u8]) -> Result<CivilTime, CivilProblem> {
    let mut parts = Parts::default();
    let mut rest = text;
    for item in items {
        rest = parts.take(*item, rest).ok_or(CivilProblem::Form)?;
    }
    if !rest.is_empty() {
        return Err(CivilProblem::Form);
    }
    parts.finish()
}

impl Parts {
    fn take<'t>(&mut self, item: Item, text: &'t [u8]) -> Option<&'t [u8]> {
        let rest = match item {
            Item::Year => {
                let (year, rest) = digits(text, 4, 4)?;
                self.year = year as i32;
                rest
            }
            Item::ShortYear => {
                let (year, rest) = digits(text, 2, 2)?;
                self.year = year as i32 + if year < 69 { 2000 } else { 1900 };
                rest
            }
            Item::Month => keep(&mut self.month, digits(text, 1, 2)?),
            Item::Day => keep(&mut self.date, digits(text, 1, 2)?),
            Item::Hour => {
                let (hour, rest) = digits(text, 1, 2)?;
                self.hour = Some(hour);
                rest
            }
            Item::HalfDayHour => {
                let (hour, rest) = digits(text, 1, 2)?;
                // Twelve counts as none, so that adding the half day's hours is right for it.
                self.hour = Some(if hour == 12 {
                    0
                } else if hour > 12 || hour == 0 {
                    99
                } else {
                    hour
                });
                rest
            }
            Item::Minute => keep(&mut self.minute, digits(text, 2, 2)?),
            Item::Second => keep(&mut self.second, digits(text, 2, 2)?),
            Item::Fraction => keep(&mut self.millis, fraction(text)?),
            Item::PointFraction => match text.split_first() {
                Some((b'.' | b',', after)) => keep(&mut self.millis, fraction(after)?),
                _ => text,
            },
            Item::HalfDay => {
                let (mark, rest) = text.split_at_checked(2)?;
                self.half_day = Some(match [mark[0] | 0x20, mark[1] | 0x20] {
                    [b'a', b'm'] => 0,
                    [b'p', b'm'] => 12,
                    _ => return None,
                });
                rest
            }
            Item::Offset => {
                let (seconds, rest) = offset(text)?;
                self.offset_seconds = Some(seconds);
                rest
            }
            Item::Literal(byte) => match text.split_first() {
                Some((first, after)) if *first == byte => after,
                _ => return None,
            },
            Item::Space => text.trim_ascii_start(),
        };
        Some(rest)
    }

    fn finish(self) -> Result<CivilTime, CivilProblem> {
        if self.month == 0 || self.month > 12 || self.date == 0 {
            return Err(CivilProblem::NotInCalendar);
        }
        let day = day_of(self.year, self.month, self.date)?;
        let clock_ms = match self.hour {
            None => None,
            Some(hour) => {
                let hour = hour + self.half_day.unwrap_or(0);
                if hour > 23 || self.minute > 59 || self.second > 59 {
                    return Err(CivilProblem::NotInCalendar);
                }
                let seconds = hour * 3_600 + self.minute * 60 + self.second;
                Some(i64::from(seconds) * 1_000 + i64::from(self.millis))
            }
        };
        Ok(CivilTime { day, clock_ms, offset_seconds: self.offset_seconds })
    }
}

fn keep<'t>(part: &mut u32, (value, rest): (u32, &'t [u8])) -> &'t [u8] {
    *part = value;
    rest
}

/// A number of `least` to `most` digits at the start of a text, and what follows.
fn digits(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let length = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    if length < least {
        return None;
    }
    let value = text[..length].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    Some((value, &text[length..]))
}

/// Digits of a second as whole milliseconds; what is finer is dropped.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 9 {
        return None;
    }
    let digit = |at: usize| if at < length { u32::from(text[at] - b'0') } else { 0 };
    Some((digit(0) * 100 + digit(1) * 10 + digit(2), &text[length..]))
}

/// `Z`, `+05`, `+0530` or `+05:30` as seconds east of UTC.
fn offset(text: &[u8]) -> Option<(i32, &[u8])> {
    let (&sign, rest) = text.split_first()?;
    let sign = match sign {
        b'Z' | b'z' => return Some((0, rest)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2, 2)?;
    let after_colon = rest.strip_prefix(b":");
    let (minutes, rest) = match (digits(after_colon.unwrap_or(rest), 2, 2), after_colon) {
        (Some(read), _) => read,
        (None, Some(_)) => return None,
        (None, None) => (0, rest),
    };
    // The furthest clocks in use stand 14 hours from UTC; local mean times of old, nearly 16.
    if hours > 15 || minutes > 59 {
        return None;
    }
    Some((sign * (hours * 3_600 + minutes * 60) as i32, rest))
}

/// Days since 1970-01-01 of a date of the years 1900 to 2199, month 1 to 12.
fn day_of(year: i32, month: u32, date: u32) -> Result<i32, CivilProblem> {
    const BEFORE_MONTH: [i32; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    if !(1900..2200).contains(&year) {
        return Err(CivilProblem::Year);
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_index = month as usize - 1;
    let length = BEFORE_MONTH[month_index + 1] - BEFORE_MONTH[month_index];
    if date as i32 > length + i32::from(leap && month == 2) {
        return Err(CivilProblem::NotInCalendar);
    }
    let past = year - 1;
    // Days of whole years since the year 1; 719,162 of them precede 1970.
    let before_year = past * 365 + past / 4 - past / 100 + past / 400 - 719_162;
    Ok(before_year + BEFORE_MONTH[month_index] + i32::from(leap && month > 2) + date as i32 - 1)
}

fn read_words(words: &str, text: &str) -> Result<CivilTime, CivilProblem> {
    let read = BrokenDownTime::parse(words, text).map_err(|_| CivilProblem::Form)?;
    if let Some(instant) = read.timestamp() {
        return epoch_time(instant.as_millisecond());
    }
    let date = read.to_date().map_err(|_| CivilProblem::NotInCalendar)?;
    let day = day_of(i32::from(date.year()), date.month() as u32, date.day() as u32)?;
    let clock_ms = match read.hour() {
        None => None,
        Some(_) => {
            let time = read.to_time().map_err(|_| CivilProblem::NotInCalendar)?;
            let seconds = i64::from(time.hour()) * 3_600
                + i64::from(time.minute()) * 60
                + i64::from(time.second());
            Some(seconds * 1_000 + i64::from(time.millisecond()))
        }
    };
    let offset_seconds = read.offset().map(|offset| offset.seconds());
    Ok(CivilTime { day, clock_ms, offset_seconds })
}

/// An instant in milliseconds since 1970 as the clock of UTC shows it.
pub(crate) fn epoch_time(ms: i64) -> Result<CivilTime, CivilProblem> {
    const DAY_MS: i64 = 86_400_000;
    // 1900-01-01 and 2200-01-01 in days since 1970.
    let day = ms.div_euclid(DAY_MS);
    if !(-25_567..84_006).contains(&day) {
        return Err(CivilProblem::Year);
    }
    let clock_ms = Some(ms.rem_euclid(DAY_MS));
    Ok(CivilTime { day: day as i32, clock_ms, offset_seconds: Some(0) })
}

/// Reads ISO 8601 and RFC 3339: a date; a date and a time with `T` or a space between them, with
/// or without seconds, fraction and offset.
pub(crate) fn read_iso(text: &str) -> Result<CivilTime, CivilProblem> {
    use Item::{Day, Hour, Literal, Minute, Month, Offset, PointFraction, Second, Year};
    const DATE: [Item; 5] = [Year, Literal(b'-'), Month, Literal(b'-'), Day];
    let bytes = text.as_bytes();
    let dashed = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    if !dashed {
        let basic = bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit);
        return if basic {
            read_numeric(&[Year, Month, Day], bytes)
        } else {
            Err(CivilProblem::Form)
        };
    }
    let mut parts = Parts::default();
    let mut rest = bytes;
    let mut take = |items: &[Item], rest: &mut &[u8]| {
        for item in items {
            *rest = parts.take(*item, rest).ok_or(CivilProblem::Form)?;
        }
        Ok(())
    };
    take(&DATE, &mut rest)?;
    if let Some((b'T' | b't' | b' ', clock)) = rest.split_first() {
        rest = clock;
        take(&[Hour, Literal(b':'), Minute], &mut rest)?;
        if rest.starts_with(b":") {
            take(&[Literal(b':'), Second, PointFraction], &mut rest)?;
        }
        if !rest.is_empty() {
            take(&[Item::Space, Offset], &mut rest)?;
        }
    }
    if rest.is_empty() { parts.finish() } else { Err(CivilProblem::Form) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_day_read_is_jiffs() {
        let epoch = Date::constant(1970, 1, 1);
        let mut date = Date::constant(1900, 1, 1);
        while date.year() < 2200 {
            let day = day_of(i32::from(date.year()), date.month() as u32, date.day() as u32);
            assert_eq!(day, Ok((date - epoch).get_days()), "{date}");
            date = date.tomorrow().unwrap();
        }
        assert_eq!(day_of(2023, 2, 29), Err(CivilProblem::NotInCalendar));
        assert_eq!(day_of(2100, 2, 29), Err(CivilProblem::NotInCalendar));
        assert_eq!(day_of(2024, 4, 31), Err(CivilProblem::NotInCalendar));
        assert_eq!(day_of(1899, 12, 31), Err(CivilProblem::Year));
    }

    #[test]
    fn formats_that_name_no_day_are_refused() {
        for words in ["", "%H:%M", "%m/%d", "%Y-%m", "%Y-%m-%d %M", "%Y-%m-%d %I:%M", "%Q", "%"] {
            assert!(CivilFormat::new(words).is_err(), "{words:?}");
        }
        for words in ["%F", "%d %b %Y", "%A, %B %d, %Y", "%m/%d/%y %I:%M %p", "%Y%m%d%H%M%S"] {
            assert!(CivilFormat::new(words).is_ok(), "{words:?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_by_position_agree_with_jiff(
            words in prop::sample::select(vec![
                "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d %H:%M", "%Y%m%d%H%M%S",
                "%m/%d/%y %I:%M %p", "%Y-%m-%d %H:%M:%S%.f",
            ]),
            second in 0..4_000_000_000_i64,
        ) {
            let instant = jiff::Timestamp::from_second(second).unwrap();
            let shown = format(words, &instant.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
            let compiled = CivilFormat::new(words).unwrap();
            prop_assert!(matches!(compiled, CivilFormat::Numeric(_)));
            // Two-digit years are ambiguous beyond 2068, to jiff as to us.
            prop_assert_eq!(compiled.read(&shown), read_words(words, &shown), "{}", shown);
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*", words in ".*") {
            let _ = read_iso(&text);
            if let Ok(compiled) = CivilFormat::new(&words) {
                let _ = compiled.read(&text);
            }
        }
    }
}
