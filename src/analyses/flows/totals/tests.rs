//! Totals of small cases through one function.

use super::periods::period_start;
use super::*;
use crate::analyses::flows::Period;

#[track_caller]
fn check(period: Period, day: &str, expected: &str) {
    let day = day_of(day.parse().unwrap());
    let periods = Periods::new(period, &[day]);
    assert_eq!(period_text(period, periods.start(day)), expected);
    assert_eq!(period_start(period, day), periods.start(day));
}

#[test]
fn days_fall_into_calendar_periods() {
    check(Period::Day, "2024-02-29", "2024-02-29");
    check(Period::Month, "2024-02-29", "2024-02");
    check(Period::Quarter, "2024-03-31", "2024-Q1");
    check(Period::Quarter, "2024-04-01", "2024-Q2");
    check(Period::Year, "1969-12-31", "1969");
    check(Period::All, "2024-02-29", "all");
}
