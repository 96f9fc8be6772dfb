//! Times as ticks of 32 bits: what a tick means in milliseconds, and back.

use rayon::prelude::*;

use super::TOGETHER;

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

/// What is said of some times together: the least, the most, and the widest step from a time of
/// theirs to all of them; 0 where they are one.
#[derive(Clone, Copy)]
struct Spread {
    least: i64,
    most: i64,
    step_ms: u64,
}

impl Spread {
    const NONE: Spread = Spread { least: i64::MAX, most: i64::MIN, step_ms: 0 };

    #[inline]
    fn with(self, ms: i64, base: i64) -> Spread {
        let away = ms.abs_diff(base);
        let step_ms = match self.step_ms {
            step if step > 0 && away.is_multiple_of(step) => step,
            step => common_step(step, away),
        };
        Spread { least: self.least.min(ms), most: self.most.max(ms), step_ms }
    }

    fn and(self, other: Spread) -> Spread {
        Spread {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            step_ms: common_step(self.step_ms, other.step_ms),
        }
    }
}

impl Clock {
    /// The clock of so many times and the tick of each; `read` gives times from a row on, as many
    /// as there is room for. Cost: two passes.
    pub fn of(rows: usize, read: impl Fn(usize, &mut [i64]) + Sync) -> (Clock, Vec<u32>) {
        if rows == 0 {
            return (Clock::default(), Vec::new());
        }
        let mut first = [0];
        read(0, &mut first);
        let spread_of = |part: usize| {
            let start = part * TOGETHER;
            let mut times = [0; TOGETHER];
            let times = &mut times[..TOGETHER.min(rows - start)];
            read(start, times);
            times.iter().fold(Spread::NONE, |spread, ms| spread.with(*ms, first[0]))
        };
        let parts = (0..rows.div_ceil(TOGETHER)).into_par_iter();
        let Spread { least, most, step_ms } =
            parts.map(spread_of).reduce(|| Spread::NONE, Spread::and);
        // The step from one time to all is the step between any two.
        let step_ms = step_ms.max(1);
        let mut ticks = vec![0; rows];
        let mut fill = |tick: &(dyn Fn(i64) -> u32 + Sync)| {
            ticks.par_chunks_mut(TOGETHER).enumerate().for_each(|(part, ticks)| {
                let mut times = [0; TOGETHER];
                let times = &mut times[..ticks.len()];
                read(part * TOGETHER, times);
                ticks.iter_mut().zip(times).for_each(|(place, ms)| *place = tick(*ms));
            });
        };
        if most.abs_diff(least) / step_ms <= u64::from(u32::MAX) {
            fill(&|ms| (ms.abs_diff(least) / step_ms) as u32);
            return (Clock::Even { first_ms: least, step_ms }, ticks);
        }
        let mut listed = vec![0; rows];
        read(0, &mut listed);
        listed.par_sort_unstable();
        listed.dedup();
        fill(&|ms| listed.partition_point(|known| *known < ms) as u32);
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
