//! Payroll sweeps against a search that looks at every wage and everything after it.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, payroll_sweep};
use proptest::prelude::*;

use super::small_cases::{
    HOUR_MS, NAMES, Row, Shape, Told, case, finds, first_in_first_out, holder, is_known, rows, told,
};

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Hands {
    Employer,
    Holder(u32),
    Place(&'static str),
}

fn hands(row: &Row, employer: u32) -> Option<Hands> {
    let holder_of = |account| holder(account, row.day);
    match is_known(row.to) {
        false if row.cash => row.place.map(Hands::Place),
        false => None,
        true if holder_of(row.to) == employer => Some(Hands::Employer),
        true if holder_of(row.to) == holder_of(row.from) => None,
        true => Some(Hands::Holder(holder_of(row.to))),
    }
}

/// Wages of an employer by worker.
fn wages(rows: &[Row], employer: u32, params: &payroll_sweep::Params) -> BTreeMap<u32, Vec<usize>> {
    let paid: Vec<usize> = (0..rows.len())
        .filter(|at| {
            let row = &rows[*at];
            let known = is_known(row.from) && is_known(row.to) && row.from != row.to;
            known && holder(row.from, row.day) == employer && holder(row.to, row.day) != employer
        })
        .collect();
    let on = |day: i32| {
        let same = paid.iter().filter(|at| rows[**at].day == day).map(|at| rows[*at].to);
        same.collect::<BTreeSet<u32>>().len()
    };
    let mut by_worker: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &at in &paid {
        if rows[at].said == "Wages" || on(rows[at].day) >= params.workers_min as usize {
            by_worker.entry(rows[at].to).or_default().push(at);
        }
    }
    by_worker.retain(|_, wages| {
        let days: BTreeSet<i32> = wages.iter().map(|at| rows[*at].day).collect();
        days.len() >= params.periods_min as usize
    });
    by_worker
}

fn slow(rows: &[Row], params: &payroll_sweep::Params) -> BTreeSet<Told> {
    let enough = params.workers_min as usize;
    let mut found = BTreeSet::new();
    let payers = rows.iter().filter(|row| is_known(row.from)).map(|row| holder(row.from, row.day));
    for employer in payers.collect::<BTreeSet<u32>>() {
        let by_worker = wages(rows, employer, params);
        let after = |worker: u32, wage: &Row, left: &Row| {
            wage.is_before(worker, left) && wage.apart_ms(left) <= i64::from(params.hours) * HOUR_MS
        };
        let leaving = |worker: u32, wages: &[usize]| -> Vec<usize> {
            let left = |at: &usize| {
                let row = &rows[*at];
                row.from == worker
                    && row.to != worker
                    && hands(row, employer).is_some()
                    && wages.iter().any(|wage| after(worker, &rows[*wage], row))
            };
            (0..rows.len()).filter(left).collect()
        };
        let used_by = |wanted: &Hands| {
            let uses = |it: &(&u32, &Vec<usize>)| {
                let left = leaving(*it.0, it.1);
                left.iter().any(|at| hands(&rows[*at], employer).as_ref() == Some(wanted))
            };
            by_worker.iter().filter(uses).count()
        };
        let mut members = BTreeSet::new();
        let mut transfers = BTreeSet::new();
        let mut workers = BTreeSet::new();
        let (mut payers, mut got) = (BTreeSet::new(), BTreeSet::new());
        for (&worker, wages) in &by_worker {
            let mut back = leaving(worker, wages);
            back.retain(|at| {
                let hands = hands(&rows[*at], employer).unwrap();
                hands == Hands::Employer || used_by(&hands) >= enough
            });
            let taken =
                first_in_first_out(rows, wages, &back, |wage, left| after(worker, wage, left));
            let days: BTreeSet<i32> = wages.iter().map(|at| rows[*at].day).collect();
            let swept = |day: &i32| {
                let of_day = |at: &usize| rows[*at].day == *day;
                let wage: i64 =
                    wages.iter().filter(|at| of_day(at)).map(|at| rows[*at].minor).sum();
                let back: i64 = taken.iter().filter(|it| of_day(&it.0)).map(|it| it.2).sum();
                back * 100 >= wage * i64::from(params.share_back_min_percent)
            };
            let days: BTreeSet<i32> = days.into_iter().filter(swept).collect();
            if days.len() < params.periods_min as usize {
                continue;
            }
            workers.insert(worker);
            let paid = wages.iter().filter(|at| days.contains(&rows[**at].day));
            payers.extend(paid.clone().map(|at| rows[*at].from));
            transfers.extend(paid.copied());
            let taken = taken.iter().filter(|it| days.contains(&rows[it.0].day));
            got.extend(taken.clone().map(|it| rows[it.1].to));
            transfers.extend(taken.map(|it| it.1));
        }
        if workers.len() < enough {
            continue;
        }
        let name =
            |role: &str, account: &u32| (role.to_owned(), NAMES[*account as usize].to_owned());
        members.extend(payers.iter().map(|account| name("employer", account)));
        members.extend(workers.iter().map(|account| name("worker", account)));
        got.retain(|it| is_known(*it) && !workers.contains(it) && !payers.contains(it));
        members.extend(got.iter().map(|account| name("collector", account)));
        found.insert((members, transfers.into_iter().collect()));
    }
    found
}

fn shape() -> Shape {
    Shape { days: 3, rows: 80, minor: 1..4, said: &["", "Wages"] }
}

#[test]
fn the_small_cases_hold_some() {
    let params = payroll_sweep::Params {
        workers_min: 2,
        periods_min: 1,
        share_back_min_percent: 50,
        ..payroll_sweep::Params::default()
    };
    let found = finds(shape(), |rows| slow(rows, &params).len());
    assert!(found >= 10, "{found} of 100");
}

proptest! {
    #[test]
    fn sweeps_equal_a_slow_search(
        rows in rows(shape()),
        periods_min in 1..3_u32,
        hours in prop::sample::select(vec![11_u32, 24, 48]),
        share_back_min_percent in prop::sample::select(vec![1_u8, 50, 90]),
    ) {
        let params = payroll_sweep::Params {
            workers_min: 2,
            periods_min,
            share_back_min_percent,
            hours,
            ..payroll_sweep::Params::default()
        };
        let case = case(&rows);
        let outcome = payroll_sweep::run(&Inputs::new(&case), &params).unwrap();
        prop_assert_eq!(told(&outcome, &rows), slow(&rows, &params));
    }
}
