//! With which balance a covered account opens: stated, computed from a stated balance, or inferred.
//!
//! Found once, in stated order over all days, whatever the policy and the last day posted.

use std::collections::BTreeMap;

use super::order::{Placed, Policy, posting_order};
use super::world::{Side, World};

/// How an opening balance is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Known {
    Stated,
    /// The first stated balance less the movements before it.
    Computed,
    /// The least amount that avoids an overdraft before the first stated balance.
    Inferred,
}

/// The balance of an account before its first covered day; a negative one is a debt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opening {
    pub balance: i64,
    pub known: Known,
}

/// What a half adds to the balance of its account.
pub fn movement(world: &World, half: &Placed) -> i64 {
    let amount = world.transfers[half.transfer].amount;
    if half.side == Side::Credit { amount } else { -amount }
}

/// Openings of all covered accounts.
pub fn openings(world: &World) -> BTreeMap<usize, Opening> {
    let halves = posting_order(world, Policy::Stated).halves;
    let of = |account| opening(world, account, &halves).map(|found| (account, found));
    (0..world.accounts.len()).filter_map(of).collect()
}

fn opening(world: &World, account: usize, halves: &[Placed]) -> Option<Opening> {
    let stretches = &world.accounts[account].stretches;
    let first = stretches.first()?;
    if let Some(balance) = first.opening {
        return Some(Opening { balance, known: Known::Stated });
    }
    let within = |first: i32, last: i32| {
        let booked = move |half: &&Placed| half.account == account;
        halves.iter().filter(booked).filter(move |half| first <= half.day && half.day <= last)
    };
    let mut moved = 0;
    for half in within(first.first, first.last) {
        moved += movement(world, half);
        if let Some(running) = world.transfers[half.transfer].half(half.side).running {
            return Some(Opening { balance: running - moved, known: Known::Computed });
        }
    }
    if let Some(closing) = first.closing {
        return Some(Opening { balance: closing - moved, known: Known::Computed });
    }
    let (mut moved, mut lowest) = (0, 0);
    // The first stretch states no balance, or its opening would have been computed from it.
    'stretches: for stretch in stretches {
        if stretch.opening.is_some() {
            break;
        }
        for half in within(stretch.first, stretch.last) {
            moved += movement(world, half);
            lowest = moved.min(lowest);
            if world.transfers[half.transfer].half(half.side).running.is_some() {
                break 'stretches;
            }
        }
        if stretch.closing.is_some() {
            break;
        }
    }
    Some(Opening { balance: -lowest, known: Known::Inferred })
}
