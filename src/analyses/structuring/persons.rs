//! Whose cash it is: each person with the cash of every account held alone or with others.
//!
//! Cash is sorted by the holders of its account, joint ones as one group, since most of it has
//! one holder; only who holds an account with others is put together from several groups. Persons
//! of exactly the same cash stay together, so that an account of very many holders is added up
//! once and not for each.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::Groups;

use super::{Cash, Whose};

/// Cash of one group of holders, one way and in one currency, in order of business day and row.
type Part<'a> = &'a [(Whose, Cash)];

/// Persons who have the same cash.
#[derive(Debug)]
pub(super) struct Persons<'a> {
    /// Groups of single holders, ascending.
    pub people: Vec<u32>,
    parts: Vec<Part<'a>>,
}

impl Persons<'_> {
    pub(super) fn whose(&self) -> Whose {
        self.parts[0][0].0
    }

    /// All of their cash, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Cash> {
        self.parts.iter().flat_map(|part| part.iter().map(|(_, cash)| cash))
    }

    /// Of their cash what is at most the threshold, and what is more, each in order of business
    /// day and row.
    pub(super) fn small_and_large(&self, threshold: i64) -> (Vec<Cash>, Vec<Cash>) {
        let (mut small, mut large): (Vec<Cash>, Vec<Cash>) =
            self.all().partition(|it| it.minor <= threshold);
        if self.parts.len() > 1 {
            for cash in [&mut small, &mut large] {
                cash.sort_unstable_by_key(|it| (it.business_day, it.transfer));
            }
        }
        (small, large)
    }
}

/// Everyone who has cash, of `cash` in order of its holders, way and currency. Cost: linear, and
/// sorts of the joint holders.
pub(super) fn persons<'a>(cash: &'a [(Whose, Cash)], groups: &Groups) -> Vec<Persons<'a>> {
    let parts: Vec<Part> = cash.chunk_by(|left, right| left.0 == right.0).collect();
    let of = |part: Part| part[0].0;
    let joint = |part: Part| groups.joint_holders(of(part).0);
    let jointly: BTreeSet<u32> = parts.iter().flat_map(|part| joint(part)).copied().collect();
    let mut all = Vec::new();
    // By person, way and currency the places of its parts.
    let mut several: BTreeMap<Whose, Vec<usize>> = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        let (group, way, currency) = of(part);
        match joint(part) {
            [] if !jointly.contains(&group) => {
                all.push(Persons { people: vec![group], parts: vec![part] });
            }
            [] => several.entry((group, way, currency)).or_default().push(at),
            holders => {
                for holder in holders {
                    several.entry((*holder, way, currency)).or_default().push(at);
                }
            }
        }
    }
    let mut alike: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
    for ((person, ..), places) in several {
        alike.entry(places).or_default().push(person);
    }
    all.extend(alike.into_iter().map(|(places, people)| Persons {
        people,
        parts: places.into_iter().map(|at| parts[at]).collect(),
    }));
    all
}
