//! Where the rows of a table stand once some of them were taken out.

use crate::model::NONE;

/// New rows by old ones. A list of fifty million transfers from which nothing is taken out needs
/// no list of fifty million equal numbers to say so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RowMap {
    /// Every row stands where it stood.
    Unmoved,
    /// The new row of each old one; [`NONE`] for one that was taken out.
    Moved(Vec<u32>),
}

impl RowMap {
    /// The rows that are kept, ascending, out of `rows`, and where each then stands.
    pub fn keeping(rows: u32, kept: impl Fn(u32) -> bool) -> (Vec<u32>, RowMap) {
        let order: Vec<u32> = (0..rows).filter(|row| kept(*row)).collect();
        let mut moved = vec![NONE; rows as usize];
        for (new, old) in order.iter().enumerate() {
            moved[*old as usize] = new as u32;
        }
        (order, RowMap::Moved(moved))
    }

    /// Says that what stood in an old row now stands in another's new one.
    ///
    /// # Panics
    ///
    /// If no row was taken out.
    pub fn stand_in(&mut self, old: u32, new: u32) {
        match self {
            RowMap::Unmoved => panic!("only a row that was taken out has another in its place"),
            RowMap::Moved(rows) => rows[old as usize] = new,
        }
    }

    /// The new row of an old one; [`NONE`] for one that was taken out.
    ///
    /// # Panics
    ///
    /// If `row` is not a row of the table that it was made for.
    #[inline]
    pub fn row(&self, row: u32) -> u32 {
        match self {
            RowMap::Unmoved => row,
            RowMap::Moved(rows) => rows[row as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(taken_out: &[u32], order: &[u32], rows: &[u32]) {
        let (kept, map) = RowMap::keeping(4, |row| !taken_out.contains(&row));
        assert_eq!(kept, order);
        assert_eq!((0..4).map(|row| map.row(row)).collect::<Vec<_>>(), rows);
    }

    #[test]
    fn rows_close_up_over_those_taken_out() {
        check(&[], &[0, 1, 2, 3], &[0, 1, 2, 3]);
        check(&[1, 2], &[0, 3], &[0, NONE, NONE, 1]);
        check(&[3], &[0, 1, 2], &[0, 1, 2, NONE]);
        assert_eq!(RowMap::Unmoved.row(3), 3);
    }
}
