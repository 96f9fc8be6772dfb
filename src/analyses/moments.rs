//! Which of two transfers of an account came first, as far as the records say.
//!
//! Two times compare as they are, and equal ones do not follow each other. A date without a time
//! is its whole day: it comes before whatever stands on a later day, and two records of one day
//! follow each other only where a statement of the account has both and orders them. What moves
//! in two currencies is in no order of one balance, though one file holds both. For lengths of
//! time a date without one stands at the start of its day, and days are 24 hours apart. Looking for
//! transfers in a window is the graph's; matching money in order is `first_in_first_out`'s.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::analyses::{Booked, DAY_MS, booked_in_order};
use crate::error::Result;
use crate::model::Currency;
use crate::store::{Case, TransferRows};

/// The order of a case's transfers.
#[derive(Debug)]
pub struct Moments<'a> {
    transfers: TransferRows<'a>,
    all_timed: bool,
    /// Where a transfer stands in a statement of one of its accounts, by transfer and account;
    /// empty where every transfer states its time.
    places: Vec<Place>,
    /// By transfer and account; empty where no statement has dates and times on one day.
    between: Vec<Between>,
    /// Milliseconds from midnight UTC to the start of a day without a time.
    start_of_days_ms: i64,
    /// By how much times of the table can stand before others that the records put first.
    disorder_ms: i64,
}

/// A date without a time in a statement: transfer, account, the latest time of the day that the
/// statement puts before it, and the earliest that it puts behind it.
type Between = (u32, u32, i64, i64);

/// A transfer in a statement of an account.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Place {
    transfer: u32,
    account: u32,
    /// Number of a source and a currency.
    list: u32,
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
        let mut places = if all_timed { Vec::new() } else { places(&booked_in_order(case)?) };
        let between = between_times(transfers, &places);
        places.sort_unstable();
        let start_of_days_ms = untimed
            .map_or(0, |row| transfers.booked_ms(row) - i64::from(transfers.day(row)) * DAY_MS);
        // A statement may put a date, which stands at the start of its day, behind a time of it.
        let within_days_ms = if between.is_empty() { 0 } else { DAY_MS };
        let disorder_ms = if all_timed { 0 } else { disorder_ms(transfers, start_of_days_ms) };
        let disorder_ms = disorder_ms + within_days_ms;
        Ok(Moments { transfers, all_timed, places, between, start_of_days_ms, disorder_ms })
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
            after.any(|after| before.list == after.list && before.at < after.at)
        })
    }

    /// The times of its day between which a statement of the account has a date without a time:
    /// the latest before it and the earliest behind it, where there are such.
    pub fn between_ms(&self, account: u32, transfer: u32) -> (i64, i64) {
        let all = &self.between;
        let at = all.partition_point(|one| (one.0, one.1) < (transfer, account));
        let known = all.get(at).filter(|one| (one.0, one.1) == (transfer, account));
        known.map_or((i64::MIN, i64::MAX), |one| (one.2, one.3))
    }

    /// A statement of the account that has a transfer, and where: rows of one statement stand in
    /// the order of these places. Cost: a search of the statements.
    pub fn stated_at(&self, account: u32, transfer: u32) -> Option<(u32, u32)> {
        self.places_of(transfer, account).first().map(|place| (place.list, place.at))
    }

    fn places_of(&self, transfer: u32, account: u32) -> &[Place] {
        let key = |place: &Place| (place.transfer, place.account);
        let start = self.places.partition_point(|place| key(place) < (transfer, account));
        let end = self.places.partition_point(|place| key(place) <= (transfer, account));
        &self.places[start..end]
    }
}

/// In the order in which the bank booked them.
fn places(booked: &[Booked]) -> Vec<Place> {
    let mut lists: BTreeMap<(Currency, u32), u32> = BTreeMap::new();
    let place = |(at, one): (u32, &Booked)| {
        let next = lists.len() as u32;
        let list = *lists.entry((one.currency, one.at.source)).or_insert(next);
        Place { transfer: one.transfer, account: one.account, list, at }
    };
    (0..).zip(booked).map(place).collect()
}

/// The dates without times that a statement has on a day with times, by transfer and account.
/// Cost: a sort of the statements' records, where they have both.
fn between_times(transfers: TransferRows, places: &[Place]) -> Vec<Between> {
    let is_timed = |place: &Place| transfers.is_timed(place.transfer);
    if !places.par_iter().any(is_timed) || places.par_iter().all(is_timed) {
        return Vec::new();
    }
    let day_of = |place: &Place| (place.account, place.list, transfers.day(place.transfer));
    let mut by_day = places.to_vec();
    by_day.par_sort_unstable_by_key(|place| (day_of(place), place.at));
    let mut between = Vec::new();
    for day in by_day.chunk_by(|one, two| day_of(one) == day_of(two)) {
        if !day.iter().any(is_timed) {
            continue;
        }
        let (from, mut latest_ms) = (between.len(), i64::MIN);
        for place in day {
            if is_timed(place) {
                latest_ms = latest_ms.max(transfers.booked_ms(place.transfer));
            } else {
                between.push((place.transfer, place.account, latest_ms, i64::MAX));
            }
        }
        let (mut earliest_ms, mut dates) = (i64::MAX, between[from..].iter_mut().rev());
        for place in day.iter().rev() {
            if is_timed(place) {
                earliest_ms = earliest_ms.min(transfers.booked_ms(place.transfer));
            } else if let Some(date) = dates.next() {
                date.3 = earliest_ms;
            }
        }
    }
    between.sort_unstable();
    between
}

/// By how much times contradict the order or the length between days alone. Cost: linear.
fn disorder_ms(transfers: TransferRows, start_of_days_ms: i64) -> i64 {
    let shifted_ms = |row: u32| {
        let start_ms = i64::from(transfers.day(row)) * DAY_MS + start_of_days_ms;
        let after_ms = transfers.booked_ms(row) - start_ms;
        match transfers.is_timed(row) {
            true => (-after_ms).max(after_ms - DAY_MS).max(0),
            false => after_ms.abs(),
        }
    };
    2 * (0..transfers.len() as u32).into_par_iter().map(shifted_ms).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;
    use crate::store::{Manifest, Side, Transfers};

    /// From, to, day, hour if stated, source, line.
    type Row = (u32, u32, i32, Option<i64>, u32, u32);

    fn case(rows: &[Row]) -> Case {
        case_in(rows, vec![Currency::USD; rows.len()])
    }

    fn case_in(rows: &[Row], currency: Vec<Currency>) -> Case {
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
            currency,
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

    #[test]
    fn rows_of_two_currencies_are_in_no_order_of_one_balance() {
        let rows = [(1, 0, 5, None, 0, 2), (0, 2, 5, None, 0, 3), (0, 2, 5, None, 0, 4)];
        let euro: Currency = "EUR".parse().unwrap();
        let case = case_in(&rows, vec![Currency::USD, euro, Currency::USD]);
        let moments = Moments::new(&case).unwrap();
        assert!(moments.follows(0, 0, 2) && !moments.follows(0, 2, 0));
        for (first, then) in [(0, 1), (1, 0), (1, 2), (2, 1)] {
            assert!(!moments.follows(0, first, then), "{first} before {then}");
        }
    }

    #[test]
    fn a_statement_of_one_day_is_written_as_the_others_of_its_file_are() {
        let of_two_days = [(0, 1, 5, None, 0, 3), (0, 1, 6, None, 0, 2)];
        let of_one_day = [(2, 3, 5, None, 0, 8), (2, 3, 5, None, 0, 9)];
        let rows = [of_two_days[0], of_one_day[0], of_one_day[1], of_two_days[1]];
        let sender = |rows: &[Row]| {
            let mut transfers = case(rows).transfers().unwrap().clone();
            transfers.side = vec![Side::Sender; rows.len()];
            Case::in_memory(Manifest::default()).with(transfers)
        };
        let case = sender(&rows);
        let moments = Moments::new(&case).unwrap();
        assert!(moments.follows(2, 2, 1) && !moments.follows(2, 1, 2), "newest first");
        let case = sender(&of_one_day);
        let moments = Moments::new(&case).unwrap();
        assert!(moments.follows(2, 0, 1) && !moments.follows(2, 1, 0), "nothing shows it");
    }

    #[test]
    fn a_date_stands_between_the_times_around_it_in_its_statement() {
        let case = case(&[
            (1, 0, 5, Some(9), 0, 2),
            (1, 0, 5, Some(15), 0, 4),
            (1, 0, 5, None, 0, 3),
            (1, 0, 5, None, 0, 5),
            (1, 0, 6, None, 0, 6),
            (1, 0, 5, None, 1, 2),
        ]);
        let moments = Moments::new(&case).unwrap();
        let hour = |hour: i64| (5 * 24 + hour) * 3_600_000;
        assert_eq!(moments.between_ms(0, 2), (hour(9), hour(15)));
        assert_eq!(moments.between_ms(0, 3), (hour(15), i64::MAX));
        assert_eq!(moments.between_ms(0, 4), (i64::MIN, i64::MAX), "another day");
        assert_eq!(moments.between_ms(0, 5), (i64::MIN, i64::MAX), "another statement");
    }
}
