//! Which records decide by their texts whose readings they are.

use crate::model::Channel;
use crate::normalise::legs::{Candidates, LegColumns, LegSide, booking_days, named};

impl Candidates {
    /// Rows whose texts are asked for: those that more than one record fits, those with an end that
    /// is not known by its number, and those whose lists state different channels. Ascending.
    pub fn rows_with_texts<S>(
        &self,
        columns: &LegColumns<'_, S>,
        listed_channel: &dyn Fn(u32) -> Option<Channel>,
        window_days: i32,
    ) -> Vec<u32>
    where
        S: Copy + Into<LegSide> + Sync,
    {
        let window = booking_days::window_of(window_days);
        let mut rows = named::near_in_day(columns, &self.by_amount, window);
        let blocks =
            self.by_accounts.chunk_by(|one, other| columns.key(*one) == columns.key(*other));
        // A reference may say that two lists which state different channels mean one payment.
        let choice = |block: &&[u32]| {
            let mut channels = block.iter().filter_map(|row| listed_channel(*row));
            let first = channels.next();
            block.len() > 2 || channels.any(|one| Some(one) != first)
        };
        rows.extend(blocks.filter(choice).flatten());
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}
