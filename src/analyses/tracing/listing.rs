//! What of a large network is listed: the transfers that carry most, and the days of the accounts
//! that hold most. Everything is traced; only lists end, and say so.

use std::cmp::Reverse;

use super::subset::{Ranks, Slots};
use super::sweep::Traced;
use crate::analyses::counted;

/// Movements up to which the bounds of every one of them are listed, also of those that carry
/// nothing under any rule.
const ALL_BOUNDS_MAX: usize = 200_000;

/// Which movements and accounts the long tables list.
#[derive(Clone, Debug)]
pub struct Listing {
    movements: Chosen<Ranks>,
    accounts: Chosen<Slots>,
    /// Sentences that tell what is left out.
    pub notes: Vec<String>,
}

/// What is listed of numbers that have places.
#[derive(Clone, Debug)]
struct Chosen<P> {
    places: P,
    /// By place.
    listed: Vec<bool>,
    /// Also all that have no place.
    all: bool,
}

/// What a listing chooses from.
#[derive(Clone, Copy)]
pub struct Listable<'a> {
    /// Movements of the ledger.
    pub movements: usize,
    /// Those that are posted.
    pub posted: &'a Ranks,
    /// Accounts that these touch.
    pub touched: &'a Slots,
}

impl Listing {
    /// Chooses at most about `rows_max` rows of each table. Cost: linear in what is carried.
    pub fn choose(rules: &[Traced], of: Listable, rows_max: usize) -> Listing {
        let mut notes = Vec::new();
        let mut most = vec![0_i64; of.posted.count()];
        let mut held: Vec<(i64, usize)> = vec![(0, 0); of.touched.count()];
        for traced in rules {
            for of_one in traced.carried.chunk_by(|one, other| one.movement == other.movement) {
                let sum: i64 = of_one.iter().map(|one| one.minor).sum();
                let place = of.posted.place(of_one[0].movement);
                let most = &mut most[place.expect("what carries something is posted")];
                *most = sum.max(*most);
            }
            for one in &traced.residuals {
                let sum: i64 = one.parts.iter().map(|(_, minor)| minor).sum();
                let place = of.touched.place(one.account);
                let held = &mut held[place.expect("what holds something was touched")];
                *held = (held.0.max(sum), held.1 + 1);
            }
        }
        let movements = Chosen::movements(&most, of, rows_max, &mut notes);
        let accounts = Chosen::accounts(&held, of, rows_max, &mut notes);
        Listing { movements, accounts, notes }
    }

    /// True when a movement is listed.
    #[inline]
    pub fn lists(&self, movement: u32) -> bool {
        let Chosen { places, listed, all } = &self.movements;
        *all || places.place(movement).is_some_and(|place| listed[place])
    }

    /// True when the days of an account are listed.
    #[inline]
    pub fn lists_account(&self, account: u32) -> bool {
        let Chosen { places, listed, all } = &self.accounts;
        *all || places.place(account).is_some_and(|place| listed[place])
    }

    /// True when so many movements, all that there are, are listed.
    pub fn lists_every_one_of(&self, movements: usize) -> bool {
        let Chosen { listed, all, .. } = &self.movements;
        *all || listed.iter().filter(|listed| **listed).count() == movements
    }
}

impl Chosen<Ranks> {
    fn movements(
        most: &[i64],
        of: Listable,
        rows_max: usize,
        notes: &mut Vec<String>,
    ) -> Chosen<Ranks> {
        let carrying = most.iter().filter(|minor| **minor > 0).count();
        let all = of.movements <= ALL_BOUNDS_MAX.min(rows_max);
        let mut listed = Vec::new();
        if !all {
            notes.push(
                "Transfers that carry nothing under any rule are left out, though some allocation \
                 may say that they carry something: the case is too large to list them."
                    .to_owned(),
            );
            listed = largest(most, rows_max);
        }
        if carrying > rows_max {
            notes.push(format!(
                "{} carry something; the {rows_max} that carry most are listed (--rows-max).",
                counted(carrying as u64, "transfer")
            ));
        }
        Chosen { places: of.posted.clone(), listed, all }
    }
}

impl Chosen<Slots> {
    fn accounts(
        held: &[(i64, usize)],
        of: Listable,
        rows_max: usize,
        notes: &mut Vec<String>,
    ) -> Chosen<Slots> {
        let mut by_held: Vec<usize> = (0..held.len()).filter(|place| held[*place].1 > 0).collect();
        by_held.sort_by_key(|place| (Reverse(held[*place].0), *place));
        let mut rows = 0;
        let kept = by_held.iter().take_while(|place| {
            rows += held[**place].1;
            rows <= rows_max
        });
        let mut listed = vec![false; held.len()];
        let mut count = 0;
        for place in kept {
            listed[*place] = true;
            count += 1;
        }
        let mut all = false;
        if count < by_held.len() {
            notes.push(format!(
                "{} hold something at some time; the days of the {count} that hold most are \
                 listed (--rows-max).",
                counted(by_held.len() as u64, "account")
            ));
        } else {
            all = of.movements <= ALL_BOUNDS_MAX;
        }
        Chosen { places: of.touched.clone(), listed, all }
    }
}

/// Marks the `most` largest of the amounts above zero, the first of equals.
fn largest(amounts: &[i64], most: usize) -> Vec<bool> {
    let mut above: Vec<i64> = amounts.iter().copied().filter(|minor| *minor > 0).collect();
    if above.len() <= most {
        return amounts.iter().map(|minor| *minor > 0).collect();
    }
    if most == 0 {
        return vec![false; amounts.len()];
    }
    let (_, least, _) = above.select_nth_unstable_by(most - 1, |one, other| other.cmp(one));
    let least = *least;
    let mut equals = most - amounts.iter().filter(|minor| **minor > least).count();
    let keep = |minor: &i64| {
        if *minor == least && equals > 0 {
            equals -= 1;
            return true;
        }
        *minor > least
    };
    amounts.iter().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_kept_and_the_first_of_equals() {
        let check = |most: usize, expected: &[bool]| {
            assert_eq!(largest(&[5, 0, 7, 5, 5], most), expected, "{most}");
        };
        check(0, &[false; 5]);
        check(1, &[false, false, true, false, false]);
        check(3, &[true, false, true, true, false]);
        check(9, &[true, false, true, true, true]);
    }
}
