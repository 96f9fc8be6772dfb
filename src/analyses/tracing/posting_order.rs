//! In which order the halves of movements are posted, as the records state it.
//!
//! Day by day; within a day the statement of each account keeps its own order, a debit comes before
//! its credit, and among what is ready the least by time, source and line is posted first. Where
//! the statements contradict each other, the least debit is posted, and told as a conflict. The
//! two other orders that a day allows are `same_day`'s.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::ledger::{End, Half, Movement};

const NONE: u32 = u32::MAX;

/// What is posted at one place of the order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Posting {
    /// A movement, whole: its debit, then its credit.
    Both(u32),
    /// A debit whose credit comes later.
    Debit(u32),
    /// A credit whose debit came before.
    Credit(u32),
}

impl Posting {
    /// The movement.
    pub fn movement(self) -> u32 {
        match self {
            Posting::Both(movement) | Posting::Debit(movement) | Posting::Credit(movement) => {
                movement
            }
        }
    }

    fn code(self) -> u32 {
        match self {
            Posting::Both(movement) => movement * 4,
            Posting::Debit(movement) => movement * 4 + 1,
            Posting::Credit(movement) => movement * 4 + 2,
        }
    }

    #[inline]
    fn of(code: u32) -> Posting {
        match code % 4 {
            0 => Posting::Both(code / 4),
            1 => Posting::Debit(code / 4),
            _ => Posting::Credit(code / 4),
        }
    }
}

/// A debit that was posted although a statement has something else before it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Conflict {
    /// Civil day on which it was posted.
    pub day: i32,
    /// The movement.
    pub movement: u32,
}

/// Halves of movements in the order in which they are posted, day by day.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PostingOrder {
    codes: Vec<u32>,
    /// Civil day, and where its postings end.
    days: Vec<(i32, u32)>,
}

impl PostingOrder {
    /// Days with postings, in order, each with where its postings stand.
    pub fn days(&self) -> impl Iterator<Item = (i32, Range<usize>)> + '_ {
        let starts = std::iter::once(0).chain(self.days.iter().map(|(_, end)| *end));
        let places =
            |((day, end), start): (&(i32, u32), u32)| (*day, start as usize..*end as usize);
        self.days.iter().zip(starts).map(places)
    }

    /// The posting at a place.
    #[inline]
    pub fn at(&self, place: usize) -> Posting {
        Posting::of(self.codes[place])
    }

    /// Number of postings.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// True when nothing is posted.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The postings up to and with a civil day. Cost: one copy of them.
    pub fn until(&self, day: i32) -> PostingOrder {
        let days = self.days.partition_point(|(of, _)| *of <= day);
        let end = days.checked_sub(1).map_or(0, |last| self.days[last].1 as usize);
        PostingOrder { codes: self.codes[..end].to_vec(), days: self.days[..days].to_vec() }
    }

    /// Calls `visit` for every half with its movement and civil day.
    pub fn each_half(&self, mut visit: impl FnMut(u32, End, i32)) {
        for (day, places) in self.days() {
            for place in places {
                match self.at(place) {
                    Posting::Both(movement) => {
                        visit(movement, End::Debit, day);
                        visit(movement, End::Credit, day);
                    }
                    Posting::Debit(movement) => visit(movement, End::Debit, day),
                    Posting::Credit(movement) => visit(movement, End::Credit, day),
                }
            }
        }
    }

    /// Puts the postings of a new last day behind the others.
    pub(super) fn push_day(&mut self, day: i32, postings: impl Iterator<Item = Posting>) {
        self.codes.extend(postings.map(Posting::code));
        self.days.push((day, self.codes.len() as u32));
    }

    /// Movements that already stand in their order, both halves at one instant. Those of zero
    /// and those of an account to itself are never posted.
    ///
    /// # Panics
    ///
    /// If the days fall.
    pub(super) fn listed(from: &[u32], to: &[u32], amount: &[i64], day: &[i32]) -> PostingOrder {
        assert!(day.is_sorted(), "listed movements stand in order of time");
        let mut order = PostingOrder { codes: Vec::with_capacity(from.len()), days: Vec::new() };
        for (day, rows) in days_of(day) {
            let posted = rows.filter(|row| amount[*row] != 0 && from[*row] != to[*row]);
            order.push_day(day, posted.map(|row| Posting::Both(row as u32)));
        }
        order
    }

    /// The order as stated, and the debits that stood against a statement in it. Cost: a sort of
    /// the halves; a heap of those of a day.
    pub(super) fn stated(
        movements: &[Movement],
        statements: &[Vec<(u32, End)>],
    ) -> (PostingOrder, Vec<Conflict>) {
        let mut conflicts = Vec::new();
        let mut halves = halves(movements, &mut conflicts);
        halves.sort_unstable();
        let mut place = vec![NONE; movements.len() * 2];
        for (at, half) in (0..).zip(&halves) {
            place[half.node()] = at;
        }
        let mut waiting = Waiting::new(&halves, &place, statements);
        let mut order = PostingOrder::default();
        let mut start = 0;
        for chunk in halves.chunk_by(|left, right| left.day == right.day) {
            let range = start..start + chunk.len();
            start = range.end;
            let posted = waiting.day(&halves, range, &mut conflicts);
            order.push_day(chunk[0].day, joined(&posted).into_iter());
        }
        conflicts.sort_unstable();
        (order, conflicts)
    }
}

/// Civil days with their rows, in order; the days of the rows never fall. Cost: one pass.
pub(super) fn days_of(day: &[i32]) -> Vec<(i32, Range<usize>)> {
    let mut start = 0;
    let chunks = day.chunk_by(|left, right| left == right);
    let of_chunk = chunks.map(|chunk| {
        let rows = start..start + chunk.len();
        start = rows.end;
        (chunk[0], rows)
    });
    of_chunk.collect()
}

/// Joins each debit with its credit where the credit follows at once.
fn joined(posted: &[(u32, End)]) -> Vec<Posting> {
    let mut postings = Vec::with_capacity(posted.len());
    let mut rest = posted;
    while let Some(((movement, end), behind)) = rest.split_first() {
        let follows = behind.first() == Some(&(*movement, End::Credit));
        rest = if *end == End::Debit && follows { &behind[1..] } else { behind };
        postings.push(match (end, follows) {
            (End::Debit, true) => Posting::Both(*movement),
            (End::Debit, false) => Posting::Debit(*movement),
            (End::Credit, _) => Posting::Credit(*movement),
        });
    }
    postings
}

/// A half with the key by which it is posted.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Placed {
    day: i32,
    time_ms: i64,
    source: u32,
    line: u32,
    end: End,
    movement: u32,
    /// True for a debit that is posted before its own statement has it.
    brought_forward: bool,
}

impl Placed {
    fn node(&self) -> usize {
        self.movement as usize * 2 + usize::from(self.end == End::Credit)
    }
}

/// The halves that are posted. A credit that is booked on a day before its debit brings the debit
/// forward, since nothing arrives before it leaves.
fn halves(movements: &[Movement], conflicts: &mut Vec<Conflict>) -> Vec<Placed> {
    let mut halves = Vec::with_capacity(movements.len() * 2);
    for (movement, one) in (0..).zip(movements) {
        if one.amount == 0 || one.from == one.to {
            continue;
        }
        let placed = |half: &Half, end, brought_forward| Placed {
            day: half.day,
            time_ms: half.time_ms,
            source: half.source,
            line: half.line,
            end,
            movement,
            brought_forward,
        };
        let mut debit = placed(&one.debit, End::Debit, false);
        if one.credit.day < one.debit.day {
            conflicts.push(Conflict { day: one.credit.day, movement });
            (debit.day, debit.time_ms) = (one.credit.day, one.credit.time_ms);
            debit.brought_forward = true;
        }
        halves.push(debit);
        halves.push(placed(&one.credit, End::Credit, false));
    }
    halves
}

/// Which halves wait for which, all by place in the sorted halves.
struct Waiting {
    /// The half that may follow in the statement once this one is posted.
    next: Vec<u32>,
    /// The half that this one follows in the statement, where both are of one day.
    before: Vec<u32>,
    /// The credit of a debit, where both are of one day.
    credit: Vec<u32>,
    /// Halves that have to be posted before.
    count: Vec<u8>,
}

impl Waiting {
    fn new(halves: &[Placed], place: &[u32], statements: &[Vec<(u32, End)>]) -> Waiting {
        let mut waiting = Waiting {
            next: vec![NONE; halves.len()],
            before: vec![NONE; halves.len()],
            credit: vec![NONE; halves.len()],
            count: vec![0; halves.len()],
        };
        for rows in statements {
            let mut before: Option<u32> = None;
            for (movement, end) in rows {
                let at = place[*movement as usize * 2 + usize::from(*end == End::Credit)];
                if at == NONE || halves[at as usize].brought_forward {
                    continue;
                }
                if let Some(before) = before.replace(at) {
                    let (first, then) = (halves[before as usize].day, halves[at as usize].day);
                    assert!(first <= then, "the days of a statement never fall");
                    if first == then {
                        waiting.next[before as usize] = at;
                        waiting.before[at as usize] = before;
                        waiting.count[at as usize] += 1;
                    }
                }
            }
        }
        for (at, half) in halves.iter().enumerate().filter(|(_, half)| half.end == End::Debit) {
            let credit = place[half.node() + 1];
            if halves[credit as usize].day == half.day {
                waiting.credit[at] = credit;
                waiting.count[credit as usize] += 1;
            }
        }
        waiting
    }

    /// Takes a half that is posted out of turn out of its statement: what follows it there waits
    /// for what stands before it.
    fn take_out(&mut self, at: usize) {
        let before = std::mem::replace(&mut self.before[at], NONE);
        let next = std::mem::replace(&mut self.next[at], NONE);
        if before != NONE {
            self.next[before as usize] = next;
        }
        if next != NONE {
            self.before[next as usize] = before;
        }
    }

    /// The halves of one day in their order.
    fn day(
        &mut self,
        halves: &[Placed],
        range: Range<usize>,
        conflicts: &mut Vec<Conflict>,
    ) -> Vec<(u32, End)> {
        let ready = range.clone().filter(|at| self.count[*at] == 0);
        let mut heap: BinaryHeap<Reverse<usize>> = ready.map(Reverse).collect();
        let mut debits = range.clone().filter(|at| halves[*at].end == End::Debit);
        let mut posted = vec![false; range.len()];
        let mut order = Vec::with_capacity(range.len());
        while order.len() < range.len() {
            let at = match heap.pop() {
                Some(Reverse(at)) => at,
                None => {
                    let forced = debits.find(|at| !posted[at - range.start]);
                    let at = forced.expect("what waits in a circle waits for a debit");
                    conflicts.push(Conflict { day: halves[at].day, movement: halves[at].movement });
                    self.take_out(at);
                    at
                }
            };
            if std::mem::replace(&mut posted[at - range.start], true) {
                continue;
            }
            order.push((halves[at].movement, halves[at].end));
            for then in [self.next[at], self.credit[at]] {
                if then == NONE {
                    continue;
                }
                self.count[then as usize] -= 1;
                if self.count[then as usize] == 0 && !posted[then as usize - range.start] {
                    heap.push(Reverse(then as usize));
                }
            }
        }
        order
    }
}
