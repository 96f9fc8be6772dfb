//! By how much the first balance stated after a gap differs from the one carried over it.
//!
//! Found once, in stated order over all days: a running balance stands at its place in the
//! statement, and in another order of the day it would be compared with another sum.

use std::collections::BTreeMap;

use super::openings::{Opening, movement};
use super::order::{Policy, posting_order};
use super::world::{Side, World};

/// Where a gap is settled.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Moment {
    /// Before the first half of a day at this account.
    Morning { account: usize, day: i32 },
    /// Right after a half.
    After { transfer: usize, side: Side },
    /// After the last half of a day at this account.
    Evening { account: usize, day: i32 },
}

/// Stated less carried, where a gap is settled and they differ.
pub fn differences(world: &World, openings: &BTreeMap<usize, Opening>) -> BTreeMap<Moment, i64> {
    let halves = posting_order(world, Policy::Stated).halves;
    let mut differences = BTreeMap::new();
    for (account, opening) in openings {
        let (account, mut carried, mut is_pending) = (*account, opening.balance, false);
        let mut settle = |carried: &mut i64, is_pending: &mut bool, stated, moment| {
            let Some(stated) = stated else { return };
            if std::mem::take(is_pending) && *carried != stated {
                differences.insert(moment, stated - *carried);
                *carried = stated;
            }
        };
        for (at, stretch) in world.accounts[account].stretches.iter().enumerate() {
            is_pending |= at > 0;
            let (first, last) = (stretch.first, stretch.last);
            let morning = Moment::Morning { account, day: first };
            settle(&mut carried, &mut is_pending, stretch.opening, morning);
            let days = first..=last;
            for half in halves.iter().filter(|half| half.account == account) {
                if days.contains(&half.day) {
                    carried += movement(world, half);
                    let running = world.transfers[half.transfer].half(half.side).running;
                    let after = Moment::After { transfer: half.transfer, side: half.side };
                    settle(&mut carried, &mut is_pending, running, after);
                }
            }
            let evening = Moment::Evening { account, day: last };
            settle(&mut carried, &mut is_pending, stretch.closing, evening);
        }
    }
    differences
}
