//! Which passes of money between one source and one sink lie within a bound on the whole.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use petgraph::unionfind::UnionFind;

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

/// Groups the passes of every closed window of `whole_ms` in which enough middles pass on;
/// windows that share a transfer are one group. Groups stand in order of their first pass; a pass
/// of no such window is in none.
///
/// Cost: a sort of the passes; each enters and leaves the window once.
pub(super) fn within(passes: &[Pass], whole_ms: i64, middles_min: usize) -> Vec<Vec<Pass>> {
    let mut passes: Vec<Pass> =
        passes.iter().copied().filter(|pass| pass.to_ms - pass.from_ms <= whole_ms).collect();
    passes.sort_unstable_by_key(|pass| (pass.from_ms, pass.to_ms, pass.first, pass.then));
    let mut by_end: Vec<usize> = (0..passes.len()).collect();
    by_end.sort_unstable_by_key(|at| (passes[*at].to_ms, *at));
    let mut same = UnionFind::new(passes.len());
    let mut inside: HashMap<u32, usize> = HashMap::new();
    let mut kept = vec![false; passes.len()];
    let mut waiting: Vec<usize> = Vec::new();
    let mut latest_kept: Option<usize> = None;
    let (mut entered, mut left) = (0, 0);
    // Every window that counts lies in one that opens with a pass of it.
    for open in 0..passes.len() {
        let from_ms = passes[open].from_ms;
        if open > 0 && passes[open - 1].from_ms == from_ms {
            continue;
        }
        while let Some(&at) = by_end.get(entered) {
            if passes[at].to_ms.saturating_sub(whole_ms) > from_ms {
                break;
            }
            *inside.entry(passes[at].middle).or_default() += 1;
            waiting.push(at);
            entered += 1;
        }
        while passes[left].from_ms < from_ms {
            let middle = passes[left].middle;
            left += 1;
            if let Some(times) = inside.get_mut(&middle) {
                *times -= 1;
                if *times == 0 {
                    inside.remove(&middle);
                }
            }
        }
        if inside.len() < middles_min {
            continue;
        }
        let still = latest_kept.filter(|at| passes[*at].from_ms >= from_ms);
        let fresh = waiting.drain(..).filter(|at| passes[*at].from_ms >= from_ms);
        let mut window: Vec<usize> = still.into_iter().chain(fresh).collect();
        window.sort_unstable();
        for pair in window.windows(2) {
            same.union(pair[0], pair[1]);
        }
        for &at in &window {
            kept[at] = true;
        }
        latest_kept = window.last().copied().max(latest_kept);
    }
    join_shared(&passes, &kept, &mut same);
    let mut groups: BTreeMap<usize, Vec<Pass>> = BTreeMap::new();
    let mut first_of: HashMap<usize, usize> = HashMap::new();
    for at in (0..passes.len()).filter(|at| kept[*at]) {
        let first = *first_of.entry(same.find(at)).or_insert(at);
        groups.entry(first).or_default().push(passes[at]);
    }
    groups.into_values().collect()
}

/// Two passes with a transfer in common belong together; dates without times can part them.
fn join_shared(passes: &[Pass], kept: &[bool], same: &mut UnionFind<usize>) {
    let mut seen: HashMap<u32, usize> = HashMap::new();
    for at in (0..passes.len()).filter(|at| kept[*at]) {
        for transfer in [passes[at].first, passes[at].then] {
            same.union(at, *seen.entry(transfer).or_insert(at));
        }
    }
}
