//! Records of which each states the payment in its own currency, and none what it was changed at.
//!
//! Answers: which records of one sender and one receiver, of several tellers and in two
//! currencies, lie near enough to be one payment? No rate is known here, so that nothing is
//! merged; whoever asks lists those that share a reference.

use std::collections::HashMap;

use crate::normalise::legs::{
    LegColumns, LegSide, POSSIBLE_PAIRS_PER_RECORD_MAX, booking_days, mixed, of_several_classes,
};

/// Pairs of rows of different tellers with the same two accounts, both known by their whole
/// number, in different currencies and within the window; ascending, at most
/// [`POSSIBLE_PAIRS_PER_RECORD_MAX`] from one row.
///
/// Cost: a look at each row where all are of one teller or in one currency; else as
/// [`super::candidates`].
pub fn in_two_currencies<S>(
    columns: &LegColumns<'_, S>,
    whole: &(dyn Fn(u32) -> bool + Sync),
    window_days: i32,
) -> Vec<(u32, u32)>
where
    S: Copy + Into<LegSide> + Sync,
{
    if columns.one_class() || columns.currency.windows(2).all(|pair| pair[0] == pair[1]) {
        return Vec::new();
    }
    let hash = |row: u32, _| {
        let (from, to) = columns.accounts(row);
        (from != to && whole(from) && whole(to)).then(|| mixed(&[u64::from(from), u64::from(to)]))
    };
    let mut rows = of_several_classes(columns, &HashMap::new(), &hash);
    rows.sort_unstable_by_key(|row| (columns.accounts(*row), columns.day(*row), *row));
    let window_days = booking_days::window_of(window_days);
    let mut pairs = Vec::new();
    for block in rows.chunk_by(|one, other| columns.accounts(*one) == columns.accounts(*other)) {
        for (at, one) in block.iter().enumerate() {
            let near = block[at + 1..].iter().take_while(|other| {
                let days = i64::from(columns.day(**other)) - i64::from(columns.day(*one));
                days <= i64::from(window_days)
            });
            let others = near.filter(|other| {
                columns.amount(**other).1 != columns.amount(*one).1
                    && columns.rough_class(**other) != columns.rough_class(*one)
            });
            pairs.extend(others.take(POSSIBLE_PAIRS_PER_RECORD_MAX).map(|other| (*one, *other)));
        }
    }
    pairs.sort_unstable();
    pairs
}
