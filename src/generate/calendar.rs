//! Days of the period of an invented case: January to June 2024.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// A day counted from 2024-01-01, which is a Monday; 0 to 181.
pub type Day = u16;

/// Days in the period.
pub const DAYS: Day = 182;
/// Months in the period.
pub const MONTHS: u8 = 6;

/// The civil date of a day.
pub fn civil(day: Day) -> Date {
    date(2024, 1, 1) + i64::from(day).days()
}

/// The day on which `month` (0 to 5) has its date `of_month` (from 1).
pub fn day_of(month: u8, of_month: u8) -> Day {
    let before: u16 = [31, 29, 31, 30, 31][..usize::from(month)].iter().sum();
    before + u16::from(of_month) - 1
}

/// The month, 0 to 5, a day lies in.
pub fn month_of(day: Day) -> u8 {
    (civil(day).month() - 1) as u8
}

/// Saturday or Sunday.
pub fn is_weekend(day: Day) -> bool {
    day % 7 >= 5
}

/// The day itself, or the Friday before it when banks are shut.
pub fn banking_day(day: Day) -> Day {
    day - (day % 7).saturating_sub(4)
}

/// `03/04/2024`.
pub fn slashed(day: Day) -> String {
    civil(day).strftime("%m/%d/%Y").to_string()
}

/// `2024-03-04`.
pub fn dashed(day: Day) -> String {
    civil(day).to_string()
}

/// `14:03:09` of a second of the day.
pub fn clock(second: u32) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        let check = |month: u8, of_month: u8, shown: &str| {
            let day = day_of(month, of_month);
            assert_eq!(dashed(day), shown);
            assert_eq!(month_of(day), month);
        };
        check(0, 1, "2024-01-01");
        check(1, 29, "2024-02-29");
        check(5, 30, "2024-06-30");
        assert_eq!(day_of(5, 30) + 1, DAYS);
        assert_eq!(dashed(banking_day(day_of(0, 6))), "2024-01-05");
        assert_eq!(dashed(banking_day(day_of(0, 8))), "2024-01-08");
    }
}
