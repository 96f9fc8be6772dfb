//! Equal records on two lists of one producer.
//!
//! Answers: which pairs would be one transfer if the lists were not of one producer, who writes a
//! payment once? Nothing is merged; whoever asks lists them.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::model::Currency;
use crate::normalise::legs::{
    LegColumns, LegSide, POSSIBLE_PAIRS_PER_RECORD_MAX, booking_days, code, mixed,
    of_several_classes,
};

/// Pairs of rows on lists of different `producer` that agree on accounts, amount and currency
/// within the window, ascending, and how many further ones there are beyond
/// [`POSSIBLE_PAIRS_PER_RECORD_MAX`] from one record. Cost: as [`candidates`].
pub fn lists_alike<S>(columns: &LegColumns<'_, S>, window_days: i32) -> (Vec<(u32, u32)>, u64)
where
    S: Copy + Into<LegSide> + Sync,
{
    let hash = |row: u32, (minor, currency): (i64, Currency)| {
        let (from, to) = columns.accounts(row);
        let list = from != to && columns.side(row) == LegSide::List;
        list.then(|| mixed(&[u64::from(from), u64::from(to), minor as u64, code(currency)]))
    };
    let mut rows = of_several_classes(columns, &HashMap::new(), &hash);
    rows.par_sort_unstable_by_key(|row| (columns.key(*row), columns.day(*row), *row));
    let window_days = booking_days::window_of(window_days);
    let (mut pairs, mut unlisted) = (Vec::new(), 0);
    for block in rows.chunk_by(|one, other| columns.key(*one) == columns.key(*other)) {
        for (at, one) in block.iter().enumerate() {
            let near = block[at + 1..].iter().take_while(|other| {
                i64::from(columns.day(**other)) - i64::from(columns.day(*one))
                    <= i64::from(window_days)
            });
            let producer = columns.producer[*one as usize];
            let others = near.filter(|other| columns.producer[**other as usize] != producer);
            for (count, other) in others.enumerate() {
                if count < POSSIBLE_PAIRS_PER_RECORD_MAX {
                    pairs.push((*one, *other));
                } else {
                    unlisted += 1;
                }
            }
        }
    }
    pairs.sort_unstable();
    (pairs, unlisted)
}
