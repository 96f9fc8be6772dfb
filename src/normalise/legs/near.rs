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

/// Records of one class by what others may know them by.
pub(super) struct Index<'a> {
    rights: &'a [Told<'a>],
    numbers: HashMap<(Sought, u64), u32>,
    /// Ascending in days, as the records are.
    lists: Vec<Vec<u32>>,
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
    pub rows: &'a [u32],
}

fn is_nameless(end: &End<'_>) -> bool {
    end.stated.is_empty() && end.face.names.is_empty()
}

impl<'a> Index<'a> {
    /// Indexes records in order of their days. Cost: a few entries for each.
    pub fn new(rights: &'a [Told<'a>]) -> Index<'a> {
        let mut index = Index { rights, numbers: HashMap::new(), lists: Vec::new() };
        for (at, told) in rights.iter().enumerate() {
            let at = at as u32;
            for key in keys_of(&told.from) {
                index.add((Sought::From, key), at);
                if is_nameless(&told.to) {
                    index.add((Sought::FromAlone, key), at);
                }
            }
            for key in keys_of(&told.to) {
                index.add((Sought::To, key), at);
                if is_nameless(&told.from) {
                    index.add((Sought::ToAlone, key), at);
                }
            }
            for hash in &told.references {
                index.add((Sought::Reference, *hash), at);
            }
        }
        index
    }

    fn add(&mut self, key: (Sought, u64), at: u32) {
        let list = *self.numbers.entry(key).or_insert_with(|| {
            self.lists.push(Vec::new());
            (self.lists.len() - 1) as u32
        });
        self.lists[list as usize].push(at);
    }

    /// The records that may be one with another, as parts of lists that may share some.
    pub fn near(&self, told: &Told<'_>, window_days: i32) -> Vec<Slice<'_>> {
        let slices = |sought: Sought, keys: &[u64]| -> Vec<Slice<'_>> {
            let lists = keys.iter().filter_map(|key| self.numbers.get(&(sought, *key)));
            lists.map(|list| self.slice(*list, told.day, window_days)).collect()
        };
        let (from, to) = (keys_of(&told.from), keys_of(&told.to));
        // A name that nobody knows for an account contradicts no name.
        let alone = |end: &End<'_>, all: Sought, alone: Sought| {
            if is_nameless(end) { all } else { alone }
        };
        let mut by_from = slices(Sought::From, &from);
        by_from.extend(slices(alone(&told.from, Sought::To, Sought::ToAlone), &to));
        let mut by_to = slices(Sought::To, &to);
        by_to.extend(slices(alone(&told.to, Sought::From, Sought::FromAlone), &from));
        let size = |slices: &[Slice<'_>]| slices.iter().map(|one| one.rows.len()).sum::<usize>();
        let mut near = if size(&by_to) < size(&by_from) { by_to } else { by_from };
        near.extend(slices(Sought::Reference, &told.references));
        near
    }

    fn slice(&self, list: u32, day: i32, window_days: i32) -> Slice<'_> {
        let rows = &self.lists[list as usize];
        let days = |at: &u32| i64::from(self.rights[*at as usize].day) - i64::from(day);
        let start = rows.partition_point(|at| days(at) < -i64::from(window_days));
        let length = rows[start..].partition_point(|at| days(at) <= i64::from(window_days));
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
                within.extend(&self.lists[of as usize][start.max(until)..end]);
                until = end;
            }
        }
        within.into_iter()
    }
}
