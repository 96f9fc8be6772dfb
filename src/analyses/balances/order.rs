//! The order in which a day's rows follow from one another, where it is not the printed one.
//!
//! Banks book and print in different orders within a day. A day whose balances all follow in some
//! order proves; the order found is one that does, not the one in which the bank booked.

use std::collections::HashMap;

use super::chain::Entry;

/// Rows of a day of which some state no balance and every order is tried.
const TRIED_MAX: usize = 12;

/// An order of a day's rows in which every stated balance follows from `before`; `None` when the
/// printed one does, or none.
pub(super) fn of_day(before: Option<i128>, rows: &[Entry]) -> Option<Vec<usize>> {
    if rows.len() < 2 || follows(before, rows) {
        return None;
    }
    if rows.iter().all(|row| row.balance_minor.is_some()) {
        return trail(before, rows);
    }
    if let Some(before) = before {
        return tried(before, rows).or_else(|| at_end(before, rows));
    }
    // Without a balance before, the last one that is stated closes the day or nothing is known.
    let sum: i128 = rows.iter().map(|row| i128::from(row.signed_minor)).sum();
    let stated = rows.iter().rev().filter_map(|row| row.balance_minor);
    stated.map(|closing| i128::from(closing) - sum).find_map(|before| tried(before, rows))
}

fn follows(before: Option<i128>, rows: &[Entry]) -> bool {
    let mut balance = before;
    rows.iter().all(|row| {
        let follows = balance.map(|before| before + i128::from(row.signed_minor));
        let found = row.balance_minor.map(i128::from);
        balance = found.or(follows);
        follows.is_none() || found.is_none() || follows == found
    })
}

/// Every row leads from one balance to another: an order is a trail that takes each once.
fn trail(before: Option<i128>, rows: &[Entry]) -> Option<Vec<usize>> {
    let ends = |row: &Entry| {
        let after = i128::from(row.balance_minor.expect("every row states its balance"));
        (after - i128::from(row.signed_minor), after)
    };
    let mut leaving: HashMap<i128, Vec<usize>> = HashMap::new();
    let mut surplus: HashMap<i128, i64> = HashMap::new();
    for (at, row) in rows.iter().enumerate().rev() {
        let (from, to) = ends(row);
        leaving.entry(from).or_default().push(at);
        *surplus.entry(from).or_default() += 1;
        *surplus.entry(to).or_default() -= 1;
    }
    let first = rows.iter().map(|row| ends(row).0).find(|from| surplus[from] > 0);
    let start = before.or(first).unwrap_or_else(|| ends(&rows[0]).0);
    // Hierholzer's walk, with its own stack: rows are taken off where it can go no further.
    let (mut stack, mut order): (Vec<(i128, Option<usize>)>, Vec<usize>) =
        (vec![(start, None)], Vec::new());
    while let Some((balance, by)) = stack.last().copied() {
        match leaving.get_mut(&balance).and_then(Vec::pop) {
            Some(row) => stack.push((ends(&rows[row]).1, Some(row))),
            None => {
                order.extend(by);
                stack.pop();
            }
        }
    }
    order.reverse();
    let whole = order.len() == rows.len();
    let joined = order.windows(2).all(|pair| ends(&rows[pair[0]]).1 == ends(&rows[pair[1]]).0);
    let begins = order.first().is_some_and(|first| ends(&rows[*first]).0 == start);
    (whole && joined && begins).then_some(order)
}

/// Tries every order of a few rows, of which some state no balance.
fn tried(before: i128, rows: &[Entry]) -> Option<Vec<usize>> {
    if rows.len() > TRIED_MAX {
        return None;
    }
    let sets = 1_usize << rows.len();
    // The row taken last to reach each set of rows; the balance there is the set's sum.
    let mut last: Vec<Option<usize>> = vec![None; sets];
    let sum = |set: usize| -> i128 {
        let taken = (0..rows.len()).filter(|at| set >> at & 1 == 1);
        before + taken.map(|at| i128::from(rows[at].signed_minor)).sum::<i128>()
    };
    for set in 0..sets - 1 {
        if set != 0 && last[set].is_none() {
            continue;
        }
        for (at, row) in rows.iter().enumerate().filter(|(at, _)| set >> at & 1 == 0) {
            let with = set | 1 << at;
            let agrees = row.balance_minor.is_none_or(|found| i128::from(found) == sum(with));
            if last[with].is_none() && agrees {
                last[with] = Some(at);
            }
        }
    }
    let (mut set, mut order) = (sets - 1, Vec::new());
    while set != 0 {
        let at = last[set]?;
        order.push(at);
        set ^= 1 << at;
    }
    order.reverse();
    Some(order)
}

/// A day of many rows that states one balance, which is that of its end.
fn at_end(before: i128, rows: &[Entry]) -> Option<Vec<usize>> {
    let mut stated = (0..rows.len()).filter(|at| rows[*at].balance_minor.is_some());
    let (at, None) = (stated.next()?, stated.next()) else { return None };
    let sum: i128 = rows.iter().map(|row| i128::from(row.signed_minor)).sum();
    (rows[at].balance_minor.map(i128::from) == Some(before + sum)).then(|| {
        let mut order: Vec<usize> = (0..rows.len()).filter(|other| *other != at).collect();
        order.push(at);
        order
    })
}
