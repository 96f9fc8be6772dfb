//! The transfers and middles of a source and a sink that are known to be joined.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::scatter_gather::search::{Cell, Scratch, Search, clip, next_stamps};
use crate::analyses::sliding::{Item, groups};

/// One source, one sink, and the payments through the middles between them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Joined {
    pub source: u32,
    pub sink: u32,
    /// By account.
    pub middles: Vec<u32>,
    /// Rows of `transfers`, by row.
    pub transfers: Vec<u32>,
}

/// A payment to a middle and one by it that follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pass {
    pub middle: u32,
    pub first: u32,
    pub then: u32,
    /// The earlier of where the two stand, and the later.
    pub from_ms: i64,
    pub to_ms: i64,
}

/// A payment by a middle to one of the sinks asked for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Hit {
    /// Place of the sink among those asked for.
    sink: u32,
    middle: u32,
    slot: u32,
}

impl Search<'_> {
    /// What joins one source with each of some sinks, as one instance each, or as one for each
    /// time where the whole has a bound.
    ///
    /// Cost: the pairs of a payment to a middle and one by it, of this source; once more for each
    /// pair that joins.
    pub fn joined(
        &self,
        source: u32,
        sinks: &[u32],
        whole_ms: Option<i64>,
        middles_min: u32,
    ) -> Vec<Joined> {
        self.with_scratch(|scratch| {
            let hits = self.hits(source, sinks, scratch);
            let mut found = Vec::new();
            for of_sink in hits.chunk_by(|left, right| left.sink == right.sink) {
                let passes = self.passes(scratch, of_sink, whole_ms.is_some());
                let sink = sinks[of_sink[0].sink as usize];
                match whole_ms {
                    Some(whole_ms) => {
                        let apart = within(&passes, whole_ms, middles_min as usize);
                        found.extend(apart.iter().map(|passes| joined(source, sink, passes)));
                    }
                    None => found.push(joined(source, sink, &passes)),
                }
            }
            found
        })
    }

    /// Every payment by a middle to one of the sinks within reach, by sink, middle and time; the
    /// legs stay in the scratch, whole.
    fn hits(&self, source: u32, sinks: &[u32], scratch: &mut Scratch) -> Vec<Hit> {
        self.legs_of(source, &mut scratch.legs);
        let Scratch { legs, cells, stamp, .. } = scratch;
        next_stamps(cells, stamp, 1);
        *stamp += 1;
        for (count, sink) in (0..).zip(sinks) {
            cells[*sink as usize] = Cell { stamp: *stamp, count };
        }
        let mut clipped = legs.clone();
        clip(&mut clipped);
        let mut hits = Vec::new();
        for leg in clipped {
            for slot in leg.start..leg.end {
                let sink = self.slots.neighbour[slot as usize];
                let cell = cells[sink as usize];
                if cell.stamp == *stamp && sink != leg.middle {
                    hits.push(Hit { sink: cell.count, middle: leg.middle, slot });
                }
            }
        }
        hits.sort_unstable();
        hits
    }

    /// A payment to a middle with one by it that follows, for one sink: every such pair, or
    /// enough of them to have every payment.
    fn passes(&self, scratch: &Scratch, hits: &[Hit], every_pair: bool) -> Vec<Pass> {
        let mut passes = Vec::new();
        for of_middle in hits.chunk_by(|left, right| left.middle == right.middle) {
            let middle = of_middle[0].middle;
            let legs = &scratch.legs;
            let first = legs.partition_point(|leg| leg.middle < middle);
            let end = legs.partition_point(|leg| leg.middle <= middle);
            let mut met = vec![false; of_middle.len()];
            for leg in &legs[first..end] {
                let from = of_middle.partition_point(|hit| hit.slot < leg.start);
                let to = of_middle.partition_point(|hit| hit.slot < leg.end);
                let mut leg_met = false;
                for at in from..to {
                    let then = self.slots.transfer[of_middle[at].slot as usize];
                    let new = every_pair || !leg_met || !met[at];
                    if new && self.passes_on(middle, leg.transfer, then) {
                        (leg_met, met[at]) = (true, true);
                        passes.push(self.pass(middle, leg.transfer, then));
                    }
                }
            }
        }
        passes
    }
}

/// The passes of every closed window of `whole_ms` in which enough middles pass on; windows that
/// share a transfer are one.
fn within(passes: &[Pass], whole_ms: i64, middles_min: usize) -> Vec<Vec<Pass>> {
    let items: Vec<Item> = passes
        .iter()
        .map(|pass| Item {
            from_ms: pass.to_ms.saturating_sub(whole_ms),
            until_ms: pass.from_ms,
            class: 0,
            who: pass.middle,
            transfers: [pass.first, pass.then],
        })
        .collect();
    // Every window that counts lies in one that opens with a pass of it.
    let opens: BTreeSet<i64> = passes.iter().map(|pass| pass.from_ms).collect();
    let opens: Vec<i64> = opens.into_iter().collect();
    let groups = groups(&items, &opens, [middles_min]);
    groups.into_iter().map(|group| group.into_iter().map(|at| passes[at]).collect()).collect()
}

fn joined(source: u32, sink: u32, passes: &[Pass]) -> Joined {
    let middles: BTreeSet<u32> = passes.iter().map(|pass| pass.middle).collect();
    let transfers: BTreeSet<u32> = passes.iter().flat_map(|pass| [pass.first, pass.then]).collect();
    Joined {
        source,
        sink,
        middles: middles.into_iter().collect(),
        transfers: transfers.into_iter().collect(),
    }
}

/// The sinks of each source.
pub(super) fn by_source(found: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, Vec<u32>)> {
    let mut by_source: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (source, sink) in found {
        by_source.entry(source).or_default().push(sink);
    }
    by_source.into_iter().collect()
}
