//! Every walk, or every sequence of nodes, one after another on a stack of its own.

use std::collections::BTreeSet;

use super::candidates::{Look, Step};
use super::{Asked, Distinct, Walks};

/// A node of the walk at hand, with the steps from it that are still to be taken.
struct Level {
    /// Where its steps stand in the shared list, and which is next.
    begin: usize,
    next: usize,
}

/// All walks from `first`; false when a bound is met.
pub(super) fn walk(look: &mut Look, first: u32, asked: &Asked, found: &mut Walks) -> bool {
    let mut steps: Vec<Step> = Vec::new();
    let mut path: Vec<Step> = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    // Where several of parallel links are kept, they tell the same nodes more than once.
    let in_doubt = asked.distinct == Distinct::Vertices && look.by_lists();
    let mut told: BTreeSet<Vec<u32>> = BTreeSet::new();
    if asked.is_row(0, first) && !found.push(asked, first, std::iter::empty()) {
        return false;
    }
    if !open(look, first, &path, asked, &mut steps, &mut levels) {
        return stopped(found, first);
    }
    while let Some(level) = levels.last_mut() {
        let Some(step) = steps.get(level.next).copied() else {
            steps.truncate(level.begin);
            levels.pop();
            path.pop();
            continue;
        };
        level.next += 1;
        let repeats = || step.to == first || path.iter().any(|before| before.to == step.to);
        if look.rules.simple && repeats() {
            continue;
        }
        path.push(step);
        let row = asked.is_row(path.len(), step.to)
            && (!in_doubt || told.insert(path.iter().map(|one| one.to).collect()));
        if row && !found.push(asked, first, path.iter().map(|one| (one.link, one.to))) {
            return false;
        }
        if path.len() >= asked.hops_max {
            path.pop();
        } else if !open(look, first, &path, asked, &mut steps, &mut levels) {
            return stopped(found, first);
        }
    }
    true
}

/// Lists the steps from the end of the path.
fn open(
    look: &mut Look,
    first: u32,
    path: &[Step],
    asked: &Asked,
    steps: &mut Vec<Step>,
    levels: &mut Vec<Level>,
) -> bool {
    let begin = steps.len();
    levels.push(Level { begin, next: begin });
    if path.len() >= asked.hops_max {
        return true;
    }
    let (node, before) = match path.last() {
        Some(last) if !look.links.goes_on(last.to) => return true,
        Some(last) => (last.to, Some(last.link)),
        None => (first, None),
    };
    let within = look.steps(node, before, asked.hops_max - path.len() - 1, steps);
    if asked.distinct == Distinct::Vertices {
        // Of parallel links the one that leaves most room for later steps stands for all.
        let rank = |step: &Step| (look.links.rank(step.to), step.to);
        steps[begin..].sort_by_key(|step| (rank(step), look.reached(step.link), step.link));
        let (mut kept, mut best) = (begin, begin);
        for at in begin..steps.len() {
            let step = steps[at];
            let other = kept == begin || step.to != steps[best].to;
            if other {
                best = kept;
            }
            if other || !look.is_covered(look.reached(steps[best].link), step.to, step.link) {
                steps[kept] = step;
                kept += 1;
            }
        }
        steps.truncate(kept);
    }
    within
}

pub(super) fn stopped(found: &mut Walks, first: u32) -> bool {
    found.met = Some((super::Met::Steps, first));
    false
}
