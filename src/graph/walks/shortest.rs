//! One walk of the fewest hops to each node, or between two: breadth first.
//!
//! Without an order of times the search for one end meets in the middle, where the rules let a
//! link be judged from either end. Under an order, a node is taken up again whenever it is
//! reached earlier than before, since more hops may lead on from there.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use super::candidates::{Look, Step};
use super::every::stopped;
use super::layers::{Reached, chain, layer, leave_best};
use super::{Asked, Rules, TimeOrder, Walks, Way};

/// The order of entries is never read, so the seed only keeps runs alike.
type Map<V> = HashMap<u32, V, FixedState>;

fn map<V>() -> Map<V> {
    Map::with_hasher(FixedState::with_seed(0x7761_6c6b))
}

/// The shortest walks from `first`; false when a bound is met.
pub(super) fn walk(look: &mut Look, first: u32, asked: &Asked, found: &mut Walks) -> bool {
    if asked.is_row(0, first) && !found.push(asked, first, std::iter::empty()) {
        return false;
    }
    let local = look.rules.keep_first.is_none() && look.rules.share_above.is_none();
    if let (Some([to]), TimeOrder::Any, true) = (asked.to, look.rules.order, local) {
        return match between(look, first, *to, asked) {
            None => stopped(found, first),
            Some(None) => true,
            Some(Some(steps)) if asked.is_row(steps.len(), *to) => {
                found.push(asked, first, steps.into_iter())
            }
            Some(Some(_)) => true,
        };
    }
    reach(look, first, asked, found)
}

fn reach(look: &mut Look, first: u32, asked: &Asked, found: &mut Walks) -> bool {
    let mut reached: Vec<Reached> = Vec::new();
    // For each node, how early it was reached so far; the start needs no link.
    let mut best: Map<i64> = map();
    let mut again: BTreeSet<(u32, u32)> = BTreeSet::new();
    best.insert(first, Look::UNREACHED);
    let mut ends_left = asked.to.map(|ends| ends.iter().filter(|end| **end != first).count());
    let mut frontier = 0..0;
    for hops in 1..=asked.hops_max {
        if ends_left == Some(0) {
            return true;
        }
        let left = asked.hops_max - hops;
        let Some(mut next) = layer(look, first, &reached, frontier.clone(), left) else {
            return stopped(found, first);
        };
        let best_first = |one: &Reached| {
            let step = one.step;
            (look.links.rank(step.to), step.to, look.reached(step.link), one.before, step.link)
        };
        next.sort_unstable_by_key(best_first);
        next.dedup_by_key(|one| (one.step.to, one.step.link));
        leave_best(look, &mut next);
        let begin = reached.len();
        for one in next {
            let (to, earlier) = (one.step.to, look.reached(one.step.link));
            let before = best.get(&to).copied();
            let later = before.is_some_and(|before| before <= earlier);
            let covered =
                later && before.is_some_and(|best| look.is_covered(best, to, one.step.link));
            // What another walk does not cover is taken up once.
            if covered || later && !again.insert((to, one.step.link)) {
                continue;
            }
            if !later {
                best.insert(to, earlier);
            }
            reached.push(one);
            if before.is_none() {
                if asked.ends_at(to) {
                    ends_left = ends_left.map(|left| left - 1);
                }
                let steps = || chain(&reached, reached.len() - 1).into_iter();
                if asked.is_row(hops, to) && !found.push(asked, first, steps()) {
                    return false;
                }
            }
        }
        if reached.len() == begin {
            return true;
        }
        frontier = begin..reached.len();
    }
    true
}

/// One side of the search in the middle: the step by which each node was reached, and from where.
struct Side {
    origin: u32,
    steps: Map<(u32, u32)>,
    frontier: Vec<u32>,
    hops: usize,
}

impl Side {
    fn new(node: u32) -> Side {
        let mut steps = map();
        steps.insert(node, (super::links::NO_LINK, node));
        Side { origin: node, steps, frontier: vec![node], hops: 0 }
    }
}

/// The steps of a shortest walk between two nodes, if there is one; `None` when too much was
/// looked at.
fn between(
    look: &mut Look,
    first: u32,
    last: u32,
    asked: &Asked,
) -> Option<Option<Vec<(u32, u32)>>> {
    if first == last {
        return Some(None);
    }
    let turned = Rules {
        way: match look.rules.way {
            Way::Out => Way::In,
            Way::In => Way::Out,
            Way::Either => Way::Either,
        },
        ..look.rules.clone()
    };
    let mut back = Look::new(look.links, &turned, look.left);
    let (mut there, mut here) = (Side::new(first), Side::new(last));
    while !there.frontier.is_empty()
        && !here.frontier.is_empty()
        && there.hops + here.hops < asked.hops_max
    {
        // The smaller side grows; both sides spend what may be looked at.
        let forward = there.frontier.len() <= here.frontier.len();
        let met = if forward {
            let met = grow(look, &mut there, &here)?;
            back.left = look.left;
            met
        } else {
            let met = grow(&mut back, &mut here, &there)?;
            look.left = back.left;
            met
        };
        if let Some(node) = met {
            return Some(Some(joined(&there, &here, node)));
        }
    }
    Some(None)
}

/// Takes one side a hop further; the least node that the other side knows, if there is one.
fn grow(look: &mut Look, side: &mut Side, other: &Side) -> Option<Option<u32>> {
    let mut steps: Vec<Step> = Vec::new();
    let mut next = Vec::new();
    for node in std::mem::take(&mut side.frontier) {
        if !look.steps(node, None, usize::MAX, &mut steps) {
            return None;
        }
        for step in steps.drain(..) {
            // Where walks stop the two sides never meet, unless one of them began there.
            let within = look.links.goes_on(step.to) || step.to == other.origin;
            if within && !side.steps.contains_key(&step.to) {
                side.steps.insert(step.to, (step.link, node));
                next.push(step.to);
            }
        }
    }
    side.hops += 1;
    let met = next.iter().copied().filter(|node| other.steps.contains_key(node)).min();
    side.frontier = next;
    Some(met)
}

fn joined(there: &Side, here: &Side, middle: u32) -> Vec<(u32, u32)> {
    let mut steps = Vec::new();
    let mut node = middle;
    while let Some(&(link, before)) = there.steps.get(&node)
        && link != super::links::NO_LINK
    {
        steps.push((link, node));
        node = before;
    }
    steps.reverse();
    node = middle;
    while let Some(&(link, after)) = here.steps.get(&node)
        && link != super::links::NO_LINK
    {
        steps.push((link, after));
        node = after;
    }
    steps
}
