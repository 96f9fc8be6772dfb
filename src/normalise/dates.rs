//! When a record says something happened.
//!
//! Answers: which instant, or which whole civil day, does this text name in the case? A date
//! without a time stays a date; a time without an offset needs a zone that somebody stated; what
//! could be read in two ways is refused with the format to set. Nothing is guessed from other
//! rows.

use std::fmt;

use jiff::tz::TimeZone;

use crate::model::Stamp;
use crate::normalise::{
    CivilFormat, CivilProblem, CivilTime, LocalTime, SERIAL, SERIAL_1904, SERIAL_1904_ZERO,
    SERIAL_ZERO, TIME_WORDS, ZoneOffsets, epoch_time, read_iso, readings_of, serial_number,
    serial_readings,
};

/// Formats that a refusal names, at most.
const NAMED_MAX: usize = 3;
/// Formats that a refusal may name and that nothing shows by itself: bare numbers.
const NAMED_ONLY: [&str; 5] = ["%m%d%Y", "%d%m%Y", "%y%m%d", "%m%d%y", "%d%m%y"];

/// A time as read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReadTime {
    /// The instant, or the whole day; its day is always the case zone's.
    pub stamp: Stamp,
    /// The clocks were set back over this local time; the earlier instant was taken.
    pub ambiguous: bool,
}

/// Why a time was refused. Its `Display` reads as the `expected` of an `Error::Field`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimeProblem {
    expected: String,
    hint: Option<String>,
}

impl TimeProblem {
    /// What to do about it, when there is something to do.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    fn new(expected: impl Into<String>, hint: Option<String>) -> TimeProblem {
        TimeProblem { expected: expected.into(), hint }
    }
}

impl fmt::Display for TimeProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.expected)
    }
}

#[derive(Clone, Debug)]
enum Form {
    Iso,
    EpochSeconds,
    EpochMilliseconds,
    /// Days, and parts of a day, since this one.
    Serial(i32),
    Format(CivilFormat),
}

/// Reads the times of one field. Built once for the field and shared by threads.
#[derive(Clone, Debug)]
pub struct TimeReader {
    form: Form,
    /// The format as written, for messages.
    words: String,
    zone: ZoneOffsets,
    case_zone: ZoneOffsets,
    zone_stated: bool,
}

impl TimeReader {
    /// A reader for one field.
    ///
    /// `format` takes strftime words, `%s` for epoch seconds, `%s%3f` for epoch milliseconds,
    /// `serial` and `serial-1904` for the day numbers of spreadsheet programs; without one, ISO
    /// 8601 and RFC 3339 are read. `zone` is the nearest one stated for the field; `zone_stated` is
    /// false when neither field, layout nor case file names one.
    ///
    /// # Errors
    ///
    /// What is wrong with the format, in words that follow the key's name.
    pub fn new(
        format: Option<&str>,
        zone: TimeZone,
        case_zone: TimeZone,
        zone_stated: bool,
    ) -> Result<TimeReader, String> {
        let form = match format {
            None => Form::Iso,
            Some("%s") => Form::EpochSeconds,
            Some("%s%3f") => Form::EpochMilliseconds,
            Some(SERIAL) => Form::Serial(SERIAL_ZERO),
            Some(SERIAL_1904) => Form::Serial(SERIAL_1904_ZERO),
            Some(words) => Form::Format(CivilFormat::new(words).map_err(|why| {
                format!("{words:?} does not read as the format of a time: {why}")
            })?),
        };
        Ok(TimeReader {
            form,
            words: format.unwrap_or_default().to_owned(),
            zone: ZoneOffsets::new(&zone),
            case_zone: ZoneOffsets::new(&case_zone),
            zone_stated,
        })
    }

    /// Reads one time. Allocates nothing for texts it accepts in a format made of numbers.
    ///
    /// # Errors
    ///
    /// [`TimeProblem`]: another form, a day that does not exist, a year outside 1900 to 2199, a
    /// local time that a change of clocks skipped, a time whose zone nobody stated.
    pub fn read(&self, text: &str) -> Result<ReadTime, TimeProblem> {
        let text = text.trim();
        let civil = match &self.form {
            Form::Iso => read_iso(text),
            Form::EpochSeconds => epoch_number(text, 1_000),
            Form::EpochMilliseconds => epoch_number(text, 1),
            // A sheet has days by type among the numbers.
            Form::Serial(zero) => serial_number(text, *zero).or_else(|_| read_iso(text)),
            Form::Format(format) => format.read(text),
        };
        let civil = civil.map_err(|problem| self.civil_problem(text, problem))?;
        match civil.clock_ms {
            None => self.whole_day(civil),
            Some(clock_ms) => self.instant(civil, clock_ms),
        }
    }

    fn whole_day(&self, civil: CivilTime) -> Result<ReadTime, TimeProblem> {
        let start = self.case_zone.start_of_day(civil.day).ok_or_else(|| {
            TimeProblem::new("a day that the case's time zone has (it left this one out)", None)
        })?;
        let stamp = Stamp { ms: start * 1_000, day: civil.day, timed: false };
        Ok(ReadTime { stamp, ambiguous: false })
    }

    fn instant(&self, civil: CivilTime, clock_ms: i64) -> Result<ReadTime, TimeProblem> {
        let shown = i64::from(civil.day) * 86_400 + clock_ms.div_euclid(1_000);
        let (second, ambiguous) =
            match civil.offset_seconds {
                Some(offset) => (shown - i64::from(offset), false),
                None if !self.zone_stated => {
                    return Err(TimeProblem::new(
                    "a time with an offset such as 2024-03-31T14:05:00-04:00",
                    Some("set timezone = \"America/New_York\" (or the zone the records were kept \
                         in) for the field, in the layout file or in the case file".to_owned()),
                ));
                }
                None => {
                    match self.zone.instant(shown) {
                        LocalTime::Once(second) => (second, false),
                        LocalTime::Repeated(second) => (second, true),
                        LocalTime::Skipped(_) => {
                            return Err(TimeProblem::new(
                        "a local time that exists (clocks were set forward over this one)",
                        Some("set timezone to the zone these times were kept in, for the field \
                             or in the layout file".to_owned()),
                    ));
                        }
                    }
                }
            };
        let ms = second * 1_000 + clock_ms.rem_euclid(1_000);
        let day = self.case_zone.day(second);
        Ok(ReadTime { stamp: Stamp { ms, day, timed: true }, ambiguous })
    }

    #[cold]
    fn civil_problem(&self, text: &str, problem: CivilProblem) -> TimeProblem {
        match problem {
            _ if text.is_empty() => TimeProblem::new("a time, not an empty field", None),
            CivilProblem::Year => TimeProblem::new("a year from 1900 to 2199", None),
            CivilProblem::NotInCalendar => {
                let hint = self.readable_format(text);
                TimeProblem::new("a day and time that exist", hint)
            }
            CivilProblem::Form => {
                let expected = match &self.form {
                    Form::Iso => {
                        "a time such as 2024-03-31 or 2024-03-31T14:05:00-04:00".to_owned()
                    }
                    Form::EpochSeconds => "seconds since 1970 such as 1711893900".to_owned(),
                    Form::EpochMilliseconds => {
                        "milliseconds since 1970 such as 1711893900000".to_owned()
                    }
                    Form::Serial(zero) => {
                        let example = if *zero == SERIAL_ZERO { "46112" } else { "44650" };
                        format!("the day number of a spreadsheet program such as {example}")
                    }
                    Form::Format(_) => format!("a time in the form {}", self.words),
                };
                TimeProblem::new(expected, self.readable_format(text))
            }
        }
    }

    /// Which formats would read the text: the remedy is the person's to choose when several would.
    fn readable_format(&self, text: &str) -> Option<String> {
        let mut named: Vec<String> = Vec::new();
        let mut days = Vec::new();
        for (at, civil) in readings_of(text) {
            let words = TIME_WORDS[at].words.as_str();
            if words.is_empty() && !matches!(self.form, Form::Iso) {
                let remedy = "remove format from the field: ISO 8601 is read without one";
                return Some(remedy.to_owned());
            }
            // Two ways that say the same day are one remedy.
            if !words.is_empty() && words != self.words && !days.contains(&civil) {
                named.push(format!("{words:?}"));
                days.push(civil);
            }
        }
        let bare = text.bytes().all(|byte| byte.is_ascii_digit());
        if named.is_empty() && bare && matches!(text.len(), 6 | 8) {
            named = NAMED_ONLY
                .iter()
                .filter(|words| **words != self.words)
                .filter_map(|words| {
                    let read = CivilFormat::new(words).ok()?.read(text).is_ok();
                    read.then(|| format!("{words:?}"))
                })
                .collect();
        }
        let serials = serial_readings(text);
        if named.is_empty() && !serials.is_empty() {
            let others = serials.iter().filter(|(words, _)| *words != self.words);
            let read = others.map(|(words, day)| format!("{words:?} ({day})"));
            let read = read.collect::<Vec<_>>().join(" or ");
            return Some(format!(
                "a spreadsheet program may have written the number of a day: set format = {read} \
                 for the field"
            ));
        }
        named.truncate(NAMED_MAX);
        (!named.is_empty()).then(|| format!("set format = {} for the field", named.join(" or ")))
    }
}

fn epoch_number(text: &str, unit_ms: i64) -> Result<CivilTime, CivilProblem> {
    let number: i64 = text.parse().map_err(|_| CivilProblem::Form)?;
    epoch_time(number.checked_mul(unit_ms).ok_or(CivilProblem::Year)?)
}

/// Reads a duration as whole seconds: `%s` plain seconds, `%M:%S`, `%H:%M:%S`; without a format,
/// whichever of the three the text has the shape of.
///
/// # Errors
///
/// [`TimeProblem`] for another shape, minutes or seconds above 59 behind a larger unit, and more
/// than 32 bits of seconds.
pub fn read_duration(text: &str, format: Option<&str>) -> Result<i32, TimeProblem> {
    let text = text.trim();
    let refused = |expected: &str| TimeProblem::new(expected, None);
    let expected = match format {
        None => "a duration such as 95, 1:35 or 00:01:35",
        Some("%s") => "a duration in seconds such as 95",
        Some("%M:%S") => "a duration in minutes and seconds such as 1:35",
        Some("%H:%M:%S") => "a duration in hours, minutes and seconds such as 00:01:35",
        Some(_) => {
            let known = "set format = \"%s\", \"%M:%S\" or \"%H:%M:%S\" for the field";
            return Err(TimeProblem::new("a known form of duration", Some(known.to_owned())));
        }
    };
    let parts = text.split(':').count();
    let fits = match format {
        None => parts <= 3,
        Some("%s") => parts == 1,
        Some("%M:%S") => parts == 2,
        Some(_) => parts == 3,
    };
    if !fits {
        return Err(refused(expected));
    }
    let mut seconds = 0_i64;
    for (at, part) in text.split(':').enumerate() {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let value: i64 = part.parse().ok().filter(|_| digits).ok_or_else(|| refused(expected))?;
        if at > 0 && (value > 59 || part.len() != 2) {
            return Err(refused(expected));
        }
        seconds =
            seconds.checked_mul(60).and_then(|sum| sum.checked_add(value)).unwrap_or(i64::MAX);
    }
    i32::try_from(seconds).map_err(|_| refused("a duration within 68 years"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{day_text, time_text};

    fn reader(format: Option<&str>, zone_stated: bool) -> TimeReader {
        let zone = TimeZone::get("America/New_York").unwrap();
        TimeReader::new(format, zone.clone(), zone, zone_stated).unwrap()
    }

    #[track_caller]
    fn check(format: Option<&str>, text: &str, expected: &str) {
        let read = reader(format, true).read(text).expect(text);
        let zone = TimeZone::get("America/New_York").unwrap();
        let shown = match read.stamp.timed {
            true => time_text(read.stamp.ms, &zone),
            false => day_text(read.stamp.day),
        };
        let mark = if read.ambiguous { " ambiguous" } else { "" };
        assert_eq!(format!("{shown}{mark}"), expected, "{text:?}");
        assert!(shown.starts_with(&day_text(read.stamp.day)), "{text:?}");
    }

    #[track_caller]
    fn refused(format: Option<&str>, text: &str, expected: &str, hint: Option<&str>) {
        let problem = reader(format, true).read(text).expect_err(text);
        assert_eq!(problem.to_string(), expected, "{text:?}");
        assert_eq!(problem.hint(), hint, "{text:?}");
    }

    #[test]
    fn iso_times_read_without_a_format() {
        check(None, "2024-03-31", "2024-03-31");
        check(None, " 20240331 ", "2024-03-31");
        check(None, "2024-03-31T14:05", "2024-03-31T14:05:00-04:00");
        check(None, "2024-03-31 14:05:09", "2024-03-31T14:05:09-04:00");
        check(None, "2024-03-31T14:05:09.5Z", "2024-03-31T10:05:09.5-04:00");
        check(None, "2024-03-31T02:05:09+00:00", "2024-03-30T22:05:09-04:00");
        check(None, "2024-03-31 14:05:09 -0400", "2024-03-31T14:05:09-04:00");
        check(None, "2024-11-03T01:30:00", "2024-11-03T01:30:00-04:00 ambiguous");
        check(None, "2024-11-03T01:30:00-05:00", "2024-11-03T01:30:00-05:00");
    }

    #[test]
    fn formats_read_what_they_say() {
        check(Some("%m/%d/%Y"), "3/4/2024", "2024-03-04");
        check(Some("%d/%m/%Y"), "03/04/2024", "2024-04-03");
        check(Some("%d.%m.%Y"), "31.03.2024", "2024-03-31");
        check(Some("%Y/%m/%d %H:%M"), "2022/09/01 00:20", "2022-09-01T00:20:00-04:00");
        check(
            Some("%Y-%m-%d %H:%M:%S.%f"),
            "2024-03-31 14:05:09.250",
            "2024-03-31T14:05:09.25-04:00",
        );
        check(Some("%m/%d/%Y %I:%M:%S %p"), "03/31/2024 12:05:09 AM", "2024-03-31T00:05:09-04:00");
        check(Some("%d %b %Y"), "31 Mar 2024", "2024-03-31");
        check(Some("%m/%d/%y"), "03/31/24", "2024-03-31");
        check(Some("%s"), "1711893900", "2024-03-31T10:05:00-04:00");
        check(Some("%s%3f"), "1711893900250", "2024-03-31T10:05:00.25-04:00");
        check(Some("%d%b%Y"), "03APR2026", "2026-04-03");
        check(Some("serial"), "46112", "2026-03-31");
        check(Some("serial"), "46112.0", "2026-03-31");
        check(Some("serial"), "61", "1900-03-01");
        check(Some("serial"), "46112.5869212963", "2026-03-31T14:05:10-04:00");
        check(Some("serial"), "2026-03-31", "2026-03-31");
        check(Some("serial-1904"), "44650", "2026-03-31");
    }

    #[test]
    fn what_cannot_be_read_in_one_way_is_refused() {
        let iso = "a time such as 2024-03-31 or 2024-03-31T14:05:00-04:00";
        let both = Some("set format = \"%m/%d/%Y\" or \"%d/%m/%Y\" for the field");
        refused(None, "03/04/2024", iso, both);
        refused(None, "03/31/2024", iso, Some("set format = \"%m/%d/%Y\" for the field"));
        refused(None, "31/03/2024", iso, Some("set format = \"%d/%m/%Y\" for the field"));
        refused(None, "1711893900", iso, Some("set format = \"%s\" for the field"));
        refused(None, "soon", iso, None);
        refused(
            None,
            "46112",
            iso,
            Some(
                "a spreadsheet program may have written the number of a day: set format = \
                 \"serial\" (2026-03-31) or \"serial-1904\" (2030-04-01) for the field",
            ),
        );
        refused(None, "03APR2026", iso, Some("set format = \"%d%b%Y\" for the field"));
        refused(None, "2026.03.31", iso, Some("set format = \"%Y.%m.%d\" for the field"));
        refused(None, "Mar 3, 2026", iso, Some("set format = \"%b %d, %Y\" for the field"));
        refused(None, "033126", iso, Some("set format = \"%m%d%y\" for the field"));
        refused(
            None,
            "03312026",
            "a day and time that exist",
            Some("set format = \"%m%d%Y\" for the field"),
        );
        refused(
            None,
            "030426",
            iso,
            Some("set format = \"%y%m%d\" or \"%m%d%y\" or \"%d%m%y\" for the field"),
        );
        refused(None, "", "a time, not an empty field", None);
        refused(None, "2024-02-30", "a day and time that exist", None);
        refused(None, "2024-03-31T24:00", "a day and time that exist", None);
        refused(None, "1899-12-31", "a year from 1900 to 2199", None);
        refused(None, "2200-01-01", "a year from 1900 to 2199", None);
        refused(Some("%s"), "99999999999999999", "a year from 1900 to 2199", None);
        let month = "a time in the form %m/%d/%Y";
        refused(
            Some("%m/%d/%Y"),
            "2024-03-31",
            month,
            Some("remove format from the field: ISO 8601 is read without one"),
        );
        refused(
            Some("%m/%d/%Y"),
            "31/03/2024",
            "a day and time that exist",
            Some("set format = \"%d/%m/%Y\" for the field"),
        );
        let skipped = reader(None, true).read("2024-03-10T02:30:00").unwrap_err();
        assert!(skipped.to_string().contains("set forward"), "{skipped}");
    }

    #[test]
    fn a_time_whose_zone_nobody_stated_is_refused_and_a_date_is_not() {
        let unstated = reader(None, false);
        let problem = unstated.read("2024-03-31T14:05:00").unwrap_err();
        assert!(problem.hint().unwrap().starts_with("set timezone = "), "{problem:?}");
        assert!(unstated.read("2024-03-31T14:05:00Z").is_ok());
        assert!(unstated.read("2024-03-31").is_ok());
    }

    #[test]
    fn durations_are_whole_seconds() {
        let seconds = |text: &str, format| read_duration(text, format).ok();
        assert_eq!(seconds("95", None), Some(95));
        assert_eq!(seconds(" 1:35 ", None), Some(95));
        assert_eq!(seconds("00:01:35", Some("%H:%M:%S")), Some(95));
        assert_eq!(seconds("100:00", Some("%M:%S")), Some(6_000));
        assert_eq!(seconds("1:35", Some("%s")), None);
        for text in ["", "-5", "+5", "1:60", "1:5", "1:2:3:4", "1.5", "99999999999", ":30"] {
            assert_eq!(seconds(text, None), None, "{text:?}");
        }
        assert!(read_duration("1", Some("%d")).unwrap_err().hint().is_some());
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            for format in [None, Some("%s"), Some("%s%3f"), Some("%d %b %Y"), Some("%m/%d/%Y")] {
                let _ = reader(format, true).read(&text);
            }
            let _ = read_duration(&text, None);
        }

        #[test]
        fn what_is_written_reads_back(ms in -2_208_000_000_000_i64..7_258_000_000_000) {
            let zone = TimeZone::get("America/New_York").unwrap();
            let read = reader(None, false).read(&time_text(ms, &zone)).unwrap();
            prop_assert_eq!(read.stamp.ms, ms);
        }
    }
}
