//! What of a large network is listed: the transfers that carry most, and the days of the accounts
//! that hold most. Everything is traced; only lists end, and say so.

use super::sweep::Traced;
use crate::analyses::counted;

/// Movements up to which the bounds of every one of them are listed, also of those that carry
/// nothing under any rule.
const ALL_BOUNDS_MAX: usize = 200_000;

/// Which movements and accounts the long tables list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// By movement.
    pub movements: Vec<bool>,
    /// By account.
    pub accounts: Vec<bool>,
    /// Sentences that tell what is left out.
    pub notes: Vec<String>,
}

impl Listing {
    /// Chooses at most about `rows_max` rows of each table. Cost: linear in what is carried.
    pub fn choose(
        rules: &[Traced],
        (movements, accounts): (usize, usize),
        rows_max: usize,
    ) -> Listing {
        let mut notes = Vec::new();
        let mut most = vec![0_i64; movements];
        let mut held: Vec<(i64, usize)> = vec![(0, 0); accounts];
        for traced in rules {
            for of in traced.carried.chunk_by(|one, other| one.movement == other.movement) {
                let sum: i64 = of.iter().map(|one| one.minor).sum();
                let most = &mut most[of[0].movement as usize];
                *most = sum.max(*most);
            }
            for one in &traced.residuals {
                let sum: i64 = one.parts.iter().map(|(_, minor)| minor).sum();
                let held = &mut held[one.account as usize];
                *held = (held.0.max(sum), held.1 + 1);
            }
        }
        let carrying = most.iter().filter(|minor| **minor > 0).count();
        let kept: Vec<bool> = if movements <= ALL_BOUNDS_MAX.min(rows_max) {
            vec![true; movements]
        } else {
            notes.push(
                "Transfers that carry nothing under any rule are left out, though some allocation \
                 may say that they carry something: the case is too large to list them."
                    .to_owned(),
            );
            largest(&most, rows_max)
        };
        if carrying > rows_max {
            notes.push(format!(
                "{} carry something; the {rows_max} that carry most are listed (--rows-max).",
                counted(carrying as u64, "transfer")
            ));
        }
        let mut by_held: Vec<u32> =
            (0..accounts as u32).filter(|account| held[*account as usize].1 > 0).collect();
        by_held.sort_by_key(|account| (std::cmp::Reverse(held[*account as usize].0), *account));
        let mut rows = 0;
        let listed = by_held.iter().take_while(|account| {
            rows += held[**account as usize].1;
            rows <= rows_max
        });
        let mut of_accounts = vec![false; accounts];
        let mut count = 0;
        for account in listed {
            of_accounts[*account as usize] = true;
            count += 1;
        }
        if count < by_held.len() {
            notes.push(format!(
                "{} hold something at some time; the days of the {count} that hold most are \
                 listed (--rows-max).",
                counted(by_held.len() as u64, "account")
            ));
        } else if movements <= ALL_BOUNDS_MAX {
            of_accounts.fill(true);
        }
        Listing { movements: kept, accounts: of_accounts, notes }
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
