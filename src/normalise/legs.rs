//! Both legs of a transfer: two records that tell of one movement of money.
//!
//! Answers: which records are the sender's and the receiver's reading of one transfer, and which
//! only may be? Two records equal in accounts, amount and currency, booked within a window of
//! days, from different sources, each the only one that fits the other, are one transfer. Every
//! other fitting pair is listed and left alone: a wrong merge would hide a payment.
//!
//! Repeats (one record produced twice) are found before this and stay out.

use rayon::prelude::*;

use crate::model::Currency;

/// Pairs listed from one record before the rest of its pairs is only counted.
pub const POSSIBLE_PAIRS_PER_RECORD_MAX: usize = 1_000;

const FITS_SEVERAL: &str = "each of the two fits several records";
const FITS_ONE_OF_SEVERAL: &str = "one of the two fits several records";

/// Whose record a reading of a transfer is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LegSide {
    /// The sender's own statement.
    Sender,
    /// The receiver's own statement.
    Receiver,
    /// A list that is nobody's own.
    List,
}

/// The columns that decide, one entry for each record, all of one length.
///
/// `S` is any type that turns into a [`LegSide`], so that a caller's own column is lent as it is.
#[derive(Clone, Copy, Debug)]
pub struct LegColumns<'a, S> {
    /// Dense id of the sending account.
    pub from: &'a [u32],
    /// Dense id of the receiving account.
    pub to: &'a [u32],
    /// Minor units of `currency`.
    pub amount_minor: &'a [i64],
    /// Currency of the amount.
    pub currency: &'a [Currency],
    /// Civil day on which the record books it, days since 1970.
    pub day: &'a [i32],
    /// Dense id of the source.
    pub source: &'a [u32],
    /// Whose record it is.
    pub side: &'a [S],
}

/// What was matched and what only may match.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Legs {
    /// Rows of two readings of one transfer, ascending. The sender's stands first; beside a list
    /// the list takes the place of whichever side is missing; of two lists the earlier day
    /// (then the lower row) stands first. No row stands in two pairs.
    pub merged: Vec<(u32, u32)>,
    /// Pairs that fit and were not merged, with the reason, in the same order of sides, ascending.
    pub possible: Vec<(u32, u32, &'static str)>,
    /// How many further pairs fit, beyond [`POSSIBLE_PAIRS_PER_RECORD_MAX`] from one record.
    pub unlisted: u64,
}

impl<S: Copy + Into<LegSide> + Sync> LegColumns<'_, S> {
    fn key(&self, row: u32) -> (u32, u32, i64, Currency) {
        let at = row as usize;
        (self.from[at], self.to[at], self.amount_minor[at], self.currency[at])
    }

    /// Records of one source and side are never legs of each other.
    fn class(&self, row: u32) -> (u32, LegSide) {
        let at = row as usize;
        (self.source[at], self.side[at].into())
    }

    fn day(&self, row: u32) -> i64 {
        i64::from(self.day[row as usize])
    }

    fn ordered(&self, left: u32, right: u32) -> (u32, u32) {
        let first = match (self.class(left).1, self.class(right).1) {
            (LegSide::Sender, _) | (_, LegSide::Receiver) => true,
            (LegSide::Receiver, _) | (_, LegSide::Sender) => false,
            (LegSide::List, LegSide::List) => (self.day(left), left) <= (self.day(right), right),
        };
        if first { (left, right) } else { (right, left) }
    }
}

/// Finds both legs of transfers. Input in any order; output ascending and independent of threads.
///
/// A transfer within one account has no second leg and is left out. Costs O(n log n) for n
/// records, plus, among records equal in accounts, amount and currency, their number times that
/// of their sources, plus the pairs listed; memory is 4 bytes a record beside the output.
///
/// # Panics
///
/// When the columns differ in length, or there are more rows than 32 bits count.
pub fn match_legs<S>(columns: &LegColumns<'_, S>, window_days: i32) -> Legs
where
    S: Copy + Into<LegSide> + Sync,
{
    let rows = columns.from.len();
    let lengths = [
        columns.to.len(),
        columns.amount_minor.len(),
        columns.currency.len(),
        columns.day.len(),
        columns.source.len(),
        columns.side.len(),
    ];
    assert!(lengths.iter().all(|&length| length == rows), "columns of records have one length");
    let rows = u32::try_from(rows).expect("a case holds at most 4,294,967,295 records");
    let mut sorted: Vec<u32> =
        (0..rows).filter(|&row| columns.from[row as usize] != columns.to[row as usize]).collect();
    sorted.par_sort_unstable_by(|&left, &right| {
        let order = columns.key(left).cmp(&columns.key(right));
        order
            .then_with(|| columns.class(left).cmp(&columns.class(right)))
            .then_with(|| columns.day(left).cmp(&columns.day(right)))
            .then(left.cmp(&right))
    });
    let mut legs = Legs::default();
    let window = i64::from(window_days);
    for group in sorted.chunk_by(|&left, &right| columns.key(left) == columns.key(right)) {
        let first = columns.source[group[0] as usize];
        // Most groups are of one source, and nothing in them can match.
        if group.iter().any(|&row| columns.source[row as usize] != first) {
            match_group(columns, group, window, &mut legs);
        }
    }
    legs.merged.sort_unstable();
    legs.possible.sort_unstable();
    legs
}

/// Rows `of` (by index into the group) and the range of rows of one other class that fit it.
struct Fit {
    of: usize,
    others: std::ops::Range<usize>,
}

fn match_group<S>(columns: &LegColumns<'_, S>, group: &[u32], window: i64, legs: &mut Legs)
where
    S: Copy + Into<LegSide> + Sync,
{
    let fits = fits_in(columns, group, window);
    let fitting = records_fitting(&fits, group.len());
    let mut listed = vec![0_usize; group.len()];
    for fit in &fits {
        for other in fit.others.clone() {
            let (first, second) = columns.ordered(group[fit.of], group[other]);
            let why = match (fitting[fit.of] > 1, fitting[other] > 1) {
                (false, false) => {
                    legs.merged.push((first, second));
                    continue;
                }
                (true, true) => FITS_SEVERAL,
                _ => FITS_ONE_OF_SEVERAL,
            };
            if listed[fit.of] == POSSIBLE_PAIRS_PER_RECORD_MAX {
                legs.unlisted += (fit.others.end - other) as u64;
                break;
            }
            listed[fit.of] += 1;
            legs.possible.push((first, second, why));
        }
    }
}

/// How many records fit each record of a group.
fn records_fitting(fits: &[Fit], rows: usize) -> Vec<usize> {
    let mut fitting = vec![0_usize; rows];
    // Steps up where a range begins and down where it ends: a crowd of equal records would cost
    // the square of its size if each pair were counted.
    let mut steps = vec![0_isize; rows + 1];
    for fit in fits {
        fitting[fit.of] += fit.others.len();
        steps[fit.others.start] += 1;
        steps[fit.others.end] -= 1;
    }
    let mut open = 0_isize;
    for (count, step) in fitting.iter_mut().zip(&steps) {
        open += step;
        *count += usize::try_from(open).expect("a range ends after it begins");
    }
    fitting
}

/// For each two classes of a group that can be legs of each other, which rows fit by their days.
/// Rows of a class are in order of days, so one pass over both finds every range.
fn fits_in<S>(columns: &LegColumns<'_, S>, group: &[u32], window: i64) -> Vec<Fit>
where
    S: Copy + Into<LegSide> + Sync,
{
    let mut classes = Vec::new();
    let mut start = 0;
    for class in group.chunk_by(|&left, &right| columns.class(left) == columns.class(right)) {
        classes.push((columns.class(class[0]), start..start + class.len()));
        start += class.len();
    }
    let mut fits = Vec::new();
    for (at, (left, left_rows)) in classes.iter().enumerate() {
        for (right, right_rows) in &classes[at + 1..] {
            let own_twice = left.1 == right.1 && left.1 != LegSide::List;
            if left.0 == right.0 || own_twice {
                continue;
            }
            let (mut low, mut high) = (right_rows.start, right_rows.start);
            for of in left_rows.clone() {
                let day = columns.day(group[of]);
                while low < right_rows.end && columns.day(group[low]) < day - window {
                    low += 1;
                }
                while high < right_rows.end && columns.day(group[high]) <= day + window {
                    high += 1;
                }
                if low < high {
                    fits.push(Fit { of, others: low..high });
                }
            }
        }
    }
    fits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use LegSide::{List, Receiver, Sender};

    /// from, to, amount, day, source, side.
    type Row = (u32, u32, i64, i32, u32, LegSide);

    fn matched(rows: &[Row], window_days: i32) -> Legs {
        let currency = vec![Currency::USD; rows.len()];
        let columns = LegColumns {
            from: &rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            to: &rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            amount_minor: &rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            currency: &currency,
            day: &rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            source: &rows.iter().map(|row| row.4).collect::<Vec<_>>(),
            side: &rows.iter().map(|row| row.5).collect::<Vec<_>>(),
        };
        match_legs(&columns, window_days)
    }

    #[track_caller]
    fn check(rows: &[Row], merged: &[(u32, u32)], possible: &[(u32, u32)]) {
        let legs = matched(rows, 3);
        assert_eq!(legs.merged, merged);
        let pairs: Vec<_> = legs.possible.iter().map(|pair| (pair.0, pair.1)).collect();
        assert_eq!(pairs, possible);
        assert_eq!(legs.unlisted, 0);
    }

    #[test]
    fn two_readings_of_one_transfer_are_merged() {
        check(&[(1, 2, 5, 10, 0, Receiver), (1, 2, 5, 7, 1, Sender)], &[(1, 0)], &[]);
        check(&[(1, 2, 5, 10, 0, List), (1, 2, 5, 10, 1, Sender)], &[(1, 0)], &[]);
        check(&[(1, 2, 5, 10, 0, List), (1, 2, 5, 10, 1, Receiver)], &[(0, 1)], &[]);
        check(&[(1, 2, 5, 11, 0, List), (1, 2, 5, 10, 1, List)], &[(1, 0)], &[]);
    }

    #[test]
    fn what_differs_or_cannot_be_two_legs_is_left_alone() {
        check(&[], &[], &[]);
        check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 5, 14, 1, Receiver)], &[], &[]);
        check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 6, 10, 1, Receiver)], &[], &[]);
        check(&[(1, 2, 5, 10, 0, Sender), (2, 1, 5, 10, 1, Receiver)], &[], &[]);
        check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 0, Receiver)], &[], &[]);
        check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 1, Sender)], &[], &[]);
        check(&[(1, 2, 5, 10, 0, Receiver), (1, 2, 5, 10, 1, Receiver)], &[], &[]);
        check(&[(1, 1, 5, 10, 0, Sender), (1, 1, 5, 10, 1, Receiver)], &[], &[]);
    }

    #[test]
    fn what_fits_several_is_listed_and_not_merged() {
        let rows =
            [(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 1, Receiver), (1, 2, 5, 11, 1, Receiver)];
        check(&rows, &[], &[(0, 1), (0, 2)]);
        let three = [(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 1, Receiver), (1, 2, 5, 10, 2, List)];
        check(&three, &[], &[(0, 1), (0, 2), (2, 1)]);
        assert_eq!(matched(&three, 3).possible[0].2, FITS_SEVERAL);
        assert_eq!(matched(&rows, 3).possible[0].2, FITS_ONE_OF_SEVERAL);
    }

    #[test]
    fn a_crowd_of_equal_records_is_bounded_and_counted() {
        let side = |row: u32| if row.is_multiple_of(2) { Sender } else { Receiver };
        let rows: Vec<Row> = (0..3_000).map(|row| (1, 2, 5, 10, row % 2, side(row))).collect();
        let legs = matched(&rows, 3);
        assert!(legs.merged.is_empty());
        assert_eq!(legs.possible.len() as u64 + legs.unlisted, 1_500 * 1_500);
    }

    type Pairs = Vec<(u32, u32)>;

    /// Every pair against every other, as the rule reads.
    fn slowly(rows: &[Row], window_days: i32) -> (Pairs, Pairs) {
        let fits = |a: &Row, b: &Row| {
            a.0 != a.1
                && (a.0, a.1, a.2) == (b.0, b.1, b.2)
                && (a.3 - b.3).abs() <= window_days
                && a.4 != b.4
                && (a.5 != b.5 || a.5 == List)
        };
        let count = |a: &Row| rows.iter().filter(|b| fits(a, b)).count();
        let (mut merged, mut possible) = (Vec::new(), Vec::new());
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let first = match (a.5, b.5) {
                    (List, List) => (a.3, i) < (b.3, j),
                    _ => a.5 == Sender || b.5 == Receiver,
                };
                if i != j && first && fits(a, b) {
                    let unique = count(a) == 1 && count(b) == 1;
                    let pairs = if unique { &mut merged } else { &mut possible };
                    pairs.push((i as u32, j as u32));
                }
            }
        }
        (merged, possible)
    }

    proptest! {
        #[test]
        fn the_sorted_way_equals_the_quadratic_one(
            rows in prop::collection::vec(
                (0..3_u32, 0..3_u32, 0..2_i64, 0..20_i32, 0..4_u32,
                 prop::sample::select(vec![Sender, Receiver, List])),
                0..40,
            ),
            window_days in 0..5_i32,
        ) {
            let legs = matched(&rows, window_days);
            let (merged, possible) = slowly(&rows, window_days);
            let pairs: Vec<_> = legs.possible.iter().map(|pair| (pair.0, pair.1)).collect();
            prop_assert_eq!(&legs.merged, &merged);
            prop_assert_eq!(pairs, possible);
            let mut once: Vec<u32> = merged.iter().flat_map(|pair| [pair.0, pair.1]).collect();
            let all = once.len();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), all);
        }
    }
}
