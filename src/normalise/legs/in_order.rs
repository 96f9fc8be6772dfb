//! The best way to pair two rows of days: which departure belongs to which arrival.
//!
//! Answers: of equal payments that left on these days and arrived on those, which pairs does
//! every best assignment contain? As many as can be are paired, and among such assignments the
//! one with the least cost is meant; the cost of a float grows faster than its days, so that
//! payments arrive in the order in which they left unless a day forbids it.
//!
//! With such a cost the best assignment never crosses two pairs of different days, so it is
//! found along both rows in order, without a general assignment algorithm and in integers.

/// Cells of the table of one stretch of days, beyond which its pairs are not told apart.
pub const CELLS_MAX: usize = 4_000_000;
/// What a record without a partner costs: more than any float within a window.
const ALONE: i64 = 1 << 32;
/// A cost that no assignment reaches.
const NEVER: i64 = 1 << 60;

/// What is known of the pairs of one block.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Assignment {
    /// Pairs that every best assignment contains, by index, ascending.
    pub pairs: Vec<(usize, usize)>,
    /// True when a stretch had more than [`CELLS_MAX`] pairs and was left alone.
    pub too_large: bool,
}

/// How the days of the two rows are compared.
#[derive(Clone, Copy, Debug)]
pub struct Float {
    /// Most days between the two records of one transfer, in steps; any unit serves that both rows
    /// are in.
    pub window: i32,
    /// Steps of a day.
    pub day: i32,
    /// Whether the right row is of arrivals: they do not come before their departure, save for
    /// a bank that books in another zone.
    pub arrives: bool,
}

impl Float {
    /// Whether two days are near enough.
    pub fn fits(self, left: i32, right: i32) -> bool {
        i64::from(right).abs_diff(i64::from(left)) <= self.window.unsigned_abs().into()
    }

    fn cost(self, left: i32, right: i32) -> i64 {
        let days = i64::from(right) - i64::from(left);
        // Strictly convex, so that crossing pairs never costs less and rarely as much.
        let early = if self.arrives && days < 0 { 4 * i64::from(self.day) * days } else { 0 };
        days * days - early
    }
}

/// Pairs two ascending rows of days. `allowed` says which two records may be one at all.
///
/// Cost: the product of both rows' lengths within each stretch of days without a gap longer than
/// the window; their sum where both are equally long and fit in order.
pub fn in_order(
    left: &[i32],
    right: &[i32],
    float: Float,
    allowed: &dyn Fn(usize, usize) -> bool,
) -> Assignment {
    let mut out = Assignment::default();
    let (mut from, mut to) = ((0, 0), (0, 0));
    loop {
        let day = |row: &[i32], at: usize| row.get(at).copied();
        let next = match (day(left, to.0), day(right, to.1)) {
            (None, None) => None,
            (Some(one), None) => Some((one, true)),
            (None, Some(other)) => Some((other, false)),
            (Some(one), Some(other)) => Some((one.min(other), one <= other)),
        };
        let last =
            [to.0.checked_sub(1).map(|at| left[at]), to.1.checked_sub(1).map(|at| right[at])];
        let last = last.into_iter().flatten().max();
        let ends = match (next, last) {
            (None, _) => true,
            (Some((day, _)), Some(last)) => !float.fits(last, day),
            (Some(_), None) => false,
        };
        if ends {
            stretch(left, right, (from, to), float, allowed, &mut out);
            from = to;
        }
        match next {
            None => return out,
            Some((_, true)) => to.0 += 1,
            Some((_, false)) => to.1 += 1,
        }
    }
}

type Corner = (usize, usize);

fn stretch(
    left: &[i32],
    right: &[i32],
    (from, to): (Corner, Corner),
    float: Float,
    allowed: &dyn Fn(usize, usize) -> bool,
    out: &mut Assignment,
) {
    let (rows, columns) = (to.0 - from.0, to.1 - from.1);
    if rows == 0 || columns == 0 {
        return;
    }
    let may = |row: usize, column: usize| {
        let (one, other) = (from.0 + row, from.1 + column);
        (float.fits(left[one], right[other]) && allowed(one, other))
            .then(|| float.cost(left[one], right[other]))
    };
    if rows == columns && (0..rows).all(|at| may(at, at).is_some()) {
        // All are paired, and in order: no other assignment costs as little.
        out.pairs.extend((0..rows).map(|at| (from.0 + at, from.1 + at)));
        return;
    }
    if rows.saturating_mul(columns) > CELLS_MAX {
        out.too_large = true;
        return;
    }
    let forced = Table { rows, columns, may: &may }.forced();
    out.pairs.extend(forced.into_iter().map(|(row, column)| (from.0 + row, from.1 + column)));
}

struct Table<'a> {
    rows: usize,
    columns: usize,
    may: &'a dyn Fn(usize, usize) -> Option<i64>,
}

impl Table<'_> {
    fn at(&self, row: usize, column: usize) -> usize {
        row * (self.columns + 1) + column
    }

    /// The least cost of the first rows and columns, for each number of them.
    fn heads(&self) -> Vec<i64> {
        let mut cost = vec![NEVER; (self.rows + 1) * (self.columns + 1)];
        for row in 0..=self.rows {
            for column in 0..=self.columns {
                let mut least = if row + column == 0 { 0 } else { NEVER };
                if row > 0 {
                    least = least.min(cost[self.at(row - 1, column)] + ALONE);
                }
                if column > 0 {
                    least = least.min(cost[self.at(row, column - 1)] + ALONE);
                }
                if row > 0
                    && column > 0
                    && let Some(days) = (self.may)(row - 1, column - 1)
                {
                    least = least.min(cost[self.at(row - 1, column - 1)] + days);
                }
                cost[self.at(row, column)] = least;
            }
        }
        cost
    }

    /// The least cost of what follows the first rows and columns.
    fn tails(&self) -> Vec<i64> {
        let mut cost = vec![NEVER; (self.rows + 1) * (self.columns + 1)];
        for row in (0..=self.rows).rev() {
            for column in (0..=self.columns).rev() {
                let mut least = if (row, column) == (self.rows, self.columns) { 0 } else { NEVER };
                if row < self.rows {
                    least = least.min(cost[self.at(row + 1, column)] + ALONE);
                }
                if column < self.columns {
                    least = least.min(cost[self.at(row, column + 1)] + ALONE);
                }
                if row < self.rows
                    && column < self.columns
                    && let Some(days) = (self.may)(row, column)
                {
                    least = least.min(cost[self.at(row + 1, column + 1)] + days);
                }
                cost[self.at(row, column)] = least;
            }
        }
        cost
    }

    /// Pairs without which no assignment is best: the row has no other partner in any best one,
    /// and is alone in none.
    fn forced(&self) -> Vec<(usize, usize)> {
        let (heads, tails) = (self.heads(), self.tails());
        let best = heads[self.at(self.rows, self.columns)];
        let mut forced = Vec::new();
        for row in 0..self.rows {
            let alone = |column: usize| {
                heads[self.at(row, column)] + ALONE + tails[self.at(row + 1, column)] == best
            };
            if (0..=self.columns).any(alone) {
                continue;
            }
            let mut partners = (0..self.columns).filter(|column| {
                (self.may)(row, *column).is_some_and(|days| {
                    let whole =
                        heads[self.at(row, *column)] + days + tails[self.at(row + 1, column + 1)];
                    whole == best
                })
            });
            if let (Some(only), None) = (partners.next(), partners.next()) {
                forced.push((row, only));
            }
        }
        forced
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARRIVALS: Float = Float { window: 3, day: 1, arrives: true };

    #[track_caller]
    fn check(left: &[i32], right: &[i32], pairs: &[(usize, usize)]) {
        let found = in_order(left, right, ARRIVALS, &|_, _| true);
        assert_eq!((found.pairs.as_slice(), found.too_large), (pairs, false));
    }

    #[test]
    fn the_best_assignment_is_taken_where_no_other_is_as_good() {
        check(&[], &[], &[]);
        check(&[10], &[13], &[(0, 0)]);
        check(&[10], &[14], &[]);
        check(&[10], &[7], &[(0, 0)]);
        check(&[13, 14], &[13, 16], &[(0, 0), (1, 1)]);
        check(&[9, 10], &[10, 10], &[(0, 0), (1, 1)]);
        // Nearest first would leave one of each alone.
        check(&[10, 12], &[12, 15], &[(0, 0), (1, 1)]);
        check(&[10], &[10, 11], &[(0, 0)]);
        check(&[10, 30], &[11, 30], &[(0, 0), (1, 1)]);
    }

    #[test]
    fn a_tie_is_left_alone() {
        check(&[10, 10], &[10], &[]);
        check(&[10], &[11, 11], &[]);
        // One arrival may be either's; what else is certain is paired.
        check(&[10, 10, 20], &[10, 20], &[(2, 1)]);
    }

    #[test]
    fn a_block_too_large_to_tell_apart_says_so() {
        let (left, right) = (vec![10; 2_100], vec![10; 2_000]);
        let found = in_order(&left, &right, ARRIVALS, &|_, _| true);
        assert_eq!((found.pairs.len(), found.too_large), (0, true));
        let found = in_order(&left[..2_000], &right, ARRIVALS, &|_, _| true);
        assert_eq!((found.pairs.len(), found.too_large), (2_000, false));
    }

    /// Number of pairs and cost of each assignment there is, with its pairs of days.
    fn every(
        left: &[i32],
        right: &[i32],
        row: usize,
        taken: &mut Vec<Option<usize>>,
        found: &mut Vec<(i64, Vec<(i32, i32)>)>,
    ) {
        if row == left.len() {
            let pairs = taken.iter().enumerate().filter_map(|(row, one)| Some((row, (*one)?)));
            let pairs: Vec<(usize, usize)> = pairs.collect();
            let cost: i64 =
                pairs.iter().map(|(row, one)| ARRIVALS.cost(left[*row], right[*one])).sum();
            let alone = (left.len() + right.len() - 2 * pairs.len()) as i64 * ALONE;
            let mut days: Vec<(i32, i32)> =
                pairs.iter().map(|(row, one)| (left[*row], right[*one])).collect();
            days.sort_unstable();
            found.push((cost + alone, days));
            return;
        }
        taken.push(None);
        every(left, right, row + 1, taken, found);
        taken.pop();
        for column in 0..right.len() {
            if !taken.contains(&Some(column)) && ARRIVALS.fits(left[row], right[column]) {
                taken.push(Some(column));
                every(left, right, row + 1, taken, found);
                taken.pop();
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_paired_stands_in_every_best_assignment(
            mut left in prop::collection::vec(10..16_i32, 0..5),
            mut right in prop::collection::vec(10..17_i32, 0..5),
        ) {
            left.sort_unstable();
            right.sort_unstable();
            let paired = in_order(&left, &right, ARRIVALS, &|_, _| true).pairs;
            let mut all = Vec::new();
            every(&left, &right, 0, &mut Vec::new(), &mut all);
            let best = all.iter().map(|one| one.0).min().unwrap();
            let best: Vec<&Vec<(i32, i32)>> =
                all.iter().filter(|one| one.0 == best).map(|one| &one.1).collect();
            // Records of one day are interchangeable: pairs are compared by their days.
            let mut days: Vec<(i32, i32)> =
                paired.iter().map(|(row, one)| (left[*row], right[*one])).collect();
            days.sort_unstable();
            for other in best {
                let mut rest = other.clone();
                for pair in &days {
                    let at = rest.iter().position(|one| one == pair);
                    prop_assert!(at.is_some(), "{days:?} beside {other:?}");
                    rest.remove(at.unwrap());
                }
            }
        }
    }
}
