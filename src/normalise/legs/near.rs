//! Which records of another class may tell of the same payment, by what they say of its ends.
//!
//! Answers with few records for each, without comparing every two: those that share something of
//! an end within the window of days. Two records that are one share something of the sender, or
//! of the receiver where nobody names the sender, and the other way round; whichever gives fewer
//! is asked, so that a payroll of equal wages is sought by its receivers. Whether they are one is
//! `named`'s to decide.

use crate::normalise::legs::Lookup;
use crate::normalise::legs::far_ends::{End, keys_of};
use crate::normalise::legs::named::Told;

/// A record with what others may know its ends by.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub told: Told<'a>,
    from: Sides,
    to: Sides,
}

/// What an end may be known by.
#[derive(Debug)]
struct Sides {
    keys: Vec<u64>,
    /// What an end must have in common with another for the two to be one account: a bit for each
    /// key, and one for how much is known of it.
    held: u64,
    /// The bits of which it must share one.
    asked: u64,
}

/// Bits of keys; those above say whether an end has a number and whether it has a name.
const KEY_BITS: u64 = 60;

impl From<&End<'_>> for Sides {
    fn from(end: &End<'_>) -> Sides {
        let keys = keys_of(end);
        let bits = keys.iter().fold(0, |bits, key| bits | 1 << (key % KEY_BITS));
        let known = (end.is_numberless(), end.is_nameless());
        let bit = |numberless: bool, nameless: bool| {
            1 << (KEY_BITS + 2 * u64::from(numberless) + u64::from(nameless))
        };
        // Two ends contradict each other in nothing when one has no number and one no name.
        let mut asked = bits;
        for other in [(false, false), (false, true), (true, false), (true, true)] {
            if (known.0 || other.0) && (known.1 || other.1) {
                asked |= bit(other.0, other.1);
            }
        }
        Sides { keys, held: bits | bit(known.0, known.1), asked }
    }
}

impl<'a> From<Told<'a>> for Known<'a> {
    fn from(told: Told<'a>) -> Known<'a> {
        Known { from: Sides::from(&told.from), to: Sides::from(&told.to), told }
    }
}

/// Records of one class by what others may know them by.
#[derive(Default)]
pub(super) struct Index {
    numbers: Lookup<(Sought, u64), u32>,
    /// Records, ascending in days.
    lists: Vec<Vec<Entry>>,
}

/// A record in a list. What is compared stands here because a look at the record itself would wait
/// for memory at every step.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    day: i32,
    /// Its place among the records of its class.
    pub at: u32,
    /// What is held of the other end than the one that it is listed by; every bit where a
    /// reference lists it.
    other: u64,
}

/// What a key is of.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
enum Sought {
    From,
    To,
    /// The sender, of those whose receiver nobody names: it may have a number.
    FromAlone,
    /// The receiver, of those whose sender nobody names.
    ToAlone,
    Reference,
}

/// Part of a list.
pub(super) struct Slice<'a> {
    pub list: u32,
    pub start: usize,
    pub rows: &'a [Entry],
    /// Of what a record holds of its other end, the bits of which it must have one.
    asked: u64,
}

impl Slice<'_> {
    /// The places of the records that may be one.
    pub fn fitting(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().filter(|one| one.other & self.asked != 0).map(|one| one.at)
    }
}

impl Index {
    /// Indexes the records of `rights` that number both ends, or those that do not; in order of
    /// their days. Cost: a few entries for each.
    pub fn new(rights: &[Known<'_>], numbered: bool) -> Index {
        let mut index = Index::default();
        for (at, one) in rights.iter().enumerate().filter(|one| one.1.told.numbered == numbered) {
            let entry = |other| Entry { day: one.told.day, at: at as u32, other };
            for key in &one.from.keys {
                index.add((Sought::From, *key), entry(one.to.held));
                if one.told.to.is_nameless() {
                    index.add((Sought::FromAlone, *key), entry(one.to.held));
                }
            }
            for key in &one.to.keys {
                index.add((Sought::To, *key), entry(one.from.held));
                if one.told.from.is_nameless() {
                    index.add((Sought::ToAlone, *key), entry(one.from.held));
                }
            }
            for hash in one.told.references.iter() {
                index.add((Sought::Reference, *hash), entry(u64::MAX));
            }
        }
        index
    }

    fn add(&mut self, key: (Sought, u64), entry: Entry) {
        let list = *self.numbers.entry(key).or_insert_with(|| {
            self.lists.push(Vec::new());
            (self.lists.len() - 1) as u32
        });
        self.lists[list as usize].push(entry);
    }

    /// The records that may be one with another, as parts of lists that may share some.
    pub fn near(&self, one: &Known<'_>, window_days: i32) -> Vec<Slice<'_>> {
        let told = &one.told;
        let slices = |sought: Sought, keys: &[u64], asked: u64| -> Vec<Slice<'_>> {
            let lists = keys.iter().filter_map(|key| self.numbers.get(&(sought, *key)));
            lists.map(|list| self.slice(*list, told.day, window_days, asked)).collect()
        };
        // A name that nobody knows for an account contradicts no name.
        let alone = |end: &End<'_>, all: Sought, alone: Sought| {
            if end.is_nameless() { all } else { alone }
        };
        let (from, to) = (&one.from, &one.to);
        let mut by_from = slices(Sought::From, &from.keys, to.asked);
        by_from.extend(slices(
            alone(&told.from, Sought::To, Sought::ToAlone),
            &to.keys,
            from.asked,
        ));
        let mut by_to = slices(Sought::To, &to.keys, from.asked);
        by_to.extend(slices(
            alone(&told.to, Sought::From, Sought::FromAlone),
            &from.keys,
            to.asked,
        ));
        let size = |slices: &[Slice<'_>]| slices.iter().map(|one| one.rows.len()).sum::<usize>();
        let mut near = if size(&by_to) < size(&by_from) { by_to } else { by_from };
        near.extend(slices(Sought::Reference, &told.references, u64::MAX));
        near
    }

    fn slice(&self, list: u32, day: i32, window_days: i32, asked: u64) -> Slice<'_> {
        let rows = &self.lists[list as usize];
        let days = |one: &Entry| i64::from(one.day) - i64::from(day);
        let start = rows.partition_point(|one| days(one) < -i64::from(window_days));
        let length = rows[start..].partition_point(|one| days(one) <= i64::from(window_days));
        Slice { list, start, rows: &rows[start..start + length], asked }
    }

    /// Records within any of these parts of lists: list, start and length. Cost: their number, and
    /// that of the records, however much they overlap.
    pub fn in_crowds(&self, mut crowds: Vec<(u32, usize, usize)>) -> impl Iterator<Item = u32> {
        crowds.sort_unstable();
        let mut within = Vec::new();
        let (mut list, mut until) = (u32::MAX, 0);
        for (of, start, length) in crowds {
            if of != list {
                (list, until) = (of, 0);
            }
            let end = start + length;
            if end > until {
                let entries = &self.lists[of as usize][start.max(until)..end];
                within.extend(entries.iter().map(|one| one.at));
                until = end;
            }
        }
        within.into_iter()
    }
}
