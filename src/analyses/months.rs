//! Calendar months as civil days: a month is known by its first day.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::model::day_text;

/// First day of the month a day falls into; a day beyond the calendar is a month of its own.
pub fn month_of(day: i32) -> i32 {
    let Ok(date) = Date::constant(1970, 1, 1).checked_add(day.days()) else { return day };
    day - i32::from(date.day() - 1)
}

/// First day of the month after the one that starts on `first`.
pub fn month_after(first: i32) -> i32 {
    match Date::constant(1970, 1, 1).checked_add(first.days()) {
        Ok(date) => first + i32::from(date.days_in_month()),
        Err(_) => first.saturating_add(31),
    }
}

/// `2024-03` for the month that starts on `first`.
pub fn month_text(first: i32) -> String {
    let day = day_text(first);
    day.strip_suffix("-01").unwrap_or(&day).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(day: i32, first: i32, after: i32, text: &str) {
        assert_eq!(
            (month_of(day), month_after(first), month_text(first)),
            (first, after, text.into())
        );
    }

    #[test]
    fn months_start_on_their_first_day() {
        check(0, 0, 31, "1970-01");
        check(-1, -31, 0, "1969-12");
        check(19_782, 19_754, 19_783, "2024-02");
    }
}
