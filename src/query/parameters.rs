//! Parameters of a question: their types, and the reading of values that a person gives.
//!
//! A value is text until it is read by its parameter's type; what it becomes is a typed
//! literal, so a text that looks like SQL stays a text.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::Currency;
use crate::normalise::{DecimalMark, parse_minor_rounded};
use crate::query::Literal;
use crate::store::Case;

/// What kind of value a parameter takes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// Money of the case's currency as decimal text, `1200.00`; minor units in the statement.
    Amount,
    /// A decimal number that is no money, `0.25`.
    Number,
    /// An instant in RFC 3339 or in milliseconds since 1970, or a civil date: its first instant
    /// in the case's zone.
    Time,
    /// A civil date, `2024-03-31`.
    Date,
    /// `true` or `false`.
    Flag,
}

/// One parameter of a question in SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// As the statement names it after the colon.
    pub name: String,
    /// What kind of value it takes.
    pub kind: ParameterType,
    /// The value when none is given; a parameter without one must be given.
    pub default: Option<String>,
    /// Another name under which a value may be given.
    pub also: Option<String>,
    /// Whether an amount with more decimals than the case keeps is rounded, halves away from
    /// zero, as a layout may say of the amounts themselves.
    pub rounds: bool,
    /// What it means, for people.
    pub help: String,
    /// Line of the query file, from 1.
    pub line: usize,
    /// Column of that line, from 1.
    pub column: usize,
}

impl ParameterType {
    /// The word for it in query files.
    pub fn word(self) -> &'static str {
        match self {
            ParameterType::Text => "text",
            ParameterType::Integer => "integer",
            ParameterType::Amount => "amount",
            ParameterType::Number => "number",
            ParameterType::Time => "time",
            ParameterType::Date => "date",
            ParameterType::Flag => "flag",
        }
    }

    /// What would have been read.
    fn expected(self) -> &'static str {
        match self {
            ParameterType::Text => "a text",
            ParameterType::Integer => "a whole number such as 25",
            ParameterType::Amount => "an amount such as 1200.00",
            ParameterType::Number => "a decimal number such as 0.25",
            ParameterType::Time => "a time such as 2024-03-31T14:05:00-04:00, or a date",
            ParameterType::Date => "a date such as 2024-03-31",
            ParameterType::Flag => "true or false",
        }
    }

    /// Reads a value without a case: an amount with eight decimals at most, a date in UTC.
    /// `Err` says what would have been read.
    pub fn check(self, text: &str) -> std::result::Result<(), String> {
        self.read(text, 8, &TimeZone::UTC).map(|_| ())
    }

    /// Reads a value of the query file itself in a case. `Err` says what would have been read.
    pub(crate) fn literal(self, text: &str, case: &Case) -> std::result::Result<Literal, String> {
        self.read(text, digits_of(case, case.currency()), &case.zone())
    }

    fn read(
        self,
        text: &str,
        minor_digits: u8,
        zone: &TimeZone,
    ) -> std::result::Result<Literal, String> {
        let read = match self {
            ParameterType::Text => Some(Literal::Text(text.to_owned())),
            ParameterType::Integer => {
                // The least integer has no positive twin that the engine could negate.
                let number = text.parse::<i64>().ok().filter(|number| *number != i64::MIN);
                number.map(Literal::Integer)
            }
            ParameterType::Amount => minor_units(text, minor_digits).map(Literal::Integer),
            ParameterType::Number => plain_decimal(text).map(Literal::Number),
            ParameterType::Time => {
                epoch_ms(text).or_else(|| instant_ms(text, zone)).map(Literal::TimeMs)
            }
            ParameterType::Date => date(text).map(day_number).map(Literal::Day),
            ParameterType::Flag => match text {
                "true" => Some(Literal::Flag(true)),
                "false" => Some(Literal::Flag(false)),
                _ => None,
            },
        };
        read.ok_or_else(|| self.expected().to_owned())
    }
}

impl Parameter {
    /// The typed value of `given`, or of the default.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is neither, or the text is no value of the parameter's type.
    pub fn value(&self, given: Option<&str>, case: &Case) -> Result<Literal> {
        let Some(text) = given.or(self.default.as_deref()) else {
            let help = if self.help.is_empty() { "" } else { ": " };
            return Err(Error::Usage(format!(
                "the parameter {:?} needs a value, {}{help}{}",
                self.name,
                self.kind.expected(),
                self.help
            )));
        };
        let digits = digits_of(case, case.currency());
        let rounded = (self.kind == ParameterType::Amount && self.rounds)
            .then(|| plain_decimal(text))
            .flatten()
            .and_then(|plain| parse_minor_rounded(&plain, DecimalMark::Point, digits).ok());
        if let Some(minor) = rounded {
            return Ok(Literal::Integer(minor));
        }
        self.kind.read(text, digits, &case.zone()).map_err(|expected| {
            let decimals = match self.kind {
                ParameterType::Amount => {
                    format!(" with at most {digits} decimals, in {}", case.currency())
                }
                _ => String::new(),
            };
            Error::Usage(format!(
                "the parameter {:?}: found {text:?}, expected {expected}{decimals}",
                self.name
            ))
        })
    }
}

fn digits_of(case: &Case, currency: Currency) -> u8 {
    case.manifest().digits.of(currency)
}

/// `1200.00` as minor units; groups, signs other than `-` and spaces are refused, since a value
/// typed by hand has one meaning only if it is written one way.
fn minor_units(text: &str, digits: u8) -> Option<i64> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = match magnitude.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (magnitude, ""),
    };
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let digits = usize::from(digits);
    if whole.is_empty() || !numeric(whole) || !numeric(decimals) || decimals.len() > digits {
        return None;
    }
    let minor: i64 = format!("{whole}{decimals:0<digits$}").parse().ok()?;
    Some(if negative { -minor } else { minor })
}

/// Milliseconds since 1970 as programs write them: 12 or 13 digits, which no date has.
fn epoch_ms(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (12..=13).contains(&text.len())).then(|| text.parse().ok())?
}

/// `-12.5` and `1e-5` as a decimal without an exponent; `None` beyond 18 digits.
fn plain_decimal(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, magnitude) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, decimals) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let digits = format!("{whole}{decimals}");
    let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !numeric || exponent.abs() > 18 {
        return None;
    }
    let places = decimals.len() as i32 - exponent;
    let digits = match usize::try_from(places) {
        // Zeros before the first digit and behind the last leave a point in its place.
        Ok(places) => {
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, decimals) = padded.split_at(padded.len() - places);
            let decimals = decimals.trim_end_matches('0');
            match decimals {
                "" => whole.to_owned(),
                decimals => format!("{whole}.{decimals}"),
            }
        }
        Err(_) => format!("{digits}{}", "0".repeat(places.unsigned_abs() as usize)),
    };
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() || digits.starts_with('.') {
        format!("0{digits}")
    } else {
        digits.to_owned()
    };
    (digits.len() <= 19).then(|| format!("{sign}{digits}"))
}

fn date(text: &str) -> Option<Date> {
    // jiff also reads a date in front of a time; only the bare form is a civil day here.
    if text.len() != 10 {
        return None;
    }
    text.parse().ok()
}

fn day_number(date: Date) -> i32 {
    let since = Date::constant(1970, 1, 1).until(date).expect("both are days of the calendar");
    since.get_days()
}

fn instant_ms(text: &str, zone: &TimeZone) -> Option<i64> {
    if let Some(date) = date(text) {
        return date.to_zoned(zone.clone()).ok().map(|start| start.timestamp().as_millisecond());
    }
    text.parse::<Timestamp>().ok().map(|instant| instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ParameterType, text: &str, read: Option<Literal>) {
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(kind.read(text, 2, &zone).ok(), read, "{text:?} as {}", kind.word());
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let kind = ParameterType::Amount;
        check(kind, "1200.00", Some(Literal::Integer(120_000)));
        check(kind, "1200", Some(Literal::Integer(120_000)));
        check(kind, "-0.5", Some(Literal::Integer(-50)));
        for refused in ["", "-", ".5", "1.", "1,200.00", "1.005", "12e3", "+1", " 1", "1.-5"] {
            check(kind, refused, None);
        }
        check(kind, "92233720368547758.08", None);
    }

    #[test]
    fn a_date_is_its_first_instant_in_the_zone_of_the_case() {
        check(ParameterType::Time, "2024-03-31", Some(Literal::TimeMs(1_711_857_600_000)));
        let instant = Some(Literal::TimeMs(1_711_908_300_000));
        check(ParameterType::Time, "2024-03-31T14:05:00-04:00", instant.clone());
        check(ParameterType::Time, "2024-03-31T18:05:00Z", instant);
        check(ParameterType::Time, "2024-03-31T14:05:00", None);
        check(ParameterType::Time, "yesterday", None);
    }

    #[test]
    fn other_types_are_read_one_way() {
        check(ParameterType::Date, "2024-03-31", Some(Literal::Day(19_813)));
        check(ParameterType::Date, "1969-12-31", Some(Literal::Day(-1)));
        check(ParameterType::Date, "2024-02-30", None);
        check(ParameterType::Date, "03/31/2024", None);
        check(ParameterType::Integer, "-7", Some(Literal::Integer(-7)));
        check(ParameterType::Integer, "-9223372036854775808", None);
        check(ParameterType::Integer, "1; drop", None);
        check(ParameterType::Flag, "true", Some(Literal::Flag(true)));
        check(ParameterType::Flag, "yes", None);
        check(ParameterType::Text, "' or 1=1", Some(Literal::Text("' or 1=1".to_owned())));
    }
}
