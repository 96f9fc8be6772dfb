//! Which side of the centre everyone stands on.
//!
//! Whom the centre pays stands to the right, who pays the centre to the left. Whose ties with
//! the centre carry no money goes where there is more room, unless that would draw ties right
//! across the picture. Who is farther out follows whom it was reached through.

use std::collections::BTreeMap;

use super::Parts;

/// So many entities stand well on one side, if that keeps ties from crossing the picture.
const SIDE_ENTITIES_MAX: usize = 14;

/// 1 for the right side and the centre, -1 for the left, for every entity of `reached`.
///
/// `reached` is in breadth-first order; `hops` and `parent` are of the same walk.
pub(super) fn sides(
    parts: &Parts,
    reached: &[usize],
    hops: &BTreeMap<usize, i64>,
    parent: &BTreeMap<usize, usize>,
) -> BTreeMap<usize, i64> {
    // The entity beside the centre through which each was reached.
    let mut branch: BTreeMap<usize, usize> = BTreeMap::new();
    let mut size: BTreeMap<usize, usize> = BTreeMap::new();
    for &entity in reached {
        if let Some(above) = parent.get(&entity) {
            let first = branch.get(above).copied().unwrap_or(entity);
            branch.insert(entity, first);
            *size.entry(first).or_default() += 1;
        }
    }
    let mut branches: Vec<usize> = size.keys().copied().collect();
    branches.sort_by_key(|first| (usize::MAX - size[first], *first));
    let (paying, tied): (Vec<usize>, Vec<usize>) =
        branches.into_iter().partition(|&first| net_paid(parts, hops, first) != 0.0);
    let mut side: BTreeMap<usize, i64> = BTreeMap::new();
    let mut taken = (0, 0);
    for &first in paying.iter().chain(&tied) {
        let net = net_paid(parts, hops, first);
        let right = if net == 0.0 { taken.1 <= taken.0 } else { net > 0.0 };
        *(if right { &mut taken.1 } else { &mut taken.0 }) += size[&first];
        side.insert(first, if right { 1 } else { -1 });
    }
    let across = ties_between(parts, &branch);
    for &first in &tied {
        let gain: i64 = across
            .iter()
            .filter(|((one, two), _)| *one == first || *two == first)
            .map(|(&(one, two), &ties)| {
                let other = if one == first { two } else { one };
                if side[&other] == side[&first] { -ties } else { ties }
            })
            .sum();
        let (left, right) = taken;
        let moved = if side[&first] > 0 {
            (left + size[&first], right - size[&first])
        } else {
            (left - size[&first], right + size[&first])
        };
        let room = moved.0.max(moved.1) <= left.max(right).max(SIDE_ENTITIES_MAX);
        if gain > 0 && room {
            taken = moved;
            side.insert(first, -side[&first]);
        }
    }
    // Without money to decide, a picture is read from left to right, away from its centre.
    let mirrored = if paying.is_empty() && taken.0 > taken.1 { -1 } else { 1 };
    reached
        .iter()
        .map(|entity| (*entity, branch.get(entity).map_or(1, |first| mirrored * side[first])))
        .collect()
}

/// How many ties join two branches.
fn ties_between(parts: &Parts, branch: &BTreeMap<usize, usize>) -> BTreeMap<(usize, usize), i64> {
    let mut between = BTreeMap::new();
    for (&entity, &one) in branch {
        for &tie in &parts.ties_of[entity] {
            let tie = &parts.chart.ties[tie];
            // Each tie is met at both of its ends; it counts where it starts.
            if let Some(&two) = branch.get(&tie.to).filter(|_| tie.from == entity)
                && one != two
            {
                *between.entry((one.min(two), one.max(two))).or_default() += 1;
            }
        }
    }
    between
}

/// What the centre paid it less what it paid the centre, in shares of the heaviest tie.
fn net_paid(parts: &Parts, hops: &BTreeMap<usize, i64>, entity: usize) -> f64 {
    let mut net = 0.0;
    for &tie in &parts.ties_of[entity] {
        let tie = &parts.chart.ties[tie];
        if !tie.kind.is_money() || !tie.weight.is_finite() {
            continue;
        }
        // A tie of the smallest weight still has a direction.
        let weight = tie.weight.max(1e-9);
        if tie.to == entity && hops[&tie.from] == 0 {
            net += weight;
        } else if tie.from == entity && hops[&tie.to] == 0 {
            net -= weight;
        }
    }
    net
}
