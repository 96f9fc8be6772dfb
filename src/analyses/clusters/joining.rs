//! Joining: which links belong to one cluster.
//!
//! Takes the links that may join, in the order of `records`; knows nothing of names or tables.
//! Two links join when they have the same identifier, account or phone on overlapping days, or
//! the same party on any days, since a person stays one person. An account that changed hands
//! may so stand in two clusters, once with each holder.

use petgraph::unionfind::UnionFind;

use crate::model::{EntityKind, EntityRef};

use super::records::Link;

/// Links grouped by what they share.
#[derive(Debug)]
pub(super) struct Joined {
    /// Positions of links, one list a component, each in order; in order of their first link.
    pub components: Vec<Vec<usize>>,
    /// For each link: how many distinct members hold its identifier on connected days.
    pub sharing: Vec<u32>,
}

/// Joins links. Cost: n log n in links, and nearly linear for the unions.
pub(super) fn join(links: &[Link]) -> Joined {
    let mut sets = UnionFind::new(links.len());
    // A link has two ends and meets other links at either, whichever side it has there.
    let mut ends: Vec<(EntityRef, i32, u32)> = Vec::with_capacity(links.len() * 2);
    for (at, link) in links.iter().enumerate() {
        ends.push((link.member, link.from, at as u32));
        ends.push((link.identifier, link.from, at as u32));
    }
    ends.sort_unstable();
    for end in ends.chunk_by(|left, right| left.0 == right.0) {
        sweep(links, end, |earlier, later| {
            sets.union(earlier, later);
        });
    }
    let labels = sets.into_labeling();
    let mut position = vec![usize::MAX; links.len()];
    let mut components: Vec<Vec<usize>> = Vec::new();
    for (at, &label) in labels.iter().enumerate() {
        if position[label as usize] == usize::MAX {
            position[label as usize] = components.len();
            components.push(Vec::new());
        }
        components[position[label as usize]].push(at);
    }
    Joined { components, sharing: sharing(links) }
}

/// Tells `joined` of pairs that connect all links of one end whose days overlap, directly or
/// through one another. `end` comes in order of first day.
fn sweep(links: &[Link], end: &[(EntityRef, i32, u32)], mut joined: impl FnMut(u32, u32)) {
    let lasting = end[0].0.kind == EntityKind::Party;
    let mut reach = links[end[0].2 as usize].until;
    for pair in end.windows(2) {
        let (_, from, at) = pair[1];
        if lasting || from <= reach {
            joined(pair[0].2, at);
            reach = reach.max(links[at as usize].until);
        } else {
            reach = links[at as usize].until;
        }
    }
}

fn sharing(links: &[Link]) -> Vec<u32> {
    let mut counts = vec![0; links.len()];
    let mut order: Vec<u32> = (0..links.len() as u32).collect();
    let key = |at: u32| {
        let link = &links[at as usize];
        (link.identifier, link.from, at)
    };
    order.sort_unstable_by_key(|at| key(*at));
    for group in order.chunk_by(|left, right| {
        links[*left as usize].identifier == links[*right as usize].identifier
    }) {
        let mut run: Vec<u32> = Vec::new();
        let mut reach = i32::MIN;
        for &at in group {
            let link = &links[at as usize];
            if !run.is_empty() && link.from > reach {
                settle(links, &run, &mut counts);
                run.clear();
                reach = i32::MIN;
            }
            reach = reach.max(link.until);
            run.push(at);
        }
        settle(links, &run, &mut counts);
    }
    counts
}

fn settle(links: &[Link], run: &[u32], counts: &mut [u32]) {
    let mut members: Vec<EntityRef> = run.iter().map(|at| links[*at as usize].member).collect();
    members.sort_unstable();
    members.dedup();
    for &at in run {
        counts[at as usize] = members.len() as u32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::SourceRef;

    fn link(member: EntityRef, identifier: EntityRef, from: i32, days: i32) -> Link {
        Link {
            member,
            identifier,
            relation: String::new(),
            from,
            to: from + days,
            until: from + days,
            at: SourceRef::default(),
        }
    }

    fn entity(kind: EntityKind) -> impl Strategy<Value = EntityRef> {
        (0..4_u32).prop_map(move |row| EntityRef { kind, row })
    }

    fn any_link() -> impl Strategy<Value = Link> {
        let pairs = prop_oneof![
            (entity(EntityKind::Party), entity(EntityKind::Account)),
            (entity(EntityKind::Party), entity(EntityKind::Phone)),
            (entity(EntityKind::Party), entity(EntityKind::Premises)),
            (entity(EntityKind::Account), entity(EntityKind::Device)),
            (entity(EntityKind::Phone), entity(EntityKind::Device)),
        ];
        (pairs, 0..40_i32, 0..12_i32)
            .prop_map(|((member, identifier), from, days)| link(member, identifier, from, days))
    }

    /// The obvious test of one pair: the same end on some day, or the same party.
    fn meet(left: &Link, right: &Link) -> bool {
        let ends = |link: &Link| [link.member, link.identifier];
        let shared = ends(left).into_iter().find(|end| ends(right).contains(end));
        shared.is_some_and(|_| left.overlaps(right))
            || (left.member == right.member && left.member.kind == EntityKind::Party)
    }

    fn slow(links: &[Link]) -> Vec<Vec<usize>> {
        let mut label: Vec<usize> = (0..links.len()).collect();
        loop {
            let before = label.clone();
            for left in 0..links.len() {
                for right in 0..links.len() {
                    if meet(&links[left], &links[right]) {
                        let least = label[left].min(label[right]);
                        label[left] = least;
                        label[right] = least;
                    }
                }
            }
            if label == before {
                break;
            }
        }
        (0..links.len())
            .map(|root| (0..links.len()).filter(|at| label[*at] == root).collect::<Vec<_>>())
            .filter(|component: &Vec<usize>| !component.is_empty())
            .collect()
    }

    proptest! {
        #[test]
        fn clusters_are_the_components_of_the_pair_test(
            links in prop::collection::vec(any_link(), 0..60),
        ) {
            prop_assert_eq!(join(&links).components, slow(&links));
        }
    }

    #[test]
    fn an_account_that_changed_hands_joins_nobody() {
        let account = EntityRef { kind: EntityKind::Account, row: 0 };
        let party = |row| EntityRef { kind: EntityKind::Party, row };
        let links = [link(party(0), account, 0, 10), link(party(1), account, 11, 10)];
        let joined = join(&links);
        assert_eq!(joined.components.len(), 2);
        assert_eq!(joined.sharing, [1, 1]);
        let links = [link(party(0), account, 0, 11), link(party(1), account, 11, 10)];
        let joined = join(&links);
        assert_eq!(joined.components, [[0, 1]]);
        assert_eq!(joined.sharing, [2, 2]);
    }
}
