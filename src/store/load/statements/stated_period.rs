//! The days that a statement covers by its balance rows: `Beginning balance as of 01/01/2026` and
//! `Ending balance as of 01/31/2026`.
//!
//! A period too long would hide a gap. Where both ends name the same day of a month, or both the
//! last one, one of the two days is that of another statement: it is left out unless a record
//! stands on it. A record outside the days contradicts them, and none of them is taken.

use jiff::Span;
use jiff::civil::Date;

use crate::normalise::stated_day_of;
use crate::records::Reading;

/// What the balance rows of a statement say of its days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatedPeriod {
    /// Days beside the opening and the closing balance, as found.
    pub found: (String, String),
    /// First and last day of its records.
    pub span: Option<(i32, i32)>,
}

/// What became of the days of a statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Period {
    /// The rows name no two days.
    None,
    /// First and last day that the statement covers.
    Days(i32, i32),
    /// Records, or the two days themselves, contradict them.
    Contradicted,
}

impl StatedPeriod {
    /// The days, read as those of the records are.
    pub fn days(&self, reading: &Reading) -> Period {
        let format = reading.layout.record.field("booked").and_then(|at| reading.format(at));
        let day = |text: &str| stated_day_of(text, format);
        match (day(&self.found.0), day(&self.found.1)) {
            (Some(from), Some(to)) => period((from, to), self.span),
            _ => Period::None,
        }
    }
}

fn period((opening, closing): (i32, i32), span: Option<(i32, i32)>) -> Period {
    let outside = span.is_some_and(|(first, last)| first < opening || last > closing);
    if opening > closing || outside {
        return Period::Contradicted;
    }
    let Some((from, to)) = date(opening).zip(date(closing)) else { return Period::Contradicted };
    let last_of_month = |day: Date| day.day() == day.days_in_month();
    let (mut first, mut last) = (opening, closing);
    if opening < closing && last_of_month(from) && last_of_month(to) {
        first += 1;
    } else if opening < closing && from.day() == to.day() {
        // On the first of two months the balance of the morning is meant.
        first += i32::from(from.day() != 1);
        last -= 1;
    }
    let (first, last) = match span {
        Some((earliest, latest)) => (first.min(earliest), last.max(latest)),
        None => (first, last),
    };
    if first > last { Period::None } else { Period::Days(first, last) }
}

fn date(day: i32) -> Option<Date> {
    let days = Span::new().try_days(day).ok()?;
    Date::constant(1970, 1, 1).checked_add(days).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::day_of;

    proptest! {
        #[test]
        fn no_day_is_covered_that_nobody_named_and_every_record_is(
            opening in 19_000..20_000_i32,
            days in -3..100_i32,
            records in prop::option::of((19_000..20_100_i32, 0..100_i32)),
        ) {
            let closing = opening + days;
            let span = records.map(|(first, more)| (first, first + more));
            match period((opening, closing), span) {
                Period::Days(from, to) => {
                    prop_assert!(opening <= from && from <= to && to <= closing);
                    // One day at an end may be another statement's; none within is left out.
                    prop_assert!(from - opening + closing - to <= 2);
                    prop_assert!(span.is_none_or(|(first, last)| from <= first && last <= to));
                }
                Period::Contradicted => {
                    let outside = span.is_some_and(|(a, b)| a < opening || b > closing);
                    prop_assert!(outside || closing < opening);
                }
                Period::None => prop_assert!(closing - opening < 2),
            }
        }
    }

    fn day(text: &str) -> i32 {
        day_of(text.parse().unwrap())
    }

    #[track_caller]
    fn check(stated: [&str; 2], records: Option<[&str; 2]>, covers: Option<[&str; 2]>) {
        let two = |[from, to]: [&str; 2]| (day(from), day(to));
        let found = period(two(stated), records.map(two));
        let covers = covers.map(two);
        assert_eq!(found, covers.map_or(Period::Contradicted, |(a, b)| Period::Days(a, b)));
    }

    #[test]
    fn a_statement_covers_the_days_that_its_balances_name() {
        let month = ["2024-01-01", "2024-01-31"];
        check(month, Some(["2024-01-05", "2024-01-20"]), Some(month));
        check(month, Some(month), Some(month));
        check(month, None, Some(month));
        check(["2024-01-09", "2024-01-09"], None, Some(["2024-01-09", "2024-01-09"]));
    }

    #[test]
    fn a_record_outside_the_days_contradicts_them() {
        let month = ["2024-01-01", "2024-01-31"];
        check(month, Some(["2023-12-31", "2024-01-20"]), None);
        check(month, Some(["2024-01-05", "2024-02-01"]), None);
        check(["2024-01-31", "2024-01-01"], None, None);
    }

    #[test]
    fn a_day_that_two_statements_may_name_is_not_covered_without_a_record() {
        let rows = Some(["2024-01-05", "2024-01-20"]);
        check(["2023-12-31", "2024-01-31"], rows, Some(["2024-01-01", "2024-01-31"]));
        check(["2024-01-01", "2024-02-01"], rows, Some(["2024-01-01", "2024-01-31"]));
        check(["2023-12-15", "2024-01-15"], None, Some(["2023-12-16", "2024-01-14"]));
        let both = Some(["2023-12-15", "2024-01-15"]);
        check(["2023-12-15", "2024-01-15"], both, both);
    }
}
