//! How much of what a candidate was paid went out again within days, over all its accounts.
//!
//! Days only: on one day money in counts as before money out, since most statements do not say.
//! Transfers between a candidate's own accounts are neither. First in, first out; which money
//! left under a rule of law is for fund tracing.

use std::collections::BTreeMap;

use crate::analyses::{DAY_MS, Inputs, Movement, dwell_median_ms, match_first_in};
use crate::error::Result;
use crate::model::{Currency, EntityKind, EntityRef, NONE};

use super::actors::Actors;

/// Money through a candidate, in the currency of most of its transfers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Passing {
    /// Money in, of which part went out again within the window: 0 to 1.
    pub share: Option<f64>,
    /// Half of the money that went out again had stayed no longer than this, in days.
    pub dwell_median_days: Option<i64>,
    /// Of the money out, the part paid to those who also pay the candidate: 0 to 1.
    pub to_funders_share: Option<f64>,
    /// Rows of `transfers`, money in and money out, largest first, a few of each.
    pub rows: Vec<u32>,
    /// First and last day of its transfers.
    pub days: Option<(i32, i32)>,
}

/// Rows kept as evidence in each direction.
const ROWS_MAX: usize = 5;

#[derive(Clone, Copy)]
struct Paid {
    day: i32,
    minor: i64,
    row: u32,
    /// The actor at the other end, [`NONE`] when unidentified.
    other: u32,
}

/// Measures one candidate. Cost: a sort of its transfers.
pub(super) fn passing(
    inputs: &Inputs,
    actors: &Actors,
    candidate: EntityRef,
    window_days: u32,
    credits_min: usize,
) -> Result<Passing> {
    let (graph, table) = (inputs.graph()?, inputs.case.transfers()?);
    let own = actors.accounts(candidate);
    let mut by_currency: BTreeMap<Currency, (Vec<Paid>, Vec<Paid>)> = BTreeMap::new();
    for &account in &own {
        for (edges, comes_in) in
            [(graph.in_edges(account), true), (graph.out_edges(account), false)]
        {
            for edge in edges.iter().filter(|edge| own.binary_search(&edge.neighbour).is_err()) {
                let at = edge.transfer as usize;
                let other = EntityRef { kind: EntityKind::Account, row: edge.neighbour };
                let movement = Paid {
                    day: table.day[at],
                    minor: table.amount_minor[at],
                    row: edge.transfer,
                    other: actors.actor(other).unwrap_or(NONE),
                };
                let sides = by_currency.entry(table.currency[at]).or_default();
                if comes_in { sides.0.push(movement) } else { sides.1.push(movement) }
            }
        }
    }
    // Ties go to the first currency by its letters, since max_by_key keeps the last.
    let most = by_currency.into_iter().rev().max_by_key(|(_, (ins, outs))| ins.len() + outs.len());
    let Some((_, (mut ins, mut outs))) = most else { return Ok(Passing::default()) };
    ins.sort_by_key(|movement| (movement.day, movement.row));
    outs.sort_by_key(|movement| (movement.day, movement.row));
    let mut passing = if ins.len() >= credits_min {
        measured(&ins, &outs, window_days)
    } else {
        Passing::default()
    };
    passing.to_funders_share = to_funders(&ins, &outs).filter(|_| ins.len() >= credits_min);
    passing.rows = largest(&ins).chain(largest(&outs)).collect();
    let days = || ins.iter().chain(&outs).map(|movement| movement.day);
    passing.days = days().min().zip(days().max());
    Ok(passing)
}

fn measured(ins: &[Paid], outs: &[Paid], window_days: u32) -> Passing {
    let (credits, debits) = (movements(ins), movements(outs));
    let matches = match_first_in(&credits, &debits, window_days);
    let total: i128 = ins.iter().map(|movement| i128::from(movement.minor)).sum();
    let passed: i128 = matches.iter().map(|part| i128::from(part.minor)).sum();
    let dwell = (passed > 0).then(|| dwell_median_ms(&credits, &debits, &matches) / DAY_MS);
    let share = (total > 0).then(|| passed as f64 / total as f64);
    Passing { share, dwell_median_days: dwell, ..Passing::default() }
}

/// Days alone decide: no time is stated for any of them.
fn movements(side: &[Paid]) -> Vec<Movement> {
    let movement = |one: &Paid| Movement {
        transfer: one.row,
        ms: i64::from(one.day) * DAY_MS,
        day: one.day,
        timed: false,
        minor: one.minor,
    };
    side.iter().map(movement).collect()
}

fn to_funders(ins: &[Paid], outs: &[Paid]) -> Option<f64> {
    let mut funders: Vec<u32> = ins.iter().map(|movement| movement.other).collect();
    funders.sort_unstable();
    let total: i128 = outs.iter().map(|movement| i128::from(movement.minor)).sum();
    let back: i128 = outs
        .iter()
        .filter(|out| out.other != NONE && funders.binary_search(&out.other).is_ok())
        .map(|out| i128::from(out.minor))
        .sum();
    (total > 0).then(|| back as f64 / total as f64)
}

fn largest(movements: &[Paid]) -> impl Iterator<Item = u32> + use<> {
    let mut order: Vec<(i64, u32)> =
        movements.iter().map(|movement| (-movement.minor, movement.row)).collect();
    order.sort_unstable();
    order.into_iter().take(ROWS_MAX).map(|(_, row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(of: &[(i32, i64)]) -> Vec<Paid> {
        let movement = |(row, (day, minor)): (usize, &(i32, i64))| Paid {
            day: *day,
            minor: *minor,
            row: row as u32,
            other: row as u32,
        };
        of.iter().enumerate().map(movement).collect()
    }

    #[track_caller]
    fn check(ins: &[(i32, i64)], outs: &[(i32, i64)], share: f64, dwell: Option<i64>) {
        let found = measured(&side(ins), &side(outs), 5);
        assert_eq!((found.share, found.dwell_median_days), (Some(share), dwell));
    }

    #[test]
    fn money_that_leaves_within_the_window_passed_through() {
        check(&[(0, 100)], &[(2, 60), (3, 60)], 1.0, Some(2));
        check(&[(0, 100)], &[(5, 100)], 1.0, Some(5));
        check(&[(0, 100)], &[(6, 100)], 0.0, None); // One day too late.
        check(&[(3, 100)], &[(2, 100), (3, 25)], 0.25, Some(0));
        check(&[(0, 100), (10, 100)], &[(11, 150)], 0.5, Some(1));
    }
}
