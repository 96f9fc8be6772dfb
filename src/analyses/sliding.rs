//! A window of time slid over what it holds: where enough is inside, and which windows are one.
//!
//! What an item is and how long a window lasts is each pattern's: an item says for which openings
//! of the window it is inside.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use petgraph::unionfind::UnionFind;

/// Something that a window can hold, such as a payment or two payments that belong together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Item {
    /// The earliest opening of a window that holds it, in milliseconds.
    pub from_ms: i64,
    /// The latest opening of a window that holds it.
    pub until_ms: i64,
    /// What it counts towards.
    pub class: usize,
    /// Whom it counts; several items of one and the same count once.
    pub who: u32,
    /// Rows of `transfers` that are in the window with it; the same one twice for a single one.
    pub transfers: [u32; 2],
}

/// Groups the items of every window that holds at least `least[class]` different ones of each
/// class. Windows that share a transfer are one group; an item of no such window is in none.
///
/// `opens_ms` are the openings to be tried, ascending; items of a window that counts must be
/// inside one of them. Groups are places in `items`, ascending, by their first place.
///
/// Cost: two sorts of the items; each enters and leaves once.
pub fn groups<const CLASSES: usize>(
    items: &[Item],
    opens_ms: &[i64],
    least: [usize; CLASSES],
) -> Vec<Vec<usize>> {
    let mut entering: Vec<usize> = (0..items.len()).collect();
    entering.retain(|at| items[*at].from_ms <= items[*at].until_ms);
    let mut leaving = entering.clone();
    entering.sort_unstable_by_key(|at| (items[*at].from_ms, *at));
    leaving.sort_unstable_by_key(|at| (items[*at].until_ms, *at));
    let mut same = UnionFind::new(items.len());
    let mut inside: [HashMap<u32, usize>; CLASSES] = std::array::from_fn(|_| HashMap::new());
    let mut kept = vec![false; items.len()];
    let mut waiting: Vec<usize> = Vec::new();
    let mut lasting: Option<usize> = None;
    let (mut entered, mut left) = (0, 0);
    for &open_ms in opens_ms {
        while entered < entering.len() && items[entering[entered]].from_ms <= open_ms {
            let at = entering[entered];
            *inside[items[at].class].entry(items[at].who).or_default() += 1;
            waiting.push(at);
            entered += 1;
        }
        while left < leaving.len() && items[leaving[left]].until_ms < open_ms {
            leave(&mut inside[items[leaving[left]].class], items[leaving[left]].who);
            left += 1;
        }
        if inside.iter().zip(least).any(|(met, least)| met.len() < least) {
            continue;
        }
        // Those that an earlier window kept are one group already, so any of them that is still
        // inside stands for all.
        let still = lasting.filter(|at| items[*at].until_ms >= open_ms);
        let fresh = waiting.drain(..).filter(|at| items[*at].until_ms >= open_ms);
        let window: Vec<usize> = still.into_iter().chain(fresh).collect();
        for pair in window.windows(2) {
            same.union(pair[0], pair[1]);
        }
        for &at in &window {
            kept[at] = true;
        }
        lasting = window.into_iter().max_by_key(|at| (items[*at].until_ms, *at)).or(lasting);
    }
    by_group(items, &kept, same)
}

/// Takes one item of someone out. An item leaves only after it entered: both happen in order of
/// openings, and it is inside at none where it would leave first.
fn leave(inside: &mut HashMap<u32, usize>, who: u32) {
    if let Some(times) = inside.get_mut(&who) {
        *times -= 1;
        if *times == 0 {
            inside.remove(&who);
        }
    }
}

fn by_group(items: &[Item], kept: &[bool], mut same: UnionFind<usize>) -> Vec<Vec<usize>> {
    let mut seen: HashMap<u32, usize> = HashMap::new();
    let kept = || (0..items.len()).filter(|at| kept[*at]);
    for at in kept() {
        for transfer in items[at].transfers {
            same.union(at, *seen.entry(transfer).or_insert(at));
        }
    }
    let mut first_of: HashMap<usize, usize> = HashMap::new();
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in kept() {
        let first = *first_of.entry(same.find_mut(at)).or_insert(at);
        groups.entry(first).or_default().push(at);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Items that stand at a time and are inside windows of a length.
    fn items(rows: &[(i64, usize, u32)], window_ms: i64) -> (Vec<Item>, Vec<i64>) {
        let item = |(transfer, &(at_ms, class, who)): (u32, &(i64, usize, u32))| Item {
            from_ms: at_ms - window_ms,
            until_ms: at_ms,
            class,
            who,
            transfers: [transfer; 2],
        };
        let opens: BTreeSet<i64> = rows.iter().map(|row| row.0).collect();
        ((0..).zip(rows).map(item).collect(), opens.into_iter().collect())
    }

    #[test]
    fn windows_that_share_an_item_are_one_group() {
        let (some, opens) = items(&[(0, 0, 1), (4, 0, 2), (8, 0, 3), (20, 0, 1), (21, 0, 2)], 4);
        assert_eq!(groups(&some, &opens, [2]), [vec![0, 1, 2], vec![3, 4]]);
        assert_eq!(groups(&some, &opens, [3]), [] as [Vec<usize>; 0]);
        assert_eq!(groups(&[], &[], [1]), [] as [Vec<usize>; 0]);
    }

    /// Tries every opening by itself and joins sets that share an item until none do.
    fn slow(items: &[Item], opens_ms: &[i64], least: [usize; 2]) -> Vec<Vec<usize>> {
        let mut found: Vec<BTreeSet<usize>> = Vec::new();
        for open in opens_ms {
            let mut inside: BTreeSet<usize> = (0..items.len())
                .filter(|at| (items[*at].from_ms..=items[*at].until_ms).contains(open))
                .collect();
            let who = |class| {
                let of = inside.iter().filter(|at| items[**at].class == class);
                of.map(|at| items[*at].who).collect::<BTreeSet<u32>>().len()
            };
            if who(0) < least[0] || who(1) < least[1] {
                continue;
            }
            while let Some(at) = found.iter().position(|other| !other.is_disjoint(&inside)) {
                inside.extend(found.remove(at));
            }
            found.push(inside);
        }
        let mut found: Vec<Vec<usize>> =
            found.into_iter().map(|one| one.into_iter().collect()).collect();
        found.sort();
        found
    }

    proptest! {
        #[test]
        fn sliding_once_equals_trying_every_opening(
            rows in prop::collection::vec((0..25_i64, 0..2_usize, 0..5_u32), 0..25),
            window_ms in 0..8_i64,
            least in (1..4_usize, 0..3_usize),
        ) {
            let (items, opens) = items(&rows, window_ms);
            let least = [least.0, least.1];
            prop_assert_eq!(groups(&items, &opens, least), slow(&items, &opens, least));
        }
    }
}
