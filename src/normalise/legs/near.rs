//! Which records of another class may tell of the same payment, by what they say of its ends.
//!
//! Answers with few records for each, without comparing every two: those that share something of
//! an end within the window of days. Two records that are one share something of the sender, or
//! of the receiver where nobody names the sender, and the other way round; whichever gives fewer
//! is asked, so that a payroll of equal wages is sought by its receivers. Whether they are one is
//! `named`'s to decide.

use std::collections::HashMap;

use crate::normalise::legs::far_ends::{End, keys_of};
use crate::normalise::legs::named::Told;

/// A record with what others may know its ends by.
pub(super) struct Known<'a> {
    pub told: Told<'a>,
    from: Vec<u64>,
    to: Vec<u64>,
}

impl<'a> From<Told<'a>> for Known<'a> {
    fn from(told: Told<'a>) -> Known<'a> {
        Known { from: keys_of(&told.from), to: keys_of(&told.to), told }
    }
}

/// Records of one class by what others may know them by.
#[derive(Default)]
pub(super) struct Index {
    numbers: HashMap<(Sought, u64), u32>,
    /// Day and place of records, ascending in days, as the records are. The days stand here
    /// because a search among the records themselves would wait for memory at every step.
    lists: Vec<Vec<(i32, u32)>>,
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
    pub rows: &'a [(i32, u32)],
}

fn is_nameless(end: &End<'_>) -> bool {
    end.stated.is_empty() && end.face.names.is_empty()
}

impl Index {
    /// Indexes the records of `rights` that number both ends, or those that do not; in order of
    /// their days. Cost: a few entries for each.
    pub fn new(rights: &[Known<'_>], numbered: bool) -> Index {
        let mut index = Index::default();
        for (at, one) in rights.iter().enumerate().filter(|one| one.1.told.numbered == numbered) {
            let entry = (one.told.day, at as u32);
            for key in &one.from {
                index.add((Sought::From, *key), entry);
                if is_nameless(&one.told.to) {
                    index.add((Sought::FromAlone, *key), entry);
                }
            }
            for key in &one.to {
                index.add((Sought::To, *key), entry);
                if is_nameless(&one.told.from) {
                    index.add((Sought::ToAlone, *key), entry);
                }
            }
            for hash in &one.told.references {
                index.add((Sought::Reference, *hash), entry);
            }
        }
        index
    }

    fn add(&mut self, key: (Sought, u64), entry: (i32, u32)) {
        let list = *self.numbers.entry(key).or_insert_with(|| {
            self.lists.push(Vec::new());
            (self.lists.len() - 1) as u32
        });
        self.lists[list as usize].push(entry);
    }

    /// The records that may be one with another, as parts of lists that may share some.
    pub fn near(&self, one: &Known<'_>, window_days: i32) -> Vec<Slice<'_>> {
        let told = &one.told;
        let slices = |sought: Sought, keys: &[u64]| -> Vec<Slice<'_>> {
            let lists = keys.iter().filter_map(|key| self.numbers.get(&(sought, *key)));
            lists.map(|list| self.slice(*list, told.day, window_days)).collect()
        };
        // A name that nobody knows for an account contradicts no name.
        let alone = |end: &End<'_>, all: Sought, alone: Sought| {
            if is_nameless(end) { all } else { alone }
        };
        let mut by_from = slices(Sought::From, &one.from);
        by_from.extend(slices(alone(&told.from, Sought::To, Sought::ToAlone), &one.to));
        let mut by_to = slices(Sought::To, &one.to);
        by_to.extend(slices(alone(&told.to, Sought::From, Sought::FromAlone), &one.from));
        let size = |slices: &[Slice<'_>]| slices.iter().map(|one| one.rows.len()).sum::<usize>();
        let mut near = if size(&by_to) < size(&by_from) { by_to } else { by_from };
        near.extend(slices(Sought::Reference, &told.references));
        near
    }

    fn slice(&self, list: u32, day: i32, window_days: i32) -> Slice<'_> {
        let rows = &self.lists[list as usize];
        let days = |one: &(i32, u32)| i64::from(one.0) - i64::from(day);
        let start = rows.partition_point(|one| days(one) < -i64::from(window_days));
        let length = rows[start..].partition_point(|one| days(one) <= i64::from(window_days));
        Slice { list, start, rows: &rows[start..start + length] }
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
                within.extend(entries.iter().map(|one| one.1));
                until = end;
            }
        }
        within.into_iter()
    }
}
