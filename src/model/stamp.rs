//! When something happened: an instant, or a civil day when the record states no time.
//!
//! Parsing texts is `normalise`'s; this file holds the value and its one way of being written.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A time as the case keeps it. A civil date is the whole day in the case's zone.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Hash)]
pub struct Stamp {
    /// Milliseconds since 1970-01-01T00:00:00Z; for a civil date, its first instant in the
    /// case's zone.
    pub ms: i64,
    /// Civil day in the case's zone, days since 1970-01-01.
    pub day: i32,
    /// False when the record gave a date without a time.
    pub timed: bool,
}

/// Days since 1970-01-01 of a civil date.
pub fn day_of(date: Date) -> i32 {
    (date - Date::constant(1970, 1, 1)).get_days()
}

/// `2024-03-31` for days since 1970-01-01; a day beyond the calendar is written as its number.
pub fn day_text(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let date = Span::new().try_days(day).and_then(|days| epoch.checked_add(days));
    date.map_or_else(|_| day.to_string(), |date| date.to_string())
}

/// RFC 3339 in the case's zone: `2024-03-31T14:05:00-04:00`.
pub fn time_text(ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(instant) => {
            let local = instant.to_zoned(zone.clone());
            let offset = instant.display_with_offset(local.offset());
            offset.to_string()
        }
        Err(_) => ms.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_written_one_way() {
        assert_eq!(day_text(0), "1970-01-01");
        assert_eq!(day_text(19_813), "2024-03-31");
        assert_eq!(day_text(-1), "1969-12-31");
        assert_eq!(day_of(Date::constant(2024, 3, 31)), 19_813);
        assert_eq!(day_of(Date::constant(1969, 12, 31)), -1);
        assert_eq!(day_text(i32::MAX), "2147483647");
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(time_text(1_711_908_300_000, &zone), "2024-03-31T14:05:00-04:00");
        assert_eq!(time_text(0, &TimeZone::UTC), "1970-01-01T00:00:00+00:00");
    }
}
