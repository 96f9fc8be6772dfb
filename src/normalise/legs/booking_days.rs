//! Days as banks book on them: how far apart are two records of one transfer?
//!
//! Answers in steps of which a weekday has ten and a day of the weekend one, so that three days of
//! float are three on which banks book, and a payment that leaves on Thursday and arrives on
//! Tuesday is as near as one that leaves on Monday and arrives on Thursday. Days of a weekend stay
//! apart all the same: payments between persons are booked on them. Whatever lies within three
//! civil days lies within three of these. Public holidays stay out, since they are each country's
//! own: over one of them a float has a day less.

/// Steps of a weekday.
pub const DAY: i32 = 10;

/// Where a civil day, days since 1970, stands in steps. Ascending in days.
pub fn booked_on(day: i32) -> i32 {
    // 1970 began on a Thursday.
    let since_monday = i64::from(day) + 3;
    let (week, weekday) = (since_monday.div_euclid(7), since_monday.rem_euclid(7));
    let steps = (week * 5 + weekday.min(4)) * i64::from(DAY) + (weekday - 4).max(0);
    i32::try_from(steps).unwrap_or(if steps < 0 { i32::MIN } else { i32::MAX })
}

/// A window of days in steps.
pub fn window_of(days: i32) -> i32 {
    days.saturating_mul(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether two days of June 2026, which began on a Monday, are within three days of float.
    #[track_caller]
    fn check(left: i32, arrived: i32, within: bool) {
        let [left_on, arrived_on] =
            [left, arrived].map(|day| booked_on(civil_day(2026, 6, 1) + day - 1));
        assert_eq!((arrived_on - left_on).abs() <= window_of(3), within, "{left} and {arrived}");
    }

    fn civil_day(year: i16, month: i8, day: i8) -> i32 {
        let since = jiff::civil::date(year, month, day) - jiff::civil::date(1970, 1, 1);
        since.get_days()
    }

    #[test]
    fn a_float_is_of_days_on_which_banks_book() {
        // From Wednesday on, the third day is behind the weekend.
        for (left, until) in [(1, 4), (2, 5), (3, 8), (4, 9), (5, 10), (6, 10), (7, 10), (8, 11)] {
            check(left, until, true);
            check(left, until + 1, false);
            check(until, left, true);
        }
        check(3, 6, true);
        check(3, 7, true);
    }

    #[test]
    fn what_is_within_three_civil_days_is_within_three_of_these() {
        for day in -1_000..1_000 {
            for later in day..=day + 3 {
                let steps = booked_on(later) - booked_on(day);
                assert!(steps <= window_of(3) && steps >= later - day, "{day} and {later}");
            }
        }
        assert!(booked_on(i32::MIN) < booked_on(0) && booked_on(0) < booked_on(i32::MAX));
    }
}
