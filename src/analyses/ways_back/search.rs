//! The ways from one account: a search from both ends.
//!
//! A way is found from its first transfer. From the account that sent it, a search against the
//! money notes for each account the latest moment at which money may leave it and still come
//! back in time, by number of transfers; the search along the money then enters only accounts
//! from which a way back is left. Stacks are the search's own, since paths are long.
//!
//! Sources: R. Kumar, T. Calders, 2SCENT: an efficient algorithm for enumerating all simple
//! temporal cycles, PVLDB 11 (2018) 1441–1453, for closing cycles from their first transfer;
//! the latest departures are the mirror image of its candidate sets.

use super::{Bounds, Homes};
use crate::analyses::Moments;
use crate::graph::{Edges, TransferGraph};

/// Transfers of a way back for which latest departures are kept, at most.
const BACK_MAX: usize = 15;
/// First transfers of a way from which nobody asks whether money can still come back: so few lead
/// to few accounts, and to look back as far as they go costs more.
const UNASKED: usize = 3;
/// Steps that the search against the money takes for one group of first transfers before it
/// looks no further back: pruning that costs more than the search it spares.
const BACK_STEPS_MAX: u64 = 1 << 14;
/// First transfers of an account within this part of the window share one search back.
const GROUP_PARTS: i64 = 8;

/// What was found from one account.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Found {
    /// Rows of `transfers`, first to last, of each way; at most `kept_max`.
    pub ways: Vec<Vec<u32>>,
    /// How many there are, those that were not kept too.
    pub count: u64,
    /// True when `steps_max` ended the search.
    pub cut: bool,
    /// Transfers looked at.
    pub steps: u64,
}

/// The latest moments at which money may leave an account, or reach it and still leave in time
/// where dates stand without times, by transfers left. Ticks are shifted by one, so that 0 says
/// that there is none.
struct Latest {
    /// Of each account: the search that the others are of, then at place `n` the latest tick for
    /// a way back of at most `n`.
    lines: Vec<Line>,
    /// Places of an account: a power of two, so that all stand in one line of the cache.
    places: usize,
    search: u32,
}

#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Line([u32; BACK_MAX + 1]);

impl Latest {
    fn new(nodes: usize, back_max: usize) -> Latest {
        let places = (back_max + 1).next_power_of_two();
        let lines = (nodes * places).div_ceil(BACK_MAX + 1);
        Latest { lines: vec![Line::default(); lines], places, search: 0 }
    }

    /// Forgets all moments.
    fn clear(&mut self) {
        self.search = self.search.checked_add(1).unwrap_or_else(|| {
            self.lines.fill(Line::default());
            1
        });
    }

    /// The moments of an account, by transfers left; the first place is another's.
    #[inline(always)]
    fn of(&self, node: u32) -> Option<&[u32]> {
        let start = node as usize * self.places;
        let line = &self.lines[start / (BACK_MAX + 1)].0;
        let places = &line[start % (BACK_MAX + 1)..][..self.places];
        (places[0] == self.search).then_some(places)
    }

    /// The same to be changed, none known at first.
    #[inline(always)]
    fn of_mut(&mut self, node: u32) -> &mut [u32] {
        let start = node as usize * self.places;
        let line = &mut self.lines[start / (BACK_MAX + 1)].0;
        let places = &mut line[start % (BACK_MAX + 1)..][..self.places];
        if places[0] != self.search {
            places.fill(0);
            places[0] = self.search;
        }
        places
    }
}

/// Working columns of one thread.
pub(super) struct Search<'a> {
    graph: &'a TransferGraph,
    moments: &'a Moments<'a>,
    bounds: Bounds,
    /// Absent: money comes back to the account that sent it. Present: to another one of its home.
    homes: Option<&'a Homes>,
    latest: Latest,
    /// Most transfers of a way back that are looked at.
    back_max: usize,
    /// Accounts to go back from, with the place of their latest departure.
    frontier: Vec<u32>,
    next: Vec<u32>,
    /// How many transfers back the last search went.
    back: usize,
    /// The path at hand.
    steps: Vec<Step<'a>>,
    path: Vec<u32>,
    taken: u64,
    /// Transfers that may be looked at from the account at hand.
    steps_max: u64,
}

/// An account on the path, and which of its transfers come next.
struct Step<'a> {
    /// Row of the transfer that led here.
    transfer: u32,
    edges: Edges<'a>,
    at: usize,
}

impl<'a> Search<'a> {
    /// Room for the graph: 4 bytes an account and transfer that is looked back, rounded up to a
    /// power of two; 16 for ways of 6 accounts.
    pub fn new(
        graph: &'a TransferGraph,
        moments: &'a Moments<'a>,
        bounds: Bounds,
        homes: Option<&'a Homes>,
    ) -> Search<'a> {
        let half = bounds.accounts_max / 2;
        let back_max = half.max(bounds.accounts_max.saturating_sub(UNASKED)).clamp(1, BACK_MAX);
        Search {
            graph,
            moments,
            bounds,
            homes,
            latest: Latest::new(graph.nodes(), back_max),
            back_max,
            frontier: Vec::new(),
            next: Vec::new(),
            back: 0,
            steps: Vec::new(),
            path: Vec::new(),
            taken: 0,
            steps_max: 0,
        }
    }

    /// The ways whose first transfer an account sent, in order of that transfer. With more
    /// steps come the same ones, then others.
    pub fn from(&mut self, origin: u32, steps_max: u64) -> Found {
        let mut found = Found::default();
        (self.taken, self.steps_max) = (0, steps_max);
        self.all_from(origin, &mut found);
        found.steps = self.taken;
        found
    }

    fn all_from(&mut self, origin: u32, found: &mut Found) {
        let out = self.graph.out_edges(origin);
        let home = self.home(origin);
        if out.is_empty() || home.is_empty() || self.graph.is_unidentified(origin) {
            return;
        }
        let ticks = out.ticks();
        let mut at = 0;
        while at < ticks.len() {
            let first = ticks[at];
            let first_ms = self.graph.tick_ms(first);
            let group_end = self.end(first_ms, self.bounds.window_ms / GROUP_PARTS);
            let group = at..at + ticks[at..].partition_point(|tick| *tick < group_end);
            at = group.end;
            let last_ms = self.graph.tick_ms(ticks[group.end - 1]);
            let end = self.end(last_ms, self.reach_ms());
            if !self.look_back(origin, &home, first, end) {
                continue;
            }
            for root in group {
                let neighbour = out.neighbours()[root];
                let deadline = self.end(self.graph.tick_ms(ticks[root]), self.reach_ms());
                let start = Start { origin, deadline, tick: ticks[root] };
                self.close(start, neighbour, out.transfers()[root], found);
                if self.taken > self.steps_max {
                    found.cut = true;
                    return;
                }
            }
        }
    }

    /// The accounts at which a way from `origin` ends.
    fn home(&self, origin: u32) -> Vec<u32> {
        let Some(homes) = self.homes else { return vec![origin] };
        let number = homes.of[origin as usize] as usize;
        let members = homes.members.get(number).into_iter().flatten().copied();
        members.filter(|member| *member != origin).collect()
    }

    /// True for an account that is no stop of a way from `origin`.
    #[inline]
    fn is_home(&self, origin: u32, node: u32) -> bool {
        node == origin
            || self.homes.is_some_and(|homes| homes.of[node as usize] == homes.of[origin as usize])
    }

    /// The first tick that is more than `span_ms` after a time.
    fn end(&self, ms: i64, span_ms: i64) -> u32 {
        self.graph.tick_at_or_after(ms.saturating_add(span_ms).saturating_add(1))
    }

    /// How far apart the first and the last transfer of a way can stand in the graph.
    fn reach_ms(&self) -> i64 {
        self.bounds.window_ms.saturating_add(self.moments.disorder_ms())
    }

    /// How many of some ticks cannot follow `tick`.
    #[inline]
    fn after(&self, ticks: &[u32], tick: u32) -> usize {
        if self.moments.all_timed() {
            return ticks.partition_point(|other| *other <= tick);
        }
        let earliest = match self.moments.disorder_ms() {
            0 => tick,
            some => self.graph.tick_at_or_after(self.graph.tick_ms(tick).saturating_sub(some)),
        };
        ticks.partition_point(|other| *other < earliest)
    }

    /// The last tick at which money can arrive that leaves at `tick` or, where times alone
    /// decide, just after it.
    #[inline]
    fn latest_arrival(&self, tick: u32) -> u32 {
        match self.moments.disorder_ms() {
            0 => tick,
            some => self.end(self.graph.tick_ms(tick), some).saturating_sub(1).max(tick),
        }
    }

    /// How many of some ticks may come before money leaves, as [`Search::latest_arrival`] has it.
    #[inline]
    fn before(&self, ticks: &[u32], tick: u32) -> usize {
        let timed = self.moments.all_timed();
        ticks.partition_point(|other| if timed { *other < tick } else { *other <= tick })
    }

    /// Notes the latest departures towards the accounts of `home`, of transfers after `first`
    /// and before `end`; false when nothing comes back.
    fn look_back(&mut self, origin: u32, home: &[u32], first: u32, end: u32) -> bool {
        self.latest.clear();
        self.frontier.clear();
        self.frontier.extend_from_slice(home);
        let mut steps = 0;
        self.back = 0;
        'back: for hop in 0..self.back_max {
            self.next.clear();
            for at in 0..self.frontier.len() {
                let node = self.frontier[at];
                let edges = self.graph.in_edges(node);
                let ticks = edges.ticks();
                let until = if hop == 0 {
                    ticks.partition_point(|tick| *tick < end)
                } else {
                    let known = self.latest.of(node).expect("whom money came through was noted");
                    self.before(ticks, known[hop] - 1)
                };
                let since = self.after(&ticks[..until], first);
                steps += (until - since) as u64;
                // The first step back is what tells that nothing comes back at all.
                if steps > BACK_STEPS_MAX && hop > 0 {
                    break 'back;
                }
                let senders = &edges.neighbours()[since..until];
                for (sender, tick) in senders.iter().zip(&ticks[since..until]) {
                    self.note(origin, *sender, self.latest_arrival(*tick), hop);
                }
            }
            std::mem::swap(&mut self.frontier, &mut self.next);
            self.back = hop + 1;
            if self.frontier.is_empty() {
                // Nothing further back exists, so longer ways back are the ones known.
                self.back = usize::MAX;
                break;
            }
        }
        self.taken += steps;
        steps > 0
    }

    #[inline]
    fn note(&mut self, origin: u32, sender: u32, tick: u32, hop: usize) {
        if self.is_home(origin, sender) || self.graph.is_unidentified(sender) {
            return;
        }
        let latest = self.latest.of_mut(sender);
        if latest[hop + 1] < tick + 1 {
            // A node is listed once a level: its tick of the level is its own only then.
            let listed = latest[hop + 1] > if hop == 0 { 0 } else { latest[hop] };
            latest[hop + 1..].fill(tick + 1);
            if !listed {
                self.next.push(sender);
            }
        }
    }

    /// True when money that reached an account at `tick` may come back by `left` transfers.
    #[inline]
    fn may_return(&self, node: u32, tick: u32, left: usize) -> bool {
        if left > self.back {
            return true;
        }
        let Some(latest) = self.latest.of(node) else { return false };
        let departure = latest[left.min(self.back_max)];
        if self.moments.all_timed() { departure > tick + 1 } else { departure > tick }
    }

    /// Every way back from `node`, to which the transfer `root` brought the money.
    fn close(&mut self, start: Start, node: u32, root: u32, found: &mut Found) {
        let hops_max = self.hops_max();
        let open = !self.is_home(start.origin, node)
            && !self.graph.is_unidentified(node)
            && self.may_return(node, start.tick, hops_max - 1);
        if open {
            self.enter(node, root, start.tick);
        }
        while let Some(step) = self.steps.last_mut() {
            let at = step.at;
            let over = at >= step.edges.len() || step.edges.ticks()[at] >= start.deadline;
            if over || self.taken > self.steps_max {
                self.steps.pop();
                self.path.pop();
                continue;
            }
            step.at += 1;
            self.taken += 1;
            let (tick, next) = (step.edges.ticks()[at], step.edges.neighbours()[at]);
            let (before, transfer) = (step.transfer, step.edges.transfers()[at]);
            let here = self.path[self.path.len() - 1];
            if self.is_home(start.origin, next) {
                let ends = self.ends_at(start.origin, next)
                    && self.follows(here, before, transfer)
                    && self.is_within(root, transfer);
                if ends {
                    self.keep(transfer, found);
                }
                continue;
            }
            let left = hops_max - self.steps.len() - 1;
            let open = left > 0
                && self.may_return(next, tick, left)
                && !self.path.contains(&next)
                && !self.graph.is_unidentified(next)
                && self.follows(here, before, transfer);
            if open {
                self.enter(next, transfer, tick);
            }
        }
    }

    /// Most transfers of a way: a way that ends where it began has as many as accounts.
    fn hops_max(&self) -> usize {
        self.bounds.accounts_max - usize::from(self.homes.is_some())
    }

    fn ends_at(&self, origin: u32, node: u32) -> bool {
        let accounts = self.path.len() + 1 + usize::from(self.homes.is_some());
        (node == origin) == self.homes.is_none() && accounts >= self.bounds.accounts_min
    }

    fn keep(&mut self, last: u32, found: &mut Found) {
        found.count += 1;
        if found.ways.len() < self.bounds.kept_max {
            let rows = self.steps.iter().map(|step| step.transfer);
            found.ways.push(rows.chain([last]).collect());
        }
    }

    /// True when a way from one transfer to another lies within the window.
    fn is_within(&self, first: u32, last: u32) -> bool {
        self.moments.disorder_ms() == 0
            || self.moments.at_ms(last) - self.moments.at_ms(first) <= self.bounds.window_ms
    }

    fn follows(&self, account: u32, before: u32, transfer: u32) -> bool {
        self.moments.all_timed() || self.moments.follows(account, before, transfer)
    }

    fn enter(&mut self, node: u32, transfer: u32, tick: u32) {
        let edges = self.graph.out_edges(node);
        let at = self.after(edges.ticks(), tick);
        self.path.push(node);
        self.steps.push(Step { transfer, edges, at });
    }
}

/// The first transfer of the ways searched for.
#[derive(Clone, Copy)]
struct Start {
    origin: u32,
    /// Tick of the first transfer.
    tick: u32,
    /// The first tick after the window.
    deadline: u32,
}
