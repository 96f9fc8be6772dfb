//! Walks over transfers and ties: from a set of nodes, step by step, under stated rules.
//!
//! Answers: where can money that left here have gone within so many hops, in order of time; which
//! chain links two accounts? Everything works on dense ids and on stacks of its own, in an order
//! that depends on the links alone. What a link is, and what a node is called, stay with the
//! caller; which walks a question asks for is the query's.

mod candidates;
mod every;
mod layers;
mod links;
mod shortest;
#[cfg(test)]
mod tests;
mod toward;

use crate::error::Result;
pub use links::{Links, NO_AMOUNT, NO_TIME, Place};

/// Which way links are walked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Way {
    /// From where a link begins to where it ends.
    #[default]
    Out,
    /// The other way.
    In,
    /// Both.
    Either,
}

/// How times go along a walk, in the direction of walking; strictly. Links of one day of which not
/// both are instants follow each other only where [`Links::stated`] puts them in that order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TimeOrder {
    /// In any order.
    #[default]
    Any,
    /// Each link after the one before it.
    Increasing,
    /// Each link before the one before it.
    Decreasing,
}

/// Which links of a node are looked at when there are many: the first so many by an order, chosen
/// among all links of the node in the direction walked, before any other rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeepFirst {
    /// How many.
    pub links: usize,
    /// By amount; by time otherwise. Equal ones by time, amount, other end.
    pub by_amount: bool,
    /// Latest or greatest first. Equal ones still come by time, amount, other end ascending.
    pub descending: bool,
}

/// A share of what a node received, in its link's currency and in the window.
#[derive(Clone, Copy, Debug)]
pub struct ShareAbove<'a> {
    /// Whose incoming links are the inflow; ids are those of the walk.
    pub inflow: &'a Links,
    /// The share is `numerator / denominator`.
    pub numerator: i64,
    /// Above zero.
    pub denominator: i64,
}

/// What a step may take.
#[derive(Clone, Debug, Default)]
pub struct Rules<'a> {
    /// Which way.
    pub way: Way,
    /// First instants from and to, both included, milliseconds since 1970 UTC.
    pub window_ms: Option<(i64, i64)>,
    /// How times go along a walk.
    pub order: TimeOrder,
    /// Only amounts above this, minor units.
    pub amount_above_minor: Option<i64>,
    /// Only amounts above a share of the node's inflow.
    pub share_above: Option<ShareAbove<'a>>,
    /// How many links of a node are looked at.
    pub keep_first: Option<KeepFirst>,
    /// No node twice in a walk.
    pub simple: bool,
}

/// Which walks are one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Distinct {
    /// Every walk is a row.
    #[default]
    Walks,
    /// Walks over the same nodes in the same order are one.
    Vertices,
    /// Walks with the same first node, last node and number of hops are one. Under an order of
    /// time this needs no enumeration; nodes may repeat.
    Last,
    /// Walks with the same first node, last link and number of hops are one, likewise.
    Edges,
    /// One walk of the fewest hops for each first and last node.
    Shortest,
}

/// Where walks end and what bounds the search.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Fewest hops of a walk that is a row.
    pub hops_min: usize,
    /// Most hops.
    pub hops_max: usize,
    /// Nodes where a walk may end, ascending; `None`: anywhere.
    pub to: Option<&'a [u32]>,
    /// Which walks are one.
    pub distinct: Distinct,
    /// Most walks.
    pub paths_max: usize,
    /// Most steps looked at, and most steps kept: the bounds on time and on memory.
    pub steps_max: usize,
}

/// Which bound ended a search before its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Met {
    /// As many walks as may be.
    Paths,
    /// As many steps looked at or kept as may be.
    Steps,
}

/// Walks in the order in which they were found: by first node, then along the links in their
/// order of time, amount and other end; by number of hops where walks are made distinct by their
/// ends.
#[derive(Clone, Debug, Default)]
pub struct Walks {
    firsts: Vec<u32>,
    ends: Vec<usize>,
    steps: Vec<(u32, u32)>,
    /// The bound that ended the search, and the first node at which it did.
    pub met: Option<(Met, u32)>,
}

impl Walks {
    /// Number of walks.
    pub fn len(&self) -> usize {
        self.firsts.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.firsts.is_empty()
    }

    /// A walk: its first node, and each link with the node it leads to.
    pub fn get(&self, at: usize) -> (u32, &[(u32, u32)]) {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        (self.firsts[at], &self.steps[begin..self.ends[at]])
    }

    /// Adds a walk; false when a bound is met instead.
    fn push(
        &mut self,
        asked: &Asked,
        first: u32,
        steps: impl ExactSizeIterator<Item = (u32, u32)>,
    ) -> bool {
        let bound = if self.firsts.len() >= asked.paths_max {
            Met::Paths
        } else if self.steps.len() + steps.len() > asked.steps_max {
            Met::Steps
        } else {
            self.firsts.push(first);
            self.steps.extend(steps);
            self.ends.push(self.steps.len());
            return true;
        };
        self.met = Some((bound, first));
        false
    }
}

impl Asked<'_> {
    fn ends_at(&self, node: u32) -> bool {
        self.to.is_none_or(|ends| ends.binary_search(&node).is_ok())
    }

    fn is_row(&self, hops: usize, last: u32) -> bool {
        (self.hops_min..=self.hops_max).contains(&hops) && self.ends_at(last)
    }
}

/// Walks from each of `from`, ascending ids without repeats.
///
/// Cost: what the rules leave of all walks, for [`Distinct::Walks`] and [`Distinct::Vertices`];
/// links times hops for the others. Where walks may end at few nodes, what leads to none of them is
/// left out of the search. Ends at the bounds of `asked`, and says so.
///
/// # Errors
///
/// [`crate::Error::Interrupted`].
///
/// # Panics
///
/// If `simple` is asked of walks that are told apart by their ends only.
pub fn walks(links: &Links, rules: &Rules, from: &[u32], asked: &Asked) -> Result<Walks> {
    let by_ends = matches!(asked.distinct, Distinct::Last | Distinct::Edges);
    assert!(!(by_ends && rules.simple), "walks told apart by their ends may repeat nodes");
    let mut found = Walks::default();
    let mut look = candidates::Look::new(links, rules, asked.steps_max);
    look.toward = toward::Toward::new(&look, asked);
    for &first in from {
        crate::interrupt::check()?;
        let done = match asked.distinct {
            Distinct::Walks | Distinct::Vertices => {
                every::walk(&mut look, first, asked, &mut found)
            }
            Distinct::Last | Distinct::Edges => layers::walk(&mut look, first, asked, &mut found),
            Distinct::Shortest => shortest::walk(&mut look, first, asked, &mut found),
        };
        if !done {
            break;
        }
    }
    Ok(found)
}
