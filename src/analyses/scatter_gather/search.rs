//! Which pairs of a source and a sink are joined through enough middles.
//!
//! Per source: the middles' payments in their windows are counted by sink in one dense array,
//! shortest list first, and a source is left as soon as no sink can reach the number any more.
//! What the transfers of a pair are is `collect`'s.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

use crate::analyses::scatter_gather::collect::Pass;
use crate::analyses::{DAY_MS, Moments};
use crate::graph::{Reach, Slots, TransferGraph};

/// Sources that one thread takes at a time.
const SOURCES_A_TURN: usize = 2_048;

/// What a date without a time can stand from where the graph has it: zones reach over a day.
const SLACK_MS: i64 = 2 * DAY_MS;

/// A source and a sink with the number of accounts between them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Found {
    pub middles: u32,
    pub source: u32,
    pub sink: u32,
}

/// A payment to a middle, and the slots of what the middle paid within reach of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    pub middle: u32,
    pub start: u32,
    pub end: u32,
    pub transfer: u32,
}

/// A source's payments to one middle.
#[derive(Clone, Copy, Debug)]
struct Group {
    start: u32,
    end: u32,
    /// How often the middle paid.
    payments: u32,
}

/// Of one sink: the last middle counted for it, as a stamp, and how many were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    pub stamp: u32,
    pub count: u32,
}

/// What a thread keeps from source to source, so that the loops allocate nothing.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub legs: Vec<Leg>,
    /// Middle, and slot of a payment to it.
    paid: Vec<(u32, u32)>,
    groups: Vec<Group>,
    pub cells: Vec<Cell>,
    pub stamp: u32,
    reached: Vec<u32>,
}

/// What every source is searched with.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub graph: &'a TransferGraph,
    pub slots: Slots<'a>,
    moments: &'a Moments<'a>,
    reach: Reach<'a>,
    window_ms: i64,
    middles_min: u32,
    /// Accounts that are no middle: unidentified ends, those that paid nothing, and those cut.
    no_middle: Vec<bool>,
    scratch: Mutex<Vec<Scratch>>,
}

impl<'a> Search<'a> {
    /// Cost: linear in accounts.
    pub fn new(
        graph: &'a TransferGraph,
        moments: &'a Moments<'a>,
        window_ms: i64,
        middles_min: u32,
    ) -> Search<'a> {
        let slots = graph.out_slots();
        let no_middle = (0..graph.nodes() as u32)
            .map(|node| graph.is_unidentified(node) || slots.of(node).is_empty())
            .collect();
        let reach = graph.reach(window_ms);
        let scratch = Mutex::default();
        Search { graph, slots, moments, reach, window_ms, middles_min, no_middle, scratch }
    }

    /// Leaves out the middles of most pairs of a transfer in and one out, once all pairs are more
    /// than `steps_max`; gives them with their pairs, most first.
    ///
    /// Cost: linear in accounts; in transfers where the bound may be met.
    pub fn cut_hubs(&mut self, steps_max: u64) -> Vec<(u32, u64)> {
        let ins = self.graph.in_slots();
        let nodes = 0..self.graph.nodes() as u32;
        let most = |node: u32| (ins.of(node).len() as u64) * (self.slots.of(node).len() as u64);
        if nodes.clone().map(most).fold(0, u64::saturating_add) <= steps_max {
            return Vec::new();
        }
        let mut hubs: Vec<(u64, u32)> = nodes
            .into_par_iter()
            .filter(|node| !self.no_middle[*node as usize])
            .map(|node| (self.pairs(ins, node), node))
            .collect();
        hubs.par_sort_unstable();
        let mut spent = 0_u64;
        let fitting = hubs.iter().take_while(|(pairs, _)| {
            spent = spent.saturating_add(*pairs);
            spent <= steps_max
        });
        let cut = hubs.split_off(fitting.count());
        for (_, node) in &cut {
            self.no_middle[*node as usize] = true;
        }
        cut.into_iter().rev().map(|(pairs, node)| (node, pairs)).collect()
    }

    /// Payments to an account, each with every payment it made within reach after it.
    fn pairs(&self, ins: Slots, node: u32) -> u64 {
        let paid_in = ins.of(node).filter(|slot| ins.neighbour[*slot] != node);
        let paid_itself = self.slots.neighbour[self.slots.of(node)].contains(&node);
        let after = |slot: usize| {
            let window = self.window_of(node, ins.tick[slot], ins.transfer[slot]);
            if paid_itself {
                window.filter(|slot| self.slots.neighbour[*slot] != node).count() as u64
            } else {
                window.len() as u64
            }
        };
        paid_in.map(after).sum()
    }

    /// What an account paid within reach after a payment to it; where dates stand without times,
    /// what may turn out to be so.
    fn window_of(&self, middle: u32, tick: u32, transfer: u32) -> Range<usize> {
        if self.moments.all_timed() {
            return self.slots.after(middle, tick, self.reach.last(tick));
        }
        let near_ms = self.moments.at_ms(transfer).saturating_sub(SLACK_MS);
        let far_ms = self.moments.at_ms(transfer).saturating_add(self.window_ms + SLACK_MS);
        self.slots.between(middle, near_ms, far_ms)
    }

    /// True when a payment to a middle came before one by it, by no more than the window.
    pub fn passes_on(&self, middle: u32, first: u32, then: u32) -> bool {
        self.moments.follows(middle, first, then)
            && self.moments.at_ms(then) - self.moments.at_ms(first) <= self.window_ms
    }

    /// A payment to a middle and one by it, with where they stand.
    pub fn pass(&self, middle: u32, first: u32, then: u32) -> Pass {
        let (one, other) = (self.moments.at_ms(first), self.moments.at_ms(then));
        Pass { middle, first, then, from_ms: one.min(other), to_ms: one.max(other) }
    }

    /// The pairs of a source and a sink with enough accounts between them, those with most first,
    /// then by source and sink; how many there are, and no more of them than `listed_max`.
    ///
    /// Cost: a search and a sort of each source's payments, and the pairs of a payment to a
    /// middle and one by it. Sources are spread over threads.
    pub fn pairs_joined(&self, listed_max: usize) -> (Vec<Found>, u64) {
        let nodes = self.graph.nodes() as u32;
        let turns: Vec<u32> = (0..nodes).step_by(SOURCES_A_TURN).collect();
        let found: Vec<(Vec<Found>, u64)> = turns
            .into_par_iter()
            .map(|first| {
                self.with_scratch(|scratch| {
                    let mut found = Vec::new();
                    let mut pairs = 0;
                    for source in first..nodes.min(first + SOURCES_A_TURN as u32) {
                        if !self.graph.is_unidentified(source) {
                            let before = found.len();
                            self.sinks_of(source, scratch, &mut found);
                            pairs += (found.len() - before) as u64;
                        }
                        // Busy middles join every source with every sink.
                        if found.len() / 2 > listed_max {
                            keep_first(&mut found, listed_max);
                        }
                    }
                    (found, pairs)
                })
            })
            .collect();
        let pairs = found.iter().map(|(_, pairs)| pairs).sum();
        let mut found: Vec<Found> = found.into_iter().flat_map(|(found, _)| found).collect();
        keep_first(&mut found, listed_max);
        found.par_sort_unstable_by_key(rank);
        (found, pairs)
    }

    /// Lends a thread its scratch; there are as many as threads ever ran at once.
    pub fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let kept = self.scratch.lock().expect("no thread panics with it").pop();
        let mut scratch = kept.unwrap_or_else(|| Scratch {
            cells: vec![Cell::default(); self.graph.nodes()],
            ..Scratch::default()
        });
        let done = work(&mut scratch);
        self.scratch.lock().expect("no thread panics with it").push(scratch);
        done
    }

    /// The source's payments to middles that paid on within reach, by middle, then time.
    pub fn legs_of(&self, source: u32, legs: &mut Vec<Leg>) {
        legs.clear();
        for slot in self.slots.of(source) {
            let middle = self.slots.neighbour[slot];
            if middle == source || self.no_middle[middle as usize] {
                continue;
            }
            let transfer = self.slots.transfer[slot];
            let window = self.window_of(middle, self.slots.tick[slot], transfer);
            if !window.is_empty() {
                let (start, end) = (window.start as u32, window.end as u32);
                legs.push(Leg { middle, start, end, transfer });
            }
        }
        legs.sort_unstable_by_key(|leg| (leg.middle, leg.start, leg.transfer));
    }

    fn sinks_of(&self, source: u32, scratch: &mut Scratch, found: &mut Vec<Found>) {
        let least = self.middles_min as usize;
        if self.slots.of(source).len() < least {
            return;
        }
        self.paid_of(source, scratch);
        if scratch.groups.len() < least {
            return;
        }
        if self.moments.all_timed() {
            self.count::<true>(scratch);
        } else {
            self.count::<false>(scratch);
        }
        for &sink in &scratch.reached {
            if sink != source && !self.graph.is_unidentified(sink) {
                let middles = scratch.cells[sink as usize].count;
                found.push(Found { middles, source, sink });
            }
        }
    }

    /// The source's payments by middle, then time, and its middles, those that paid least often
    /// first: the last ones are looked at only for a sink that has middles already, so the
    /// busiest accounts hardly ever are.
    fn paid_of(&self, source: u32, scratch: &mut Scratch) {
        let Scratch { paid, groups, .. } = scratch;
        paid.clear();
        groups.clear();
        for slot in self.slots.of(source) {
            let middle = self.slots.neighbour[slot];
            if middle != source && !self.no_middle[middle as usize] {
                paid.push((middle, slot as u32));
            }
        }
        if paid.len() < self.middles_min as usize {
            return;
        }
        paid.sort_unstable();
        let mut start = 0;
        for to_middle in paid.chunk_by(|left, right| left.0 == right.0) {
            let end = start + to_middle.len() as u32;
            let payments = self.slots.of(to_middle[0].0).len() as u32;
            groups.push(Group { start, end, payments });
            start = end;
        }
        groups.sort_unstable_by_key(|group| (group.payments, group.start));
    }

    /// Counts the middles of every sink; gives up once none can have enough.
    fn count<const TIMED: bool>(&self, scratch: &mut Scratch) {
        let Scratch { paid, groups, cells, stamp, reached, .. } = scratch;
        reached.clear();
        let before = next_stamps(cells, stamp, groups.len());
        let mut most = 0;
        for (left, group) in (1..=groups.len() as u32).rev().zip(groups.iter()) {
            if most + left < self.middles_min {
                return;
            }
            *stamp += 1;
            let mut done = 0;
            for &(middle, slot) in &paid[group.start as usize..group.end as usize] {
                let slot = slot as usize;
                let first = self.slots.transfer[slot];
                let mut window = self.window_of(middle, self.slots.tick[slot], first);
                if TIMED {
                    // A later payment's window ends no earlier, so what is new is one run.
                    window.start = window.start.max(done).min(window.end);
                    done = window.end;
                }
                for (slot, &sink) in window.clone().zip(&self.slots.neighbour[window]) {
                    let cell = &mut cells[sink as usize];
                    if cell.stamp == *stamp || sink == middle {
                        continue;
                    }
                    if !TIMED && !self.passes_on(middle, first, self.slots.transfer[slot]) {
                        continue;
                    }
                    let count = if cell.stamp > before { cell.count + 1 } else { 1 };
                    *cell = Cell { stamp: *stamp, count };
                    most = most.max(count);
                    if count == self.middles_min {
                        reached.push(sink);
                    }
                }
            }
        }
    }
}

fn rank(found: &Found) -> (Reverse<u32>, u32, u32) {
    (Reverse(found.middles), found.source, found.sink)
}

/// Leaves the first so many of what was found, in any order.
fn keep_first(found: &mut Vec<Found>, most: usize) {
    if found.len() > most {
        found.select_nth_unstable_by_key(most, rank);
        found.truncate(most);
    }
}

/// Makes room for so many stamps after those given out; returns the last that is not new.
pub(super) fn next_stamps(cells: &mut [Cell], stamp: &mut u32, wanted: usize) -> u32 {
    if (u32::MAX - *stamp) as usize <= wanted {
        cells.fill(Cell::default());
        *stamp = 0;
    }
    *stamp
}

/// Takes from each leg the slots that an earlier leg of its middle reaches already. A later
/// payment's window ends no earlier, so what is left is one run.
pub(super) fn clip(legs: &mut [Leg]) {
    let mut done = (u32::MAX, 0);
    for leg in legs {
        if leg.middle == done.0 {
            leg.start = leg.start.max(done.1).min(leg.end);
        }
        done = (leg.middle, leg.end);
    }
}
