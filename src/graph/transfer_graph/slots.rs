//! The columns behind one direction of the graph, for loops that look at every pair of transfers
//! of an account and have no time for more than a comparison each.
//!
//! Whoever looks at one account's transfers uses `Edges`.

use std::ops::Range;

use super::index::Index;
use super::{Clock, TransferGraph};

/// One direction of every account: a slot is a place in the columns, and each account's slots
/// follow one another in order of time, then row of `transfers`.
#[derive(Clone, Copy, Debug)]
pub struct Slots<'a> {
    clock: &'a Clock,
    starts: &'a [u32],
    /// The account at the other end, by slot.
    pub neighbour: &'a [u32],
    /// The time, by slot: ticks compare as times do, and [`Reach`] measures between them.
    pub tick: &'a [u32],
    /// The row of `transfers`, by slot.
    pub transfer: &'a [u32],
}

/// How far a window reaches, counted in ticks.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'a> {
    clock: &'a Clock,
    window_ms: i64,
    /// Whole ticks of the window where ticks are even.
    ticks: u32,
}

impl TransferGraph {
    /// What accounts sent. Cost: constant.
    pub fn out_slots(&self) -> Slots<'_> {
        self.outgoing.slots(&self.clock)
    }

    /// What accounts received. Cost: constant.
    pub fn in_slots(&self) -> Slots<'_> {
        self.incoming.slots(&self.clock)
    }

    /// A closed window of so many milliseconds, 0 or more, for either direction's slots.
    pub fn reach(&self, window_ms: i64) -> Reach<'_> {
        let ticks = match self.clock {
            Clock::Even { step_ms, .. } => window_ms.max(0) as u64 / step_ms,
            Clock::Listed(_) => 0,
        };
        Reach {
            clock: &self.clock,
            window_ms: window_ms.max(0),
            ticks: ticks.min(u64::from(u32::MAX)) as u32,
        }
    }
}

impl Index {
    fn slots<'a>(&'a self, clock: &'a Clock) -> Slots<'a> {
        Slots {
            clock,
            starts: &self.starts,
            neighbour: &self.neighbour,
            tick: &self.tick,
            transfer: &self.transfer,
        }
    }
}

impl Slots<'_> {
    /// The slots of an account.
    ///
    /// # Panics
    ///
    /// If `node` is none of the graph.
    #[inline]
    pub fn of(&self, node: u32) -> Range<usize> {
        self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize
    }

    /// The slots of an account later than `tick`, up to `last` included. Cost: a binary search.
    ///
    /// # Panics
    ///
    /// If `node` is none of the graph.
    #[inline]
    pub fn after(&self, node: u32, tick: u32, last: u32) -> Range<usize> {
        let all = self.of(node);
        let ticks = &self.tick[all.clone()];
        let start = ticks.partition_point(|it| *it <= tick);
        let end = start + ticks[start..].partition_point(|it| *it <= last);
        all.start + start..all.start + end
    }

    /// The slots of an account from `from_ms` to `to_ms`, both included. Cost: a binary search.
    ///
    /// # Panics
    ///
    /// If `node` is none of the graph.
    pub fn between(&self, node: u32, from_ms: i64, to_ms: i64) -> Range<usize> {
        let all = self.of(node);
        let ticks = &self.tick[all.clone()];
        let reach = |ms: i64| {
            let bound = self.clock.at_or_after(ms);
            ticks.partition_point(|tick| u64::from(*tick) < bound)
        };
        let start = reach(from_ms);
        let end = to_ms.checked_add(1).map_or(ticks.len(), reach).max(start);
        all.start + start..all.start + end
    }
}

impl Reach<'_> {
    /// The last tick of the window that opens at `tick`.
    #[inline]
    pub fn last(&self, tick: u32) -> u32 {
        match self.clock {
            Clock::Even { .. } => tick.saturating_add(self.ticks),
            Clock::Listed(times) => {
                let end_ms = times[tick as usize].saturating_add(self.window_ms);
                (times.partition_point(|known| *known <= end_ms) - 1) as u32
            }
        }
    }

    /// The first tick of the window that closes at `tick`.
    #[inline]
    pub fn first(&self, tick: u32) -> u32 {
        match self.clock {
            Clock::Even { .. } => tick.saturating_sub(self.ticks),
            Clock::Listed(times) => {
                let start_ms = times[tick as usize].saturating_sub(self.window_ms);
                times.partition_point(|known| *known < start_ms) as u32
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows over payments of account 0 at some times are those that `Edges` gives.
    #[track_caller]
    fn check(times_ms: &[i64], window_ms: i64) {
        let far = vec![1_u32; times_ms.len()];
        let near = vec![0_u32; times_ms.len()];
        let graph = TransferGraph::from_columns(2, &near, &far, times_ms, vec![false; 2]);
        let (slots, reach) = (graph.out_slots(), graph.reach(window_ms));
        for slot in slots.of(0) {
            let ms = graph.out_edges(0).time_ms(slot);
            let tick = slots.tick[slot];
            let later = ms
                .checked_add(1)
                .map(|from| graph.out_between(0, from, ms.saturating_add(window_ms)).transfers());
            let found = &slots.transfer[slots.after(0, tick, reach.last(tick))];
            assert_eq!(found, later.unwrap_or_default());
            let before = graph.out_between(0, ms.saturating_sub(window_ms), ms).transfers();
            let found = slots.between(0, ms.saturating_sub(window_ms), ms);
            assert_eq!(&slots.transfer[found], before);
            let first = reach.first(tick);
            let found: Vec<u32> = slots
                .of(0)
                .filter(|slot| (first..=tick).contains(&slots.tick[*slot]))
                .map(|slot| slots.transfer[slot])
                .collect();
            assert_eq!(found, before);
        }
        assert_eq!(slots.of(1), times_ms.len()..times_ms.len());
        assert_eq!(graph.in_slots().of(1), 0..times_ms.len());
    }

    #[test]
    fn windows_of_slots_are_those_of_edges() {
        check(&[], 5);
        check(&[1_000, 2_000, 2_000, 5_000, 9_000], 3_000);
        check(&[1_000, 2_000, 2_000, 5_000, 9_000], 2_999);
        check(&[1_000, 2_000, 2_000, 5_000, 9_000], 0);
        // No common step fits 32 bits here, so the times are listed.
        check(&[i64::MIN, -1, 0, 1, 86_400_000, i64::MAX], 1);
        check(&[i64::MIN, -1, 0, 1, 86_400_000, i64::MAX], i64::MAX);
    }
}
