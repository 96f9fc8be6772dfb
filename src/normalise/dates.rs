//! When a record says something happened.
//!
//! Answers: which instant, or which whole civil day, does this text name in the case? A date
//! without a time stays a date; a time without an offset needs a zone that somebody stated; what
//! could be read in two ways is refused with the format to set. Nothing is guessed from other
//! rows.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{Stamp, day_text};
use crate::normalise::{
    BareTime, CivilFormat, CivilProblem, CivilTime, LocalTime, SERIAL, SERIAL_1904,
    SERIAL_1904_ZERO, SERIAL_ZERO, TIME_WORDS, ZoneOffsets, ZoneWord, epoch_time, read_iso,
    readings_of, serial_number, serial_readings, weekday_name, weekday_on, zone_of_letters,
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
    /// The same zone with the letters of its clocks.
    named: TimeZone,
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
            named: zone,
            case_zone: ZoneOffsets::new(&case_zone),
            zone_stated,
        })
    }

    /// Reads one time. Allocates nothing for texts it accepts in a format made of numbers. A
    /// weekday beside the date and the letters of a zone behind the clock must agree with it.
    ///
    /// # Errors
    ///
    /// [`TimeProblem`]: another form, a day that does not exist, a year outside 1900 to 2199, a
    /// local time that a change of clocks skipped, a time whose zone nobody stated, a weekday or
    /// zone that contradicts.
    pub fn read(&self, text: &str) -> Result<ReadTime, TimeProblem> {
        let text = text.trim();
        let problem = match self.civil(text) {
            Ok(civil) => return self.stamp(civil),
            Err(problem) => problem,
        };
        match BareTime::of(text) {
            Some(bare) if problem == CivilProblem::Form => self.read_bare(text, &bare),
            _ => Err(self.civil_problem(text, problem)),
        }
    }

    fn civil(&self, text: &str) -> Result<CivilTime, CivilProblem> {
        match &self.form {
            Form::Iso => read_iso(text),
            Form::EpochSeconds => epoch_number(text, 1_000),
            Form::EpochMilliseconds => epoch_number(text, 1),
            // A sheet has days by type among the numbers.
            Form::Serial(zero) => serial_number(text, *zero).or_else(|_| read_iso(text)),
            Form::Format(format) => format.read(text),
        }
    }

    fn stamp(&self, civil: CivilTime) -> Result<ReadTime, TimeProblem> {
        match civil.clock_ms {
            None => self.whole_day(civil),
            Some(clock_ms) => self.instant(civil, clock_ms),
        }
    }

    /// Reads a time whose words around it were taken off, and asks whether they agree with it.
    fn read_bare(&self, text: &str, bare: &BareTime<'_>) -> Result<ReadTime, TimeProblem> {
        let read = self.civil(bare.text);
        let mut civil = read.map_err(|problem| self.civil_problem(text, problem))?;
        let falls_on = weekday_on(civil.day);
        if bare.weekday.is_some_and(|stated| stated != falls_on) {
            let (day, name) = (day_text(civil.day), weekday_name(falls_on));
            let expected = format!("a weekday that fits its date: {day} is a {name}");
            let ask = || "ask the producer which of the two is right".to_owned();
            let hint = self.readable_format(text).unwrap_or_else(ask);
            return Err(TimeProblem::new(expected, Some(hint)));
        }
        match (bare.zone, civil.clock_ms, civil.offset_seconds) {
            (Some(ZoneWord::Offset(seconds)), Some(_), None) => {
                civil.offset_seconds = Some(seconds);
                self.stamp(civil)
            }
            (Some(ZoneWord::Letters(letters)), Some(clock_ms), None) => {
                self.lettered(civil, clock_ms, letters)
            }
            // What two parts of one text say of the zone is not weighed against each other.
            (Some(_), ..) => Err(self.civil_problem(text, CivilProblem::Form)),
            (None, ..) => self.stamp(civil),
        }
    }

    /// The instant of a local time behind which letters of a zone stand: those that the clocks of
    /// the stated zone show then. `EST` is no offset by itself: others than New York write it.
    fn lettered(
        &self,
        civil: CivilTime,
        clock_ms: i64,
        letters: &str,
    ) -> Result<ReadTime, TimeProblem> {
        let known = zone_of_letters(letters);
        let zone = known.map_or("America/New_York", |(zone, _)| zone);
        if !self.zone_stated {
            let or = if known.is_some() { "another zone" } else { "the zone" };
            return Err(TimeProblem::new(
                format!("a time whose zone is stated: {letters} may be several"),
                Some(format!(
                    "set timezone = {zone:?} (or {or} whose clocks show {letters}) for the field, \
                     in the layout file or in the case file"
                )),
            ));
        }
        let shown = i64::from(civil.day) * 86_400 + clock_ms.div_euclid(1_000);
        let of_all_year = |abbreviation: &str| {
            letters.len() == 2 && known.is_some_and(|(_, words)| words.contains(&abbreviation))
        };
        let mut fitting: Vec<i64> = Vec::new();
        let mut clocks: Vec<String> = Vec::new();
        for second in self.instants_shown(shown) {
            let at = Timestamp::from_second(second).expect("a year before 2200 is jiff's");
            let info = self.named.to_offset_info(at);
            let abbreviation = info.abbreviation();
            if abbreviation.eq_ignore_ascii_case(letters) || of_all_year(abbreviation) {
                fitting.push(second);
            }
            clocks.push(abbreviation.to_owned());
        }
        if let Some(second) = fitting.first() {
            let ms = second * 1_000 + clock_ms.rem_euclid(1_000);
            let stamp = Stamp { ms, day: self.case_zone.day(*second), timed: true };
            return Ok(ReadTime { stamp, ambiguous: fitting.len() > 1 });
        }
        if clocks.is_empty() {
            // The clocks were set forward over it.
            return self.instant(civil, clock_ms);
        }
        let stated = self.named.iana_name().unwrap_or("the stated zone");
        Err(TimeProblem::new(
            format!("the letters of its zone: clocks of {stated} showed {} then", clocks[0]),
            Some(self.lettered_remedy(letters, known.map(|(zone, _)| zone), stated)),
        ))
    }

    fn lettered_remedy(&self, letters: &str, known: Option<&str>, stated: &str) -> String {
        let words = if self.words.is_empty() { "%Y-%m-%d %H:%M:%S" } else { &self.words };
        let ignored = format!("format = \"{words} {letters}\" takes the letters for nothing");
        match known {
            Some(zone) if zone != stated => format!(
                "set timezone = {zone:?} for the field, or in the layout file, if these are its \
                 clocks; {ignored}"
            ),
            _ => format!(
                "ask the producer whether its clocks show {letters} all the year: if so, set \
                 timezone = {letters:?} for the field; if they follow {stated}, {ignored}"
            ),
        }
    }

    /// The instants at which clocks of the stated zone show these seconds since 1970: none where
    /// they were set forward over it, two where they were set back.
    fn instants_shown(&self, shown: i64) -> Vec<i64> {
        let first = match self.zone.instant(shown) {
            LocalTime::Once(second) => return vec![second],
            LocalTime::Repeated(second) => second,
            LocalTime::Skipped(_) => return Vec::new(),
        };
        let at = Timestamp::from_second(shown).expect("a year before 2200 is jiff's");
        let at = TimeZone::UTC.to_datetime(at);
        let later = self.named.to_ambiguous_timestamp(at).later();
        let mut both = vec![first];
        both.extend(later.ok().map(Timestamp::as_second).filter(|second| *second != first));
        both
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

/// Reads a duration as whole seconds: `%s` plain seconds, `%M` whole minutes, `%M:%S`,
/// `%H:%M:%S`; without a format, whichever of these the text has the shape of, a plain number as
/// seconds.
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
        Some("%M") => "a duration in whole minutes such as 2",
        Some("%M:%S") => "a duration in minutes and seconds such as 1:35",
        Some("%H:%M:%S") => "a duration in hours, minutes and seconds such as 00:01:35",
        Some(_) => {
            let known = "set format = \"%s\", \"%M\", \"%M:%S\" or \"%H:%M:%S\" for the \
                         field";
            return Err(TimeProblem::new("a known form of duration", Some(known.to_owned())));
        }
    };
    let parts = text.split(':').count();
    let fits = match format {
        None => parts <= 3,
        Some("%s" | "%M") => parts == 1,
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
    if format == Some("%M") {
        seconds = seconds.saturating_mul(60);
    }
    i32::try_from(seconds).map_err(|_| refused("a duration within 68 years"))
}

#[cfg(test)]
mod tests;
