//! Groups of sources and sinks that are complete in a window which opens with a payment of theirs.
//!
//! Each payment opens a window: the sinks of its source there and the sources of its sink there
//! hold every group that it opens. Where those windows follow one another is `layers`'s.

use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

use crate::analyses::bipartite::closed::{Matrix, take};
use crate::analyses::{DAY_MS, Moments};
use crate::graph::{Slots, TransferGraph};

/// What a date without a time can stand from where the graph has it: zones reach over a day.
const SLACK_MS: i64 = 2 * DAY_MS;

/// Sources that one thread takes at a time.
const SOURCES_A_TURN: usize = 512;

/// What an edge of a dense part costs, and a payment of a group that was found.
const STEPS_AN_EDGE: u64 = 16;

/// What a source may always spend, so that a budget thinly spread still finds what is plain.
const STEPS_LEAST: u64 = 1_000;

/// Sources that each pay each of some sinks within the window that opens at a time. Accounts
/// ascend.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Complete {
    pub sources: Vec<u32>,
    pub sinks: Vec<u32>,
    pub open_ms: i64,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub sources_min: usize,
    pub sinks_min: usize,
    pub window_ms: i64,
    pub steps_max: u64,
}

/// What every source is searched with.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub graph: &'a TransferGraph,
    pub moments: &'a Moments<'a>,
    pub bounds: Bounds,
    pub outs: Slots<'a>,
    ins: Slots<'a>,
    scratch: Mutex<Vec<Scratch>>,
}

/// What a thread keeps from source to source.
#[derive(Debug, Default)]
struct Scratch {
    sources: Vec<u32>,
    sinks: Vec<u32>,
    others: Vec<u32>,
    /// Payments to a sink, and the sink.
    by_payments: Vec<(u32, u32)>,
    /// Places of a source and a sink in the two lists above.
    edges: Vec<(u32, u32)>,
    /// Of an account: a stamp, and a place or a number while the stamp is the last.
    cells: Vec<(u32, u32)>,
    stamp: u32,
}

impl Scratch {
    /// Gives out so many stamps, ascending from the one returned; every cell's own is lower.
    fn next_stamps(&mut self, wanted: u32) -> u32 {
        if u32::MAX - self.stamp <= wanted {
            self.cells.fill((0, 0));
            self.stamp = 0;
        }
        let first = self.stamp + 1;
        self.stamp += wanted;
        first
    }
}

/// What one source opened.
struct Opened {
    source: u32,
    found: Vec<Complete>,
    spent: u64,
    whole: bool,
}

impl<'a> Search<'a> {
    /// Nothing is searched yet.
    pub fn new(graph: &'a TransferGraph, moments: &'a Moments<'a>, bounds: Bounds) -> Search<'a> {
        let (outs, ins) = (graph.out_slots(), graph.in_slots());
        Search { graph, moments, bounds, outs, ins, scratch: Mutex::default() }
    }

    /// Every complete group by sources, sinks and opening, and the sources whose part of the
    /// budget did not suffice, with what was spent on each, most first.
    ///
    /// The budget is shared out evenly, and what a source leaves is shared out again among those
    /// that need more, so that the cheapest are searched first whatever the threads do.
    pub fn complete(&self) -> (Vec<Complete>, Vec<(u32, u64)>) {
        let mut sources: Vec<u32> = (0..self.graph.nodes() as u32)
            .filter(|node| self.is_party(*node))
            .filter(|node| self.outs.of(*node).len() >= self.bounds.sinks_min)
            .collect();
        let mut budget = self.bounds.steps_max;
        let mut found = Vec::new();
        let mut last_share = 0;
        loop {
            let share = (budget / (sources.len() as u64).max(1)).max(STEPS_LEAST);
            let done = self.round(&sources, share);
            let spent = done.iter().fold(0_u64, |sum, one| sum.saturating_add(one.spent));
            budget = budget.saturating_sub(spent);
            let (whole, short): (Vec<Opened>, Vec<Opened>) =
                done.into_iter().partition(|one| one.whole);
            found.extend(whole.into_iter().flat_map(|one| one.found));
            let again = budget / (short.len() as u64).max(1);
            // A share that hardly grows would be spent on the same windows over again.
            if short.is_empty() || again < share.saturating_mul(2) || share == last_share {
                let mut cut: Vec<(u32, u64)> =
                    short.iter().map(|one| (one.source, one.spent)).collect();
                cut.sort_unstable_by_key(|(source, spent)| (std::cmp::Reverse(*spent), *source));
                found.extend(short.into_iter().flat_map(|one| one.found));
                found.par_sort_unstable();
                found.dedup();
                return (found, cut);
            }
            last_share = share;
            sources = short.iter().map(|one| one.source).collect();
        }
    }

    fn round(&self, sources: &[u32], share: u64) -> Vec<Opened> {
        let done: Vec<Vec<Opened>> = sources
            .par_chunks(SOURCES_A_TURN)
            .map(|turn| {
                let kept = self.scratch.lock().expect("no thread panics with it").pop();
                let mut scratch = kept.unwrap_or_else(|| Scratch {
                    cells: vec![(0, 0); self.graph.nodes()],
                    ..Scratch::default()
                });
                let done = turn
                    .iter()
                    .map(|source| self.opened_by(*source, share, &mut scratch))
                    .filter(|opened| !opened.found.is_empty() || !opened.whole || opened.spent > 0)
                    .collect();
                self.scratch.lock().expect("no thread panics with it").push(scratch);
                done
            })
            .collect();
        done.into_iter().flatten().collect()
    }

    fn is_party(&self, node: u32) -> bool {
        !self.graph.is_unidentified(node)
    }

    /// Slots of an account in the window that opens at a time; where dates stand without times,
    /// some more.
    fn window(&self, slots: &Slots, node: u32, open_ms: i64) -> Range<usize> {
        let slack_ms = self.slack_ms();
        let last_ms = open_ms.saturating_add(self.bounds.window_ms);
        slots.between(node, open_ms.saturating_sub(slack_ms), last_ms.saturating_add(slack_ms))
    }

    /// How much wider a window of the graph is than one of transfers as they stand.
    pub fn slack_ms(&self) -> i64 {
        if self.moments.all_timed() { 0 } else { SLACK_MS }
    }

    /// True for a transfer that stands in the window.
    pub fn is_inside(&self, transfer: u32, open_ms: i64) -> bool {
        let last_ms = open_ms.saturating_add(self.bounds.window_ms);
        (open_ms..=last_ms).contains(&self.moments.at_ms(transfer))
    }

    /// The accounts at the other end of an account's transfers in a window, ascending.
    fn others(&self, slots: &Slots, node: u32, open_ms: i64, others: &mut Vec<u32>) {
        others.clear();
        for slot in self.window(slots, node, open_ms) {
            let other = slots.neighbour[slot];
            if other != node
                && self.is_party(other)
                && self.is_inside(slots.transfer[slot], open_ms)
            {
                others.push(other);
            }
        }
        others.sort_unstable();
        others.dedup();
    }

    fn opened_by(&self, source: u32, share: u64, scratch: &mut Scratch) -> Opened {
        let mut opened = Opened { source, found: Vec::new(), spent: 0, whole: true };
        let mut left = share;
        for slot in self.outs.of(source) {
            let sink = self.outs.neighbour[slot];
            if sink == source || !self.is_party(sink) {
                continue;
            }
            let open_ms = self.moments.at_ms(self.outs.transfer[slot]);
            opened.whole =
                self.open((source, sink, open_ms), &mut left, scratch, &mut opened.found);
            opened.spent = share - left;
            if !opened.whole {
                break;
            }
        }
        opened
    }

    /// The groups of a window that opens with a payment from `source` to `sink`; false if the
    /// steps ran out.
    fn open(
        &self,
        (source, sink, open_ms): (u32, u32, i64),
        left: &mut u64,
        scratch: &mut Scratch,
        found: &mut Vec<Complete>,
    ) -> bool {
        let paid = self.window(&self.outs, source, open_ms).len();
        let received = self.window(&self.ins, sink, open_ms).len();
        if paid < self.bounds.sinks_min || received < self.bounds.sources_min {
            return take(left, 1);
        }
        if !take(left, paid as u64) {
            return false;
        }
        self.others(&self.outs, source, open_ms, &mut scratch.sinks);
        if scratch.sinks.len() < self.bounds.sinks_min {
            return true;
        }
        scratch.sources.clear();
        let whole = if received <= paid {
            self.sources_of_sink((source, sink, open_ms), left, scratch)
        } else {
            self.sources_of_sinks((source, open_ms), left, scratch)
        };
        if !whole || scratch.sources.len() + 1 < self.bounds.sources_min {
            return whole;
        }
        scratch.sources.push(source);
        scratch.sources.sort_unstable();
        // Each edge is sorted, and looked at again by what follows.
        if !self.edges((sink, open_ms), left, scratch)
            || !take(left, STEPS_AN_EDGE * scratch.edges.len() as u64)
        {
            return false;
        }
        let (sources, sinks) = self.core(scratch);
        if sources.len() < self.bounds.sources_min || sinks.len() < self.bounds.sinks_min {
            return true;
        }
        let before = found.len();
        let whole = self.parts(&sources, &sinks, open_ms, left, scratch, found);
        let pairs = |one: &Complete| (one.sources.len() * one.sinks.len()) as u64;
        let payments = found[before..].iter().map(pairs).fold(0, u64::saturating_add);
        take(left, payments.saturating_mul(STEPS_AN_EDGE)) && whole
    }

    /// Of those that pay the sink, who pays enough of the sinks in the window besides `source`;
    /// false if the steps ran out. For a sink that fewer pay than the source has payments.
    fn sources_of_sink(
        &self,
        (source, sink, open_ms): (u32, u32, i64),
        left: &mut u64,
        scratch: &mut Scratch,
    ) -> bool {
        let mut paying = std::mem::take(&mut scratch.others);
        self.others(&self.ins, sink, open_ms, &mut paying);
        let marked = scratch.next_stamps(1);
        for sink in &scratch.sinks {
            scratch.cells[*sink as usize] = (marked, u32::MAX);
        }
        let mut whole = true;
        for (serial, &payer) in (0..).zip(paying.iter().filter(|payer| **payer != source)) {
            let window = self.window(&self.outs, payer, open_ms);
            whole = take(left, window.len() as u64 + 1);
            if !whole {
                break;
            }
            let mut sinks = 0;
            for slot in window {
                let cell = &mut scratch.cells[self.outs.neighbour[slot] as usize];
                if *cell != (marked, serial)
                    && cell.0 == marked
                    && self.is_inside(self.outs.transfer[slot], open_ms)
                {
                    cell.1 = serial;
                    sinks += 1;
                }
            }
            if sinks >= self.bounds.sinks_min {
                scratch.sources.push(payer);
            }
        }
        scratch.others = paying;
        whole
    }

    /// Who pays enough of the sinks in the window besides `source`, the sinks that are paid least
    /// often first: the busiest are looked at only for someone who pays others already. False if
    /// the steps ran out.
    fn sources_of_sinks(
        &self,
        (source, open_ms): (u32, i64),
        left: &mut u64,
        scratch: &mut Scratch,
    ) -> bool {
        let least = self.bounds.sinks_min as u32;
        let Scratch { sinks, by_payments, .. } = scratch;
        if !take(left, sinks.len() as u64) {
            return false;
        }
        by_payments.clear();
        for &sink in sinks.iter() {
            let payments = self.window(&self.ins, sink, open_ms).len();
            if payments >= self.bounds.sources_min {
                by_payments.push((payments as u32, sink));
            }
        }
        by_payments.sort_unstable();
        let first = scratch.next_stamps(scratch.by_payments.len() as u32);
        let Scratch { by_payments, cells, sources, .. } = scratch;
        let mut most = 0;
        for (at, &(payments, sink)) in (0..).zip(by_payments.iter()) {
            if most + by_payments.len() as u32 - at < least {
                return true;
            }
            if !take(left, u64::from(payments)) {
                return false;
            }
            let stamp = first + at;
            for slot in self.window(&self.ins, sink, open_ms) {
                let payer = self.ins.neighbour[slot];
                let cell = &mut cells[payer as usize];
                if cell.0 == stamp
                    || payer == sink
                    || payer == source
                    || !self.is_inside(self.ins.transfer[slot], open_ms)
                {
                    continue;
                }
                *cell = (stamp, if cell.0 >= first { cell.1 + 1 } else { 1 });
                most = most.max(cell.1);
                if cell.1 == least && self.is_party(payer) {
                    sources.push(payer);
                }
            }
        }
        true
    }

    /// Who of the sources pays which of the sinks in the window, for those who pay `sink`; false
    /// if the steps ran out.
    fn edges(&self, (sink, open_ms): (u32, i64), left: &mut u64, scratch: &mut Scratch) -> bool {
        let stamp = scratch.next_stamps(1);
        let Scratch { sources, sinks, edges, cells, .. } = scratch;
        for (place, sink) in (0..).zip(sinks.iter()) {
            cells[*sink as usize] = (stamp, place);
        }
        edges.clear();
        for (place, source) in (0..).zip(sources.iter()) {
            let window = self.window(&self.outs, *source, open_ms);
            if !take(left, window.len() as u64) {
                return false;
            }
            let before = edges.len();
            let mut pays_sink = false;
            for slot in window {
                let other = self.outs.neighbour[slot];
                let (marked, other_place) = cells[other as usize];
                if marked == stamp
                    && other != *source
                    && self.is_inside(self.outs.transfer[slot], open_ms)
                {
                    pays_sink |= other == sink;
                    edges.push((place, other_place));
                }
            }
            if !pays_sink {
                edges.truncate(before);
            }
        }
        edges.sort_unstable();
        edges.dedup();
        true
    }

    /// Leaves the edges between sources that pay enough sinks and sinks that enough sources pay;
    /// gives the places of both.
    fn core(&self, scratch: &mut Scratch) -> (Vec<u32>, Vec<u32>) {
        let Scratch { sources, sinks, edges, .. } = scratch;
        loop {
            let mut paid = vec![0; sources.len()];
            let mut received = vec![0; sinks.len()];
            for &(source, sink) in edges.iter() {
                paid[source as usize] += 1;
                received[sink as usize] += 1;
            }
            let before = edges.len();
            edges.retain(|&(source, sink)| {
                paid[source as usize] >= self.bounds.sinks_min
                    && received[sink as usize] >= self.bounds.sources_min
            });
            if edges.len() == before {
                let with = |counts: &[usize]| {
                    (0..).zip(counts).filter(|(_, count)| **count > 0).map(|it| it.0).collect()
                };
                return (with(&paid), with(&received));
            }
        }
    }

    fn parts(
        &self,
        source_places: &[u32],
        sink_places: &[u32],
        open_ms: i64,
        left: &mut u64,
        scratch: &Scratch,
        found: &mut Vec<Complete>,
    ) -> bool {
        let at = |places: &[u32], place: u32| {
            places.binary_search(&place).expect("an edge of the core joins two of it")
        };
        let edges = scratch.edges.iter();
        let matrix = Matrix::new(
            source_places.len(),
            sink_places.len(),
            edges.map(|&(source, sink)| (at(source_places, source), at(sink_places, sink))),
        );
        let sources = |places: &[usize]| -> Vec<u32> {
            places.iter().map(|at| scratch.sources[source_places[*at] as usize]).collect()
        };
        let sinks = |places: &[usize]| -> Vec<u32> {
            places.iter().map(|at| scratch.sinks[sink_places[*at] as usize]).collect()
        };
        let Bounds { sources_min, sinks_min, .. } = self.bounds;
        // The fewer columns there are, the fewer sets of them.
        if source_places.len() < sink_places.len() {
            return matrix.turned().parts(sinks_min, sources_min, left, |part| {
                let (sources, sinks) = (sources(&part.columns), sinks(&part.rows));
                found.push(Complete { sources, sinks, open_ms });
            });
        }
        matrix.parts(sources_min, sinks_min, left, |part| {
            let (sources, sinks) = (sources(&part.rows), sinks(&part.columns));
            found.push(Complete { sources, sinks, open_ms });
        })
    }
}
