//! Business days: on which one a deposit counts, and how many lie between two.
//!
//! Saturdays, Sundays and holidays count as the next business day. The hour after which a bank
//! books to the next day is its own and stands in no record, so a deposit made at night stays on
//! its date.
//!
//! Source: the holidays of the Federal Reserve Banks (5 U.S.C. 6103, and their schedule: one on a
//! Sunday is kept on Monday, one on a Saturday leaves Friday open), by rule for every year;
//! Juneteenth from 2021, Martin Luther King's birthday from 1986.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use crate::error::{Error, Result};

/// Which days banks keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusinessDays {
    /// Days since 1970-01-01; the Federal Reserve's when `None`.
    holidays: Option<BTreeSet<i32>>,
}

impl BusinessDays {
    /// The Federal Reserve's holidays where the list is empty, else the dates of the list and no
    /// others.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for what is no date such as `2024-12-25`.
    pub(crate) fn new(holidays: &[String]) -> Result<BusinessDays> {
        let day = |text: &String| {
            let date: Date = text.parse().map_err(|_| {
                Error::Usage(format!("holidays has {text:?}, expected a date such as 2024-12-25"))
            })?;
            Ok(date.since(date_of(0)).map_or(0, |span| span.get_days()))
        };
        let listed: BTreeSet<i32> = holidays.iter().map(day).collect::<Result<_>>()?;
        Ok(BusinessDays { holidays: (!listed.is_empty()).then_some(listed) })
    }

    /// False on weekends and holidays.
    pub(crate) fn is_business(&self, day: i32) -> bool {
        // The first of 1970 was a Thursday.
        let weekend = (i64::from(day) + 3).rem_euclid(7) >= 5;
        !weekend
            && match &self.holidays {
                Some(listed) => !listed.contains(&day),
                None => !is_federal_holiday(day),
            }
    }

    /// The day itself or the next business day.
    pub(crate) fn on_or_after(&self, day: i32) -> i32 {
        let mut at = day;
        while !self.is_business(at) && at < i32::MAX {
            at += 1;
        }
        at
    }

    /// The business day that stands `steps` business days after one.
    pub(crate) fn after(&self, day: i32, steps: u32) -> i32 {
        (0..steps).fold(self.on_or_after(day), |at, _| self.on_or_after(at.saturating_add(1)))
    }
}

fn date_of(day: i32) -> Date {
    date(1970, 1, 1).checked_add(day.days()).unwrap_or(Date::MAX)
}

/// Whether the Federal Reserve Banks are closed on a weekday.
fn is_federal_holiday(day: i32) -> bool {
    let date = date_of(day);
    let nth = (date.day() - 1) / 7 + 1;
    let last = date.day() + 7 > date.days_in_month();
    let fixed = |date: Date| match (date.month(), date.day()) {
        (1, 1) | (7, 4) | (11, 11) | (12, 25) => true,
        (6, 19) => date.year() >= 2021,
        _ => false,
    };
    let monday = date.weekday() == Weekday::Monday;
    let moving = match (date.month(), date.weekday()) {
        (1, Weekday::Monday) => nth == 3 && date.year() >= 1986,
        (2, Weekday::Monday) => nth == 3,
        (5, Weekday::Monday) => last,
        (9, Weekday::Monday) => nth == 1,
        (10, Weekday::Monday) => nth == 2,
        (11, Weekday::Thursday) => nth == 4,
        _ => false,
    };
    moving || fixed(date) || monday && date.yesterday().is_ok_and(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::day_text;

    fn day(text: &str) -> i32 {
        text.parse::<Date>().unwrap().since(date_of(0)).unwrap().get_days()
    }

    #[track_caller]
    fn check(from: &str, counts_on: &str) {
        let days = BusinessDays::default();
        assert_eq!(day_text(days.on_or_after(day(from))), counts_on);
    }

    #[test]
    fn weekends_and_holidays_count_on_the_next_business_day() {
        check("2024-03-08", "2024-03-08");
        check("2024-03-09", "2024-03-11");
        check("2024-03-10", "2024-03-11");
        check("2024-01-13", "2024-01-16"); // Martin Luther King's birthday is on the 15th.
        check("2024-02-19", "2024-02-20");
        check("2024-05-27", "2024-05-28");
        check("2024-06-19", "2024-06-20");
        check("2020-06-19", "2020-06-19"); // Before it was a holiday.
        check("2024-09-02", "2024-09-03");
        check("2024-10-14", "2024-10-15");
        check("2024-11-28", "2024-11-29");
        check("2022-12-25", "2022-12-27"); // A Sunday, kept on Monday.
        check("2026-07-03", "2026-07-03"); // The fourth is a Saturday: Friday stays open.
        check("2026-07-04", "2026-07-06");
        check("1969-12-28", "1969-12-29");
    }

    #[test]
    fn a_list_stands_in_the_place_of_the_federal_holidays() {
        let days = BusinessDays::new(&["2024-03-11".to_owned()]).unwrap();
        assert_eq!(day_text(days.on_or_after(day("2024-03-09"))), "2024-03-12");
        assert!(days.is_business(day("2024-11-28")));
        assert_eq!(day_text(days.after(day("2024-03-08"), 1)), "2024-03-12");
        assert!(matches!(BusinessDays::new(&["11 March".to_owned()]), Err(Error::Usage(_))));
    }
}
