//! Times as ticks of 32 bits: what a tick means in milliseconds, and back.

use rayon::prelude::*;

/// What a tick means in milliseconds. Ticks are in order of time, so they compare as they are.
#[derive(Debug)]
pub(super) enum Clock {
    /// Tick times step after the first instant. Bank records are kept to the day or the second,
    /// so 32 bits reach over a century where milliseconds would reach 49 days.
    Even { first_ms: i64, step_ms: u64 },
    /// Tick is a place in the sorted list of distinct times.
    Listed(Vec<i64>),
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::Even { first_ms: 0, step_ms: 1 }
    }
}

impl Clock {
    pub fn of(rows: usize, time_ms: impl Fn(usize) -> i64 + Sync) -> (Clock, Vec<u32>) {
        let times = || (0..rows).into_par_iter().map(&time_ms);
        let Some(first_ms) = times().min() else {
            return (Clock::default(), Vec::new());
        };
        let since_first = |ms: i64| ms.abs_diff(first_ms);
        let step_ms = times().map(since_first).reduce(|| 0, common_step).max(1);
        let most = times().map(since_first).max().unwrap_or(0) / step_ms;
        if most <= u64::from(u32::MAX) {
            let ticks = times().map(|ms| (since_first(ms) / step_ms) as u32).collect();
            return (Clock::Even { first_ms, step_ms }, ticks);
        }
        let mut listed: Vec<i64> = times().collect();
        listed.par_sort_unstable();
        listed.dedup();
        let ticks = times().map(|ms| listed.partition_point(|known| *known < ms) as u32).collect();
        (Clock::Listed(listed), ticks)
    }

    pub fn ms(&self, tick: u32) -> i64 {
        match self {
            // The sum is a time that was given, so it wraps back into range.
            Clock::Even { first_ms, step_ms } => {
                first_ms.wrapping_add(u64::from(tick).wrapping_mul(*step_ms) as i64)
            }
            Clock::Listed(times) => times[tick as usize],
        }
    }

    /// The first tick, or one past the last, whose time is at or after `ms`.
    pub fn at_or_after(&self, ms: i64) -> u64 {
        match self {
            Clock::Even { first_ms, step_ms } if ms > *first_ms => {
                ms.abs_diff(*first_ms).div_ceil(*step_ms)
            }
            Clock::Even { .. } => 0,
            Clock::Listed(times) => times.partition_point(|known| *known < ms) as u64,
        }
    }
}

/// Greatest common divisor; 0 is neutral.
fn common_step(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}
