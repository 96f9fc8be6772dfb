//! The offsets of one time zone as a sorted table, so that a row costs a short binary search.
//!
//! Answers: which instant does this local time name, and which civil day holds this instant?
//! jiff knows the rules; asking it for each row of a large return would cost more than parsing
//! the row, and a cache in the reader could not be shared by threads.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// 1899-12-01T00:00:00Z and 2200-02-01T00:00:00Z, seconds since 1970: the table's ends, a month
/// beyond the years that are read.
const FIRST_SECOND: i64 = -2_211_667_200;
const LAST_SECOND: i64 = 7_260_796_800;

/// No zone is further than this from UTC, and no change of clocks is larger.
const OFFSET_MAX_SECONDS: i64 = 26 * 3_600;

const DAY_SECONDS: i64 = 86_400;

/// What a local time names in a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LocalTime {
    /// One instant, in seconds since 1970.
    Once(i64),
    /// The clocks were set back over it; holds the earlier instant.
    Repeated(i64),
    /// The clocks were set forward over it; holds the instant of the change.
    Skipped(i64),
}

/// Offsets of a zone from 1900 to 2199.
#[derive(Clone, Debug)]
pub(crate) struct ZoneOffsets {
    /// Second from which the offset of the same index holds, ascending.
    starts: Vec<i64>,
    /// Seconds east of UTC.
    offsets: Vec<i64>,
}

impl ZoneOffsets {
    /// Asks jiff for every change of clocks in the table's years; some hundreds for most zones.
    pub(crate) fn new(zone: &TimeZone) -> ZoneOffsets {
        let first = Timestamp::from_second(FIRST_SECOND).expect("1899 is within jiff's calendar");
        let mut starts = vec![i64::MIN];
        let mut offsets = vec![i64::from(zone.to_offset(first).seconds())];
        for change in zone.following(first) {
            let second = change.timestamp().as_second();
            if second > LAST_SECOND {
                break;
            }
            let offset = i64::from(change.offset().seconds());
            // A change of name alone (EWT to EPT) is no change of clocks.
            if offsets.last() != Some(&offset) {
                starts.push(second);
                offsets.push(offset);
            }
        }
        ZoneOffsets { starts, offsets }
    }

    /// The instant of a local time given as the seconds its clock shows since 1970.
    pub(crate) fn instant(&self, local_seconds: i64) -> LocalTime {
        let after = self
            .starts
            .partition_point(|&start| start <= local_seconds.saturating_add(OFFSET_MAX_SECONDS));
        let mut found = None;
        // From the last offset that could hold back to the first that could.
        for at in (0..after).rev() {
            let second = local_seconds - self.offsets[at];
            let end = self.starts.get(at + 1).copied().unwrap_or(i64::MAX);
            if self.starts[at] <= second && second < end {
                found = Some(match found {
                    None => LocalTime::Once(second),
                    Some(_) => LocalTime::Repeated(second),
                });
            }
            if self.starts[at] < local_seconds.saturating_sub(OFFSET_MAX_SECONDS) {
                break;
            }
        }
        found.unwrap_or_else(|| LocalTime::Skipped(self.change_over(local_seconds)))
    }

    /// The change of clocks that skipped a local time.
    fn change_over(&self, local_seconds: i64) -> i64 {
        let skips = |at: &usize| {
            let start = self.starts[*at];
            start.saturating_add(self.offsets[*at - 1]) <= local_seconds
                && local_seconds < start.saturating_add(self.offsets[*at])
        };
        let at = (1..self.starts.len()).find(skips);
        self.starts[at.expect("a local time without instant was skipped by a change of clocks")]
    }

    /// The civil day, in days since 1970-01-01, that holds an instant.
    pub(crate) fn day(&self, second: i64) -> i32 {
        let at = self.starts.partition_point(|&start| start <= second) - 1;
        let day = (second + self.offsets[at]).div_euclid(DAY_SECONDS);
        i32::try_from(day).expect("an instant of a year before 2200 has a day of 32 bits")
    }

    /// The first instant of a civil day; `None` for a day that the zone left out altogether.
    pub(crate) fn start_of_day(&self, day: i32) -> Option<i64> {
        match self.instant(i64::from(day) * DAY_SECONDS) {
            LocalTime::Once(second) | LocalTime::Repeated(second) => Some(second),
            LocalTime::Skipped(second) => (self.day(second) == day).then_some(second),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, DateTime};
    use jiff::tz::AmbiguousOffset;
    use proptest::prelude::*;

    use super::*;

    const ZONES: [&str; 8] = [
        "America/New_York",
        "Europe/London",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "UTC",
    ];

    /// Days since 1970 of a date, and jiff's own answer for a local time.
    fn local(at: DateTime) -> i64 {
        TimeZone::UTC.to_timestamp(at).unwrap().as_second()
    }

    #[track_caller]
    fn check(zone: &str, at: &str, expected: &str) {
        let table = ZoneOffsets::new(&TimeZone::get(zone).unwrap());
        let found = match table.instant(local(at.parse().unwrap())) {
            LocalTime::Once(second) => format!("once {}", Timestamp::from_second(second).unwrap()),
            LocalTime::Repeated(second) => {
                format!("repeated {}", Timestamp::from_second(second).unwrap())
            }
            LocalTime::Skipped(second) => {
                format!("skipped {}", Timestamp::from_second(second).unwrap())
            }
        };
        assert_eq!(found, expected, "{zone} {at}");
    }

    #[test]
    fn clock_changes_are_told_apart() {
        check("America/New_York", "2024-03-10T01:59:59", "once 2024-03-10T06:59:59Z");
        check("America/New_York", "2024-03-10T02:00:00", "skipped 2024-03-10T07:00:00Z");
        check("America/New_York", "2024-03-10T03:00:00", "once 2024-03-10T07:00:00Z");
        check("America/New_York", "2024-11-03T01:30:00", "repeated 2024-11-03T05:30:00Z");
        check("America/New_York", "2024-11-03T02:00:00", "once 2024-11-03T07:00:00Z");
        check("UTC", "2024-03-10T02:00:00", "once 2024-03-10T02:00:00Z");
        check("Asia/Kolkata", "2024-03-10T02:00:00", "once 2024-03-09T20:30:00Z");
    }

    #[test]
    fn a_day_without_midnight_starts_later_and_a_day_left_out_does_not_start() {
        let brazil = ZoneOffsets::new(&TimeZone::get("America/Sao_Paulo").unwrap());
        let day = |text: &str| {
            let date: Date = text.parse().unwrap();
            (local(date.to_datetime(jiff::civil::Time::midnight())) / DAY_SECONDS) as i32
        };
        let start = brazil.start_of_day(day("2018-11-04")).unwrap();
        assert_eq!(Timestamp::from_second(start).unwrap().to_string(), "2018-11-04T03:00:00Z");
        assert_eq!(brazil.day(start), day("2018-11-04"));
        let samoa = ZoneOffsets::new(&TimeZone::get("Pacific/Apia").unwrap());
        assert_eq!(samoa.start_of_day(day("2011-12-30")), None);
        assert!(samoa.start_of_day(day("2011-12-31")).is_some());
    }

    proptest! {
        #[test]
        fn the_table_agrees_with_jiff(
            zone in prop::sample::select(ZONES.to_vec()),
            second in -2_208_988_800_i64..7_258_000_000,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let table = ZoneOffsets::new(&zone);
            let stamp = Timestamp::from_second(second).unwrap();
            let at = zone.to_datetime(stamp);
            let epoch = Date::constant(1970, 1, 1);
            prop_assert_eq!(table.day(second), (at.date() - epoch).get_days());
            let shown = TimeZone::UTC.to_datetime(stamp);
            let asked = zone.to_ambiguous_timestamp(shown);
            match (table.instant(second), asked.offset()) {
                (LocalTime::Once(found), AmbiguousOffset::Unambiguous { .. })
                | (LocalTime::Repeated(found), AmbiguousOffset::Fold { .. }) => {
                    prop_assert_eq!(found, asked.earlier().unwrap().as_second());
                }
                (LocalTime::Skipped(_), AmbiguousOffset::Gap { .. }) => {}
                (found, jiffs) => prop_assert!(false, "{found:?} {jiffs:?}"),
            }
        }
    }
}
