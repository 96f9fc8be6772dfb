//! Maximal complete parts of a small graph of two sides.
//!
//! Source: Kuznetsov, A Fast Algorithm for Computing All Intersections of Objects from an
//! Arbitrary Semilattice (Close-by-One), 1993: every closed set is met once, on a stack of its own.

/// Steps that a part counts for, beside those that found it: it is held in memory, and set against
/// others in the end. A dense network has millions of parts, each found in a few steps.
const STEPS_A_PART: u64 = 1_000;

/// Edges between `rows` and `columns`, as bits.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    /// Columns of each row.
    of_row: Vec<u64>,
    /// Rows of each column.
    of_column: Vec<u64>,
}

/// A complete part that no row and no column can be added to: places, ascending.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Part {
    pub rows: Vec<usize>,
    pub columns: Vec<usize>,
}

/// A closed set of columns with its rows, and the first column that may be added to it.
struct Closed {
    rows: Vec<u64>,
    columns: Vec<u64>,
    next: usize,
}

impl Matrix {
    /// Cost: linear in edges, and a bit for each row and column.
    pub fn new(rows: usize, columns: usize, edges: impl Iterator<Item = (usize, usize)>) -> Matrix {
        let (wide, high) = (columns.div_ceil(64), rows.div_ceil(64));
        let (of_row, of_column) = (vec![0; rows * wide], vec![0; columns * high]);
        let mut matrix = Matrix { rows, columns, of_row, of_column };
        for (row, column) in edges {
            matrix.of_row[row * wide + column / 64] |= 1 << (column % 64);
            matrix.of_column[column * high + row / 64] |= 1 << (row % 64);
        }
        matrix
    }

    /// Rows and columns exchanged.
    pub fn turned(self) -> Matrix {
        Matrix {
            rows: self.columns,
            columns: self.rows,
            of_row: self.of_column,
            of_column: self.of_row,
        }
    }

    /// Every maximal complete part with at least so many rows and columns; false if `steps` ran
    /// out before all were met. Costs are taken off `steps`.
    ///
    /// Cost: for each closed set, its rows for each column.
    pub fn parts(
        &self,
        rows_min: usize,
        columns_min: usize,
        steps: &mut u64,
        mut met: impl FnMut(Part),
    ) -> bool {
        let all = first_bits(self.rows);
        let mut stack = Vec::new();
        if self.rows >= rows_min {
            stack.push(Closed { columns: self.shared_by(&all), rows: all, next: 0 });
        }
        while let Some(Closed { rows, columns, next }) = stack.pop() {
            if ones(&columns) >= columns_min {
                if !take(steps, STEPS_A_PART) {
                    return false;
                }
                met(Part { rows: places(&rows), columns: places(&columns) });
            }
            for column in next..self.columns {
                if holds(&columns, column) {
                    continue;
                }
                let fewer = self.rows_with(&rows, column);
                let cost = (fewer.len() + ones(&fewer) * columns.len()) as u64;
                if !take(steps, cost) {
                    return false;
                }
                if ones(&fewer) < rows_min {
                    continue;
                }
                let more = self.shared_by(&fewer);
                // A set that also gains an earlier column is met from there.
                if same_before(&columns, &more, column) {
                    stack.push(Closed { rows: fewer, columns: more, next: column + 1 });
                }
            }
        }
        true
    }

    fn rows_with(&self, rows: &[u64], column: usize) -> Vec<u64> {
        let high = self.rows.div_ceil(64);
        let with = &self.of_column[column * high..(column + 1) * high];
        rows.iter().zip(with).map(|(one, other)| one & other).collect()
    }

    fn shared_by(&self, rows: &[u64]) -> Vec<u64> {
        let wide = self.columns.div_ceil(64);
        let mut shared = first_bits(self.columns);
        for row in places(rows) {
            let own = &self.of_row[row * wide..(row + 1) * wide];
            shared.iter_mut().zip(own).for_each(|(shared, own)| *shared &= own);
        }
        shared
    }
}

/// Takes a cost off the steps that are left; false, and none left, if it is more.
pub(super) fn take(left: &mut u64, cost: u64) -> bool {
    let enough = *left >= cost;
    *left = left.saturating_sub(cost);
    enough
}

fn first_bits(count: usize) -> Vec<u64> {
    let mut bits = vec![u64::MAX; count.div_ceil(64)];
    if let (Some(last), rest @ 1..) = (bits.last_mut(), count % 64) {
        *last = (1 << rest) - 1;
    }
    bits
}

fn ones(bits: &[u64]) -> usize {
    bits.iter().map(|word| word.count_ones() as usize).sum()
}

fn holds(bits: &[u64], place: usize) -> bool {
    bits[place / 64] >> (place % 64) & 1 == 1
}

fn places(bits: &[u64]) -> Vec<usize> {
    let mut places = Vec::with_capacity(ones(bits));
    for (at, &word) in bits.iter().enumerate() {
        let mut left = word;
        while left != 0 {
            places.push(at * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
    places
}

/// True when two sets agree on every place before `end`.
fn same_before(left: &[u64], right: &[u64], end: usize) -> bool {
    let word = end / 64;
    let below = (1_u64 << (end % 64)) - 1;
    left[..word] == right[..word] && (left[word] ^ right[word]) & below == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn found(matrix: &Matrix, rows_min: usize, columns_min: usize) -> Vec<Part> {
        let mut found = Vec::new();
        let mut steps = u64::MAX;
        assert!(matrix.parts(rows_min, columns_min, &mut steps, |part| found.push(part)));
        found.sort();
        found
    }

    /// Every set of rows with the columns they share, kept if these are shared by no other row.
    fn slow(
        (rows, columns): (usize, usize),
        edges: &BTreeSet<(usize, usize)>,
        rows_min: usize,
        columns_min: usize,
    ) -> Vec<Part> {
        let mut found = BTreeSet::new();
        for some in 1_u32..1 << rows {
            let own: Vec<usize> = (0..rows).filter(|row| some >> row & 1 == 1).collect();
            let shared: Vec<usize> = (0..columns)
                .filter(|column| own.iter().all(|row| edges.contains(&(*row, *column))))
                .collect();
            let all: Vec<usize> = (0..rows)
                .filter(|row| shared.iter().all(|column| edges.contains(&(*row, *column))))
                .collect();
            if own == all && own.len() >= rows_min && shared.len() >= columns_min {
                found.insert(Part { rows: own, columns: shared });
            }
        }
        found.into_iter().collect()
    }

    #[test]
    fn budgets_end_the_search_and_say_so() {
        let every = (0..6).flat_map(|row| (0..6).map(move |column| (row, column)));
        let matrix = Matrix::new(6, 6, every.filter(|(row, column)| row != column));
        assert!(!matrix.parts(2, 2, &mut 10, |_| ()));
        let (mut steps, mut parts) = (10 * STEPS_A_PART, 0);
        assert!(!matrix.parts(2, 2, &mut steps, |_| parts += 1));
        assert!((1..=10).contains(&parts));
        assert_eq!(found(&matrix, 2, 2).len(), 50);
        let wide = Matrix::new(2, 130, (0..2).flat_map(|row| (0..130).map(move |at| (row, at))));
        assert_eq!(found(&wide, 2, 130).len(), 1);
        assert_eq!(found(&wide.turned(), 130, 2).len(), 1);
    }

    proptest! {
        #[test]
        fn closed_sets_equal_trying_every_set_of_rows(
            edges in prop::collection::btree_set((0..6_usize, 0..6_usize), 0..30),
            rows_min in 1..4_usize,
            columns_min in 1..4_usize,
        ) {
            let matrix = Matrix::new(6, 6, edges.iter().copied());
            let parts = found(&matrix, rows_min, columns_min);
            prop_assert_eq!(&parts, &slow((6, 6), &edges, rows_min, columns_min));
            let mut turned: Vec<Part> = found(&matrix.turned(), columns_min, rows_min)
                .into_iter()
                .map(|part| Part { rows: part.columns, columns: part.rows })
                .collect();
            turned.sort();
            prop_assert_eq!(parts, turned);
        }
    }
}
