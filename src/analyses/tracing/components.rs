//! Parts of a network between which no money moves: each is traced by itself, beside the others.
//!
//! Only accounts that are held connect: what reaches any other account stays there as an exit.
//! Floor and ceiling are not found by parts, since what was declared so far bounds them everywhere.

use std::borrow::Cow;
use std::cmp::Reverse;

use petgraph::unionfind::UnionFind;

use super::ledger::Ledger;
use super::posting_order::{Posting, PostingOrder};
use super::sweep::Traced;

/// Postings below which parting them costs more than it spares.
const POSTINGS_MIN: usize = 20_000;

/// Into so many shares components are put together at most, whatever the number of threads.
const SHARES_MAX: usize = 8;

/// The postings of an order in shares that have no component in common, largest first; one share
/// where all is connected. Cost: two passes over the postings.
pub fn shares_of<'a>(ledger: &Ledger, order: &'a PostingOrder) -> Vec<Cow<'a, PostingOrder>> {
    if order.len() < POSTINGS_MIN {
        return vec![Cow::Borrowed(order)];
    }
    let (share_of, shares) = assigned(ledger, order);
    if shares < 2 {
        return vec![Cow::Borrowed(order)];
    }
    let mut found = vec![PostingOrder::default(); shares];
    let mut of_day: Vec<Vec<Posting>> = vec![Vec::new(); shares];
    for (day, places) in order.days() {
        for place in places {
            of_day[share_of(place)].push(order.at(place));
        }
        for (share, postings) in found.iter_mut().zip(&mut of_day) {
            if !postings.is_empty() {
                share.push_day(day, postings.drain(..));
            }
        }
    }
    found.into_iter().map(Cow::Owned).collect()
}

/// The share of each posting, by place, and how many shares there are.
fn assigned<'a>(
    ledger: &'a Ledger,
    order: &'a PostingOrder,
) -> (impl Fn(usize) -> usize + 'a, usize) {
    let accounts = ledger.accounts();
    // What undoes a payment does so even between accounts that are not held.
    let connects = move |account: u32| {
        ledger.is_held(account) || !ledger.reverses.is_empty() && (account as usize) < accounts
    };
    let ends = move |place: usize| {
        let row = order.at(place).movement() as usize;
        (ledger.from[row], ledger.to[row])
    };
    let mut joined: UnionFind<u32> = UnionFind::new(accounts);
    for place in 0..order.len() {
        let (from, to) = ends(place);
        if connects(from) && connects(to) {
            joined.union(from, to);
        }
    }
    let component = joined.into_labeling();
    // What connects to nothing is one more component.
    let of = move |place: usize| {
        let (from, to) = ends(place);
        let connected = [from, to].into_iter().find(|account| connects(*account));
        connected.map_or(accounts, |account| component[account as usize] as usize)
    };
    let mut sizes: Vec<(usize, usize)> = (0..=accounts).map(|component| (0, component)).collect();
    (0..order.len()).for_each(|place| sizes[of(place)].0 += 1);
    sizes.retain(|(size, _)| *size > 0);
    sizes.sort_unstable_by_key(|(size, component)| (Reverse(*size), *component));
    let mut loads = vec![0; sizes.len().min(SHARES_MAX)];
    let mut share = vec![0; accounts + 1];
    for (size, component) in sizes {
        let least = (0..loads.len()).min_by_key(|at| loads[*at]).expect("there is a component");
        loads[least] += size;
        share[component] = least;
    }
    (move |place| share[of(place)], loads.len())
}

/// Puts together what shares of one order say.
pub fn together(shares: impl Iterator<Item = Traced>) -> Traced {
    let mut all = Traced::default();
    for (at, share) in shares.enumerate() {
        if at == 0 {
            all = share;
            continue;
        }
        all.carried.extend(share.carried);
        all.exits.extend(share.exits);
        all.residuals.extend(share.residuals);
        all.in_transit.extend(share.in_transit);
        all.takings.extend(share.takings);
        all.declared.iter_mut().zip(share.declared).for_each(|(sum, minor)| *sum += minor);
        all.relabelled.iter_mut().zip(share.relabelled).for_each(|(sum, minor)| *sum += minor);
        all.lots = (all.lots.0 + share.lots.0, all.lots.1 + share.lots.1);
    }
    all.residuals.sort_by_key(|one| (one.day, one.account));
    all.in_transit.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::super::ledger::{Half, Movement, Stretch};
    use super::super::rules::Rule;
    use super::super::sweep::{Declared, trace};
    use super::*;

    #[test]
    fn shares_say_together_what_the_whole_says() {
        // Rings of three accounts each, and payments out of them to one that is not held.
        let rings = 40_u32;
        let outside = rings * 3;
        let mut movements: Vec<Movement> = Vec::new();
        for round in 0..400_u32 {
            for ring in 0..rings {
                let (from, day) = (ring * 3 + round % 3, (round / 8) as i32);
                let to = if round % 7 == 6 { outside } else { ring * 3 + (round + 1) % 3 };
                let line = movements.len() as u32;
                let half = Half { day, time_ms: 0, source: 0, line, running: None };
                let amount = i64::from(10 + (round * 31 + ring * 17) % 90);
                let reverses = None;
                movements.push(Movement { from, to, amount, debit: half, credit: half, reverses });
            }
            // So that there are enough of them to be parted.
            let half =
                Half { day: (round / 8) as i32, time_ms: 1, source: 0, line: 0, running: None };
            let (from, to, amount) = (round % 2, 1 - round % 2, 1);
            let one = Movement { from, to, amount, debit: half, credit: half, reverses: None };
            movements.extend([one; 20]);
        }
        let held = Stretch { first: 0, last: 99, opening: None, closing: None };
        let mut stretches = vec![vec![held]; outside as usize];
        stretches.push(Vec::new());
        let none = vec![Vec::new(); stretches.len()];
        let ledger = Ledger::new(stretches, &movements, &none);
        let inside = |row: &u32| movements[*row as usize].to != outside;
        let rows = (0..200).filter(inside);
        let declared = Declared::new(
            rows.map(|row| (row, 1 + row % 2, 5.min(movements[row as usize].amount))),
        );
        let shares = shares_of(&ledger, &ledger.order);
        assert_eq!(shares.len(), SHARES_MAX);
        assert_eq!(shares.iter().map(|share| share.len()).sum::<usize>(), ledger.order.len());
        for rule in Rule::ALL {
            let say = |order: &PostingOrder| trace(&ledger, order, rule, &declared, 99).unwrap();
            let mut all = together(shares.iter().map(|share| say(share)));
            let mut whole = say(&ledger.order);
            for one in [&mut all, &mut whole] {
                one.carried.sort_unstable();
                one.exits.sort_unstable();
                one.lots = (0, 0);
            }
            assert!(whole.carried.len() > 100, "{rule:?}");
            assert_eq!(all, whole, "{rule:?}");
        }
    }
}
