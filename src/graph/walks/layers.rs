//! Walks told apart by their ends alone: hop by hop, one walk standing for all others.
//!
//! Of the walks that reach a node in so many hops, the one whose last link leaves most room in
//! time can be followed by whatever may follow any of them. So each hop keeps one walk a node,
//! and the number of walks never matters. Only where lists order the links of a day are those kept
//! besides whose day the best one does not precede as a whole.

use super::candidates::{Look, Step};
use super::every::stopped;
use super::{Asked, Distinct, Walks};

/// A node reached by a hop, and from which node of the hop before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    pub(super) step: Step,
    /// Place in the list, or [`START`].
    pub(super) before: usize,
}

pub(super) const START: usize = usize::MAX;

/// The steps of the walk that ends at a place of the list.
pub(super) fn chain(reached: &[Reached], last: usize) -> Vec<(u32, u32)> {
    let mut steps = Vec::new();
    let mut at = last;
    while at != START {
        steps.push((reached[at].step.link, reached[at].step.to));
        at = reached[at].before;
    }
    steps.reverse();
    steps
}

/// All distinct ends of walks from `first`; false when a bound is met.
pub(super) fn walk(look: &mut Look, first: u32, asked: &Asked, found: &mut Walks) -> bool {
    if asked.is_row(0, first) && !found.push(asked, first, std::iter::empty()) {
        return false;
    }
    let mut reached: Vec<Reached> = Vec::new();
    let mut frontier = START..START;
    for hops in 1..=asked.hops_max {
        let left = asked.hops_max - hops;
        let Some(mut next) = layer(look, first, &reached, frontier.clone(), left) else {
            return stopped(found, first);
        };
        let best_first = |one: &Reached| {
            let step = one.step;
            (look.links.rank(step.to), step.to, look.reached(step.link), step.link, one.before)
        };
        next.sort_unstable_by_key(best_first);
        next.dedup_by_key(|one| (one.step.to, one.step.link));
        if asked.distinct == Distinct::Edges
            && !push_edges(&reached, &next, hops, first, asked, found)
        {
            return false;
        }
        leave_best(look, &mut next);
        if next.is_empty() {
            return true;
        }
        if reached.len() + next.len() > asked.steps_max {
            return stopped(found, first);
        }
        let begin = reached.len();
        reached.extend(next);
        frontier = begin..reached.len();
        if asked.distinct == Distinct::Last {
            for at in frontier.clone() {
                let to = reached[at].step.to;
                let told = at > begin && reached[at - 1].step.to == to;
                let row = !told && asked.is_row(hops, to);
                if row && !found.push(asked, first, chain(&reached, at).into_iter()) {
                    return false;
                }
            }
        }
    }
    true
}

/// Leaves of the walks to each node the best and those that it does not cover. They stand by node,
/// the best one first.
pub(super) fn leave_best(look: &Look, next: &mut Vec<Reached>) {
    let mut best: Option<Step> = None;
    next.retain(|one| match best {
        Some(known) if known.to == one.step.to => {
            !look.is_covered(look.reached(known.link), known.to, one.step.link)
        }
        _ => {
            best = Some(one.step);
            true
        }
    });
}

/// Every step from the nodes of a hop; from the first node where it is empty. `left` hops may
/// follow.
pub(super) fn layer(
    look: &mut Look,
    first: u32,
    reached: &[Reached],
    frontier: std::ops::Range<usize>,
    left: usize,
) -> Option<Vec<Reached>> {
    let mut next = Vec::new();
    let mut steps = Vec::new();
    if reached.is_empty() {
        let within = look.steps(first, None, left, &mut steps);
        next.extend(steps.drain(..).map(|step| Reached { step, before: START }));
        return within.then_some(next);
    }
    for before in frontier {
        let last = reached[before].step;
        if !look.links.goes_on(last.to) {
            continue;
        }
        if !look.steps(last.to, Some(last.link), left, &mut steps) {
            return None;
        }
        next.extend(steps.drain(..).map(|step| Reached { step, before }));
    }
    Some(next)
}

/// A row for each link of a hop: without direction a link may be taken from both its ends.
fn push_edges(
    reached: &[Reached],
    next: &[Reached],
    hops: usize,
    first: u32,
    asked: &Asked,
    found: &mut Walks,
) -> bool {
    for one in next {
        if asked.is_row(hops, one.step.to) {
            let mut steps = chain(reached, one.before);
            steps.push((one.step.link, one.step.to));
            if !found.push(asked, first, steps.into_iter()) {
                return false;
            }
        }
    }
    true
}
