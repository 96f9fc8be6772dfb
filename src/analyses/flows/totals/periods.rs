//! The period a day falls into, and its text.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::analyses::flows::Period;
use crate::model::day_of;

/// Days for which period starts are looked up rather than computed: more than any case spans.
const PERIOD_DAYS_MAX: i32 = 100_000;

/// The period that each day falls into, known by its first day.
#[derive(Debug)]
pub(in crate::analyses::flows) struct Periods {
    period: Period,
    first: i32,
    starts: Vec<i32>,
}

impl Periods {
    pub(in crate::analyses::flows) fn new(period: Period, days: &[i32]) -> Periods {
        let first = days.iter().copied().min().unwrap_or(0);
        let last = days.iter().copied().max().unwrap_or(0);
        let starts = match period {
            Period::All | Period::Day => Vec::new(),
            _ => {
                let last = last.min(first.saturating_add(PERIOD_DAYS_MAX));
                (first..=last).map(|day| period_start(period, day)).collect()
            }
        };
        Periods { period, first, starts }
    }

    #[inline]
    pub(in crate::analyses::flows) fn start(&self, day: i32) -> i32 {
        match self.period {
            Period::All => 0,
            Period::Day => day,
            _ => {
                let at = (i64::from(day) - i64::from(self.first)) as usize;
                self.starts.get(at).copied().unwrap_or_else(|| period_start(self.period, day))
            }
        }
    }
}

/// First day of the period; a day beyond the calendar is a period of its own.
pub(super) fn period_start(period: Period, day: i32) -> i32 {
    let Ok(date) = Date::constant(1970, 1, 1).checked_add(day.days()) else { return day };
    let (year, month) = (date.year(), date.month());
    let start = match period {
        Period::All => return 0,
        Period::Day => return day,
        Period::Month => Date::new(year, month, 1),
        Period::Quarter => Date::new(year, (month - 1) / 3 * 3 + 1, 1),
        Period::Year => Date::new(year, 1, 1),
    };
    start.map_or(day, day_of)
}

/// The period as people write it: `2024-03-31`, `2024-03`, `2024-Q1`, `2024`.
pub(in crate::analyses::flows) fn period_text(period: Period, start: i32) -> String {
    let day = crate::model::day_text(start);
    let Ok(date) = day.parse::<Date>() else { return day };
    match period {
        Period::All => "all".to_owned(),
        Period::Day => day,
        Period::Month => date.strftime("%Y-%m").to_string(),
        Period::Quarter => format!("{}-Q{}", date.strftime("%Y"), (date.month() - 1) / 3 + 1),
        Period::Year => date.strftime("%Y").to_string(),
    }
}
