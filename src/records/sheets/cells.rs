//! One cell: what its type says, and the text that a person would have written.

use calamine::{Data, DataRef, ExcelDateTime};
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::{BrokenDownTime, format};

/// Whole numbers from here on are not held exactly by the numbers of a workbook.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
/// From here on a number has more digits than spreadsheet programs keep of what is typed.
const KEPT_MAX: f64 = 1_000_000_000_000_000.0;
/// Digits that a person can put into a number cell; more are what arithmetic left there.
const TYPED_DIGITS: usize = 15;
/// How far a sum may be from an amount of four decimals and still be meant as that amount.
const NOISE_MAX: f64 = 0.000_000_5;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Text as written.
    Text(String),
    /// A number.
    Number(f64),
    /// A number that is shown in a currency, with its sign or code.
    Money(f64, String),
    /// TRUE or FALSE.
    Flag(bool),
    /// A day, or a day and a time.
    Date(Date, Option<Time>),
    /// A time of day without a day.
    Clock(Time),
    /// A length of time in milliseconds.
    Span(i64),
    /// An error of a formula, `#REF!`.
    Failed(String),
}

/// What a column's cells are wanted as.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Wanted {
    /// Text.
    #[default]
    Text,
    /// A time in the layout's format; ISO 8601 without one.
    Time(Option<String>),
    /// A duration in the layout's format.
    Duration(Option<String>),
    /// The number or name of something, of which every digit counts.
    Identifier,
    /// What somebody wrote as text: a number or a date by type says nothing of how it is written.
    Written,
}

impl Cell {
    /// A cell of an XLSX sheet.
    pub(super) fn of(found: &DataRef<'_>) -> Cell {
        match found {
            DataRef::Empty => Cell::Blank,
            DataRef::Int(number) => Cell::Text(number.to_string()),
            DataRef::Float(number) => Cell::Number(*number),
            DataRef::String(text) => Cell::Text(text.clone()),
            DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
            DataRef::Bool(flag) => Cell::Flag(*flag),
            DataRef::DateTime(serial) => of_serial(*serial),
            DataRef::DateTimeIso(text) => of_iso(text),
            DataRef::DurationIso(text) => of_iso_span(text),
            DataRef::Error(error) => Cell::Failed(error.to_string()),
        }
    }

    /// A cell of an XLS sheet.
    pub(super) fn of_data(found: &Data) -> Cell {
        match found {
            Data::Empty => Cell::Blank,
            Data::Int(number) if number.unsigned_abs() < EXACT_MAX as u64 => {
                Cell::Number(*number as f64)
            }
            Data::Int(number) => Cell::Text(number.to_string()),
            Data::Float(number) => Cell::Number(*number),
            Data::String(text) => Cell::Text(text.clone()),
            Data::Bool(flag) => Cell::Flag(*flag),
            Data::DateTime(serial) => of_serial(*serial),
            Data::DateTimeIso(text) => of_iso(text),
            Data::DurationIso(text) => of_iso_span(text),
            Data::Error(error) => Cell::Failed(error.to_string()),
        }
    }

    /// Whether there is nothing in it to see.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Blank => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// Bytes of text it holds, for bounds.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Cell::Text(text) | Cell::Failed(text) => text.len(),
            _ => 8,
        }
    }

    /// The text a person sees, or nearly: for the record as a whole, never for a value.
    pub fn seen(&self, decimal_mark: u8) -> String {
        match self.text(&Wanted::Text, decimal_mark) {
            Ok(text) => text,
            Err(Refusal { found, .. }) => found,
        }
    }

    /// The text that stands for its value in a file of rows.
    pub fn text(&self, wanted: &Wanted, decimal_mark: u8) -> Result<String, Refusal> {
        Ok(match self {
            Cell::Blank => String::new(),
            cell if *wanted == Wanted::Written => match cell {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            },
            Cell::Text(text) => text.clone(),
            Cell::Number(number)
                if *wanted == Wanted::Identifier
                    && (KEPT_MAX..EXACT_MAX).contains(&number.abs())
                    && number % 10.0 == 0.0 =>
            {
                let why = "expected all digits of the number: a spreadsheet program keeps fifteen \
                           and writes zeros for the others, so that this may be another one; ask \
                           the producer for it as text";
                return Err(Refusal { found: number.to_string(), why: why.to_owned() });
            }
            Cell::Number(number) => number_text(*number, decimal_mark)?,
            Cell::Money(number, currency) => {
                format!("{} {currency}", number_text(*number, decimal_mark)?)
            }
            Cell::Flag(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            Cell::Date(day, time) => date_text(*day, *time, wanted),
            Cell::Clock(time) => {
                let ms = i64::from(time.hour()) * 3_600_000
                    + i64::from(time.minute()) * 60_000
                    + i64::from(time.second()) * 1_000
                    + i64::from(time.millisecond());
                match wanted {
                    Wanted::Time(Some(words)) => {
                        clock_text(*time, words).unwrap_or_else(|| span_text(ms, wanted))
                    }
                    _ => span_text(ms, wanted),
                }
            }
            Cell::Span(ms) => span_text(*ms, wanted),
            Cell::Failed(error) => {
                let why = "expected a value, not an error of the workbook's own formula; ask the \
                           producer for the value";
                return Err(Refusal { found: error.clone(), why: why.to_owned() });
            }
        })
    }
}

/// Why a cell has no text that could be relied on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The text as far as there is one.
    pub found: String,
    /// What was expected, and what to do.
    pub why: String,
}

fn of_serial(serial: ExcelDateTime) -> Cell {
    let value = serial.as_f64();
    if !value.is_finite() || value.abs() > 3_000_000.0 {
        return Cell::Number(value);
    }
    if serial.is_duration() {
        return Cell::Span((value * 86_400_000.0).round() as i64);
    }
    if value < 0.0 {
        return Cell::Number(value);
    }
    let (year, month, day, hour, minute, second, ms) = serial.to_ymd_hms_milli();
    let time = Time::new(hour as i8, minute as i8, second as i8, i32::from(ms) * 1_000_000);
    let Ok(time) = time else { return Cell::Number(value) };
    if value < 1.0 && !(value == 0.0 && year == 1904) {
        return Cell::Clock(time);
    }
    match Date::new(year as i16, month as i8, day as i8) {
        // A sheet has one number for midnight and for the whole day.
        Ok(day) => Cell::Date(day, (time != Time::midnight()).then_some(time)),
        // The 29th of February 1900, which only workbooks have.
        Err(_) => Cell::Text(format!("{year:04}-{month:02}-{day:02}")),
    }
}

/// A date, or a date and a time, as OpenDocument and newer XLSX write them.
pub(super) fn of_iso(text: &str) -> Cell {
    let written = text.trim();
    if let Ok(day) = written.parse::<Date>()
        && !written.contains(['T', 't', ' '])
    {
        return Cell::Date(day, None);
    }
    // An offset would be lost here; such a text is read as it is.
    let zoned = written.ends_with(['Z', 'z']) || written.rfind(['+', '-']).is_some_and(|at| at > 9);
    match written.parse::<DateTime>() {
        Ok(at) if !zoned => {
            let time = at.time();
            Cell::Date(at.date(), (time != Time::midnight()).then_some(time))
        }
        _ => Cell::Text(text.to_owned()),
    }
}

/// A duration as OpenDocument writes it: `PT01H30M00S`.
pub(super) fn of_iso_span(text: &str) -> Cell {
    match text.trim().parse::<jiff::SignedDuration>() {
        Ok(span) => i64::try_from(span.as_millis()).map_or(Cell::Text(text.to_owned()), Cell::Span),
        Err(_) => Cell::Text(text.to_owned()),
    }
}

/// A date in the words of a layout, if they can say all of it; else as ISO 8601, which a reader
/// with another format refuses and shows.
fn date_text(day: Date, time: Option<Time>, wanted: &Wanted) -> String {
    let at = day.to_datetime(time.unwrap_or(Time::midnight()));
    if let Wanted::Time(Some(words)) = wanted
        && let Ok(text) = format(words, at)
        && let Ok(read) = BrokenDownTime::parse(words, &text)
        && read.to_date().is_ok_and(|date| date == day)
        && read.to_time().unwrap_or(Time::midnight()) == at.time()
    {
        return text;
    }
    match time {
        None => day.to_string(),
        Some(_) => at.to_string(),
    }
}

fn clock_text(time: Time, words: &str) -> Option<String> {
    let text = format(words, Date::constant(2000, 1, 1).to_datetime(time)).ok()?;
    let read = BrokenDownTime::parse(words, &text).ok()?;
    // Words that ask for a day have none to say.
    (read.to_date().is_err() && read.to_time().ok() == Some(time)).then_some(text)
}

fn span_text(ms: i64, wanted: &Wanted) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    let rest = if rest == 0 { String::new() } else { format!(".{rest:03}") };
    let second = seconds % 60;
    match wanted {
        Wanted::Duration(Some(words)) if words == "%s" => format!("{sign}{seconds}{rest}"),
        Wanted::Duration(Some(words)) if words == "%M:%S" => {
            format!("{sign}{}:{second:02}{rest}", seconds / 60)
        }
        _ => {
            let (hours, minute) = (seconds / 3_600, seconds / 60 % 60);
            format!("{sign}{hours:02}:{minute:02}:{second:02}{rest}")
        }
    }
}

/// The text of a number: never with an exponent, never with digits that arithmetic left, never
/// with digits that the workbook could not keep.
fn number_text(number: f64, decimal_mark: u8) -> Result<String, Refusal> {
    if !number.is_finite() {
        let why = "expected a number".to_owned();
        return Err(Refusal { found: number.to_string(), why });
    }
    if number.abs() >= EXACT_MAX {
        let why = "expected a whole number below 9007199254740992: a workbook rounds longer ones, \
                   so that this may not be what was entered; ask the producer for it as text";
        return Err(Refusal { found: number.to_string(), why: why.to_owned() });
    }
    if number.fract() == 0.0 {
        return Ok((number as i64).to_string());
    }
    let mut text = number.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']).bytes();
    if digits.filter(u8::is_ascii_digit).count() > TYPED_DIGITS {
        let amount = format!("{number:.4}");
        let meant = amount.parse::<f64>().unwrap_or(f64::NAN);
        let trimmed = amount.trim_end_matches('0').trim_end_matches('.');
        // A long amount that is exact already would only grow.
        if (number - meant).abs() < NOISE_MAX && trimmed.len() < text.len() {
            text = if trimmed == "-0" { "0".to_owned() } else { trimmed.to_owned() };
        }
    }
    if decimal_mark != b'.' {
        text = text.replace('.', &char::from(decimal_mark).to_string());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[track_caller]
    fn number(value: f64, text: &str) {
        assert_eq!(Cell::Number(value).text(&Wanted::Text, b'.').unwrap(), text);
    }

    #[test]
    fn numbers_read_as_a_person_wrote_them() {
        number(1_200.0, "1200");
        number(0.1 + 0.2, "0.3");
        number(4.35 * 100.0, "435");
        number(-1_234.560_000_000_000_4, "-1234.56");
        number(12_345_678.910_000_002, "12345678.91");
        number(12_345_678_901_234.56, "12345678901234.56");
        number(4_410_000_007.0, "4410000007");
        number(1_200_000_000_000_000.0, "1200000000000000");
        number(0.123_456_78, "0.12345678");
        number(1e-7, "0.0000001");
        number(-0.0, "0");
        // Not an amount by any reading: left as it is, for the reader of amounts to refuse.
        number(1.0 / 3.0, "0.3333333333333333");
        assert_eq!(Cell::Number(-1_200.5).text(&Wanted::Text, b',').unwrap(), "-1200,5");
    }

    #[test]
    fn numbers_that_a_workbook_cannot_keep_are_refused() {
        for value in [9_007_199_254_740_992.0, 4.41e19, -1e300, f64::NAN, f64::INFINITY] {
            let refused = Cell::Number(value).text(&Wanted::Text, b'.').unwrap_err();
            assert!(refused.why.starts_with("expected"), "{refused:?}");
        }
        let refused = Cell::Failed("#REF!".to_owned()).text(&Wanted::Text, b'.').unwrap_err();
        assert_eq!(refused.found, "#REF!");
    }

    #[test]
    fn numbers_of_more_digits_than_are_kept_name_nothing() {
        let as_what = |value: f64| Cell::Number(value).text(&Wanted::Identifier, b'.');
        for value in [4_111_111_111_111_110.0, 1_000_000_000_000_000.0] {
            let refused = as_what(value).unwrap_err();
            assert!(refused.why.starts_with("expected all digits"), "{refused:?}");
        }
        // A program wrote the one, and the other is short enough.
        assert_eq!(as_what(4_111_111_111_111_111.0).unwrap(), "4111111111111111");
        assert_eq!(as_what(123_456_789_012_340.0).unwrap(), "123456789012340");
        assert_eq!(as_what(4_410_000_007.0).unwrap(), "4410000007");
    }

    #[track_caller]
    fn serial(value: f64, is_1904: bool, wanted: &Wanted, text: &str) {
        let cell = of_serial(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904));
        assert_eq!(cell.text(wanted, b'.').unwrap(), text, "{value}");
    }

    #[test]
    fn dates_read_in_both_systems_and_in_the_words_of_the_layout() {
        let iso = Wanted::Time(None);
        let us = Wanted::Time(Some("%m/%d/%Y".to_owned()));
        let timed = Wanted::Time(Some("%m/%d/%Y %H:%M".to_owned()));
        serial(45_352.0, false, &iso, "2024-03-01");
        serial(43_890.0, true, &iso, "2024-03-01");
        serial(45_352.604_166_666_664, false, &iso, "2024-03-01T14:30:00");
        serial(45_352.0, false, &us, "03/01/2024");
        // The time of day would be lost; ISO 8601 is refused by the reader, and so it shows.
        serial(45_352.5, false, &us, "2024-03-01T12:00:00");
        serial(45_352.5, false, &timed, "03/01/2024 12:00");
        serial(45_352.0, false, &timed, "03/01/2024 00:00");
        serial(60.0, false, &iso, "1900-02-29");
        serial(59.0, false, &iso, "1900-02-28");
        serial(61.0, false, &iso, "1900-03-01");
        serial(0.604_166_666_666_667, false, &iso, "14:30:00");
        serial(0.604_166_666_666_667, false, &Wanted::Time(Some("%H:%M".to_owned())), "14:30");
        let far = ExcelDateTime::new(f64::MAX, ExcelDateTimeType::DateTime, false);
        assert_eq!(of_serial(far), Cell::Number(f64::MAX));
    }

    #[test]
    fn durations_read_in_the_words_of_the_layout() {
        let span = Cell::Span(95_000);
        for (words, text) in [("%s", "95"), ("%M:%S", "1:35"), ("%H:%M:%S", "00:01:35")] {
            let wanted = Wanted::Duration(Some(words.to_owned()));
            assert_eq!(span.text(&wanted, b'.').unwrap(), text);
        }
        assert_eq!(of_iso_span("PT00H01M35S"), span);
        assert_eq!(of_iso("2024-03-01"), Cell::Date(Date::constant(2024, 3, 1), None));
        assert_eq!(of_iso("2024-03-01T10:00:00Z"), Cell::Text("2024-03-01T10:00:00Z".to_owned()));
    }
}
