//! Which of two transfers of an account came first, as far as the records say.
//!
//! Two times compare as they are, and equal ones do not follow each other. A date without a time
//! is its whole day: it comes before whatever stands on a later day, and two records of one day
//! follow each other only where a statement of the account has both and orders them. For lengths
//! of time such a date stands at the start of its day, and days are 24 hours apart. Looking for
//! transfers in a window is the graph's; matching money in order is `first_in_first_out`'s.

use rayon::prelude::*;

use crate::analyses::{DAY_MS, booked_in_order};
use crate::error::Result;
use crate::store::{Case, TransferRows};

/// The order of a case's transfers.
#[derive(Debug)]
pub struct Moments<'a> {
    transfers: TransferRows<'a>,
    all_timed: bool,
    /// Where a transfer stands in a statement of one of its accounts, by transfer and account;
    /// empty where every transfer states its time.
    places: Vec<Place>,
    /// Milliseconds from midnight UTC to the start of a day without a time.
    start_of_days_ms: i64,
    /// By how much times of the table can stand before others that the records put first.
    disorder_ms: i64,
}

/// A transfer in a statement of an account.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Place {
    transfer: u32,
    account: u32,
    source: u32,
    at: u32,
}

impl<'a> Moments<'a> {
    /// Reads the times, and the order of statements where some transfer has a date alone. Cost:
    /// linear; then a sort of the statements' records.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn new(case: &'a Case) -> Result<Moments<'a>> {
        let transfers = case.transfer_rows()?;
        let untimed =
            (0..transfers.len() as u32).into_par_iter().find_first(|row| !transfers.is_timed(*row));
        let all_timed = untimed.is_none();
        let mut places = Vec::new();
        if !all_timed {
            let booked = booked_in_order(case)?;
            places.extend((0..).zip(booked).map(|(at, one)| {
                let (transfer, account, source) = (one.transfer, one.account, one.at.source);
                Place { transfer, account, source, at }
            }));
            places.sort_unstable();
        }
        let start_of_days_ms = untimed
            .map_or(0, |row| transfers.booked_ms(row) - i64::from(transfers.day(row)) * DAY_MS);
        let disorder_ms = if all_timed { 0 } else { disorder_ms(transfers, start_of_days_ms) };
        Ok(Moments { transfers, all_timed, places, start_of_days_ms, disorder_ms })
    }

    /// The most milliseconds by which the table's times of two transfers can contradict the order
    /// or the length between them that is told here: a statement may put a date behind a time of
    /// its day, and days of which a clock change takes an hour are as long as others.
    pub fn disorder_ms(&self) -> i64 {
        self.disorder_ms
    }

    /// True when every transfer states its time, so that times alone decide.
    pub fn all_timed(&self) -> bool {
        self.all_timed
    }

    /// False for a date without a time.
    #[inline]
    pub fn is_timed(&self, transfer: u32) -> bool {
        self.all_timed || self.transfers.is_timed(transfer)
    }

    /// Where a transfer stands when lengths of time are measured: at its time, or at the start of
    /// its day, whatever a clock change does to that day.
    #[inline]
    pub fn at_ms(&self, transfer: u32) -> i64 {
        if self.is_timed(transfer) {
            return self.transfers.booked_ms(transfer);
        }
        i64::from(self.transfers.day(transfer)) * DAY_MS + self.start_of_days_ms
    }

    /// True when the records say that one transfer of an account came before another. Cost:
    /// constant; a search of the statements for two records of one day.
    #[inline]
    pub fn follows(&self, account: u32, first: u32, then: u32) -> bool {
        let timed = || self.transfers.is_timed(first) && self.transfers.is_timed(then);
        if self.all_timed || timed() {
            return self.transfers.booked_ms(first) < self.transfers.booked_ms(then);
        }
        let days = self.transfers.day(first).cmp(&self.transfers.day(then));
        days.is_lt() || days.is_eq() && self.stated_order(account, first, then)
    }

    /// True when one statement of the account has both, in this order.
    fn stated_order(&self, account: u32, first: u32, then: u32) -> bool {
        self.places_of(first, account).iter().any(|before| {
            let mut after = self.places_of(then, account).iter();
            after.any(|after| before.source == after.source && before.at < after.at)
        })
    }

    fn places_of(&self, transfer: u32, account: u32) -> &[Place] {
        let key = |place: &Place| (place.transfer, place.account);
        let start = self.places.partition_point(|place| key(place) < (transfer, account));
        let end = self.places.partition_point(|place| key(place) <= (transfer, account));
        &self.places[start..end]
    }
}

/// See [`Moments::disorder_ms`]. Cost: linear.
fn disorder_ms(transfers: TransferRows, start_of_days_ms: i64) -> i64 {
    let of = |row: u32| {
        let start_ms = i64::from(transfers.day(row)) * DAY_MS + start_of_days_ms;
        let after_ms = transfers.booked_ms(row) - start_ms;
        match transfers.is_timed(row) {
            true => ((-after_ms).max(after_ms - DAY_MS).max(0), true),
            false => (after_ms.abs(), false),
        }
    };
    let more = |one: (i64, bool), two: (i64, bool)| (one.0.max(two.0), one.1 || two.1);
    let rows = (0..transfers.len() as u32).into_par_iter();
    let (shifted_ms, some_timed) = rows.map(of).reduce(|| (0, false), more);
    2 * shifted_ms + if some_timed { DAY_MS } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;
    use crate::store::{Manifest, Side, Transfers};

    /// From, to, day, hour if stated, source, line.
    type Row = (u32, u32, i32, Option<i64>, u32, u32);

    fn case(rows: &[Row]) -> Case {
        let ms = |day: i32, hour: Option<i64>| {
            i64::from(day) * 86_400_000 + hour.unwrap_or(0) * 3_600_000
        };
        let side = |from| if from == 0 { Side::Sender } else { Side::Receiver };
        Case::in_memory(Manifest::default()).with(Transfers {
            from_account: rows.iter().map(|row| row.0).collect(),
            to_account: rows.iter().map(|row| row.1).collect(),
            booked_ms: rows.iter().map(|row| ms(row.2, row.3)).collect(),
            day: rows.iter().map(|row| row.2).collect(),
            timed: rows.iter().map(|row| row.3.is_some()).collect(),
            amount_minor: vec![100; rows.len()],
            currency: vec![Currency::USD; rows.len()],
            side: rows.iter().map(|row| side(row.0)).collect(),
            source: rows.iter().map(|row| row.4).collect(),
            line: rows.iter().map(|row| row.5).collect(),
            ..Transfers::default()
        })
    }

    #[test]
    fn times_decide_where_both_are_stated_and_days_or_a_statement_where_not() {
        let case = case(&[
            (1, 0, 5, Some(9), 0, 1),
            (0, 2, 5, Some(9), 0, 2),
            (0, 2, 5, Some(10), 0, 3),
            (0, 2, 5, None, 0, 4),
            (1, 0, 5, None, 0, 5),
            (0, 2, 6, None, 0, 6),
            (0, 2, 5, None, 1, 1),
        ]);
        let moments = Moments::new(&case).unwrap();
        assert!(!moments.all_timed());
        assert!(!moments.follows(0, 0, 1), "equal times do not follow each other");
        assert!(moments.follows(0, 0, 2) && !moments.follows(0, 2, 0));
        assert!(moments.follows(0, 0, 3), "the statement has the time above the date");
        assert!(moments.follows(0, 3, 4) && !moments.follows(0, 4, 3));
        assert!(moments.follows(0, 4, 5), "a later day follows");
        assert!(!moments.follows(0, 4, 6), "two statements order nothing within a day");
        assert!(!moments.follows(2, 4, 6), "nor does the statement of another account");
    }
}
