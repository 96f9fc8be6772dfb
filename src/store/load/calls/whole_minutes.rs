//! Which returns show whole minutes alone, so that their clock says nothing of what is below one.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::tables::Calls;

/// Values from which on nothing but whole minutes is no chance.
const MINUTES_MIN: u32 = 4;
/// What a whole minute leaves open, milliseconds.
pub const BELOW_A_MINUTE_MS: u64 = 59_999;

/// Sources that show whole minutes alone.
#[derive(Debug, Default)]
pub struct WholeMinutes {
    /// In the starts of their calls.
    pub starts: BTreeSet<u32>,
    /// In the lengths of those that lasted.
    pub durations: BTreeSet<u32>,
}

impl WholeMinutes {
    /// The sources of these calls that do. Cost: one pass.
    pub fn of(calls: &Calls) -> WholeMinutes {
        // By source: values, and whether one shows more than minutes.
        let mut seen: [BTreeMap<u32, (u32, bool)>; 2] = Default::default();
        for (row, source) in calls.source.iter().enumerate() {
            let length = calls.duration_s[row].filter(|seconds| *seconds > 0);
            let finer = [Some(calls.start_ms[row] % 60_000 != 0), length.map(|one| one % 60 != 0)];
            for (of, finer) in seen.iter_mut().zip(finer) {
                if let Some(finer) = finer {
                    let (values, any) = of.entry(*source).or_default();
                    (*values, *any) = (values.saturating_add(1), *any || finer);
                }
            }
        }
        let [starts, durations] = seen.map(|of| {
            let alone =
                of.into_iter().filter(|(_, (values, finer))| !finer && *values >= MINUTES_MIN);
            alone.map(|(source, _)| source).collect()
        });
        WholeMinutes { starts, durations }
    }
}
