//! Days as spreadsheet programs number them: 46112 is the 31st of March 2026.
//!
//! Answers: which day, and which time of it, does such a number name, counted from 1900 or from
//! 1904? That a bare number is meant as a day is for a layout to say.

use crate::model::day_text;
use crate::normalise::{CivilProblem, CivilTime, epoch_time};

/// The word of a format that counts days as spreadsheet programs do, and of the one that counts
/// them from 1904.
pub(crate) const SERIAL: &str = "serial";
pub(crate) const SERIAL_1904: &str = "serial-1904";
/// Day 0 of each, in days since 1970: the 30th of December 1899, since these programs count a
/// 29th of February 1900, and the first of January 1904.
pub(crate) const SERIAL_ZERO: i32 = -25_569;
pub(crate) const SERIAL_1904_ZERO: i32 = -24_107;
/// Numbers that are likely to be meant as days: of the years 1982 to 2064, or four years later.
const SERIALS: std::ops::Range<f64> = 30_000.0..60_000.0;

/// A number of days since `zero`, with the part of a day that has gone by on the clock.
pub(crate) fn serial_number(text: &str, zero: i32) -> Result<CivilTime, CivilProblem> {
    let (days, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if days.is_empty() || days.len() > 6 || !digits(days) || !digits(part) {
        return Err(CivilProblem::Form);
    }
    let days: i32 = days.parse().map_err(|_| CivilProblem::Form)?;
    // A whole number is a day; such programs have the same number for its midnight.
    let part: f64 = format!("0.{part}0").parse().map_err(|_| CivilProblem::Form)?;
    let ms = (part * 86_400_000.0).round() as i64;
    // Before March 1900 the count is one off, since it has a day that never was.
    if zero == SERIAL_ZERO && days < 61 {
        return Err(CivilProblem::Year);
    }
    let civil = epoch_time((i64::from(zero) + i64::from(days)) * 86_400_000 + ms)?;
    let clock_ms = civil.clock_ms.filter(|_| ms > 0);
    Ok(CivilTime { clock_ms, offset_seconds: None, ..civil })
}

/// The days that a bare number would be to a spreadsheet program, each with its format: whether it
/// counts from 1900 or from 1904 is not to be seen from the number.
///
/// ```
/// use moneytrail::normalise::serial_readings;
///
/// let days = serial_readings("46112");
/// assert_eq!(days[0], ("serial", "2026-03-31".to_owned()));
/// assert_eq!(days[1], ("serial-1904", "2030-04-01".to_owned()));
/// assert!(serial_readings("12").is_empty() && serial_readings("4611200").is_empty());
/// ```
pub fn serial_readings(text: &str) -> Vec<(&'static str, String)> {
    let text = text.trim();
    if !text.parse().is_ok_and(|number| SERIALS.contains(&number)) {
        return Vec::new();
    }
    let read = |words: &'static str, zero: i32| {
        let civil = serial_number(text, zero).ok()?;
        Some((words, day_text(civil.day)))
    };
    [read(SERIAL, SERIAL_ZERO), read(SERIAL_1904, SERIAL_1904_ZERO)].into_iter().flatten().collect()
}
